/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/clock.h"

#include "common/clock.h"

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
    *ms = (uint64_t) zt_clock_timegm (&utc) * 1000;
    return strcmp (zt_clock_utc (again, *ms), copy) == 0; /* the 31st of February is none */
}
