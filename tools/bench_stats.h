/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_stats - percentiles and the middle one of several rounds */

#ifndef ZT_BENCH_STATS_H
#define ZT_BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

/*  Samples, as they come. Zeroed memory is a valid empty collection. */
typedef struct {
    uint64_t *values;
    size_t count;
    size_t capacity;
} zt_bench_samples_t;

void zt_bench_samples_add (zt_bench_samples_t *self, uint64_t value);

/*  The value that a share of the samples (0 to 1, the nearest rank) is not
    above; 0 without samples. Sorts them. */
uint64_t zt_bench_samples_percentile (zt_bench_samples_t *self, double share);

/*  Forgets all samples and frees their memory. */
void zt_bench_samples_free (zt_bench_samples_t *self);

/*  Counts of values, for more of them than one wants to keep: of fixed size, and exact to
    1 %. Large, so best on the heap; zeroed memory is a valid empty one. */
enum { ZT_BENCH_HISTOGRAM_BITS = 7 };

typedef struct {
    uint64_t counts[(64 - ZT_BENCH_HISTOGRAM_BITS + 1) << ZT_BENCH_HISTOGRAM_BITS];
    uint64_t total;
} zt_bench_histogram_t;

void zt_bench_histogram_add (zt_bench_histogram_t *self, uint64_t value);

/*  As zt_bench_samples_percentile; never below what that would tell. */
uint64_t zt_bench_histogram_percentile (const zt_bench_histogram_t *self, double share);

/*  The index of the median of count values (1 at least); of an even number of
    values the lower one of the two in the middle: an index, not a mean, so that
    all figures of a row are of one and the same round. */
size_t zt_bench_median (const double *values, size_t count);

#endif
