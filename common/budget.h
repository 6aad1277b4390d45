/*  SPDX-License-Identifier: MPL-2.0

    zt_budget - so much at once, and so much for long

    A budget (a token bucket, kept as the time at which it is full again) bounds what somebody may
    have done for them: each thing takes a step of it, and it fills again as time goes by. */

#ifndef ZT_BUDGET_H
#define ZT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/*  Zeroed, it is full. Times are in any unit, the same for all of a budget's. */
typedef struct {
    uint64_t full_at;
} zt_budget_t;

/*  How long until a step can be taken, when all of the budget is `most`; 0: now. A clock that was
    set back makes it full. */
static inline uint64_t zt_budget_wait (const zt_budget_t *self, uint64_t now, uint64_t step,
                                       uint64_t most)
{
    uint64_t used = self->full_at > now ? self->full_at - now : 0;
    if (used > most)
        used = 0;
    return used + step > most ? used + step - most : 0;
}

/*  Takes a step, which must not be more than most. False, and nothing is taken, if there is not
    so much left. */
static inline bool zt_budget_take (zt_budget_t *self, uint64_t now, uint64_t step, uint64_t most)
{
    if (zt_budget_wait (self, now, step, most))
        return false;
    if (self->full_at < now || self->full_at > now + most)
        self->full_at = now;
    self->full_at += step;
    return true;
}

#endif
