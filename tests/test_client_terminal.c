/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/terminal.h"
#include "common/utf8.h"
#include "tests/vterm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static zt_depth_t s_depth (const char *term, const char *colorterm)
{
    return zt_terminal_guess (&(zt_environment_t){.term = term, .colorterm = colorterm}).depth;
}

static void s_depth_is_guessed (void **state)
{
    (void) state;
    assert_int_equal (s_depth ("xterm", NULL), ZT_DEPTH_16);
    assert_int_equal (s_depth ("linux", ""), ZT_DEPTH_16);
    assert_int_equal (s_depth ("xterm-256color", NULL), ZT_DEPTH_256);
    assert_int_equal (s_depth ("xterm-256color", "truecolor"), ZT_DEPTH_TRUE);
    assert_int_equal (s_depth ("tmux-256color", "24bit"), ZT_DEPTH_TRUE);
    assert_int_equal (s_depth ("xterm-kitty", NULL), ZT_DEPTH_TRUE);
    assert_int_equal (s_depth ("xterm-direct", NULL), ZT_DEPTH_TRUE);
    assert_int_equal (s_depth ("screen.xterm-256color", "truecolor"), ZT_DEPTH_256);
    assert_int_equal (s_depth ("vt220", "truecolor"), ZT_DEPTH_NONE);
    assert_int_equal (s_depth ("dumb", "truecolor"), ZT_DEPTH_NONE);
    zt_environment_t environment = {.term = "xterm-kitty", .no_color = "1"};
    assert_int_equal (zt_terminal_guess (&environment).depth, ZT_DEPTH_NONE);
    environment.no_color = "";
    assert_int_equal (zt_terminal_guess (&environment).depth, ZT_DEPTH_TRUE);
    environment = (zt_environment_t){
        .term = "screen-256color", .colorterm = "truecolor", .tmux = "/tmp/tmux-0/default,1,0"};
    assert_int_equal (zt_terminal_guess (&environment).depth, ZT_DEPTH_TRUE);
}

static void s_a_dumb_terminal_is_not_capable (void **state)
{
    (void) state;
    assert_false (zt_terminal_guess (&(zt_environment_t){.term = NULL}).is_capable);
    assert_false (zt_terminal_guess (&(zt_environment_t){.term = ""}).is_capable);
    assert_false (zt_terminal_guess (&(zt_environment_t){.term = "dumb"}).is_capable);
    assert_true (zt_terminal_guess (&(zt_environment_t){.term = "xterm"}).is_capable);
}

static void s_expect_notice (zt_terminal_t terminal, const char *title, const char *text,
                             const char *expected)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    zt_terminal_put_notice (&bytes, &terminal, zt_bytes (title), zt_bytes (text));
    assert_string_equal (zt_buffer_string (&bytes), expected);
    zt_buffer_free (&bytes);
}

static void s_notices_are_for_the_terminal (void **state)
{
    (void) state;
    zt_terminal_t osc9 = zt_terminal_guess (&(zt_environment_t){.term = "xterm-kitty"});
    zt_terminal_t osc777 = zt_terminal_guess (&(zt_environment_t){.term = "foot"});
    zt_terminal_t vte =
        zt_terminal_guess (&(zt_environment_t){.term = "xterm-256color", .vte_version = "7000"});
    zt_terminal_t tmux =
        zt_terminal_guess (&(zt_environment_t){.term = "tmux-256color", .tmux = "/tmp/x"});
    s_expect_notice (osc9, "olena", "Привіт", "\033]9;olena: Привіт\a");
    s_expect_notice (osc9, "4", "x", "\033]9;: 4: x\a");
    s_expect_notice (osc9, "", "4;1;50", "\033]9;: : 4;1;50\a");
    s_expect_notice (osc777, "olena", "a;b", "\033]777;notify;olena;a;b\a");
    s_expect_notice (osc777, "a;b", "c", "\033]777;notify;a,b;c\a");
    s_expect_notice (vte, "a", "b", "\033]777;notify;a;b\a");
    s_expect_notice (tmux, "a", "b", "\033Ptmux;\033\033]9;a: b\a\033\\");
    s_expect_notice (osc9, "a\033\\", "b\a\nc\x9C", "\033]9;a\u241B\\: b\u2407 c\uFFFD\a");
}

static void s_a_title_is_harmless_and_short (void **state)
{
    (void) state;
    zt_buffer_t bytes = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_terminal_put_title (&bytes, zt_bytes ("ztalk \033]0;x\a"));
    assert_string_equal (zt_buffer_string (&bytes), "\033]2;ztalk \u241B]0;x\u2407\033\\");
    for (int i = 0; i < 10000; i++)
        zt_buffer_put_string (&text, "ї漢");
    zt_buffer_clear (&bytes);
    zt_terminal_put_title (&bytes, zt_buffer_bytes (&text));
    assert_in_range (bytes.size, 200, 256);
    assert_true (zt_utf8_valid (zt_buffer_bytes (&bytes)));
    /*  None of it is shown. */
    zt_vterm_t *vterm = zt_vterm_new (2, 40);
    zt_vterm_feed (vterm, zt_buffer_bytes (&bytes));
    zt_buffer_clear (&text);
    zt_vterm_row (vterm, 0, &text);
    assert_int_equal (text.size, 0);
    zt_vterm_destroy (&vterm);
    zt_buffer_free (&bytes);
    zt_buffer_free (&text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_depth_is_guessed),
        cmocka_unit_test (s_a_dumb_terminal_is_not_capable),
        cmocka_unit_test (s_notices_are_for_the_terminal),
        cmocka_unit_test (s_a_title_is_harmless_and_short),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
