/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_meter.h"

#include <stddef.h>

zt_bench_meter_t zt_bench_meter_by_count (uint64_t warm_up, uint64_t length)
{
    return (zt_bench_meter_t){
        .warm_up = warm_up, .length = length, .by_time = false, .phase = ZT_BENCH_WARM_UP};
}

zt_bench_meter_t zt_bench_meter_by_time (uint64_t ms, uint64_t now_ns)
{
    uint64_t length = ms * 1000000;
    /*  Long enough for a log in memory to grow to its limit at the usual rates: until
        then most of the broker's CPU goes into touching new memory. */
    return (zt_bench_meter_t){.warm_up = length / 3,
                              .length = length,
                              .by_time = true,
                              .phase = ZT_BENCH_WARM_UP,
                              .from.ns = now_ns};
}

zt_bench_mark_t *zt_bench_meter_step (zt_bench_meter_t *self, uint64_t now_ns, uint64_t deliveries)
{
    if (self->phase == ZT_BENCH_DRAIN)
        return NULL;
    /*  While it warms up, from is where the warming began. */
    uint64_t done = self->by_time ? now_ns - self->from.ns : deliveries - self->from.deliveries;
    bool warming = self->phase == ZT_BENCH_WARM_UP;
    if (done < (warming ? self->warm_up : self->length))
        return NULL;
    zt_bench_mark_t *mark = warming ? &self->from : &self->to;
    mark->ns = now_ns;
    mark->deliveries = deliveries;
    self->phase = warming ? ZT_BENCH_MEASURE : ZT_BENCH_DRAIN;
    return mark;
}

static double s_deliveries (const zt_bench_meter_t *self)
{
    return (double) (self->to.deliveries - self->from.deliveries);
}

double zt_bench_meter_rate (const zt_bench_meter_t *self)
{
    double seconds = (double) (self->to.ns - self->from.ns) / 1e9;
    return seconds > 0 ? s_deliveries (self) / seconds : 0;
}

double zt_bench_meter_cpu (const zt_bench_meter_t *self)
{
    double count = s_deliveries (self);
    return count > 0 ? (self->to.cpu - self->from.cpu) / count * 1e6 : 0;
}
