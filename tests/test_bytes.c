/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/*  Where it is found; -1 if it is not. */
static int s_find (const char *in, const char *what)
{
    const char *at = zt_bytes_find (zt_bytes (in), zt_bytes (what));
    return at ? (int) (at - in) : -1;
}

static void test_find (void **state)
{
    (void) state;
    assert_int_equal (s_find ("one two", "two"), 4);
    assert_int_equal (s_find ("one two two", "two"), 4);
    assert_int_equal (s_find ("one", "one"), 0);
    assert_int_equal (s_find ("aaab", "aab"), 1);
    assert_int_equal (s_find ("one", "one two"), -1);
    assert_int_equal (s_find ("on", "one"), -1);
    assert_int_equal (s_find ("ababac", "abac"), 2);
    assert_int_equal (s_find ("one tw", "two"), -1);
    assert_int_equal (s_find ("one", ""), 0);
    assert_int_equal (s_find ("", "x"), -1);
}

static void test_find_bytes (void **state)
{
    (void) state;
    zt_bytes_t in = ZT_LITERAL ("a\0b\0c"), what = ZT_LITERAL ("\0c");
    assert_ptr_equal (zt_bytes_find (in, what), in.data + 3);
    assert_null (zt_bytes_find ((zt_bytes_t){NULL, 0}, what));
    assert_null (zt_bytes_find (zt_bytes_part (in, 0, 4), what)); /* it ends where its size says */
}

static void test_last (void **state)
{
    (void) state;
    zt_bytes_t in = ZT_LITERAL ("a:b:c");
    assert_ptr_equal (zt_bytes_last (in, ':'), in.data + 3);
    assert_ptr_equal (zt_bytes_last (in, 'a'), in.data);
    assert_null (zt_bytes_last (in, 'x'));
    assert_null (zt_bytes_last ((zt_bytes_t){NULL, 0}, 'x'));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_find),
        cmocka_unit_test (test_find_bytes),
        cmocka_unit_test (test_last),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
