/*  SPDX-License-Identifier: MPL-2.0

    Questions for brokers, and answers: what is put is read, and nothing else is. */

#include "tests/exact.h"

#include "common/beacon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define S_TOKEN "0123456789abcdef"
#define S_HERE  "ZTALK/1 HERE " S_TOKEN " "

static bool s_read (zt_bytes_t text, zt_beacon_t *beacon)
{
    zt_bytes_t exact = zt_exact (text);
    bool is_read = zt_beacon_read_answer (exact, S_TOKEN, beacon);
    beacon->name = (zt_bytes_t){NULL, 0}; /* it was a view */
    zt_exact_free (exact);
    return is_read;
}

static void s_a_question_is_read (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    char token[ZT_BEACON_TOKEN_SIZE];
    zt_beacon_put_question (&text, S_TOKEN);
    assert_int_equal (text.size, ZT_BEACON_BYTES);
    zt_bytes_t exact = zt_exact (zt_buffer_bytes (&text));
    assert_true (zt_beacon_read_question (exact, token));
    assert_string_equal (token, S_TOKEN);
    zt_exact_free (exact);

    /*  Shorter, longer, and with any byte changed but for those of the token. */
    for (size_t size = 0; size < text.size; size++) {
        exact = zt_exact ((zt_bytes_t){text.data, size});
        assert_false (zt_beacon_read_question (exact, token));
        zt_exact_free (exact);
    }
    for (size_t i = 0; i < text.size; i++) {
        char kept = text.data[i];
        text.data[i] = 'G';
        assert_false (zt_beacon_read_question (zt_buffer_bytes (&text), token));
        text.data[i] = '\0';
        assert_false (zt_beacon_read_question (zt_buffer_bytes (&text), token));
        text.data[i] = kept;
    }
    zt_buffer_put_char (&text, '\n');
    assert_false (zt_beacon_read_question (zt_buffer_bytes (&text), token));
    zt_buffer_free (&text);
}

static void s_answers_are_read (void **state)
{
    (void) state;
    const zt_beacon_t rows[] = {
        {5555, true, 5556, ZT_TEXT ("Kyiv office")},
        {1, true, 0, ZT_TEXT ("к")},
        {65535, false, 0, ZT_TEXT (" ")},
        {6000, true, 65535, ZT_TEXT ("a b  c ")},
        {6000, false, 7, ZT_TEXT ("-")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_beacon_t beacon;
        zt_beacon_put_answer (&text, S_TOKEN, &rows[i]);
        zt_bytes_t exact = zt_exact (zt_buffer_bytes (&text));
        assert_true (zt_beacon_read_answer (exact, S_TOKEN, &beacon));
        assert_int_equal (beacon.port, rows[i].port);
        assert_int_equal (beacon.is_encrypted, rows[i].is_encrypted);
        assert_int_equal (beacon.key_port, rows[i].key_port);
        assert_true (zt_bytes_equal (beacon.name, rows[i].name));
        assert_false (zt_beacon_read_answer (exact, "0123456789abcdee", &beacon));
        for (size_t size = 0; size < exact.size; size++)
            assert_false (s_read ((zt_bytes_t){exact.data, size}, &beacon));
        zt_exact_free (exact);
        zt_buffer_free (&text);
    }
}

/*  No answer is longer than the question. */
static void s_the_longest_answer_fits (void **state)
{
    (void) state;
    char name[ZT_BEACON_NAME];
    memset (name, 'x', sizeof name);
    zt_beacon_t beacon = {65535, true, 65535, {name, sizeof name}}, again;
    zt_buffer_t text = {NULL, 0, 0};
    zt_beacon_put_answer (&text, S_TOKEN, &beacon);
    assert_in_range (text.size, 1, ZT_BEACON_BYTES);
    assert_true (s_read (zt_buffer_bytes (&text), &again));
    zt_buffer_free (&text);
}

static void s_what_is_no_answer_is_not_read (void **state)
{
    (void) state;
    static const zt_bytes_t rows[] = {
        ZT_LITERAL (""),
        ZT_LITERAL ("ZTALK/2 HERE " S_TOKEN " 5555 curve 5556 x\n"),
        ZT_LITERAL ("ZTALK/1 FIND " S_TOKEN " 5555 curve 5556 x\n"),
        ZT_LITERAL ("ZTALK/1 HERE 0123456789abcde 5555 curve 5556 x\n"),
        ZT_LITERAL ("ZTALK/1 HERE  5555 curve 5556 x\n"),
        ZT_LITERAL (S_HERE "0 curve 5556 x\n"),
        ZT_LITERAL (S_HERE "65536 curve 5556 x\n"),
        ZT_LITERAL (S_HERE "05555 curve 5556 x\n"),
        ZT_LITERAL (S_HERE "-1 curve 5556 x\n"),
        ZT_LITERAL (S_HERE "5555 Curve 5556 x\n"),
        ZT_LITERAL (S_HERE "5555 curve 0 x\n"),
        ZT_LITERAL (S_HERE "5555 curve 65536 x\n"),
        ZT_LITERAL (S_HERE "5555 curve -- x\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 \n"),
        ZT_LITERAL (S_HERE "5555 curve 5556\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 x"),
        ZT_LITERAL (S_HERE "5555 curve 5556 x\n\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 x\ny\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 x\0\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 \33[31m\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 \xC2\x9B"
                           "31m\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 \x7F\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 \xFF\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 \xD0\n"),
        ZT_LITERAL (S_HERE "5555 curve 5556 " /* 65 bytes */
                           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
    };
    zt_beacon_t beacon;
    assert_true (s_read (ZT_TEXT (S_HERE "5555 curve 5556 x\n"), &beacon));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (s_read (rows[i], &beacon))
            fail_msg ("row %zu is read", i);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_question_is_read),
        cmocka_unit_test (s_answers_are_read),
        cmocka_unit_test (s_the_longest_answer_fits),
        cmocka_unit_test (s_what_is_no_answer_is_not_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
