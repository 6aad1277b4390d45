/*  SPDX-License-Identifier: MPL-2.0

    zt_discover - asks the networks of this machine for brokers (PROTOCOL.md, 3.3), without waiting

    The question goes to the broadcast address of each network that has one: not to loopback, nor
    into a tunnel between two points. It is asked again, as datagrams get lost. */

#ifndef ZT_CLIENT_DISCOVER_H
#define ZT_CLIENT_DISCOVER_H

#include "client/found.h"

#include <netinet/in.h>

enum { ZT_DISCOVER_OWN = 64 }; /* addresses of this machine that are known, at most */

/*  Times are in ms, by the clock that nobody sets. */
typedef struct {
    int fd; /* to poll for input, or -1: nothing can be asked */
    char token[ZT_BEACON_TOKEN_SIZE];
    uint64_t began;
    unsigned n_asked;
    in_addr_t own[ZT_DISCOVER_OWN]; /* in the order of the network */
    size_t n_own;
} zt_discover_t;

/*  Asks for the first time. zt_discover_close is to be called in any case. */
void zt_discover_begin (zt_discover_t *self, uint64_t now);

/*  When zt_discover_step is to be called at the latest. */
uint64_t zt_discover_deadline (const zt_discover_t *self);

/*  Takes what was answered, and asks again when it is time. False when the time is over, or
    nothing can be asked. */
bool zt_discover_step (zt_discover_t *self, uint64_t now, zt_found_t *found);

void zt_discover_close (zt_discover_t *self);

#endif
