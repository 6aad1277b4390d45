/*  SPDX-License-Identifier: MPL-2.0

    zt_bytes - a view of bytes that somebody else owns

    A peer's bytes are not strings: they may hold zeros, and they end where
    their size says. A view never owns; the text beside each function that
    returns one tells how long it may be used. */

#ifndef ZT_BYTES_H
#define ZT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    const char *data; /* may be NULL only when size is 0 */
    size_t size;      /* bytes */
} zt_bytes_t;

/*  A view of a string literal, usable as an initializer. */
#define ZT_LITERAL(text)                                                                           \
    {                                                                                              \
        "" text, sizeof (text) - 1                                                                 \
    }

/*  A view of a NUL-terminated string; NULL gives the empty view. */
static inline zt_bytes_t zt_bytes (const char *string)
{
    return (zt_bytes_t){string, string ? strlen (string) : 0};
}

/*  size bytes of it, from start on; they are there. The empty view has an empty part. */
static inline zt_bytes_t zt_bytes_part (zt_bytes_t bytes, size_t start, size_t size)
{
    return (zt_bytes_t){bytes.data ? bytes.data + start : NULL, size};
}

/*  Where what is first found in it; NULL if it is not there. Nothing is found at the beginning,
    which of the empty view may be NULL. */
const char *zt_bytes_find (zt_bytes_t in, zt_bytes_t what);

/*  Where the last such byte is in it; NULL if there is none. */
const char *zt_bytes_last (zt_bytes_t in, char what);

static inline bool zt_bytes_equal (zt_bytes_t a, zt_bytes_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

#endif
