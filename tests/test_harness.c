/*  SPDX-License-Identifier: MPL-2.0

    The harness is what the end-to-end tests believe, so it is tested itself:
    with cat and sh, and, for how it fails, with this very program. */

#include "tests/harness.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/*  Where this program is. */
static const char *s_path;

/*  A deadline that is to pass. */
enum { SOON_MS = 30 };

static int s_setup (void **state)
{
    *state = zt_harness_new ();
    return 0;
}

static int s_teardown (void **state)
{
    zt_harness_t *harness = *state;
    zt_harness_destroy (&harness);
    return 0;
}

static zt_program_t *s_shell (zt_harness_t *harness, const char *script)
{
    return zt_harness_start (harness, WORDS ("/bin/sh", "-c", script), NULL);
}

static void s_lines_come_in_order (void **state)
{
    zt_program_t *cat = zt_harness_start (*state, WORDS ("/bin/cat"), NULL);
    zt_program_write (cat, "one\ntwo apples\nthree\n");
    assert_string_equal (zt_program_expect (cat, "apple"), "two apples");
    zt_program_write (cat, "one more\nno end");
    /*  "one" was before "two apples", so it is not found again. */
    assert_string_equal (zt_program_expect (cat, "one"), "one more");
    /*  A line without its LF is none until the stream ends. */
    assert_null (zt_program_find (cat, ZT_STDOUT, "no end", SOON_MS));
    zt_program_close_stdin (cat);
    assert_string_equal (zt_program_expect (cat, "no end"), "no end");
    assert_int_equal (zt_program_wait_exit (cat), 0);
    assert_string_equal (zt_program_output (cat, ZT_STDOUT),
                         "one\ntwo apples\nthree\none more\nno end");
    assert_null (zt_program_find (cat, ZT_STDOUT, "", SOON_MS));
}

static void s_a_failed_find_takes_nothing (void **state)
{
    zt_program_t *cat = zt_harness_start (*state, WORDS ("/bin/cat"), NULL);
    zt_program_write (cat, "one\ntwo\n");
    assert_null (zt_program_find (cat, ZT_STDOUT, "three", SOON_MS));
    assert_string_equal (zt_program_expect (cat, "one"), "one");
}

static void s_regular_expressions (void **state)
{
    zt_program_t *shell = s_shell (*state, "echo not ready; echo ready tcp://127.0.0.1:40000 -");
    const char *line = zt_program_expect_match (shell, "^ready tcp://[^ ]*:[0-9]+ -$");
    assert_string_equal (line, "ready tcp://127.0.0.1:40000 -");
}

static void s_streams_are_apart (void **state)
{
    zt_program_t *shell = s_shell (*state, "echo out; echo bad >&2");
    assert_string_equal (zt_program_expect_error (shell, ""), "bad");
    assert_string_equal (zt_program_expect (shell, ""), "out");
    assert_int_equal (zt_program_wait_exit (shell), 0);
    assert_string_equal (zt_program_output (shell, ZT_STDERR), "bad\n");
}

static void s_statuses (void **state)
{
    assert_int_equal (zt_program_wait_exit (s_shell (*state, "exit 4")), 4);
    zt_program_t *cat = zt_harness_start (*state, WORDS ("/bin/cat"), NULL);
    assert_true (zt_program_running (cat));
    zt_program_kill (cat, SIGKILL);
    assert_int_equal (zt_program_wait_exit (cat), ZT_SIGNALLED + SIGKILL);
    assert_false (zt_program_running (cat));
    zt_program_t *none = zt_harness_start (*state, WORDS ("/nowhere/at/all"), NULL);
    assert_non_null (zt_program_expect_error (none, "cannot start /nowhere/at/all"));
    assert_int_equal (zt_program_wait_exit (none), 127);
}

/*  What is more than a pipe holds, in both directions at once: whoever writes all
    and then reads would hang here. */
static void s_nothing_blocks (void **state)
{
    enum { LINES = 40000 };
    zt_program_t *idle = s_shell (*state, "yes | head -n 200000; read line");
    zt_program_t *cat = zt_harness_start (*state, WORDS ("/bin/cat"), NULL);
    zt_buffer_t lines = {NULL, 0, 0};
    for (unsigned i = 1; i <= LINES; i++)
        zt_buffer_put_format (&lines, "line %u of many\n", i);
    zt_program_write_bytes (cat, zt_buffer_bytes (&lines));
    zt_program_close_stdin (cat);
    assert_non_null (zt_program_expect (cat, "line 40000 "));
    assert_int_equal (zt_program_wait_exit (cat), 0);
    assert_string_equal (zt_program_output (cat, ZT_STDOUT), zt_buffer_string (&lines));
    zt_buffer_free (&lines);
    zt_program_write (idle, "\n");
    assert_int_equal (zt_program_wait_exit (idle), 0);
    assert_int_equal (strlen (zt_program_output (idle, ZT_STDOUT)), 400000);
}

static void s_the_environment_is_passed (void **state)
{
    setenv ("ZT_TEST_KEPT", "kept", 1);
    setenv ("ZT_TEST_CHANGED", "old", 1);
    setenv ("ZT_TEST_GONE", "here", 1);
    zt_program_t *shell = zt_harness_start (
        *state,
        WORDS ("/bin/sh", "-c", "echo $ZT_TEST_KEPT $ZT_TEST_CHANGED ${ZT_TEST_GONE-gone} \"$1\"",
               "sh", "a  b"),
        WORDS ("ZT_TEST_CHANGED=new=er", "ZT_TEST_GONE"));
    assert_string_equal (zt_program_expect (shell, ""), "kept new=er gone a  b");
}

/*  A name without a slash is one of ours: it runs in $ZTALK_BIN under the wrapper. */
static void s_the_wrapper_is_used (void **state)
{
    char *bin = strdup (getenv ("ZTALK_BIN"));
    char *wrapper = strdup (getenv ("ZTALK_WRAPPER"));
    setenv ("ZTALK_BIN", "/bin", 1);
    setenv ("ZTALK_WRAPPER", " /usr/bin/env  ZT_TEST_WRAPPED=yes ", 1);
    zt_program_t *ours =
        zt_harness_start (*state, WORDS ("sh", "-c", "echo wrapped: $ZT_TEST_WRAPPED"), NULL);
    zt_program_t *other = s_shell (*state, "echo wrapped: $ZT_TEST_WRAPPED");
    zt_harness_t *slow = zt_harness_new ();
    setenv ("ZTALK_WRAPPER", "", 1);
    zt_harness_t *quick = zt_harness_new ();
    int slow_ms = zt_harness_deadline (slow);
    int quick_ms = zt_harness_deadline (quick);
    zt_harness_destroy (&quick);
    zt_harness_destroy (&slow);
    setenv ("ZTALK_BIN", bin, 1);
    setenv ("ZTALK_WRAPPER", wrapper, 1);
    free (bin);
    free (wrapper);
    assert_string_equal (zt_program_expect (ours, "wrapped"), "wrapped: yes");
    assert_string_equal (zt_program_expect (other, "wrapped"), "wrapped:");
    assert_int_equal (quick_ms, 20000);
    assert_int_equal (slow_ms, 100000);
}

static void s_the_directory_goes_with_the_harness (void **state)
{
    (void) state;
    zt_harness_t *harness = zt_harness_new ();
    char *path = strdup (zt_harness_directory (harness));
    assert_string_equal (zt_harness_directory (harness), path);
    zt_program_t *shell = zt_harness_start (
        harness,
        WORDS ("/bin/sh", "-c", "mkdir -p $1/a/b && echo x >$1/a/b/c && ln -s / $1/root", "sh",
               path),
        NULL);
    assert_int_equal (zt_program_wait_exit (shell), 0);
    zt_harness_destroy (&harness);
    assert_null (harness);
    struct stat status;
    assert_int_equal (stat (path, &status), -1);
    assert_int_equal (stat ("/bin/sh", &status), 0);
    free (path);
}

/*  Nothing outlives the harness: neither a program nor what it has started. */
static void s_nothing_is_left (void **state)
{
    zt_harness_t *harness = zt_harness_new ();
    /*  A fifo that is open for writing, too, never ends. */
    static const char script[] =
        "trap '' TERM HUP; mkfifo $1/fifo; cat <>$1/fifo & echo child $!; wait";
    zt_program_t *shell = zt_harness_start (
        harness, WORDS ("/bin/sh", "-c", script, "sh", zt_harness_directory (harness)), NULL);
    int child = 0;
    assert_int_equal (sscanf (zt_program_expect (shell, "child"), "child %d", &child), 1);
    pid_t pid = zt_program_pid (shell);
    assert_int_equal (kill (child, 0), 0);
    zt_harness_destroy (&harness);
    assert_int_equal (kill (pid, 0), -1);
    assert_int_equal (errno, ESRCH);
    /*  It was killed before destroy returned, but it is init that reaps it. */
    char look[128];
    snprintf (look, sizeof look,
              "while grep -q '^State:[^A-Z]*[^ZX] ' /proc/%d/status; do :; done; echo gone", child);
    assert_non_null (zt_program_expect (s_shell (*state, look), "gone"));
}

/*  How it fails is seen from outside: this program is started with the name of
    one of these, each of which must fail, print why, and what was printed. */
static void s_fail_late (void **state)
{
    zt_program_t *shell = s_shell (*state, "echo something else; echo trouble >&2; read line");
    zt_program_expect_error (shell, "trouble");
    zt_harness_set_deadline (*state, SOON_MS);
    zt_program_expect (shell, "never printed");
}

static void s_fail_early (void **state)
{
    zt_program_expect (s_shell (*state, "echo something else; echo trouble >&2"), "never printed");
}

static void s_fail_running (void **state)
{
    zt_program_t *shell = s_shell (*state, "echo something else; echo trouble >&2; read line");
    zt_program_expect (shell, "something");
    zt_program_expect_error (shell, "trouble");
    zt_harness_set_deadline (*state, SOON_MS);
    zt_program_wait_exit (shell);
}

static void s_fail_unread (void **state)
{
    zt_program_t *shell =
        s_shell (*state, "echo something else; echo trouble >&2; while :; do wait; done");
    zt_program_expect (shell, "something");
    zt_program_expect_error (shell, "trouble");
    zt_harness_set_deadline (*state, SOON_MS);
    for (;;)
        zt_program_write (shell, "nobody reads this\n");
}

static void s_fail_closed (void **state)
{
    zt_program_t *shell = s_shell (*state, "echo trouble >&2; exec <&-; echo something else; "
                                           "exec >&-; while :; do wait; done");
    zt_program_expect (shell, "something");
    zt_program_write (shell, "nobody reads this\n");
}

static const struct {
    const char *name;
    CMUnitTestFunction test;
    const char *why;
} s_failing[] = {
    {"late", s_fail_late, "no line with 'never printed' on stdout before the deadline"},
    {"early", s_fail_early, "no line with 'never printed' on stdout before its end"},
    {"running", s_fail_running, "it has not ended before the deadline"},
    {"unread", s_fail_unread, "it does not read its stdin"},
    {"closed", s_fail_closed, "it has closed its stdin"},
};
enum { FAILING = sizeof s_failing / sizeof s_failing[0] };

static void s_failures_tell_why (void **state)
{
    for (size_t i = 0; i < FAILING; i++) {
        zt_program_t *self = zt_harness_start (*state, WORDS (s_path, s_failing[i].name), NULL);
        int status = zt_program_wait_exit (self);
        const char *printed = zt_program_output (self, ZT_STDERR);
        if (status != 1 || !strstr (printed, s_failing[i].why) ||
            !strstr (printed, "something else\n") || !strstr (printed, "trouble\n"))
            fail_msg ("%s: status %d, printed:\n%s", s_failing[i].name, status, printed);
    }
}

static int s_run_failing (const char *name)
{
    for (size_t i = 0; i < FAILING; i++)
        if (strcmp (name, s_failing[i].name) == 0) {
            const struct CMUnitTest tests[] = {
                {name, s_failing[i].test, s_setup, s_teardown, NULL},
            };
            return cmocka_run_group_tests (tests, NULL, NULL);
        }
    return 2;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (int argc, char **argv)
{
    s_path = argv[0];
    setenv ("ZTALK_BIN", "", 0);
    setenv ("ZTALK_WRAPPER", "", 0);
    if (argc > 1)
        return s_run_failing (argv[1]);
    const struct CMUnitTest tests[] = {
        TEST (s_lines_come_in_order),
        TEST (s_a_failed_find_takes_nothing),
        TEST (s_regular_expressions),
        TEST (s_streams_are_apart),
        TEST (s_statuses),
        TEST (s_nothing_blocks),
        TEST (s_the_environment_is_passed),
        TEST (s_the_wrapper_is_used),
        TEST (s_the_directory_goes_with_the_harness),
        TEST (s_nothing_is_left),
        TEST (s_failures_tell_why),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
