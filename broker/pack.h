/*  SPDX-License-Identifier: MPL-2.0

    zt_pack - slices made small for the disk

    Headers and JSON repeat themselves: LZ4 makes a third to a sixth of them, and is
    several times as fast as writing, checkpointing and reading what it saves. */

#ifndef ZT_PACK_H
#define ZT_PACK_H

#include "common/buffer.h"

/*  Returns the bytes packed, in `to`, whose old contents go; or just the bytes, where
    packing saves nothing. Which of them it is, is told by the size. */
zt_bytes_t zt_pack (zt_buffer_t *to, zt_bytes_t bytes);

/*  Writes the `size` bytes that were packed to `to`. False if that is not what was
    packed: any bytes may be given. */
bool zt_unpack (zt_bytes_t packed, char *to, size_t size);

#endif
