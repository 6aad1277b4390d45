/*  SPDX-License-Identifier: MPL-2.0

    zt_zap - who may connect (rfc.zeromq.org/spec/27)

    libzmq asks for each connection, when its handshake is nearly done, and waits for the
    answer; without somebody who answers, nobody is let in (ZT_ZAP_ENFORCE_DOMAIN). czmq has an
   actor for it, zauth. It is not used: its thread dies of SIGINT, and then everybody is admitted;
    it tells no User-Id where it allows any key; and it looks through a directory at every
    handshake. This one is a socket in the broker's own loop. */

#ifndef ZT_ZAP_H
#define ZT_ZAP_H

#include "common/key.h"

typedef struct zt_zap zt_zap_t;

/*  The domains of the broker's endpoints. A socket without one is not asked about. */
#define ZT_ZAP_CURVE "ztalk-curve"
#define ZT_ZAP_PLAIN "ztalk-plain"

/*  What is asked: may a peer with that key connect from that address? The key is NULL where
    it is not encrypted, the address is one of IPv4 or IPv6, or what libzmq has for a
    unix socket. */
typedef bool (zt_zap_judge_fn) (void *self, const char *address, const zt_key_t *key);

/*  Begins to answer. To be made before any socket that is asked about, and to be destroyed
    after them. NULL with errno if it cannot be made. */
zt_zap_t *zt_zap_new (zt_zap_judge_fn *judge, void *judge_self);
void zt_zap_destroy (zt_zap_t **self_p);

/*  A descriptor to poll for input; it is edge-triggered. */
int zt_zap_fd (const zt_zap_t *self);

/*  Answers all that is asked now. */
void zt_zap_serve (zt_zap_t *self);

/*  What a connection is known by, in the metadata "User-Id" of each of its messages, where it goes
    before what the peer claims itself: a number that no other connection has had, a space, and
    the key, or ZT_ZAP_NOBODY where it is not encrypted. A routing id alone would not do: it
    is free when a connection ends, and who claims it then has the other's session. */
#define ZT_ZAP_NOBODY "-"

#endif
