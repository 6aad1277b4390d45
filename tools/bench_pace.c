/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_pace.h"

#include <assert.h>

#define S_SECOND UINT64_C (1000000000)

zt_bench_pace_t zt_bench_pace (uint64_t rate, uint64_t now_ns)
{
    assert (rate <= ZT_BENCH_PACE_MOST);
    return (zt_bench_pace_t){.rate = rate, .from_ns = now_ns};
}

uint64_t zt_bench_pace_due (const zt_bench_pace_t *self, uint64_t now_ns)
{
    if (self->rate == 0)
        return UINT64_MAX;
    /*  In two parts, since their sum times the rate would not fit. */
    uint64_t ns = now_ns - self->from_ns;
    uint64_t allowed = ns / S_SECOND * self->rate + ns % S_SECOND * self->rate / S_SECOND;
    return allowed > self->taken ? allowed - self->taken : 0;
}

void zt_bench_pace_take (zt_bench_pace_t *self, uint64_t count)
{
    self->taken += count;
}

uint64_t zt_bench_pace_share (uint64_t due, uint64_t among)
{
    return due / among + (due % among != 0);
}
