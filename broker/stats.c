/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/stats.h"

#include <assert.h>

#define S_ROW(name, text, type, unit, what) {text, ZT_STAT_##type, unit, what},
static const zt_stat_row_t s_rows[] = {ZT_STATS (S_ROW)};
#undef S_ROW

const zt_stat_row_t *zt_stat_row (zt_stat_t stat)
{
    assert (stat < ZT_STAT_COUNT);
    return &s_rows[stat];
}

void zt_stat_put_name (zt_stat_t stat, zt_buffer_t *text)
{
    const zt_stat_row_t *row = zt_stat_row (stat);
    zt_buffer_put_string (text, row->name);
    if (*row->unit)
        zt_buffer_put_format (text, "_%s", row->unit);
}

/*  ---------------------------------------------------------------------------
    Histograms */

/*  A commit takes half a millisecond on a disk that is well, and seconds on one that is not. */
static const uint64_t s_bounds[ZT_HISTOGRAM_BOUNDS] = {100,    250,    500,     1000,    2500,
                                                       5000,   10000,  25000,   50000,   100000,
                                                       250000, 500000, 1000000, 2500000, 10000000};

uint64_t zt_histogram_bound (size_t bucket)
{
    assert (bucket < ZT_HISTOGRAM_BOUNDS);
    return s_bounds[bucket];
}

void zt_histogram_add (zt_histogram_t *self, uint64_t us)
{
    size_t bucket = 0;
    while (bucket < ZT_HISTOGRAM_BOUNDS && us > s_bounds[bucket])
        bucket++;
    self->count[bucket]++;
    self->sum_us += us;
}

uint64_t zt_histogram_total (const zt_histogram_t *self)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= ZT_HISTOGRAM_BOUNDS; i++)
        total += self->count[i];
    return total;
}

uint64_t zt_histogram_quantile (const zt_histogram_t *self, double part)
{
    double wanted = part * (double) zt_histogram_total (self), before = 0;
    uint64_t lower = 0;
    for (size_t i = 0; i < ZT_HISTOGRAM_BOUNDS; i++) {
        double count = (double) self->count[i];
        if (count > 0 && before + count >= wanted) {
            double width = (double) (s_bounds[i] - lower);
            return lower + (uint64_t) (width * (wanted - before) / count);
        }
        before += count;
        lower = s_bounds[i];
    }
    return self->count[ZT_HISTOGRAM_BOUNDS] ? lower : 0;
}
