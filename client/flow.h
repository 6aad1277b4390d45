/*  SPDX-License-Identifier: MPL-2.0

    zt_flow - text to be read, broken into rows of a width by words

    Rows are broken at spaces, after hyphens and dashes, and on both sides of ideographs
    and emoji (a light UAX 14); a word that is longer than a row is cut between clusters.
    Nothing is allocated and nothing kept: rows are cheap to compute again. */

#ifndef ZT_CLIENT_FLOW_H
#define ZT_CLIENT_FLOW_H

#include "client/glyph.h"

/*  Where the breaking is; made by zt_flow, and the caller leaves it alone. */
typedef struct {
    zt_bytes_t text;
    const zt_widths_t *widths;
    int width;
    int first; /* -1: the first row is done */
    int indent;
    size_t at; /* the next byte */
    bool is_over;
} zt_flow_t;

/*  The rows, put together, are the text: each byte is in one of them, in order. */
typedef struct {
    zt_bytes_t text; /* what is to be shown: without the spaces it was broken at, or its LF */
    size_t size;     /* bytes of the row, with these */
    int indent;      /* the column where it begins */
    int columns;     /* that it takes. Behind the indent they fit into the width, except for
                        a cluster that is wider than all of it, and is alone */
} zt_flow_row_t;

/*  Begins. text (as zt_screen_put wants it) and widths are views, which must live on.
    Rows have width columns, 1 at least. On the left the first one leaves so many of them
    free for what the caller has there, and is empty if the first word has no room behind;
    the others leave indent free, or what of it is bearable. */
zt_flow_t zt_flow (zt_bytes_t text, int width, int first, int indent, const zt_widths_t *widths);

/*  The next row; false if there are no more. An empty text is one empty row, and so is
    what is behind an LF at the end. */
bool zt_flow_next (zt_flow_t *self, zt_flow_row_t *row);

/*  Tells, glyph by glyph, where rows are broken. Zeroed it is the beginning of a row. */
typedef struct {
    unsigned char class; /* of the glyph before */
} zt_flow_break_t;

/*  The next glyph of the row; true if a row may end before it. */
bool zt_flow_may_break (zt_flow_break_t *self, zt_bytes_t glyph);

/*  How many rows there are. */
size_t zt_flow_rows (zt_bytes_t text, int width, int first, int indent, const zt_widths_t *widths);

#endif
