/*  SPDX-License-Identifier: MPL-2.0

    zt_store_memory - the log in memory

    For --ephemeral and for tests: it keeps the newest messages up to a bound,
    and forgets them all with the process. */

#ifndef ZT_STORE_MEMORY_H
#define ZT_STORE_MEMORY_H

#include "broker/store.h"

/*  A store that keeps at most `bytes` bytes of the newest slices, but one slice
    at least. The caller ends it with (*store->destroy) (&store). */
zt_store_t *zt_store_memory_new (size_t bytes);

#endif
