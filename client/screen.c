/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/screen.h"

#include "common/alloc.h"
#include "common/utf8.h"

#include <assert.h>
#include <stdlib.h>

struct zt_screen_t {
    int rows, columns;
    zt_cell_t *cells;
    zt_widths_t widths;
    bool has_cursor;
    int cursor_row, cursor_column;
};

static_assert (sizeof (zt_cell_t) == ZT_CELL_BYTES + 3 + sizeof (zt_style_t),
               "cells are compared with memcmp");

zt_cell_t zt_cell_blank (zt_style_t style)
{
    return (zt_cell_t){.text = " ", .size = 1, .columns = 1, .style = style};
}

static int s_clamp (int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

zt_screen_t *zt_screen_new (int rows, int columns)
{
    zt_screen_t *self = zt_alloc (sizeof *self);
    self->widths = zt_widths_safe ();
    zt_screen_resize (self, rows, columns);
    return self;
}

void zt_screen_destroy (zt_screen_t **self_p)
{
    zt_screen_t *self = *self_p;
    if (self) {
        free (self->cells);
        free (self);
    }
    *self_p = NULL;
}

void zt_screen_resize (zt_screen_t *self, int rows, int columns)
{
    self->rows = s_clamp (rows, 1, ZT_SCREEN_MAX);
    self->columns = s_clamp (columns, 1, ZT_SCREEN_MAX);
    size_t count = (size_t) self->rows * (size_t) self->columns;
    self->cells = zt_realloc (self->cells, count, sizeof (zt_cell_t));
    self->has_cursor = false;
    for (size_t i = 0; i < count; i++)
        self->cells[i] = zt_cell_blank ((zt_style_t){0, 0, 0});
}

void zt_screen_set_widths (zt_screen_t *self, const zt_widths_t *widths)
{
    self->widths = *widths;
}

int zt_screen_rows (const zt_screen_t *self)
{
    return self->rows;
}

int zt_screen_columns (const zt_screen_t *self)
{
    return self->columns;
}

zt_area_t zt_screen_area (const zt_screen_t *self)
{
    return (zt_area_t){0, 0, self->rows, self->columns};
}

const zt_cell_t *zt_screen_row (const zt_screen_t *self, int row)
{
    assert (row >= 0 && row < self->rows);
    return self->cells + (size_t) row * (size_t) self->columns;
}

static zt_cell_t *s_row (zt_screen_t *self, int row)
{
    return self->cells + (size_t) row * (size_t) self->columns;
}

/*  What of an area is on the screen: rows and columns from, and up to. */
typedef struct {
    int top, bottom, left, right;
} s_clip_t;

/*  The sum, where it would be too large the largest. */
static int s_sum (int a, int b)
{
    int sum;
    if (__builtin_add_overflow (a, b, &sum))
        return a < 0 ? INT32_MIN : INT32_MAX;
    return sum;
}

static s_clip_t s_clip (const zt_screen_t *self, zt_area_t area)
{
    return (s_clip_t){.top = s_clamp (area.row, 0, self->rows),
                      .bottom = s_clamp (s_sum (area.row, area.rows), 0, self->rows),
                      .left = s_clamp (area.column, 0, self->columns),
                      .right = s_clamp (s_sum (area.column, area.columns), 0, self->columns)};
}

/*  The cells from column on are going to be overwritten, or those before it: a cluster
    that lies on both sides is no more. */
static void s_split (zt_screen_t *self, zt_cell_t *row, int column)
{
    if (column <= 0 || column >= self->columns || row[column].size > 0)
        return;
    int first = column;
    while (first > 0 && row[first].size == 0)
        first--;
    int end = first + row[first].columns;
    zt_cell_t blank = zt_cell_blank (row[first].style);
    for (int i = first; i < end; i++)
        row[i] = blank;
}

void zt_screen_fill (zt_screen_t *self, zt_area_t area, zt_style_t style)
{
    s_clip_t clip = s_clip (self, area);
    zt_cell_t blank = zt_cell_blank (style);
    for (int i = clip.top; i < clip.bottom && clip.left < clip.right; i++) {
        zt_cell_t *row = s_row (self, i);
        s_split (self, row, clip.left);
        s_split (self, row, clip.right);
        for (int column = clip.left; column < clip.right; column++)
            row[column] = blank;
    }
}

/*  True if no part of a cluster is a control, and all of it is UTF-8. */
static bool s_is_harmless (zt_bytes_t text)
{
    uint32_t c;
    for (size_t at = 0; at < text.size;) {
        size_t used = zt_utf8_read (text.data + at, text.size - at, &c);
        if (used == 0 || c < 0x20 || (c >= 0x7F && c < 0xA0))
            return false;
        at += used;
    }
    return true;
}

/*  Writes a cluster into its cells. This is the one place where bytes get into a cell:
    here is seen to it that they are text. */
static void s_store (zt_cell_t *to, const zt_glyph_t *glyph, zt_style_t style)
{
    static const zt_bytes_t replacement = ZT_LITERAL ("\uFFFD");
    bool fits = glyph->text.size <= ZT_CELL_BYTES && s_is_harmless (glyph->text);
    zt_bytes_t text = fits ? glyph->text : replacement;
    zt_cell_t cell = {.size = (unsigned char) text.size,
                      .columns = (unsigned char) (fits ? glyph->columns : 1),
                      .is_contentious = fits && glyph->is_contentious,
                      .style = style};
    memcpy (cell.text, text.data, text.size);
    *to = cell;
    for (size_t i = 1; i < glyph->columns; i++)
        to[i] = fits ? (zt_cell_t){.style = style} : zt_cell_blank (style);
}

/*  Puts a cluster of one column or more at a column of the screen. */
static void s_place (zt_screen_t *self, const s_clip_t *clip, zt_cell_t *row, int column,
                     const zt_glyph_t *glyph, zt_style_t style)
{
    int end = column + (int) glyph->columns;
    int from = s_clamp (column, clip->left, clip->right);
    int to = s_clamp (end, clip->left, clip->right);
    if (from == to)
        return;
    s_split (self, row, from);
    s_split (self, row, to);
    if (from == column && to == end) {
        s_store (row + column, glyph, style);
        return;
    }
    for (int i = from; i < to; i++)
        row[i] = zt_cell_blank (style);
    row[from].text[0] = column < from ? '<' : '>';
}

int zt_screen_put (zt_screen_t *self, zt_area_t area, int row, int column, zt_bytes_t text,
                   zt_style_t style)
{
    s_clip_t clip = s_clip (self, area);
    int at = s_sum (area.row, row);
    if (row < 0 || at < clip.top || at >= clip.bottom)
        return column;
    zt_cell_t *cells = s_row (self, at);
    int place = s_sum (area.column, column);
    zt_glyph_t glyph;
    while (place < clip.right && zt_glyph_next (&text, &self->widths, &glyph)) {
        /*  A cluster has less columns than bytes, and those that matter have few. */
        if (glyph.columns > ZT_SCREEN_MAX)
            glyph.columns = ZT_SCREEN_MAX;
        if (glyph.columns)
            s_place (self, &clip, cells, place, &glyph, style);
        place += (int) glyph.columns;
    }
    return place - area.column;
}

void zt_screen_set_cursor (zt_screen_t *self, int row, int column)
{
    self->has_cursor = row >= 0 && row < self->rows && column >= 0 && column < self->columns;
    self->cursor_row = self->has_cursor ? row : 0;
    self->cursor_column = self->has_cursor ? column : 0;
}

void zt_screen_hide_cursor (zt_screen_t *self)
{
    zt_screen_set_cursor (self, -1, -1);
}

bool zt_screen_cursor (const zt_screen_t *self, int *row, int *column)
{
    *row = self->cursor_row;
    *column = self->cursor_column;
    return self->has_cursor;
}
