/*  SPDX-License-Identifier: MPL-2.0

    zt_sim_net - simulated connections between clients and the broker

    Each way of a connection keeps the order of what it carries, and takes its time.
    It can be cut: then what was on its way may still arrive up to some point, and
    each end learns of it when it does, or much later. */

#ifndef ZT_SIM_NET_H
#define ZT_SIM_NET_H

#include "common/bytes.h"
#include "tests/sim_dice.h"

/*  Connections have numbers below this: the broker's peers. */
enum { ZT_SIM_CONNECTIONS = 48, ZT_SIM_NOT_CONNECTED = ZT_SIM_CONNECTIONS };

typedef struct zt_sim_net zt_sim_net_t;

/*  A frame takes so many ms at most, most take little. The caller destroys it. */
zt_sim_net_t *zt_sim_net_new (zt_dice_t *dice, uint32_t most_ms);
void zt_sim_net_destroy (zt_sim_net_t **self_p);

/*  A new connection of that client; ZT_SIM_NOT_CONNECTED if it cannot be had now. */
uint32_t zt_sim_net_connect (zt_sim_net_t *self, uint32_t client);

/*  Whose connection it is. */
uint32_t zt_sim_net_client (const zt_sim_net_t *self, uint32_t connection);

/*  Puts a frame on its way; nothing happens if the way is closed already. The bytes
    are copied. */
void zt_sim_net_to_broker (zt_sim_net_t *self, uint32_t connection, zt_bytes_t frame, uint64_t now);
void zt_sim_net_to_client (zt_sim_net_t *self, uint32_t connection, zt_bytes_t frame, uint64_t now);

/*  What arrives. */
typedef struct {
    uint32_t connection;
    bool is_end;      /* the connection is gone */
    zt_bytes_t frame; /* else; borrowed until the next call */
} zt_arrival_t;

/*  The next thing that arrives at the broker, or at a client; false if there is none now. */
bool zt_sim_net_at_broker (zt_sim_net_t *self, zt_arrival_t *arrival, uint64_t now);
bool zt_sim_net_at_client (zt_sim_net_t *self, zt_arrival_t *arrival, uint64_t now);

/*  The connection breaks. */
void zt_sim_net_cut (zt_sim_net_t *self, uint32_t connection, uint64_t now);

/*  The client ends it: nothing arrives at the client any more. */
void zt_sim_net_leave (zt_sim_net_t *self, uint32_t connection, uint64_t now);

/*  The broker ends it: what it has said still arrives, and it is told of the end. */
void zt_sim_net_drop (zt_sim_net_t *self, uint32_t connection, uint64_t now);

/*  The broker is no more: it is not told anything, the clients are. */
void zt_sim_net_broker_gone (zt_sim_net_t *self, uint64_t now);

/*  From now on all is quick, and what is on its way arrives. */
void zt_sim_net_calm (zt_sim_net_t *self, uint64_t now);

#endif
