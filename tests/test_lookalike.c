/*  SPDX-License-Identifier: MPL-2.0

    Which names look alike, which mix scripts, and which are nothing of the kind. */

#include "common/buffer.h"
#include "common/lookalike.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int s_make (void **state)
{
    *state = zt_lookalike_new ();
    assert_null (zt_lookalike_trouble (*state));
    return 0;
}

static int s_destroy (void **state)
{
    zt_lookalike_t *self = *state;
    zt_lookalike_destroy (&self);
    assert_null (self);
    zt_lookalike_destroy (&self); /* once more is nothing */
    return 0;
}

static zt_folded_t s_skeleton (const zt_lookalike_t *self, zt_bytes_t name)
{
    zt_bytes_t copy = zt_exact (name);
    zt_folded_t skeleton;
    memset (&skeleton, 0xA5, sizeof skeleton);
    zt_lookalike_skeleton (self, copy, &skeleton);
    zt_exact_free (copy);
    assert_true (skeleton.size <= sizeof skeleton.data);
    return skeleton;
}

static bool s_alike (const zt_lookalike_t *self, const char *a, const char *b)
{
    zt_folded_t x = s_skeleton (self, zt_bytes (a)), y = s_skeleton (self, zt_bytes (b));
    return x.size == y.size && memcmp (x.data, y.data, x.size) == 0;
}

static bool s_mixes (const zt_lookalike_t *self, zt_bytes_t name)
{
    zt_bytes_t copy = zt_exact (name);
    bool mixes = zt_lookalike_mixes_scripts (self, copy);
    zt_exact_free (copy);
    return mixes;
}

static void s_these_look_alike (void **state)
{
    static const char *const rows[][2] = {
        {"olena", "olena"},
        {"olena", "оlena"}, /* a Cyrillic о */
        {"olena", "Оlеnа"},
        {"Olena", "ΟLΕΝΑ"}, /* but for L these are Greek */
        {"olena", "0lena"},
        {"olena", "OIena"}, /* a capital i */
        {"olena", "o1ena"},
        {"ivan", "lvan"}, /* as Ivan: case does not count */
        {"Ivan", "lvan"},
        {"ivan", "Іvan"},
        {"will", "wiII"},
        {"mary", "rnary"},
        {"Mary", "rnary"},
        {"max", "МАХ"}, /* Cyrillic */
        {"abek", "АВЕК"},
        {"ope", "оре"},
        {"toma", "тома"},
        {"BOBA", "вова"},
        {"boba", "ВОВА"},
        {"олена", "oлeнa"}, /* Latin letters in a Cyrillic name */
        {"ірина", "ipинa"},
        {"їжак", "ïжак"},
        {"Федір", "Федiр"},
        {"Іван", "lван"},
        {"anna", "αnnα"},
        {"tom", "ᴛᴏᴍ"}, /* small capitals, which are Latin letters */
        {"olena", "ᴏʟᴇɴᴀ"},
        {"greg", "ɡreɡ"},
        {"dina", "dı\u0307na"},
        {"андрій", "андрій\u0306"}, /* the mark of й twice */
        {"e\u0301va", "e\u0301\u0301\u0301va"},
        {"o\u0308\u0308\u0308\u0308lga", "o\u0308\u0308\u0308\u0308\u0308\u0308lga"},
        {"\u9580", "\u2FA8"}, /* the radical of the letter */
        {"user-1", "user-l"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!s_alike (*state, rows[i][0], rows[i][1]))
            fail_msg ("%s and %s are two", rows[i][0], rows[i][1]);
}

static void s_these_do_not (void **state)
{
    static const char *const rows[][2] = {
        {"olena", "olga"},    {"olena", "олена"},   {"olena", "olena1"},  {"olena", "olena.work"},
        {"ivan", "іван"},     {"іван", "іван-2"},   {"іван", "ївaн"},     {"андрій", "андрии"},
        {"ганна", "ґанна"},   {"сергій", "сергей"}, {"є", "е"},           {"марія", "μαρια"},
        {"a.b", "a-b"},       {"a_b", "a-b"},       {"ivan", "iwan"},     {"ίρις", "ирис"},
        {"さくら", "サクラ"}, {"田中", "中田"},     {"user-1", "user-2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (s_alike (*state, rows[i][0], rows[i][1]))
            fail_msg ("%s and %s are taken for one", rows[i][0], rows[i][1]);
}

/*  The case of letters that look like Latin ones makes no difference: whoever takes the name
    of somebody else in capitals is noticed, too. */
static void s_their_case_does_not_matter (void **state)
{
    static const char *const names[][2] = {
        {"olena", "OLENA"}, {"Ivan", "IVAN"}, {"Lilly", "lILLY"}, {"mimi", "MiMi"},
        {"вова", "ВОВА"},   {"марк", "МАРК"}, {"тато", "Тато"},   {"їжак", "ЇЖАК"},
        {"нік", "НІК"},     {"катя", "Катя"}, {"ката", "КАТА"},   {"straße", "STRASSE"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!s_alike (*state, names[i][0], names[i][1]))
            fail_msg ("%s and %s are two", names[i][0], names[i][1]);
}

static void s_these_mix_scripts (void **state)
{
    static const char *const names[] = {
        "оlena", /* Cyrillic and Latin */
        "olenа",       "Іvan",  "іvan",  "аlех",       "ivan\u0430",  "αnna", /* Greek and Latin */
        "аνα",                                                        /* Cyrillic and Greek */
        "оle\u0301na", "ол3na", "oлена", "адмін_root", "olena\u05D0", /* Latin and Hebrew */
        "アリスж",                                                    /* Japanese and Cyrillic */
        "abcდე",                                                      /* Latin and Georgian */
        "աbգ",                                                        /* Armenian and Latin */
        "कbc",        /* Devanagari and Latin: common, but not highly restrictive */
        "ivan\u0661", /* an Arabic digit */
        "한нгул",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!s_mixes (*state, zt_bytes (names[i])))
            fail_msg ("%s passes", names[i]);
}

static void s_these_do_not_mix_scripts (void **state)
{
    static const char *const names[] = {
        "olena",        "OIena",
        "olena.work",   "a-b_c.d",
        "12",           "2olena",
        "Zoë",          "Łukasz",
        "Đặng",         "naïve",
        "Олена",        "Ґалаґан",
        "Єва",          "Ірина",
        "Їжак",         "ґава-2",
        "іван-2",       "Марʼяна",
        "И\u0306од",    "ОЛЕНА_1",
        "юрій.львів",   "Щек",
        "Ольга",        "Дмитро",
        "Наталія",      "Ελένη",
        "Γιώργος",      "ὈΔΥΣΣΕΎΣ",
        "Μαρία_2",      "さくら",
        "サクラ",       "田中",
        "田中さくら",   "さくらsan",
        "田中ケンT",    "ケンー",
        "ﾊﾝｶｸ",         "東京Tokyoたろう",
        "王小明",       "小明Ming",
        "ㄅㄆㄇ明",     "민준",
        "김민준",       "민준Kim",
        "金민준",       "שרה",
        "דוד",          "محمد",
        "فاطمة٣",       "सीता",
        "राम१",         "მარიამ",
        "ᲜᲘᲜᲝ", "Աննա",
        "Հայկ",         "สมชาย",
        "தமிழ்",         "ሰላም",
        "ភាសា",         "བོད",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (s_mixes (*state, zt_bytes (names[i])))
            fail_msg ("%s does not pass", names[i]);
}

static void s_any_bytes_may_come (void **state)
{
    static const char *const names[] = {"",      "\xFF",  "о\xFFx", "\xF4\x90\x80\x80",
                                        "a\xCC", "\u0301"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        s_skeleton (*state, zt_bytes (names[i]));
        s_mixes (*state, zt_bytes (names[i]));
    }
    /*  The longest skeleton of a letter, as often as a name can have it. */
    zt_buffer_t name = {NULL, 0, 0};
    for (int i = 0; i < ZT_NAME_MAX; i++)
        zt_buffer_put_string (&name, "\uFDFA");
    assert_int_equal (s_skeleton (*state, zt_buffer_bytes (&name)).size, ZT_FOLDED_BYTES);
    for (int i = 0; i < 1000; i++)
        zt_buffer_put_string (&name, "\uFDFA");
    s_skeleton (*state, zt_buffer_bytes (&name));
    assert_false (s_mixes (*state, zt_buffer_bytes (&name)));
    zt_buffer_free (&name);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_these_look_alike),           cmocka_unit_test (s_these_do_not),
        cmocka_unit_test (s_their_case_does_not_matter), cmocka_unit_test (s_these_mix_scripts),
        cmocka_unit_test (s_these_do_not_mix_scripts),   cmocka_unit_test (s_any_bytes_may_come),
    };
    return cmocka_run_group_tests (tests, s_make, s_destroy);
}
