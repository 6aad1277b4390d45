/*  SPDX-License-Identifier: MPL-2.0

    zt_since_read - from where on, as it is typed

        7150000000000001           behind this id
        1732480000000              a time in ms, as --json prints it: 13 or 14 digits
        90s 10m 2h 1d 3w           so long ago
        2026-11-24                 that day, by the clock of this machine,
        2026-11-24T18:30[:05[.5]]  or a time of it; a space may stand for the T,
        2026-11-24T18:30Z          in UTC,
        2026-11-24T18:30+02:00     or as far from it */

#ifndef ZT_CLIENT_SINCE_H
#define ZT_CLIENT_SINCE_H

#include "client/core.h"

/*  Reads it; now is the time by the wall clock, in ms since the epoch. Returns NULL, or what is
    wrong with it, translated. */
const char *zt_since_read (const char *text, uint64_t now, zt_since_t *since);

#endif
