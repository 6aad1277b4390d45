/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/words.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void s_assert_words (zt_bytes_t text, const char *expected)
{
    zt_buffer_t words = {NULL, 0, 0};
    zt_bytes_t copy = zt_exact (text);
    zt_words (&words, copy);
    zt_exact_free (copy);
    assert_true (words.size <= text.size * 18);
    if (strcmp (zt_buffer_string (&words), expected) != 0)
        fail_msg ("'%.*s' gives '%s' and not '%s'", (int) text.size, text.data, words.data,
                  expected);
    zt_buffer_free (&words);
}

static void s_a_text_is_taken_apart (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"", ""},
        {" ,.!? -- ", ""},
        {"Привіт, СВІТЕ!", "привіт світе"},
        {"І\u0308жак і и\u0306од", "їжак і йод"},
        {"Straße ﬁn ①", "strasse fin 1"},
        {"a_b-c.d/e@f#g", "a b c d e f g"},
        {"x2 2x 3.14", "x2 2x 3 14"},
        {"so\u00ADft ze\u200Bro", "soft zero"},
        {"o\u0323\u0302", "ộ"},
        {"n̈", "n\u0308"},
        {"\u0301a", "a"}, /* a mark without a letter is nothing */
        /*  apostrophes */
        {"м'ята м’ята мʼята м‘ята м`ята м＇ята", "мʼята мʼята мʼята мʼята мʼята мʼята"},
        {"'так' ‘ні’ ʼщоʼ", "так ні що"},
        {"o''o o' 'o 5'10 a'1", "o o o o 5 10 a 1"},
        {"rock'n'roll", "rockʼnʼroll"},
        {"e\u0301'a", "éʼa"},
        /*  symbols */
        {"привіт😀😀👍ага", "привіт 😀 😀 👍 ага"},
        {"❤️ 👍🏽 👩‍💻", "❤ 👍 👩 💻"},
        {"🇺🇦🇬🇧🇵", "🇺🇦 🇬🇧 🇵"},
        {"🇺a🇦", "🇺 a 🇦"},
        {"1️⃣", "1\u20E3"},
        {"20°C", "20 ° c"},
        {"€5 + 3 = x", "5 3 x"},
        /*  what is written without spaces */
        {"你好 ひらカ", "你 好 ひ ら カ"},
        {"ｶﾞ", "ガ"},
        {"한국어 \u1100\u1161", "한국어 가"},
        {"ภาษาไทย", "ภาษาไทย"},
        {"हिन्दी", "हिन्दी"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        s_assert_words (zt_bytes (rows[i][0]), rows[i][1]);
    s_assert_words (ZT_TEXT ("a\0b\xFF c\xD0\xED\xA0\x80!"), "a b c");
    s_assert_words (ZT_TEXT ("\xF0\x9F"), "");
    s_assert_words ((zt_bytes_t){NULL, 0}, "");
}

static void s_words_are_appended (void **state)
{
    (void) state;
    zt_buffer_t words = {NULL, 0, 0};
    zt_words (&words, ZT_TEXT ("A b"));
    zt_words (&words, ZT_TEXT ("C d"));
    assert_string_equal (zt_buffer_string (&words), "a bc d");
    zt_bytes_t left = zt_buffer_bytes (&words);
    assert_true (zt_bytes_equal (zt_words_cut (&left), zt_bytes ("a")));
    assert_true (zt_bytes_equal (zt_words_cut (&left), zt_bytes ("bc")));
    assert_true (zt_bytes_equal (zt_words_cut (&left), zt_bytes ("d")));
    assert_int_equal (left.size, 0);
    assert_int_equal (zt_words_cut (&left).size, 0);
    zt_buffer_free (&words);
}

static void s_a_query_is_sorted_and_short (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"", ""},
        {"?", ""},
        {"b a", "a b"},
        {"a A a", "a"},
        {"пр привіт", "привіт"},
        {"ab a abc b", "abc b"},
        {"a b ab ba c", "ab ba c"},
        {"Привіт, 1", "1 привіт"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t query = {NULL, 0, 0};
        zt_words_query (&query, zt_bytes (rows[i][0]));
        assert_string_equal (zt_buffer_string (&query), rows[i][1]);
        zt_buffer_free (&query);
    }
}

static bool s_match (const char *text, const char *query)
{
    zt_buffer_t words = {NULL, 0, 0}, needle = {NULL, 0, 0};
    zt_words (&words, zt_bytes (text));
    zt_words_query (&needle, zt_bytes (query));
    zt_bytes_t exact_words = zt_exact (zt_buffer_bytes (&words));
    zt_bytes_t exact_needle = zt_exact (zt_buffer_bytes (&needle));
    bool matches = zt_words_match (exact_words, exact_needle);
    zt_exact_free (exact_words);
    zt_exact_free (exact_needle);
    zt_buffer_free (&words);
    zt_buffer_free (&needle);
    return matches;
}

static void s_a_message_matches_by_beginnings (void **state)
{
    (void) state;
    static const struct {
        const char *text, *query;
        bool matches;
    } rows[] = {
        {"ПРИВІТ, світе", "привіт", true},
        {"ПРИВІТ, світе", "при", true},
        {"ПРИВІТ, світе", "СВІТ прив", true},
        {"ПРИВІТ, світе", "віт", false},
        {"ПРИВІТ, світе", "привіти", false},
        {"ПРИВІТ, світе", "привіт нема", false},
        {"ЇЖАК", "їжак", true},
        {"І\u0308ЖАК", "їжак", true},
        {"їжак", "І\u0308жа", true},
        {"straße", "strasse", true},
        {"STRASSE", "straß", true},
        {"м'ята", "м’ята", true},
        {"мʼята", "м'ята", true},
        {"м’ята", "мʼят", true},
        {"м'ята", "м", true},
        {"м'ята", "ята", false},
        {"так 😀😀👍", "👍", true},
        {"так 😀😀👍", "👍 😀 т", true},
        {"так 😀", "👍", false},
        {"🇺🇦", "🇺🇦", true},
        {"🇦🇺", "🇺🇦", false},
        {"слава", "сла слав слава с", true},
        {"aa ab ac", "aa ab ac a", true},
        {"aa ab", "aa ab ac", false},
        {"", "a", false},
        {"a", "", true},
        {"我爱你", "爱", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (s_match (rows[i].text, rows[i].query) != rows[i].matches)
            fail_msg ("'%s' and '%s'", rows[i].text, rows[i].query);
}

/*  The text, with what is marked in brackets. */
static void s_mark (zt_bytes_t text, const char *query, zt_buffer_t *marked)
{
    zt_buffer_t marks = {NULL, 0, 0}, needle = {NULL, 0, 0};
    zt_words_query (&needle, zt_bytes (query));
    zt_buffer_put_char (&marks, 'x');
    zt_bytes_t copy = zt_exact (text);
    zt_words_mark (&marks, copy, zt_buffer_bytes (&needle));
    zt_exact_free (copy);
    assert_int_equal (marks.size, text.size + 1);
    for (size_t i = 0, was = 0; i <= text.size; i++) {
        size_t is = i < text.size && marks.data[i + 1];
        if (is != was)
            zt_buffer_put_char (marked, is ? '[' : ']');
        if (i < text.size)
            zt_buffer_put_char (marked, text.data[i]);
        was = is;
    }
    zt_buffer_free (&marks);
    zt_buffer_free (&needle);
}

static void s_what_matches_is_marked (void **state)
{
    (void) state;
    static const struct {
        const char *text, *query, *marked;
    } rows[] = {
        {"", "a", ""},
        {"a", "", "a"},
        {"needle", "needle", "[needle]"},
        {"a needle, and needles: no pinneedle", "needle",
         "a [needle], and [needles]: no pinneedle"},
        {"ПРИВІТ, світе мій", "мі прив", "[ПРИВІТ], світе [мій]"},
        {"one of two", "two none", "one of [two]"},
        {"(І\u0308ЖАК)", "їжа", "([І\u0308ЖАК])"},
        {"die Straße", "strasse", "die [Straße]"},
        {"die Straße", "strass", "die [Straße]"},
        {"ﬁn ①x", "fi 1", "[ﬁn] [①x]"},
        {"м'ята 'м' ята", "м’я", "[м'ята] 'м' ята"},
        {"'м' м", "м", "'[м]' [м]"},
        {"so\u00ADft ze", "soft", "[so\u00ADft] ze"},
        {"так😀😀👍🏽", "👍", "так😀😀[👍🏽]"},
        {"🇺🇦🇬🇧", "🇬🇧", "🇺🇦[🇬🇧]"},
        {"我爱你", "爱", "我[爱]你"},
        {"a ﷺ b", "الله", "a [ﷺ] b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t marked = {NULL, 0, 0};
        s_mark (zt_bytes (rows[i].text), rows[i].query, &marked);
        assert_string_equal (zt_buffer_string (&marked), rows[i].marked);
        zt_buffer_free (&marked);
    }
    zt_buffer_t marked = {NULL, 0, 0};
    s_mark (ZT_TEXT ("\xFF"
                     "a\xD0 b\0a"),
            "a", &marked);
    assert_true (zt_bytes_equal (zt_buffer_bytes (&marked), ZT_TEXT ("\xFF[a]\xD0 b\0[a]")));
    zt_buffer_clear (&marked);
    char longest[ZT_WORDS_QUERY + 1];
    memset (longest, 'a', sizeof longest);
    zt_buffer_t marks = {NULL, 0, 0};
    zt_words_mark (&marks, ZT_TEXT ("aa"), (zt_bytes_t){longest, sizeof longest});
    assert_int_equal (marks.size, 2);
    assert_int_equal (marks.data[0] | marks.data[1], 0);
    zt_buffer_free (&marks);
    zt_buffer_free (&marked);
}

/*  What is marked is what matches: something is, if and only if a word of the query is in it. */
static void s_marking_is_matching (void **state)
{
    (void) state;
    static const char *const pieces[] = {"a", "b",  "A", " ",      "'",  "ß", "e\u0301", "\u0301",
                                         "I", "їж", "😀", "\u00AD", "爱", "🇺", "ﬁ",       "\xFF"};
    unsigned seed = 1, yes = 0;
    for (int round = 0; round < 5000; round++) {
        char text[2][128] = {"", ""};
        for (int which = 0; which < 2; which++)
            for (int i = 0; i < (which ? 2 : 12); i++) {
                seed = seed * 1103515245u + 12345u;
                strcat (text[which], pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])]);
            }
        zt_buffer_t marked = {NULL, 0, 0}, words = {NULL, 0, 0};
        zt_words_query (&words, zt_bytes (text[1]));
        bool matches =
            words.size && !memchr (words.data, ' ', words.size) && s_match (text[0], text[1]);
        s_mark (zt_bytes (text[0]), text[1], &marked);
        bool is_one = words.size && !memchr (words.data, ' ', words.size);
        if (is_one && matches != (strchr (zt_buffer_string (&marked), '[') != NULL))
            fail_msg ("'%s' in '%s': '%s'", text[1], text[0], zt_buffer_string (&marked));
        yes += matches;
        zt_buffer_free (&marked);
        zt_buffer_free (&words);
    }
    assert_in_range (yes, 500, 4500);
}

/*  The plain reading of the definition, a word at a time. */
static bool s_match_plainly (zt_bytes_t words, zt_bytes_t query)
{
    while (query.size) {
        zt_bytes_t wanted = zt_words_cut (&query), left = words;
        bool found = false;
        while (left.size && !found) {
            zt_bytes_t word = zt_words_cut (&left);
            found = word.size >= wanted.size && memcmp (word.data, wanted.data, wanted.size) == 0;
        }
        if (!found)
            return false;
    }
    return true;
}

static void s_matching_is_what_it_says (void **state)
{
    (void) state;
    unsigned seed = 1, yes = 0;
    for (int round = 0; round < 20000; round++) {
        char text[2][64];
        for (int which = 0; which < 2; which++) {
            size_t size = which ? 10 : 60;
            for (size_t i = 0; i < size; i++) {
                seed = seed * 1103515245u + 12345u;
                text[which][i] = "aab b c"[(seed >> 16) % 7];
            }
            text[which][size] = '\0';
        }
        zt_buffer_t words = {NULL, 0, 0}, query = {NULL, 0, 0};
        zt_words (&words, zt_bytes (text[0]));
        zt_words (&query, zt_bytes (text[1]));
        bool plain = s_match_plainly (zt_buffer_bytes (&words), zt_buffer_bytes (&query));
        if (s_match (text[0], text[1]) != plain)
            fail_msg ("'%s' and '%s'", text[0], text[1]);
        yes += plain;
        zt_buffer_free (&words);
        zt_buffer_free (&query);
    }
    assert_in_range (yes, 1000, 19000);
}

/*  The largest bodies, of what costs most. */
static void s_hostile_texts_are_bounded (void **state)
{
    (void) state;
    static const char *const letters[] = {"a",      "a ", "'",      "a'",     "\u0301",
                                          "😀",      "🇺",  "\uFDFA", "\u00AD", "\xFF",
                                          "\u0390", "°",  "가",     "\u1100"};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        zt_buffer_t text = {NULL, 0, 0}, words = {NULL, 0, 0};
        while (text.size < 65536)
            zt_buffer_put_string (&text, letters[i]);
        zt_words (&words, zt_buffer_bytes (&text));
        assert_true (words.size <= text.size * 18);
        assert_false (zt_words_match (zt_buffer_bytes (&words), zt_bytes ("nowhere")));
        zt_buffer_free (&text);
        zt_buffer_free (&words);
    }
}

/*  As many words as a query of the broker's can have. */
static void s_the_longest_query (void **state)
{
    (void) state;
    char query[ZT_WORDS_QUERY + 1] = "", text[3000] = "";
    for (int i = 0; i < 26; i++)
        for (int j = 0; j < 26 && strlen (query) + 3 <= ZT_WORDS_QUERY; j++) {
            char word[4] = {(char) ('a' + i), (char) ('a' + j), ' ', '\0'};
            strcat (query, word);
        }
    query[strlen (query) - 1] = '\0';
    strcat (strcpy (text, query), "zz ");
    assert_true (s_match (text, query));
    text[0] = 'z'; /* "aa" is not there any more */
    assert_false (s_match (text, query));
    memset (query, 'a', ZT_WORDS_QUERY);
    for (int i = 1; i < ZT_WORDS_QUERY; i += 2)
        query[i] = ' ';
    assert_true (zt_words_match (ZT_TEXT ("abc"), (zt_bytes_t){query, 1}));
    assert_false (zt_words_match (ZT_TEXT ("b"), (zt_bytes_t){query, ZT_WORDS_QUERY}));
}

int main (void)
{
    assert_true (zt_words_edition ()[0] != '\0');
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_text_is_taken_apart),
        cmocka_unit_test (s_words_are_appended),
        cmocka_unit_test (s_a_query_is_sorted_and_short),
        cmocka_unit_test (s_a_message_matches_by_beginnings),
        cmocka_unit_test (s_what_matches_is_marked),
        cmocka_unit_test (s_marking_is_matching),
        cmocka_unit_test (s_matching_is_what_it_says),
        cmocka_unit_test (s_hostile_texts_are_bounded),
        cmocka_unit_test (s_the_longest_query),
    };
    return cmocka_run_group_tests_name ("words", tests, NULL, NULL);
}
