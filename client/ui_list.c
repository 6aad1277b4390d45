/*  SPDX-License-Identifier: MPL-2.0

    Lists over the conversation: what keys there are, the way to another conversation, what a
    search has found. */

#include "client/ui_state.h"

#include "client/binding.h"
#include "client/command.h"
#include "client/fold.h"
#include "common/alloc.h"

#include <stdlib.h>

/*  ---------------------------------------------------------------------------
    The help */

static void s_help_line (void *self, size_t i, zt_buffer_t *text)
{
    (void) self;
    if (i < zt_ui_keys_count ())
        zt_ui_keys_help (i, text);
    else if ((i -= zt_ui_keys_count ()) < ZT_ACTION_COUNT)
        zt_binding_help ((zt_action_t) i, text);
    else
        zt_command_help ((zt_command_id_t) (i - ZT_ACTION_COUNT), text);
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
        zt_buffer_put_format (text, "  %zu unread", unread);
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
    zt_ui_seek (self);
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
        self->list.title = zt_bytes ("Keys and commands (Esc closes)");
        self->list.line = s_help_line;
        self->list.count = zt_ui_keys_count () + ZT_ACTION_COUNT + ZT_COMMAND_COUNT;
        self->list.selected = SIZE_MAX;
        break;
    case ZT_LIST_SWITCHER:
        self->list.title = zt_bytes ("Go to (type a part of the name)");
        self->list.line = s_switcher_line;
        zt_buffer_clear (&self->filter);
        zt_ui_list_filter (self);
        break;
    case ZT_LIST_HITS:
        self->list.title = zt_bytes ("Found, the newest first (Enter goes there, Esc closes)");
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
