/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/probe.h"
#include "tests/vterm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/*  The columns that terminals gave (which is what the probe asks for, in its order). */
static const unsigned s_tmux[] = {3, 2, 1, 4, 2, 1, 3, 0};
static const unsigned s_kitty[] = {3, 2, 2, 2, 1, 2, 2, 2};

static zt_probe_t s_begun (int64_t now)
{
    zt_probe_t probe = {0};
    zt_buffer_t bytes = {NULL, 0, 0};
    zt_probe_begin (&probe, now, false, &bytes);
    assert_true (bytes.size > 0);
    zt_buffer_free (&bytes);
    return probe;
}

static void s_answer (zt_probe_t *probe, const unsigned *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true (zt_probe_cursor (probe, 2, columns[i] + 1));
}

static void s_expect_safe (zt_probe_t *probe)
{
    zt_widths_t widths;
    assert_true (zt_probe_result (probe, &widths));
    assert_true (widths.is_safe);
    assert_false (zt_probe_result (probe, &widths));
}

/*  Hands what the terminal has answered to the probe. */
static void s_take_answers (zt_probe_t *probe, zt_vterm_t *vterm)
{
    zt_buffer_t answers = {NULL, 0, 0};
    zt_vterm_answers (vterm, &answers);
    for (const char *at = strchr (zt_buffer_string (&answers), '\033'); at;
         at = strchr (at + 1, '\033')) {
        unsigned row, column;
        char end;
        if (sscanf (at, "\033[%u;%u%c", &row, &column, &end) == 3 && end == 'R')
            assert_true (zt_probe_cursor (probe, row, column));
        else if (at[1] == '[' && at[2] == '?')
            assert_true (zt_probe_device (probe));
    }
    zt_buffer_free (&answers);
}

static void s_a_terminal_answers (void **state)
{
    (void) state;
    zt_probe_t probe = {0};
    zt_widths_t widths;
    zt_buffer_t bytes = {NULL, 0, 0};
    zt_vterm_t *vterm = zt_vterm_new (24, 80);
    assert_int_equal (zt_probe_deadline (&probe), INT64_MAX);
    zt_probe_begin (&probe, 1000, true, &bytes);
    assert_int_equal (zt_probe_deadline (&probe), 1500);
    assert_false (zt_probe_result (&probe, &widths));
    zt_vterm_feed (vterm, zt_buffer_bytes (&bytes));
    s_take_answers (&probe, vterm);
    assert_true (zt_probe_result (&probe, &widths));
    assert_false (zt_probe_result (&probe, &widths));
    assert_int_equal (zt_probe_deadline (&probe), INT64_MAX);
    assert_false (widths.is_safe);
    assert_int_equal (widths.zwj, 0);
    assert_int_equal (widths.vs16, 1);
    assert_int_equal (widths.skin, 4);
    assert_int_equal (widths.vs15, 2);
    assert_int_equal (widths.regional, 1);
    assert_int_equal (widths.indic, 3);
    assert_int_equal (widths.newest, 1);
    zt_buffer_clear (&bytes);
    zt_vterm_row (vterm, 1, &bytes);
    assert_int_equal (bytes.size, 0); /* nothing stays behind */
    zt_vterm_destroy (&vterm);
    zt_buffer_free (&bytes);
}

static void s_answers_make_a_profile (void **state)
{
    (void) state;
    zt_widths_t widths;
    zt_probe_t probe = s_begun (0);
    s_answer (&probe, s_kitty, 8);
    assert_true (zt_probe_device (&probe));
    assert_true (zt_probe_result (&probe, &widths));
    assert_true (widths.zwj == 2 && widths.vs16 == 2 && widths.skin == 2 && widths.vs15 == 1 &&
                 widths.regional == 2 && widths.indic == 2 && widths.newest == 2 &&
                 !widths.is_safe);
}

static void s_no_answer_is_the_safe_profile (void **state)
{
    (void) state;
    zt_widths_t widths;
    zt_probe_t probe = s_begun (100);
    zt_probe_tick (&probe, 599);
    assert_false (zt_probe_result (&probe, &widths));
    zt_probe_tick (&probe, 600);
    s_expect_safe (&probe);
    zt_probe_tick (&probe, 9999);
    assert_false (zt_probe_result (&probe, &widths));
    /*  The fence alone, at once: it does not know ESC[6n. */
    probe = s_begun (0);
    assert_true (zt_probe_device (&probe));
    s_expect_safe (&probe);
    /*  One answer is missing: nobody knows which. */
    probe = s_begun (0);
    s_answer (&probe, s_kitty, 7);
    assert_true (zt_probe_device (&probe));
    s_expect_safe (&probe);
}

static void s_nonsense_is_no_answer (void **state)
{
    (void) state;
    static const unsigned latin1[] = {5, 18, 6, 8, 6, 4, 12, 4};
    zt_probe_t probe = s_begun (0);
    s_answer (&probe, latin1, 8);
    s_answer (&probe, latin1, 8); /* and too many of them */
    assert_true (zt_probe_cursor (&probe, 2, UINT32_MAX));
    assert_true (zt_probe_device (&probe));
    s_expect_safe (&probe);
}

static void s_late_answers_count (void **state)
{
    (void) state;
    zt_widths_t widths;
    zt_probe_t probe = s_begun (0);
    s_answer (&probe, s_tmux, 3);
    zt_probe_tick (&probe, 500);
    s_expect_safe (&probe);
    s_answer (&probe, s_tmux + 3, 5);
    assert_false (zt_probe_result (&probe, &widths));
    assert_true (zt_probe_device (&probe));
    assert_true (zt_probe_result (&probe, &widths));
    assert_false (widths.is_safe);
    assert_int_equal (widths.newest, 0);
    assert_false (zt_probe_device (&probe));
    assert_false (zt_probe_cursor (&probe, 2, 3));
    /*  Late, and nothing in it: the safe profile stays without being told again. */
    probe = s_begun (0);
    zt_probe_tick (&probe, 500);
    s_expect_safe (&probe);
    assert_true (zt_probe_device (&probe));
    assert_false (zt_probe_result (&probe, &widths));
}

static void s_answers_belong_to_their_question (void **state)
{
    (void) state;
    zt_widths_t widths;
    zt_probe_t probe = s_begun (0);
    zt_buffer_t bytes = {NULL, 0, 0};
    s_answer (&probe, s_tmux, 2);
    zt_probe_begin (&probe, 100, false, &bytes);
    s_answer (&probe, s_tmux + 2, 6);
    assert_true (zt_probe_device (&probe));
    assert_false (zt_probe_result (&probe, &widths));
    s_answer (&probe, s_kitty, 8);
    assert_true (zt_probe_device (&probe));
    assert_true (zt_probe_result (&probe, &widths));
    assert_int_equal (widths.zwj, 2);
    zt_buffer_free (&bytes);
}

static void s_shift_f3_is_no_answer (void **state)
{
    (void) state;
    zt_probe_t probe = {0};
    assert_false (zt_probe_cursor (&probe, 2, 3));
    assert_false (zt_probe_device (&probe));
    probe = s_begun (0);
    assert_false (zt_probe_cursor (&probe, 1, 2));
    s_answer (&probe, s_kitty, 4);
    assert_false (zt_probe_cursor (&probe, 1, 2));
    s_answer (&probe, s_kitty + 4, 4);
    zt_widths_t widths;
    assert_true (zt_probe_device (&probe));
    assert_true (zt_probe_result (&probe, &widths));
    assert_false (widths.is_safe);
}

static void s_the_background_is_light_or_dark (void **state)
{
    (void) state;
    static const struct {
        const char *colour;
        bool is_known, is_light;
    } cases[] = {
        {"rgb:0000/0000/0000", true, false}, {"rgb:ffff/ffff/ffff", true, true},
        {"rgb:fd/f6/e3", true, true},        {"rgb:0/2B/36", true, false},
        {"rgba:ff/ff/ff/ff", true, true},    {"rgb:", false, false},
        {"rgb:12/34", false, false},         {"rgb:12345/1/1", false, false},
        {"#ffffff", false, false},           {"", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_light;
        zt_probe_t probe = {0};
        zt_probe_background (&probe, zt_bytes (cases[i].colour));
        assert_true (zt_probe_is_light (&probe, &is_light) == cases[i].is_known);
        assert_true (is_light == cases[i].is_light);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_terminal_answers),
        cmocka_unit_test (s_answers_make_a_profile),
        cmocka_unit_test (s_no_answer_is_the_safe_profile),
        cmocka_unit_test (s_nonsense_is_no_answer),
        cmocka_unit_test (s_late_answers_count),
        cmocka_unit_test (s_answers_belong_to_their_question),
        cmocka_unit_test (s_shift_f3_is_no_answer),
        cmocka_unit_test (s_the_background_is_light_or_dark),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
