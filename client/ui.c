/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/ui_state.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <stdlib.h>

enum { S_OLDER = 100, S_SECOND = 1000 };

zt_ui_t *zt_ui_new (const zt_ui_config_t *config)
{
    zt_ui_t *self = zt_alloc (sizeof *self);
    self->model = zt_model_new (config->name);
    self->editor = zt_editor_new (ZT_UI_TYPED_MOST);
    self->widths = zt_widths_safe ();
    self->style = (zt_page_style_t){.theme = config->theme,
                                    .widths = &self->widths,
                                    .clock = config->clock,
                                    .found = {NULL, 0}};
    self->status_at = ZT_NEVER;
    zt_ui_set_size (self, 24, 80);
    return self;
}

static void s_free_desk (void *desk_)
{
    zt_desk_t *desk = desk_;
    zt_draft_destroy (&desk->draft);
    free (desk);
}

void zt_ui_destroy (zt_ui_t **self_p)
{
    zt_ui_t *self = *self_p;
    if (!self)
        return;
    zt_model_destroy (&self->model);
    zt_editor_destroy (&self->editor);
    zt_buffer_free (&self->status);
    zt_buffer_free (&self->detail);
    zt_buffer_free (&self->pasted);
    zt_buffer_free (&self->question);
    zt_buffer_free (&self->title);
    zt_buffer_free (&self->help);
    zt_buffer_free (&self->filter);
    zt_buffer_free (&self->found);
    free (self->matches);
    free (self->names);
    free (self);
    *self_p = NULL;
}

void zt_ui_attach (zt_ui_t *self, zt_client_t *core)
{
    self->core = core;
}

/*  ---------------------------------------------------------------------------
    The terminal */

static void s_shape_editor (zt_ui_t *self)
{
    zt_scene_t scene = zt_ui_scene (self);
    zt_editor_shape (self->editor, (size_t) zt_view_input_columns (&scene, self->columns),
                     &self->widths);
}

void zt_ui_set_widths (zt_ui_t *self, const zt_widths_t *widths)
{
    self->widths = *widths;
    self->version++;
    s_shape_editor (self);
}

void zt_ui_set_size (zt_ui_t *self, int rows, int columns)
{
    self->rows = rows;
    self->columns = columns;
    self->version++;
    s_shape_editor (self);
    zt_ui_list_shape (self);
}

const zt_theme_t *zt_ui_theme (const zt_ui_t *self)
{
    return self->style.theme;
}

void zt_ui_set_theme (zt_ui_t *self, const zt_theme_t *theme)
{
    self->style.theme = theme;
    self->version++;
}

zt_wish_t zt_ui_wish (zt_ui_t *self)
{
    zt_wish_t wish = self->wish;
    self->wish = ZT_WISH_NONE;
    return wish;
}

/*  ---------------------------------------------------------------------------
    Conversations */

zt_desk_t *zt_ui_desk_of (zt_conversation_t *conversation)
{
    zt_desk_t *desk = zt_conversation_data (conversation);
    if (!desk) {
        desk = zt_alloc (sizeof *desk);
        zt_conversation_set_data (conversation, desk, s_free_desk);
    }
    return desk;
}

zt_desk_t *zt_ui_desk (zt_ui_t *self)
{
    return zt_ui_desk_of (zt_model_opened (self->model));
}

void zt_ui_ask_again (zt_ui_t *self)
{
    zt_desk_t *desk = zt_ui_desk (self);
    if (desk->is_refused)
        zt_conversation_asked_in_vain (zt_model_opened (self->model));
    desk->is_refused = false;
}

void zt_ui_open (zt_ui_t *self, zt_conversation_t *conversation)
{
    self->version++;
    self->sought = 0;
    if (conversation == zt_model_opened (self->model))
        return;
    zt_desk_t *desk = zt_ui_desk (self);
    desk->draft = zt_editor_take (self->editor);
    zt_model_open (self->model, conversation);
    zt_ui_ask_again (self);
    desk = zt_ui_desk (self);
    zt_editor_put (self->editor, &desk->draft);
    char target[ZT_TARGET_SIZE];
    if (!zt_client_target (zt_conversation_target (conversation), target))
        zt_client_set_open (self->core, target);
    s_shape_editor (self);
}

void zt_ui_open_index (zt_ui_t *self, size_t index)
{
    if (index < zt_model_count (self->model))
        zt_ui_open (self, zt_model_get (self->model, index));
}

/*  ---------------------------------------------------------------------------
    Items */

/*  What would do for now the core asks again by itself: who is told no would be told no for ever.
 */
static void s_refuse (zt_conversation_t *conversation)
{
    zt_desk_t *desk = zt_conversation_data (conversation);
    if (desk)
        desk->is_refused = true;
}

/*  What was fetched or searched for is put where it belongs. */
static bool s_show_answer (zt_ui_t *self, const zt_item_t *item, uint64_t wall)
{
    zt_conversation_t *conversation = item->to.size ? zt_model_find (self->model, item->to) : NULL;
    switch (item->kind) {
    case ZT_ITEM_OLDER:
        if (conversation)
            zt_model_older_begin (self->model, conversation);
        return true;
    case ZT_ITEM_OLDER_END:
        if (item->code && conversation)
            s_refuse (conversation);
        else if (conversation)
            zt_model_older_end (self->model, item->more);
        zt_ui_seek (self);
        return true;
    case ZT_ITEM_HITS:
        zt_model_hits_begin (self->model, item->text);
        return true;
    case ZT_ITEM_HITS_END:
        if (!item->code) {
            zt_model_hits_end (self->model, item->more);
            zt_ui_search_begin (self, wall);
        }
        return true;
    default:
        return false;
    }
}

void zt_ui_show (zt_ui_t *self, const zt_item_t *item, uint64_t wall)
{
    if (s_show_answer (self, item, wall))
        return;
    zt_conversation_t *before = zt_model_opened (self->model);
    zt_buffer_t target = {NULL, 0, 0}; /* before may be gone afterwards */
    zt_buffer_put_bytes (&target, zt_conversation_target (before));
    zt_model_show (self->model, item, wall);
    zt_conversation_t *open = zt_model_opened (self->model);
    bool is_there = zt_model_find (self->model, zt_buffer_bytes (&target)) == before;
    zt_buffer_free (&target);
    if (open == before)
        return;
    /*  Joining a room opens it: then the draft is still that of the one before. */
    if (is_there) {
        zt_model_open (self->model, before);
        zt_ui_open (self, open);
        return;
    }
    /*  The room was left: what was typed for it is for nobody else. */
    zt_draft_t *draft = zt_editor_take (self->editor);
    zt_draft_destroy (&draft);
    zt_editor_put (self->editor, &zt_ui_desk (self)->draft);
    s_shape_editor (self);
}

void zt_ui_say (zt_ui_t *self, const char *sentence, uint64_t wall)
{
    zt_model_notice (self->model, zt_bytes (sentence), wall);
}

/*  ---------------------------------------------------------------------------
    The connection */

/*  How it is, and since when: what counts in it makes it change by itself. */
static void s_put_trouble (zt_ui_t *self, const char *code, uint64_t since, int64_t now,
                           uint64_t wall)
{
    int64_t retry = zt_client_retry_at (self->core);
    uint64_t seconds = wall > since ? (wall - since) / S_SECOND : 0;
    bool is_first = !code || strcmp (code, "connecting") == 0 || strcmp (code, "waiting") == 0;
    bool is_counted = retry != ZT_NEVER && retry > now;
    self->status_at = now + (is_counted ? (retry - now - 1) % S_SECOND + 1 : S_SECOND);
    zt_buffer_put_string (&self->status, is_first ? _ ("connecting") : _ ("offline"));
    if (is_counted)
        zt_buffer_put_format (&self->status, _ (", trying again in %lld s"),
                              (long long) ((retry - now + S_SECOND - 1) / S_SECOND));
    else if (!is_first)
        zt_buffer_put_string (&self->status, _ (", trying again"));
    if (seconds)
        zt_buffer_put_format (&self->detail, _ ("for %llu s now; what you type is kept"),
                              (unsigned long long) seconds);
    else
        zt_buffer_put_string (&self->detail, _ ("what you type is kept"));
}

static void s_put_status (zt_ui_t *self, int64_t now, uint64_t wall)
{
    uint64_t since = wall;
    zt_bytes_t words;
    const char *code = zt_model_state (self->model, &words, &since);
    int64_t lag = zt_client_lag (self->core);
    zt_buffer_clear (&self->status);
    zt_buffer_clear (&self->detail);
    self->status_at = ZT_NEVER;
    self->is_trouble = !zt_model_is_connected (self->model);
    if (self->is_trouble)
        s_put_trouble (self, code, since, now, wall);
    else if (lag >= 0)
        zt_buffer_put_format (&self->status, _ ("connected, %lld ms"), (long long) lag);
    else
        zt_buffer_put_string (&self->status, _ ("connected"));
}

void zt_ui_tick (zt_ui_t *self, int64_t now, uint64_t wall)
{
    zt_buffer_t status = self->status, detail = self->detail;
    self->status = self->detail = (zt_buffer_t){NULL, 0, 0};
    s_put_status (self, now, wall);
    if (!zt_bytes_equal (zt_buffer_bytes (&status), zt_buffer_bytes (&self->status)) ||
        !zt_bytes_equal (zt_buffer_bytes (&detail), zt_buffer_bytes (&self->detail)))
        self->version++;
    zt_buffer_free (&status);
    zt_buffer_free (&detail);
}

int64_t zt_ui_deadline (const zt_ui_t *self)
{
    return self->status_at;
}

/*  ---------------------------------------------------------------------------
    What is to be seen */

uint64_t zt_ui_version (const zt_ui_t *self)
{
    return self->version + zt_model_version (self->model);
}

zt_scene_t zt_ui_scene (zt_ui_t *self)
{
    zt_scene_t scene = {.style = &self->style,
                        .model = self->model,
                        .scroll = &zt_ui_desk (self)->scroll,
                        .status = zt_buffer_bytes (&self->status),
                        .is_trouble = self->is_trouble,
                        .detail = zt_buffer_bytes (&self->detail),
                        .question = zt_bytes (self->pasted.size ? zt_ui_question (self) : NULL),
                        .list = self->list_kind == ZT_LIST_NONE ? NULL : &self->list};
    zt_bytes_t query;
    bool more;
    if (self->is_searching) {
        scene.hit = self->hit;
        scene.hits = zt_model_hits (self->model, &query, &more);
    }
    zt_editor_view (self->editor, &scene.editor);
    return scene;
}

/*  Asks for older messages, when the beginning of those that there are can be seen. */
static void s_fetch (zt_ui_t *self, const zt_layout_t *layout, const zt_scene_t *scene)
{
    zt_conversation_t *open = zt_model_opened (self->model);
    zt_scroll_t above = *scene->scroll;
    uint64_t before;
    char target[ZT_TARGET_SIZE];
    int64_t first, last;
    if (!zt_model_is_connected (self->model) || !zt_conversation_wants_older (open, &before) ||
        zt_client_target (zt_conversation_target (open), target))
        return;
    /*  A page more than is seen: it is there before one has scrolled so far. */
    zt_page_scroll (scene->style, open, &above, layout->page.columns, layout->page.rows,
                    -layout->page.rows);
    bool is_there = zt_conversation_range (open, &first, &last);
    if (is_there && above.is_away && above.place - first > layout->page.rows)
        return;
    zt_conversation_asked (open);
    zt_client_fetch (self->core, target, before, S_OLDER);
}

void zt_ui_draw (zt_ui_t *self, zt_screen_t *screen, int64_t now)
{
    (void) now;
    zt_scene_t scene = zt_ui_scene (self);
    zt_layout_t layout = zt_view_layout (&scene, self->rows, self->columns);
    zt_view_draw (&scene, screen);
    if (!scene.list)
        s_fetch (self, &layout, &scene);
}

bool zt_ui_next_call (zt_ui_t *self, zt_call_t *call)
{
    return zt_model_next_call (self->model, call);
}

void zt_ui_title (const zt_ui_t *self, zt_buffer_t *title)
{
    size_t unread = zt_model_unread (self->model);
    if (unread)
        zt_buffer_put_format (title, "(%zu%s) ", unread,
                              zt_model_mentions (self->model) ? "!" : "");
    zt_buffer_put_bytes (title, zt_conversation_target (zt_model_opened (self->model)));
    zt_buffer_put_string (title, " - ztalk");
}
