/*  SPDX-License-Identifier: MPL-2.0

    A client that is killed and started again, on a terminal and in a pipe, and the
    subcommands beside a client that runs. */

#include "tests/harness.h"

#include "common/options.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char endpoint[256];
    char home[256];
    int terminal; /* the master's side, or -1 */
} s_world_t;

static void s_start_broker (s_world_t *self, const char *endpoint)
{
    const char *argv[] = {"ztalk-broker", "--plain", "--ephemeral", "-e", endpoint, NULL};
    self->broker = zt_harness_start (self->harness, argv, NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
}

static void s_restart_broker (s_world_t *self)
{
    char endpoint[sizeof self->endpoint];
    snprintf (endpoint, sizeof endpoint, "%s", self->endpoint);
    s_start_broker (self, endpoint);
}

static void s_kill (zt_program_t *program)
{
    zt_program_kill (program, SIGKILL);
    zt_program_wait_exit (program);
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->terminal = -1;
    self->harness = zt_harness_new ();
    snprintf (self->home, sizeof self->home, "ZTALK_HOME=%s/home",
              zt_harness_directory (self->harness));
    s_start_broker (self, "tcp://127.0.0.1:*");
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_harness_destroy (&self->harness);
    if (self->terminal >= 0)
        close (self->terminal);
    free (self);
    return 0;
}

/*  Starts the client with these arguments, up to NULL, at most 6 of them. */
static zt_program_t *s_start (s_world_t *self, const char *name, ...)
{
    const char *argv[16] = {"ztalk", "--plain", "-e", self->endpoint, "-n", name};
    va_list args;
    va_start (args, name);
    for (size_t i = 6; (argv[i] = va_arg (args, const char *)); i++)
        assert_true (i < 13);
    va_end (args);
    const char *environment[] = {self->home, "TZ=UTC", "ZTALK_NAME", "ZTALK_ENDPOINT", NULL};
    return zt_harness_start (self->harness, argv, environment);
}

/*  Starts it with a terminal for its stdin: the shell opens that, and becomes the client. */
static zt_program_t *s_start_on_terminal (s_world_t *self, const char *name)
{
    if (self->terminal >= 0)
        close (self->terminal);
    self->terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true (self->terminal >= 0);
    assert_int_equal (grantpt (self->terminal) | unlockpt (self->terminal), 0);
    const char *bin = getenv ("ZTALK_BIN"), *wrapper = getenv ("ZTALK_WRAPPER");
    assert_non_null (bin);
    char script[1024];
    snprintf (script, sizeof script, "exec %s %s/ztalk --plain -e '%s' -n %s <%s",
              wrapper ? wrapper : "", bin, self->endpoint, name, ptsname (self->terminal));
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    const char *environment[] = {self->home, "TZ=UTC", "ZTALK_NAME", "ZTALK_ENDPOINT", NULL};
    return zt_harness_start (self->harness, argv, environment);
}

static void s_type (s_world_t *self, const char *text)
{
    assert_int_equal (write (self->terminal, text, strlen (text)), strlen (text));
}

/*  How often a text is in what a program has printed. */
static size_t s_count (zt_program_t *program, const char *text)
{
    size_t count = 0;
    const char *at = zt_program_output (program, ZT_STDOUT);
    for (; (at = strstr (at, text)); at++)
        count++;
    return count;
}

static void s_what_was_typed_survives_a_killed_client (void **state)
{
    s_world_t *self = *state;
    zt_program_t *ivan = s_start (self, "ivan", NULL);
    zt_program_expect (ivan, "* online: ");
    zt_program_t *olena = s_start_on_terminal (self, "olena");
    zt_program_expect (olena, "* online: ");
    s_kill (self->broker);
    assert_non_null (zt_program_find (olena, ZT_STDOUT, "* connection lost", 10000));
    s_type (self, "one\ntwo\n");
    zt_program_expect (olena, "* pending: two");
    s_kill (olena);

    /*  Once more, still without a broker; what is typed now comes behind. */
    olena = s_start_on_terminal (self, "olena");
    zt_program_expect (olena, "* 2 messages from last time are waiting to be sent");
    s_type (self, "/msg ivan three\nfour\n");
    zt_program_expect (olena, "* pending: four");
    s_kill (olena);

    s_restart_broker (self);
    assert_non_null (zt_program_find (ivan, ZT_STDOUT, "* connected again", 10000));
    olena = s_start_on_terminal (self, "olena");
    zt_program_expect (olena, "* 4 messages from last time are waiting to be sent");
    zt_program_expect (olena, "olena: one");
    zt_program_expect (olena, "olena: two");
    zt_program_expect (olena, "olena -> ivan: three");
    zt_program_expect (olena, "olena: four");
    s_type (self, "the end\n");
    zt_program_expect (ivan, "olena: one");
    zt_program_expect (ivan, "olena: two");
    zt_program_expect (ivan, "olena -> ivan: three");
    zt_program_expect (ivan, "olena: four");
    zt_program_expect (ivan, "olena: the end");
    assert_int_equal (s_count (ivan, "olena: "), 4);
    assert_int_equal (s_count (ivan, "olena -> "), 1);

    /*  And nothing of it is left, when the client has come to record the answer. */
    zt_program_expect (olena, "olena: the end");
    s_type (self, "/help\n");
    zt_program_expect (olena, "/w is /who");
    s_kill (olena);
    olena = s_start_on_terminal (self, "olena");
    zt_program_expect (olena, "* online: ");
    assert_null (strstr (zt_program_output (olena, ZT_STDOUT), "from last time"));
}

static void s_what_was_shown_is_not_shown_by_the_next_one (void **state)
{
    enum { S_TIMES = 5 };
    s_world_t *self = *state;
    zt_program_t *olena = s_start (self, "olena", NULL);
    zt_program_expect (olena, "* online: ");
    zt_program_t *ivan = s_start (self, "ivan", "--json", NULL);
    zt_program_expect (ivan, "\"online\"");
    char text[32], wanted[32];
    for (int i = 0; i < S_TIMES; i++) {
        snprintf (text, sizeof text, "message %d\n", i);
        snprintf (wanted, sizeof wanted, "\"message %d\"", i);
        zt_program_write (olena, text);
        zt_program_expect (ivan, wanted);
        /*  Whoever reads a pipe may run before its writer goes on. When the client
            has done something else, what it printed is recorded, and mostly not
            acknowledged yet. */
        zt_program_write (ivan, "/help\n");
        zt_program_expect (ivan, "/w is /who");
        s_kill (ivan);
        ivan = s_start (self, "ivan", "--json", NULL);
    }
    zt_program_expect (ivan, "\"connected\"");
    zt_program_write (olena, "the end\n");
    zt_program_expect (ivan, "\"the end\"");
    assert_int_equal (s_count (ivan, "\"message\""), 1);
}

static void s_lines_of_a_pipe_are_not_sent_by_the_next_one (void **state)
{
    s_world_t *self = *state;
    zt_program_t *ivan = s_start (self, "ivan", NULL);
    zt_program_expect (ivan, "* online: ");
    zt_program_t *cron = s_start (self, "cron", NULL);
    zt_program_expect (cron, "* connected to");
    s_kill (self->broker);
    zt_program_expect (cron, "* connection lost");
    zt_program_write (cron, "the old line\n");
    zt_program_expect (cron, "* pending: the old line");
    s_kill (cron);
    s_restart_broker (self);
    assert_non_null (zt_program_find (ivan, ZT_STDOUT, "* connected again", 10000));
    cron = s_start (self, "cron", NULL);
    zt_program_write (cron, "the new line\n");
    zt_program_close_stdin (cron);
    assert_int_equal (zt_program_wait_exit (cron), ZT_EXIT_OK);
    zt_program_expect (ivan, "cron: the new line");
    assert_int_equal (s_count (ivan, "the old line"), 0);
}

static void s_subcommands_do_not_disturb (void **state)
{
    s_world_t *self = *state;
    zt_program_t *ivan = s_start (self, "ivan", NULL);
    zt_program_expect (ivan, "* online: ");
    zt_program_t *olena = s_start (self, "olena", NULL);
    zt_program_expect (olena, "* online: ");
    zt_program_expect (ivan, "* olena is here");
    for (int i = 1; i <= 5; i++) {
        char line[32];
        snprintf (line, sizeof line, "/msg ivan line %d\n", i);
        zt_program_write (olena, line);
    }
    zt_program_write (olena, "Привіт\n");
    zt_program_expect (olena, "Привіт");

    zt_program_t *asking = s_start (self, "olena", "history", "ivan", "-c", "2", NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_OK);
    assert_string_equal (zt_program_output (asking, ZT_STDERR), "");
    const char *output = zt_program_output (asking, ZT_STDOUT);
    assert_true (output[0] == '[' && strstr (output, "olena -> ivan: line 4\n["));
    assert_non_null (strstr (output, "olena -> ivan: line 5\n"));
    assert_int_equal (s_count (asking, "\n"), 2);

    asking = s_start (self, "olena", "search", "ПРИВІТ", "--json", NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_OK);
    output = zt_program_output (asking, ZT_STDOUT);
    assert_int_equal (strncmp (output, "{\"type\":\"found\",\"id\":", 20), 0);
    assert_int_equal (s_count (asking, "\n"), 1);
    asking = s_start (self, "olena", "search", "Привіт", "--in", "ivan", NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_OK);
    assert_string_equal (zt_program_output (asking, ZT_STDOUT), "");

    asking = s_start (self, "olena", "history", "nobody", NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_REFUSED);
    assert_string_equal (zt_program_output (asking, ZT_STDOUT), "");
    assert_non_null (strstr (zt_program_output (asking, ZT_STDERR), "nobody"));
    asking = s_start (self, "olena", "history", NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_USAGE);
    static const char *const wrong[][3] = {{"searhc", "foo", "did you mean 'ztalk search'?"},
                                           {"hist", NULL, "did you mean 'ztalk history'?"},
                                           {"127.0.0.1", NULL, "the endpoint is given already"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) { /* -e is given, too */
        asking = s_start (self, "olena", wrong[i][0], wrong[i][1], NULL);
        assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_USAGE);
        assert_non_null (strstr (zt_program_output (asking, ZT_STDERR), wrong[i][2]));
    }
    const char *argv[] = {"ztalk", "one", "two", NULL};
    asking = zt_harness_start (self->harness, argv, NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_USAGE);
    assert_non_null (strstr (zt_program_output (asking, ZT_STDERR), "one endpoint is enough"));
    asking = s_start (self, "olena", "--before", "5", NULL);
    assert_int_equal (zt_program_wait_exit (asking), ZT_EXIT_USAGE);

    zt_program_write (olena, "still here\n");
    zt_program_expect (ivan, "olena: still here");
    assert_int_equal (s_count (ivan, "olena is here") + s_count (ivan, "olena left"), 1);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_what_was_typed_survives_a_killed_client, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_what_was_shown_is_not_shown_by_the_next_one, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_lines_of_a_pipe_are_not_sent_by_the_next_one, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_subcommands_do_not_disturb, s_setup, s_teardown),
    };
    return cmocka_run_group_tests_name ("the client, end to end", tests, NULL, NULL);
}
