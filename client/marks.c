/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/marks.h"

#include "common/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { S_FEW = 64 };

struct zt_marks_row_t {
    uint64_t id;
    zt_mark_t mark;
    zt_buffer_t kept; /* a message, as it came; or empty */
};

/*  Where the id is, or would be. */
static size_t s_place (const zt_marks_t *self, uint64_t id)
{
    size_t low = 0, high = self->count;
    /*  They come in order, so mostly it is behind the last one. */
    if (high && self->rows[high - 1].id < id)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->rows[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool s_is_there (const zt_marks_t *self, size_t place, uint64_t id)
{
    return place < self->count && self->rows[place].id == id;
}

zt_mark_t zt_marks_find (const zt_marks_t *self, uint64_t id)
{
    size_t place = s_place (self, id);
    return s_is_there (self, place, id) ? self->rows[place].mark : ZT_MARK_NONE;
}

static void s_remove (zt_marks_t *self, size_t place, size_t count)
{
    for (size_t i = place; i < place + count; i++)
        zt_buffer_free (&self->rows[i].kept);
    self->count -= count;
    memmove (self->rows + place, self->rows + place + count,
             (self->count - place) * sizeof *self->rows);
}

void zt_marks_set (zt_marks_t *self, uint64_t id, zt_mark_t mark)
{
    size_t place = s_place (self, id);
    bool is_there = s_is_there (self, place, id);
    if (mark == ZT_MARK_NONE) {
        if (is_there)
            s_remove (self, place, 1);
        return;
    }
    if (!is_there) {
        if (self->count == self->capacity) {
            self->capacity = self->capacity ? self->capacity * 2 : S_FEW;
            self->rows = zt_realloc (self->rows, self->capacity, sizeof *self->rows);
        }
        memmove (self->rows + place + 1, self->rows + place,
                 (self->count - place) * sizeof *self->rows);
        self->count++;
        self->rows[place] = (struct zt_marks_row_t){.id = id};
    }
    if (self->rows[place].mark != mark)
        zt_buffer_free (&self->rows[place].kept);
    self->rows[place].mark = mark;
}

void zt_marks_keep (zt_marks_t *self, uint64_t id, zt_bytes_t message)
{
    size_t place = s_place (self, id);
    if (!s_is_there (self, place, id))
        return;
    zt_buffer_clear (&self->rows[place].kept);
    zt_buffer_put_bytes (&self->rows[place].kept, message);
}

zt_buffer_t zt_marks_take (zt_marks_t *self, uint64_t id)
{
    zt_buffer_t kept = {NULL, 0, 0};
    size_t place = s_place (self, id);
    if (s_is_there (self, place, id)) {
        kept = self->rows[place].kept;
        self->rows[place].kept = (zt_buffer_t){NULL, 0, 0};
    }
    return kept;
}

static bool s_is_passed (zt_mark_t mark)
{
    return mark == ZT_MARK_DONE || mark == ZT_MARK_RETURNED;
}

uint64_t zt_marks_settle (zt_marks_t *self, uint64_t arrived)
{
    size_t done = 0;
    while (done < self->count && s_is_passed (self->rows[done].mark) &&
           self->rows[done].id <= arrived)
        done++;
    uint64_t id = done ? self->rows[done - 1].id : 0;
    if (done)
        s_remove (self, 0, done);
    return id;
}

void zt_marks_forget (zt_marks_t *self, uint64_t id)
{
    size_t count = 0;
    while (count < self->count && self->rows[count].id <= id)
        count++;
    if (count)
        s_remove (self, 0, count);
}

uint64_t zt_marks_done (const zt_marks_t *self, size_t i)
{
    for (size_t at = 0; at < self->count; at++)
        if (self->rows[at].mark == ZT_MARK_DONE && i-- == 0)
            return self->rows[at].id;
    return 0;
}

void zt_marks_clear (zt_marks_t *self)
{
    if (self->count)
        s_remove (self, 0, self->count);
    free (self->rows);
    *self = (zt_marks_t){NULL, 0, 0};
}
