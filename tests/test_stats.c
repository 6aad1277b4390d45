/*  SPDX-License-Identifier: MPL-2.0

    What the broker counts: that it counts it, and as what it is read. */

#include "broker/stats.h"
#include "common/json.h"
#include "tests/broker_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/*  ---------------------------------------------------------------------------
    Counting */

#define S_HERE                                                                                     \
    "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"                             \
    "olena< WELCOME olena 1000 *\n"                                                                \
    "ivan> HELLO ZTALK/1 ivan {\"device\":\"pc\",\"token\":\"i\"}\n"                               \
    "ivan< WELCOME ivan 1000 *\n"                                                                  \
    "+100\n"                                                                                       \
    "olena< PRESENCE *\n"                                                                          \
    "ivan< PRESENCE *\n"

static void s_messages_and_deliveries (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "counts frames_received 2\n"
                     "counts frames_sent 4\n"
                     "counts sessions 2\n"
                     "counts sessions_begun 2\n"
                     "counts users_online 2\n"
                     "phone> HELLO ZTALK/1 olena {\"device\":\"phone\",\"token\":\"o\"}\n"
                     "phone< WELCOME olena *\n"
                     "+100\n"
                     "phone< PRESENCE *\n"
                     "bot> HELLO ZTALK/1 bot {\"receive\":false}\n"
                     "bot< WELCOME bot *\n"
                     "counts sessions 4\n"
                     "counts users_online 2\n"
                     "bot> SEND 1 #general {\"text\":\"x\"} | SEND 2 #general {\"text\":\"x\"}\n"
                     "olena< MSG 1 *\n"
                     "olena< MSG 2 *\n"
                     "phone< MSG 1 *\n"
                     "phone< MSG 2 *\n"
                     "ivan< MSG 1 *\n"
                     "ivan< MSG 2 *\n"
                     "bot< SENT 1 1 *\n"
                     "bot< SENT 2 2 *\n"
                     "counts messages 2\n"
                     "counts deliveries 6\n"
                     "# MSG 1 1100 @bot #general 12 and the body, with their LF\n"
                     "counts messages_bytes 82\n"
                     "counts deliveries_bytes 246\n"
                     "counts lag_messages 6\n"
                     "counts lag_most_messages 2\n"
                     "counts sessions_lagging 0\n"
                     "ivan> ACK 1\n"
                     "counts lag_messages 5\n"
                     "ivan> ACK 2\n"
                     "olena> ACK 2\n"
                     "phone> ACK 2\n"
                     "counts lag_messages 0\n"
                     "counts lag_most_messages 0\n"
                     "phone gone\n"
                     "counts users_online 2\n"
                     "olena gone\n"
                     "counts users_online 1\n"
                     "+100\n"
                     "ivan< PRESENCE *\n"
                     "counts sessions_ended/kicked 0\n"
                     "kick ivan\n"
                     "ivan< BYE kicked\n"
                     "ivan dropped\n"
                     "counts sessions_ended/kicked 1\n"
                     "counts sessions 1\n"
                     "counts users_online 0\n");
}

static void s_what_is_refused (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "ivan> SEND 1 @nobody {\"text\":\"x\"}\n"
                            "ivan< ERROR 1 no-such-user *\n"
                            "counts refused/no-such-user 1\n"
                            "store fails\n"
                            "ivan> SEND 2 @olena {\"text\":\"x\"}\n"
                            "ivan< ERROR 2 unavailable *\n"
                            "counts refused/unavailable 1\n"
                            "counts commits_failed 1\n"
                            "counts messages 0\n"
                            "counts deliveries 0\n");
}

/*  Ids of two starts lie far apart: what is between them is not a number of messages. */
static void s_lag_of_an_earlier_start (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena gone\n"
                            "ivan> SEND 1 @olena {\"text\":\"a\"}\n"
                            "ivan< SENT 1 1 *\n"
                            "+2000\n"
                            "ivan< PRESENCE *\n"
                            "crash\n"
                            "store holds\n"
                            "olena2> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                            "olena2< WELCOME olena *\n"
                            "counts sessions_lagging 1\n"
                            "counts lag_messages 1\n"
                            "store goes on\n"
                            "olena2< MSG 1 *\n"
                            "olena2> ACK 1\n"
                            "counts sessions_lagging 0\n"
                            "counts lag_messages 0\n"
                            "+100\n"
                            "olena2< PRESENCE *\n");
}

/*  ---------------------------------------------------------------------------
    Histograms */

static void s_buckets (void **state)
{
    (void) state;
    zt_histogram_t histogram = {{0}, 0};
    assert_int_equal (zt_histogram_quantile (&histogram, 0.5), 0);
    for (size_t i = 0; i < ZT_HISTOGRAM_BOUNDS; i++) {
        if (i > 0)
            assert_true (zt_histogram_bound (i) > zt_histogram_bound (i - 1));
        zt_histogram_add (&histogram, zt_histogram_bound (i));
        assert_int_equal (histogram.count[i], 1);
        zt_histogram_add (&histogram, zt_histogram_bound (i) + 1);
        assert_int_equal (histogram.count[i + 1], 1);
        histogram.count[i + 1] = 0;
    }
    assert_int_equal (zt_histogram_total (&histogram), ZT_HISTOGRAM_BOUNDS);
    zt_histogram_t slow = {{0}, 0};
    zt_histogram_add (&slow, UINT32_MAX);
    assert_int_equal (zt_histogram_quantile (&slow, 0.5),
                      zt_histogram_bound (ZT_HISTOGRAM_BOUNDS - 1));
    assert_int_equal (slow.sum_us, UINT32_MAX);
}

static void s_quantiles (void **state)
{
    (void) state;
    zt_histogram_t histogram = {{0}, 0};
    for (int i = 0; i < 90; i++)
        zt_histogram_add (&histogram, 800); /* 501 to 1000 */
    for (int i = 0; i < 10; i++)
        zt_histogram_add (&histogram, 20000); /* 10001 to 25000 */
    assert_int_equal (zt_histogram_quantile (&histogram, 0.5), 777);
    assert_int_equal (zt_histogram_quantile (&histogram, 0.9), 1000);
    assert_int_equal (zt_histogram_quantile (&histogram, 0.99), 23500);
    assert_int_equal (zt_histogram_quantile (&histogram, 1), 25000);
}

/*  ---------------------------------------------------------------------------
    As it is read */

/*  Numbers that are all different. */
static zt_stats_t s_example (void)
{
    zt_stats_t stats;
    memset (&stats, 0, sizeof stats);
    for (unsigned i = 0; i < ZT_STAT_COUNT; i++) {
        zt_stat_type_t type = zt_stat_row ((zt_stat_t) i)->type;
        stats.value[i] = type == ZT_STAT_COUNTER || type == ZT_STAT_GAUGE ? 1000 + i : 0;
    }
    for (unsigned i = 0; i < ZT_ERROR_COUNT; i++)
        stats.refused[i] = 2000 + i;
    for (unsigned i = 0; i < ZT_REASON_COUNT; i++)
        stats.ended[i] = 3000 + i;
    for (unsigned i = 0; i <= ZT_HISTOGRAM_BOUNDS; i++)
        stats.commit.count[i] = 10 + i;
    stats.commit.sum_us = 12034500;
    return stats;
}

static void s_json_comes_back (void **state)
{
    (void) state;
    zt_stats_t stats = s_example (), again;
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_char (&json, '{');
    zt_stats_put_json (&stats, "1.2.3", &json);
    zt_buffer_put_char (&json, '}');
    assert_true (zt_json_valid (zt_buffer_bytes (&json)));
    assert_non_null (
        strstr (zt_buffer_string (&json), "{\"version\":\"1.2.3\",\"uptime_seconds\":"));
    assert_non_null (strstr (zt_buffer_string (&json), "\"sum\":12.0345,"));
    assert_true (zt_stats_read_json (&again, zt_buffer_bytes (&json)));
    assert_memory_equal (&stats, &again, sizeof stats);
    zt_buffer_free (&json);
}

static void s_other_json_is_no_danger (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "{}", "{\"messages\":-1,\"deliveries\":1e300,\"refused\":7,\"commit_seconds\":[]}",
        "{\"commit_seconds\":{\"sum\":1e300,\"buckets\":{\"0.0001\":9,\"+Inf\":3}}}",
        "{\"messages\":\"5\",\"commit_seconds\":{\"sum\":-1,\"buckets\":5}}"};
    zt_stats_t stats;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true (zt_stats_read_json (&stats, zt_bytes (texts[i])));
        assert_int_equal (stats.value[ZT_STAT_MESSAGES], 0);
        assert_int_equal (stats.value[ZT_STAT_DELIVERIES], 0);
        assert_int_equal (stats.commit.sum_us, 0);
    }
    assert_false (zt_stats_read_json (&stats, zt_bytes ("[]")));
    assert_false (zt_stats_read_json (&stats, zt_bytes ("")));
}

static void s_has (zt_buffer_t *text, const char *lines)
{
    if (!strstr (zt_buffer_string (text), lines))
        fail_msg ("there is no\n%s\nin\n%s", lines, text->data);
}

static void s_prometheus (void **state)
{
    (void) state;
    zt_stats_t stats;
    zt_buffer_t text = {NULL, 0, 0};
    memset (&stats, 0, sizeof stats);
    stats.value[ZT_STAT_MESSAGES] = UINT64_MAX;
    stats.refused[ZT_ERROR_BUSY] = 7;
    zt_histogram_add (&stats.commit, 90);
    zt_histogram_add (&stats.commit, 2500);
    zt_histogram_add (&stats.commit, 20000000);
    zt_stats_put_prometheus (&stats, "1.2.3", &text);
    s_has (&text, "# TYPE ztalk_build_info gauge\nztalk_build_info{version=\"1.2.3\"} 1\n");
    s_has (&text, "# TYPE ztalk_messages_total counter\n"
                  "ztalk_messages_total 18446744073709551615\n");
    s_has (&text, "# TYPE ztalk_lag_messages gauge\nztalk_lag_messages 0\n");
    s_has (&text, "\nztalk_refused_total{code=\"busy\"} 7\n");
    s_has (&text, "\nztalk_sessions_ended_total{reason=\"kicked\"} 0\n");
    s_has (&text, "# TYPE ztalk_commit_seconds histogram\n"
                  "ztalk_commit_seconds_bucket{le=\"0.0001\"} 1\n"
                  "ztalk_commit_seconds_bucket{le=\"0.00025\"} 1\n"
                  "ztalk_commit_seconds_bucket{le=\"0.0005\"} 1\n"
                  "ztalk_commit_seconds_bucket{le=\"0.001\"} 1\n"
                  "ztalk_commit_seconds_bucket{le=\"0.0025\"} 2\n");
    s_has (&text, "ztalk_commit_seconds_bucket{le=\"10\"} 2\n"
                  "ztalk_commit_seconds_bucket{le=\"+Inf\"} 3\n"
                  "ztalk_commit_seconds_sum 20.00259\n"
                  "ztalk_commit_seconds_count 3\n");
    zt_buffer_free (&text);
}

static void s_for_a_person (void **state)
{
    (void) state;
    zt_stats_t stats;
    zt_buffer_t text = {NULL, 0, 0};
    memset (&stats, 0, sizeof stats);
    stats.value[ZT_STAT_MESSAGES] = 12;
    stats.value[ZT_STAT_STORE] = 5 * 1024 * 1024 + 600 * 1024;
    stats.refused[ZT_ERROR_BUSY] = 7;
    stats.refused[ZT_ERROR_FORBIDDEN] = 1;
    zt_histogram_add (&stats.commit, 900);
    for (unsigned i = 0; i < ZT_STAT_COUNT; i++) {
        zt_stats_put_line (&stats, (zt_stat_t) i, &text);
        zt_buffer_put_char (&text, '\n');
    }
    s_has (&text, "\nmessages               12\n");
    s_has (&text, "\nstore_bytes            5.5 MiB\n");
    s_has (&text, "\nrefused                1 forbidden, 7 busy\n");
    s_has (&text, "\nsessions_ended         0\n");
    s_has (&text, "\ncommit_seconds         1, half within 0.75 ms, 99 % within 0.99 ms\n");
    zt_buffer_free (&text);
}

static void s_bytes_and_times (void **state)
{
    (void) state;
    static const struct {
        uint64_t number;
        const char *bytes;
        const char *time;
    } rows[] = {{0, "0 B", "0.00 ms"},
                {1023, "1023 B", "1.02 ms"},
                {1024, "1.0 KiB", "1.02 ms"},
                {1048575, "1023.9 KiB", "1.04 s"},
                {1048576, "1.0 MiB", "1.04 s"},
                {UINT64_C (5000000000), "4.6 GiB", "5000.00 s"},
                {UINT64_MAX, "16383.9 PiB", "18446744073709.55 s"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_stats_put_bytes (&text, rows[i].number);
        assert_string_equal (zt_buffer_string (&text), rows[i].bytes);
        zt_buffer_clear (&text);
        zt_stats_put_us (&text, rows[i].number);
        assert_string_equal (zt_buffer_string (&text), rows[i].time);
        zt_buffer_free (&text);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (s_messages_and_deliveries),
                                       cmocka_unit_test (s_what_is_refused),
                                       cmocka_unit_test (s_lag_of_an_earlier_start),
                                       cmocka_unit_test (s_buckets),
                                       cmocka_unit_test (s_quantiles),
                                       cmocka_unit_test (s_json_comes_back),
                                       cmocka_unit_test (s_other_json_is_no_danger),
                                       cmocka_unit_test (s_prometheus),
                                       cmocka_unit_test (s_for_a_person),
                                       cmocka_unit_test (s_bytes_and_times)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
