/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_meter - when to measure

    A run warms up, is measured, and then drains: what is in flight when the
    measuring ends is waited for and checked, but not counted. The length is given
    in deliveries or in time. Pure: the caller tells the time. */

#ifndef ZT_BENCH_METER_H
#define ZT_BENCH_METER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { ZT_BENCH_WARM_UP, ZT_BENCH_MEASURE, ZT_BENCH_DRAIN } zt_bench_phase_t;

typedef struct {
    uint64_t ns;
    uint64_t deliveries;
    double cpu; /* seconds that the peer's process has used; the caller's to fill in */
} zt_bench_mark_t;

typedef struct {
    uint64_t warm_up; /* deliveries, or ns if by_time */
    uint64_t length;  /* likewise, of the measured part */
    bool by_time;
    zt_bench_phase_t phase;
    zt_bench_mark_t from;
    zt_bench_mark_t to;
} zt_bench_meter_t;

/*  A meter that measures length deliveries, after warm_up of them. */
zt_bench_meter_t zt_bench_meter_by_count (uint64_t warm_up, uint64_t length);

/*  A meter that measures for so long, after a third as much to warm up. */
zt_bench_meter_t zt_bench_meter_by_time (uint64_t ms, uint64_t now_ns);

/*  Tells the meter how far the run is. Returns the mark that has been reached by
    it, for the caller to fill in the CPU; NULL as long as the phase stays. */
zt_bench_mark_t *zt_bench_meter_step (zt_bench_meter_t *self, uint64_t now_ns, uint64_t deliveries);

/*  Of the measured part, once the phase is ZT_BENCH_DRAIN: deliveries a second,
    and CPU seconds per million deliveries. */
double zt_bench_meter_rate (const zt_bench_meter_t *self);
double zt_bench_meter_cpu (const zt_bench_meter_t *self);

#endif
