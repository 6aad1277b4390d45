/*  SPDX-License-Identifier: MPL-2.0

    Whatever a terminal sends, and in whatever pieces, the events are the same;
    text is UTF-8 without controls, and a paste is no longer than it may be. */

#include "client/keyboard.h"
#include "common/utf8.h"
#include "tests/fuzz.h"
#include "tests/input_text.h"

#include <stdio.h>
#include <stdlib.h>

enum { S_PASTE_MOST = 100 };

static void s_require (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "fuzz_keyboard: %s\n", what);
        abort ();
    }
}

static void s_take (zt_keyboard_t *keyboard, zt_buffer_t *words)
{
    zt_input_t input;
    while (zt_keyboard_next (keyboard, &input)) {
        if (input.kind == ZT_INPUT_TEXT) {
            s_require (input.text.size && zt_utf8_valid (input.text), "text is not UTF-8");
            for (size_t i = 0; i < input.text.size; i++)
                s_require ((unsigned char) input.text.data[i] >= 0x20, "text has a control");
        }
        s_require (input.kind != ZT_INPUT_PASTE || input.text.size <= S_PASTE_MOST,
                   "a paste is too long");
        s_require (input.press <= ZT_PRESS_F12, "there is no such key");
        zt_input_text (words, &input);
    }
}

static void s_run (zt_bytes_t bytes, size_t piece, zt_buffer_t *words)
{
    zt_keyboard_t keyboard;
    zt_keyboard_init (&keyboard, S_PASTE_MOST);
    for (size_t at = 0; at < bytes.size; at += piece) {
        size_t size = bytes.size - at < piece ? bytes.size - at : piece;
        zt_keyboard_feed (&keyboard, (zt_bytes_t){bytes.data + at, size});
        s_take (&keyboard, words);
    }
    zt_keyboard_flush (&keyboard);
    s_take (&keyboard, words);
    s_require (!zt_keyboard_is_waiting (&keyboard), "it waits after the time is over");
    s_require (!zt_keyboard_is_pasting (&keyboard), "it pastes after the time is over");
    zt_keyboard_free (&keyboard);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t bytes = {(const char *) data, size};
    zt_buffer_t whole = {NULL, 0, 0}, pieces = {NULL, 0, 0};
    s_run (bytes, size ? size : 1, &whole);
    for (size_t piece = 1; piece <= 7; piece += 2) {
        zt_buffer_clear (&pieces);
        s_run (bytes, piece, &pieces);
        /*  A sequence that is too long is given up wherever it is noticed. */
        if (size < 128)
            s_require (zt_bytes_equal (zt_buffer_bytes (&whole), zt_buffer_bytes (&pieces)),
                       "pieces make a difference");
    }
    zt_buffer_free (&whole);
    zt_buffer_free (&pieces);
    return 0;
}
