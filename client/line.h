/*  SPDX-License-Identifier: MPL-2.0

    zt_line - what is being typed, and where

    A text of one or more rows, with a cursor. The text is always clean, as
    zt_text_clean leaves it, and the cursor is always between two grapheme clusters. */

#ifndef ZT_CLIENT_LINE_H
#define ZT_CLIENT_LINE_H

#include "common/buffer.h"

/*  Zeroed memory is an empty line. */
typedef struct {
    zt_buffer_t text;
    size_t cursor; /* bytes of text before it */
} zt_line_t;

void zt_line_free (zt_line_t *self);

/*  Puts bytes (any) in the place of size bytes at start. What comes in is cleaned
    together with the rows that it comes into: a mark finds its letter. The cursor
    is behind it then. */
void zt_line_replace (zt_line_t *self, size_t start, size_t size, zt_bytes_t bytes);

/*  All of these take a place between two clusters, and return such a one. */

/*  The place before the cluster before at; 0 stays 0. And that behind the next. */
size_t zt_line_before (const zt_line_t *self, size_t at);
size_t zt_line_after (const zt_line_t *self, size_t at);

/*  The beginning of the word that at is in or behind; the end of the word that it is
    in or before. Words are letters and digits of any script. */
size_t zt_line_word_before (const zt_line_t *self, size_t at);
size_t zt_line_word_after (const zt_line_t *self, size_t at);

/*  The beginning and the end of what stands between two line ends. */
size_t zt_line_row_start (const zt_line_t *self, size_t at);
size_t zt_line_row_end (const zt_line_t *self, size_t at);

#endif
