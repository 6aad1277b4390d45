/*  SPDX-License-Identifier: MPL-2.0

    The tables of verbs, reasons, errors and limits: that their rows can be found
    again, and are what the rest relies on. */

#include "common/error.h"
#include "common/limits.h"
#include "common/name.h"
#include "common/verb.h"
#include "common/wire.h"
#include "tests/exact.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

static zt_side_t s_other (zt_side_t side)
{
    return side == ZT_FROM_CLIENT ? ZT_FROM_BROKER : ZT_FROM_CLIENT;
}

static void s_every_verb_is_found_in_its_direction (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < ZT_VERB_COUNT; verb++) {
        const zt_verb_row_t *row = zt_verb_row ((zt_verb_t) verb);
        assert_int_equal (zt_verb_find (zt_bytes (row->name), row->from), verb);
        assert_int_equal (row->from, verb < ZT_CLIENT_VERBS_END ? ZT_FROM_CLIENT : ZT_FROM_BROKER);
        /*  BYE alone is said by both, and is not the same for both. */
        zt_verb_t other = zt_verb_find (zt_bytes (row->name), s_other (row->from));
        if (verb == ZT_VERB_BYE)
            assert_int_equal (other, ZT_VERB_GOODBYE);
        else if (verb == ZT_VERB_GOODBYE)
            assert_int_equal (other, ZT_VERB_BYE);
        else
            assert_int_equal (other, ZT_VERB_COUNT);
    }
}

static void s_every_verb_fits_the_grammar (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < ZT_VERB_COUNT; verb++) {
        const zt_verb_row_t *row = zt_verb_row ((zt_verb_t) verb);
        size_t size = strlen (row->name);
        assert_in_range (size, 1, ZT_VERB_MAX);
        assert_int_equal (strspn (row->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), size);
        assert_true (strlen (row->fields) <= ZT_FIELDS_MAX);
        assert_int_equal (strspn (row->fields, "uw"), strlen (row->fields));
        assert_non_null (row->what);
        /*  The longest header that we could write is a header: numbers, names with
            their sign, and a length. HELLO and WELCOME, PING and PONG, ERROR: less. */
        size_t most = size + 1 + ZT_U64_DIGITS;
        for (const char *field = row->fields; *field; field++)
            most += 1 + (*field == 'u' ? (size_t) ZT_U64_DIGITS : (size_t) ZT_NAME_BYTES + 1);
        assert_true (most <= ZT_HEADER_MAX);
    }
}

static void s_what_is_no_verb_is_not_found (void **state)
{
    (void) state;
    static const char *const none[] = {"",       "S",     "SEN",   "SENDS",          "send",
                                       "Send",   " SEND", "SEND ", "\xD0\x85\x45ND", "XSEND",
                                       "GOODBYE"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        zt_bytes_t name = zt_exact (zt_bytes (none[i]));
        assert_int_equal (zt_verb_find (name, ZT_FROM_CLIENT), ZT_VERB_COUNT);
        assert_int_equal (zt_verb_find (name, ZT_FROM_BROKER), ZT_VERB_COUNT);
        zt_exact_free (name);
    }
    assert_int_equal (zt_verb_find (ZT_TEXT ("SEND\0"), ZT_FROM_CLIENT), ZT_VERB_COUNT);
    assert_int_equal (zt_verb_find ((zt_bytes_t){NULL, 0}, ZT_FROM_CLIENT), ZT_VERB_COUNT);
}

static void s_every_reason_is_found (void **state)
{
    (void) state;
    for (unsigned reason = 0; reason < ZT_REASON_COUNT; reason++) {
        const char *word = zt_reason_word ((zt_reason_t) reason);
        assert_true (zt_word_valid (zt_bytes (word)));
        assert_int_equal (zt_reason_find (zt_bytes (word)), reason);
        assert_true (strlen (zt_reason_what ((zt_reason_t) reason)) > 0);
    }
    assert_int_equal (zt_reason_find (zt_bytes ("")), ZT_REASON_COUNT);
    assert_int_equal (zt_reason_find (zt_bytes ("idl")), ZT_REASON_COUNT);
    assert_int_equal (zt_reason_find (zt_bytes ("Idle")), ZT_REASON_COUNT);
    assert_int_equal (zt_reason_find (zt_bytes ("idle ")), ZT_REASON_COUNT);
}

static void s_every_error_is_found (void **state)
{
    (void) state;
    for (unsigned error = 0; error < ZT_ERROR_COUNT; error++) {
        const char *code = zt_error_code ((zt_error_t) error);
        const char *what = zt_error_what ((zt_error_t) error);
        assert_true (zt_word_valid (zt_bytes (code)));
        assert_int_equal (zt_error_find (zt_bytes (code)), error);
        assert_true (strlen (what) > 0);
        assert_int_not_equal (what[strlen (what) - 1], '.');
    }
    assert_int_equal (zt_error_find (zt_bytes ("")), ZT_ERROR_COUNT);
    assert_int_equal (zt_error_find (zt_bytes ("bus")), ZT_ERROR_COUNT);
    assert_int_equal (zt_error_find (zt_bytes ("BUSY")), ZT_ERROR_COUNT);
    assert_int_equal (zt_error_find (zt_bytes ("busyy")), ZT_ERROR_COUNT);
}

static void s_limits_agree_with_each_other (void **state)
{
    (void) state;
    size_t count = 0;
    for (const zt_limit_t *limit = zt_limits (); limit->name; limit++, count++) {
        assert_true (limit->value > 0);
        for (const zt_limit_t *other = zt_limits (); other != limit; other++)
            assert_string_not_equal (other->name, limit->name);
    }
    assert_true (count > 5);
    assert_string_equal (zt_limits ()[0].name, "FRAME_MAX");
    assert_int_equal (zt_limits ()[0].value, ZT_FRAME_MAX);
    /*  A frame has room for the largest message, a window for the largest body. */
    assert_true (ZT_HEADER_MAX + 1 + ZT_BODY_MAX + 1 <= ZT_FRAME_MAX);
    assert_true (ZT_BODY_MAX <= ZT_WINDOW_BYTES);
    assert_true (ZT_WINDOW_BYTES <= ZT_LOG_BYTES);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_every_verb_is_found_in_its_direction),
        cmocka_unit_test (s_every_verb_fits_the_grammar),
        cmocka_unit_test (s_what_is_no_verb_is_not_found),
        cmocka_unit_test (s_every_reason_is_found),
        cmocka_unit_test (s_every_error_is_found),
        cmocka_unit_test (s_limits_agree_with_each_other),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
