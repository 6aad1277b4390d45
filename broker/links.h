/*  SPDX-License-Identifier: MPL-2.0

    zt_links - the connections: frames between the ROUTER and the core, and peers that
    come and go

    libzmq tells of no end of a connection in a way that fits the frames which came
    from it. So whatever hints at one (an event, a send that fails, a long silence)
    makes a peer suspect, and a probe finds out. */

#ifndef ZT_LINKS_H
#define ZT_LINKS_H

#include "broker/core.h"
#include "broker/gate.h"
#include "broker/operator.h"
#include "broker/peers.h"
#include "broker/router.h"

typedef struct zt_links zt_links_t;

/*  What is given must live as long. To be called when the limit of descriptors has been
    set. peers_mb: how many MiB all connections together may make the broker hold. The
    caller destroys it. */
zt_links_t *zt_links_new (zt_router_t *router, zt_core_t *core, zt_peers_t *peers, zt_gate_t *gate,
                          const zt_bans_t *bans, zt_operator_t *op, uint64_t peers_mb);
void zt_links_destroy (zt_links_t **self_p);

/*  Changes that. */
void zt_links_configure (zt_links_t *self, uint64_t peers_mb);

/*  Takes what the monitor tells of connections. now is in ms since the epoch, here and
    below. */
void zt_links_events (zt_links_t *self, uint64_t now);

/*  Gives the core a bounded number of the frames that are there. */
void zt_links_receive (zt_links_t *self, uint64_t now);

/*  Sends what the core has to send, and tells the operator what it has to tell. */
void zt_links_send (zt_links_t *self, uint64_t now);

/*  Ends, probes and watches what is due. */
void zt_links_look_after (zt_links_t *self, uint64_t now);

/*  When something is due next; UINT64_MAX if nothing is. */
uint64_t zt_links_deadline (const zt_links_t *self);

/*  The clock was set back: what was to be done at times of before is done at once. */
void zt_links_forget_times (zt_links_t *self, uint64_t now);

/*  Is anybody connected? */
bool zt_links_has_any (const zt_links_t *self);

/*  Sets the gauges of connections. */
void zt_links_measure (const zt_links_t *self, zt_stats_t *stats);

#endif
