/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/tail.h"

#include "common/alloc.h"

#include <stdlib.h>

zt_slice_t *zt_tail_slice (const zt_tail_t *self, size_t index)
{
    return self->slices[(self->first + index) % self->capacity];
}

void zt_tail_init (zt_tail_t *self, size_t most, uint64_t last_id)
{
    *self = (zt_tail_t){.most = most, .after = last_id};
}

static void s_drop_oldest (zt_tail_t *self)
{
    zt_slice_t *oldest = zt_tail_slice (self, 0);
    self->bytes -= zt_slice_memory (oldest);
    self->after = oldest->last_id;
    zt_slice_unref (&oldest);
    self->first = (self->first + 1) % self->capacity;
    self->n--;
}

void zt_tail_clear (zt_tail_t *self)
{
    while (self->n > 0)
        s_drop_oldest (self);
    free (self->slices);
    self->slices = NULL;
    self->capacity = 0;
}

void zt_tail_add (zt_tail_t *self, zt_slice_t *slice)
{
    if (self->n == self->capacity) {
        size_t capacity = self->capacity ? self->capacity * 2 : 64;
        zt_slice_t **slices = zt_alloc (capacity * sizeof *slices);
        for (size_t i = 0; i < self->n; i++)
            slices[i] = zt_tail_slice (self, i);
        free (self->slices);
        self->slices = slices;
        self->capacity = capacity;
        self->first = 0;
    }
    self->slices[(self->first + self->n++) % self->capacity] = zt_slice_ref (slice);
    self->bytes += zt_slice_memory (slice);
    while (self->bytes > self->most && self->n > 1)
        s_drop_oldest (self);
}

void zt_tail_trim (zt_tail_t *self, uint64_t trimmed_to)
{
    while (self->n > 0 && zt_tail_slice (self, 0)->last_id <= trimmed_to)
        s_drop_oldest (self);
}

size_t zt_tail_find (const zt_tail_t *self, uint64_t after)
{
    size_t low = 0, high = self->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zt_tail_slice (self, middle)->last_id > after)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool zt_tail_read (const zt_tail_t *self, uint64_t after, size_t bytes, zt_completion_t *completion)
{
    if (after < self->after)
        return false;
    completion->read_to = after;
    size_t index = zt_tail_find (self, after);
    if (index == self->n)
        return true;
    completion->slices = zt_alloc (ZT_READ_SLICES * sizeof *completion->slices);
    for (size_t read = 0; index < self->n && completion->n < ZT_READ_SLICES && read < bytes;) {
        zt_slice_t *slice = zt_tail_slice (self, index++);
        read += slice->size;
        completion->slices[completion->n++] = zt_slice_ref (slice);
        completion->read_to = slice->last_id;
    }
    return true;
}
