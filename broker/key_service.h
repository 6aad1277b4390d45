/*  SPDX-License-Identifier: MPL-2.0

    zt_key_service - tells whoever connects the broker's public key, and nothing else

    Who comes for the first time has to learn the key from somewhere. On a port of its own, beside
    that of each endpoint, the broker says one line, in the clear, and closes:

        ZTALK/1 KEY <40 characters of Z85> LF

    Nothing is read, so there is nothing to attack; and who changes the line on its way is
    found out by comparing fingerprints. */

#ifndef ZT_KEY_SERVICE_H
#define ZT_KEY_SERVICE_H

#include "broker/gate.h"
#include "common/key.h"

#include <poll.h>

enum { ZT_KEY_SERVICE_FDS = 16 }; /* endpoints that it is beside, at most */

typedef struct zt_key_service zt_key_service_t;

/*  A service that listens nowhere yet. The gate, which may be NULL, must live as long. NULL with
    errno if there are no descriptors for it. */
zt_key_service_t *zt_key_service_new (const zt_key_t *key, zt_gate_t *gate);
void zt_key_service_destroy (zt_key_service_t **self_p);

/*  Listens beside an endpoint, as it was bound: at the same address, on that port, or with
    port 0 on the next one. Returns NULL, or a sentence about what is wrong, which lives
    until the next call. */
const char *zt_key_service_listen (zt_key_service_t *self, const char *bound, unsigned port);

/*  Writes what to poll; returns how many rows that are. */
size_t zt_key_service_poll (const zt_key_service_t *self, struct pollfd fds[ZT_KEY_SERVICE_FDS]);

/*  Answers a bounded number of those who have connected, with the rows as poll left them. now is in
    ms. */
void zt_key_service_serve (zt_key_service_t *self, const struct pollfd fds[ZT_KEY_SERVICE_FDS],
                           uint64_t now);

#endif
