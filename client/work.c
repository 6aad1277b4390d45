/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/work.h"

#include "common/alloc.h"

#include <stdlib.h>

enum { S_FEW = 16 };

void zt_work_add (zt_work_t *self, uint64_t id, size_t size, const char *back, zt_bytes_t line)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : S_FEW;
        self->items = zt_realloc (self->items, self->capacity, sizeof *self->items);
    }
    self->items[self->count++] = (zt_work_item_t){.id = id,
                                                  .size = size,
                                                  .back = zt_strndup (back, strlen (back)),
                                                  .line = zt_strndup (line.data, line.size)};
    self->bytes += size;
}

zt_work_item_t *zt_work_find (const zt_work_t *self, uint64_t id)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].id == id)
            return &self->items[i];
    return NULL;
}

zt_work_item_t *zt_work_find_ref (const zt_work_t *self, uint64_t ref)
{
    for (size_t i = 0; ref && i < self->count; i++)
        if (self->items[i].ref == ref)
            return &self->items[i];
    return NULL;
}

zt_work_item_t *zt_work_waiting (const zt_work_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].state == ZT_WORK_WAITING)
            return &self->items[i];
    return NULL;
}

void zt_work_set (zt_work_t *self, zt_work_item_t *item, zt_work_state_t state)
{
    self->given += (state == ZT_WORK_GIVEN);
    self->given -= (item->state == ZT_WORK_GIVEN);
    self->bytes -= item->state == ZT_WORK_ANSWERED ? 0 : item->size;
    self->bytes += state == ZT_WORK_ANSWERED ? 0 : item->size;
    item->state = state;
}

static void s_free (zt_work_item_t *item)
{
    free (item->back);
    free (item->line);
}

void zt_work_remove (zt_work_t *self, zt_work_item_t *item)
{
    zt_work_set (self, item, ZT_WORK_ANSWERED); /* counted no more */
    s_free (item);
    size_t place = (size_t) (item - self->items);
    self->count--;
    memmove (item, item + 1, (self->count - place) * sizeof *item);
}

void zt_work_take_back (zt_work_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].state == ZT_WORK_GIVEN)
            zt_work_set (self, &self->items[i], ZT_WORK_WAITING);
}

void zt_work_clear (zt_work_t *self)
{
    while (self->count)
        s_free (&self->items[--self->count]);
    free (self->items);
    *self = (zt_work_t){.items = NULL};
}
