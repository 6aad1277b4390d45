/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/buffer.h"
#include "common/name.h"
#include "tests/exact.h"
#include "tests/wrapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <utf8proc.h>

/*  1: each code point is tried. Under a wrapper, which is slow, some are. */
static int s_stride (void)
{
    return zt_wrapped () ? 37 : 1;
}

/*  The fold of a name that must be good, or "" for one that must not be. */
static zt_folded_t s_fold (zt_bytes_t name, bool good)
{
    zt_bytes_t copy = zt_exact (name);
    zt_folded_t folded;
    memset (&folded, 0xA5, sizeof folded);
    const char *wrong = zt_name_fold (copy, &folded);
    zt_exact_free (copy);
    if ((wrong == NULL) != good)
        fail_msg ("'%.*s' is %s", (int) name.size, name.data, wrong ? wrong : "taken");
    assert_true (folded.size <= sizeof folded.data);
    if (wrong)
        assert_int_equal (folded.size, 0);
    else
        assert_true (folded.size > 0);
    return folded;
}

static bool s_same (const char *a, const char *b)
{
    zt_folded_t x = s_fold (zt_bytes (a), true), y = s_fold (zt_bytes (b), true);
    return x.size == y.size && memcmp (x.data, y.data, x.size) == 0;
}

static void s_case_and_form_do_not_matter (void **state)
{
    (void) state;
    static const char *const same[][2] = {
        {"olena", "Olena"},
        {"olena", "OLENA"},
        {"олена", "ОЛЕНА"},
        {"straße", "STRASSE"},
        {"straße", "STRAẞE"},
        {"йод", "и\u0306од"},
        {"їжак", "І\u0308ЖАК"},
        {"ґава", "ҐАВА"},
        {"\u2126", "\u03C9"},     /* ohm and omega */
        {"\u212A", "k"},          /* kelvin */
        {"\u00C5", "\u212B"},     /* a letter and the unit */
        {"ﬁn", "FIN"},            /* a ligature */
        {"ｏｌｅｎａ", "olena"},  /* full width */
        {"ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"}, /* final sigma */
        {"x\u0323\u0307", "x\u0307\u0323"},
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (!s_same (same[i][0], same[i][1]))
            fail_msg ("%s and %s are two", same[i][0], same[i][1]);
}

static void s_others_do (void **state)
{
    (void) state;
    assert_false (s_same ("olena", "olga"));
    assert_false (s_same ("olena", "olеna")); /* the е is Cyrillic: a known weakness */
    assert_false (s_same ("й", "и"));
    assert_false (s_same ("ї", "і"));
    assert_false (s_same ("a.b", "ab"));
    assert_false (s_same ("a_b", "a-b"));
}

static void s_the_fold_is_what_it_should_be (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"Olena-1.x_Y", "olena-1.x_y"}, {"ОЛЕНА", "олена"}, {"И\u0306", "й"}, {"ẞ", "ss"},
        {"ﷺ", "صلى الله عليه وسلم"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_folded_t folded = s_fold (zt_bytes (rows[i][0]), true);
        assert_int_equal (folded.size, strlen (rows[i][1]));
        assert_memory_equal (folded.data, rows[i][1], folded.size);
    }
}

static void s_what_is_no_name_is_refused (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",
        " ",
        "a b",
        "@a",
        "#a",
        "a!",
        "a/b",
        "a\n",
        "a\t",
        "a\x7F",
        "a\xC2\x85",
        "a\u00A0b",
        "a\u00B2" /* No */,
        "\u2167" /* Nl */,
        "a\u200Db",
        "a\u202Eb",
        "a\uFEFF",
        "\u0301",
        "\u0306a",
        "\u0903a",
        "a\u20DD" /* Me */,
        "😀",
        "a\uE000",
        "a\u0378" /* Cn */,
        "\xFF",
        "a\xC0\xAF",
        "a\xED\xA0\x80",
        "a\xD0",
        "\xF4\x90\x80\x80",
        "€",
        "a*",
        "*",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        s_fold (zt_bytes (bad[i]), false);
    s_fold (ZT_TEXT ("a\0b"), false);
    s_fold (ZT_TEXT ("\0"), false);
    s_fold ((zt_bytes_t){NULL, 0}, false);
    /*  Letters that nobody sees are not enough for a name. */
    s_fold (zt_bytes ("\u3164"), false);
    s_fold (zt_bytes ("\u115F\u1160"), false);
}

/*  count times a code point. */
static zt_buffer_t s_times (const char *code_point, size_t count)
{
    zt_buffer_t name = {NULL, 0, 0};
    while (count--)
        zt_buffer_put_string (&name, code_point);
    return name;
}

static void s_the_limit_of_a_name (void **state)
{
    (void) state;
    static const char *const letters[] = {"a", "ж", "漢", "𐐷", "-"};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        for (size_t count = ZT_NAME_MAX - 1; count <= ZT_NAME_MAX + 1; count++) {
            zt_buffer_t name = s_times (letters[i], count);
            s_fold (zt_buffer_bytes (&name), count <= ZT_NAME_MAX);
            zt_buffer_free (&name);
        }
    /*  One that unfolds into 33 bytes fits 7 times into 256, and not 8 times. */
    for (size_t count = 1; count <= ZT_NAME_MAX; count++) {
        zt_buffer_t name = s_times ("\uFDFA", count);
        s_fold (zt_buffer_bytes (&name), count * 33 <= ZT_FOLDED_BYTES);
        zt_buffer_free (&name);
    }
    /*  A letter and 31 marks are 32 code points. */
    for (size_t marks = ZT_NAME_MAX - 1; marks <= ZT_NAME_MAX; marks++) {
        zt_buffer_t name = s_times ("\u0301", marks);
        zt_buffer_t whole = {NULL, 0, 0};
        zt_buffer_put_char (&whole, 'a');
        zt_buffer_put_bytes (&whole, zt_buffer_bytes (&name));
        s_fold (zt_buffer_bytes (&whole), marks < ZT_NAME_MAX);
        zt_buffer_free (&name);
        zt_buffer_free (&whole);
    }
}

static bool s_may_be_in_a_name (utf8proc_int32_t c)
{
    switch (utf8proc_category (c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return true;
    default:
        return c == '_' || c == '-' || c == '.';
    }
}

/*  Every code point there is, behind a letter: taken if it is of the categories,
    and the upper case of a name is that name. */
static void s_every_code_point_has_its_answer (void **state)
{
    (void) state;
    for (utf8proc_int32_t c = 0; c <= 0x10FFFF; c += s_stride ()) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        utf8proc_uint8_t name[8] = "a";
        size_t size = 1 + (size_t) utf8proc_encode_char (c, name + 1);
        zt_folded_t folded, upper;
        const char *wrong = zt_name_fold ((zt_bytes_t){(const char *) name, size}, &folded);
        if ((wrong == NULL) != s_may_be_in_a_name (c))
            fail_msg ("U+%04X: %s", (unsigned) c, wrong ? wrong : "taken");
        utf8proc_int32_t up = utf8proc_toupper (c);
        if (wrong || up == c || utf8proc_tolower (up) != c)
            continue;
        size = 1 + (size_t) utf8proc_encode_char (up, name + 1);
        wrong = zt_name_fold ((zt_bytes_t){(const char *) name, size}, &upper);
        if (wrong || upper.size != folded.size ||
            memcmp (upper.data, folded.data, folded.size) != 0)
            fail_msg ("U+%04X and U+%04X differ", (unsigned) c, (unsigned) up);
    }
}

/*  Folding for search */

static void s_assert_folds (zt_bytes_t text, const char *expected)
{
    char *to = zt_alloc (text.size * 12 + 1);
    zt_bytes_t copy = zt_exact (text);
    size_t size = zt_text_fold (copy, to, text.size * 12);
    zt_exact_free (copy);
    if (size != strlen (expected) || memcmp (to, expected, size) != 0)
        fail_msg ("'%.*s' gives '%.*s' and not '%s'", (int) text.size, text.data, (int) size, to,
                  expected);
    free (to);
}

static void s_text_is_folded (void **state)
{
    (void) state;
    s_assert_folds (ZT_TEXT (""), "");
    s_assert_folds ((zt_bytes_t){NULL, 0}, "");
    s_assert_folds (ZT_TEXT ("Hello, World!"), "hello, world!");
    s_assert_folds (ZT_TEXT ("привіт"), "привіт");
    s_assert_folds (ZT_TEXT ("ПРИВІТ"), "привіт");
    s_assert_folds (ZT_TEXT ("І\u0308жак, и\u0306од"), "їжак, йод");
    s_assert_folds (ZT_TEXT ("Straße ﬁn ①"), "strasse fin 1");
    s_assert_folds (ZT_TEXT ("a\u00ADb\u200Bc"), "abc");
    s_assert_folds (ZT_TEXT ("a\xFF\xD0 B\xED\xA0\x80!"), "a b!");
    char zero[3];
    assert_int_equal (zt_text_fold (ZT_TEXT ("A\0B"), zero, sizeof zero), 3);
    assert_memory_equal (zero, "a\0b", 3);
}

/*  Where the pieces that are folded at a time end must not be seen: the same text,
    behind paddings of every length, has the same fold. */
static void s_pieces_are_not_seen (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"й", "и\u0306"},       {"ї", "і\u0308"},
        {"ộ", "o\u0302\u0323"}, {"が", "ｶﾞ" /* folds to katakana */},
        {"가", "\u1100\u1161"}, {"각", "\u1100\u1161\u11A8"},
        {"ொ", "\u0BC6\u0BBE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t padding = 0; padding < 100; padding++) {
            zt_buffer_t text = s_times ("x", padding);
            zt_buffer_put_string (&text, rows[i][1]);
            char to[512], alone[64];
            size_t size = zt_text_fold (zt_buffer_bytes (&text), to, sizeof to);
            size_t alone_size = zt_text_fold (zt_bytes (rows[i][1]), alone, sizeof alone);
            if (size != padding + alone_size || memcmp (to + padding, alone, alone_size) != 0)
                fail_msg ("%s behind %zu letters is '%.*s'", rows[i][0], padding, (int) size, to);
            zt_buffer_free (&text);
        }
}

/*  The short way for what most texts are made of gives what the long way gives: a text of
    every code point with a plain one before it, and one behind it. */
static void s_the_short_way_is_the_long_way (void **state)
{
    (void) state;
    for (utf8proc_int32_t c = 0; c <= 0x10FFFF; c += s_stride ()) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        utf8proc_uint8_t text[16] = "Жa";
        size_t size = 3 + (size_t) utf8proc_encode_char (c, text + 3);
        text[size++] = 'Z';
        char folded[64];
        folded[zt_text_fold ((zt_bytes_t){(const char *) text, size}, folded, 63)] = '\0';
        utf8proc_uint8_t *long_way = NULL;
        text[size] = '\0';
        if (c == 0)
            continue;
        utf8proc_map (text, 0, &long_way,
                      UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                          UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
        if (strcmp (folded, (const char *) long_way) != 0)
            fail_msg ("U+%04X: '%s' and '%s'", (unsigned) c, folded, (const char *) long_way);
        free (long_way);
    }
}

static void s_folding_stays_in_its_room (void **state)
{
    (void) state;
    zt_bytes_t text = ZT_TEXT ("Привіт, \uFDFA і \u0390 ще трохи тексту, більше ніж на раз");
    char whole[1024];
    size_t whole_size = zt_text_fold (text, whole, sizeof whole);
    assert_true (whole_size > text.size);
    for (size_t room = 0; room <= whole_size; room++) {
        char *to = zt_realloc (NULL, room, 1);
        size_t size = zt_text_fold (text, to, room);
        assert_true (size <= room);
        if (room == whole_size)
            assert_int_equal (size, room);
        free (to);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_case_and_form_do_not_matter),
        cmocka_unit_test (s_others_do),
        cmocka_unit_test (s_the_fold_is_what_it_should_be),
        cmocka_unit_test (s_what_is_no_name_is_refused),
        cmocka_unit_test (s_the_limit_of_a_name),
        cmocka_unit_test (s_every_code_point_has_its_answer),
        cmocka_unit_test (s_text_is_folded),
        cmocka_unit_test (s_pieces_are_not_seen),
        cmocka_unit_test (s_the_short_way_is_the_long_way),
        cmocka_unit_test (s_folding_stays_in_its_room),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
