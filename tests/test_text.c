/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/text.h"
#include "tests/exact.h"
#include "tests/text_rules.h"
#include "tests/wrapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <utf8proc.h>

#define FFFD "\uFFFD"

/*  Cleans text, checks all rules, and compares what comes out. */
static void s_expect (zt_bytes_t text, zt_text_shape_t shape, const char *expected)
{
    zt_bytes_t copy = zt_exact (text);
    zt_buffer_t clean = {NULL, 0, 0};
    const char *wrong = zt_text_rules_check (copy, shape, &clean);
    if (wrong)
        fail_msg ("'%.*s': %s", (int) text.size, text.data, wrong);
    assert_string_equal (zt_buffer_string (&clean), expected);
    zt_buffer_free (&clean);
    zt_exact_free (copy);
}

#define LINE(text, expected)  s_expect (ZT_TEXT (text), ZT_TEXT_LINE, expected)
#define LINES(text, expected) s_expect (ZT_TEXT (text), ZT_TEXT_LINES, expected)
#define SAME(text)            LINES (text, text)

static void s_text_stays (void **state)
{
    (void) state;
    SAME ("");
    s_expect ((zt_bytes_t){NULL, 0}, ZT_TEXT_LINE, "");
    SAME ("Hello, world! ~ <>&|\\ 0123456789");
    SAME ("Привіт, світе! Ґанок, їжак, йод.");
    SAME ("漢字　かな 한글 ไทยกำ हिन्दी العربية עברית ქართული");
    SAME ("€ “quotes” – — … • № ½ ± → ∞ ■");
    SAME ("two\nlines\n\n");
    SAME ("  two  spaces  ");
}

static void s_it_appends (void **state)
{
    (void) state;
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_buffer_put_string (&buffer, "e");
    /*  The mark has no base in the text that is cleaned, whatever stands before. */
    zt_text_clean (&buffer, ZT_TEXT ("\u0301x"), ZT_TEXT_LINE);
    assert_string_equal (zt_buffer_string (&buffer), "ex");
    zt_buffer_free (&buffer);
}

static void s_what_is_not_utf8 (void **state)
{
    (void) state;
    /*  One for each maximal subpart: the example of the Unicode standard, 3.9. */
    LINE ("a\xF1\x80\x80\xE1\x80\xC2"
          "b\x80"
          "c\x80\xBF"
          "d",
          "a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d");
    LINE ("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
          "A",
          FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
    LINE ("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
          "A",
          FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
    LINE ("\xF4\x91\x92\x93\xFF"
          "A\x80\xBF"
          "B",
          FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B");
    LINE ("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
          "A",
          FFFD FFFD FFFD FFFD "A");
    LINE ("\xE2\x82", FFFD);
    LINE ("\xF0\x9F\x98", FFFD);
    LINE ("\xE2\x82\n", FFFD " ");
    LINE ("\xC2", FFFD);
    LINE ("\xC2\xD0\x96", FFFD "Ж");
}

static void s_line_ends (void **state)
{
    (void) state;
    LINES ("a\rb\r\nc\nd\ve\ff\u2028g\u2029h\xC2\x85i", "a\nb\nc\nd\ne\nf\ng\nh\ni");
    LINE ("a\rb\r\nc\nd\ve\ff\u2028g\u2029h\xC2\x85i", "a b c d e f g h i");
    LINES ("\r\r\n\n\r", "\n\n\n\n");
    LINE ("\r", " ");
    LINES ("\r\n", "\n");
}

static void s_tabs (void **state)
{
    (void) state;
    LINE ("\ta\t\tb", " a  b");
    LINES ("\tx", "        x");
    LINES ("1234567\tx", "1234567 x");
    LINES ("12345678\tx", "12345678        x");
    LINES ("a\tb\nab\tc", "a       b\nab      c");
    LINES ("Привіт\t!", "Привіт  !");
    LINES ("и\u0306\t!", "й       !");
    LINES ("漢字\t!", "漢字    !");
    LINES ("\x1B\t!", "\u241B       !");
}

static void s_controls (void **state)
{
    (void) state;
    LINE ("\x1B[2J\x1B]0;x\x07", "\u241B[2J\u241B]0;x\u2407");
    LINE ("\0\x01\x08\x0E\x1F", "\u2400\u2401\u2408\u240E\u241F");
    LINE ("\x7F", "\u2421");
    LINE ("\xC2\x80\xC2\x84\xC2\x86\xC2\x9B"
          "31m\xC2\x9F",
          FFFD FFFD FFFD FFFD "31m" FFFD);
    LINE ("\x9B"
          "31m",
          FFFD "31m");
}

static void s_what_nobody_sees (void **state)
{
    (void) state;
    LINE ("a\u061Cb\u200Ec\u200Fd\u202Ae\u202Bf\u202Cg\u202Dh\u202Ei", "abcdefghi");
    LINE ("a\u2066b\u2067c\u2068d\u2069e", "abcde");
    LINE ("a\u00ADb\u034Fc\u115Fd\u1160e\u17B4f\u17B5g", "abcdefg");
    LINE ("a\u180Bb\u180Fc\u200Bd\u2060e\u2065f\u206Ag\u206Fh", "abcdefgh");
    LINE ("a\u3164b\uFE00c\uFE0Ed\uFEFFe\uFFA0f\uFFF0g\uFFF8h", "abcdefgh");
    LINE ("a\U0001BCA0b\U0001BCA3c\U0001D173d\U0001D17Ae\U000E0000f\U000E0FFFg", "abcdefg");
    LINE ("\uFEFF", "");
    /*  Their neighbours are not meant. */
    SAME ("\u00AC\u00AE\u115E\u2010\u2070\uFE10\uFFFC");
}

static void s_others_in_their_place (void **state)
{
    (void) state;
    LINE ("a\u00A0b\u1680c\u2000d\u200Ae\u202Ff\u205Fg\u3000h", "a b c d e f g\u3000h");
    LINE ("\u0378\uFFFE\uFFFF\uFDD0\uFDEF\U0001FFFE\U0010FFFF", FFFD FFFD FFFD FFFD FFFD FFFD FFFD);
    LINE ("\uE000\uF8FF\U000F0000\U0010FFFD", FFFD FFFD FFFD FFFD);
    LINE ("\uFFF9\uFFFA\uFFFB\uFFFC\uFFFD", FFFD FFFD FFFD "\uFFFC" FFFD);
}

static void s_marks (void **state)
{
    (void) state;
    LINE ("и\u0306 і\u0308 e\u0301", "й ї é");
    LINE ("o\u0302\u0323 o\u0323\u0302 \u00F4\u0323 \u1ECD\u0302", "ộ ộ ộ ộ");
    LINE ("\u0301x", "x");
    LINE (" \u0301x\n\u0301y\t\u0301z\u3000\u0301.", " x y z\u3000.");
    LINES ("\n\u0301y", "\ny");
    LINE ("x\u0302\u0303\u0304\u0305", "x\u0302\u0303\u0304\u0305");
    LINE ("x\u0302\u0303\u0304\u0305\u0306\u0307\u0308", "x\u0302\u0303\u0304\u0305");
    LINE ("e\u0301\u0302\u0303\u0304\u0305", "\u00E9\u0302\u0303\u0304");
    LINE ("\u1EC7\u0303\u0304\u0305", "\u1EC7\u0303\u0304");  /* it brings two of its own */
    LINE ("x\u0344\u0344\u0344", "\u1E8D\u0301\u0308\u0301"); /* one that is two */
    LINE ("e\u200B\u0301", "é");
    LINE ("x\u0301\u200D\u0316", "x\u0316\u0301");
    LINE ("\x1B\u0301", "\u241B\u0301");
    LINE ("\xFF\u0301", FFFD "\u0301");
    /*  Singletons, and what may not be composed. */
    LINE ("\u212B \u2126 \u212A \u0958 \uFB1D \u2ADC",
          "Å Ω K \u0915\u093C \u05D9\u05B4 \u2ADD\u0338");
    LINE ("\u1112\u1161\u11AB \u1100\u1161 가\u11A8", "한 가 각");
    LINE ("가\u11A7", "가\u11A7");
    LINE ("\u1100\u0301\u1161", "\u1100\u0301\u1161");
}

static void s_pictures (void **state)
{
    (void) state;
    SAME ("👩\u200D👩\u200D👧 👍🏽 👩🏽\u200D🚀");
    SAME ("❤\uFE0F ❤\uFE0F\u200D🔥 1\uFE0F\u20E3 #\u20E3");
    SAME ("🇺🇦🇵🇱 🏳\uFE0F\u200D🌈");
    LINE ("☔\uFE0E", "☔");
    LINE ("\u200D👩\u200D", "👩");
    LINE ("👩\u200D\u200D👧", "👩\u200D👧");
    LINE ("👩\u200Dx a\u200D👩 a\u200Db 👩\u200D 👩", "👩x a👩 ab 👩 👩");
    LINE ("👩\u200D\uFE0F👧", "👩\u200D👧");
    LINE ("👩\u200D\u0301👧", "👩\u0301👧");
    LINE ("👩\u200D🏽👧", "👩🏽👧");
    LINE ("👩🏽🏽\u200D👧", "👩🏽🏽👧");
    LINE ("🏽\u200D👧", "🏽👧");
    LINE ("👩\u200D👩\u200D👩\u200D👩\u200D👩\u200D👩", "👩\u200D👩\u200D👩\u200D👩👩\u200D👩");
    LINE ("👩🏽\u200D👩🏽\u200D👩🏽\u200D👩🏽\u200D👩",
          "👩🏽\u200D👩🏽\u200D👩🏽\u200D👩🏽👩");
    LINE ("a\uFE0F \uFE0F я\uFE0F 漢\uFE0F", "a  я 漢");
    LINE ("❤\uFE0F\uFE0F", "❤\uFE0F");
    LINE ("❤\u0301\uFE0F", "❤\u0301");
    LINE ("1\uFE0F 1\uFE0Fx 1\uFE0F", "1 1x 1");
    LINE ("1\uFE0F\u0301\u20E3", "1\u0301\u20E3");
    LINE ("1\u200B\uFE0F\u200B\u20E3", "1\uFE0F\u20E3");
    LINE ("x\uFE0F\u20E3", "x\u20E3");
}

static void s_flags (void **state)
{
    (void) state;
    LINE ("🇺", FFFD);
    LINE ("🇺 🇦", FFFD " " FFFD);
    LINE ("🇺🇦🇵", "🇺🇦" FFFD);
    LINE ("🇺\u200D🇦", "🇺🇦");
    LINE ("🇺\u200B🇦", "🇺🇦");
    LINE ("🇺\u0301🇦", FFFD "\u0301" FFFD);
    LINE ("🇺🇦\u0301", "🇺🇦\u0301");
    LINE ("🇺\n🇦", FFFD " " FFFD);
    LINE ("x🇺", "x" FFFD);
}

static void s_non_joiners (void **state)
{
    (void) state;
    SAME ("می\u200Cخواهم");
    SAME ("क्\u200Cष");
    LINE ("\u200Cا", "ا");
    LINE ("ا\u200C", "ا");
    LINE ("ا\u200C\u200Cب", "ا\u200Cب");
    LINE ("ا\u200C ب", "ا ب");
    LINE ("1\u200C2 a\u200C2 2\u200Ca", "12 a2 2a");
    LINE ("ا\u200C\u0651ب", "ا\u0651ب");
    LINE ("ا\u200D\u200Cب", "ا\u200Cب");
    LINE ("\u1100\u200C\u1161", "\u1100\u200C\u1161");
    LINE ("\u1100\u200D\u1161", "가");
}

/*  Every code point, alone and among others. */
/*  1: each of many is tried. Under valgrind, some are: it takes fifty times as long. */
static int s_stride (void)
{
    return zt_wrapped () ? 61 : 1;
}

static void s_every_code_point (void **state)
{
    (void) state;
    static const char *const around[][2] = {{"", ""},
                                            {"a", "b"},
                                            {"e", "\u0301"},
                                            {"👩\u200D", "\u200D👩"},
                                            {"1", "\uFE0F\u20E3"},
                                            {"🇺", "🇦"},
                                            {"\u1100", "\u1161"},
                                            {"e\u0323\u0301", "\u0327"}};
    for (utf8proc_int32_t c = 0; c <= 0x10FFFF; c += s_stride ()) {
        /*  The planes that have nothing but what all of the plane has. */
        if ((c >= 0xD800 && c <= 0xDFFF) || (c >= 0x32000 && c < 0xDFF00) || c >= 0xF0100)
            continue;
        utf8proc_uint8_t bytes[4];
        size_t size = (size_t) utf8proc_encode_char (c, bytes);
        for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
            zt_buffer_t text = {NULL, 0, 0}, clean = {NULL, 0, 0};
            zt_buffer_put_string (&text, around[i][0]);
            zt_buffer_put (&text, bytes, size);
            zt_buffer_put_string (&text, around[i][1]);
            const char *wrong = zt_text_rules_check (zt_buffer_bytes (&text),
                                                     i % 2 ? ZT_TEXT_LINE : ZT_TEXT_LINES, &clean);
            if (wrong)
                fail_msg ("U+%04X between '%s' and '%s': %s", (unsigned) c, around[i][0],
                          around[i][1], wrong);
            zt_buffer_free (&text);
            zt_buffer_free (&clean);
        }
    }
}

/*  All rows of up to four of what changes how others are shown. */
static void s_every_row_of_the_difficult_ones (void **state)
{
    (void) state;
    static const char *const parts[] = {
        "a",      "1",      " ",      "\n",     "👩",      "🏽",   "🇺",      "ا",
        "\u1100", "\u1161", "\u11A8", "\u0301", "\u0327", "\u093E", "\u20E3", "\uFE0F",
        "\u200C", "\u200D", "\u200B", "ℹ",      "↔",      "\u0338", "\xFF",
    };
    enum { PARTS = sizeof parts / sizeof parts[0], LENGTH = 4 };
    size_t rows = 1;
    for (int i = 0; i < LENGTH; i++)
        rows *= PARTS;
    zt_buffer_t text = {NULL, 0, 0}, clean = {NULL, 0, 0};
    for (size_t row = 0; row < rows; row += (size_t) s_stride ()) {
        zt_buffer_clear (&text);
        zt_buffer_clear (&clean);
        for (size_t i = 0, rest = row; i < LENGTH; i++, rest /= PARTS)
            zt_buffer_put_string (&text, parts[rest % PARTS]);
        const char *wrong = zt_text_rules_check (zt_buffer_bytes (&text), ZT_TEXT_LINES, &clean);
        if (wrong)
            fail_msg ("'%s': %s", zt_buffer_string (&text), wrong);
    }
    zt_buffer_free (&text);
    zt_buffer_free (&clean);
}

/*  The rules can be broken: what checks them sees it. */
static void s_the_rules_are_checked (void **state)
{
    (void) state;
    static const char *const broken[] = {
        "\xFF",
        "\x1B",
        "\r",
        "\t",
        "\x7F",
        "\xC2\x9B",
        "\u202E",
        "\u2028",
        "\u200B",
        "\uFE00",
        "\u00A0",
        "\u0378",
        "\uE000",
        "\uFFF9",
        "e\u0301",
        "\u0301",
        " \u0301",
        "\n\u0301",
        "x\u0302\u0303\u0304\u0305\u0306",
        "a\u200Db",
        "👩\u200D",
        "\u200D👩",
        "1\u200C2",
        "a\uFE0F",
        "1\uFE0F",
        "❤\u0301\uFE0F",
        "🇺",
        "🇺🇦🇵",
        "👩\u200D👩\u200D👩\u200D👩\u200D👩",
        "x\u0301\u0316",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (!zt_text_rules_broken (zt_bytes (broken[i]), ZT_TEXT_LINES))
            fail_msg ("row %zu, '%s', breaks a rule", i, broken[i]);
    assert_non_null (zt_text_rules_broken (ZT_TEXT ("\n"), ZT_TEXT_LINE));
    assert_null (zt_text_rules_broken (ZT_TEXT ("\n"), ZT_TEXT_LINES));
    assert_non_null (zt_text_rules_broken (ZT_TEXT ("a\0b"), ZT_TEXT_LINES));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_text_stays),
        cmocka_unit_test (s_it_appends),
        cmocka_unit_test (s_what_is_not_utf8),
        cmocka_unit_test (s_line_ends),
        cmocka_unit_test (s_tabs),
        cmocka_unit_test (s_controls),
        cmocka_unit_test (s_what_nobody_sees),
        cmocka_unit_test (s_others_in_their_place),
        cmocka_unit_test (s_marks),
        cmocka_unit_test (s_pictures),
        cmocka_unit_test (s_flags),
        cmocka_unit_test (s_non_joiners),
        cmocka_unit_test (s_every_code_point),
        cmocka_unit_test (s_every_row_of_the_difficult_ones),
        cmocka_unit_test (s_the_rules_are_checked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
