/*  SPDX-License-Identifier: MPL-2.0

    What ztalk-ctl top draws: at any size, of any answer. */

#include "broker/top.h"
#include "tests/vterm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char s_first[] =
    "{\"version\":\"0.1.0\",\"uptime_seconds\":93784,\"sessions\":3,\"users_online\":2,"
    "\"connections\":4,\"messages\":1000,\"deliveries\":5000,\"store_is_available\":1,"
    "\"refused\":{\"busy\":1},\"received_bytes\":1000,\"sent_bytes\":4096,\"memory_bytes\":1048576,"
    "\"commit_seconds\":{\"sum\":1,\"buckets\":{\"0.0001\":5,\"0.001\":5,\"+Inf\":5}}}";
static const char s_second[] =
    "{\"version\":\"0.1.0\",\"uptime_seconds\":93785,\"sessions\":3,\"users_online\":2,"
    "\"connections\":4,\"messages\":1100,\"deliveries\":5600,\"store_is_available\":1,"
    "\"refused\":{\"busy\":3},\"received_bytes\":3048,\"sent_bytes\":6144,\"memory_bytes\":1048576,"
    "\"store_bytes\":2048,\"disk_free_bytes\":1073741824,\"lag_messages\":12,"
    "\"lag_most_messages\":10,\"sessions_lagging\":1,"
    "\"commit_seconds\":{\"sum\":1,\"buckets\":{\"0.0001\":5,\"0.00025\":5,\"0.0005\":5,"
    "\"0.001\":15,\"0.0025\":15,\"0.005\":15,\"0.01\":15,\"0.025\":15,\"0.05\":15,\"0.1\":15,"
    "\"0.25\":15,\"0.5\":15,\"1\":15,\"2.5\":15,\"10\":15,\"+Inf\":15}},"
    "\"most_behind\":[{\"name\":\"\xd0\xbe\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xb0\","
    "\"device\":\"phone\",\"behind\":10},{\"name\":\"\xe6\xbc\xa2\xe5\xad\x97\","
    "\"device\":\"\\u001b[2J\\u202e\",\"behind\":2}]}";

static zt_top_t s_top (const char *json, uint64_t at)
{
    zt_top_t top;
    assert_true (zt_top_read (&top, zt_bytes (json), at));
    return top;
}

/*  Draws it as ztalk-ctl does. */
static void s_draw (zt_vterm_t *vterm, const zt_top_t *top, const zt_top_t *before,
                    const char *note, unsigned rows, unsigned columns)
{
    zt_buffer_t out = {NULL, 0, 0};
    zt_buffer_put_string (&out, "\x1b[H");
    zt_top_put_screen (top, before, note, rows, columns, &out);
    zt_vterm_feed (vterm, zt_buffer_bytes (&out));
    zt_buffer_free (&out);
}

static void s_is (zt_vterm_t *vterm, int row, const char *text)
{
    zt_buffer_t is = {NULL, 0, 0};
    zt_vterm_row (vterm, row, &is);
    while (is.size && is.data[is.size - 1] == ' ')
        is.size--;
    assert_string_equal (zt_buffer_string (&is), text);
    zt_buffer_free (&is);
}

static void s_a_screen (void **state)
{
    (void) state;
    zt_top_t first = s_top (s_first, 1000000), second = s_top (s_second, 3000000);
    zt_vterm_t *vterm = zt_vterm_new (12, 80);
    s_draw (vterm, &first, NULL, "", 12, 80);
    s_is (vterm, 0, "ztalk-broker 0.1.0  up 1 d 02:03:04   q: end");
    s_is (vterm, 1, "sessions 3   users 2   connections 4");
    s_is (vterm, 2, "messages/s -   deliveries/s -   refused/s -");
    s_is (vterm, 3, "in -   out -   commit -");
    s_is (vterm, 4, "memory 1.0 MiB   log 0 B   peers 0 B");
    s_draw (vterm, &second, &first, "NOTE", 12, 80);
    s_is (vterm, 0, "ztalk-broker 0.1.0  up 1 d 02:03:05   NOTE   q: end");
    s_is (vterm, 2, "messages/s 50   deliveries/s 300   refused/s 1");
    s_is (vterm, 3, "in 1.0 KiB/s   out 1.0 KiB/s   commit p50 0.75 ms  p99 0.99 ms");
    s_is (vterm, 5, "store 2.0 KiB   free 1.0 GiB");
    s_is (vterm, 6, "behind 12   at most 10   sessions that lag 1");
    s_is (vterm, 7, "        10  \xd0\xbe\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xb0  phone");
    s_is (vterm, 8, "         2  \xe6\xbc\xa2\xe5\xad\x97  \xe2\x90\x9b[2J");
    s_is (vterm, 9, "");
    /*  A broker that has begun anew has counted less than the one before. */
    s_draw (vterm, &first, &second, "", 12, 80);
    s_is (vterm, 2, "messages/s 0   deliveries/s 0   refused/s 0");
    s_is (vterm, 7, "");
    second.stats.value[ZT_STAT_CAN_STORE] = 0;
    s_draw (vterm, &second, &first, "", 12, 80);
    s_is (vterm, 1, "NOTHING CAN BE STORED");
    zt_vterm_destroy (&vterm);
}

/*  Nothing wraps, and nothing scrolls: the first row stays where it is. */
static void s_any_size (void **state)
{
    (void) state;
    zt_top_t first = s_top (s_first, 1000000), second = s_top (s_second, 3000000);
    for (int rows = 1; rows < 14; rows++)
        for (int columns = 2; columns < 90; columns++) {
            zt_vterm_t *vterm = zt_vterm_new (rows, columns);
            s_draw (vterm, &first, NULL, "", (unsigned) rows, (unsigned) columns);
            s_draw (vterm, &second, &first, "", (unsigned) rows, (unsigned) columns);
            zt_buffer_t row = {NULL, 0, 0};
            zt_vterm_row (vterm, 0, &row);
            assert_memory_equal (row.data, "zt", 2);
            if (rows > 1) {
                zt_buffer_clear (&row);
                zt_vterm_row (vterm, 1, &row);
                assert_memory_equal (row.data, "se", 2);
            }
            zt_buffer_free (&row);
            zt_vterm_destroy (&vterm);
        }
    zt_buffer_t none = {NULL, 0, 0};
    zt_top_put_screen (&second, &first, "", 0, 0, &none);
    assert_int_equal (none.size, 0);
    zt_buffer_free (&none);
}

static void s_a_line (void **state)
{
    (void) state;
    zt_top_t first = s_top (s_first, 1000000), second = s_top (s_second, 3000000);
    zt_buffer_t line = {NULL, 0, 0};
    zt_top_put_line (&second, &first, &line);
    assert_string_equal (zt_buffer_string (&line),
                         "up 1 d 02:03:05  sessions 3  messages/s 50  deliveries/s 300  "
                         "commit p50 0.75 ms  p99 0.99 ms  behind 12  memory 1.0 MiB\n");
    zt_buffer_free (&line);
}

static void s_other_answers (void **state)
{
    (void) state;
    zt_top_t top;
    assert_false (zt_top_read (&top, zt_bytes (""), 0));
    assert_false (zt_top_read (&top, zt_bytes ("[]"), 0));
    static const char *const texts[] = {
        "{}", "{\"version\":5,\"most_behind\":7}", "{\"most_behind\":[1,{},{\"name\":[]}]}",
        "{\"most_behind\":[{\"behind\":-1},{\"behind\":1e99},{},{},{},{},{},{},{}]}",
        "{\"version\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        zt_buffer_t out = {NULL, 0, 0};
        top = s_top (texts[i], 0);
        assert_true (top.n_behind <= ZT_TOP_BEHIND);
        zt_top_put_screen (&top, &top, "", 24, 80, &out);
        zt_top_put_line (&top, &top, &out);
        zt_buffer_free (&out);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (s_a_screen), cmocka_unit_test (s_any_size),
                                       cmocka_unit_test (s_a_line),
                                       cmocka_unit_test (s_other_answers)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
