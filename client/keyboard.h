/*  SPDX-License-Identifier: MPL-2.0

    zt_keyboard - bytes of a terminal to events

    Bytes come in any pieces, and the events are the same. Nothing waits inside:
    what is unfinished stays until more comes. Only whether an ESC is the key or
    the beginning of a sequence, time alone tells:

        zt_keyboard_feed (keyboard, bytes);
        while (zt_keyboard_next (keyboard, &input))
            ...
        if zt_keyboard_is_waiting (keyboard), and nothing comes for 50 ms:
            zt_keyboard_flush (keyboard), and take the events again */

#ifndef ZT_CLIENT_KEYBOARD_H
#define ZT_CLIENT_KEYBOARD_H

#include "client/input.h"
#include "common/buffer.h"

/*  To be initialised by zt_keyboard_init. All of it is private. */
typedef struct {
    zt_buffer_t bytes; /* that have come */
    size_t at;         /* how many of them are used */
    zt_buffer_t text;  /* of the last event, or of a string that has begun */
    zt_buffer_t paste; /* what has come of it */
    size_t paste_most; /* bytes; what is more is dropped */
    int state;         /* one of keyboard.c's */
    bool is_cut;       /* something of the paste was dropped */
    bool is_flushed;   /* the time of what waits is over */
} zt_keyboard_t;

/*  A paste of more than paste_most bytes is cut. */
void zt_keyboard_init (zt_keyboard_t *self, size_t paste_most);

/*  Frees the memory; self may be initialised again. */
void zt_keyboard_free (zt_keyboard_t *self);

void zt_keyboard_feed (zt_keyboard_t *self, zt_bytes_t bytes);

/*  Takes the next event; false if there is none. Its text lives until the next
    call of a function. Unknown sequences are no events: they are swallowed. */
bool zt_keyboard_next (zt_keyboard_t *self, zt_input_t *input);

/*  True if there is an ESC, or ESC and one more, that may or may not become more. */
bool zt_keyboard_is_waiting (const zt_keyboard_t *self);

/*  True within a paste. Its end always comes, unless the terminal is broken or the
    line was: after some seconds of silence the caller may give it up, by zt_keyboard_flush. */
bool zt_keyboard_is_pasting (const zt_keyboard_t *self);

/*  What waits is to be taken as it is; what has come of a paste is the paste. */
void zt_keyboard_flush (zt_keyboard_t *self);

#endif
