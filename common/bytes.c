/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/bytes.h"

const char *zt_bytes_find (zt_bytes_t in, zt_bytes_t what)
{
    if (what.size == 0)
        return in.data;
    while (in.size >= what.size) {
        const char *first = memchr (in.data, what.data[0], in.size - what.size + 1);
        if (!first || memcmp (first, what.data, what.size) == 0)
            return first;
        in = zt_bytes_part (in, (size_t) (first + 1 - in.data),
                            in.size - (size_t) (first + 1 - in.data));
    }
    return NULL;
}

const char *zt_bytes_last (zt_bytes_t in, char what)
{
    while (in.size > 0)
        if (in.data[--in.size] == what)
            return in.data + in.size;
    return NULL;
}
