/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/pack.h"

#include <lz4.h>

/*  Below, there is little to find, and preparing to look for it costs as much as storing. */
enum { S_LEAST = 512 };

zt_bytes_t zt_pack (zt_buffer_t *to, zt_bytes_t bytes)
{
    if (bytes.size < S_LEAST || bytes.size > LZ4_MAX_INPUT_SIZE)
        return bytes;
    zt_buffer_clear (to);
    char *room = zt_buffer_reserve (to, bytes.size);
    int size = LZ4_compress_default (bytes.data, room, (int) bytes.size, (int) bytes.size - 1);
    if (size <= 0) /* it did not get smaller */
        return bytes;
    to->size = (size_t) size;
    return zt_buffer_bytes (to);
}

bool zt_unpack (zt_bytes_t packed, char *to, size_t size)
{
    if (packed.size == size) {
        memcpy (to, packed.data, size);
        return true;
    }
    return packed.size < size && size <= LZ4_MAX_INPUT_SIZE &&
           LZ4_decompress_safe (packed.data, to, (int) packed.size, (int) size) == (int) size;
}
