/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/keyboard.h"
#include "tests/exact.h"
#include "tests/input_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_PASTE_MOST = 12 };

static void s_take (zt_keyboard_t *keyboard, zt_buffer_t *words)
{
    zt_input_t input;
    while (zt_keyboard_next (keyboard, &input))
        zt_input_text (words, &input);
}

static void s_feed (zt_keyboard_t *keyboard, zt_bytes_t bytes, zt_buffer_t *words)
{
    zt_bytes_t copy = zt_exact (bytes);
    zt_keyboard_feed (keyboard, copy);
    zt_exact_free (copy);
    s_take (keyboard, words);
}

/*  Feeds bytes in pieces: first so many at once, then those of size each. In the
    end the time is over. */
static void s_expect_pieces (zt_bytes_t bytes, size_t first, size_t size, const char *expected)
{
    zt_keyboard_t keyboard;
    zt_keyboard_init (&keyboard, S_PASTE_MOST);
    zt_buffer_t words = {NULL, 0, 0};
    for (size_t at = 0; at < bytes.size;) {
        size_t piece = at == 0 && first ? first : size;
        if (piece > bytes.size - at)
            piece = bytes.size - at;
        s_feed (&keyboard, (zt_bytes_t){bytes.data + at, piece}, &words);
        at += piece;
    }
    if (zt_keyboard_is_waiting (&keyboard)) {
        zt_keyboard_flush (&keyboard);
        s_take (&keyboard, &words);
        assert_false (zt_keyboard_is_waiting (&keyboard));
    }
    if (words.size)
        words.size--;
    assert_string_equal (zt_buffer_string (&words), expected);
    zt_buffer_free (&words);
    zt_keyboard_free (&keyboard);
}

/*  However the bytes are cut, the events are the same. */
static void s_expect (zt_bytes_t bytes, const char *expected)
{
    s_expect_pieces (bytes, 0, 1, expected);
    for (size_t first = 1; first <= bytes.size; first++)
        s_expect_pieces (bytes, first, bytes.size, expected);
}

#define KEYS(bytes, expected) s_expect (ZT_TEXT (bytes), expected)

static void s_text (void **state)
{
    (void) state;
    KEYS ("", "");
    KEYS ("hello", "'hello'");
    KEYS ("Привіт, 世界 😀", "'Привіт, 世界 😀'");
    KEYS ("a\xFFz", "'a\uFFFDz'");
    KEYS ("\xC0\xAF", "'\uFFFD\uFFFD'");
    KEYS ("\xE2\x82z", "'\uFFFD\uFFFDz'");
    KEYS ("\xD0\r", "'\uFFFD' Enter");
    KEYS ("\xD0", ""); /* its second half may still come */
    KEYS ("ж\rя", "'ж' Enter 'я'");
}

static void s_controls (void **state)
{
    (void) state;
    KEYS ("\r\n\t\x7F\b", "Enter C-j Tab Backspace Backspace");
    KEYS ("\x01\x02\x1A", "C-a C-b C-z");
    KEYS ("\0\x1C\x1D\x1E\x1F", "C-  C-\\ C-] C-^ C-_");
    KEYS ("\x1B", "Escape");
    KEYS ("\x1B\x1B", "M-Escape");
    KEYS ("\x1B\x1B\x1B", "Escape M-Escape");
    KEYS ("\x1B"
          "b\x1B"
          "D\x1B\r\x1B\x7F\x1B\t\x1B\x02",
          "M-b M-D M-Enter M-Backspace M-Tab C-M-b");
    KEYS ("\x1Bф\x1B😀", "M-ф M-😀");
    KEYS ("\x1B\xFFz", "'z'");
    KEYS ("\x1B\x1B[Ix\x1B\x1B[99~\x1B\x1B[200~y\x1B[201~",
          "Escape focus 'x' Escape Escape paste'y'.");
    KEYS ("\x1B_", "M-_");
    KEYS ("\x1B[", "M-[");
    KEYS ("\x1BO", "M-O");
    KEYS ("\x1B]", "M-]");
    KEYS ("\x1BO\xD1\x84", "M-O 'ф'");
}

static void s_keys_of_terminals (void **state)
{
    (void) state;
    /*  xterm, VTE, kitty, tmux */
    KEYS ("\x1B[A\x1B[B\x1B[C\x1B[D\x1B[H\x1B[F", "Up Down Right Left Home End");
    KEYS ("\x1BOA\x1BOB\x1BOC\x1BOD\x1BOH\x1BOF", "Up Down Right Left Home End");
    KEYS ("\x1B[1;2A\x1B[1;3B\x1B[1;5C\x1B[1;6D\x1B[1;8H\x1B[1;9F",
          "S-Up M-Down C-Right C-S-Left C-M-S-Home M-End");
    KEYS ("\x1B[2~\x1B[3~\x1B[5~\x1B[6~\x1B[3;5~\x1B[5;3~",
          "Insert Delete PageUp PageDown C-Delete M-PageUp");
    KEYS (
        "\x1BOP\x1BOQ\x1BOR\x1BOS\x1B[15~\x1B[17~\x1B[18~\x1B[19~\x1B[20~\x1B[21~\x1B[23~\x1B[24~",
        "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12");
    KEYS ("\x1B[1;5P\x1B[1;2Q\x1B[24;6~\x1B[13;2~", "C-F1 S-F2 C-S-F12 S-F3");
    KEYS ("\x1B[Z", "S-Tab");
    KEYS ("\x1BO5A\x1BOM", "C-Up Enter");
    /*  tmux, screen and the Linux console */
    KEYS ("\x1B[1~\x1B[4~", "Home End");
    KEYS ("\x1B[[A\x1B[[B\x1B[[E", "F1 F2 F5");
    /*  rxvt */
    KEYS ("\x1B[7~\x1B[8~\x1B[7$\x1B[8^\x1B[3@\x1B[11~\x1B[14~",
          "Home End S-Home C-End C-S-Delete F1 F4");
    KEYS ("\x1B[a\x1BOd\x1B\x1B[A\x1B\x1B[3~", "S-Up C-Left M-Up M-Delete");
    /*  those that tell keys by their character */
    KEYS ("\x1B[13;2u\x1B[27;5;13~\x1B[97;5u\x1B[27;3;120~\x1B[9;5u",
          "S-Enter C-Enter C-a M-x C-Tab");
    KEYS ("\x1B[57358u\x1B[97u", "");
}

static void s_unknown_sequences (void **state)
{
    (void) state;
    KEYS ("a\x1B[99~b\x1B[?2026;1$yc\x1B[>1;2;3cd\x1B[1;2;3;4;5;6;7;8ze", "'abcde'");
    KEYS ("a\x1BOzb\x1B[[zc", "'abc'");
    KEYS ("a\x1B]12;rgb:0000/0000/0000\x1B\\b\x1B]0;x\ac\x1BP11;r0m\x1B\\d", "'abcd'");
    KEYS ("\x1B[M !!x", "'x'"); /* the mouse's old form */
    KEYS ("\x1B[<99999999999;-1;1Mx", "'x'");
    KEYS ("\x1B[1 2;3 ~x\x1B[- \rx", "'x' Enter 'x'");
    KEYS ("\x1B[12\rx", "Enter 'x'");
    KEYS ("\x1B[12\x1B[Ax", "Up 'x'");
    KEYS ("\x1B]11;rgb\x1B[A", "Up");
    KEYS ("\x1B]11;rgb\rx", "Enter 'x'");
    KEYS ("\x1B[1ф", "'ф'");
    KEYS ("\x1B[1;5:3A\x1B[1:2;5A", "C-Up C-Up");
    KEYS ("\x1B[99999999999999999999;99999999999999999999z", "");
    zt_buffer_t sequence = {NULL, 0, 0};
    zt_buffer_put_string (&sequence, "\x1B[");
    for (int i = 0; i < 1000; i++)
        zt_buffer_put_string (&sequence, "1;");
    zt_buffer_put_string (&sequence, "~a");
    s_expect_pieces (zt_buffer_bytes (&sequence), 0, 7, "'a'");
    s_expect_pieces (zt_buffer_bytes (&sequence), 0, 3000, "'a'");
    zt_buffer_free (&sequence);
}

static void s_answers_and_the_mouse (void **state)
{
    (void) state;
    KEYS ("\x1B]11;rgb:0/1/2\x1B\\x\x1B]11;rgb:ff/ff/ff\a\x1B]11;\a",
          "background(rgb:0/1/2) 'x' background(rgb:ff/ff/ff) background()");
    KEYS ("\x1B]11;rgb:0123456789012345678901234567890123456789012345678901234567890\ax", "'x'");
    KEYS ("\x1B[12;40R\x1B[1;2R\x1B[?62;22c", "cursor@12,40 cursor@1,2 device(62;22)");
    KEYS ("\x1B[I\x1B[O", "focus blur");
    KEYS ("\x1B[<0;3;4M\x1B[<0;3;4m\x1B[<2;1;1M\x1B[<35;300;200M",
          "mouse-left-down@4,3 mouse-left@4,3 mouse-right-down@1,1 mouse-none-motion@200,300");
    KEYS ("\x1B[<64;1;1M\x1B[<65;1;1M\x1B[<80;1;1M\x1B[<32;5;6M",
          "mouse-up-down@1,1 mouse-down-down@1,1 C-mouse-up-down@1,1 mouse-left-down-motion@6,5");
    KEYS ("\x1B[<0;3M\x1B[<0;0;0M\x1B[<128;1;1M", "mouse-other-down@1,1");
}

static void s_pastes (void **state)
{
    (void) state;
    KEYS ("a\x1B[200~one\rtwo\x1B[201~b", "'a' paste'one\rtwo'. 'b'");
    KEYS ("\x1B[200~\x1B[201~", "paste''.");
    KEYS ("\x1B[200~\x1B[A\x03\xFF\x1B[20\x1B[201~\r", "paste'\x1B[A\x03\xFF\x1B[20'. Enter");
    KEYS ("\x1B[200~123456789012\x1B[201~", "paste'123456789012'.");
    KEYS ("\x1B[200~1234567890123456\x1B[201~x", "cut-paste'123456789012'. 'x'");
    KEYS ("\x1B[201~x", "'x'");
}

/*  A paste without an end takes nobody's time, and can be given up. */
static void s_paste_without_an_end (void **state)
{
    (void) state;
    zt_keyboard_t keyboard;
    zt_keyboard_init (&keyboard, S_PASTE_MOST);
    zt_buffer_t words = {NULL, 0, 0};
    s_feed (&keyboard, ZT_TEXT ("\x1B[200~abc\x1B[20"), &words);
    assert_int_equal (words.size, 0);
    assert_true (zt_keyboard_is_pasting (&keyboard));
    assert_false (zt_keyboard_is_waiting (&keyboard));
    zt_keyboard_flush (&keyboard);
    s_take (&keyboard, &words);
    assert_false (zt_keyboard_is_pasting (&keyboard));
    s_feed (&keyboard, ZT_TEXT ("x\x1B[201~"), &words);
    assert_string_equal (zt_buffer_string (&words), "paste'abc\x1B[20'. 'x' ");
    zt_buffer_free (&words);
    zt_keyboard_free (&keyboard);
}

/*  What came before its time was over is not changed by it. */
static void s_time_is_for_what_waits (void **state)
{
    (void) state;
    zt_keyboard_t keyboard;
    zt_keyboard_init (&keyboard, S_PASTE_MOST);
    zt_buffer_t words = {NULL, 0, 0};
    assert_false (zt_keyboard_is_waiting (&keyboard));
    zt_keyboard_flush (&keyboard);
    s_take (&keyboard, &words);
    s_feed (&keyboard, ZT_TEXT ("\x1B"), &words);
    assert_true (zt_keyboard_is_waiting (&keyboard));
    s_feed (&keyboard, ZT_TEXT ("[1;"), &words);
    assert_false (zt_keyboard_is_waiting (&keyboard)); /* it can be nothing else now */
    s_feed (&keyboard, ZT_TEXT ("5A"), &words);
    assert_string_equal (zt_buffer_string (&words), "C-Up ");
    zt_buffer_free (&words);
    zt_keyboard_free (&keyboard);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_text),
        cmocka_unit_test (s_controls),
        cmocka_unit_test (s_keys_of_terminals),
        cmocka_unit_test (s_unknown_sequences),
        cmocka_unit_test (s_answers_and_the_mouse),
        cmocka_unit_test (s_pastes),
        cmocka_unit_test (s_paste_without_an_end),
        cmocka_unit_test (s_time_is_for_what_waits),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
