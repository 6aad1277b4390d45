/*  SPDX-License-Identifier: MPL-2.0

    What the bench's figures rest on: percentiles, the meter, the pace, and the check that
    every message arrives once and in order. */

#include "tools/bench_body.h"
#include "tools/bench_meter.h"
#include "tools/bench_pace.h"
#include "tools/bench_stats.h"

#include "common/alloc.h"
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void s_percentile_is_the_nearest_rank (void **state)
{
    (void) state;
    zt_bench_samples_t samples = {NULL, 0, 0};
    assert_int_equal (zt_bench_samples_percentile (&samples, 0.5), 0);
    for (uint64_t i = 1000; i > 0; i--)
        zt_bench_samples_add (&samples, i * 10);
    assert_int_equal (zt_bench_samples_percentile (&samples, 0), 10);
    assert_int_equal (zt_bench_samples_percentile (&samples, 0.5), 5000);
    assert_int_equal (zt_bench_samples_percentile (&samples, 0.99), 9900);
    assert_int_equal (zt_bench_samples_percentile (&samples, 0.999), 9990);
    assert_int_equal (zt_bench_samples_percentile (&samples, 1), 10000);
    zt_bench_samples_free (&samples);
    zt_bench_samples_add (&samples, 7);
    assert_int_equal (zt_bench_samples_percentile (&samples, 0.999), 7);
    assert_int_equal (zt_bench_samples_percentile (&samples, 0.001), 7);
    zt_bench_samples_free (&samples);
}

/*  The histogram tells what the samples tell, or up to 1 % more. */
static void s_histogram_is_exact_to_a_percent (void **state)
{
    (void) state;
    zt_bench_histogram_t *histogram = zt_alloc (sizeof *histogram);
    zt_bench_samples_t samples = {NULL, 0, 0};
    assert_int_equal (zt_bench_histogram_percentile (histogram, 0.5), 0);
    for (uint64_t i = 1; i <= 2000; i++) {
        uint64_t value = i * i * i * i * i; /* from 1 to 3.2e16 */
        zt_bench_histogram_add (histogram, value);
        zt_bench_samples_add (&samples, value);
    }
    for (int i = 0; i <= 1000; i++) {
        uint64_t exact = zt_bench_samples_percentile (&samples, i / 1000.0);
        uint64_t about = zt_bench_histogram_percentile (histogram, i / 1000.0);
        assert_in_range (about, exact, exact + exact / 100);
    }
    zt_bench_samples_free (&samples);
    free (histogram);
}

/*  At and beside every power of two, to the end: each cell has its own values. */
static void s_histogram_takes_any_value (void **state)
{
    (void) state;
    uint64_t last = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        for (int beside = -1; beside <= 1; beside++) {
            zt_bench_histogram_t *histogram = zt_alloc (sizeof *histogram);
            uint64_t value = (UINT64_C (1) << bit) + (uint64_t) (int64_t) beside;
            zt_bench_histogram_add (histogram, value);
            uint64_t about = zt_bench_histogram_percentile (histogram, 0.5);
            assert_in_range (about, value, value + value / 100);
            assert_true (about >= last || beside < 0);
            last = about;
            free (histogram);
        }
    zt_bench_histogram_t *histogram = zt_alloc (sizeof *histogram);
    zt_bench_histogram_add (histogram, UINT64_MAX);
    assert_true (zt_bench_histogram_percentile (histogram, 1) == UINT64_MAX);
    free (histogram);
}

static void s_pace_follows_the_clock (void **state)
{
    (void) state;
    const uint64_t second = UINT64_C (1000000000), begin = 77;
    zt_bench_pace_t pace = zt_bench_pace (1500, begin);
    assert_int_equal (zt_bench_pace_due (&pace, begin), 0);
    assert_int_equal (zt_bench_pace_due (&pace, begin + second / 1000), 1);
    zt_bench_pace_take (&pace, 1);
    assert_int_equal (zt_bench_pace_due (&pace, begin + second / 1000), 0);
    assert_int_equal (zt_bench_pace_due (&pace, begin + second / 500), 2);
    /*  What could not be sent stays due. */
    assert_int_equal (zt_bench_pace_due (&pace, begin + 10 * second), 14999);
    zt_bench_pace_take (&pace, 14999);
    assert_int_equal (zt_bench_pace_due (&pace, begin + 10 * second), 0);
    /*  A clock that reads a little less makes nothing due, and no huge number. */
    assert_int_equal (zt_bench_pace_due (&pace, begin + 9 * second), 0);

    zt_bench_pace_t fastest = zt_bench_pace (ZT_BENCH_PACE_MOST, begin);
    assert_int_equal (zt_bench_pace_due (&fastest, begin + 3600 * second), 3600 * second);
    zt_bench_pace_t unlimited = zt_bench_pace (0, begin);
    zt_bench_pace_take (&unlimited, 5);
    assert_true (zt_bench_pace_due (&unlimited, begin) == UINT64_MAX);
}

/*  Whoever takes a share of what is left leaves a fair one to the others. */
static void s_pace_is_shared (void **state)
{
    (void) state;
    for (uint64_t due = 0; due < 30; due++) {
        uint64_t left = due;
        for (uint64_t among = 8; among > 0; among--) {
            uint64_t share = zt_bench_pace_share (left, among);
            assert_in_range (share, due / 8, due / 8 + 1);
            left -= share;
        }
        assert_int_equal (left, 0);
    }
    assert_true (zt_bench_pace_share (UINT64_MAX, 1) == UINT64_MAX);
}

static void s_median_is_the_lower_middle (void **state)
{
    (void) state;
    assert_int_equal (zt_bench_median ((double[]){5}, 1), 0);
    assert_int_equal (zt_bench_median ((double[]){5, 3}, 2), 1);
    assert_int_equal (zt_bench_median ((double[]){9, 1, 5}, 3), 2);
    assert_int_equal (zt_bench_median ((double[]){4, 1, 3, 2}, 4), 3);
    assert_int_equal (zt_bench_median ((double[]){2, 2, 2}, 3), 1);
}

static void s_body_is_json_of_its_size (void **state)
{
    (void) state;
    size_t sizes[] = {ZT_BENCH_BODY_LEAST, 41, 127, 128, 1000, ZT_BENCH_BODY_MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        zt_bench_body_t body;
        zt_bench_body_init (&body, sizes[i]);
        zt_bytes_t text = zt_bench_body_number (&body, ZT_BENCH_NUMBERS - 1);
        assert_int_equal (text.size, sizes[i]);
        cJSON *object = zt_json_parse (text);
        assert_non_null (object);
        assert_true (zt_json_string (object, "text").size > 0);
        cJSON_Delete (object);
        zt_bench_body_free (&body);
    }
}

static void s_number_comes_back (void **state)
{
    (void) state;
    uint64_t numbers[] = {0, 1, 9, 10, 123456789, ZT_BENCH_NUMBERS - 1};
    zt_bench_body_t sender, receiver;
    zt_bench_body_init (&sender, 128);
    zt_bench_body_init (&receiver, 128);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t number = 77;
        zt_bytes_t text = zt_bench_body_number (&sender, numbers[i]);
        assert_true (zt_bench_body_read (&receiver, text, &number));
        assert_int_equal (number, numbers[i]);
    }
    zt_bench_body_free (&sender);
    zt_bench_body_free (&receiver);
}

/*  Whatever byte is changed: it is either another number or no body of ours. */
static void s_changed_body_is_refused (void **state)
{
    (void) state;
    zt_bench_body_t body;
    zt_bench_body_init (&body, 64);
    zt_bytes_t text = zt_bench_body_number (&body, 5);
    for (size_t i = 0; i < text.size; i++) {
        char copy[64];
        memcpy (copy, text.data, sizeof copy);
        copy[i] = (char) (copy[i] + 1);
        uint64_t number = 5;
        zt_bytes_t changed = {copy, sizeof copy};
        assert_true (!zt_bench_body_read (&body, changed, &number) || number != 5);
    }
    uint64_t number;
    assert_false (zt_bench_body_read (&body, (zt_bytes_t){text.data, text.size - 1}, &number));
    assert_false (zt_bench_body_read (&body, zt_bytes (NULL), &number));
    zt_bench_body_free (&body);
}

static void s_sequence_finds_what_is_wrong (void **state)
{
    (void) state;
    zt_bench_sequence_t sequence = zt_bench_sequence (100);
    assert_null (zt_bench_sequence_take (&sequence, 100));
    assert_null (zt_bench_sequence_take (&sequence, 101));
    assert_non_null (zt_bench_sequence_take (&sequence, 101));
    assert_non_null (zt_bench_sequence_take (&sequence, 103));
    assert_non_null (zt_bench_sequence_take (&sequence, 99));
    assert_null (zt_bench_sequence_take (&sequence, 102));
    assert_int_equal (zt_bench_sequence_count (&sequence), 3);
}

static void s_meter_counts_deliveries (void **state)
{
    (void) state;
    zt_bench_meter_t meter = zt_bench_meter_by_count (100, 1000);
    assert_null (zt_bench_meter_step (&meter, 60, 99));
    zt_bench_mark_t *from = zt_bench_meter_step (&meter, 1000000000, 100);
    assert_non_null (from);
    assert_int_equal (meter.phase, ZT_BENCH_MEASURE);
    from->cpu = 1.5;
    assert_null (zt_bench_meter_step (&meter, 2000000000, 1099));
    zt_bench_mark_t *to = zt_bench_meter_step (&meter, 3000000000, 1100);
    assert_non_null (to);
    assert_int_equal (meter.phase, ZT_BENCH_DRAIN);
    to->cpu = 2.0;
    assert_null (zt_bench_meter_step (&meter, 9000000000, 5000));
    assert_float_equal (zt_bench_meter_rate (&meter), 500, 0.001);
    assert_float_equal (zt_bench_meter_cpu (&meter), 500, 0.001);
}

static void s_meter_counts_time (void **state)
{
    (void) state;
    zt_bench_meter_t meter = zt_bench_meter_by_time (900, 1000);
    assert_null (zt_bench_meter_step (&meter, 300000999, 5));
    assert_non_null (zt_bench_meter_step (&meter, 300001000, 10));
    assert_null (zt_bench_meter_step (&meter, 1200000999, 500));
    assert_non_null (zt_bench_meter_step (&meter, 1200001000, 910));
    assert_float_equal (zt_bench_meter_rate (&meter), 1000, 0.001);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_percentile_is_the_nearest_rank),
        cmocka_unit_test (s_histogram_is_exact_to_a_percent),
        cmocka_unit_test (s_histogram_takes_any_value),
        cmocka_unit_test (s_pace_follows_the_clock),
        cmocka_unit_test (s_pace_is_shared),
        cmocka_unit_test (s_median_is_the_lower_middle),
        cmocka_unit_test (s_body_is_json_of_its_size),
        cmocka_unit_test (s_number_comes_back),
        cmocka_unit_test (s_changed_body_is_refused),
        cmocka_unit_test (s_sequence_finds_what_is_wrong),
        cmocka_unit_test (s_meter_counts_deliveries),
        cmocka_unit_test (s_meter_counts_time),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
