/*  SPDX-License-Identifier: MPL-2.0

    zt_wrap - a text that is typed, in rows of a width

    A row ends at a line end, and where it is full: before the word that has no room
    (where words are broken, zt_flow says), or in a word that is longer than a row.
    A full row always has another behind it, so that the cursor has a place in the
    width; for it a space that has no room begins the next row, where zt_flow would
    leave it out. What draws the text and what moves the cursor in it both ask here. */

#ifndef ZT_CLIENT_WRAP_H
#define ZT_CLIENT_WRAP_H

#include "client/glyph.h"

typedef struct {
    zt_bytes_t text; /* as it is drawn: see zt_glyph_safe */
    size_t width;    /* columns; 0 is taken for 1. What is wider than it has a row of its own */
    const zt_widths_t *widths;
} zt_wrap_t;

/*  The end of the row that begins at start, its line end not included; *next is
    where the next one begins. Returns false if there is no next one. */
bool zt_wrap_row (const zt_wrap_t *self, size_t start, size_t *end, size_t *next);

/*  How many rows there are, 1 at least. */
size_t zt_wrap_rows (const zt_wrap_t *self);

/*  The row and the column of the place at, both from 0. */
void zt_wrap_place (const zt_wrap_t *self, size_t at, size_t *row, size_t *column);

/*  The place at a column of a row, or the one before it if there is none at that
    column; the last row, if there are not so many. */
size_t zt_wrap_find (const zt_wrap_t *self, size_t row, size_t column);

#endif
