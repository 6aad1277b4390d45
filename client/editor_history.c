/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/editor_history.h"

#include "client/fold.h"
#include "common/alloc.h"

#include <stdlib.h>

enum { S_LINES_MOST = 1000, S_BYTES_MOST = 1 << 20 };

void zt_editor_history_free (zt_editor_history_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        zt_buffer_free (&self->lines[i]);
    free (self->lines);
    *self = (zt_editor_history_t){NULL, 0, 0, 0, 0};
}

static void s_forget_first (zt_editor_history_t *self)
{
    self->bytes -= self->lines[0].capacity;
    zt_buffer_free (&self->lines[0]);
    self->count--;
    self->first++;
    memmove (self->lines, self->lines + 1, self->count * sizeof *self->lines);
}

void zt_editor_history_add (zt_editor_history_t *self, zt_bytes_t line)
{
    size_t end = zt_editor_history_end (self);
    if (line.size == 0 ||
        (self->count && zt_bytes_equal (zt_editor_history_line (self, end - 1), line)))
        return;
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 32;
        self->lines = zt_realloc (self->lines, self->capacity, sizeof *self->lines);
    }
    zt_buffer_t *added = &self->lines[self->count++];
    *added = (zt_buffer_t){NULL, 0, 0};
    zt_buffer_put_bytes (added, line);
    self->bytes += added->capacity;
    while (self->count > S_LINES_MOST || (self->bytes > S_BYTES_MOST && self->count > 1))
        s_forget_first (self);
}

size_t zt_editor_history_end (const zt_editor_history_t *self)
{
    return self->first + self->count;
}

zt_bytes_t zt_editor_history_line (const zt_editor_history_t *self, size_t number)
{
    if (number < self->first || number >= zt_editor_history_end (self))
        return (zt_bytes_t){NULL, 0};
    return zt_buffer_bytes (&self->lines[number - self->first]);
}

bool zt_editor_history_find (const zt_editor_history_t *self, zt_bytes_t query, size_t *number)
{
    size_t at = *number < zt_editor_history_end (self) ? *number : zt_editor_history_end (self);
    zt_buffer_t folded = {NULL, 0, 0};
    zt_fold (&folded, query);
    bool is_found = false;
    while (!is_found && at > self->first)
        is_found = zt_fold_has (zt_editor_history_line (self, --at), zt_buffer_bytes (&folded));
    if (is_found)
        *number = at;
    zt_buffer_free (&folded);
    return is_found;
}
