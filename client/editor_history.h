/*  SPDX-License-Identifier: MPL-2.0

    zt_editor_history - the lines that were sent, oldest first

    A line has a number that stays its own when old ones are forgotten. */

#ifndef ZT_CLIENT_EDITOR_HISTORY_H
#define ZT_CLIENT_EDITOR_HISTORY_H

#include "common/buffer.h"

/*  Zeroed memory is an empty history. */
typedef struct {
    zt_buffer_t *lines; /* owned */
    size_t count;
    size_t capacity;
    size_t first; /* the number of lines[0] */
    size_t bytes; /* that they hold */
} zt_editor_history_t;

void zt_editor_history_free (zt_editor_history_t *self);

/*  Adds a line, unless it is empty or the last one was the same. Old ones are
    forgotten when there are more than 1000, or 1 MiB of them. */
void zt_editor_history_add (zt_editor_history_t *self, zt_bytes_t line);

/*  The number that the next line will get: one more than that of the last. */
size_t zt_editor_history_end (const zt_editor_history_t *self);

/*  The line of a number, until the next one is added; without data if it is
    forgotten or not there yet. */
zt_bytes_t zt_editor_history_line (const zt_editor_history_t *self, size_t number);

/*  Finds the last line before *number that has query in it, in large or small
    letters. True if there is one, and *number is its number then. */
bool zt_editor_history_find (const zt_editor_history_t *self, zt_bytes_t query, size_t *number);

#endif
