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

uint64_t zt_bench_samples_percentile (zt_bench_samples_t *self, double share)
{
    assert (share >= 0 && share <= 1);
    if (self->count == 0)
        return 0;
    qsort (self->values, self->count, sizeof *self->values, s_compare);
    /*  The nearest rank is the share of the count, rounded up. The product is
        inexact (0.99 * 100 is a little above 99), hence the little that is taken off. */
    double wanted = share * (double) self->count - 1e-6;
    size_t rank = wanted <= 0 ? 0 : (size_t) wanted;
    return self->values[rank < self->count ? rank : self->count - 1];
}

void zt_bench_samples_free (zt_bench_samples_t *self)
{
    free (self->values);
    *self = (zt_bench_samples_t){NULL, 0, 0};
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
