/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/clock.h"

#include <time.h>

static uint64_t s_ms (clockid_t clock)
{
    struct timespec time;
    clock_gettime (clock, &time);
    return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

uint64_t zt_clock_now (void)
{
    return s_ms (CLOCK_REALTIME);
}

uint64_t zt_clock_monotonic (void)
{
    return s_ms (CLOCK_MONOTONIC);
}

uint64_t zt_clock_monotonic_us (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000000 + (uint64_t) time.tv_nsec / 1000;
}
