/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/flow.h"
#include "common/text.h"
#include "tests/exact.h"
#include "tests/sim_dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/*  Joins the rows with '|', their indents drawn as dots. */
static void s_expect (const char *text, int width, int first, int indent, const char *expected)
{
    zt_widths_t widths = zt_widths_safe ();
    zt_bytes_t copy = zt_exact (zt_bytes (text));
    zt_buffer_t rows = {NULL, 0, 0};
    zt_flow_t flow = zt_flow (copy, width, first, indent, &widths);
    zt_flow_row_t row;
    for (size_t i = 0; zt_flow_next (&flow, &row); i++) {
        if (i)
            zt_buffer_put_char (&rows, '|');
        for (int k = 0; k < row.indent; k++)
            zt_buffer_put_char (&rows, '.');
        zt_buffer_put_bytes (&rows, row.text);
    }
    assert_string_equal (zt_buffer_string (&rows), expected);
    zt_buffer_free (&rows);
    zt_exact_free (copy);
}

static void s_words_stay_whole (void **state)
{
    (void) state;
    s_expect ("", 10, 0, 0, "");
    s_expect ("one", 10, 0, 0, "one");
    s_expect ("one two three four", 9, 0, 0, "one two|three|four");
    s_expect ("one two three", 7, 0, 0, "one two|three");
    s_expect ("Привіт, світе! Як ся маєш?", 14, 0, 0, "Привіт, світе!|Як ся маєш?");
    s_expect ("one  two", 4, 0, 0, "one|two");
    s_expect ("one     ", 4, 0, 0, "one");
    s_expect ("one ", 4, 0, 0, "one ");
}

static void s_long_words_are_cut (void **state)
{
    (void) state;
    s_expect ("abcdefghij", 4, 0, 0, "abcd|efgh|ij");
    s_expect ("ab abcdefghij", 4, 0, 0, "ab|abcd|efgh|ij");
    s_expect ("abcd", 1, 0, 0, "a|b|c|d");
    s_expect ("a b", 1, 0, 0, "a|b");
    s_expect ("漢字", 1, 0, 0, "漢|字");
    s_expect ("їжак", 2, 0, 0, "їж|ак");
    s_expect ("e\u0301e\u0301", 1, 0, 0, "e\u0301|e\u0301");
}

static void s_lines_end (void **state)
{
    (void) state;
    s_expect ("one\ntwo", 10, 0, 0, "one|two");
    s_expect ("one\n\ntwo\n", 10, 0, 0, "one||two|");
    s_expect ("\n", 10, 0, 0, "|");
    s_expect ("  code\n    more", 10, 0, 0, "  code|    more");
    s_expect ("one     \ntwo", 4, 0, 0, "one|two");
    s_expect ("          ", 4, 0, 0, "");
    s_expect ("  abcdefgh", 4, 0, 0, "  ab|cdef|gh");
}

static void s_hyphens_end_rows (void **state)
{
    (void) state;
    s_expect ("well-known", 7, 0, 0, "well-|known");
    s_expect ("well-known", 5, 0, 0, "well-|known");
    s_expect ("як-небудь", 6, 0, 0, "як-|небудь");
    s_expect ("a --help", 5, 0, 0, "a|--hel|p");
    s_expect ("ls -la", 5, 0, 0, "ls|-la");
    s_expect ("10-20", 4, 0, 0, "10-2|0");
    s_expect ("so – not", 5, 0, 0, "so –|not");
}

static void s_ideographs_break_anywhere_but_at_punctuation (void **state)
{
    (void) state;
    s_expect ("漢字漢字", 5, 0, 0, "漢字|漢字");
    s_expect ("ab漢字", 4, 0, 0, "ab漢|字");
    s_expect ("漢字。漢", 4, 0, 0, "漢|字。|漢");
    s_expect ("漢「字」", 4, 0, 0, "漢|「字|」");
    s_expect ("漢字!", 4, 0, 0, "漢|字!");
    s_expect ("😀😀😀", 4, 0, 0, "😀😀|😀");
}

static void s_indents_hang (void **state)
{
    (void) state;
    s_expect ("one two three", 10, 3, 2, "...one two|..three");
    s_expect ("one two three", 10, 3, 3, "...one two|...three");
    s_expect ("a\nb", 10, 4, 2, "....a|..b");
    /*  What is on the left of the first row leaves no room for the word. */
    s_expect ("abcdefgh i", 8, 3, 0, "...|abcdefgh|i");
    s_expect ("abc", 3, 3, 1, "...|.ab|.c");
    s_expect ("abc", 4, 9, 0, ".........|abc");
    s_expect ("abcdefgh", 4, 2, 2, "..ab|..cd|..ef|..gh");
    /*  An indent that leaves nothing is not made. */
    s_expect ("abc", 1, 0, 5, "a|b|c");
    s_expect ("漢字", 2, 0, 5, "漢|字");
    s_expect ("abcd", 4, 0, 100, "abcd");
    s_expect ("abcdef", 4, 0, 100, "abcd|..ef");
}

static void s_a_family_is_not_torn (void **state)
{
    (void) state;
    zt_widths_t widths = {.zwj = 2, .vs16 = 2, .skin = 2, .vs15 = 1, .regional = 2, .newest = 2};
    zt_flow_t flow = zt_flow (zt_bytes ("👩‍👩‍👧👩‍👩‍👧"), 3, 0, 0, &widths);
    zt_flow_row_t row;
    assert_true (zt_flow_next (&flow, &row));
    assert_int_equal (row.size, strlen ("👩‍👩‍👧"));
    assert_int_equal (row.columns, 2);
    assert_true (zt_flow_next (&flow, &row));
    assert_false (zt_flow_next (&flow, &row));
    assert_int_equal (
        zt_flow_rows (zt_bytes ("👩‍👩‍👧👩‍👩‍👧"), 3, 0, 0, &widths), 2);
}

static const char *const s_pieces[] = {
    "a",
    "word",
    "слово",
    "ї",
    " ",
    " ",
    "  ",
    "\n",
    "-",
    "--",
    "漢",
    "字",
    "。",
    "「",
    "!",
    "(",
    ")",
    "7",
    "👩‍👩‍👧",
    "👍🏽",
    "🇺🇦",
    "e\u0301",
    "क्षि",
    "\u3000",
    "❤️",
    "1️⃣",
    "–",
    "한글",
    "ก\u0E33",
    "https://example.org/a-rather-long/path?with=much&in=it",
    "\xFF",
    "\t",
};

/*  Rows of a random text keep every promise that zt_flow makes. */
static void s_check (zt_bytes_t text, int width, int first, int indent, const zt_widths_t *widths)
{
    zt_flow_t flow = zt_flow (text, width, first, indent, widths);
    zt_flow_row_t row;
    size_t at = 0, rows = 0;
    while (zt_flow_next (&flow, &row)) {
        assert_true (at + row.size <= text.size && row.text.size <= row.size);
        assert_true (row.text.size == 0 || row.text.data == text.data + at);
        assert_int_equal (zt_glyph_columns (row.text, widths), row.columns);
        for (size_t i = row.text.size; i < row.size; i++) {
            char c = text.data[at + i];
            bool is_wide_space = strchr ("\xE3\x80", c) != NULL; /* U+3000 */
            assert_true (c == ' ' || is_wide_space || (c == '\n' && i == row.size - 1));
        }
        assert_null (row.text.size ? memchr (row.text.data, '\n', row.text.size) : NULL);
        assert_true (row.indent == 0 || rows == 0 || row.indent < width);
        if (row.columns && row.indent + row.columns > width) { /* one that is wider */
            zt_bytes_t rest = row.text;
            zt_glyph_t glyph;
            while (zt_glyph_next (&rest, widths, &glyph) && glyph.columns == 0)
                ;
            assert_int_equal (zt_glyph_columns (rest, widths), 0);
        }
        assert_true (row.size > 0 || rows == 0 || at == text.size);
        at += row.size;
        rows++;
    }
    assert_int_equal (at, text.size);
    assert_true (rows >= 1);
}

static void s_random_texts_keep_the_promises (void **state)
{
    (void) state;
    const zt_widths_t widths[] = {
        zt_widths_safe (),
        {.zwj = 2, .vs16 = 2, .skin = 2, .vs15 = 1, .regional = 2, .indic = 2, .newest = 2},
        {.zwj = 0, .vs16 = 1, .skin = 4, .vs15 = 2, .regional = 1, .indic = 3, .newest = 0}};
    zt_dice_t dice = {2026};
    zt_buffer_t text = {NULL, 0, 0}, clean = {NULL, 0, 0};
    for (int run = 0; run < 6000; run++) {
        zt_buffer_clear (&text);
        zt_buffer_clear (&clean);
        for (uint32_t i = zt_dice_below (&dice, 40); i > 0; i--)
            zt_buffer_put_string (
                &text, s_pieces[zt_dice_below (&dice, sizeof s_pieces / sizeof s_pieces[0])]);
        zt_text_clean (&clean, zt_buffer_bytes (&text), ZT_TEXT_LINES);
        zt_bytes_t copy = zt_exact (zt_buffer_bytes (&clean));
        int width = (int) zt_dice_from (&dice, 1, run % 2 ? 200 : 12);
        s_check (copy, width, (int) zt_dice_below (&dice, 14), (int) zt_dice_below (&dice, 14),
                 &widths[zt_dice_below (&dice, 3)]);
        zt_exact_free (copy);
    }
    zt_buffer_free (&text);
    zt_buffer_free (&clean);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_words_stay_whole),
        cmocka_unit_test (s_long_words_are_cut),
        cmocka_unit_test (s_lines_end),
        cmocka_unit_test (s_hyphens_end_rows),
        cmocka_unit_test (s_ideographs_break_anywhere_but_at_punctuation),
        cmocka_unit_test (s_indents_hang),
        cmocka_unit_test (s_a_family_is_not_torn),
        cmocka_unit_test (s_random_texts_keep_the_promises),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
