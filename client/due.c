/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/due.h"

#include "common/alloc.h"

#include <stdlib.h>

enum { S_FEW = 64 };

struct zt_due_entry_t {
    uint64_t item;
    uint64_t seen; /* or 0 */
    size_t size;   /* of its records */
};

/*  A new entry at the end. Room at the front is used again when it is the larger half. */
static struct zt_due_entry_t *s_add (zt_due_t *self, uint64_t item)
{
    if (self->count == self->capacity && self->first > self->capacity / 2) {
        self->count -= self->first;
        memmove (self->entries, self->entries + self->first, self->count * sizeof *self->entries);
        self->first = 0;
    } else if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : S_FEW;
        struct zt_due_entry_t *entries = zt_alloc (self->capacity * sizeof *entries);
        if (self->count)
            memcpy (entries, self->entries, self->count * sizeof *entries);
        free (self->entries);
        self->entries = entries;
    }
    struct zt_due_entry_t *entry = &self->entries[self->count++];
    *entry = (struct zt_due_entry_t){.item = item};
    return entry;
}

void zt_due_add_seen (zt_due_t *self, uint64_t item, uint64_t id)
{
    s_add (self, item)->seen = id;
}

void zt_due_add_record (zt_due_t *self, uint64_t item, const zt_message_t *record)
{
    size_t before = self->records.size;
    zt_wire_put (&self->records, record);
    s_add (self, item)->size = self->records.size - before;
}

void zt_due_take (zt_due_t *self, uint64_t item, zt_buffer_t *journal, uint64_t *seen)
{
    size_t size = 0;
    for (; self->first < self->count && self->entries[self->first].item <= item; self->first++) {
        const struct zt_due_entry_t *entry = &self->entries[self->first];
        size += entry->size;
        if (entry->seen > *seen)
            *seen = entry->seen;
    }
    if (self->first == self->count)
        self->first = self->count = 0;
    if (size == 0)
        return;
    zt_buffer_put (journal, self->records.data, size);
    zt_buffer_consume (&self->records, size);
}

bool zt_due_is_empty (const zt_due_t *self)
{
    return self->first == self->count;
}

void zt_due_clear (zt_due_t *self)
{
    free (self->entries);
    zt_buffer_free (&self->records);
    *self = (zt_due_t){.entries = NULL};
}
