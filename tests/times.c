/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/times.h"

enum { S_STEPS = 16, S_STEPS_LOG = 4 };

static unsigned s_bin (uint64_t ns)
{
    if (ns < S_STEPS)
        return (unsigned) ns;
    unsigned log = 63 - (unsigned) __builtin_clzll (ns);
    return (log - S_STEPS_LOG + 1) * S_STEPS +
           (unsigned) (ns >> (log - S_STEPS_LOG) & (S_STEPS - 1));
}

/*  The least time that is beyond the bin. */
static uint64_t s_end (unsigned bin)
{
    if (bin < S_STEPS)
        return bin + 1;
    unsigned shift = bin / S_STEPS - 1;
    return (uint64_t) (S_STEPS + bin % S_STEPS + 1) << shift;
}

void zt_times_add (zt_times_t *self, int64_t ns)
{
    self->n++;
    self->bin[s_bin (ns > 0 ? (uint64_t) ns : 0)]++;
    if (ns > self->worst)
        self->worst = ns;
}

double zt_times_ms (const zt_times_t *self, double part)
{
    uint64_t below = 0;
    for (unsigned bin = 0; bin < ZT_TIMES_BINS; bin++) {
        below += self->bin[bin];
        if (below && (double) below >= part * (double) self->n)
            return (double) s_end (bin) / 1e6;
    }
    return 0;
}
