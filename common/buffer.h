/*  SPDX-License-Identifier: MPL-2.0

    zt_buffer - bytes that grow

    A buffer is embedded in its owner: zeroed memory is a valid empty buffer.
    Appending keeps the bytes in one piece, so it may move them: a pointer into
    data lives until the next append. */

#ifndef ZT_BUFFER_H
#define ZT_BUFFER_H

#include "common/bytes.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
} zt_buffer_t;

/*  The most characters that zt_buffer_put_u64 appends: 2^64 - 1 has 20 digits. */
enum { ZT_U64_DIGITS = 20 };

/*  Makes room for size more bytes and returns the place where they go; size of
    the buffer is unchanged until the caller adds what it has written. */
char *zt_buffer_reserve (zt_buffer_t *self, size_t size);

/*  Append; they cannot fail (see alloc.h). */
void zt_buffer_put (zt_buffer_t *self, const void *data, size_t size);
void zt_buffer_put_bytes (zt_buffer_t *self, zt_bytes_t bytes);
void zt_buffer_put_string (zt_buffer_t *self, const char *string);
void zt_buffer_put_char (zt_buffer_t *self, char c);
void zt_buffer_put_u64 (zt_buffer_t *self, uint64_t number);
void zt_buffer_put_format (zt_buffer_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Writes number in decimal at to, without a NUL, and returns the place after it. */
char *zt_u64_write (char *to, uint64_t number);

/*  A view of what the buffer holds, until the next append. */
zt_bytes_t zt_buffer_bytes (const zt_buffer_t *self);

/*  Drops size bytes (at most all) from the front. */
void zt_buffer_consume (zt_buffer_t *self, size_t size);

/*  Empties the buffer and keeps its memory. */
void zt_buffer_clear (zt_buffer_t *self);

/*  Empties the buffer and frees its memory. */
void zt_buffer_free (zt_buffer_t *self);

/*  The bytes as a NUL-terminated string, owned by the buffer until the next append. */
const char *zt_buffer_string (zt_buffer_t *self);

#endif
