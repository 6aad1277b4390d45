/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/screen.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const zt_style_t s_plain = {0, 0, 0};

static zt_widths_t s_widths (void)
{
    zt_widths_t widths = zt_widths_safe ();
    widths.is_safe = false;
    return widths;
}

/*  The row as text: a cell that goes on is a '_'. */
static void s_expect_row (const zt_screen_t *screen, int row, const char *expected)
{
    zt_buffer_t text = {NULL, 0, 0};
    const zt_cell_t *cells = zt_screen_row (screen, row);
    for (int i = 0; i < zt_screen_columns (screen); i++) {
        zt_buffer_put (&text, cells[i].text, cells[i].size);
        if (cells[i].size == 0)
            zt_buffer_put_char (&text, '_');
    }
    assert_string_equal (zt_buffer_string (&text), expected);
    zt_buffer_free (&text);
}

static int s_put (zt_screen_t *screen, zt_area_t area, int row, int column, const char *text)
{
    zt_bytes_t copy = zt_exact (zt_bytes (text));
    int end = zt_screen_put (screen, area, row, column, copy, s_plain);
    zt_exact_free (copy);
    return end;
}

static void s_text_is_put (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (3, 8);
    zt_area_t all = zt_screen_area (screen);
    assert_int_equal (s_put (screen, all, 1, 1, "Їжак"), 5);
    s_expect_row (screen, 0, "        ");
    s_expect_row (screen, 1, " Їжак   ");
    assert_int_equal (s_put (screen, all, 2, 0, "漢字e\u0301"), 5);
    s_expect_row (screen, 2, "漢_字_e\u0301   ");
    assert_int_equal (zt_screen_row (screen, 2)[0].columns, 2);
    assert_int_equal (zt_screen_row (screen, 2)[1].columns, 0);
    zt_screen_destroy (&screen);
    assert_null (screen);
    zt_screen_destroy (&screen);
}

static void s_text_is_clipped (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (2, 10);
    zt_area_t middle = {0, 3, 1, 4};
    s_put (screen, middle, 0, 0, "abcdefgh");
    s_expect_row (screen, 0, "   abcd   ");
    s_put (screen, middle, 0, -2, "ABCDEFGH");
    s_expect_row (screen, 0, "   CDEF   ");
    s_put (screen, middle, 0, -1, "漢x漢字");
    s_expect_row (screen, 0, "   <x漢_   ");
    s_put (screen, middle, 0, 1, "漢字");
    s_expect_row (screen, 0, "   <漢_>   ");
    s_put (screen, middle, 1, 0, "below");
    s_put (screen, middle, -1, 0, "above");
    s_put (screen, (zt_area_t){5, 5, 9, 9}, 0, 0, "outside");
    s_put (screen, (zt_area_t){0, 0, -1, -1}, 0, 0, "nothing");
    s_put (screen, (zt_area_t){INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX}, 1, 1, "far");
    s_put (screen, (zt_area_t){INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX}, 1, 1, "far");
    s_expect_row (screen, 0, "   <漢_>   ");
    s_expect_row (screen, 1, "          ");
    zt_screen_destroy (&screen);
}

static void s_what_is_wider_than_the_screen_is_a_mark (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (2, 1);
    zt_widths_t widths = s_widths ();
    zt_screen_set_widths (screen, &widths);
    s_put (screen, zt_screen_area (screen), 0, 0, "漢");
    s_expect_row (screen, 0, ">");
    s_put (screen, zt_screen_area (screen), 1, 0, "👩‍👩‍👧");
    s_expect_row (screen, 1, ">");
    zt_screen_destroy (&screen);
}

static void s_half_a_cluster_is_none (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (1, 10);
    zt_widths_t widths = s_widths ();
    zt_screen_set_widths (screen, &widths);
    zt_area_t all = zt_screen_area (screen);
    s_put (screen, all, 0, 1, "👩‍👩‍👧漢");
    s_expect_row (screen, 0, " 👩‍👩‍👧_____漢_ ");
    assert_true (zt_screen_row (screen, 0)[1].is_contentious);
    s_put (screen, all, 0, 3, "x");
    s_expect_row (screen, 0, "   x   漢_ ");
    zt_screen_fill (screen, (zt_area_t){0, 8, 1, 1}, s_plain);
    s_expect_row (screen, 0, "   x      ");
    s_put (screen, all, 0, 0, "漢漢");
    s_put (screen, all, 0, 1, "字");
    s_expect_row (screen, 0, " 字_       ");
    zt_screen_destroy (&screen);
}

static void s_no_control_is_kept (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (1, 8);
    s_put (screen, zt_screen_area (screen), 0, 0, "a\033[2J\xFF\n\x7F\xC2\x85\xC2\x9Bz");
    s_expect_row (screen, 0, "a[2J\uFFFDz  ");
    zt_screen_fill (screen, zt_screen_area (screen), s_plain);
    /*  Marks without an end, which nobody has cleaned. */
    s_put (screen, zt_screen_area (screen), 0, 0,
           "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301"
           "\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301z");
    s_expect_row (screen, 0, "\uFFFDz      ");
    zt_screen_destroy (&screen);
}

static void s_styles_stay_with_the_text (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (2, 4);
    zt_style_t bold = {1, 2, ZT_STYLE_BOLD};
    zt_screen_fill (screen, (zt_area_t){0, 0, 1, 4}, bold);
    zt_screen_put (screen, zt_screen_area (screen), 0, 0, zt_bytes ("漢"), s_plain);
    const zt_cell_t *row = zt_screen_row (screen, 0);
    assert_true (zt_style_equal (row[0].style, s_plain));
    assert_true (zt_style_equal (row[1].style, s_plain));
    assert_true (zt_style_equal (row[2].style, bold));
    assert_true (zt_style_equal (zt_screen_row (screen, 1)[0].style, s_plain));
    zt_screen_destroy (&screen);
}

static void s_sizes_are_held_in_bounds (void **state)
{
    (void) state;
    zt_screen_t *screen = zt_screen_new (0, -1);
    assert_int_equal (zt_screen_rows (screen), 1);
    assert_int_equal (zt_screen_columns (screen), 1);
    zt_screen_resize (screen, 3, 100000);
    assert_int_equal (zt_screen_rows (screen), 3);
    assert_int_equal (zt_screen_columns (screen), ZT_SCREEN_MAX);
    zt_screen_destroy (&screen);
}

static void s_the_cursor_is_where_it_was_put (void **state)
{
    (void) state;
    int row, column;
    zt_screen_t *screen = zt_screen_new (3, 3);
    assert_false (zt_screen_cursor (screen, &row, &column));
    zt_screen_set_cursor (screen, 2, 1);
    assert_true (zt_screen_cursor (screen, &row, &column));
    assert_int_equal (row, 2);
    assert_int_equal (column, 1);
    zt_screen_set_cursor (screen, 3, 1);
    assert_false (zt_screen_cursor (screen, &row, &column));
    zt_screen_set_cursor (screen, 0, 0);
    zt_screen_hide_cursor (screen);
    assert_false (zt_screen_cursor (screen, &row, &column));
    zt_screen_set_cursor (screen, 0, 0);
    zt_screen_resize (screen, 2, 2);
    assert_false (zt_screen_cursor (screen, &row, &column));
    zt_screen_destroy (&screen);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_text_is_put),
        cmocka_unit_test (s_text_is_clipped),
        cmocka_unit_test (s_what_is_wider_than_the_screen_is_a_mark),
        cmocka_unit_test (s_half_a_cluster_is_none),
        cmocka_unit_test (s_no_control_is_kept),
        cmocka_unit_test (s_styles_stay_with_the_text),
        cmocka_unit_test (s_sizes_are_held_in_bounds),
        cmocka_unit_test (s_the_cursor_is_where_it_was_put),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
