/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/bar.h"

#include "common/text.h"
#include "common/translate.h"

/*  What there may be to tell, in the order in which it stands. */
typedef enum { S_NAME, S_HIT, S_STATUS, S_DETAIL, S_ONLINE, S_BELOW, S_UNREAD, S_PIECES } s_piece_t;

/*  The first one goes first. The name stands before what is typed, too; a connection that is well
    is not worth a word, and one that is not, all of them. */
static const s_piece_t s_least[] = {S_DETAIL, S_ONLINE, S_STATUS, S_NAME, S_HIT, S_BELOW, S_UNREAD};
static const s_piece_t s_least_in_trouble[] = {S_DETAIL, S_ONLINE, S_NAME,  S_HIT,
                                               S_BELOW,  S_UNREAD, S_STATUS};

typedef struct {
    zt_buffer_t texts[S_PIECES]; /* as they are drawn; empty: there is nothing to tell */
    const zt_scene_t *scene;
} s_bar_t;

/*  Adds to a piece any text. */
static void s_add (s_bar_t *self, s_piece_t piece, zt_bytes_t text)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_text_clean (&clean, text, ZT_TEXT_LINE);
    zt_glyph_safe (&self->texts[piece], zt_buffer_bytes (&clean), self->scene->style->widths);
    zt_buffer_free (&clean);
}

static void s_read (s_bar_t *self)
{
    const zt_scene_t *scene = self->scene;
    const zt_conversation_t *open = zt_model_opened (scene->model);
    size_t below = zt_page_below (open, scene->scroll), unread = zt_model_unread (scene->model);
    s_add (self, S_NAME, zt_conversation_target (open));
    s_add (self, S_NAME, zt_conversation_flag (open));
    s_add (self, S_STATUS, scene->status);
    s_add (self, S_DETAIL, scene->detail);
    if (scene->hits)
        zt_buffer_put_format (&self->texts[S_HIT], _ ("hit %zu of %zu"), scene->hit, scene->hits);
    if (zt_model_is_connected (scene->model)) /* nobody knows otherwise */
        zt_buffer_put_format (&self->texts[S_ONLINE], _ ("%zu online"),
                              zt_model_online_count (scene->model));
    if (below)
        zt_buffer_put_format (&self->texts[S_BELOW], _ ("%zu below"), below);
    if (unread)
        zt_buffer_put_format (&self->texts[S_UNREAD], _ ("%zu unread"), unread);
    if (unread && zt_model_mentions (scene->model))
        zt_buffer_put_char (&self->texts[S_UNREAD], '!');
}

/*  The columns of all of it: one before it, and two between. */
static size_t s_columns (const s_bar_t *self)
{
    size_t columns = 0;
    for (size_t i = 0; i < S_PIECES; i++)
        if (self->texts[i].size)
            columns += (columns ? 2 : 1) + zt_glyph_columns (zt_buffer_bytes (&self->texts[i]),
                                                             self->scene->style->widths);
    return columns;
}

static zt_role_t s_role (const zt_scene_t *scene, s_piece_t piece)
{
    if (piece == S_NAME || piece == S_HIT)
        return ZT_ROLE_STATUS_STRONG;
    if (piece == S_BELOW || piece == S_UNREAD)
        return ZT_ROLE_STATUS_UNREAD;
    return piece == S_STATUS && scene->is_trouble ? ZT_ROLE_STATUS_ERROR : ZT_ROLE_STATUS;
}

void zt_bar_draw (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    s_bar_t bar = {.scene = scene};
    const s_piece_t *least = scene->is_trouble ? s_least_in_trouble : s_least;
    zt_style_t look = zt_theme_style (scene->style->theme, ZT_ROLE_STATUS);
    s_read (&bar);
    for (size_t i = 0; i + 1 < S_PIECES && s_columns (&bar) > (size_t) area.columns; i++) {
        zt_buffer_t left_out = bar.texts[least[i]];
        bar.texts[least[i]] = (zt_buffer_t){NULL, 0, 0};
        if (s_columns (&bar) == 0) /* there is nothing else */
            bar.texts[least[i]] = left_out;
        else
            zt_buffer_free (&left_out);
    }
    bool is_cut = s_columns (&bar) > (size_t) area.columns;
    zt_screen_fill (screen, area, look);
    int at = 0;
    for (size_t i = 0; i < S_PIECES; i++) {
        if (bar.texts[i].size) {
            at = zt_screen_put (screen, area, 0, at, zt_bytes (at ? "  " : " "), look);
            look = zt_theme_style (scene->style->theme, s_role (scene, (s_piece_t) i));
            at = zt_screen_put (screen, area, 0, at, zt_buffer_bytes (&bar.texts[i]), look);
        }
        if (is_cut && at)
            zt_screen_put (screen, area, 0, area.columns - 1, zt_bytes ("…"), look);
        zt_buffer_free (&bar.texts[i]);
        look = zt_theme_style (scene->style->theme, ZT_ROLE_STATUS);
    }
}
