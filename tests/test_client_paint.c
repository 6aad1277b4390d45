/*  SPDX-License-Identifier: MPL-2.0

    What is painted is read back from a terminal, libvterm, and has to be the grid. */

#include "client/paint.h"
#include "tests/sim_dice.h"
#include "tests/vterm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const zt_colour_t s_colours[] = {
    {1, 160, 0xC62828}, {10, 114, 0x87D787}, {4, 25, 0x005FAF}, {15, 255, 0xF0F0F0}};
static const zt_palette_t s_palette = {s_colours, 4};

/*  As libvterm has them: test_client_probe asks it. */
static const zt_widths_t s_widths = {
    .zwj = 0, .vs16 = 1, .skin = 4, .vs15 = 2, .regional = 1, .indic = 3, .newest = 1};

typedef struct {
    zt_screen_t *screen;
    zt_painter_t *painter;
    zt_vterm_t *vterm;
    zt_buffer_t bytes; /* of the last frame */
    zt_depth_t depth;
} s_fixture_t;

static int s_setup (void **state)
{
    s_fixture_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->screen = zt_screen_new (4, 20);
    zt_screen_set_widths (self->screen, &s_widths);
    self->painter = zt_painter_new ();
    self->depth = ZT_DEPTH_TRUE;
    zt_painter_set_colours (self->painter, self->depth, s_palette);
    self->vterm = zt_vterm_new (4, 20);
    return 0;
}

static int s_teardown (void **state)
{
    s_fixture_t *self = *state;
    zt_screen_destroy (&self->screen);
    zt_painter_destroy (&self->painter);
    zt_vterm_destroy (&self->vterm);
    zt_buffer_free (&self->bytes);
    free (self);
    return 0;
}

static bool s_paint (s_fixture_t *self)
{
    zt_buffer_clear (&self->bytes);
    bool is_painted = zt_painter_paint (self->painter, self->screen, &self->bytes);
    assert_true (is_painted == (self->bytes.size > 0));
    zt_vterm_feed (self->vterm, zt_buffer_bytes (&self->bytes));
    return is_painted;
}

static void s_put (s_fixture_t *self, int row, int column, const char *text, zt_style_t style)
{
    zt_screen_put (self->screen, zt_screen_area (self->screen), row, column, zt_bytes (text),
                   style);
}

static void s_expect_bytes (s_fixture_t *self, const char *expected)
{
    assert_true (s_paint (self));
    assert_string_equal (zt_buffer_string (&self->bytes), expected);
}

static int s_expected_colour (const s_fixture_t *self, unsigned number)
{
    if (number == 0 || self->depth == ZT_DEPTH_NONE)
        return -1;
    const zt_colour_t *colour = &s_colours[number - 1];
    return self->depth == ZT_DEPTH_16    ? 0x1000000 + colour->basic
           : self->depth == ZT_DEPTH_256 ? 0x1000000 + colour->indexed
                                         : (int) colour->rgb;
}

/*  The terminal shows the cluster that begins in a cell of the grid. libvterm does not
    know dim. */
static void s_compare_cell (const s_fixture_t *self, int row, int column, const zt_cell_t *cell)
{
    char text[256] = "";
    for (int i = 0; i < cell->columns; i++) {
        zt_vterm_cell_t seen = zt_vterm_cell (self->vterm, row, column + i);
        strcat (text, seen.text);
        if (seen.text[0] == '\0')
            continue;
        unsigned flags = (seen.bold ? ZT_STYLE_BOLD : 0U) | (seen.italic ? ZT_STYLE_ITALIC : 0U) |
                         (seen.underline ? ZT_STYLE_UNDERLINE : 0U) |
                         (seen.reverse ? ZT_STYLE_REVERSE : 0U);
        assert_int_equal (flags, cell->style.flags & ~(unsigned) ZT_STYLE_DIM);
        assert_int_equal (seen.foreground, s_expected_colour (self, cell->style.foreground));
        assert_int_equal (seen.background, s_expected_colour (self, cell->style.background));
    }
    if (strlen (text) != cell->size || memcmp (text, cell->text, cell->size) != 0)
        fail_msg ("row %d, column %d: '%s' instead of '%.*s'", row, column, text, cell->size,
                  cell->text);
}

static void s_compare (const s_fixture_t *self)
{
    int row, column, seen_row, seen_column;
    for (int i = 0; i < zt_screen_rows (self->screen); i++) {
        const zt_cell_t *cells = zt_screen_row (self->screen, i);
        for (int k = 0; k < zt_screen_columns (self->screen); k += cells[k].columns)
            s_compare_cell (self, i, k, &cells[k]);
    }
    bool has_cursor = zt_screen_cursor (self->screen, &row, &column);
    assert_true (zt_vterm_cursor (self->vterm, &seen_row, &seen_column) == has_cursor);
    if (has_cursor) {
        assert_int_equal (seen_row, row);
        assert_int_equal (seen_column, column);
    }
}

static const zt_style_t s_plain = {0, 0, 0};

static void s_only_what_has_changed_is_painted (void **state)
{
    s_fixture_t *self = *state;
    s_expect_bytes (self, "\033[?2026h\033[?25l\033[?7l\033[m\033[2J\033[?2026l");
    assert_false (s_paint (self));
    zt_painter_set_colours (self->painter, self->depth, s_palette); /* as they are */
    assert_false (s_paint (self));
    s_put (self, 1, 2, "one two", s_plain);
    s_expect_bytes (self, "\033[?2026h\033[?25l\033[2;3Hone\033[2;7Htwo\033[?2026l");
    s_put (self, 1, 6, "TWO", s_plain);
    zt_screen_set_cursor (self->screen, 3, 0);
    s_expect_bytes (self, "\033[?2026h\033[?25l\033[2;7HTWO\033[4;1H\033[?25h\033[?2026l");
    assert_false (s_paint (self));
    zt_screen_set_cursor (self->screen, 3, 1);
    s_expect_bytes (self, "\033[?2026h\033[?25l\033[4;2H\033[?25h\033[?2026l");
    zt_screen_fill (self->screen, zt_screen_area (self->screen), s_plain);
    s_expect_bytes (self, "\033[?2026h\033[?25l\033[2;1H\033[K\033[4;2H\033[?25h\033[?2026l");
    s_compare (self);
}

static void s_a_contentious_row_is_painted_as_a_whole (void **state)
{
    s_fixture_t *self = *state;
    s_put (self, 0, 0, "a👍🏽b", s_plain);
    s_paint (self);
    s_compare (self);
    s_put (self, 0, 5, "c", s_plain);
    s_expect_bytes (
        self, "\033[?2026h\033[?25l\033[1;1Ha    \033[1;2H👍🏽\033[1;6Hc\033[K\033[?2026l");
    s_compare (self);
    zt_screen_fill (self->screen, zt_screen_area (self->screen), s_plain);
    s_expect_bytes (self, "\033[?2026h\033[?25l\033[1;1H\033[K\033[?2026l");
    s_compare (self);
}

static void s_all_is_painted_after_it_was_forgotten (void **state)
{
    s_fixture_t *self = *state;
    s_put (self, 2, 0, "text", s_plain);
    s_paint (self);
    zt_vterm_feed (self->vterm, zt_bytes ("\033[2Jsomebody else\033[31m"));
    assert_false (s_paint (self));
    zt_painter_forget (self->painter);
    assert_true (s_paint (self));
    s_compare (self);
    zt_screen_resize (self->screen, 3, 9);
    zt_vterm_resize (self->vterm, 3, 9);
    s_put (self, 1, 0, "resized", s_plain);
    assert_true (s_paint (self));
    s_compare (self);
}

static void s_styles_change_by_what_differs (void **state)
{
    s_fixture_t *self = *state;
    static const struct {
        zt_style_t from, to;
        zt_depth_t depth;
        const char *expected;
    } cases[] = {
        {{0, 0, 0}, {0, 0, 0}, ZT_DEPTH_TRUE, ""},
        {{0, 0, 0}, {1, 0, ZT_STYLE_BOLD}, ZT_DEPTH_16, "\033[1;31m"},
        {{0, 0, 0}, {2, 4, 0}, ZT_DEPTH_16, "\033[92;107m"},
        {{0, 0, 0}, {2, 3, 0}, ZT_DEPTH_256, "\033[38;5;114;48;5;25m"},
        {{0, 0, 0}, {2, 0, 0}, ZT_DEPTH_TRUE, "\033[38;2;135;215;135m"},
        {{0, 0, 0}, {2, 3, 0}, ZT_DEPTH_NONE, ""},
        {{0, 0, 0}, {2, 3, ZT_STYLE_REVERSE}, ZT_DEPTH_NONE, "\033[7m"},
        {{1, 2, 31}, {0, 0, 0}, ZT_DEPTH_256, "\033[m"},
        {{0, 0, ZT_STYLE_BOLD}, {0, 0, ZT_STYLE_DIM}, ZT_DEPTH_16, "\033[0;2m"},
        {{1, 1, ZT_STYLE_BOLD | ZT_STYLE_DIM}, {1, 1, ZT_STYLE_BOLD}, ZT_DEPTH_16, "\033[22;1m"},
        {{1, 1, 0}, {0, 1, 0}, ZT_DEPTH_256, "\033[39m"},
        {{1, 1, ZT_STYLE_UNDERLINE}, {1, 1, 0}, ZT_DEPTH_256, "\033[24m"},
        {{0, 0, 0}, {200, 5, 0}, ZT_DEPTH_256, ""}, /* the palette has 4 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        zt_buffer_clear (&self->bytes);
        zt_style_put (&self->bytes, cases[i].from, cases[i].to, cases[i].depth, s_palette);
        assert_string_equal (zt_buffer_string (&self->bytes), cases[i].expected);
    }
}

/*  Random frames */

static const char *const s_pieces[] = {
    "a",
    "Word ",
    "Привіт",
    "ї",
    " ",
    "漢",
    "漢字",
    "한글",
    "e\u0301",
    "и\u0306",
    "👩‍👩‍👧",
    "👍🏽",
    "🇺🇦",
    "❤️",
    "1️⃣",
    "क्षि",
    "ไทยกำ",
    "\u3000",
    "…",
    "😀",
    "é",
    "—",
    "\uFFFD",
    "A\u0308\u0323",
    "שלום",
    "✈️",
};

static zt_style_t s_random_style (zt_dice_t *dice)
{
    if (zt_dice_one_in (dice, 2))
        return s_plain;
    return (zt_style_t){(unsigned char) zt_dice_below (dice, 5),
                        (unsigned char) zt_dice_below (dice, 5),
                        (unsigned char) zt_dice_below (dice, 32)};
}

static int s_random_within (zt_dice_t *dice, int size)
{
    return (int) zt_dice_below (dice, (uint32_t) size);
}

static void s_random_change (s_fixture_t *self, zt_dice_t *dice)
{
    int rows = zt_screen_rows (self->screen), columns = zt_screen_columns (self->screen);
    zt_area_t area = zt_screen_area (self->screen);
    if (zt_dice_one_in (dice, 2))
        area = (zt_area_t){s_random_within (dice, rows), s_random_within (dice, columns),
                           1 + s_random_within (dice, rows), 1 + s_random_within (dice, columns)};
    if (zt_dice_one_in (dice, 6)) {
        zt_screen_fill (self->screen, area, s_random_style (dice));
        return;
    }
    zt_buffer_t text = {NULL, 0, 0};
    for (uint32_t i = zt_dice_from (dice, 1, 12); i > 0; i--)
        zt_buffer_put_string (&text,
                              s_pieces[zt_dice_below (dice, sizeof s_pieces / sizeof s_pieces[0])]);
    zt_screen_put (self->screen, area, s_random_within (dice, rows),
                   s_random_within (dice, columns) - (int) zt_dice_below (dice, 4),
                   zt_buffer_bytes (&text), s_random_style (dice));
    zt_buffer_free (&text);
}

/*  Some frames, one after another, at one size. */
static void s_random_frames (s_fixture_t *self, zt_dice_t *dice, int columns)
{
    int rows = 1 + s_random_within (dice, 5);
    zt_screen_resize (self->screen, rows, columns);
    zt_vterm_resize (self->vterm, rows, columns);
    self->depth = (zt_depth_t) zt_dice_below (dice, 4);
    zt_painter_set_colours (self->painter, self->depth, s_palette);
    for (int frame = 0; frame < 12; frame++) {
        for (uint32_t i = zt_dice_below (dice, 6); i > 0; i--)
            s_random_change (self, dice);
        if (zt_dice_one_in (dice, 3))
            zt_screen_hide_cursor (self->screen);
        else
            zt_screen_set_cursor (self->screen, s_random_within (dice, rows),
                                  s_random_within (dice, columns));
        s_paint (self);
        s_compare (self);
    }
}

static void s_random_frames_are_read_back (void **state)
{
    s_fixture_t *self = *state;
    zt_dice_t dice = {7};
    for (int columns = 1; columns <= 200; columns++)
        s_random_frames (self, &dice, columns);
}

/*  A terminal may be wrong about a contentious cluster: nothing else is out of place. */
static void s_a_wrong_width_stays_in_its_place (void **state)
{
    s_fixture_t *self = *state;
    zt_widths_t widths = s_widths;
    widths.zwj = 2; /* libvterm takes 6 */
    zt_screen_set_widths (self->screen, &widths);
    s_put (self, 0, 0, "👩‍👩‍👧 right", s_plain);
    s_paint (self);
    s_compare_cell (self, 0, 3, &zt_screen_row (self->screen, 0)[3]);
    widths.newest = 2; /* libvterm takes 1 */
    zt_screen_set_widths (self->screen, &widths);
    s_put (self, 1, 0, "xxxxxxxx", s_plain);
    s_paint (self);
    s_put (self, 1, 0, "\U0001FAE8 b", s_plain);
    s_paint (self);
    assert_string_equal (zt_vterm_cell (self->vterm, 1, 2).text, " ");
    assert_string_equal (zt_vterm_cell (self->vterm, 1, 3).text, "b");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_only_what_has_changed_is_painted),
        TEST (s_a_contentious_row_is_painted_as_a_whole),
        TEST (s_all_is_painted_after_it_was_forgotten),
        TEST (s_styles_change_by_what_differs),
        TEST (s_random_frames_are_read_back),
        TEST (s_a_wrong_width_stays_in_its_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
