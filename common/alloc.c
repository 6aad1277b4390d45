/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *s_checked (void *memory)
{
    if (!memory) {
        fputs ("ztalk: out of memory\n", stderr);
        abort ();
    }
    return memory;
}

void *zt_alloc (size_t size)
{
    return s_checked (calloc (1, size ? size : 1));
}

void *zt_realloc (void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        s_checked (NULL);
    size_t bytes = count * size;
    return s_checked (realloc (old, bytes ? bytes : 1));
}

char *zt_strndup (const char *data, size_t size)
{
    char *copy = zt_alloc (size + 1);
    if (size)
        memcpy (copy, data, size);
    return copy;
}
