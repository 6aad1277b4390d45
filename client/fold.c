/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/fold.h"

#include <stdlib.h>
#include <utf8proc.h>

void zt_fold (zt_buffer_t *buffer, zt_bytes_t text)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t size =
        utf8proc_map ((const utf8proc_uint8_t *) text.data, (utf8proc_ssize_t) text.size, &folded,
                      (utf8proc_option_t) (UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    if (size < 0)
        zt_buffer_put_bytes (buffer, text);
    else
        zt_buffer_put (buffer, folded, (size_t) size);
    free (folded);
}

bool zt_fold_begins (zt_bytes_t text, zt_bytes_t folded)
{
    zt_buffer_t mine = {NULL, 0, 0};
    zt_fold (&mine, text);
    bool begins = mine.size >= folded.size &&
                  (!folded.size || memcmp (mine.data, folded.data, folded.size) == 0);
    zt_buffer_free (&mine);
    return begins;
}

bool zt_fold_has (zt_bytes_t text, zt_bytes_t folded)
{
    zt_buffer_t mine = {NULL, 0, 0};
    zt_fold (&mine, text);
    bool has = !folded.size || zt_bytes_find (zt_buffer_bytes (&mine), folded);
    zt_buffer_free (&mine);
    return has;
}
