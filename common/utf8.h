/*  SPDX-License-Identifier: MPL-2.0

    zt_utf8 - is this UTF-8? */

#ifndef ZT_UTF8_H
#define ZT_UTF8_H

#include "common/bytes.h"

#include <stdint.h>

/*  Reads the code point at data, of size bytes (1 at least). Returns how many
    bytes it has and stores it in *code_point; or returns 0 when no valid
    sequence is there (overlong, surrogate, above U+10FFFF, cut off). */
size_t zt_utf8_read (const char *data, size_t size, uint32_t *code_point);

/*  True if all of it is valid UTF-8. */
bool zt_utf8_valid (zt_bytes_t text);

#endif
