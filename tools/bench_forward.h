/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_forward - the limit: a raw ROUTER forwarder

    What one writes on libzmq to pass on one message a frame, as fast as it goes:
    a ROUTER, raw zmq_msg_t, a table of routing ids, two frames a send, one poll
    for up to 256 messages. It has no users, no log, no acknowledgements and
    no batches; it is what every other broker is compared to.

    A frame begins with 4 bytes, a number in the machine's order (both ends are
    on one machine): the index of who is to get the frame, or one of these. */

#ifndef ZT_BENCH_FORWARD_H
#define ZT_BENCH_FORWARD_H

#include <stdbool.h>

enum {
    ZT_BENCH_FORWARD_ALL = -1,   /* everybody but the sender gets it */
    ZT_BENCH_FORWARD_HELLO = -2, /* 4 bytes more: the index that the sender takes; echoed */
    ZT_BENCH_FORWARD_PING = -3   /* echoed */
};

/*  The word that makes ztalk-bench the forwarder, when it is its first argument, and the
    one that may follow it: then the forwarder encrypts. */
#define ZT_BENCH_FORWARD_WORD  "-forward-"
#define ZT_BENCH_FORWARD_CURVE "curve"

/*  Prints `ready ENDPOINT KEY` and forwards until it is killed. Under CURVE the key is one
    made for this run, and any client's key is taken; else KEY is `-`. Returns the
    exit status when that is not to be. */
int zt_bench_forward (bool curve);

#endif
