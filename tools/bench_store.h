/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_store - a place for a broker to keep its log and its key, for one round */

#ifndef ZT_BENCH_STORE_H
#define ZT_BENCH_STORE_H

#include "tools/bench_error.h"

/*  Zeroed memory is a valid store that was not made. */
typedef struct {
    char *directory; /* what -d of the broker gets; owned */
} zt_bench_store_t;

/*  Makes a temporary directory in $TMPDIR, or in /var/tmp: on many systems /tmp is in
    memory, which would be a fast disk. To be removed also when this returns false. */
bool zt_bench_store_make (zt_bench_store_t *self, zt_bench_error_t *error);

/*  Removes it with all that is in it. */
void zt_bench_store_remove (zt_bench_store_t *self);

/*  True if temporary directories are in memory, so that nothing is measured of a disk. */
bool zt_bench_store_in_memory (void);

#endif
