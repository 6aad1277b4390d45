/*  SPDX-License-Identifier: MPL-2.0

    What the client keeps in its home, and standard output that does not block. */

#include "client/home.h"
#include "client/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

typedef struct {
    char directory[64];
    char home[128]; /* in the directory, two levels down */
    zt_buffer_t why;
} s_fixture_t;

static int s_setup (void **state)
{
    static s_fixture_t fixture;
    fixture = (s_fixture_t){.directory = "/tmp/ztalk-test-XXXXXX"};
    if (!mkdtemp (fixture.directory))
        return -1;
    snprintf (fixture.home, sizeof fixture.home, "%s/a/b", fixture.directory);
    *state = &fixture;
    return 0;
}

static int s_teardown (void **state)
{
    s_fixture_t *fixture = *state;
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", fixture->directory);
    zt_buffer_free (&fixture->why);
    return system (command);
}

static void s_the_path_is_the_environments (void **state)
{
    (void) state;
    zt_buffer_t path = {NULL, 0, 0};
    setenv ("ZTALK_HOME", "/h", 1);
    assert_true (zt_home_path (&path));
    assert_string_equal (zt_buffer_string (&path), "/h");
    setenv ("ZTALK_HOME", "", 1);
    setenv ("XDG_STATE_HOME", "/s", 1);
    zt_buffer_clear (&path);
    assert_true (zt_home_path (&path));
    assert_string_equal (zt_buffer_string (&path), "/s/ztalk");
    setenv ("XDG_STATE_HOME", "relative", 1);
    setenv ("HOME", "/u", 1);
    zt_buffer_clear (&path);
    assert_true (zt_home_path (&path));
    assert_string_equal (zt_buffer_string (&path), "/u/.local/state/ztalk");
    zt_buffer_free (&path);
}

static void s_a_token_is_made_once (void **state)
{
    s_fixture_t *fixture = *state;
    char first[ZT_TOKEN_SIZE] = "";
    char second[ZT_TOKEN_SIZE] = "";
    zt_home_t home;
    assert_int_equal (zt_home_open (&home, fixture->home, &fixture->why), ZT_HOME_OK);
    assert_int_equal (zt_home_token (&home, first, &fixture->why), ZT_HOME_OK);
    assert_int_equal (strlen (first), ZT_TOKEN_SIZE - 1);
    zt_home_close (&home);
    assert_int_equal (zt_home_open (&home, fixture->home, &fixture->why), ZT_HOME_OK);
    assert_int_equal (zt_home_token (&home, second, &fixture->why), ZT_HOME_OK);
    assert_string_equal (first, second);

    struct stat info;
    assert_int_equal (fstat (home.fd, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0700);
    assert_int_equal (fstatat (home.fd, "token", &info, 0), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
    zt_home_close (&home);
}

/*  What a child of the next test does. */
static void s_print_token (const char *path, int fd)
{
    zt_buffer_t why = {NULL, 0, 0};
    char token[ZT_TOKEN_SIZE] = "";
    zt_home_t home;
    if (zt_home_open (&home, path, &why) != ZT_HOME_OK ||
        zt_home_token (&home, token, &why) != ZT_HOME_OK)
        _exit (1);
    _exit (write (fd, token, ZT_TOKEN_SIZE) == ZT_TOKEN_SIZE ? 0 : 1);
}

static void s_who_comes_at_once_gets_the_same_token (void **state)
{
    s_fixture_t *fixture = *state;
    enum { S_CHILDREN = 8 };
    int fds[2];
    assert_int_equal (pipe (fds), 0);
    for (int i = 0; i < S_CHILDREN; i++) {
        pid_t child = fork ();
        assert_true (child >= 0);
        if (child == 0)
            s_print_token (fixture->home, fds[1]);
    }
    close (fds[1]);
    char first[ZT_TOKEN_SIZE];
    char next[ZT_TOKEN_SIZE];
    for (int i = 0; i < S_CHILDREN; i++) {
        assert_int_equal (read (fds[0], i ? next : first, ZT_TOKEN_SIZE), ZT_TOKEN_SIZE);
        if (i)
            assert_string_equal (first, next);
    }
    for (int i = 0; i < S_CHILDREN; i++) {
        int status;
        assert_true (wait (&status) > 0);
        assert_int_equal (status, 0);
    }
    close (fds[0]);
}

static void s_a_damaged_token_is_not_replaced (void **state)
{
    s_fixture_t *fixture = *state;
    char token[ZT_TOKEN_SIZE];
    zt_home_t home;
    assert_int_equal (zt_home_open (&home, fixture->home, &fixture->why), ZT_HOME_OK);
    int fd = openat (home.fd, "token", O_WRONLY | O_CREAT, 0600);
    assert_int_equal (write (fd, "short", 5), 5);
    close (fd);
    assert_int_equal (zt_home_token (&home, token, &fixture->why), ZT_HOME_FAILED);
    assert_non_null (strstr (zt_buffer_string (&fixture->why), "damaged"));
    zt_home_close (&home);
}

static void s_a_home_that_cannot_be_made (void **state)
{
    s_fixture_t *fixture = *state;
    zt_home_t home;
    assert_int_equal (zt_home_open (&home, "/dev/null/x", &fixture->why), ZT_HOME_FAILED);
    assert_non_null (strstr (zt_buffer_string (&fixture->why), "/dev/null/x"));
    zt_home_close (&home);
    assert_int_equal (zt_home_open (&home, "", &fixture->why), ZT_HOME_FAILED);
    zt_home_close (&home);
}

static void s_a_lock_is_held_once (void **state)
{
    s_fixture_t *fixture = *state;
    zt_home_t first, second;
    assert_int_equal (zt_home_open (&first, fixture->home, &fixture->why), ZT_HOME_OK);
    assert_int_equal (zt_home_open (&second, fixture->home, &fixture->why), ZT_HOME_OK);
    assert_int_equal (zt_home_lock (&first, "tcp://a:1", "Olena", "x", &fixture->why), ZT_HOME_OK);
    assert_int_equal (zt_home_lock (&second, "tcp://a:1", "OLENA", "X", &fixture->why),
                      ZT_HOME_HELD);
    assert_int_equal (zt_home_lock (&second, "tcp://a:1", "Olena", "y", &fixture->why), ZT_HOME_OK);
    zt_home_close (&first);
    zt_home_close (&second);
    assert_int_equal (zt_home_open (&first, fixture->home, &fixture->why), ZT_HOME_OK);
    assert_int_equal (zt_home_lock (&first, "tcp://a:1", "olena", "x", &fixture->why), ZT_HOME_OK);
    zt_home_close (&first);
}

static void s_output_waits_for_its_reader (void **state)
{
    (void) state;
    enum { S_SIZE = 300000 }; /* more than a pipe holds */
    int fds[2];
    assert_int_equal (pipe (fds), 0);
    zt_output_t output;
    zt_output_open (&output, fds[1]);
    for (size_t i = 0; i < S_SIZE; i++)
        zt_buffer_put_char (&output.buffer, (char) ('a' + i % 26));
    size_t got = 0;
    zt_output_result_t result;
    while ((result = zt_output_flush (&output)) == ZT_OUTPUT_PENDING || result == ZT_OUTPUT_MORE) {
        if (result == ZT_OUTPUT_MORE)
            continue;
        char data[PIPE_BUF];
        ssize_t size = read (fds[0], data, sizeof data);
        assert_true (size > 0);
        for (ssize_t i = 0; i < size; i++, got++)
            assert_int_equal (data[i], (char) ('a' + got % 26));
    }
    assert_int_equal (result, ZT_OUTPUT_DONE);
    assert_int_equal (output.buffer.size, 0);
    assert_in_range (got, 1, S_SIZE);

    signal (SIGPIPE, SIG_IGN);
    close (fds[0]);
    zt_buffer_put_char (&output.buffer, 'x');
    assert_int_equal (zt_output_flush (&output), ZT_OUTPUT_BROKEN);
    zt_output_close (&output);
    close (fds[1]);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_the_path_is_the_environments),
        cmocka_unit_test_setup_teardown (s_a_token_is_made_once, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_comes_at_once_gets_the_same_token, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_a_damaged_token_is_not_replaced, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_home_that_cannot_be_made, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_lock_is_held_once, s_setup, s_teardown),
        cmocka_unit_test (s_output_waits_for_its_reader),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
