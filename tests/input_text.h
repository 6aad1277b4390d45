/*  SPDX-License-Identifier: MPL-2.0

    zt_input_text - events of a terminal, as words to compare */

#ifndef ZT_INPUT_TEXT_H
#define ZT_INPUT_TEXT_H

#include "client/input.h"
#include "common/buffer.h"

/*  Appends the event as a word and a space: "'text' ", "C-a ", "S-Up ", "paste'...' ",
    "mouse-left-down@3,4 ", "cursor@1,2 ". Text that comes after text is put into one with it. */
void zt_input_text (zt_buffer_t *buffer, const zt_input_t *input);

#endif
