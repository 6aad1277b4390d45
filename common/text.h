/*  SPDX-License-Identifier: MPL-2.0

    zt_text - what may be shown on a terminal

    No byte that a peer sent reaches a terminal as a control. What is stored
    stays as it was sent; this is for the moment of showing. */

#ifndef ZT_TEXT_H
#define ZT_TEXT_H

#include "common/buffer.h"

typedef enum {
    ZT_TEXT_LINE, /* one line: a line end becomes a space, and so does a tab */
    ZT_TEXT_LINES /* line ends stay, as LF; a tab becomes spaces up to the next multiple of 8 */
} zt_text_shape_t;

/*  Appends text, made harmless, to the buffer: valid UTF-8 in NFC, without
    controls, bidi controls, invisible and unassigned code points, with at most
    4 marks on a letter. text may be any bytes. Cleaning what is clean changes
    nothing. */
void zt_text_clean (zt_buffer_t *buffer, zt_bytes_t text, zt_text_shape_t shape);

#endif
