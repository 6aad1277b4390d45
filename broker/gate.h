/*  SPDX-License-Identifier: MPL-2.0

    zt_gate - which addresses may connect, and how often

    A handshake of CURVE costs the broker a millisecond, so who connects and goes a thousand
    times a second would take all of a processor. Each address has a budget, and what is
    over it is ended before the handshake. An address of IPv6 stands for its /64, which is
    what one machine can choose from. */

#ifndef ZT_GATE_H
#define ZT_GATE_H

#include "broker/bans.h"
#include "broker/stats.h"

#include <stdint.h>

typedef struct zt_gate zt_gate_t;

/*  per_s: connections a second, for long, of an address; 0: as many as it likes. burst: at
    once, when it was quiet before; at least 1. bans, which must live as long: addresses
    that may not connect at all; NULL where they are told so by ZAP. */
zt_gate_t *zt_gate_new (uint32_t per_s, uint32_t burst, const zt_bans_t *bans);
void zt_gate_destroy (zt_gate_t **self_p);

/*  Changes per_s and burst; what addresses have used of before counts. */
void zt_gate_configure (zt_gate_t *self, uint32_t per_s, uint32_t burst);

/*  May the connection of that descriptor stay? now is in ms. What is no TCP always may. */
bool zt_gate_admits (zt_gate_t *self, int fd, uint64_t now);

/*  How many were not admitted since the last call, and one of the addresses they came from; a
    string that lives until the next call, or NULL if there were none. */
const char *zt_gate_refused (zt_gate_t *self, uint64_t *n);

/*  Sets the counters of those who came too fast, and, where it knows them, of who is banned. */
void zt_gate_measure (const zt_gate_t *self, zt_stats_t *stats);

#endif
