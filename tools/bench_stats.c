/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_stats.h"

#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

enum { S_FIRST_CAPACITY = 4096 };

void zt_bench_samples_add (zt_bench_samples_t *self, uint64_t value)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : S_FIRST_CAPACITY;
        self->values = zt_realloc (self->values, self->capacity, sizeof *self->values);
    }
    self->values[self->count++] = value;
}

static int s_compare (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a;
    uint64_t y = *(const uint64_t *) b;
    return (x > y) - (x < y);
}

/*  The place, from 0 on, of the nearest rank among count sorted values (1 at least): the
    share of the count, rounded up. The product is inexact (0.99 * 100 is a little above
    99), hence the little that is taken off. */
static uint64_t s_rank (double share, uint64_t count)
{
    assert (share >= 0 && share <= 1);
    double wanted = share * (double) count - 1e-6;
    uint64_t rank = wanted <= 0 ? 0 : (uint64_t) wanted;
    return rank < count ? rank : count - 1;
}

uint64_t zt_bench_samples_percentile (zt_bench_samples_t *self, double share)
{
    if (self->count == 0)
        return 0;
    qsort (self->values, self->count, sizeof *self->values, s_compare);
    return self->values[s_rank (share, self->count)];
}

void zt_bench_samples_free (zt_bench_samples_t *self)
{
    free (self->values);
    *self = (zt_bench_samples_t){NULL, 0, 0};
}

/*  Values below 2^BITS have a cell each; above, so does each first BITS + 1 bits. */
static size_t s_cell (uint64_t value)
{
    if (value >> ZT_BENCH_HISTOGRAM_BITS == 0)
        return (size_t) value;
    unsigned shift = 63 - (unsigned) __builtin_clzll (value) - ZT_BENCH_HISTOGRAM_BITS;
    return (size_t) (((uint64_t) shift << ZT_BENCH_HISTOGRAM_BITS) + (value >> shift));
}

/*  The highest value of a cell. */
static uint64_t s_highest (size_t cell)
{
    if (cell >> ZT_BENCH_HISTOGRAM_BITS == 0)
        return cell;
    unsigned shift = (unsigned) (cell >> ZT_BENCH_HISTOGRAM_BITS) - 1;
    uint64_t first = cell - ((uint64_t) shift << ZT_BENCH_HISTOGRAM_BITS);
    return (first << shift) + ((UINT64_C (1) << shift) - 1);
}

void zt_bench_histogram_add (zt_bench_histogram_t *self, uint64_t value)
{
    self->counts[s_cell (value)]++;
    self->total++;
}

uint64_t zt_bench_histogram_percentile (const zt_bench_histogram_t *self, double share)
{
    if (self->total == 0)
        return 0;
    uint64_t rank = s_rank (share, self->total);
    size_t cell = 0;
    for (uint64_t below = self->counts[0]; below <= rank; below += self->counts[cell])
        cell++;
    return s_highest (cell);
}

size_t zt_bench_median (const double *values, size_t count)
{
    assert (count > 0);
    /*  Rounds are few: the median is the one with as many below it as it takes. */
    for (size_t i = 0; i < count; i++) {
        size_t below = 0;
        for (size_t j = 0; j < count; j++)
            if (values[j] < values[i] || (values[j] == values[i] && j < i))
                below++;
        if (below == (count - 1) / 2)
            return i;
    }
    return 0;
}
