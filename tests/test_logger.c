/*  SPDX-License-Identifier: MPL-2.0

    The broker's log: levels, JSON, the journal, and that nobody's text gets out of its line. */

#include "broker/config.h"
#include "broker/logger.h"
#include "common/json.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/*  A pipe to which a log is written. */
typedef struct {
    int ends[2];
    zt_logger_t *log;
    char text[1 << 16];
} s_pipe_t;

/*  2026-11-22 14:03:09.250 UTC, and where we are, for we have no time zone here. */
static const uint64_t s_now = UINT64_C (1795356189250);

static void s_open (s_pipe_t *self, zt_level_t level, zt_log_format_t format)
{
    assert_int_equal (pipe (self->ends), 0);
    assert_int_equal (fcntl (self->ends[0], F_SETFL, O_NONBLOCK), 0);
    self->log = zt_logger_new (self->ends[1], level, format);
}

/*  What was written since the last call. */
static const char *s_read (s_pipe_t *self)
{
    zt_logger_flush (self->log);
    ssize_t size = read (self->ends[0], self->text, sizeof self->text - 1);
    self->text[size > 0 ? size : 0] = '\0';
    return self->text;
}

static void s_close (s_pipe_t *self)
{
    zt_logger_destroy (&self->log, 0);
    close (self->ends[0]);
    close (self->ends[1]);
}

static int s_setup (void **state)
{
    setenv ("TZ", "UTC", 1);
    unsetenv ("JOURNAL_STREAM");
    *state = malloc (sizeof (s_pipe_t));
    return *state ? 0 : -1;
}

static int s_teardown (void **state)
{
    free (*state);
    return 0;
}

static void s_for_people (void **state)
{
    s_pipe_t *self = *state;
    s_open (self, ZT_LEVEL_INFO, ZT_LOG_TEXT);
    zt_logger_line (self->log, ZT_LEVEL_INFO, s_now, "%s is %d", "it", 1);
    zt_logger_put (self->log, ZT_LEVEL_ERROR, s_now, zt_bytes ("olena left"), "192.0.2.1");
    assert_int_equal (zt_logger_fd (self->log), self->ends[1]);
    assert_string_equal (s_read (self), "14:03:09 it is 1\n14:03:09 olena left (192.0.2.1)\n");
    assert_int_equal (zt_logger_fd (self->log), -1);
    s_close (self);
}

static void s_levels (void **state)
{
    s_pipe_t *self = *state;
    for (unsigned level = 0; level < ZT_LEVEL_COUNT; level++) {
        s_open (self, ZT_LEVEL_DEBUG, ZT_LOG_TEXT);
        zt_logger_set_level (self->log, (zt_level_t) level);
        for (unsigned line = 0; line < ZT_LEVEL_COUNT; line++) {
            assert_int_equal (zt_logger_takes (self->log, (zt_level_t) line), line <= level);
            zt_logger_line (self->log, (zt_level_t) line, s_now, "x");
            assert_string_equal (s_read (self), line <= level ? "14:03:09 x\n" : "");
            zt_logger_put (self->log, (zt_level_t) line, s_now, zt_bytes ("y"), NULL);
            assert_string_equal (s_read (self), line <= level ? "14:03:09 y\n" : "");
        }
        s_close (self);
    }
}

/*  What log/level may be are the levels, in their order. */
static void s_words_of_the_configuration (void **state)
{
    (void) state;
    const zt_config_row_t *row = zt_config_row (ZT_CONFIG_LOG_LEVEL);
    assert_int_equal (row->most, ZT_LEVEL_COUNT - 1);
    for (unsigned level = 0; level < ZT_LEVEL_COUNT; level++) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_config_t config = zt_config_default ();
        config.value[ZT_CONFIG_LOG_LEVEL] = level;
        zt_config_put (&config, ZT_CONFIG_LOG_LEVEL, &text);
        assert_string_equal (zt_buffer_string (&text), zt_level_word ((zt_level_t) level));
        zt_buffer_free (&text);
    }
}

static void s_json (void **state)
{
    s_pipe_t *self = *state;
    s_open (self, ZT_LEVEL_INFO, ZT_LOG_JSON);
    zt_logger_line (self->log, ZT_LEVEL_NOTICE, s_now, "it begins");
    zt_logger_put (self->log, ZT_LEVEL_INFO, s_now, zt_bytes ("\"a\\b\" left"), "fe80::1%eth0");
    assert_string_equal (s_read (self),
                         "{\"time\":\"2026-11-22T14:03:09.250Z\",\"level\":\"notice\","
                         "\"message\":\"it begins\"}\n"
                         "{\"time\":\"2026-11-22T14:03:09.250Z\",\"level\":\"info\","
                         "\"message\":\"\\\"a\\\\b\\\" left\","
                         "\"address\":\"fe80::1%eth0\"}\n");
    s_close (self);
}

/*  Whatever a peer has called itself: one line, no control, and JSON stays JSON. */
static void s_any_text_is_a_line (void **state)
{
    s_pipe_t *self = *state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[2100];
        memset (text, (int) byte, sizeof text);
        const char *const formats[] = {"", "<6>", "\n<2>", "\x1b[31m", "\xe2\x80\xae"};
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
            memcpy (text + 100, formats[i], strlen (formats[i]));
            s_open (self, ZT_LEVEL_INFO, i % 2 ? ZT_LOG_JSON : ZT_LOG_TEXT);
            zt_logger_put (self->log, ZT_LEVEL_INFO, s_now, (zt_bytes_t){text, sizeof text}, NULL);
            const char *line = s_read (self);
            size_t size = strlen (line);
            assert_true (size > 0 && line[size - 1] == '\n');
            for (size_t j = 0; j + 1 < size; j++)
                assert_true ((unsigned char) line[j] >= ' ' && line[j] != 0x7f);
            assert_null (strstr (line, "\xe2\x80\xae"));
            if (i % 2)
                assert_true (zt_json_valid ((zt_bytes_t){line, size - 1}));
            s_close (self);
        }
    }
}

static void s_set_stream (int fd, unsigned more)
{
    struct stat status;
    char stream[64];
    assert_int_equal (fstat (fd, &status), 0);
    snprintf (stream, sizeof stream, "%llu:%llu", (unsigned long long) status.st_dev,
              (unsigned long long) status.st_ino + more);
    assert_int_equal (setenv ("JOURNAL_STREAM", stream, 1), 0);
}

/*  The pipe is the journal's, if it is the one that is named; not that of another process. */
static void s_journal (void **state)
{
    s_pipe_t *self = *state;
    for (unsigned other = 0; other < 2; other++)
        for (unsigned format = 0; format < 2; format++) {
            s_open (self, ZT_LEVEL_DEBUG, (zt_log_format_t) format);
            s_set_stream (self->ends[1], other);
            zt_logger_destroy (&self->log, 0);
            self->log = zt_logger_new (self->ends[1], ZT_LEVEL_DEBUG, (zt_log_format_t) format);
            for (unsigned level = 0; level < ZT_LEVEL_COUNT; level++) {
                zt_logger_line (self->log, (zt_level_t) level, s_now, "x");
                const char *line = s_read (self);
                const char *text = format ? "{\"time\":" : other ? "14:03:09 x\n" : "x\n";
                if (!other) {
                    assert_int_equal (line[0], '<');
                    assert_int_equal (line[1], '3' + (int) level);
                    assert_int_equal (line[2], '>');
                    line += 3;
                }
                assert_memory_equal (line, text, strlen (text));
            }
            s_close (self);
        }
    assert_int_equal (setenv ("JOURNAL_STREAM", "nonsense", 1), 0);
    s_open (self, ZT_LEVEL_INFO, ZT_LOG_TEXT);
    zt_logger_line (self->log, ZT_LEVEL_INFO, s_now, "x");
    assert_string_equal (s_read (self), "14:03:09 x\n");
    s_close (self);
    unsetenv ("JOURNAL_STREAM");
}

/*  Nobody reads: lines are counted, and when somebody reads again that is a line as the others. */
static void s_lines_that_are_lost (void **state)
{
    s_pipe_t *self = *state;
    s_open (self, ZT_LEVEL_INFO, ZT_LOG_JSON);
    for (int i = 0; i < 30000; i++) {
        zt_logger_line (self->log, ZT_LEVEL_INFO, s_now, "line %d", i);
        zt_logger_flush (self->log);
    }
    zt_buffer_t all = {NULL, 0, 0};
    do
        zt_buffer_put_string (&all, s_read (self));
    while (zt_logger_fd (self->log) >= 0 || self->text[0]);
    zt_logger_line (self->log, ZT_LEVEL_INFO, s_now, "the last one");
    zt_buffer_put_string (&all, s_read (self));
    size_t n = 0;
    for (const char *at = zt_buffer_string (&all), *end; (end = strchr (at, '\n')); at = end + 1) {
        assert_true (zt_json_valid ((zt_bytes_t){at, (size_t) (end - at)}));
        n++;
    }
    assert_true (n > 1000 && n < 30000);
    assert_non_null (strstr (zt_buffer_string (&all), " lines were left out\"}\n"));
    assert_non_null (strstr (zt_buffer_string (&all), "the last one"));
    zt_buffer_free (&all);
    s_close (self);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (s_for_people),
                                       cmocka_unit_test (s_levels),
                                       cmocka_unit_test (s_words_of_the_configuration),
                                       cmocka_unit_test (s_json),
                                       cmocka_unit_test (s_any_text_is_a_line),
                                       cmocka_unit_test (s_journal),
                                       cmocka_unit_test (s_lines_that_are_lost)};
    return cmocka_run_group_tests (tests, s_setup, s_teardown);
}
