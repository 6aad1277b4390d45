/*  SPDX-License-Identifier: MPL-2.0

    zt_page - a conversation, as rows on a screen

    A post is some rows: a line with the day where a new day begins, a line above what is new,
    and its text, broken to the width, behind the time and the name. Rows are never stored:
    those that are to be seen are made when they are drawn, so that a hundred thousand
    posts cost nothing but their texts. */

#ifndef ZT_CLIENT_PAGE_H
#define ZT_CLIENT_PAGE_H

#include "client/model.h"
#include "client/screen.h"
#include "client/theme.h"

/*  Local time of a moment: the page knows no time zone. Appends "14:03" and "Sunday, 22
    November 2026", or the like. */
typedef void (zt_clock_fn) (uint64_t ms, zt_buffer_t *time, zt_buffer_t *day);

/*  What all pages are drawn by. All of it is borrowed. */
typedef struct {
    const zt_theme_t *theme;
    const zt_widths_t *widths;
    zt_clock_fn *clock;
    zt_bytes_t found; /* a query (zt_words_query) whose words are marked; empty: nothing is */
} zt_page_style_t;

/*  Where one has scrolled to: the row that is the last to be seen. Zeroed, with is_away false,
    it is the end, whatever comes. */
typedef struct {
    bool is_away;  /* from the end */
    int64_t place; /* of a post */
    size_t row;    /* of it, from 0 */
} zt_scroll_t;

/*  How many rows the post at a place takes; 0 if it is not there. */
size_t zt_page_rows (const zt_page_style_t *style, const zt_conversation_t *conversation,
                     int64_t place, int width);

/*  Draws the rows that end with that of scroll at the bottom of the area. Returns how many
    rows there was something for; fewer than there are means that the beginning is seen. */
int zt_page_draw (const zt_page_style_t *style, const zt_conversation_t *conversation,
                  const zt_scroll_t *scroll, zt_screen_t *screen, zt_area_t area);

/*  Scrolls by so many rows, up if they are negative. At the end one stays there. */
void zt_page_scroll (const zt_page_style_t *style, const zt_conversation_t *conversation,
                     zt_scroll_t *scroll, int width, int height, int rows);

/*  Scrolls so that the post is seen: near the middle is the first row of it that has something
    found, or else the first one of its text. */
void zt_page_show (const zt_page_style_t *style, const zt_conversation_t *conversation,
                   zt_scroll_t *scroll, int width, int height, int64_t place);

/*  The post that a row of the area shows, counted from its top; false if it shows none. */
bool zt_page_at (const zt_page_style_t *style, const zt_conversation_t *conversation,
                 const zt_scroll_t *scroll, int width, int height, int row, int64_t *place);

/*  How many posts are below the last row; 0 at the end. */
size_t zt_page_below (const zt_conversation_t *conversation, const zt_scroll_t *scroll);

#endif
