/*  SPDX-License-Identifier: MPL-2.0

    zt_sim_client - a simulated client, as PROTOCOL.md wants it

    It keeps what it has to say, with the refs, and the highest id that it has shown
    in a journal, which outlives its crashes. What it does and learns the ledger hears. */

#ifndef ZT_SIM_CLIENT_H
#define ZT_SIM_CLIENT_H

#include "tests/sim_ledger.h"
#include "tests/sim_net.h"

typedef struct zt_sim_client zt_sim_client_t;

/*  The client with that number of the scene, not connected. padding: bytes of its
    messages that say nothing. */
zt_sim_client_t *zt_sim_client_new (zt_scene_t *scene, uint32_t number, zt_ledger_t *ledger,
                                    zt_sim_net_t *net, size_t padding);
void zt_sim_client_destroy (zt_sim_client_t **self_p);

/*  Wants to send a message to the target. */
void zt_sim_client_say (zt_sim_client_t *self, uint32_t target);

/*  Wants to be in the room, or not. */
void zt_sim_client_want_room (zt_sim_client_t *self, bool wants);

/*  A turn: connects, sends, acknowledges what is due. is_up: whether a broker listens. */
void zt_sim_client_turn (zt_sim_client_t *self, bool is_up);

/*  Something arrived on a connection of this client. */
void zt_sim_client_arrives (zt_sim_client_t *self, const zt_arrival_t *arrival);

/*  It ends, and is back with its journal at that time. */
void zt_sim_client_crash (zt_sim_client_t *self, uint64_t back_at);

/*  Its connection, or ZT_SIM_NOT_CONNECTED. */
uint32_t zt_sim_client_connection (const zt_sim_client_t *self);

/*  From now on it is quick. */
void zt_sim_client_calm (zt_sim_client_t *self);

#endif
