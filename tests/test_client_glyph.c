/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/glyph.h"
#include "common/text.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/*  What the terminals answer, measured. The columns below are in this order. */
enum { S_TMUX, S_XTERM, S_VTE, S_KITTY, S_TERMINALS };
static const char *const s_names[S_TERMINALS] = {"tmux", "xterm", "VTE", "kitty"};
static const zt_widths_t s_terminals[S_TERMINALS] = {
    {false, .zwj = 2, .vs16 = 1, .skin = 4, .vs15 = 2, .regional = 1, .indic = 3, .newest = 0},
    {false, .zwj = 0, .vs16 = 1, .skin = 4, .vs15 = 2, .regional = 1, .indic = 3, .newest = 1},
    {false, .zwj = 0, .vs16 = 1, .skin = 4, .vs15 = 2, .regional = 1, .indic = 3, .newest = 2},
    {false, .zwj = 0, .vs16 = 2, .skin = 2, .vs15 = 1, .regional = 2, .indic = 2, .newest = 2},
};

static void s_columns_by_terminal (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        size_t columns[S_TERMINALS];
        bool is_contentious;
    } rows[] = {
        {"", {0, 0, 0, 0}, false},
        {"Привіт", {6, 6, 6, 6}, false},
        {"и\u0306", {1, 1, 1, 1}, false},
        {"e\u0301", {1, 1, 1, 1}, false},
        {"漢字", {4, 4, 4, 4}, false},
        {"🇺🇦", {2, 2, 2, 2}, true},
        {"👩\u200D👩\u200D👧", {2, 6, 6, 6}, true},
        {"❤\uFE0F", {1, 1, 1, 2}, true},
        {"1\uFE0F\u20E3", {1, 1, 1, 2}, true},
        {"👍🏽", {4, 4, 4, 2}, true},
        {"☔\uFE0E", {2, 2, 2, 1}, true},
        {"🇺", {1, 1, 1, 2}, true},
        {"क\u094Dष\u093F", {3, 3, 3, 2}, true},
        {"\U0001FAE8", {0, 1, 2, 2}, true},
        /*  What follows from these. */
        {"🏽", {2, 2, 2, 2}, true},
        {"👩🏽\u200D🚀", {4, 6, 6, 4}, true},
        {"🏳\uFE0F\u200D🌈", {1, 3, 3, 4}, true},
        {"🇺🇦🇵🇱", {4, 4, 4, 4}, true},
        {"😀", {2, 2, 2, 2}, false},
        {"\U0001FAD6", {2, 2, 2, 2}, true}, /* Unicode 13 */
        {"한글", {4, 4, 4, 4}, false},
        {"\u1112\u1161\u11AB", {2, 2, 2, 2}, true},
        {"ｗｉｄｅ", {8, 8, 8, 8}, false},
        {"ไทยกำ", {5, 5, 5, 5}, false},
        {"x\u0302\u0303\u0304\u0305", {1, 1, 1, 1}, false},
        {"می\u200Cخواهم", {7, 7, 7, 7}, true},
        {"a\nb", {2, 2, 2, 2}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t t = 0; t < S_TERMINALS; t++) {
            zt_bytes_t text = zt_bytes (rows[i].text);
            size_t columns = zt_glyph_columns (text, &s_terminals[t]);
            if (columns != rows[i].columns[t])
                fail_msg ("'%s' takes %zu columns in %s, not %zu", rows[i].text, rows[i].columns[t],
                          s_names[t], columns);
            bool is_contentious = false;
            for (zt_glyph_t glyph; zt_glyph_next (&text, &s_terminals[t], &glyph);)
                is_contentious |= glyph.is_contentious;
            if (is_contentious != rows[i].is_contentious)
                fail_msg ("'%s' is%s contentious", rows[i].text, is_contentious ? "" : " not");
        }
    }
}

/*  Cuts text; '|' stands between the glyphs in what is expected. */
static void s_expect_cut (zt_bytes_t text, const char *expected)
{
    zt_bytes_t copy = zt_exact (text), rest = copy;
    zt_buffer_t cut = {NULL, 0, 0};
    zt_glyph_t glyph;
    while (zt_glyph_next (&rest, &s_terminals[S_KITTY], &glyph)) {
        assert_true (glyph.text.size > 0);
        if (cut.size)
            zt_buffer_put_char (&cut, '|');
        zt_buffer_put_bytes (&cut, glyph.text);
    }
    assert_string_equal (zt_buffer_string (&cut), expected);
    zt_buffer_free (&cut);
    zt_exact_free (copy);
}

static void s_clusters (void **state)
{
    (void) state;
    s_expect_cut ((zt_bytes_t){NULL, 0}, "");
    s_expect_cut (ZT_TEXT ("a"), "a");
    s_expect_cut (ZT_TEXT ("ab"), "a|b");
    s_expect_cut (ZT_TEXT ("їж"), "ї|ж");
    s_expect_cut (ZT_TEXT ("xя\u0301y"), "x|я\u0301|y");
    s_expect_cut (ZT_TEXT ("я\u0483"), "я\u0483");
    s_expect_cut (ZT_TEXT ("1\uFE0F\u20E32"), "1\uFE0F\u20E3|2");
    s_expect_cut (ZT_TEXT ("👩\u200D👩\u200D👧👍🏽❤\uFE0F!"),
                  "👩\u200D👩\u200D👧|👍🏽|❤\uFE0F|!");
    s_expect_cut (ZT_TEXT ("🇺🇦🇵🇱"), "🇺🇦|🇵🇱");
    s_expect_cut (ZT_TEXT ("한각"), "한|각");
    s_expect_cut (ZT_TEXT ("\u1112\u1161\u11AB\u1100"), "\u1112\u1161\u11AB|\u1100");
    s_expect_cut (ZT_TEXT ("a\n\u0301b"), "a|\n|\u0301|b");
}

static void s_broken_bytes (void **state)
{
    (void) state;
    s_expect_cut (ZT_TEXT ("a\xFF"
                           "b"),
                  "a|\xFF|b");
    s_expect_cut (ZT_TEXT ("\xD0"), "\xD0");
    s_expect_cut (ZT_TEXT ("a\xD0"), "a|\xD0");
    s_expect_cut (ZT_TEXT ("ж\xD0ж"), "ж|\xD0|ж");
    s_expect_cut (ZT_TEXT ("\xF0\x9F\x98"), "\xF0|\x9F|\x98");
    s_expect_cut (ZT_TEXT ("漢\xE2\x82"), "漢|\xE2|\x82");
    assert_int_equal (zt_glyph_columns (ZT_TEXT ("\xFF\x80"), &s_terminals[S_XTERM]), 2);
}

static void s_expect_safe (const char *text, const zt_widths_t *widths, const char *expected)
{
    zt_bytes_t copy = zt_exact (zt_bytes (text));
    zt_buffer_t safe = {NULL, 0, 0};
    zt_glyph_safe (&safe, copy, widths);
    assert_string_equal (zt_buffer_string (&safe), expected);
    zt_buffer_free (&safe);
    zt_exact_free (copy);
}

static void s_safe_text (void **state)
{
    (void) state;
    zt_widths_t safe = zt_widths_safe ();
    assert_true (safe.is_safe);
    s_expect_safe ("", &safe, "");
    s_expect_safe ("Привіт, світе! 漢字 😀\n", &safe, "Привіт, світе! 漢字 😀\n");
    s_expect_safe ("👩\u200D👩\u200D👧", &safe, "👩👩👧");
    s_expect_safe ("❤\uFE0F 1\uFE0F\u20E3", &safe, "❤ 1\u20E3");
    s_expect_safe ("👍🏽 🏽 ☝\uFE0F🏽", &safe, "👍 🏽 ☝");
    s_expect_safe ("\U0001FAD6\U0001FAE8🥰", &safe, "\uFFFD\uFFFD\uFFFD");
    s_expect_safe ("a\xFF", &safe, "a\uFFFD");
    /*  One that has answered gets it all, but for what it does not show. */
    s_expect_safe ("👍🏽\u200D\U0001FAE8\U0001FAD6", &s_terminals[S_TMUX],
                   "👍🏽\u200D\uFFFD\U0001FAD6");
    s_expect_safe ("👍🏽\U0001FAE8", &s_terminals[S_XTERM], "👍🏽\U0001FAE8");
}

/*  For each code point and each terminal: clean text is measured in 0 to 4 columns
    a glyph, and all of it is cut. */
static void s_every_code_point (void **state)
{
    (void) state;
    for (uint32_t c = 0x20; c < 0x32000; c++) {
        char bytes[4];
        size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        uint32_t left = c;
        for (size_t i = size - 1; i > 0; i--, left >>= 6)
            bytes[i] = (char) (0x80 | (left & 0x3F));
        static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
        bytes[0] = (char) (leads[size] | left);
        zt_buffer_t clean = {NULL, 0, 0};
        zt_text_clean (&clean, (zt_bytes_t){bytes, size}, ZT_TEXT_LINE);
        for (size_t t = 0; t < S_TERMINALS; t++) {
            zt_bytes_t rest = zt_buffer_bytes (&clean);
            zt_glyph_t glyph;
            size_t sum = 0;
            while (zt_glyph_next (&rest, &s_terminals[t], &glyph)) {
                assert_true (glyph.columns <= 4);
                sum += glyph.text.size;
            }
            assert_int_equal (sum, clean.size);
        }
        zt_buffer_free (&clean);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_columns_by_terminal), cmocka_unit_test (s_clusters),
        cmocka_unit_test (s_broken_bytes),        cmocka_unit_test (s_safe_text),
        cmocka_unit_test (s_every_code_point),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
