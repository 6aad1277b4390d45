/*  SPDX-License-Identifier: MPL-2.0

    zt_fake - a broker that does only what a test of trust wants of it

    A process with a ROUTER that says WELCOME to everybody, and that tells in it whether a token
    was said, and with a key service that can be wrong. A strange one speaks another protocol. */

#ifndef ZT_FAKE_BROKER_H
#define ZT_FAKE_BROKER_H

#include "common/secret.h"

#include <sys/types.h>

typedef enum {
    ZT_FAKE_CURVE,
    ZT_FAKE_PLAIN,
    ZT_FAKE_BANS,
    ZT_FAKE_STRANGE,
    ZT_FAKE_ABSENT
} zt_fake_kind_t;

typedef struct {
    pid_t pid;         /* 0: it does not run */
    zt_keys_t keys;    /* of the broker */
    char endpoint[64]; /* of the broker; the service is at the port behind it */
    int held[2];       /* sockets that keep both ports from others */
} zt_fake_t;

/*  Makes a pair of keys, and takes two ports, at which nobody listens yet. */
void zt_fake_open (zt_fake_t *self);

/*  Starts it. answer is what the service says, or NULL: then nobody listens there. It ends
    with the test at the latest. */
void zt_fake_start (zt_fake_t *self, zt_fake_kind_t kind, const char *answer);

/*  The same with the answer that is right. */
void zt_fake_start_honest (zt_fake_t *self, zt_fake_kind_t kind);

/*  Ends it, if it runs. */
void zt_fake_stop (zt_fake_t *self);

/*  Ends it, and gives the ports back. */
void zt_fake_close (zt_fake_t *self);

#endif
