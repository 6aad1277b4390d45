/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/page.h"

#include "client/flow.h"
#include "common/name.h"
#include "common/translate.h"
#include "common/words.h"

/*  Below so many columns there is no room for a time, and below so many more none to
    indent the rows behind the first. */
enum { S_TIME_FROM = 36, S_INDENT_FROM = 24, S_TIME = 6 };

/*  A post, ready to be broken into rows. The texts are what the terminal can show. */
typedef struct {
    zt_post_t post;
    bool is_new_day;
    bool is_first_new;
    bool has_time; /* it is told: the post before is of another minute, or of another day */
    zt_buffer_t time, day, name, text;
    size_t said;       /* of the text is the post's own; what is behind is ours */
    zt_buffer_t marks; /* for each byte of what is said: is it found? Empty: it was not asked */
} s_sheet_t;

static void s_free (s_sheet_t *sheet)
{
    zt_buffer_free (&sheet->time);
    zt_buffer_free (&sheet->day);
    zt_buffer_free (&sheet->name);
    zt_buffer_free (&sheet->text);
    zt_buffer_free (&sheet->marks);
}

/*  ---------------------------------------------------------------------------
    What a post is made of */

static const char *s_mark (const zt_post_t *post)
{
    static const char *const marks[] = {[ZT_POST_PENDING] = " …",
                                        [ZT_POST_SENDING] = " ·",
                                        [ZT_POST_SENT] = " ✓",
                                        [ZT_POST_DELIVERED] = " ✓✓",
                                        [ZT_POST_REFUSED] = " ✗ "};
    return post->kind == ZT_POST_MESSAGE && post->is_own ? marks[post->state] : "";
}

/*  The day and the minute of the post before; what comes first has none. */
static void s_look_back (const zt_page_style_t *style, const zt_conversation_t *conversation,
                         s_sheet_t *sheet)
{
    zt_post_t before;
    zt_buffer_t time = {NULL, 0, 0}, day = {NULL, 0, 0};
    bool is_there = zt_conversation_post (conversation, sheet->post.place - 1, &before);
    style->clock (sheet->post.time, &sheet->time, &sheet->day);
    if (is_there)
        style->clock (before.time, &time, &day);
    sheet->is_new_day =
        !is_there || !zt_bytes_equal (zt_buffer_bytes (&day), zt_buffer_bytes (&sheet->day));
    sheet->has_time = sheet->is_new_day ||
                      !zt_bytes_equal (zt_buffer_bytes (&time), zt_buffer_bytes (&sheet->time));
    zt_buffer_free (&time);
    zt_buffer_free (&day);
}

static bool s_read (const zt_page_style_t *style, const zt_conversation_t *conversation,
                    int64_t place, s_sheet_t *sheet)
{
    *sheet = (s_sheet_t){.is_new_day = false};
    if (!zt_conversation_post (conversation, place, &sheet->post))
        return false;
    int64_t first_new;
    sheet->is_first_new =
        zt_conversation_first_new (conversation, &first_new) && first_new == place;
    s_look_back (style, conversation, sheet);
    const zt_post_t *post = &sheet->post;
    zt_buffer_t raw = {NULL, 0, 0};
    if (post->kind == ZT_POST_MESSAGE) {
        zt_buffer_put_bytes (&raw, post->from);
        zt_buffer_put_bytes (&raw, post->flag);
        zt_buffer_put_string (&raw, ":");
    } else
        zt_buffer_put_string (&raw, post->kind == ZT_POST_ERROR ? "!" : "*");
    zt_glyph_safe (&sheet->name, zt_buffer_bytes (&raw), style->widths);
    zt_glyph_safe (&sheet->text, post->text, style->widths);
    sheet->said = sheet->text.size;
    zt_buffer_clear (&raw);
    zt_buffer_put_string (&raw, s_mark (post));
    zt_buffer_put_bytes (&raw, post->note);
    zt_glyph_safe (&sheet->text, zt_buffer_bytes (&raw), style->widths);
    zt_buffer_free (&raw);
    return true;
}

/*  Finds what is searched for: in messages, not in what we say ourselves. */
static void s_find (const zt_page_style_t *style, s_sheet_t *sheet)
{
    if (style->found.size && sheet->post.kind == ZT_POST_MESSAGE && sheet->post.has_text)
        zt_words_mark (&sheet->marks,
                       zt_bytes_part (zt_buffer_bytes (&sheet->text), 0, sheet->said),
                       style->found);
}

/*  The rows above the text. */
static size_t s_lines_above (const s_sheet_t *sheet)
{
    return (size_t) sheet->is_new_day + sheet->is_first_new;
}

static int s_time_columns (int width)
{
    return width >= S_TIME_FROM ? S_TIME : 0;
}

static zt_flow_t s_flow (const zt_page_style_t *style, const s_sheet_t *sheet, int width)
{
    int left = s_time_columns (width);
    int name = (int) zt_glyph_columns (zt_buffer_bytes (&sheet->name), style->widths) + 1;
    int indent = width >= S_INDENT_FROM ? left + 2 : left;
    return zt_flow (zt_buffer_bytes (&sheet->text), width, left + name, indent, style->widths);
}

static size_t s_rows (const zt_page_style_t *style, const s_sheet_t *sheet, int width)
{
    zt_flow_t flow = s_flow (style, sheet, width);
    zt_flow_row_t row;
    size_t n = s_lines_above (sheet);
    while (zt_flow_next (&flow, &row))
        n++;
    return n;
}

size_t zt_page_rows (const zt_page_style_t *style, const zt_conversation_t *conversation,
                     int64_t place, int width)
{
    s_sheet_t sheet;
    size_t n = s_read (style, conversation, place, &sheet) ? s_rows (style, &sheet, width) : 0;
    s_free (&sheet);
    return n;
}

/*  ---------------------------------------------------------------------------
    Drawing */

/*  A line over the whole width, with a word in it. */
static void s_draw_rule (const zt_page_style_t *style, zt_screen_t *screen, zt_area_t area, int row,
                         zt_bytes_t word, zt_role_t role)
{
    zt_style_t look = zt_theme_style (style->theme, role);
    zt_buffer_t safe = {NULL, 0, 0};
    zt_glyph_safe (&safe, word, style->widths);
    int columns = (int) zt_glyph_columns (zt_buffer_bytes (&safe), style->widths);
    int left = (area.columns - columns - 2) / 2;
    for (int column = 0; column < area.columns; column++)
        if (columns + 2 <= area.columns)
            zt_screen_put (screen, area, row, column, zt_bytes ("─"), look);
    if (left < 0)
        left = 0;
    int at = zt_screen_put (screen, area, row, left, zt_bytes (" "), look);
    at = zt_screen_put (screen, area, row, at, zt_buffer_bytes (&safe), look);
    zt_screen_put (screen, area, row, at, zt_bytes (" "), look);
    zt_buffer_free (&safe);
}

static zt_style_t s_name_style (const zt_page_style_t *style, const zt_post_t *post)
{
    if (post->kind != ZT_POST_MESSAGE)
        return zt_theme_style (style->theme,
                               post->kind == ZT_POST_ERROR ? ZT_ROLE_ERROR : ZT_ROLE_NOTICE);
    return post->is_own ? zt_theme_style (style->theme, ZT_ROLE_OWN)
                        : zt_theme_sender (style->theme, post->from);
}

static zt_style_t s_text_style (const zt_page_style_t *style, const zt_post_t *post)
{
    if (post->kind != ZT_POST_MESSAGE)
        return s_name_style (style, post);
    if (post->is_mention)
        return zt_theme_style (style->theme, ZT_ROLE_MENTION);
    if (post->is_own && post->state == ZT_POST_REFUSED)
        return zt_theme_style (style->theme, ZT_ROLE_ERROR);
    bool waits = post->is_own && post->state < ZT_POST_SENT;
    return zt_theme_style (style->theme, waits ? ZT_ROLE_PENDING : ZT_ROLE_TEXT);
}

/*  What stands before the text of the first row. A mention has a mark that needs no colour. */
static void s_draw_head (const zt_page_style_t *style, const s_sheet_t *sheet, zt_screen_t *screen,
                         zt_area_t area, int row)
{
    int left = s_time_columns (area.columns);
    if (left && sheet->has_time)
        zt_screen_put (screen, area, row, 0, zt_buffer_bytes (&sheet->time),
                       zt_theme_style (style->theme, ZT_ROLE_TIME));
    if (left && sheet->post.is_mention)
        zt_screen_put (screen, area, row, left - 1, zt_bytes ("»"),
                       zt_theme_style (style->theme, ZT_ROLE_MENTION));
    zt_screen_put (screen, area, row, left, zt_buffer_bytes (&sheet->name),
                   s_name_style (style, &sheet->post));
}

/*  A row of the text: what is found has a style of its own. It is cut between clusters. */
static void s_draw_text (const zt_page_style_t *style, const s_sheet_t *sheet, zt_screen_t *screen,
                         zt_area_t area, int place, const zt_flow_row_t *row)
{
    if (row->text.size == 0)
        return;
    zt_style_t looks[] = {s_text_style (style, &sheet->post),
                          zt_theme_style (style->theme, ZT_ROLE_FOUND)};
    size_t at = (size_t) (row->text.data - sheet->text.data), begin = at;
    bool is_found = false;
    int column = row->indent;
    zt_bytes_t rest = row->text, all = zt_buffer_bytes (&sheet->text);
    zt_glyph_t glyph;
    for (; zt_glyph_next (&rest, style->widths, &glyph); at += glyph.text.size) {
        bool is_next_found = at < sheet->marks.size && sheet->marks.data[at];
        if (is_next_found == is_found)
            continue;
        column = zt_screen_put (screen, area, place, column, zt_bytes_part (all, begin, at - begin),
                                looks[is_found]);
        begin = at;
        is_found = is_next_found;
    }
    zt_screen_put (screen, area, place, column, zt_bytes_part (all, begin, at - begin),
                   looks[is_found]);
}

/*  Draws the rows first to first + n - 1 of a post, from a row of the area on. */
static void s_draw (const zt_page_style_t *style, s_sheet_t *sheet, zt_screen_t *screen,
                    zt_area_t area, int top, size_t first, size_t n)
{
    size_t at = 0;
    s_find (style, sheet);
    if (sheet->is_new_day && at++ >= first && at <= first + n)
        s_draw_rule (style, screen, area, top + (int) (at - 1 - first),
                     zt_buffer_bytes (&sheet->day), ZT_ROLE_TIME);
    if (sheet->is_first_new && at++ >= first && at <= first + n)
        s_draw_rule (style, screen, area, top + (int) (at - 1 - first), zt_bytes (_ ("new")),
                     ZT_ROLE_UNREAD);
    zt_flow_t flow = s_flow (style, sheet, area.columns);
    zt_flow_row_t row;
    for (bool is_first = true; zt_flow_next (&flow, &row); is_first = false, at++) {
        if (at < first || at >= first + n)
            continue;
        int place = top + (int) (at - first);
        if (is_first)
            s_draw_head (style, sheet, screen, area, place);
        s_draw_text (style, sheet, screen, area, place, &row);
    }
}

/*  The post at the bottom, and how many of its rows are seen, when nothing is below. False if there
    is nothing. A post that is gone stands for the nearest one that is there. */
static bool s_bottom (const zt_page_style_t *style, const zt_conversation_t *conversation,
                      const zt_scroll_t *scroll, int width, int64_t *place, size_t *rows)
{
    int64_t first, last;
    if (!zt_conversation_range (conversation, &first, &last))
        return false;
    *place = !scroll->is_away || scroll->place > last ? last
             : scroll->place < first                  ? first
                                                      : scroll->place;
    size_t all = zt_page_rows (style, conversation, *place, width);
    bool is_whole = !scroll->is_away || scroll->place != *place || scroll->row >= all;
    *rows = is_whole ? all : scroll->row + 1;
    return true;
}

int zt_page_draw (const zt_page_style_t *style, const zt_conversation_t *conversation,
                  const zt_scroll_t *scroll, zt_screen_t *screen, zt_area_t area)
{
    int64_t place;
    size_t rows;
    int bottom = area.rows;
    bool is_there = s_bottom (style, conversation, scroll, area.columns, &place, &rows);
    while (is_there && bottom > 0) {
        s_sheet_t sheet;
        size_t n = rows < (size_t) bottom ? rows : (size_t) bottom;
        bottom -= (int) n;
        if (s_read (style, conversation, place, &sheet))
            s_draw (style, &sheet, screen, area, bottom, rows - n, n);
        s_free (&sheet);
        rows = zt_page_rows (style, conversation, --place, area.columns);
        is_there = rows > 0;
    }
    return area.rows - bottom;
}

/*  ---------------------------------------------------------------------------
    Scrolling */

/*  Moves the last row up, as far as there are rows. */
static void s_up (const zt_page_style_t *style, const zt_conversation_t *conversation, int width,
                  int64_t *place, size_t *rows, size_t n)
{
    while (n >= *rows) {
        size_t above = zt_page_rows (style, conversation, *place - 1, width);
        if (!above) {
            n = *rows - 1;
            break;
        }
        n -= *rows;
        *rows = above;
        --*place;
    }
    *rows -= n;
}

/*  Moves it down; false if that is the end. */
static bool s_down (const zt_page_style_t *style, const zt_conversation_t *conversation, int width,
                    int64_t *place, size_t *rows, size_t n)
{
    size_t all = zt_page_rows (style, conversation, *place, width);
    while (*rows + n > all) {
        size_t below = zt_page_rows (style, conversation, *place + 1, width);
        if (!below)
            return false;
        n -= all - *rows;
        *rows = 0;
        all = below;
        ++*place;
    }
    *rows += n;
    return *rows < all || zt_page_rows (style, conversation, *place + 1, width) > 0;
}

/*  So many rows are above the last one, which is counted: no more than fill the height. */
static bool s_fills (const zt_page_style_t *style, const zt_conversation_t *conversation, int width,
                     int height, int64_t place, size_t rows)
{
    size_t n = rows;
    while (n < (size_t) height && (rows = zt_page_rows (style, conversation, --place, width)) > 0)
        n += rows;
    return n >= (size_t) height;
}

void zt_page_scroll (const zt_page_style_t *style, const zt_conversation_t *conversation,
                     zt_scroll_t *scroll, int width, int height, int rows)
{
    int64_t place;
    size_t seen;
    if (!s_bottom (style, conversation, scroll, width, &place, &seen))
        return;
    if (rows > 0) {
        scroll->is_away = s_down (style, conversation, width, &place, &seen, (size_t) rows);
    } else {
        s_up (style, conversation, width, &place, &seen, (size_t) -rows);
        /*  The beginning stays at the top. */
        bool is_away = true;
        while (is_away && !s_fills (style, conversation, width, height, place, seen))
            is_away = s_down (style, conversation, width, &place, &seen, 1);
        scroll->is_away = is_away;
    }
    scroll->place = place;
    scroll->row = seen ? seen - 1 : 0;
}

/*  The row of a post that matters: the first one in which something is found, or that its text
    begins with. */
static size_t s_row_of_interest (const zt_page_style_t *style, s_sheet_t *sheet, int width)
{
    size_t above = s_lines_above (sheet), n = above;
    zt_flow_t flow = s_flow (style, sheet, width);
    zt_flow_row_t row;
    s_find (style, sheet);
    const char *found = sheet->marks.size ? memchr (sheet->marks.data, 1, sheet->marks.size) : NULL;
    for (size_t end = 0; found && zt_flow_next (&flow, &row); n++) {
        end += row.size;
        if (end > (size_t) (found - sheet->marks.data))
            return n;
    }
    return above;
}

void zt_page_show (const zt_page_style_t *style, const zt_conversation_t *conversation,
                   zt_scroll_t *scroll, int width, int height, int64_t place)
{
    s_sheet_t sheet;
    size_t row = 0;
    if (s_read (style, conversation, place, &sheet))
        row = s_row_of_interest (style, &sheet, width);
    s_free (&sheet);
    *scroll = (zt_scroll_t){true, place, row};
    zt_page_scroll (style, conversation, scroll, width, height, height / 2);
}

bool zt_page_at (const zt_page_style_t *style, const zt_conversation_t *conversation,
                 const zt_scroll_t *scroll, int width, int height, int row, int64_t *place)
{
    size_t rows;
    int bottom = height;
    bool is_there = s_bottom (style, conversation, scroll, width, place, &rows);
    while (is_there && bottom > row) {
        bottom -= (int) rows < bottom ? (int) rows : bottom;
        if (bottom <= row)
            return true;
        rows = zt_page_rows (style, conversation, --*place, width);
        is_there = rows > 0;
    }
    return false;
}

size_t zt_page_below (const zt_conversation_t *conversation, const zt_scroll_t *scroll)
{
    int64_t first, last;
    if (!scroll->is_away || !zt_conversation_range (conversation, &first, &last) ||
        scroll->place >= last)
        return 0;
    return (size_t) (last - scroll->place);
}
