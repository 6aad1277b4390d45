/*  SPDX-License-Identifier: MPL-2.0

    zt_sim_store - a simulated disk, and the store that works on it

    The disk (the log, records) outlives the broker. What the store does takes its
    time: a request reaches the disk at one moment, and its completion the broker at
    a later one. When the broker crashes between the two, what it wrote is there, and
    nobody has been told. */

#ifndef ZT_SIM_STORE_H
#define ZT_SIM_STORE_H

#include "broker/store.h"
#include "tests/sim_dice.h"

typedef struct zt_sim_store zt_sim_store_t;

/*  Is told of each slice as it reaches the disk. */
typedef void (zt_sim_written_fn) (void *self, const zt_slice_t *slice);

/*  An empty disk, which keeps about log_bytes of messages. The caller destroys it. */
zt_sim_store_t *zt_sim_store_new (zt_dice_t *dice, size_t log_bytes, zt_sim_written_fn *fn,
                                  void *fn_self);
void zt_sim_store_destroy (zt_sim_store_t **self_p);

/*  Takes over a request, as a store does. Times are ms of the simulation. */
void zt_sim_store_submit (zt_sim_store_t *self, const zt_request_t *request, uint64_t now);

/*  The next completion that is due; false if there is none. The caller clears it. */
bool zt_sim_store_next (zt_sim_store_t *self, zt_completion_t *completion, uint64_t now);

/*  Until then the disk is full: a COMMIT that reaches it is not done. */
void zt_sim_store_full (zt_sim_store_t *self, uint64_t until);

/*  From now on it is quick, and nothing goes wrong. */
void zt_sim_store_calm (zt_sim_store_t *self);

/*  True if nothing is under way. */
bool zt_sim_store_is_idle (const zt_sim_store_t *self);

/*  The broker is gone. What was under way has reached the disk or not; nobody is told. */
void zt_sim_store_crash (zt_sim_store_t *self, uint64_t now);

/*  What a broker that begins is told (see zt_store's load). */
void zt_sim_store_load (zt_sim_store_t *self, zt_record_fn *fn, void *fn_self,
                        zt_store_start_t *start);

/*  How many COMMITs were submitted, ever; the number of the last one that is on the disk. */
uint64_t zt_sim_store_submitted (const zt_sim_store_t *self);
uint64_t zt_sim_store_done (const zt_sim_store_t *self);

/*  Is there a record on the disk of that user; of that device of the user; of the user
    being in that room? Names are without sigils. */
bool zt_sim_store_has_user (const zt_sim_store_t *self, const char *name);
bool zt_sim_store_has_device (const zt_sim_store_t *self, const char *name, const char *device);
bool zt_sim_store_is_member (const zt_sim_store_t *self, const char *name, const char *room);

#endif
