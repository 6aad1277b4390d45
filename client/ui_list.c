/*  SPDX-License-Identifier: MPL-2.0

    Lists over the conversation: what keys there are, the way to another conversation, what a
    search has found. */

#include "client/ui_state.h"

#include "client/binding.h"
#include "client/command.h"
#include "client/flow.h"
#include "client/fold.h"
#include "common/alloc.h"
#include "common/words.h"

#include <stdlib.h>

/*  ---------------------------------------------------------------------------
    The help */

enum { S_KEYS = 26, S_KEYS_FROM = 60, S_INDENT = 4 };

/*  A key or a command, and what it does, with many spaces between. */
static void s_put_help (size_t i, zt_buffer_t *text)
{
    if (i < zt_ui_keys_count ())
        zt_ui_keys_help (i, text);
    else if ((i -= zt_ui_keys_count ()) < ZT_ACTION_COUNT)
        zt_binding_help ((zt_action_t) i, text);
    else
        zt_command_help ((zt_command_id_t) (i - ZT_ACTION_COUNT), text);
}

/*  Adds the rows of one: what it does stands beside the key, or where that is too narrow, below. */
static void s_add_help (zt_ui_t *self, zt_bytes_t entry, int width)
{
    const char *gap = zt_bytes_find (entry, zt_bytes ("  "));
    size_t size = gap ? (size_t) (gap - entry.data) : entry.size;
    zt_bytes_t key = zt_bytes_part (entry, 0, size);
    while (size < entry.size && entry.data[size] == ' ')
        size++;
    bool is_beside = width >= S_KEYS_FROM;
    int at = (int) zt_glyph_columns (key, &self->widths), indent = is_beside ? S_KEYS : S_INDENT;
    zt_buffer_put_bytes (&self->help, key);
    if (!is_beside || at + 2 > indent) {
        zt_buffer_put_char (&self->help, '\n');
        self->list.count++;
        at = 0;
    }
    zt_flow_t flow = zt_flow (zt_bytes_part (entry, size, entry.size - size), width, indent, indent,
                              &self->widths);
    zt_flow_row_t row;
    for (; zt_flow_next (&flow, &row); at = 0, self->list.count++) {
        zt_buffer_put_format (&self->help, "%*s", row.indent > at ? row.indent - at : 0, "");
        zt_buffer_put_bytes (&self->help, row.text);
        zt_buffer_put_char (&self->help, '\n');
    }
}

void zt_ui_list_shape (zt_ui_t *self)
{
    zt_buffer_t entry = {NULL, 0, 0}, safe = {NULL, 0, 0};
    if (self->list_kind != ZT_LIST_HELP)
        return;
    zt_buffer_clear (&self->help);
    self->list.count = 0;
    for (size_t i = 0; i < zt_ui_keys_count () + ZT_ACTION_COUNT + ZT_COMMAND_COUNT; i++) {
        zt_buffer_clear (&entry);
        zt_buffer_clear (&safe);
        s_put_help (i, &entry);
        zt_glyph_safe (&safe, zt_buffer_bytes (&entry), &self->widths);
        s_add_help (self, zt_buffer_bytes (&safe), self->columns > 3 ? self->columns - 2 : 1);
    }
    zt_buffer_free (&entry);
    zt_buffer_free (&safe);
}

static void s_help_line (void *self_, size_t i, zt_buffer_t *text)
{
    const zt_ui_t *self = self_;
    zt_bytes_t rest = zt_buffer_bytes (&self->help);
    for (const char *end; rest.size && (end = memchr (rest.data, '\n', rest.size)); i--) {
        size_t size = (size_t) (end - rest.data);
        if (i == 0) {
            zt_buffer_put (text, rest.data, size);
            return;
        }
        rest = zt_bytes_part (rest, size + 1, rest.size - size - 1);
    }
}

/*  ---------------------------------------------------------------------------
    The switcher */

/*  Are the letters of the filter in the name, in their order? */
static bool s_matches (zt_bytes_t filter, zt_bytes_t name)
{
    size_t at = 0;
    for (size_t i = 0; i < name.size && at < filter.size; i++)
        at += name.data[i] == filter.data[at];
    return at == filter.size;
}

void zt_ui_list_filter (zt_ui_t *self)
{
    size_t count = zt_model_count (self->model);
    zt_buffer_t filter = {NULL, 0, 0}, name = {NULL, 0, 0};
    self->matches = zt_realloc (self->matches, count, sizeof *self->matches);
    self->list.count = 0;
    zt_fold (&filter, zt_buffer_bytes (&self->filter));
    for (size_t i = 0; i < count; i++) {
        zt_buffer_clear (&name);
        zt_fold (&name, zt_conversation_target (zt_model_get (self->model, i)));
        if (s_matches (zt_buffer_bytes (&filter), zt_buffer_bytes (&name)))
            self->matches[self->list.count++] = i;
    }
    zt_buffer_free (&filter);
    zt_buffer_free (&name);
    zt_buffer_clear (&self->title);
    zt_buffer_put_string (&self->title, _ ("Go to (type a part of the name): "));
    zt_buffer_put_bytes (&self->title, zt_buffer_bytes (&self->filter));
    self->list.title = zt_buffer_bytes (&self->title);
    self->list.selected = 0;
    self->version++;
}

static void s_switcher_line (void *self_, size_t i, zt_buffer_t *text)
{
    const zt_ui_t *self = self_;
    const zt_conversation_t *conversation = zt_model_get (self->model, self->matches[i]);
    size_t unread = zt_conversation_unread (conversation);
    zt_buffer_put_bytes (text, zt_conversation_target (conversation));
    zt_buffer_put_bytes (text, zt_conversation_flag (conversation));
    if (unread)
        zt_buffer_put_format (text, _ ("  %zu unread"), unread);
}

/*  ---------------------------------------------------------------------------
    Hits */

static void s_hit_line (void *self_, size_t i, zt_buffer_t *text)
{
    const zt_ui_t *self = self_;
    zt_bytes_t target;
    zt_post_t post;
    zt_buffer_t time = {NULL, 0, 0}, day = {NULL, 0, 0};
    if (!zt_model_hit (self->model, i, &target, &post))
        return;
    self->style.clock (post.time, &time, &day);
    zt_buffer_put_bytes (text, zt_buffer_bytes (&day));
    zt_buffer_put_format (text, " %s ", zt_buffer_string (&time));
    zt_buffer_put_bytes (text, target);
    zt_buffer_put_char (text, ' ');
    zt_buffer_put_bytes (text, post.from);
    zt_buffer_put_bytes (text, post.flag);
    zt_buffer_put_string (text, ": ");
    zt_buffer_put_bytes (text, post.text);
    zt_buffer_free (&time);
    zt_buffer_free (&day);
}

void zt_ui_seek (zt_ui_t *self)
{
    zt_conversation_t *open = zt_model_opened (self->model);
    uint64_t before;
    int64_t place, last;
    if (!self->sought)
        return;
    bool is_there = zt_conversation_find_id (open, self->sought, &place);
    /*  Without a connection it is not known what is older: then it goes on when there is one. */
    if (is_there ||
        (!zt_conversation_wants_older (open, &before) && zt_model_is_connected (self->model)))
        self->sought = 0;
    if (!is_there && !zt_conversation_range (open, &place, &last))
        return;
    zt_scene_t scene = zt_ui_scene (self);
    zt_layout_t layout = zt_view_layout (&scene, self->rows, self->columns);
    zt_page_show (&self->style, open, &zt_ui_desk (self)->scroll, layout.page.columns,
                  layout.page.rows, place);
    self->version++;
}

void zt_ui_go_back (zt_ui_t *self, uint64_t count)
{
    zt_conversation_t *open = zt_model_opened (self->model);
    zt_scroll_t *scroll = &zt_ui_desk (self)->scroll;
    int64_t first, last, top;
    if (!zt_conversation_range (open, &first, &last))
        return;
    zt_scene_t scene = zt_ui_scene (self);
    zt_layout_t layout = zt_view_layout (&scene, self->rows, self->columns);
    if (!zt_page_at (&self->style, open, scroll, layout.page.columns, layout.page.rows, 0, &top))
        top = first;
    int64_t place = count < (uint64_t) (top - first) ? top - (int64_t) count : first;
    zt_page_show (&self->style, open, scroll, layout.page.columns, layout.page.rows, place);
    zt_ui_ask_again (self);
    self->version++;
}

/*  Opens the conversation of a hit, and goes there. */
static void s_go_to_hit (zt_ui_t *self, size_t i)
{
    zt_bytes_t target;
    zt_post_t hit;
    if (!zt_model_hit (self->model, i, &target, &hit))
        return;
    zt_conversation_t *conversation = zt_model_enter (self->model, target);
    if (!conversation)
        return;
    uint64_t sought = hit.id;
    zt_ui_open (self, conversation);
    self->sought = sought;
    self->hit = i + 1;
    zt_ui_seek (self);
}

void zt_ui_search_begin (zt_ui_t *self, uint64_t wall)
{
    zt_bytes_t query;
    bool more;
    size_t count = zt_model_hits (self->model, &query, &more);
    zt_ui_search_end (self);
    if (!count) {
        zt_ui_say (self, _ ("nothing was found"), wall);
        return;
    }
    zt_words_query (&self->found, query);
    self->style.found = zt_buffer_bytes (&self->found);
    self->is_searching = true;
    zt_ui_list_open (self, ZT_LIST_HITS);
}

void zt_ui_search_step (zt_ui_t *self, bool is_older)
{
    zt_bytes_t query;
    bool more;
    size_t count = zt_model_hits (self->model, &query, &more);
    size_t next = is_older ? self->hit + 1 : self->hit > 1 ? self->hit - 1 : 1;
    if (self->is_searching)
        s_go_to_hit (self, (next < count ? next : count) - 1);
}

void zt_ui_search_end (zt_ui_t *self)
{
    zt_buffer_clear (&self->found);
    self->style.found = zt_buffer_bytes (&self->found);
    self->is_searching = false;
    self->hit = 0;
    self->version++;
}

/*  ---------------------------------------------------------------------------
    All of them */

void zt_ui_list_open (zt_ui_t *self, zt_list_kind_t kind)
{
    zt_bytes_t query;
    bool more;
    self->list_kind = kind;
    self->list = (zt_list_t){.self = self};
    self->version++;
    switch (kind) {
    case ZT_LIST_HELP:
        self->list.title = zt_bytes (_ ("Keys and commands (Esc closes)"));
        self->list.line = s_help_line;
        self->list.selected = SIZE_MAX;
        zt_ui_list_shape (self);
        break;
    case ZT_LIST_SWITCHER:
        self->list.line = s_switcher_line;
        self->list.is_typed = true;
        self->list.nothing = _ ("no conversation has this in its name");
        zt_buffer_clear (&self->filter);
        zt_ui_list_filter (self);
        break;
    case ZT_LIST_HITS:
        self->list.title = zt_bytes (_ ("Found, the newest first (Enter goes there, Esc closes)"));
        self->list.line = s_hit_line;
        self->list.count = zt_model_hits (self->model, &query, &more);
        break;
    case ZT_LIST_NONE:
        break;
    }
}

void zt_ui_list_close (zt_ui_t *self)
{
    self->list_kind = ZT_LIST_NONE;
    self->version++;
}

void zt_ui_list_choose (zt_ui_t *self, size_t index)
{
    zt_list_kind_t kind = self->list_kind;
    if (index >= self->list.count)
        return;
    zt_ui_list_close (self);
    if (kind == ZT_LIST_SWITCHER)
        zt_ui_open_index (self, self->matches[index]);
    else if (kind == ZT_LIST_HITS)
        s_go_to_hit (self, index);
}
