/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store.h"

#include "common/alloc.h"

#include <stdlib.h>

void zt_records_add (zt_records_t *self, const zt_record_t *record)
{
    if (self->n == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 8;
        self->rows = zt_realloc (self->rows, self->capacity, sizeof *self->rows);
    }
    zt_record_t *row = &self->rows[self->n++];
    *row = *record;
    row->name = record->name ? zt_strndup (record->name, strlen (record->name)) : NULL;
}

void zt_records_clear (zt_records_t *self)
{
    for (uint32_t i = 0; i < self->n; i++) {
        free (self->rows[i].name);
    }
    free (self->rows);
    *self = (zt_records_t){NULL, 0, 0};
}

void zt_completion_clear (zt_completion_t *self)
{
    if (self->slice)
        zt_slice_unref (&self->slice);
    for (uint32_t i = 0; i < self->n && self->slices; i++)
        zt_slice_unref (&self->slices[i]);
    for (uint32_t i = 0; i < self->n && self->hits; i++)
        zt_slice_unref (&self->hits[i].slice);
    free (self->slices);
    free (self->hits);
    zt_records_clear (&self->records);
    *self = (zt_completion_t){.kind = self->kind};
}
