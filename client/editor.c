/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/editor.h"

#include "client/editor_state.h"
#include "client/emoji.h"
#include "common/alloc.h"
#include "common/text.h"

#include <stdlib.h>

enum {
    S_WIDTH = 80,
    S_QUERY_MOST = 256, /* bytes of what is searched for */
    S_TYPED_MOST = 64   /* bytes that can come at once of fingers; more is a paste without marks */
};

/*  Drafts */

static void s_draft_free (zt_draft_t *self)
{
    zt_line_free (&self->line);
    zt_undo_free (&self->undo);
    zt_buffer_free (&self->typed);
    *self = (zt_draft_t){.is_browsing = false};
}

void zt_draft_destroy (zt_draft_t **self_p)
{
    if (*self_p)
        s_draft_free (*self_p);
    free (*self_p);
    *self_p = NULL;
}

static void s_end_search (zt_editor_t *self)
{
    self->is_search = false;
    zt_line_free (&self->query);
    self->has_found = false;
    self->is_search_over = false;
}

zt_draft_t *zt_editor_take (zt_editor_t *self)
{
    s_end_search (self);
    zt_completion_clear (&self->completion);
    self->last = ZT_ACTION_COUNT;
    zt_draft_t *draft = zt_alloc (sizeof *draft);
    *draft = self->draft;
    self->draft = (zt_draft_t){.is_browsing = false};
    return draft;
}

void zt_editor_put (zt_editor_t *self, zt_draft_t **draft_p)
{
    zt_draft_t *gone = zt_editor_take (self);
    zt_draft_destroy (&gone);
    if (*draft_p)
        self->draft = **draft_p;
    free (*draft_p);
    *draft_p = NULL;
}

zt_bytes_t zt_editor_unsent (const zt_editor_t *self, const zt_draft_t *draft)
{
    draft = draft ? draft : &self->draft;
    zt_bytes_t text = zt_buffer_bytes (&draft->line.text);
    bool was_sent = draft->is_browsing &&
                    zt_bytes_equal (text, zt_editor_history_line (&self->history, draft->browsed));
    return was_sent ? zt_buffer_bytes (&draft->typed) : text;
}

zt_editor_t *zt_editor_new (size_t most)
{
    zt_editor_t *self = zt_alloc (sizeof *self);
    self->most = most;
    self->width = S_WIDTH;
    self->widths = zt_widths_safe ();
    self->last = ZT_ACTION_COUNT;
    return self;
}

void zt_editor_destroy (zt_editor_t **self_p)
{
    zt_editor_t *self = *self_p;
    if (!self)
        return;
    s_end_search (self);
    s_draft_free (&self->draft);
    zt_editor_history_free (&self->history);
    zt_completion_clear (&self->completion);
    zt_buffer_free (&self->killed);
    zt_buffer_free (&self->given);
    free (self);
    *self_p = NULL;
}

void zt_editor_shape (zt_editor_t *self, size_t width, const zt_widths_t *widths)
{
    self->width = width;
    self->widths = *widths;
}

void zt_editor_remember (zt_editor_t *self, zt_bytes_t line)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_text_clean (&clean, line, ZT_TEXT_LINES);
    zt_editor_history_add (&self->history, zt_buffer_bytes (&clean));
    zt_buffer_free (&clean);
}

void zt_editor_view (const zt_editor_t *self, zt_editor_view_t *view)
{
    const zt_line_t *line = &self->draft.line;
    *view = (zt_editor_view_t){.text = zt_buffer_bytes (&line->text), .cursor = line->cursor};
    if (!self->is_search)
        return;
    view->is_search = true;
    view->query = zt_buffer_bytes (&self->query.text);
    view->is_found = self->has_found && !self->is_search_over;
    if (self->has_found) {
        view->text = zt_editor_history_line (&self->history, self->found);
        view->cursor = view->text.size;
    }
}

/*  Changes */

bool zt_editor_edit (zt_editor_t *self, size_t start, size_t size, zt_bytes_t bytes, bool is_typed)
{
    zt_line_t *line = &self->draft.line;
    zt_line_t before = {{NULL, 0, 0}, line->cursor};
    zt_buffer_put_bytes (&before.text, zt_buffer_bytes (&line->text));
    zt_line_replace (line, start, size, bytes);
    /*  What was too long already, and is getting shorter, may. */
    if (line->text.size > self->most && line->text.size > before.text.size) {
        zt_line_free (line);
        *line = before;
        return false;
    }
    zt_undo_note (&self->draft.undo, &before, line, is_typed);
    zt_line_free (&before);
    return true;
}

bool zt_editor_replace (zt_editor_t *self, zt_bytes_t bytes)
{
    return zt_editor_edit (self, 0, self->draft.line.text.size, bytes, false);
}

bool zt_editor_insert (zt_editor_t *self, zt_bytes_t text)
{
    self->last = ZT_ACTION_COUNT;
    return zt_editor_edit (self, self->draft.line.cursor, 0, text, false);
}

/*  A ':' was typed: if it ends a name of a picture, that takes its place. */
static void s_end_name (zt_editor_t *self)
{
    const zt_line_t *line = &self->draft.line;
    size_t end = line->cursor, start = end ? end - 1 : 0;
    if (end == 0 || line->text.data[start] != ':')
        return;
    while (start > 0 && zt_emoji_is_letter (line->text.data[start - 1]))
        start--;
    zt_emoji_t emoji;
    if (start > 0 && line->text.data[start - 1] == ':' &&
        zt_emoji_find ((zt_bytes_t){line->text.data + start, end - 1 - start}, &emoji))
        zt_editor_edit (self, start - 1, end - start + 1, zt_bytes (emoji.text), false);
}

static zt_editor_result_t s_type (zt_editor_t *self, zt_bytes_t text)
{
    bool is_typed = text.size <= S_TYPED_MOST;
    while (text.size) {
        const char *colon = is_typed ? memchr (text.data, ':', text.size) : NULL;
        size_t size = colon ? (size_t) (colon - text.data) + 1 : text.size;
        if (!zt_editor_edit (self, self->draft.line.cursor, 0, (zt_bytes_t){text.data, size}, true))
            return ZT_EDITOR_FULL;
        if (colon)
            s_end_name (self);
        text = (zt_bytes_t){text.data + size, text.size - size};
    }
    return ZT_EDITOR_CHANGED;
}

/*  Several rows may have been pasted by mistake, and would be sent: that is asked. One
    line end at the end is none of it. */
static zt_editor_result_t s_paste (zt_editor_t *self, zt_bytes_t pasted, zt_bytes_t *text)
{
    zt_buffer_clear (&self->given);
    zt_text_clean (&self->given, pasted, ZT_TEXT_LINES);
    if (self->given.size && self->given.data[self->given.size - 1] == '\n')
        self->given.size--;
    *text = zt_buffer_bytes (&self->given);
    if (text->size && memchr (text->data, '\n', text->size))
        return ZT_EDITOR_QUESTION;
    return zt_editor_insert (self, *text) ? ZT_EDITOR_CHANGED : ZT_EDITOR_FULL;
}

static zt_editor_result_t s_submit (zt_editor_t *self, zt_bytes_t *text)
{
    zt_bytes_t typed = zt_buffer_bytes (&self->draft.line.text);
    size_t blanks = 0;
    while (blanks < typed.size && (typed.data[blanks] == ' ' || typed.data[blanks] == '\n'))
        blanks++;
    if (blanks == typed.size)
        return ZT_EDITOR_UNUSED;
    zt_buffer_clear (&self->given);
    zt_buffer_put_bytes (&self->given, typed);
    *text = zt_buffer_bytes (&self->given);
    zt_editor_history_add (&self->history, *text);
    s_draft_free (&self->draft);
    return ZT_EDITOR_SUBMIT;
}

/*  The search */

/*  Looks for a line before that of a number. */
static void s_find (zt_editor_t *self, size_t before)
{
    bool is_found =
        zt_editor_history_find (&self->history, zt_buffer_bytes (&self->query.text), &before);
    if (is_found)
        self->found = before;
    self->has_found |= is_found;
    self->is_search_over = !is_found;
}

/*  Looks for what is searched for anew, as it has changed. */
static void s_find_again (zt_editor_t *self)
{
    self->is_search_over = false;
    if (self->query.text.size)
        s_find (self, zt_editor_history_end (&self->history));
    else
        self->has_found = false;
}

static void s_search_older (zt_editor_t *self)
{
    if (!self->is_search)
        self->is_search = true;
    else
        s_find (self, self->has_found ? self->found : zt_editor_history_end (&self->history));
}

bool zt_editor_clear (zt_editor_t *self)
{
    zt_bytes_t text = zt_buffer_bytes (&self->draft.line.text);
    bool is_search = self->is_search;
    s_end_search (self);
    self->last = ZT_ACTION_COUNT;
    if (is_search || text.size == 0)
        return is_search;
    zt_buffer_clear (&self->killed);
    zt_buffer_put_bytes (&self->killed, text);
    return zt_editor_replace (self, (zt_bytes_t){NULL, 0});
}

/*  Ends the search with what was found in the line. */
static void s_take_found (zt_editor_t *self)
{
    if (self->has_found)
        zt_editor_replace (self, zt_editor_history_line (&self->history, self->found));
    s_end_search (self);
}

/*  An event while there is a search. False if it is not for it, but for the line. */
static bool s_search_input (zt_editor_t *self, const zt_input_t *input, zt_action_t action)
{
    zt_line_t *query = &self->query;
    if (input->kind == ZT_INPUT_TEXT) {
        if (query->text.size + input->text.size <= S_QUERY_MOST)
            zt_line_replace (query, query->cursor, 0, input->text);
        s_find_again (self);
    } else if (action == ZT_ACTION_SEARCH)
        s_search_older (self);
    else if (action == ZT_ACTION_CANCEL)
        s_end_search (self);
    else if (action == ZT_ACTION_BACKSPACE) {
        size_t start = zt_line_before (query, query->cursor);
        zt_line_replace (query, start, query->cursor - start, (zt_bytes_t){NULL, 0});
        s_find_again (self);
    } else {
        s_take_found (self);
        return action == ZT_ACTION_SUBMIT;
    }
    return true;
}

/*  Events */

static zt_editor_result_t s_act (zt_editor_t *self, zt_action_t action,
                                 const zt_completion_lists_t *lists, zt_bytes_t *text)
{
    if (action == ZT_ACTION_SUBMIT)
        return s_submit (self, text);
    if (action == ZT_ACTION_CANCEL)
        return ZT_EDITOR_UNUSED;
    if (action == ZT_ACTION_SEARCH) {
        s_search_older (self);
        return ZT_EDITOR_CHANGED;
    }
    return zt_editor_act (self, action, lists);
}

zt_editor_result_t zt_editor_input (zt_editor_t *self, const zt_input_t *input,
                                    const zt_completion_lists_t *lists, zt_bytes_t *text)
{
    zt_action_t action = ZT_ACTION_COUNT;
    bool is_action = zt_binding_action (input, &action);
    if (!is_action && input->kind != ZT_INPUT_TEXT && input->kind != ZT_INPUT_PASTE)
        return ZT_EDITOR_UNUSED;
    if (self->is_search && s_search_input (self, input, action)) {
        self->last = ZT_ACTION_COUNT;
        return ZT_EDITOR_CHANGED;
    }
    zt_editor_result_t result = input->kind == ZT_INPUT_TEXT    ? s_type (self, input->text)
                                : input->kind == ZT_INPUT_PASTE ? s_paste (self, input->text, text)
                                                                : s_act (self, action, lists, text);
    self->last = action;
    return result;
}
