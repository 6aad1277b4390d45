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
