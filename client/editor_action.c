/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/editor_state.h"

#include "client/wrap.h"

/*  Movements */

static zt_editor_result_t s_move (zt_editor_t *self, zt_action_t action)
{
    zt_line_t *line = &self->draft.line;
    size_t at = line->cursor;
    switch (action) {
    case ZT_ACTION_LEFT:
        at = zt_line_before (line, at);
        break;
    case ZT_ACTION_RIGHT:
        at = zt_line_after (line, at);
        break;
    case ZT_ACTION_WORD_LEFT:
        at = zt_line_word_before (line, at);
        break;
    case ZT_ACTION_WORD_RIGHT:
        at = zt_line_word_after (line, at);
        break;
    case ZT_ACTION_HOME:
        at = zt_line_row_start (line, at);
        break;
    case ZT_ACTION_END:
        at = zt_line_row_end (line, at);
        break;
    default:
        at = action == ZT_ACTION_TOP ? 0 : line->text.size;
        break;
    }
    line->cursor = at;
    return ZT_EDITOR_CHANGED;
}

/*  The line that was sent before, or after. */
static zt_editor_result_t s_browse (zt_editor_t *self, bool is_up)
{
    zt_draft_t *draft = &self->draft;
    size_t end = zt_editor_history_end (&self->history), first = self->history.first;
    size_t number = draft->is_browsing ? draft->browsed : end;
    if (is_up ? number <= first : !draft->is_browsing)
        return ZT_EDITOR_UNUSED;
    if (!draft->is_browsing) {
        zt_buffer_clear (&draft->typed);
        zt_buffer_put_bytes (&draft->typed, zt_buffer_bytes (&draft->line.text));
        draft->is_browsing = true;
    }
    number = is_up ? number - 1 : number + 1;
    number = number < first ? first : number;
    draft->browsed = number;
    draft->is_browsing = number < end;
    zt_editor_replace (self, draft->is_browsing ? zt_editor_history_line (&self->history, number)
                                                : zt_buffer_bytes (&draft->typed));
    return ZT_EDITOR_CHANGED;
}

/*  How many bytes of what is drawn stand for the first size bytes of the line. */
static size_t s_drawn (const zt_editor_t *self, size_t size)
{
    zt_buffer_t drawn = {NULL, 0, 0};
    zt_glyph_safe (&drawn, zt_bytes_part (zt_buffer_bytes (&self->draft.line.text), 0, size),
                   &self->widths);
    size_t result = drawn.size;
    zt_buffer_free (&drawn);
    return result;
}

/*  The place in the line of what is drawn behind so many bytes. */
static size_t s_undrawn (const zt_editor_t *self, size_t size)
{
    const zt_line_t *line = &self->draft.line;
    zt_buffer_t drawn = {NULL, 0, 0};
    size_t at = 0;
    while (at < line->text.size && drawn.size < size) {
        size_t next = zt_line_after (line, at);
        zt_glyph_safe (&drawn, (zt_bytes_t){line->text.data + at, next - at}, &self->widths);
        at = next;
    }
    zt_buffer_free (&drawn);
    return at;
}

static zt_editor_result_t s_vertical (zt_editor_t *self, zt_action_t action)
{
    zt_line_t *line = &self->draft.line;
    bool is_up = action == ZT_ACTION_UP;
    zt_buffer_t drawn = {NULL, 0, 0};
    zt_glyph_safe (&drawn, zt_buffer_bytes (&line->text), &self->widths);
    zt_wrap_t wrap = {zt_buffer_bytes (&drawn), self->width, &self->widths};
    size_t row, column;
    zt_wrap_place (&wrap, s_drawn (self, line->cursor), &row, &column);
    if (self->last != ZT_ACTION_UP && self->last != ZT_ACTION_DOWN)
        self->column = column;
    zt_editor_result_t result = ZT_EDITOR_CHANGED;
    if (is_up ? row == 0 : row + 1 == zt_wrap_rows (&wrap))
        result = s_browse (self, is_up);
    else
        line->cursor =
            s_undrawn (self, zt_wrap_find (&wrap, is_up ? row - 1 : row + 1, self->column));
    zt_buffer_free (&drawn);
    return result;
}

/*  Changes */

static zt_editor_result_t s_edited (bool has_room)
{
    return has_room ? ZT_EDITOR_CHANGED : ZT_EDITOR_FULL;
}

static zt_editor_result_t s_newline (zt_editor_t *self, zt_action_t action)
{
    (void) action;
    return s_edited (zt_editor_edit (self, self->draft.line.cursor, 0, zt_bytes ("\n"), false));
}

static zt_editor_result_t s_delete (zt_editor_t *self, zt_action_t action)
{
    zt_line_t *line = &self->draft.line;
    size_t start = line->cursor, end = start;
    if (action == ZT_ACTION_BACKSPACE)
        start = zt_line_before (line, start);
    else if (line->text.size == 0)
        return ZT_EDITOR_UNUSED;
    else
        end = zt_line_after (line, end);
    return s_edited (zt_editor_edit (self, start, end - start, (zt_bytes_t){NULL, 0}, false));
}

static bool s_is_kill (zt_action_t action)
{
    return action == ZT_ACTION_WORD_BACKSPACE || action == ZT_ACTION_WORD_DELETE ||
           action == ZT_ACTION_KILL_START || action == ZT_ACTION_KILL_END;
}

/*  Deletes what can be put back. What is deleted in a row is put back as one. */
static zt_editor_result_t s_kill (zt_editor_t *self, zt_action_t action)
{
    zt_line_t *line = &self->draft.line;
    size_t start = line->cursor, end = start;
    if (action == ZT_ACTION_WORD_BACKSPACE)
        start = zt_line_word_before (line, start);
    else if (action == ZT_ACTION_KILL_START)
        start = zt_line_row_start (line, start);
    else if (action == ZT_ACTION_WORD_DELETE)
        end = zt_line_word_after (line, end);
    else if (end < line->text.size && line->text.data[end] == '\n')
        end++; /* at the end of a row its end goes, so that the next one can */
    else
        end = zt_line_row_end (line, end);
    if (start == end)
        return ZT_EDITOR_CHANGED;
    zt_buffer_t killed = {NULL, 0, 0};
    bool goes_on = s_is_kill (self->last);
    if (goes_on && start == line->cursor)
        zt_buffer_put_bytes (&killed, zt_buffer_bytes (&self->killed));
    zt_buffer_put (&killed, line->text.data + start, end - start);
    if (goes_on && start < line->cursor)
        zt_buffer_put_bytes (&killed, zt_buffer_bytes (&self->killed));
    zt_buffer_free (&self->killed);
    self->killed = killed;
    return s_edited (zt_editor_edit (self, start, end - start, (zt_bytes_t){NULL, 0}, false));
}

static zt_editor_result_t s_yank (zt_editor_t *self, zt_action_t action)
{
    (void) action;
    return s_edited (
        zt_editor_edit (self, self->draft.line.cursor, 0, zt_buffer_bytes (&self->killed), false));
}

static zt_editor_result_t s_transpose (zt_editor_t *self, zt_action_t action)
{
    (void) action;
    const zt_line_t *line = &self->draft.line;
    size_t middle = line->cursor;
    if (middle == zt_line_row_end (line, middle))
        middle = zt_line_before (line, middle);
    if (middle == zt_line_row_start (line, middle))
        return ZT_EDITOR_CHANGED;
    size_t start = zt_line_before (line, middle), end = zt_line_after (line, middle);
    zt_buffer_t swapped = {NULL, 0, 0};
    zt_buffer_put (&swapped, line->text.data + middle, end - middle);
    zt_buffer_put (&swapped, line->text.data + start, middle - start);
    bool has_room = zt_editor_edit (self, start, end - start, zt_buffer_bytes (&swapped), false);
    zt_buffer_free (&swapped);
    return s_edited (has_room);
}

static zt_editor_result_t s_undo (zt_editor_t *self, zt_action_t action)
{
    if (action == ZT_ACTION_UNDO)
        zt_undo_back (&self->draft.undo, &self->draft.line);
    else
        zt_undo_again (&self->draft.undo, &self->draft.line);
    return ZT_EDITOR_CHANGED;
}

/*  Completion */

static zt_editor_result_t s_complete (zt_editor_t *self, zt_action_t action,
                                      const zt_completion_lists_t *lists)
{
    zt_completion_t *completion = &self->completion;
    zt_line_t *line = &self->draft.line;
    bool goes_on = completion->count &&
                   (self->last == ZT_ACTION_COMPLETE || self->last == ZT_ACTION_COMPLETE_BACK);
    if (!goes_on &&
        zt_completion_begin (completion, zt_buffer_bytes (&line->text), line->cursor, lists) == 0)
        return ZT_EDITOR_UNUSED;
    /*  Undone as one step, however many were offered. The word itself was none. */
    if (goes_on && completion->at + 1 < completion->count)
        zt_undo_back (&self->draft.undo, line);
    zt_bytes_t offer = zt_completion_turn (completion, action == ZT_ACTION_COMPLETE);
    bool has_room =
        zt_editor_edit (self, completion->start, line->cursor - completion->start, offer, false);
    if (!has_room || completion->count == 2) /* the only one, and the word itself */
        zt_completion_clear (completion);
    return s_edited (has_room);
}

zt_editor_result_t zt_editor_act (zt_editor_t *self, zt_action_t action,
                                  const zt_completion_lists_t *lists)
{
    static zt_editor_result_t (*const acts[ZT_ACTION_COUNT]) (zt_editor_t *, zt_action_t) = {
        [ZT_ACTION_NEWLINE] = s_newline,
        [ZT_ACTION_LEFT] = s_move,
        [ZT_ACTION_RIGHT] = s_move,
        [ZT_ACTION_WORD_LEFT] = s_move,
        [ZT_ACTION_WORD_RIGHT] = s_move,
        [ZT_ACTION_HOME] = s_move,
        [ZT_ACTION_END] = s_move,
        [ZT_ACTION_TOP] = s_move,
        [ZT_ACTION_BOTTOM] = s_move,
        [ZT_ACTION_UP] = s_vertical,
        [ZT_ACTION_DOWN] = s_vertical,
        [ZT_ACTION_BACKSPACE] = s_delete,
        [ZT_ACTION_DELETE] = s_delete,
        [ZT_ACTION_WORD_BACKSPACE] = s_kill,
        [ZT_ACTION_WORD_DELETE] = s_kill,
        [ZT_ACTION_KILL_START] = s_kill,
        [ZT_ACTION_KILL_END] = s_kill,
        [ZT_ACTION_YANK] = s_yank,
        [ZT_ACTION_TRANSPOSE] = s_transpose,
        [ZT_ACTION_UNDO] = s_undo,
        [ZT_ACTION_REDO] = s_undo,
    };
    if (action == ZT_ACTION_COMPLETE || action == ZT_ACTION_COMPLETE_BACK)
        return s_complete (self, action, lists);
    return acts[action] ? acts[action](self, action) : ZT_EDITOR_UNUSED;
}
