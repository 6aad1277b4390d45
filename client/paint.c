/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/paint.h"

#include "common/alloc.h"

#include <stdlib.h>

#define S_FRAME_BEGIN "\033[?2026h\033[?25l" /* synchronized output; no cursor */
#define S_FRAME_END   "\033[?2026l"
#define S_CURSOR_ON   "\033[?25h"
#define S_BLANK       "\033[?7l\033[m\033[2J" /* no wrapping at the right edge; a plain pen */
#define S_ERASE_TAIL  "\033[K"

/*  So many blanks at the end of a row take more bytes than erasing them. */
enum { S_TAIL_MIN = 4 };

struct zt_painter_t {
    bool is_known; /* the terminal shows what is in cells */
    int rows, columns;
    zt_cell_t *cells;
    bool has_cursor;
    int cursor_row, cursor_column;
    zt_depth_t depth;
    zt_palette_t palette;
};

/*  What is known of the terminal while a frame is painted. */
typedef struct {
    zt_painter_t *painter;
    zt_buffer_t *buffer;
    zt_style_t style;
    int row, column; /* where the cursor is; -1: nobody knows */
} s_pen_t;

zt_painter_t *zt_painter_new (void)
{
    return zt_alloc (sizeof (zt_painter_t));
}

void zt_painter_destroy (zt_painter_t **self_p)
{
    zt_painter_t *self = *self_p;
    if (self) {
        free (self->cells);
        free (self);
    }
    *self_p = NULL;
}

void zt_painter_set_colours (zt_painter_t *self, zt_depth_t depth, zt_palette_t palette)
{
    bool is_same = self->palette.colours == palette.colours && self->palette.count == palette.count;
    if (self->depth == depth && is_same)
        return;
    self->depth = depth;
    self->palette = palette;
    self->is_known = false;
}

void zt_painter_forget (zt_painter_t *self)
{
    self->is_known = false;
}

static void s_move (s_pen_t *pen, int row, int column)
{
    if (pen->row == row && pen->column == column)
        return;
    zt_buffer_put_format (pen->buffer, "\033[%d;%dH", row + 1, column + 1);
    pen->row = row;
    pen->column = column;
}

static void s_set_style (s_pen_t *pen, zt_style_t style)
{
    zt_style_put (pen->buffer, pen->style, style, pen->painter->depth, pen->painter->palette);
    pen->style = style;
}

static void s_paint_cell (s_pen_t *pen, int row, int column, const zt_cell_t *cell)
{
    s_move (pen, row, column);
    s_set_style (pen, cell->style);
    if (cell->is_contentious) {
        /*  Where the terminal draws it narrower than we think, nothing old shows. */
        for (int i = 0; i < cell->columns; i++)
            zt_buffer_put_char (pen->buffer, ' ');
        pen->column = -1;
        s_move (pen, row, column);
    }
    zt_buffer_put (pen->buffer, cell->text, cell->size);
    pen->column += cell->columns;
    /*  At the right edge the cursor stays on the last column. */
    if (cell->is_contentious || pen->column >= pen->painter->columns)
        pen->column = -1;
}

static bool s_is_contentious (const zt_cell_t *row, int columns)
{
    for (int i = 0; i < columns; i++)
        if (row[i].is_contentious)
            return true;
    return false;
}

/*  The first of the plain blanks at the end of a row. */
static int s_tail (const zt_cell_t *row, int columns)
{
    const zt_cell_t blank = zt_cell_blank ((zt_style_t){0, 0, 0});
    while (columns > 0 && memcmp (&row[columns - 1], &blank, sizeof blank) == 0)
        columns--;
    return columns;
}

static void s_paint_row (s_pen_t *pen, int row, const zt_cell_t *wanted)
{
    zt_painter_t *self = pen->painter;
    size_t size = (size_t) self->columns * sizeof (zt_cell_t);
    zt_cell_t *shown = self->cells + (size_t) row * (size_t) self->columns;
    if (memcmp (shown, wanted, size) == 0)
        return;
    bool is_whole =
        s_is_contentious (shown, self->columns) || s_is_contentious (wanted, self->columns);
    int tail = s_tail (wanted, self->columns);
    if (self->columns - tail < S_TAIL_MIN)
        tail = self->columns;
    for (int i = 0; i < tail; i++)
        if (wanted[i].size && (is_whole || memcmp (&shown[i], &wanted[i], sizeof *wanted) != 0))
            s_paint_cell (pen, row, i, &wanted[i]);
    size_t start = (size_t) tail * sizeof (zt_cell_t);
    if (tail < self->columns &&
        (is_whole || memcmp (shown + tail, wanted + tail, size - start) != 0)) {
        s_move (pen, row, tail);
        s_set_style (pen, (zt_style_t){0, 0, 0});
        zt_buffer_put_string (pen->buffer, S_ERASE_TAIL);
    }
    memcpy (shown, wanted, size);
}

/*  The terminal is a blank of that size. */
static void s_begin_anew (zt_painter_t *self, const zt_screen_t *screen, zt_buffer_t *buffer)
{
    zt_buffer_put_string (buffer, S_BLANK);
    self->rows = zt_screen_rows (screen);
    self->columns = zt_screen_columns (screen);
    size_t count = (size_t) self->rows * (size_t) self->columns;
    self->cells = zt_realloc (self->cells, count, sizeof (zt_cell_t));
    for (size_t i = 0; i < count; i++)
        self->cells[i] = zt_cell_blank ((zt_style_t){0, 0, 0});
    self->is_known = true;
}

/*  True if the terminal shows the screen, and its cursor. */
static bool s_is_shown (const zt_painter_t *self, const zt_screen_t *screen)
{
    int row, column;
    bool has_cursor = zt_screen_cursor (screen, &row, &column);
    if (!self->is_known || self->rows != zt_screen_rows (screen) ||
        self->columns != zt_screen_columns (screen) || self->has_cursor != has_cursor ||
        self->cursor_row != row || self->cursor_column != column)
        return false;
    size_t count = (size_t) self->rows * (size_t) self->columns;
    return memcmp (self->cells, zt_screen_row (screen, 0), count * sizeof (zt_cell_t)) == 0;
}

bool zt_painter_paint (zt_painter_t *self, const zt_screen_t *screen, zt_buffer_t *buffer)
{
    if (s_is_shown (self, screen))
        return false;
    zt_buffer_put_string (buffer, S_FRAME_BEGIN);
    if (!self->is_known || self->rows != zt_screen_rows (screen) ||
        self->columns != zt_screen_columns (screen))
        s_begin_anew (self, screen, buffer);
    /*  A frame leaves a plain pen behind, so that the next one knows it. */
    s_pen_t pen = {self, buffer, {0, 0, 0}, -1, -1};
    for (int i = 0; i < self->rows; i++)
        s_paint_row (&pen, i, zt_screen_row (screen, i));
    s_set_style (&pen, (zt_style_t){0, 0, 0});
    self->has_cursor = zt_screen_cursor (screen, &self->cursor_row, &self->cursor_column);
    if (self->has_cursor) {
        s_move (&pen, self->cursor_row, self->cursor_column);
        zt_buffer_put_string (buffer, S_CURSOR_ON);
    }
    zt_buffer_put_string (buffer, S_FRAME_END);
    return true;
}
