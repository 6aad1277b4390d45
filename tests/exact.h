/*  SPDX-License-Identifier: MPL-2.0

    zt_exact - a copy that ends where it ends

    A string literal has a NUL behind it, and a buffer has room: a read beyond the
    end of either goes unnoticed. A copy of exactly its size does not forgive it
    under AddressSanitizer and valgrind. */

#ifndef ZT_EXACT_H
#define ZT_EXACT_H

#include "common/alloc.h"
#include "common/bytes.h"

#include <stdint.h>
#include <stdlib.h>

/*  A view of the characters of a string literal, zeros in it included. */
#define ZT_TEXT(literal) ((zt_bytes_t) ZT_LITERAL (literal))

/*  The caller frees the result with zt_exact_free. */
static inline zt_bytes_t zt_exact (zt_bytes_t bytes)
{
    char *copy = zt_realloc (NULL, bytes.size, 1);
    if (bytes.size)
        memcpy (copy, bytes.data, bytes.size);
    return (zt_bytes_t){copy, bytes.size};
}

static inline void zt_exact_free (zt_bytes_t copy)
{
    free ((void *) (uintptr_t) copy.data);
}

#endif
