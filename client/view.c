/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/view.h"

#include "client/bar.h"
#include "client/wrap.h"
#include "common/text.h"
#include "common/translate.h"

enum {
    S_CONVERSATIONS = 18,      /* columns of the pane, its border included, at least; */
    S_CONVERSATIONS_MOST = 36, /* at most, for the longest names; and no more than */
    S_CONVERSATIONS_SHARE = 4, /* one of so many parts of the screen */
    S_PEOPLE = 18,
    S_CONVERSATIONS_FROM = 64, /* columns of the screen */
    S_PEOPLE_FROM = 92,
    S_BAR_FROM = 4,      /* rows of the screen */
    S_QUESTION_FROM = 3, /* and on fewer rows than a bar and it need, it is there instead */
    S_BOTH_FROM = 6,
    S_INPUT_MOST = 6
};

static zt_style_t s_look (const zt_scene_t *scene, zt_role_t role)
{
    return zt_theme_style (scene->style->theme, role);
}

/*  Puts any text on a row. */
static int s_put (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area, int row, int column,
                  zt_bytes_t text, zt_style_t look)
{
    zt_buffer_t clean = {NULL, 0, 0}, safe = {NULL, 0, 0};
    zt_text_clean (&clean, text, ZT_TEXT_LINE);
    zt_glyph_safe (&safe, zt_buffer_bytes (&clean), scene->style->widths);
    column = zt_screen_put (screen, area, row, column, zt_buffer_bytes (&safe), look);
    zt_buffer_free (&clean);
    zt_buffer_free (&safe);
    return column;
}

/*  Puts a line; one that is cut off says so. */
static void s_put_line (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area, int row,
                        zt_bytes_t text, zt_style_t look)
{
    zt_buffer_t clean = {NULL, 0, 0}, safe = {NULL, 0, 0};
    zt_text_clean (&clean, text, ZT_TEXT_LINE);
    zt_glyph_safe (&safe, zt_buffer_bytes (&clean), scene->style->widths);
    zt_screen_put (screen, area, row, 0, zt_buffer_bytes (&safe), look);
    if (zt_glyph_columns (zt_buffer_bytes (&safe), scene->style->widths) > (size_t) area.columns)
        zt_screen_put (screen, area, row, area.columns - 1, zt_bytes ("…"), look);
    zt_buffer_free (&clean);
    zt_buffer_free (&safe);
}

/*  ---------------------------------------------------------------------------
    What is typed */

/*  What stands before it: the conversation that it goes to, or the search for what was sent. */
static void s_put_prompt (const zt_scene_t *scene, zt_buffer_t *prompt)
{
    zt_buffer_t raw = {NULL, 0, 0};
    const zt_editor_view_t *editor = &scene->editor;
    if (editor->is_search) {
        zt_buffer_put_string (&raw, editor->is_found ? _ ("search '") : _ ("not found '"));
        zt_buffer_put_bytes (&raw, editor->query);
        zt_buffer_put_string (&raw, "': ");
    } else {
        const zt_conversation_t *open = zt_model_opened (scene->model);
        zt_buffer_put_bytes (&raw, zt_conversation_target (open));
        zt_buffer_put_bytes (&raw, zt_conversation_flag (open));
        zt_buffer_put_string (&raw, "> ");
    }
    zt_glyph_safe (prompt, zt_buffer_bytes (&raw), scene->style->widths);
    zt_buffer_free (&raw);
}

/*  The columns that the prompt takes: none, if it would take more than a third. What is searched
    for is typed there, and may take twice as much. */
static int s_prompt_columns (const zt_scene_t *scene, int columns)
{
    zt_buffer_t prompt = {NULL, 0, 0};
    s_put_prompt (scene, &prompt);
    int own = (int) zt_glyph_columns (zt_buffer_bytes (&prompt), scene->style->widths);
    zt_buffer_free (&prompt);
    return own <= columns / 3 * (scene->editor.is_search ? 2 : 1) ? own : 0;
}

int zt_view_input_columns (const zt_scene_t *scene, int columns)
{
    int own = columns - s_prompt_columns (scene, columns);
    return own > 0 ? own : 1;
}

/*  The text as it is drawn, and the cursor in it. */
static size_t s_put_typed (const zt_scene_t *scene, zt_buffer_t *typed)
{
    const zt_editor_view_t *editor = &scene->editor;
    zt_glyph_safe (typed, (zt_bytes_t){editor->text.data, editor->cursor}, scene->style->widths);
    size_t cursor = typed->size;
    zt_buffer_clear (typed);
    zt_glyph_safe (typed, editor->text, scene->style->widths);
    return cursor < typed->size ? cursor : typed->size;
}

static int s_input_rows (const zt_scene_t *scene, int rows, int columns)
{
    zt_buffer_t typed = {NULL, 0, 0};
    s_put_typed (scene, &typed);
    zt_wrap_t wanted = {zt_buffer_bytes (&typed), (size_t) zt_view_input_columns (scene, columns),
                        scene->style->widths};
    size_t n = zt_wrap_rows (&wanted);
    zt_buffer_free (&typed);
    size_t most = rows / 3 < S_INPUT_MOST ? (size_t) (rows / 3) : S_INPUT_MOST;
    most = most ? most : 1;
    return (int) (n < most ? n : most);
}

static void s_draw_input (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    zt_buffer_t prompt = {NULL, 0, 0}, typed = {NULL, 0, 0};
    int left = s_prompt_columns (scene, area.columns);
    zt_style_t look = s_look (scene, ZT_ROLE_TEXT);
    size_t cursor = s_put_typed (scene, &typed);
    zt_wrap_t rows = {zt_buffer_bytes (&typed),
                      (size_t) zt_view_input_columns (scene, area.columns), scene->style->widths};
    size_t row, column, start = 0, end, next;
    zt_wrap_place (&rows, cursor, &row, &column);
    size_t first = row >= (size_t) area.rows ? row - (size_t) area.rows + 1 : 0;
    if (left && first == 0) {
        s_put_prompt (scene, &prompt);
        zt_screen_put (screen, area, 0, 0, zt_buffer_bytes (&prompt),
                       s_look (scene, ZT_ROLE_PROMPT));
    }
    for (size_t i = 0; i < first + (size_t) area.rows; i++) {
        bool more = zt_wrap_row (&rows, start, &end, &next);
        if (i >= first)
            zt_screen_put (screen, area, (int) (i - first), left,
                           zt_bytes_part (rows.text, start, end - start), look);
        if (!more)
            break;
        start = next;
    }
    zt_screen_set_cursor (screen, area.row + (int) (row - first),
                          area.column + left + (int) column);
    zt_buffer_free (&prompt);
    zt_buffer_free (&typed);
}

/*  ---------------------------------------------------------------------------
    Where things are */

static int s_pane_columns (int columns)
{
    int share = columns / S_CONVERSATIONS_SHARE;
    return share < S_CONVERSATIONS        ? S_CONVERSATIONS
           : share < S_CONVERSATIONS_MOST ? share
                                          : S_CONVERSATIONS_MOST;
}

zt_layout_t zt_view_layout (const zt_scene_t *scene, int rows, int columns)
{
    zt_layout_t layout = {.input = {0, 0, s_input_rows (scene, rows, columns), columns}};
    /*  A list is read, and then gone: it gets all the columns. */
    int left = columns >= S_CONVERSATIONS_FROM && !scene->list ? s_pane_columns (columns) : 0;
    int right = columns >= S_PEOPLE_FROM && !scene->list ? S_PEOPLE : 0;
    int question = scene->question.size && rows >= S_QUESTION_FROM ? 1 : 0;
    int bar = rows >= (question ? S_BOTH_FROM : S_BAR_FROM) ? 1 : 0;
    int height = rows - layout.input.rows - bar - question;
    layout.conversations = (zt_area_t){0, 0, left ? height : 0, left};
    layout.page = (zt_area_t){0, left, height, columns - left - right};
    layout.people = (zt_area_t){0, columns - right, right ? height : 0, right};
    layout.bar = (zt_area_t){height, 0, bar, columns};
    layout.question = (zt_area_t){height + bar, 0, question, columns};
    layout.input.row = rows - layout.input.rows;
    return layout;
}

/*  The first of so many lines that keeps the chosen one in sight. */
static size_t s_first (size_t first, size_t count, size_t selected, int rows)
{
    size_t height = rows > 0 ? (size_t) rows : 1;
    if (selected < count && selected < first)
        first = selected;
    if (selected < count && selected >= first + height)
        first = selected - height + 1;
    if (count > height && first > count - height)
        first = count - height;
    return count > height ? first : 0;
}

static size_t s_first_conversation (const zt_scene_t *scene, int rows)
{
    return s_first (0, zt_model_count (scene->model), zt_model_opened_index (scene->model), rows);
}

/*  ---------------------------------------------------------------------------
    The panes */

static void s_draw_border (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area, int column)
{
    for (int row = 0; row < area.rows; row++)
        zt_screen_put (screen, area, row, column, zt_bytes ("│"), s_look (scene, ZT_ROLE_BORDER));
}

/*  A conversation: what is unread stands at the right, with a mark if one is called. */
static void s_draw_conversation (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area,
                                 int row, const zt_conversation_t *conversation)
{
    bool is_open = conversation == zt_model_opened (scene->model);
    size_t unread = zt_conversation_unread (conversation);
    size_t mentions = zt_conversation_mentions (conversation);
    zt_style_t look = s_look (scene, is_open  ? ZT_ROLE_SELECTED
                                     : unread ? ZT_ROLE_UNREAD
                                              : ZT_ROLE_TEXT);
    zt_buffer_t count = {NULL, 0, 0};
    if (unread)
        zt_buffer_put_format (&count, " %zu%s", unread > 999 ? 999 : unread, mentions ? "!" : "");
    else if (zt_conversation_is_muted (conversation))
        zt_buffer_put_string (&count, " -");
    zt_area_t inner = {area.row + row, area.column, 1, area.columns - 1};
    zt_area_t name = {inner.row, inner.column, 1, inner.columns - (int) count.size};
    zt_screen_fill (screen, inner, look);
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_char (&text, is_open ? '>' : ' ');
    zt_buffer_put_bytes (&text, zt_conversation_target (conversation));
    s_put_line (scene, screen, name, 0, zt_buffer_bytes (&text), look);
    zt_buffer_free (&text);
    zt_screen_put (screen, inner, 0, inner.columns - (int) count.size, zt_buffer_bytes (&count),
                   look);
    zt_buffer_free (&count);
}

static void s_draw_conversations (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    size_t first = s_first_conversation (scene, area.rows);
    for (int row = 0; row < area.rows && first + (size_t) row < zt_model_count (scene->model);
         row++)
        s_draw_conversation (scene, screen, area, row,
                             zt_model_get (scene->model, first + (size_t) row));
    s_draw_border (scene, screen, area, area.columns - 1);
}

static void s_draw_people (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    zt_area_t inner = {area.row, area.column + 2, area.rows, area.columns - 2};
    zt_buffer_t title = {NULL, 0, 0};
    size_t count = zt_model_online_count (scene->model);
    bool is_known = zt_model_is_connected (scene->model);
    if (is_known)
        zt_buffer_put_format (&title, _ ("online (%zu)"), count);
    else
        zt_buffer_put_string (&title, _ ("online (?)"));
    s_draw_border (scene, screen, area, 0);
    s_put (scene, screen, inner, 0, 0, zt_buffer_bytes (&title), s_look (scene, ZT_ROLE_NOTICE));
    zt_buffer_free (&title);
    for (int row = 1; row < area.rows && (size_t) row <= count; row++) {
        zt_bytes_t name = zt_model_online (scene->model, (size_t) row - 1);
        bool is_more = row == area.rows - 1 && (size_t) row < count;
        s_put_line (scene, screen, inner, row, is_more ? zt_bytes ("…") : name,
                    is_known ? zt_theme_sender (scene->style->theme, name)
                             : s_look (scene, ZT_ROLE_NOTICE));
    }
}

/*  ---------------------------------------------------------------------------
    A list */

/*  Of a title that is typed at, the end is to be seen, and the cursor behind it. */
static void s_draw_title (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    zt_buffer_t clean = {NULL, 0, 0}, safe = {NULL, 0, 0};
    zt_text_clean (&clean, scene->list->title, ZT_TEXT_LINE);
    zt_glyph_safe (&safe, zt_buffer_bytes (&clean), scene->style->widths);
    int columns = (int) zt_glyph_columns (zt_buffer_bytes (&safe), scene->style->widths);
    int beyond = scene->list->is_typed ? columns + 1 - area.columns : 0;
    int left = beyond > 0 ? -beyond : 0;
    zt_screen_put (screen, area, 0, left, zt_buffer_bytes (&safe), s_look (scene, ZT_ROLE_PROMPT));
    if (scene->list->is_typed && area.rows > 0)
        zt_screen_set_cursor (screen, area.row, area.column + left + columns);
    zt_buffer_free (&clean);
    zt_buffer_free (&safe);
}

/*  The list goes on below: that stands at the right of the title, if there is room. */
static void s_draw_more (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    zt_bytes_t more = zt_bytes (_ ("more: PgDn"));
    int own = (int) zt_glyph_columns (more, scene->style->widths);
    int title = (int) zt_glyph_columns (scene->list->title, scene->style->widths);
    if (!scene->list->is_typed || title + 2 + own < area.columns)
        s_put (scene, screen, area, 0, area.columns - own, more, s_look (scene, ZT_ROLE_SELECTED));
}

static void s_draw_list (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area)
{
    const zt_list_t *list = scene->list;
    zt_area_t inner = {area.row + 1, area.column, area.rows - 1, area.columns};
    size_t first = s_first (list->first, list->count, list->selected, inner.rows);
    zt_screen_fill (screen, area, s_look (scene, ZT_ROLE_TEXT));
    s_draw_title (scene, screen, area);
    if (inner.rows > 0 && first + (size_t) inner.rows < list->count)
        s_draw_more (scene, screen, area);
    if (list->count == 0 && list->nothing)
        s_put_line (scene, screen, inner, 0, zt_bytes (list->nothing),
                    s_look (scene, ZT_ROLE_NOTICE));
    for (int row = 0; row < inner.rows && first + (size_t) row < list->count; row++) {
        size_t i = first + (size_t) row;
        zt_style_t look = s_look (scene, i == list->selected ? ZT_ROLE_SELECTED : ZT_ROLE_TEXT);
        zt_buffer_t text = {NULL, 0, 0};
        zt_buffer_put_string (&text, i == list->selected ? "> " : "  ");
        list->line (list->self, i, &text);
        s_put_line (scene, screen, inner, row, zt_buffer_bytes (&text), look);
        zt_buffer_free (&text);
    }
}

/*  ---------------------------------------------------------------------------
    All of it */

void zt_view_draw (const zt_scene_t *scene, zt_screen_t *screen)
{
    zt_layout_t layout =
        zt_view_layout (scene, zt_screen_rows (screen), zt_screen_columns (screen));
    zt_screen_fill (screen, zt_screen_area (screen), s_look (scene, ZT_ROLE_TEXT));
    s_draw_input (scene, screen, layout.input);
    if (scene->list)
        s_draw_list (scene, screen, layout.page);
    else
        zt_page_draw (scene->style, zt_model_opened (scene->model), scene->scroll, screen,
                      layout.page);
    if (layout.conversations.columns)
        s_draw_conversations (scene, screen, layout.conversations);
    if (layout.people.columns)
        s_draw_people (scene, screen, layout.people);
    if (layout.bar.rows)
        zt_bar_draw (scene, screen, layout.bar);
    if (layout.question.rows)
        s_put (scene, screen, layout.question, 0, 0, scene->question,
               s_look (scene, ZT_ROLE_PROMPT));
}

static bool s_is_in (zt_area_t area, int row, int column)
{
    return row >= area.row && row < area.row + area.rows && column >= area.column &&
           column < area.column + area.columns;
}

static zt_place_t s_place (zt_place_kind_t kind, size_t index, size_t count)
{
    return index < count ? (zt_place_t){kind, index, 0} : (zt_place_t){ZT_PLACE_NONE, 0, 0};
}

zt_place_t zt_view_at (const zt_scene_t *scene, int rows, int columns, int row, int column)
{
    zt_layout_t layout = zt_view_layout (scene, rows, columns);
    zt_place_t none = {ZT_PLACE_NONE, 0, 0};
    if (s_is_in (layout.conversations, row, column))
        return s_place (ZT_PLACE_CONVERSATION,
                        s_first_conversation (scene, layout.conversations.rows) + (size_t) row,
                        zt_model_count (scene->model));
    if (s_is_in (layout.people, row, column))
        return row > 0 ? s_place (ZT_PLACE_PERSON, (size_t) row - 1,
                                  zt_model_online_count (scene->model))
                       : none;
    if (!s_is_in (layout.page, row, column))
        return none;
    if (scene->list)
        return row > 0 ? s_place (ZT_PLACE_LINE,
                                  s_first (scene->list->first, scene->list->count,
                                           scene->list->selected, layout.page.rows - 1) +
                                      (size_t) row - 1,
                                  scene->list->count)
                       : none;
    zt_place_t place = {ZT_PLACE_POST, 0, 0};
    return zt_page_at (scene->style, zt_model_opened (scene->model), scene->scroll,
                       layout.page.columns, layout.page.rows, row, &place.post)
               ? place
               : none;
}
