/*  SPDX-License-Identifier: MPL-2.0

    zt_times - how long things took, without keeping each of them

    A histogram whose bins are a sixteenth of a power of two wide: percentiles are at most
    so much too high. */

#ifndef ZT_TIMES_H
#define ZT_TIMES_H

#include <stdint.h>

enum { ZT_TIMES_BINS = 64 * 16 };

typedef struct {
    uint64_t n;
    int64_t worst; /* ns */
    uint64_t bin[ZT_TIMES_BINS];
} zt_times_t;

/*  Adds one, in ns. */
void zt_times_add (zt_times_t *self, int64_t ns);

/*  The time in ms that so much of them (0.99: 99 of 100) did not exceed; 0 if there are none. */
double zt_times_ms (const zt_times_t *self, double part);

#endif
