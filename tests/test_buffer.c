/*  SPDX-License-Identifier: MPL-2.0

    The small ones that everything stands on: alloc, buffer, bytes, utf8. */

#include "common/alloc.h"
#include "common/buffer.h"
#include "common/utf8.h"
#include "tests/exact.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <inttypes.h>

static void s_zeroed_memory_is_an_empty_buffer (void **state)
{
    (void) state;
    zt_buffer_t buffer = {NULL, 0, 0};
    assert_int_equal (zt_buffer_bytes (&buffer).size, 0);
    zt_buffer_consume (&buffer, 0);
    zt_buffer_consume (&buffer, 9);
    zt_buffer_clear (&buffer);
    zt_buffer_put (&buffer, NULL, 0);
    zt_buffer_put_bytes (&buffer, (zt_bytes_t){NULL, 0});
    zt_buffer_put_string (&buffer, "");
    zt_buffer_put_string (&buffer, NULL);
    zt_buffer_put_format (&buffer, "%s", "");
    assert_int_equal (buffer.size, 0);
    assert_non_null (zt_buffer_reserve (&buffer, 0));
    assert_string_equal (zt_buffer_string (&buffer), "");
    zt_buffer_free (&buffer);
    assert_null (buffer.data);
    zt_buffer_free (&buffer);
}

static void s_a_buffer_grows (void **state)
{
    (void) state;
    zt_buffer_t buffer = {NULL, 0, 0};
    for (unsigned i = 0; i < 100000; i++)
        zt_buffer_put_char (&buffer, (char) ('a' + i % 26));
    assert_int_equal (buffer.size, 100000);
    assert_true (buffer.capacity >= buffer.size);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal (buffer.data[i], 'a' + i % 26);
    size_t capacity = buffer.capacity;
    zt_buffer_clear (&buffer);
    assert_int_equal (buffer.size, 0);
    assert_int_equal (buffer.capacity, capacity);
    /*  What is reserved may be written, all of it. */
    memset (zt_buffer_reserve (&buffer, 300000), 'x', 300000);
    assert_int_equal (buffer.size, 0);
    zt_buffer_free (&buffer);
}

static void s_a_buffer_is_consumed_from_the_front (void **state)
{
    (void) state;
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_buffer_put_string (&buffer, "abcdef");
    zt_buffer_consume (&buffer, 0);
    zt_buffer_consume (&buffer, 2);
    assert_string_equal (zt_buffer_string (&buffer), "cdef");
    zt_buffer_consume (&buffer, 3);
    assert_string_equal (zt_buffer_string (&buffer), "f");
    zt_buffer_consume (&buffer, 2);
    assert_string_equal (zt_buffer_string (&buffer), "");
    zt_buffer_free (&buffer);
}

static void s_a_buffer_formats (void **state)
{
    (void) state;
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_buffer_put_format (&buffer, "%d %s", -1, "x");
    assert_string_equal (zt_buffer_string (&buffer), "-1 x");
    /*  Exactly what is left, one less and one more, NUL included. */
    for (int room = 254; room <= 258; room++) {
        zt_buffer_free (&buffer);
        zt_buffer_put_format (&buffer, "%*d", room, 7);
        assert_int_equal (buffer.size, room);
        assert_int_equal (buffer.data[room - 1], '7');
    }
    zt_buffer_free (&buffer);
}

static void s_numbers_are_written (void **state)
{
    (void) state;
    uint64_t power = 1;
    for (int digits = 0; digits <= 20; digits++, power *= 10) {
        const uint64_t numbers[] = {power - 1, power, power + 1, power * 5, UINT64_MAX - power};
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            char expected[32];
            snprintf (expected, sizeof expected, "%" PRIu64, numbers[i]);
            zt_buffer_t buffer = {NULL, 0, 0};
            zt_buffer_put_u64 (&buffer, numbers[i]);
            assert_string_equal (zt_buffer_string (&buffer), expected);
            zt_buffer_free (&buffer);
        }
    }
    char most[ZT_U64_DIGITS];
    assert_ptr_equal (zt_u64_write (most, UINT64_MAX), most + sizeof most);
    assert_memory_equal (most, "18446744073709551615", sizeof most);
}

static void s_bytes_are_compared (void **state)
{
    (void) state;
    assert_true (zt_bytes_equal (zt_bytes (NULL), zt_bytes ("")));
    assert_true (zt_bytes_equal (ZT_TEXT ("a\0b"), ZT_TEXT ("a\0b")));
    assert_false (zt_bytes_equal (ZT_TEXT ("a\0b"), ZT_TEXT ("a\0c")));
    assert_false (zt_bytes_equal (ZT_TEXT ("a"), ZT_TEXT ("a\0")));
    assert_int_equal (ZT_TEXT ("a\0b").size, 3);
}

static void s_memory_is_zeroed_and_never_null (void **state)
{
    (void) state;
    unsigned char *memory = zt_alloc (1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal (memory[i], 0);
    free (memory);
    memory = zt_alloc (0);
    assert_non_null (memory);
    memory = zt_realloc (memory, 0, 8);
    assert_non_null (memory);
    free (memory);
    char *copy = zt_strndup ("abc", 2);
    assert_string_equal (copy, "ab");
    free (copy);
    copy = zt_strndup (NULL, 0);
    assert_string_equal (copy, "");
    free (copy);
}

/*  The definition, by encoding: what decodes must be what the encoder makes. */
static size_t s_encode (uint32_t c, unsigned char *to)
{
    if (c < 0x80) {
        to[0] = (unsigned char) c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; c >>= 6)
        to[i] = (unsigned char) (0x80 | (c & 0x3F));
    to[0] = (unsigned char) ((0xF00 >> size & 0xFF) | c);
    return size;
}

static void s_every_code_point_is_read (void **state)
{
    (void) state;
    for (uint32_t c = 0; c <= 0x110400; c++) {
        unsigned char bytes[4];
        size_t size = s_encode (c, bytes);
        zt_bytes_t text = zt_exact ((zt_bytes_t){(const char *) bytes, size});
        bool good = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        uint32_t read = 0;
        size_t used = zt_utf8_read (text.data, size, &read);
        if (used != (good ? size : 0) || (good && read != c))
            fail_msg ("U+%04X is read as %zu bytes, U+%04X", c, used, read);
        if (zt_utf8_valid (text) != good)
            fail_msg ("U+%04X is %s", c, good ? "refused" : "taken");
        for (size_t less = 1; less < size; less++)
            if (zt_utf8_read (text.data + size - less, less, &read) != 0)
                fail_msg ("the end of U+%04X is taken", c);
        zt_exact_free (text);
    }
}

static void s_bad_sequences_are_refused (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xE0\x80\xAF",
        "\xE0\x9F\xBF",
        "\xF0\x80\x80\xAF",
        "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFC\x84\x80\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xD0",
        "\xD0x",
        "\xE2\x82",
        "\xE2\x82x",
        "\xE2x\xAC",
        "\xF0\x9F\x98",
        "\xF0\x9F\x98x",
        "\xD0\xD0\x9F",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        zt_bytes_t text = zt_exact (zt_bytes (bad[i]));
        uint32_t read;
        if (zt_utf8_read (text.data, text.size, &read) != 0 || zt_utf8_valid (text))
            fail_msg ("row %zu is taken", i);
        zt_exact_free (text);
    }
    assert_true (zt_utf8_valid (ZT_TEXT ("")));
    assert_true (zt_utf8_valid (ZT_TEXT ("a\0\xD0\x9F\xE2\x82\xAC\xF0\x9F\x98\x80")));
    assert_false (zt_utf8_valid (ZT_TEXT ("good, and then \xD0")));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_zeroed_memory_is_an_empty_buffer),
        cmocka_unit_test (s_a_buffer_grows),
        cmocka_unit_test (s_a_buffer_is_consumed_from_the_front),
        cmocka_unit_test (s_a_buffer_formats),
        cmocka_unit_test (s_numbers_are_written),
        cmocka_unit_test (s_bytes_are_compared),
        cmocka_unit_test (s_memory_is_zeroed_and_never_null),
        cmocka_unit_test (s_every_code_point_is_read),
        cmocka_unit_test (s_bad_sequences_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
