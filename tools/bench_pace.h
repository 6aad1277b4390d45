/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_pace - how many messages may be sent by now

    An open loop: what is due depends on the clock alone, not on what was answered. What
    could not be sent in time (a window was full) stays due, so that a peer that stalls is
    not spared the load that would have come meanwhile. Pure: the caller tells the time. */

#ifndef ZT_BENCH_PACE_H
#define ZT_BENCH_PACE_H

#include <stdint.h>

/*  The highest rate, messages a second. */
enum { ZT_BENCH_PACE_MOST = 1000000000 };

typedef struct {
    uint64_t rate; /* messages a second; 0: no limit */
    uint64_t from_ns;
    uint64_t taken; /* since then */
} zt_bench_pace_t;

/*  A pace that begins now, when nothing is due yet. */
zt_bench_pace_t zt_bench_pace (uint64_t rate, uint64_t now_ns);

/*  How many may be sent; UINT64_MAX without a limit. */
uint64_t zt_bench_pace_due (const zt_bench_pace_t *self, uint64_t now_ns);

/*  So many were sent: what was due, at most. */
void zt_bench_pace_take (zt_bench_pace_t *self, uint64_t count);

/*  The part of what is due for the first of so many who are to share it evenly. */
uint64_t zt_bench_pace_share (uint64_t due, uint64_t among);

#endif
