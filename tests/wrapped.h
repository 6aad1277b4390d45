/*  SPDX-License-Identifier: MPL-2.0

    zt_wrapped - do tests run under a wrapper, valgrind say? It takes some fifty times as long,
    so that what is tried over and over is tried less often there. */

#ifndef ZT_WRAPPED_H
#define ZT_WRAPPED_H

#include <stdbool.h>
#include <stdlib.h>

static inline bool zt_wrapped (void)
{
    const char *wrapper = getenv ("ZTALK_WRAPPER");
    return wrapper && *wrapper;
}

#endif
