/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/receipts.h"

#include "common/alloc.h"

#include <stdlib.h>

/*  The row of a name, made if it is not there; NULL if it is no name. */
static zt_receipt_t *s_row (zt_receipts_t *self, zt_bytes_t name)
{
    zt_folded_t folded;
    if (zt_name_fold (name, &folded))
        return NULL;
    for (size_t i = 0; i < self->count; i++) {
        zt_receipt_t *row = &self->rows[i];
        if (row->name.size == folded.size && memcmp (row->name.data, folded.data, folded.size) == 0)
            return row;
    }
    if (!self->rows)
        self->rows = zt_alloc (ZT_RECEIPTS_MAX * sizeof *self->rows);
    size_t place = self->count;
    if (self->count < ZT_RECEIPTS_MAX)
        self->count++;
    else {
        place = self->oldest;
        self->oldest = (self->oldest + 1) % ZT_RECEIPTS_MAX;
    }
    if (self->rows[place].news)
        self->news--;
    self->rows[place] = (zt_receipt_t){.name = folded};
    return &self->rows[place];
}

static void s_is_news (zt_receipts_t *self, zt_receipt_t *row)
{
    if (!row->news)
        self->news++;
    row->news = true;
}

void zt_receipts_sent (zt_receipts_t *self, zt_bytes_t name, uint64_t id)
{
    zt_receipt_t *row = s_row (self, name);
    if (!row)
        return;
    if (row->shown_size == 0) {
        memcpy (row->shown, name.data, name.size);
        row->shown_size = name.size;
    }
    if (id > row->sent)
        row->sent = id;
    if (id <= row->received)
        s_is_news (self, row);
    else if (row->open == 0)
        row->open = id;
}

void zt_receipts_received (zt_receipts_t *self, zt_bytes_t name, uint64_t id)
{
    zt_receipt_t *row = s_row (self, name);
    if (!row)
        return;
    memcpy (row->shown, name.data, name.size);
    row->shown_size = name.size;
    if (id > row->received)
        row->received = id;
    if (row->open == 0 || id < row->open)
        return;
    /*  Ids grow, so what is above the receipt has the next ones. */
    row->open = row->sent > id ? id + 1 : 0;
    s_is_news (self, row);
}

bool zt_receipts_news (zt_receipts_t *self, zt_bytes_t *name, uint64_t *id)
{
    for (size_t i = 0; self->news && i < self->count; i++) {
        zt_receipt_t *row = &self->rows[i];
        if (!row->news)
            continue;
        row->news = false;
        self->news--;
        *name = (zt_bytes_t){row->shown, row->shown_size};
        *id = row->received;
        return true;
    }
    return false;
}

void zt_receipts_clear (zt_receipts_t *self)
{
    free (self->rows);
    *self = (zt_receipts_t){NULL, 0, 0, 0};
}
