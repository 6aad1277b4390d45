/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/key.h"
#include "tests/exact.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

/*  The one of rfc.zeromq.org/spec/27. */
#define S_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
static const unsigned char s_bytes[32] = {
    0x54, 0xFC, 0xBA, 0x24, 0xE9, 0x32, 0x49, 0x96, 0x93, 0x16, 0xFB, 0x61, 0x7C, 0x87, 0x2B, 0xB0,
    0xC1, 0xD1, 0xFF, 0x14, 0x80, 0x04, 0x27, 0xC5, 0x94, 0xCB, 0xFA, 0xCF, 0x1B, 0xC2, 0xD6, 0x52};

static void s_keys_are_read (void **state)
{
    (void) state;
    zt_key_t key = {""};
    zt_bytes_t text = zt_exact (zt_bytes (S_KEY));
    assert_true (zt_key_read (text, &key));
    assert_string_equal (key.text, S_KEY);
    zt_exact_free (text);
    key = zt_key_of_bytes (s_bytes);
    assert_string_equal (key.text, S_KEY);
}

static void s_what_is_no_key_is_refused (void **state)
{
    (void) state;
    static const zt_bytes_t rows[] = {
        ZT_LITERAL (""),
        ZT_LITERAL ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf"),
        ZT_LITERAL ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf77"),
        ZT_LITERAL ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\0"),
        ZT_LITERAL ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf~"),
        ZT_LITERAL ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8] f7"),
        ZT_LITERAL ("\xD1\x8F:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"),
        ZT_LITERAL ("#####M>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"), /* 5 of them are above 32 bits */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_key_t key = {"unchanged"};
        zt_bytes_t text = zt_exact (rows[i]);
        assert_false (zt_key_read (text, &key));
        assert_string_equal (key.text, "unchanged");
        zt_exact_free (text);
    }
}

static void s_a_fingerprint_is_eight_numbers (void **state)
{
    (void) state;
    zt_key_t key = zt_key_of_bytes (s_bytes);
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (&key, fingerprint);
    assert_string_equal (fingerprint, "62668 59350 39039 50426 49731 11124 28082 29373");
    unsigned char bytes[32] = {0};
    bytes[15] = 7;
    bytes[16] = 1;
    key = zt_key_of_bytes (bytes);
    zt_key_fingerprint (&key, fingerprint);
    assert_string_equal (fingerprint, "05273 27612 17756 40290 30199 53827 23842 04759");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_keys_are_read),
        cmocka_unit_test (s_what_is_no_key_is_refused),
        cmocka_unit_test (s_a_fingerprint_is_eight_numbers),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
