/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/utf8.h"

#include <utf8proc.h>

size_t zt_utf8_read (const char *data, size_t size, uint32_t *code_point)
{
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *) data;
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    utf8proc_int32_t read = -1;
    utf8proc_ssize_t used = utf8proc_iterate (bytes, (utf8proc_ssize_t) size, &read);
    if (used <= 0)
        return 0;
    *code_point = (uint32_t) read;
    return (size_t) used;
}

bool zt_utf8_valid (zt_bytes_t text)
{
    uint32_t ignored;
    for (size_t at = 0; at < text.size;) {
        size_t used = zt_utf8_read (text.data + at, text.size - at, &ignored);
        if (used == 0)
            return false;
        at += used;
    }
    return true;
}
