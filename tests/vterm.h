/*  SPDX-License-Identifier: MPL-2.0

    zt_vterm - a terminal (libvterm) that reads what we draw, and answers

    Rows and columns are counted from 0. */

#ifndef ZT_VTERM_H
#define ZT_VTERM_H

#include "common/buffer.h"

typedef struct zt_vterm_t zt_vterm_t;

/*  What a cell has. */
typedef struct {
    char text[32]; /* with a NUL; a space if it is empty, "" if a wide character of the
                      cell on the left goes on here */
    int columns;   /* of the character; 1 if it goes on */
    bool bold, italic, underline, reverse;
    int foreground; /* -1: the terminal's own; 0xRRGGBB; of an index, 0x1000000 and it */
    int background; /* the same */
} zt_vterm_cell_t;

/*  In UTF-8, with an alternate screen. */
zt_vterm_t *zt_vterm_new (int rows, int columns);
void zt_vterm_destroy (zt_vterm_t **self_p);

void zt_vterm_resize (zt_vterm_t *self, int rows, int columns);

/*  The terminal reads bytes. */
void zt_vterm_feed (zt_vterm_t *self, zt_bytes_t bytes);

/*  What the terminal has answered since the last call, appended. */
void zt_vterm_answers (zt_vterm_t *self, zt_buffer_t *buffer);

zt_vterm_cell_t zt_vterm_cell (const zt_vterm_t *self, int row, int column);

/*  Appends the text of a row, without the spaces at its end. */
void zt_vterm_row (const zt_vterm_t *self, int row, zt_buffer_t *buffer);

/*  Where the cursor is; false if it is hidden. */
bool zt_vterm_cursor (const zt_vterm_t *self, int *row, int *column);

bool zt_vterm_is_alternate (const zt_vterm_t *self);

/*  How often its bell has rung. */
int zt_vterm_bells (const zt_vterm_t *self);

#endif
