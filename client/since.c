/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/since.h"

#include "common/clock.h"
#include "common/span.h"
#include "common/wire.h"

#include <time.h>

/*  Ids of a broker are above all times, and small ones below: those between are 2001 to 5138. */
static const uint64_t s_first_time = UINT64_C (1000000000000);
static const uint64_t s_last_time = UINT64_C (99999999999999);

/*  No id is as large: JSON does not carry it exactly. */
static const uint64_t s_end_of_ids = UINT64_C (1) << 53;

static bool s_digit (char c)
{
    return c >= '0' && c <= '9';
}

/*  A whole number, and maybe a unit behind it. False if it is none. */
static bool s_number (const char *text, uint64_t now, zt_since_t *since)
{
    size_t digits = 0;
    uint64_t number;
    while (s_digit (text[digits]))
        digits++;
    if (!zt_u64_read ((zt_bytes_t){text, digits}, &number) || number == 0)
        return false;
    if (text[digits] == '\0' && number >= s_first_time && number <= s_last_time)
        since->time = number;
    else if (text[digits] == '\0' && number < s_end_of_ids)
        since->id = number;
    uint64_t unit = text[digits] && text[digits + 1] == '\0' ? zt_span_unit (text[digits]) : 0;
    if (unit && number < now / unit)
        since->time = now - number * unit;
    return since->id || since->time;
}

/*  Two digits of at most that value, behind the sign that leads to them (or '\0'). */
static bool s_two (const char **at, char sign, int most, int *number)
{
    const char *text = *at;
    if (sign && *text++ != sign)
        return false;
    if (!s_digit (text[0]) || !s_digit (text[1]))
        return false;
    *number = (text[0] - '0') * 10 + (text[1] - '0');
    *at = text + 2;
    return *number <= most;
}

/*  "Z", "+02:00", "+0200", "+02": what it is ahead of UTC, in s. */
static bool s_zone (const char *at, long *ahead)
{
    int hours = 0, minutes = 0;
    *ahead = 0;
    if (strcmp (at, "Z") == 0 || strcmp (at, "z") == 0)
        return true;
    char sign = *at;
    if ((sign != '+' && sign != '-') || !s_two (&at, sign, 14, &hours))
        return false;
    if (*at && !s_two (&at, (char) (*at == ':' ? ':' : '\0'), 59, &minutes))
        return false;
    *ahead = (sign == '+' ? 1 : -1) * (hours * 3600L + minutes * 60L);
    return *at == '\0';
}

/*  ".5" behind the seconds, in ms. */
static unsigned s_fraction (const char **at)
{
    unsigned ms = 0, unit = 100;
    if (**at != '.' || !s_digit ((*at)[1]))
        return 0;
    for (++*at; s_digit (**at); ++*at, unit /= 10)
        ms += (unsigned) (**at - '0') * unit;
    return ms;
}

/*  A day, and maybe a time of it. */
static bool s_date (const char *at, zt_since_t *since)
{
    struct tm tm = {.tm_isdst = -1};
    int century = 0, year = 0;
    unsigned ms = 0;
    long ahead = 0;
    bool good = s_two (&at, '\0', 99, &century) && s_two (&at, '\0', 99, &year) &&
                s_two (&at, '-', 12, &tm.tm_mon) && s_two (&at, '-', 31, &tm.tm_mday);
    if (good && *at) {
        good = (*at == 'T' || *at == ' ') && s_two (&at, *at, 23, &tm.tm_hour) &&
               s_two (&at, ':', 59, &tm.tm_min);
        if (good && *at == ':') {
            good = s_two (&at, ':', 60, &tm.tm_sec);
            ms = good ? s_fraction (&at) : 0;
        }
    }
    tm.tm_year = century * 100 + year - 1900;
    tm.tm_mon--;
    bool is_local = good && *at == '\0';
    if (!good || tm.tm_mon < 0 || tm.tm_mday < 1 || (!is_local && !s_zone (at, &ahead)))
        return false;
    int day = tm.tm_mday;
    int second = tm.tm_sec;
    time_t time = is_local ? mktime (&tm) : zt_clock_timegm (&tm);
    /*  The 31st of a month that has 30. */
    if (time == (time_t) -1 || (tm.tm_mday != day && second != 60) || time - ahead < 0)
        return false;
    since->time = (uint64_t) (time - ahead) * 1000 + ms;
    return true;
}

const char *zt_since_read (const char *text, uint64_t now, zt_since_t *since)
{
    *since = (zt_since_t){.id = 0};
    return s_number (text, now, since) || s_date (text, since)
               ? NULL
               : _ ("this is no id, and no time such as 10m, 2h, 1d, 2026-11-24 or "
                    "2026-11-24T18:30");
}
