/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/clock.h"

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

/*  Days from 1970-01-01 to a day of the Gregorian calendar, month from 0 on. */
static int64_t s_days (int64_t year, int64_t month, int64_t day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t past = month < 2 ? year - 1 : year; /* whose 29th of February is over */
    int64_t leaps = past / 4 - past / 100 + past / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    return (year - 1970) * 365 + leaps + before[month] + day - 1;
}

time_t zt_clock_timegm (struct tm *utc)
{
    int64_t days = s_days (utc->tm_year + 1900, utc->tm_mon, utc->tm_mday);
    time_t seconds = (time_t) (((days * 24 + utc->tm_hour) * 60 + utc->tm_min) * 60 + utc->tm_sec);
    gmtime_r (&seconds, utc);
    return seconds;
}
