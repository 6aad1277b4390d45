/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/json.h"
#include "common/utf8.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/*  cJSON must take what we take, and we must not pass to it what we do not. */
static void s_expect (zt_bytes_t text, bool good)
{
    zt_bytes_t copy = zt_exact (text);
    cJSON *object = zt_json_parse (copy);
    if (zt_json_valid (copy) != good)
        fail_msg ("'%.*s' is %s", (int) text.size, text.data, good ? "refused" : "taken");
    if ((object != NULL) != good)
        fail_msg ("'%.*s' is %s", (int) text.size, text.data, good ? "not parsed" : "parsed");
    cJSON_Delete (object);
    zt_exact_free (copy);
}

#define GOOD(text) s_expect (ZT_TEXT (text), true)
#define BAD(text)  s_expect (ZT_TEXT (text), false)

static void s_objects (void **state)
{
    (void) state;
    GOOD ("{}");
    GOOD (" \t\r\n{ \t\r\n} \t\r\n");
    GOOD ("{\"text\":\"Привіт!\"}");
    GOOD ("{\"a\":1,\"a\":2,\"\":{}}");
    GOOD ("{ \"a\" : [ 1 , [ ] , { } , true , false , null , \"\" ] , \"b\" : 0 }");
    BAD ("");
    BAD (" ");
    BAD ("[]");
    BAD ("\"x\"");
    BAD ("1");
    BAD ("null");
    BAD ("{");
    BAD ("}");
    BAD ("{}}");
    BAD ("{}x");
    BAD ("{}{}");
    BAD ("{}\0");
    BAD ("\0");
    BAD ("{},");
    BAD ("\xEF\xBB\xBF{}");
    BAD ("\v{}");
    BAD ("{}\f");
    BAD ("\xC2\xA0{}");
    BAD ("/**/{}");
    BAD ("{//\n}");
    s_expect ((zt_bytes_t){NULL, 0}, false);
}

static void s_members (void **state)
{
    (void) state;
    BAD ("{a:1}");
    BAD ("{'a':1}");
    BAD ("{\"a\"}");
    BAD ("{\"a\":}");
    BAD ("{\"a\" 1}");
    BAD ("{\"a\"::1}");
    BAD ("{:1}");
    BAD ("{1:1}");
    BAD ("{\"a\":1,}");
    BAD ("{,\"a\":1}");
    BAD ("{\"a\":1 \"b\":2}");
    BAD ("{\"a\":1;\"b\":2}");
    BAD ("{\"a\":[1,]}");
    BAD ("{\"a\":[,1]}");
    BAD ("{\"a\":[1 2]}");
    BAD ("{\"a\":[1}");
    BAD ("{\"a\":[1]]}");
    BAD ("{\"a\":{]}");
    BAD ("{\"a\":tru}");
    BAD ("{\"a\":True}");
    BAD ("{\"a\":trues}");
    BAD ("{\"a\":nul");
    BAD ("{\"a\":undefined}");
}

static void s_numbers (void **state)
{
    (void) state;
    GOOD ("{\"a\":[0,-0,1,-1,10,1.5,-1.05,1e3,1E3,1e+3,1e-3,0.0e0,1e999,-1e999]}");
    GOOD ("{\"a\":18446744073709551616}");
    BAD ("{\"a\":01}");
    BAD ("{\"a\":-01}");
    BAD ("{\"a\":00}");
    BAD ("{\"a\":+1}");
    BAD ("{\"a\":-}");
    BAD ("{\"a\":1.}");
    BAD ("{\"a\":.5}");
    BAD ("{\"a\":-.5}");
    BAD ("{\"a\":1e}");
    BAD ("{\"a\":1e+}");
    BAD ("{\"a\":1e+-1}");
    BAD ("{\"a\":1.e1}");
    BAD ("{\"a\":1e1.5}");
    BAD ("{\"a\":0x1}");
    BAD ("{\"a\":1_000}");
    BAD ("{\"a\":NaN}");
    BAD ("{\"a\":Infinity}");
    BAD ("{\"a\":-Infinity}");
    BAD ("{\"a\":\xD9\xA1}");
    BAD ("{\"a\":1\0}");
}

/*  cJSON reads 63 characters of a number, as it comes from its makers. */
static void s_the_limit_of_a_number (void **state)
{
    (void) state;
    static const char *const begins[] = {"", "-", "0.", "-1.", "1e", "1E-"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        for (size_t size = ZT_JSON_NUMBER - 1; size <= ZT_JSON_NUMBER + 1; size++) {
            zt_buffer_t text = {NULL, 0, 0};
            zt_buffer_put_format (&text, "{\"a\":%s", begins[i]);
            for (size_t digits = strlen (begins[i]); digits < size; digits++)
                zt_buffer_put_char (&text, '1');
            zt_buffer_put_char (&text, '}');
            s_expect (zt_buffer_bytes (&text), size <= ZT_JSON_NUMBER);
            zt_buffer_free (&text);
        }
}

static void s_strings (void **state)
{
    (void) state;
    GOOD ("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0416\\u00e9\\uFFFF\"}");
    GOOD ("{\"a\":\"\\ud83d\\ude00\"}");
    GOOD ("{\"a\":\"\\uDBFF\\uDFFF\"}");
    GOOD ("{\"a\":\"\x7F\xC2\x85\xE2\x80\xA8\xF0\x9F\x98\x80\xEF\xBF\xBF\"}");
    GOOD ("{\"\\u0061\":1}");
    BAD ("{\"a\":\"}");
    BAD ("{\"a\":\"\\\"}");
    BAD ("{\"a\":\"\\");
    BAD ("{\"a\":\"x\ny\"}");
    BAD ("{\"a\":\"\t\"}");
    BAD ("{\"a\":\"\x1F\"}");
    BAD ("{\"a\":\"\0\"}");
    BAD ("{\"\x01\":1}");
    BAD ("{\"a\":\"\\x41\"}");
    BAD ("{\"a\":\"\\'\"}");
    BAD ("{\"a\":\"\\U0041\"}");
    BAD ("{\"a\":\"\\0\"}");
    BAD ("{\"a\":\"\\\0\"}");
    BAD ("{\"a\":\"\\u004\"}");
    BAD ("{\"a\":\"\\u004g\"}");
    BAD ("{\"a\":\"\\u00\0\0\"}");
    BAD ("{\"a\":\"\\u");
    BAD ("{\"a\":\"\\ud83d\"}");
    BAD ("{\"a\":\"\\ud83dx\"}");
    BAD ("{\"a\":\"\\ud83d\\n\"}");
    BAD ("{\"a\":\"\\ud83d\\u0041\"}");
    BAD ("{\"a\":\"\\ud83d\\ud83d\"}");
    BAD ("{\"a\":\"\\ude00\"}");
    BAD ("{\"a\":\"\\ude00\\ud83d\"}");
    BAD ("{\"a\":\"\\ud83d\\ude0\"}");
    BAD ("{\"a\":\"\x80\"}");
    BAD ("{\"a\":\"\xC0\xAF\"}");
    BAD ("{\"a\":\"\xE0\x80\xAF\"}");
    BAD ("{\"a\":\"\xED\xA0\xBD\xED\xB8\x80\"}");
    BAD ("{\"a\":\"\xF4\x90\x80\x80\"}");
    BAD ("{\"a\":\"\xD0\"}");
    BAD ("{\"a\":\"\xE2\x82");
    BAD ("{\"a\":\"\xFF\"}");
}

static void s_the_limit_of_depth (void **state)
{
    (void) state;
    for (int kind = 0; kind < 2; kind++)
        for (int depth = ZT_JSON_DEPTH - 1; depth <= ZT_JSON_DEPTH + 1; depth++) {
            zt_buffer_t text = {NULL, 0, 0};
            zt_buffer_put_string (&text, "{\"a\":");
            for (int i = 1; i < depth; i++)
                zt_buffer_put_string (&text, kind == 0 || i + 1 == depth ? "[" : "{\"a\":");
            for (int i = depth; i-- > 1;)
                zt_buffer_put_char (&text, kind == 0 || i + 1 == depth ? ']' : '}');
            zt_buffer_put_char (&text, '}');
            s_expect (zt_buffer_bytes (&text), depth <= ZT_JSON_DEPTH);
            if (depth <= ZT_JSON_DEPTH)
                assert_true (zt_json_valid_inside (zt_buffer_bytes (&text), ZT_JSON_DEPTH - depth));
            assert_false (
                zt_json_valid_inside (zt_buffer_bytes (&text), ZT_JSON_DEPTH + 1 - depth));
            zt_buffer_free (&text);
        }
    /*  Many, one after another, are not deep. */
    zt_buffer_t wide = {NULL, 0, 0};
    zt_buffer_put_string (&wide, "{\"a\":[{}");
    for (int i = 0; i < 1000; i++)
        zt_buffer_put_string (&wide, ",[[]],{\"a\":{}}");
    zt_buffer_put_string (&wide, "]}");
    s_expect (zt_buffer_bytes (&wide), true);
    zt_buffer_free (&wide);
    /*  And what never ends does not take the stack with it. */
    zt_buffer_t deep = {NULL, 0, 0};
    zt_buffer_put_string (&deep, "{\"a\":");
    for (int i = 0; i < 1000000; i++)
        zt_buffer_put_char (&deep, '[');
    s_expect (zt_buffer_bytes (&deep), false);
    zt_buffer_free (&deep);
}

/*  Every prefix of a text is none, and neither is it with a byte put in that no
    JSON has outside of a string. */
static void s_nothing_may_be_missing (void **state)
{
    (void) state;
    zt_bytes_t text =
        ZT_TEXT ("{\"a\":[-1.5e+3,\"\\ud83d\\ude00\xF0\x9F\x98\x80\",true,{}],\"b\":null}");
    s_expect (text, true);
    for (size_t size = 0; size < text.size; size++)
        s_expect ((zt_bytes_t){text.data, size}, false);
    for (size_t at = 0; at <= text.size; at++) {
        zt_buffer_t spoilt = {NULL, 0, 0};
        zt_buffer_put (&spoilt, text.data, at);
        zt_buffer_put_char (&spoilt, '\x01');
        zt_buffer_put (&spoilt, text.data + at, text.size - at);
        s_expect (zt_buffer_bytes (&spoilt), false);
        zt_buffer_free (&spoilt);
    }
}

static void s_members_are_read (void **state)
{
    (void) state;
    cJSON *object = zt_json_parse (
        ZT_TEXT ("{\"s\":\"x\",\"S\":\"y\",\"e\":\"\",\"t\":true,\"f\":false,\"n\":null,\"i\":1}"));
    assert_non_null (object);
    assert_true (zt_bytes_equal (zt_json_string (object, "s"), ZT_TEXT ("x")));
    assert_true (zt_json_has_nul (ZT_TEXT ("{\"s\":\"\\\\\\u0000\"}")));
    assert_true (zt_json_has_nul (ZT_TEXT ("{\"s\\u0000\":1}")));
    assert_false (zt_json_has_nul (ZT_TEXT ("{\"s\":\"\\\\u0000 \\u0001 u0000\"}")));
    assert_false (zt_json_has_nul (ZT_TEXT ("{\"s\":\"\\u000\\\\\"}")));
    assert_true (zt_bytes_equal (zt_json_string (object, "S"), ZT_TEXT ("y")));
    assert_int_equal (zt_json_string (object, "e").size, 0);
    assert_int_equal (zt_json_string (object, "i").size, 0);
    assert_int_equal (zt_json_string (object, "n").size, 0);
    assert_int_equal (zt_json_string (object, "none").size, 0);
    assert_int_equal (zt_json_string (NULL, "s").size, 0);
    for (int fallback = 0; fallback <= 1; fallback++) {
        assert_int_equal (zt_json_bool (object, "t", fallback), true);
        assert_int_equal (zt_json_bool (object, "f", fallback), false);
        assert_int_equal (zt_json_bool (object, "n", fallback), fallback);
        assert_int_equal (zt_json_bool (object, "i", fallback), fallback);
        assert_int_equal (zt_json_bool (object, "s", fallback), fallback);
        assert_int_equal (zt_json_bool (object, "none", fallback), fallback);
        assert_int_equal (zt_json_bool (NULL, "t", fallback), fallback);
    }
    cJSON_Delete (object);
}

static void s_members_are_found_in_the_text (void **state)
{
    (void) state;
    zt_bytes_t text =
        ZT_TEXT (" { \"o\" : { \"n\" : 12345678901234567 } , \"a\":[1e400, \"x\" ,[]],"
                 "\"\\u006e\":0.1000000000000000055,\"n\":2,\"e\":\"\" } ");
    static const char *const rows[][2] = {{"o", "{ \"n\" : 12345678901234567 }"},
                                          {"a", "[1e400, \"x\" ,[]]"},
                                          {"n", "0.1000000000000000055"},
                                          {"e", "\"\""},
                                          {"none", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true (zt_bytes_equal (zt_json_member (text, rows[i][0]), zt_bytes (rows[i][1])));
    static const char *const elements[] = {"1e400", "\"x\"", "[]"};
    zt_json_list_t list = zt_json_list (zt_json_member (text, "a"));
    zt_bytes_t name, value;
    size_t n = 0;
    for (; zt_json_next (&list, &name, &value); n++) {
        assert_int_equal (name.size, 0);
        assert_true (n < 3 && zt_bytes_equal (value, zt_bytes (elements[n])));
    }
    assert_int_equal (n, 3);
    assert_false (zt_json_next (&list, &name, &value));
    static const char *const none[] = {"", " ", "7", "\"a\"", "{", "[", "[]", "{}", "{1:2}", "[,"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        list = zt_json_list (zt_bytes (none[i]));
        assert_false (zt_json_next (&list, &name, &value));
        assert_int_equal (zt_json_member (zt_bytes (none[i]), "a").size, 0);
    }
}

static void s_strings_are_unescaped (void **state)
{
    (void) state;
    static const struct {
        const char *string;
        zt_bytes_t plain;
    } rows[] = {
        {"\"\"", ZT_LITERAL ("")},
        {"\"a\\u0000b\"", ZT_LITERAL ("a\0b")},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", ZT_LITERAL ("\"\\/\b\f\n\r\t")},
        {"\"\\u007F\\u0436\\u07ff\\u0800\\uFFFF\\ud83d\\uDe00ж\"",
         ZT_LITERAL ("\x7Fж\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF😀ж")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t plain = {NULL, 0, 0};
        assert_true (zt_json_unescape (&plain, zt_bytes (rows[i].string)));
        assert_true (zt_bytes_equal (zt_buffer_bytes (&plain), rows[i].plain));
        zt_buffer_free (&plain);
    }
    static const char *const none[] = {"",       "7",      "\"",          "\"a",
                                       "\"a\" ", "\"\\\"", "\"\\ud83d\"", "{}"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        zt_buffer_t plain = {NULL, 0, 0};
        assert_false (zt_json_unescape (&plain, zt_bytes (none[i])));
        assert_int_equal (plain.size, 0);
        zt_buffer_free (&plain);
    }
}

static void s_strings_are_written (void **state)
{
    (void) state;
    static const struct {
        zt_bytes_t text;
        const char *json;
    } rows[] = {
        {ZT_LITERAL (""), "\"\""},
        {ZT_LITERAL ("Привіт 漢 😀"), "\"Привіт 漢 😀\""},
        {ZT_LITERAL ("\"\\/"), "\"\\\"\\\\/\""},
        {ZT_LITERAL ("\0\x01\n\x1B\x1F\x7F"), "\"\\u0000\\u0001\\u000a\\u001b\\u001f\\u007f\""},
        {ZT_LITERAL ("\xC2\x80\xC2\x85\xC2\x9B\xC2\x9F\xC2\xA0"),
         "\"\\u0080\\u0085\\u009b\\u009f\xC2\xA0\""},
        {ZT_LITERAL ("\u061C\u200D\u200E\u200F\u2027"), "\"\\u061c\u200D\\u200e\\u200f\u2027\""},
        {ZT_LITERAL ("\u2028\u2029\u202A\u202E\u202F"), "\"\\u2028\\u2029\\u202a\\u202e\u202F\""},
        {ZT_LITERAL ("\u2065\u2066\u2069\u206A"), "\"\u2065\\u2066\\u2069\u206A\""},
        {ZT_LITERAL ("a\xFFz\xED\xA0\x80\xD0"), "\"a\uFFFDz\uFFFD\uFFFD\uFFFD\uFFFD\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_bytes_t text = zt_exact (rows[i].text);
        zt_buffer_t json = {NULL, 0, 0};
        zt_json_put_string (&json, text);
        assert_string_equal (zt_buffer_string (&json), rows[i].json);
        zt_buffer_free (&json);
        zt_exact_free (text);
    }
}

/*  A text that is put through: the same value, and no byte of it a control. */
static void s_texts_are_made_safe (void **state)
{
    (void) state;
    static const struct {
        zt_bytes_t text;
        const char *safe;
    } rows[] = {
        {ZT_LITERAL ("{}"), "{}"},
        {ZT_LITERAL (" { \"a b\" :\t[ 1 ,\r\n\"x  y\" ] } \n"), "{\"a b\":[1,\"x  y\"]}"},
        {ZT_LITERAL ("{\"a\":\"\x7F\xC2\x9B\u202E\u2028ж\"}"),
         "{\"a\":\"\\u007f\\u009b\\u202e\\u2028ж\"}"},
        {ZT_LITERAL ("{\"\\\"\u202E\\\\\":\"\\\\\" ,\"b\":\"\\n\\u001b \\\\\\\" \"}"),
         "{\"\\\"\\u202e\\\\\":\"\\\\\",\"b\":\"\\n\\u001b \\\\\\\" \"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_bytes_t text = zt_exact (rows[i].text);
        assert_true (zt_json_valid (text));
        zt_buffer_t json = {NULL, 0, 0};
        zt_json_put_text (&json, text);
        assert_string_equal (zt_buffer_string (&json), rows[i].safe);
        assert_true (zt_json_valid (zt_buffer_bytes (&json)));
        cJSON *before = zt_json_parse (text), *after = zt_json_parse (zt_buffer_bytes (&json));
        assert_true (cJSON_Compare (before, after, true));
        cJSON_Delete (before);
        cJSON_Delete (after);
        zt_buffer_free (&json);
        zt_exact_free (text);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_objects),
        cmocka_unit_test (s_members),
        cmocka_unit_test (s_numbers),
        cmocka_unit_test (s_the_limit_of_a_number),
        cmocka_unit_test (s_strings),
        cmocka_unit_test (s_the_limit_of_depth),
        cmocka_unit_test (s_nothing_may_be_missing),
        cmocka_unit_test (s_members_are_read),
        cmocka_unit_test (s_members_are_found_in_the_text),
        cmocka_unit_test (s_strings_are_unescaped),
        cmocka_unit_test (s_strings_are_written),
        cmocka_unit_test (s_texts_are_made_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
