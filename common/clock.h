/*  SPDX-License-Identifier: MPL-2.0

    zt_clock - what time it is */

#ifndef ZT_CLOCK_H
#define ZT_CLOCK_H

#include <stdint.h>
#include <time.h>

/*  ms since the epoch, by the clock on the wall, which may be set back. */
uint64_t zt_clock_now (void);

/*  ms by a clock that nobody sets, for how long something takes. */
uint64_t zt_clock_monotonic (void);

/*  The same in us. */
uint64_t zt_clock_monotonic_us (void);

/*  Seconds from the epoch to a time of UTC, whose month is one. *utc is then the time that this is:
   the 31st of June is the 1st of July. */
time_t zt_clock_timegm (struct tm *utc);

#endif
