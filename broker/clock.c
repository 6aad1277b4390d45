/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/clock.h"

#include <stdio.h>
#include <time.h>

const char *zt_clock_text (char when[ZT_CLOCK_TEXT], uint64_t ms)
{
    struct tm local;
    time_t seconds = (time_t) (ms / 1000);
    if (!localtime_r (&seconds, &local) ||
        strftime (when, ZT_CLOCK_TEXT, "%Y-%m-%d %H:%M:%S", &local) == 0)
        snprintf (when, ZT_CLOCK_TEXT, "0000-00-00 00:00:00");
    return when;
}

const char *zt_clock_utc (char when[ZT_CLOCK_TEXT], uint64_t ms)
{
    struct tm utc;
    time_t seconds = (time_t) (ms / 1000);
    if (!gmtime_r (&seconds, &utc) ||
        strftime (when, ZT_CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf (when, ZT_CLOCK_TEXT, "0000-00-00T00:00:00Z");
    return when;
}

/*  Days from 1970-01-01 to a day of the Gregorian calendar, month from 0 on. */
static int64_t s_days (int64_t year, int64_t month, int64_t day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t past = month < 2 ? year - 1 : year; /* whose 29th of February is over */
    int64_t leaps = past / 4 - past / 100 + past / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    return (year - 1970) * 365 + leaps + before[month] + day - 1;
}

bool zt_clock_read_utc (zt_bytes_t text, uint64_t *ms)
{
    char copy[ZT_CLOCK_TEXT], again[ZT_CLOCK_TEXT];
    struct tm utc = {.tm_isdst = 0};
    if (text.size >= sizeof copy)
        return false;
    snprintf (copy, sizeof copy, "%.*s", (int) text.size, text.data);
    const char *end = strptime (copy, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (!end || *end || utc.tm_year < 70)
        return false;
    int64_t days = s_days (utc.tm_year + 1900, utc.tm_mon, utc.tm_mday);
    *ms = (uint64_t) (((days * 24 + utc.tm_hour) * 60 + utc.tm_min) * 60 + utc.tm_sec) * 1000;
    return strcmp (zt_clock_utc (again, *ms), copy) == 0; /* the 31st of February is none */
}
