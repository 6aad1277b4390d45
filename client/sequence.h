/*  SPDX-License-Identifier: MPL-2.0

    zt_sequence - an escape sequence that a terminal sent, and what it means

    Terminals have different sequences for a key: those of xterm, VTE, kitty, tmux,
    screen, rxvt and the Linux console are rows of one table. */

#ifndef ZT_CLIENT_SEQUENCE_H
#define ZT_CLIENT_SEQUENCE_H

#include "client/input.h"

enum { ZT_SEQUENCE_NUMBERS = 4 };

typedef struct {
    char kind;                             /* '[': ESC [ ...; 'O': ESC O ...; 'L': ESC [ [ ... */
    char prefix;                           /* '<', '=', '>', '?', or 0 */
    char final;                            /* 0: it was broken off */
    bool has_intermediate;                 /* what has it is no key */
    unsigned numbers[ZT_SEQUENCE_NUMBERS]; /* those that are missing are 0 */
    size_t count;    /* of numbers that came; more than there is room for mean nothing */
    zt_bytes_t text; /* all between the beginning and final, a view */
} zt_sequence_t;

/*  Reads the sequence at the front of bytes, which begin with ESC [ or ESC O.
    Returns how many bytes it has, or 0 if its end is still to come. */
size_t zt_sequence_read (zt_bytes_t bytes, zt_sequence_t *self);

/*  True if the sequence means something, and then *input is that; its text, of an
    answer, is a view into the bytes that were read. The marks of a paste are not
    in it: see zt_keyboard. */
bool zt_sequence_input (const zt_sequence_t *self, zt_input_t *input);

/*  *input as of the byte c below 0x20, or 0x7F; false for ESC, and for what no key sends. */
bool zt_sequence_control (char c, zt_input_t *input);

#endif
