/*  SPDX-License-Identifier: MPL-2.0

    zt_undo - what was changed in a line, to be taken back and done again */

#ifndef ZT_CLIENT_UNDO_H
#define ZT_CLIENT_UNDO_H

#include "client/line.h"

typedef struct zt_undo_step_t zt_undo_step_t;

/*  Zeroed memory is one where nothing was changed. */
typedef struct {
    zt_undo_step_t *steps; /* owned */
    size_t count;          /* of steps */
    size_t done;           /* of them; the others were taken back */
    size_t capacity;
    size_t bytes; /* that all steps hold; the oldest steps are forgotten when they are too many */
} zt_undo_t;

/*  Forgets all. */
void zt_undo_clear (zt_undo_t *self);

/*  Frees the memory. */
void zt_undo_free (zt_undo_t *self);

/*  Notes that before has become after. What is typed becomes one step with what was typed
    before it, up to the end of a word. What was taken back cannot be done again then. */
void zt_undo_note (zt_undo_t *self, const zt_line_t *before, const zt_line_t *after, bool is_typed);

/*  Take the last step back, and do it again; false if there is none. line is as
    the last of these calls has left it. */
bool zt_undo_back (zt_undo_t *self, zt_line_t *line);
bool zt_undo_again (zt_undo_t *self, zt_line_t *line);

#endif
