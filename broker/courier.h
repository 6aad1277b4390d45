/*  SPDX-License-Identifier: MPL-2.0

    zt_courier - between the core and the store

    Carries requests there and completions back, and sees to it that the operator hears
    of a store that cannot store. */

#ifndef ZT_COURIER_H
#define ZT_COURIER_H

#include "broker/core.h"
#include "broker/operator.h"
#include "broker/store.h"

typedef struct zt_courier zt_courier_t;

/*  What is given must live as long; the store is destroyed by whoever has made it. The
    caller destroys the courier. */
zt_courier_t *zt_courier_new (zt_core_t *core, zt_store_t *store, zt_operator_t *op);
void zt_courier_destroy (zt_courier_t **self_p);

/*  Commits, and carries what there is, but a bounded number of completions. now is in ms
    since the epoch. */
void zt_courier_carry (zt_courier_t *self, uint64_t now);

/*  True if a commit has been submitted and is not completed. */
bool zt_courier_is_waiting (const zt_courier_t *self);

/*  False from a commit that could not be done on, until one is done. */
bool zt_courier_can_store (const zt_courier_t *self);

/*  True if the store is broken: nothing is carried any more, and the broker is to end.
    The operator has been told. */
bool zt_courier_is_broken (const zt_courier_t *self);

#endif
