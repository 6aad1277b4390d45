/*  SPDX-License-Identifier: MPL-2.0

    zt_clock_text - a time for people */

#ifndef ZT_CLOCK_TEXT_H
#define ZT_CLOCK_TEXT_H

#include "common/bytes.h"
#include "common/clock.h"

/*  A time of zt_clock_now as people write it where we are: "2026-11-22 14:03:09", which is
    returned. */
enum { ZT_CLOCK_TEXT = 32, ZT_CLOCK_DATE = 11 }; /* so long is the date, with its space */
const char *zt_clock_text (char when[ZT_CLOCK_TEXT], uint64_t ms);

/*  The same as programs write it, in UTC: "2026-11-22T14:03:09Z". */
const char *zt_clock_utc (char when[ZT_CLOCK_TEXT], uint64_t ms);

/*  Reads what zt_clock_utc has written. False if it is none. */
bool zt_clock_read_utc (zt_bytes_t text, uint64_t *ms);

#endif
