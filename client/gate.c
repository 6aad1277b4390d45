/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/gate.h"

/*  FNV-1a: two that are taken for one cost a bell. */
static uint64_t s_key (zt_bytes_t from, bool is_private)
{
    uint64_t key = UINT64_C (0xCBF29CE484222325);
    for (size_t i = 0; i < from.size; i++)
        key = (key ^ (unsigned char) from.data[i]) * UINT64_C (0x100000001B3);
    return is_private ? ~key : key;
}

bool zt_gate_pass (zt_gate_t *self, zt_bytes_t from, bool is_private, int64_t now)
{
    uint64_t key = s_key (from, is_private);
    size_t room = ZT_GATE_CALLS;
    for (size_t i = 0; i < ZT_GATE_CALLS; i++) {
        bool is_over = now >= self->calls[i].until;
        if (!is_over && self->calls[i].key == key)
            return false;
        if (is_over)
            room = i;
    }
    if (room == ZT_GATE_CALLS)
        return false;
    self->calls[room].key = key;
    self->calls[room].until = now + ZT_GATE_MS;
    return true;
}
