/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/buffer.h"

#include "common/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { S_FIRST_CAPACITY = 256 };

char *zt_buffer_reserve (zt_buffer_t *self, size_t size)
{
    size_t wanted = self->size + size;
    if (wanted < size || wanted > SIZE_MAX / 2)
        zt_realloc (NULL, SIZE_MAX, 2); /* more than there can be: ends with its sentence */
    if (wanted > self->capacity || !self->data) {
        size_t capacity = self->capacity ? self->capacity : S_FIRST_CAPACITY;
        while (capacity < wanted)
            capacity *= 2;
        self->data = zt_realloc (self->data, capacity, 1);
        self->capacity = capacity;
    }
    return self->data + self->size;
}

void zt_buffer_put (zt_buffer_t *self, const void *data, size_t size)
{
    if (size == 0)
        return;
    memcpy (zt_buffer_reserve (self, size), data, size);
    self->size += size;
}

void zt_buffer_put_bytes (zt_buffer_t *self, zt_bytes_t bytes)
{
    zt_buffer_put (self, bytes.data, bytes.size);
}

void zt_buffer_put_string (zt_buffer_t *self, const char *string)
{
    zt_buffer_put_bytes (self, zt_bytes (string));
}

void zt_buffer_put_char (zt_buffer_t *self, char c)
{
    *zt_buffer_reserve (self, 1) = c;
    self->size++;
}

char *zt_u64_write (char *to, uint64_t number)
{
    /*  Two digits a division: this runs three times for each message that is routed. */
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    char digits[ZT_U64_DIGITS];
    char *at = digits + sizeof digits;
    while (number >= 100) {
        at -= 2;
        memcpy (at, pairs + number % 100 * 2, 2);
        number /= 100;
    }
    if (number >= 10) {
        at -= 2;
        memcpy (at, pairs + number * 2, 2);
    } else
        *--at = (char) ('0' + number);
    size_t size = (size_t) (digits + sizeof digits - at);
    memcpy (to, at, size);
    return to + size;
}

void zt_buffer_put_u64 (zt_buffer_t *self, uint64_t number)
{
    char *to = zt_buffer_reserve (self, ZT_U64_DIGITS);
    self->size += (size_t) (zt_u64_write (to, number) - to);
}

void zt_buffer_put_format (zt_buffer_t *self, const char *format, ...)
{
    va_list args, again;
    va_start (args, format);
    va_copy (again, args);
    int size = vsnprintf (NULL, 0, format, args);
    va_end (args);
    if (size > 0) {
        char *to = zt_buffer_reserve (self, (size_t) size + 1);
        self->size += (size_t) vsnprintf (to, (size_t) size + 1, format, again);
    }
    va_end (again);
}

zt_bytes_t zt_buffer_bytes (const zt_buffer_t *self)
{
    return (zt_bytes_t){self->data, self->size};
}

void zt_buffer_consume (zt_buffer_t *self, size_t size)
{
    if (size >= self->size) {
        self->size = 0;
        return;
    }
    memmove (self->data, self->data + size, self->size - size);
    self->size -= size;
}

void zt_buffer_clear (zt_buffer_t *self)
{
    self->size = 0;
}

void zt_buffer_free (zt_buffer_t *self)
{
    free (self->data);
    *self = (zt_buffer_t){NULL, 0, 0};
}

const char *zt_buffer_string (zt_buffer_t *self)
{
    *zt_buffer_reserve (self, 1) = '\0';
    return self->data;
}
