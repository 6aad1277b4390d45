/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/undo.h"

#include "common/alloc.h"

#include <stdlib.h>

enum { S_BYTES_MOST = 4 << 20 };

struct zt_undo_step_t {
    size_t at;            /* where the two texts differ */
    zt_buffer_t removed;  /* what stood there before */
    zt_buffer_t inserted; /* what stands there after */
    size_t cursor_before;
    size_t cursor_after;
    bool is_typed;
};

static size_t s_bytes (const zt_undo_step_t *step)
{
    return sizeof *step + step->removed.capacity + step->inserted.capacity;
}

static void s_free_step (zt_undo_t *self, zt_undo_step_t *step)
{
    self->bytes -= s_bytes (step);
    zt_buffer_free (&step->removed);
    zt_buffer_free (&step->inserted);
}

/*  Forgets the steps that were taken back. */
static void s_cut (zt_undo_t *self)
{
    while (self->count > self->done)
        s_free_step (self, &self->steps[--self->count]);
}

void zt_undo_clear (zt_undo_t *self)
{
    self->done = 0;
    s_cut (self);
}

void zt_undo_free (zt_undo_t *self)
{
    zt_undo_clear (self);
    free (self->steps);
    *self = (zt_undo_t){NULL, 0, 0, 0, 0};
}

static zt_bytes_t s_part (const zt_buffer_t *text, size_t start, size_t end)
{
    return zt_bytes_part (zt_buffer_bytes (text), start, end - start);
}

/*  The step from one line to the other: all between what they have in common at
    the beginning and at the end. */
static zt_undo_step_t s_step (const zt_line_t *before, const zt_line_t *after)
{
    zt_undo_step_t step = {.cursor_before = before->cursor, .cursor_after = after->cursor};
    const zt_buffer_t *old = &before->text, *new = &after->text;
    size_t least = old->size < new->size ? old->size : new->size;
    size_t end = 0;
    while (step.at < least && old->data[step.at] == new->data[step.at])
        step.at++;
    while (end < least - step.at &&
           old->data[old->size - 1 - end] == new->data[new->size - 1 - end])
        end++;
    zt_buffer_put_bytes (&step.removed, s_part (old, step.at, old->size - end));
    zt_buffer_put_bytes (&step.inserted, s_part (new, step.at, new->size - end));
    return step;
}

/*  True if step goes on with what last typed, within a word and the spaces behind it. */
static bool s_goes_on (const zt_undo_step_t *last, const zt_undo_step_t *step)
{
    if (!last->is_typed || !step->is_typed || last->cursor_after != step->cursor_before ||
        step->removed.size || last->removed.size || !step->inserted.size ||
        step->at != last->at + last->inserted.size)
        return false;
    char end = last->inserted.size ? last->inserted.data[last->inserted.size - 1] : 'x';
    return (end != ' ' && end != '\n') || step->inserted.data[0] == ' ';
}

static void s_add (zt_undo_t *self, const zt_undo_step_t *step)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 32;
        self->steps = zt_realloc (self->steps, self->capacity, sizeof *self->steps);
    }
    self->steps[self->count++] = *step;
    self->bytes += s_bytes (step);
    size_t old = 0;
    while (self->bytes > S_BYTES_MOST && old + 1 < self->count)
        s_free_step (self, &self->steps[old++]);
    self->count -= old;
    if (old)
        memmove (self->steps, self->steps + old, self->count * sizeof *self->steps);
    self->done = self->count;
}

void zt_undo_note (zt_undo_t *self, const zt_line_t *before, const zt_line_t *after, bool is_typed)
{
    zt_undo_step_t step = s_step (before, after);
    step.is_typed = is_typed;
    s_cut (self);
    zt_undo_step_t *last = self->count ? &self->steps[self->count - 1] : NULL;
    if (last && s_goes_on (last, &step)) {
        self->bytes -= s_bytes (last);
        zt_buffer_put_bytes (&last->inserted, zt_buffer_bytes (&step.inserted));
        last->cursor_after = step.cursor_after;
        self->bytes += s_bytes (last);
    } else if (step.removed.size || step.inserted.size) {
        s_add (self, &step);
        return;
    }
    zt_buffer_free (&step.removed);
    zt_buffer_free (&step.inserted);
}

/*  Puts one text in the place of another, which has size bytes. They stand in lines
    that were clean, so this one is, too. */
static void s_replace (zt_line_t *line, size_t at, size_t size, const zt_buffer_t *by,
                       size_t cursor)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_bytes (&text, s_part (&line->text, 0, at));
    zt_buffer_put_bytes (&text, zt_buffer_bytes (by));
    zt_buffer_put_bytes (&text, s_part (&line->text, at + size, line->text.size));
    zt_buffer_free (&line->text);
    line->text = text;
    line->cursor = cursor;
}

bool zt_undo_back (zt_undo_t *self, zt_line_t *line)
{
    if (self->done == 0)
        return false;
    const zt_undo_step_t *step = &self->steps[--self->done];
    s_replace (line, step->at, step->inserted.size, &step->removed, step->cursor_before);
    return true;
}

bool zt_undo_again (zt_undo_t *self, zt_line_t *line)
{
    if (self->done == self->count)
        return false;
    const zt_undo_step_t *step = &self->steps[self->done++];
    s_replace (line, step->at, step->removed.size, &step->inserted, step->cursor_after);
    return true;
}
