/*  SPDX-License-Identifier: MPL-2.0

    The programs as people use them: a broker, and clients fed from pipes. */

#include "tests/harness.h"

#include "common/options.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/*  A test's world: a broker, and homes for installations of clients. */
typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char endpoint[512];
} s_world_t;

static void s_start_broker (s_world_t *self, const char *endpoint)
{
    const char *argv[] = {"ztalk-broker", "--plain", "--ephemeral", "--console",
                          "-e",           endpoint,  NULL};
    self->broker = zt_harness_start (self->harness, argv, NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %511s -", self->endpoint), 1);
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    s_start_broker (self, "tcp://127.0.0.1:*");
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_harness_destroy (&self->harness);
    free (self);
    return 0;
}

/*  A client of the installation `home`, with the name as its person's. */
static zt_program_t *s_start_client (s_world_t *self, const char *home, const char *name)
{
    char variable[512];
    snprintf (variable, sizeof variable, "ZTALK_HOME=%s/%s", zt_harness_directory (self->harness),
              home);
    const char *argv[] = {"ztalk", "--plain", "-e", self->endpoint, "-n", name, NULL};
    const char *environment[] = {variable, "TZ=UTC", "ZTALK_NAME", "ZTALK_ENDPOINT", NULL};
    return zt_harness_start (self->harness, argv, environment);
}

static zt_program_t *s_join (s_world_t *self, const char *name)
{
    zt_program_t *client = s_start_client (self, name, name);
    zt_program_expect (client, "* connected to ztalk");
    zt_program_expect (client, "* online: ");
    return client;
}

#define S_TIME "^\\[20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\] "

static void s_two_people_talk (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    zt_program_t *ivan = s_join (self, "ivan");
    zt_program_t *taras = s_join (self, "taras");
    zt_program_expect (olena, "* ivan is here");
    zt_program_expect (olena, "* taras is here");

    zt_program_write (olena, "Привіт усім 🇺🇦 👩‍👩‍👧\n");
    zt_program_expect_match (ivan,
                             S_TIME "olena: Привіт усім 🇺🇦 👩‍👩‍👧$");
    zt_program_expect_match (taras,
                             S_TIME "olena: Привіт усім 🇺🇦 👩‍👩‍👧$");
    zt_program_expect_match (olena,
                             S_TIME "olena: Привіт усім 🇺🇦 👩‍👩‍👧$");

    zt_program_write (ivan, "/msg OLENA тільки тобі\n");
    zt_program_expect_match (olena, S_TIME "ivan -> olena: тільки тобі$");
    zt_program_expect (ivan, "* delivered to olena");

    zt_program_write (taras, "/who\n");
    zt_program_expect_match (taras, "^\\* online: .*olena.*ivan.*taras");
    assert_null (strstr (zt_program_output (taras, ZT_STDOUT), "тільки"));

    zt_program_write (ivan, "/exit\n");
    assert_int_equal (zt_program_wait_exit (ivan), ZT_EXIT_OK);
    zt_program_expect (olena, "* ivan left");
}

static void s_a_name_is_one_persons (void **state)
{
    s_world_t *self = *state;
    s_join (self, "olena");
    zt_program_t *thief = s_start_client (self, "thief", "OLENA");
    assert_int_equal (zt_program_wait_exit (thief), ZT_EXIT_REFUSED);
    assert_non_null (strstr (zt_program_output (thief, ZT_STDOUT), "belongs to somebody else"));
    /*  Another window of the same installation is told what to do. */
    zt_program_t *again = s_start_client (self, "olena", "Olena");
    assert_int_equal (zt_program_wait_exit (again), ZT_EXIT_REFUSED);
    assert_non_null (strstr (zt_program_output (again, ZT_STDERR), "--device"));
}

/*  Their first letter is Cyrillic. */
static void s_a_lookalike_is_told_to_everybody (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    zt_program_t *eve = s_join (self, "оlena");
    assert_non_null (strstr (zt_program_output (eve, ZT_STDOUT), "* your name looks like olena"));
    zt_program_expect (olena, "* оlena (looks like olena) is here");
    zt_program_write (eve, "it is me\n");
    zt_program_expect_match (olena, S_TIME "оlena \\(looks like olena\\): it is me$");
    zt_program_t *ivan = s_join (self, "ivan");
    zt_program_write (ivan, "/msg оlena is it you?\n");
    zt_program_expect_match (ivan, S_TIME "ivan -> оlena \\(looks like olena\\): is it you\\?$");
    zt_program_write (self->broker, "users\n");
    zt_program_expect_match (self->broker, "^оlena \\(looks like olena\\)  .*127\\.0\\.0\\.1");
}

static void s_the_console_lists_kicks_and_ends (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    zt_program_t *ivan = s_join (self, "ivan");
    zt_program_write (self->broker, "help\nusers\n");
    zt_program_expect (self->broker, "kick NAME");
    /*  Who came last stands first. */
    zt_program_expect_match (self->broker, "^ivan  .*127\\.0\\.0\\.1.*since .*behind 0$");
    zt_program_expect_match (self->broker, "^olena  .*127\\.0\\.0\\.1.*since .*behind 0$");
    zt_program_expect (self->broker, "2 sessions");
    zt_program_write (self->broker, "kick IVAN\nkick nobody\nkick\nnonsense\n");
    zt_program_expect (self->broker, "1 session ended");
    zt_program_expect (self->broker, "nobody is nobody's name");
    zt_program_expect (self->broker, "something is missing");
    zt_program_expect (self->broker, "there is no such command");
    assert_int_equal (zt_program_wait_exit (ivan), ZT_EXIT_REFUSED);
    zt_program_expect (olena, "* ivan left");
    zt_program_write (self->broker, "exit\n");
    assert_int_equal (zt_program_wait_exit (self->broker), ZT_EXIT_OK);
    zt_program_expect (olena, "* connection lost");
}

static void s_who_is_killed_is_seen_to_leave (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    zt_program_t *ivan = s_join (self, "ivan");
    zt_program_expect (olena, "* ivan is here");
    zt_program_kill (ivan, SIGKILL);
    assert_non_null (zt_program_find (olena, ZT_STDOUT, "* ivan left", 10000));
}

static void s_a_broker_that_was_killed_loses_nothing_of_what_is_typed (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    zt_program_t *ivan = s_join (self, "ivan");
    zt_program_expect (olena, "* ivan is here");
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    assert_non_null (zt_program_find (olena, ZT_STDOUT, "* connection lost", 10000));
    assert_non_null (zt_program_find (ivan, ZT_STDOUT, "* connection lost", 10000));
    zt_program_write (olena, "while you were gone\n");
    zt_program_expect (olena, "* pending: while you were gone");

    char endpoint[sizeof self->endpoint];
    snprintf (endpoint, sizeof endpoint, "%s", self->endpoint);
    s_start_broker (self, endpoint);
    assert_non_null (zt_program_find (ivan, ZT_STDOUT, "* connected again", 5000));
    assert_non_null (zt_program_find (olena, ZT_STDOUT, "* connected again", 5000));
    zt_program_expect_match (olena, S_TIME "olena: while you were gone$");
    zt_program_write (olena, "the end\n");
    zt_program_expect_match (ivan, S_TIME "olena: the end$");
    /*  Sent once: nothing is between the two but what ivan was there for. */
    const char *all = zt_program_output (olena, ZT_STDOUT);
    const char *first = strstr (all, "olena: while you were gone");
    assert_null (strstr (first + 1, "olena: while you were gone"));
}

static void s_pipes_end_with_their_input (void **state)
{
    static const struct {
        const char *input;
        const char *last; /* what must be printed, or NULL */
    } rows[] = {{"", NULL},
                {"hi\n", "pipe: hi"},
                {"no line end", "pipe: no line end"},
                {"//help\n", "pipe: /help"},
                {"/help\n", "/msg NAME TEXT"}};
    s_world_t *self = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_program_t *client = s_start_client (self, "pipe", "pipe");
        zt_program_write (client, rows[i].input);
        zt_program_close_stdin (client);
        assert_int_equal (zt_program_wait_exit (client), ZT_EXIT_OK);
        const char *output = zt_program_output (client, ZT_STDOUT);
        assert_true (!rows[i].last || strstr (output, rows[i].last));
        assert_null (strchr (output, '\033'));
    }
}

static void s_an_absent_broker_is_unreachable (void **state)
{
    s_world_t *self = *state;
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    zt_program_t *client = s_start_client (self, "pipe", "pipe");
    zt_program_write (client, "hi\n");
    zt_program_close_stdin (client);
    assert_int_equal (zt_program_wait_exit (client), ZT_EXIT_UNREACHABLE);
}

static void s_a_broker_listens_at_several_places (void **state)
{
    s_world_t *self = *state;
    char ipc[400];
    snprintf (ipc, sizeof ipc, "ipc://%s/socket", zt_harness_directory (self->harness));
    const char *argv[] = {"ztalk-broker", "--plain", "--ephemeral", "-e",       "tcp://127.0.0.1:*",
                          "-e",           ipc,       "--motd",      "Вітаємо!", NULL};
    zt_program_t *broker = zt_harness_start (self->harness, argv, NULL);
    const char *ready = zt_program_expect (broker, "ready tcp://127.0.0.1:");
    assert_int_equal (sscanf (ready, "ready %511s -", self->endpoint), 1);
    zt_program_expect (broker, "ready ipc://");
    zt_program_t *olena = s_start_client (self, "olena", "olena");
    zt_program_expect (olena, "Вітаємо!");
    zt_program_expect (olena, "* online: olena (1)");
    snprintf (self->endpoint, sizeof self->endpoint, "%s", ipc);
    zt_program_t *ivan = s_start_client (self, "ivan", "ivan");
    zt_program_expect (olena, "* ivan is here");
    zt_program_write (ivan, "over the other one\n");
    zt_program_expect_match (olena, S_TIME "ivan: over the other one$");
    zt_program_kill (broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_OK);
}

static void s_a_broker_says_why_it_cannot_start (void **state)
{
    s_world_t *self = *state;
    const char *taken[] = {"ztalk-broker", "--plain", "--ephemeral", "-e", self->endpoint, NULL};
    zt_program_t *broker = zt_harness_start (self->harness, taken, NULL);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_FAILED);
    assert_non_null (strstr (zt_program_output (broker, ZT_STDERR), "is another broker running?"));
    /*  libzmq would remove what is at an ipc path: it must not be a broker's, or a file. */
    char ipc[400], file[300];
    snprintf (file, sizeof file, "%s/file", zt_harness_directory (self->harness));
    FILE *precious = fopen (file, "w");
    assert_non_null (precious);
    fclose (precious);
    snprintf (ipc, sizeof ipc, "ipc://%s", file);
    const char *over_file[] = {"ztalk-broker", "--plain", "--ephemeral", "-e", ipc, NULL};
    broker = zt_harness_start (self->harness, over_file, NULL);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_FAILED);
    struct stat status;
    assert_int_equal (stat (file, &status), 0);
    assert_true (S_ISREG (status.st_mode));
    snprintf (ipc, sizeof ipc, "ipc://%s/socket", zt_harness_directory (self->harness));
    zt_program_t *first = zt_harness_start (self->harness, over_file, NULL);
    zt_program_expect (first, "ready ipc://");
    broker = zt_harness_start (self->harness, over_file, NULL);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_FAILED);
    assert_non_null (strstr (zt_program_output (broker, ZT_STDERR), "is another broker running?"));
    /*  What a killed broker has left behind is in nobody's way. */
    zt_program_kill (first, SIGKILL);
    zt_program_wait_exit (first);
    broker = zt_harness_start (self->harness, over_file, NULL);
    zt_program_expect (broker, "ready ipc://");

    const char *wrong[] = {"ztalk-broker", "-e", "udp://x", NULL};
    broker = zt_harness_start (self->harness, wrong, NULL);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_USAGE);
    const char *unknown[] = {"ztalk-broker", "--nonsense", NULL};
    broker = zt_harness_start (self->harness, unknown, NULL);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_USAGE);
}

static void s_a_broker_is_not_stopped_by_those_who_do_not_read_it (void **state)
{
    s_world_t *self = *state;
    /*  Nobody reads this broker's stderr, and its stdout is closed: the shell ends
        the reading end of both. */
    char script[1024];
    const char *bin = getenv ("ZTALK_BIN");
    assert_non_null (bin);
    snprintf (
        script, sizeof script,
        "%s/ztalk-broker --plain --ephemeral -e tcp://127.0.0.1:* 2>&- | { read -r line; echo "
        "\"$line\"; }",
        bin);
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    zt_program_t *shell = zt_harness_start (self->harness, argv, NULL);
    const char *ready = zt_program_expect (shell, "ready tcp://");
    assert_int_equal (sscanf (ready, "ready %511s -", self->endpoint), 1);
    zt_program_t *olena = s_join (self, "olena");
    zt_program_write (olena, "still here\n");
    zt_program_expect_match (olena, S_TIME "olena: still here$");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_two_people_talk, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_name_is_one_persons, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_lookalike_is_told_to_everybody, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_the_console_lists_kicks_and_ends, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_is_killed_is_seen_to_leave, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_broker_that_was_killed_loses_nothing_of_what_is_typed,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_pipes_end_with_their_input, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_an_absent_broker_is_unreachable, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_broker_listens_at_several_places, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_broker_says_why_it_cannot_start, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_broker_is_not_stopped_by_those_who_do_not_read_it,
                                         s_setup, s_teardown),
    };
    return cmocka_run_group_tests_name ("end to end", tests, NULL, NULL);
}
