/*  SPDX-License-Identifier: MPL-2.0

    zt_screen - what the screen is to show: a grid of cells

    A frame is drawn into the grid, all of it or what has changed, and zt_painter then
    tells the terminal. Rows and columns are counted from 0. Whatever text is put, no cell
    ever holds a control: what is not text is replaced when it comes here. */

#ifndef ZT_CLIENT_SCREEN_H
#define ZT_CLIENT_SCREEN_H

#include "client/glyph.h"
#include "client/style.h"

/*  The longest cluster: a family of four with all its skin tones has 41 bytes. What is
    longer shows as U+FFFD. */
enum { ZT_CELL_BYTES = 42 };

/*  The most rows or columns that there can be. */
enum { ZT_SCREEN_MAX = 1000 };

/*  The first cell of a cluster holds it, and the others, if it takes several columns, are
    empty. There is no padding, and unused bytes are zeros: cells compare with memcmp. */
typedef struct {
    char text[ZT_CELL_BYTES];
    unsigned char size;    /* bytes of text; 0: the cluster on the left goes on here */
    unsigned char columns; /* that the cluster takes; 0 where it goes on */
    bool is_contentious;   /* see zt_glyph_t */
    zt_style_t style;
} zt_cell_t;

/*  A rectangle. It may reach over the screen, and what does is not drawn. */
typedef struct {
    int row, column, rows, columns;
} zt_area_t;

typedef struct zt_screen_t zt_screen_t;

/*  A blank screen of 1 to ZT_SCREEN_MAX rows and columns; numbers outside are moved there. */
zt_screen_t *zt_screen_new (int rows, int columns);
void zt_screen_destroy (zt_screen_t **self_p);

/*  Changes the size; the screen is blank then, and has no cursor. */
void zt_screen_resize (zt_screen_t *self, int rows, int columns);

/*  The profile of the terminal (copied), which is the safe one at the start. It holds for
    what is put from now on. */
void zt_screen_set_widths (zt_screen_t *self, const zt_widths_t *widths);

int zt_screen_rows (const zt_screen_t *self);
int zt_screen_columns (const zt_screen_t *self);

/*  The whole screen, as an area. */
zt_area_t zt_screen_area (const zt_screen_t *self);

/*  Makes the area blank, in the style. */
void zt_screen_fill (zt_screen_t *self, zt_area_t area, zt_style_t style);

/*  Puts one row of text at a place that is counted from the corner of the area, and draws
    what is inside of the area. A cluster that is cut by an edge shows as '<' or '>', and
    spaces. text has gone through zt_text_clean and zt_glyph_safe; what takes no column (a
    line end, too) is left out. Returns the column behind it, in the area; if the text goes
    beyond the area, any column there. */
int zt_screen_put (zt_screen_t *self, zt_area_t area, int row, int column, zt_bytes_t text,
                   zt_style_t style);

/*  Shows the cursor at a place, or, outside of the screen, hides it. */
void zt_screen_set_cursor (zt_screen_t *self, int row, int column);
void zt_screen_hide_cursor (zt_screen_t *self);

/*  False if the cursor is hidden; else stores where it is. */
bool zt_screen_cursor (const zt_screen_t *self, int *row, int *column);

/*  The cells of a row that is there, until the next change of the size. */
const zt_cell_t *zt_screen_row (const zt_screen_t *self, int row);

/*  A space. */
zt_cell_t zt_cell_blank (zt_style_t style);

#endif
