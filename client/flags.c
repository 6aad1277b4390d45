/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/flags.h"

#include "common/alloc.h"

#include <stdlib.h>

typedef struct {
    char *folded;
    char *like;
} s_row_t;

struct zt_flags_t {
    zt_lookalike_t *lookalike;
    s_row_t rows[ZT_LOOKALIKES_MAX];
    size_t count;
};

zt_flags_t *zt_flags_new (void)
{
    zt_flags_t *self = zt_alloc (sizeof *self);
    self->lookalike = zt_lookalike_new ();
    return self;
}

void zt_flags_destroy (zt_flags_t **self_p)
{
    zt_flags_t *self = *self_p;
    if (!self)
        return;
    zt_flags_clear (self);
    zt_lookalike_destroy (&self->lookalike);
    free (self);
    *self_p = NULL;
}

const char *zt_flags_trouble (const zt_flags_t *self)
{
    return zt_lookalike_trouble (self->lookalike);
}

static const s_row_t *s_find (const zt_flags_t *self, zt_bytes_t folded)
{
    for (size_t i = 0; i < self->count; i++)
        if (zt_bytes_equal (zt_bytes (self->rows[i].folded), folded))
            return &self->rows[i];
    return NULL;
}

void zt_flags_add (zt_flags_t *self, const char *name, const char *like)
{
    zt_folded_t folded, other;
    if (self->count == ZT_LOOKALIKES_MAX || zt_name_fold (zt_bytes (name), &folded) ||
        zt_name_fold (zt_bytes (like), &other) ||
        s_find (self, (zt_bytes_t){folded.data, folded.size}))
        return;
    self->rows[self->count++] =
        (s_row_t){zt_strndup (folded.data, folded.size), zt_strndup (like, strlen (like))};
}

void zt_flags_clear (zt_flags_t *self)
{
    while (self->count) {
        s_row_t *row = &self->rows[--self->count];
        free (row->folded);
        free (row->like);
    }
}

zt_flag_t zt_flags_find (const zt_flags_t *self, zt_bytes_t name)
{
    zt_folded_t folded;
    const s_row_t *row = NULL;
    if (self->count && !zt_name_fold (name, &folded))
        row = s_find (self, (zt_bytes_t){folded.data, folded.size});
    return (zt_flag_t){.like = zt_bytes (row ? row->like : NULL),
                       .mixes = zt_lookalike_mixes_scripts (self->lookalike, name)};
}
