/*  SPDX-License-Identifier: MPL-2.0

    zt_alloc - memory, or the end of the process

    What a peer can make us hold is bounded by limits.h, so an allocation that
    fails means that the machine is out of memory, and there is nothing sensible
    left to do in the middle of a routing decision. These functions therefore
    never return NULL: they print one sentence to stderr and abort. */

#ifndef ZT_ALLOC_H
#define ZT_ALLOC_H

#include <stddef.h>

/*  size bytes, zeroed. The caller owns them and frees them with free (). */
void *zt_alloc (size_t size);

/*  Resizes old (or NULL) to count elements of size bytes each; what is new is
    not zeroed. Aborts if count * size overflows. The caller owns the result,
    and old is gone. */
void *zt_realloc (void *old, size_t count, size_t size);

/*  A NUL-terminated copy of size bytes. The caller owns it. */
char *zt_strndup (const char *data, size_t size);

#endif
