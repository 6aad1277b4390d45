/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/collation.h"

#include "common/alloc.h"
#include "common/text.h"

#include <stdlib.h>
#include <unicode/ucol.h>
#include <unicode/ustring.h>

struct zt_collation_t {
    UCollator *collator; /* NULL if ICU has no data */
};

zt_collation_t *zt_collation_new (void)
{
    zt_collation_t *self = zt_alloc (sizeof *self);
    UErrorCode status = U_ZERO_ERROR;
    self->collator = ucol_open ("", &status); /* the root, and not what the environment says */
    if (U_FAILURE (status)) {
        ucol_close (self->collator);
        self->collator = NULL;
    }
    return self;
}

void zt_collation_destroy (zt_collation_t **self_p)
{
    zt_collation_t *self = *self_p;
    if (!self)
        return;
    ucol_close (self->collator);
    free (self);
    *self_p = NULL;
}

/*  Appends ICU's key, which has no zero in it. */
static void s_put_key (const zt_collation_t *self, const zt_folded_t *name, zt_buffer_t *key)
{
    UChar text[ZT_FOLDED_BYTES];
    int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8 (text, ZT_FOLDED_BYTES, &size, name->data, (int32_t) name->size, &status);
    if (U_FAILURE (status) || !self->collator)
        return;
    int32_t room = 4 * size + 16; /* enough for most */
    for (;;) {
        uint8_t *to = (uint8_t *) zt_buffer_reserve (key, (size_t) room);
        int32_t used = ucol_getSortKey (self->collator, text, size, to, room);
        if (used <= room) {
            key->size += used > 0 ? (size_t) used - 1 : 0;
            return;
        }
        room = used;
    }
}

void zt_collation_key (const zt_collation_t *self, const zt_folded_t *name, zt_buffer_t *key)
{
    s_put_key (self, name, key);
    zt_buffer_put_char (key, '\0');
    /*  The collation takes some names for the same that are not. */
    zt_buffer_put (key, name->data, name->size);
}

int zt_collation_compare (zt_bytes_t a, zt_bytes_t b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp (a.data, b.data, size) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

void zt_collation_clean (zt_bytes_t name, zt_buffer_t *clean)
{
    size_t most = ZT_NAME_BYTES + 1; /* with its sign; a longer one is none */
    if (name.size > most)
        name.size = most;
    zt_text_clean (clean, name, ZT_TEXT_LINE);
}

void zt_collation_put_flag (const zt_flag_t *flag, zt_buffer_t *buffer)
{
    if (!flag)
        return;
    zt_flag_t cut = *flag;
    if (cut.like.size > ZT_NAME_BYTES)
        cut.like.size = ZT_NAME_BYTES;
    zt_flag_put (buffer, &cut);
}

void zt_collation_fold (zt_bytes_t name, zt_folded_t *folded)
{
    if (zt_name_fold (name, folded))
        folded->size = zt_text_fold (name, folded->data, sizeof folded->data);
}
