/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/people.h"

#include "common/alloc.h"

#include <stdlib.h>

enum { S_FEW = 16 }; /* so many are put where they belong, one after the other */

static zt_bytes_t s_key (const zt_person_t *row)
{
    return (zt_bytes_t){row->block, row->key_size};
}

/*  Appends the key of a name that is clean; false if it is none. */
static bool s_put_key (const zt_collation_t *collation, zt_bytes_t name, zt_buffer_t *key)
{
    zt_folded_t folded;
    zt_collation_fold (name, &folded);
    if (folded.size)
        zt_collation_key (collation, &folded, key);
    return folded.size > 0;
}

/*  The place of the first one whose key is not below. */
static size_t s_place (const zt_people_t *self, zt_bytes_t key)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zt_collation_compare (s_key (&self->rows[middle]), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool s_is_at (const zt_people_t *self, size_t place, zt_bytes_t key)
{
    return place < self->count && zt_bytes_equal (s_key (&self->rows[place]), key);
}

/*  A row for the name at the index of an item; one without a block if it is none. */
static zt_person_t s_row (const zt_collation_t *collation, const zt_item_t *item, size_t i)
{
    zt_person_t row = {NULL, 0, 0, 0};
    zt_buffer_t name = {NULL, 0, 0};
    zt_buffer_t block = {NULL, 0, 0};
    zt_collation_clean (zt_bytes (item->names[i]), &name);
    if (s_put_key (collation, zt_buffer_bytes (&name), &block)) {
        row.key_size = (uint16_t) block.size;
        row.name_size = (uint16_t) name.size;
        zt_buffer_put_bytes (&block, zt_buffer_bytes (&name));
        size_t before = block.size;
        if (item->flags)
            zt_collation_put_flag (&item->flags[i], &block);
        row.flag_size = (uint16_t) (block.size - before);
        row.block = zt_strndup (block.data, block.size);
    }
    zt_buffer_free (&block);
    zt_buffer_free (&name);
    return row;
}

static void s_put (zt_people_t *self, size_t place, zt_person_t row)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        self->rows = zt_realloc (self->rows, self->capacity, sizeof *self->rows);
    }
    memmove (self->rows + place + 1, self->rows + place,
             (self->count - place) * sizeof *self->rows);
    self->rows[place] = row;
    self->count++;
}

static int s_compare (const void *a, const void *b)
{
    return zt_collation_compare (s_key (a), s_key (b));
}

/*  Sorts what was put at the end; of two that are the same one stays. */
static void s_sort (zt_people_t *self)
{
    if (self->count == 0)
        return;
    qsort (self->rows, self->count, sizeof *self->rows, s_compare);
    size_t kept = 1;
    for (size_t i = 1; i < self->count; i++) {
        if (s_compare (&self->rows[kept - 1], &self->rows[i]) == 0)
            free (self->rows[i].block);
        else
            self->rows[kept++] = self->rows[i];
    }
    self->count = kept;
}

void zt_people_add (zt_people_t *self, const zt_collation_t *collation, const zt_item_t *item)
{
    bool are_few = item->names_count <= S_FEW;
    for (size_t i = 0; i < item->names_count; i++) {
        zt_person_t row = s_row (collation, item, i);
        if (!row.block)
            continue;
        size_t place = are_few ? s_place (self, s_key (&row)) : self->count;
        if (are_few && s_is_at (self, place, s_key (&row))) {
            free (self->rows[place].block);
            self->rows[place] = row;
        } else
            s_put (self, place, row);
    }
    if (!are_few)
        s_sort (self);
}

void zt_people_remove (zt_people_t *self, const zt_collation_t *collation, const zt_item_t *item)
{
    bool *leaves = zt_alloc (self->count * sizeof *leaves);
    for (size_t i = 0; i < item->names_count; i++) {
        size_t place;
        if (zt_people_find (self, collation, zt_bytes (item->names[i]), &place))
            leaves[place] = true;
    }
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (leaves[i])
            free (self->rows[i].block);
        else
            self->rows[kept++] = self->rows[i];
    }
    self->count = kept;
    free (leaves);
}

bool zt_people_find (const zt_people_t *self, const zt_collation_t *collation, zt_bytes_t name,
                     size_t *i)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_buffer_t key = {NULL, 0, 0};
    zt_collation_clean (name, &clean);
    bool found = s_put_key (collation, zt_buffer_bytes (&clean), &key);
    if (found) {
        *i = s_place (self, zt_buffer_bytes (&key));
        found = s_is_at (self, *i, zt_buffer_bytes (&key));
    }
    zt_buffer_free (&key);
    zt_buffer_free (&clean);
    return found;
}

zt_bytes_t zt_people_name (const zt_people_t *self, size_t i)
{
    const zt_person_t *row = &self->rows[i];
    return (zt_bytes_t){row->block + row->key_size, row->name_size};
}

zt_bytes_t zt_people_flag (const zt_people_t *self, size_t i)
{
    const zt_person_t *row = &self->rows[i];
    return (zt_bytes_t){row->block + row->key_size + row->name_size, row->flag_size};
}

void zt_people_clear (zt_people_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->rows[i].block);
    free (self->rows);
    *self = (zt_people_t){NULL, 0, 0};
}
