/*  SPDX-License-Identifier: MPL-2.0

    zt_ledger - what must be true of a simulated run

    The ledger stands outside of all: it sees what reaches the broker, what the broker
    says, what is written to the disk and what clients show, and ends the program (see
    zt_scene_fail) when these do not fit the promises. Each message that a client wants
    to send has a tag of its own, by which it is known wherever it appears. */

#ifndef ZT_SIM_LEDGER_H
#define ZT_SIM_LEDGER_H

#include "common/error.h"
#include "tests/sim_scene.h"
#include "tests/sim_store.h"

typedef struct zt_ledger zt_ledger_t;

zt_ledger_t *zt_ledger_new (const zt_scene_t *scene);

/*  The store whose disk it looks at; before anything happens. */
void zt_ledger_watch (zt_ledger_t *self, const zt_sim_store_t *store);

void zt_ledger_destroy (zt_ledger_t **self_p);

/*  The body of the message with that tag, as it is sent with that ref. */
void zt_ledger_body (zt_buffer_t *body, uint32_t tag, uint64_t ref, size_t padding);

/*  ---------------------------------------------------------------------------
    At the broker */

/*  A frame of the client's goes into the core; the core hands out one for it. */
void zt_ledger_in (zt_ledger_t *self, uint32_t client, zt_bytes_t frame);
void zt_ledger_out (zt_ledger_t *self, uint32_t client, zt_bytes_t frame);

/*  A slice reaches the disk. Has the type of zt_sim_written_fn. */
void zt_ledger_written (void *self, const zt_slice_t *slice);

/*  The store has refused a COMMIT, and may do so again. */
void zt_ledger_store_refuses (zt_ledger_t *self);

/*  The broker replays less than there may be; the log keeps less. In that case nobody can
    tell of an old ref whether it was stored. */
void zt_ledger_gaps_are_fine (zt_ledger_t *self);
void zt_ledger_log_is_small (zt_ledger_t *self);
bool zt_ledger_forgets (const zt_ledger_t *self);

/*  Nothing but the store goes wrong in this run, and nothing takes long: then a message
    that was refused for a while is not overtaken by the sender's next ones. */
void zt_ledger_is_orderly (zt_ledger_t *self);

/*  The broker begins again with what is on the disk. */
void zt_ledger_restart (zt_ledger_t *self);

/*  ---------------------------------------------------------------------------
    At the clients */

/*  The client wants to send to the target: the tag of that message. */
uint32_t zt_ledger_want (zt_ledger_t *self, uint32_t client, uint32_t target);

/*  Where it goes. */
uint32_t zt_ledger_target (const zt_ledger_t *self, uint32_t tag);

/*  How many messages were wanted so far. */
uint32_t zt_ledger_wanted (const zt_ledger_t *self);

/*  It goes on the wire with this ref. */
void zt_ledger_try (zt_ledger_t *self, uint32_t tag, uint64_t ref);

/*  It was answered: with SENT (id 0: by the SENT of a later one), with an ERROR after which
    it is sent anew, with one after which it is not; or nobody will ever know. */
void zt_ledger_sent (zt_ledger_t *self, uint32_t tag, uint64_t ref, uint64_t id, uint64_t time);
void zt_ledger_refused (zt_ledger_t *self, uint32_t tag, bool for_good);
void zt_ledger_unknown (zt_ledger_t *self, uint32_t tag);

/*  The client has got this MSG, and shows it, or not because it has it already. */
void zt_ledger_shown (zt_ledger_t *self, uint32_t client, const zt_message_t *message, bool shown);

void zt_ledger_gap (zt_ledger_t *self, uint32_t client, uint64_t from, uint64_t to);
void zt_ledger_acked (zt_ledger_t *self, uint32_t client, uint64_t id);
void zt_ledger_receipt (zt_ledger_t *self, uint32_t client, uint64_t id, zt_bytes_t name);

/*  ---------------------------------------------------------------------------
    At the end */

/*  What is missing still, in a static sentence; NULL if nothing is. */
const char *zt_ledger_missing (const zt_ledger_t *self);

#endif
