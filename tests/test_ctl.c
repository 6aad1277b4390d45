/*  SPDX-License-Identifier: MPL-2.0

    ztalk-ctl and a broker, the real programs. */

#include "tests/harness.h"

#include "common/options.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char home[256]; /* the broker's directory */
    char endpoint[256];
} s_world_t;

static void s_start (s_world_t *self)
{
    self->broker = zt_harness_start (
        self->harness,
        WORDS ("ztalk-broker", "--plain", "-e", "tcp://127.0.0.1:*", "-d", self->home), NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
}

static int s_setup (void **state)
{
    static s_world_t self;
    self = (s_world_t){.harness = zt_harness_new ()};
    snprintf (self.home, sizeof self.home, "%s/broker", zt_harness_directory (self.harness));
    s_start (&self);
    *state = &self;
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_harness_destroy (&self->harness);
    return 0;
}

/*  Runs ztalk-ctl with that command, and up to three arguments (NULL: none). Returns the program,
    which has ended with that status. */
static zt_program_t *s_ctl (s_world_t *self, int status, const char *a, const char *b,
                            const char *c, const char *d)
{
    zt_program_t *ctl =
        zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-d", self->home, a, b, c, d), NULL);
    int was = zt_program_wait_exit (ctl);
    if (was != status)
        fail_msg ("ztalk-ctl %s %s ends with %d: %s", a, b ? b : "", was,
                  zt_program_output (ctl, ZT_STDERR));
    return ctl;
}

/*  The command is done, and says this. */
static void s_does (s_world_t *self, const char *command, const char *argument, const char *says)
{
    zt_program_t *ctl = s_ctl (self, ZT_EXIT_OK, command, argument, NULL, NULL);
    if (!strstr (zt_program_output (ctl, ZT_STDOUT), says))
        fail_msg ("%s: %s", command, zt_program_output (ctl, ZT_STDOUT));
    assert_string_equal (zt_program_output (ctl, ZT_STDERR), "");
}

/*  It is not, and this is why. */
static void s_fails (s_world_t *self, int status, const char *command, const char *argument,
                     const char *why)
{
    zt_program_t *ctl = s_ctl (self, status, command, argument, NULL, NULL);
    if (!strstr (zt_program_output (ctl, ZT_STDERR), why))
        fail_msg ("%s: %s", command, zt_program_output (ctl, ZT_STDERR));
    assert_string_equal (zt_program_output (ctl, ZT_STDOUT), "");
}

static zt_program_t *s_join (s_world_t *self, const char *name)
{
    zt_program_t *client = zt_harness_start (
        self->harness, WORDS ("ztalk", "--plain", "--lines", "-e", self->endpoint, "-n", name),
        NULL);
    zt_program_expect (client, "* connected to ");
    return client;
}

static void s_expect_audit (s_world_t *self, const char *text)
{
    char path[300], line[4096];
    snprintf (path, sizeof path, "%s/audit.log", self->home);
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    bool found = false;
    while (fgets (line, sizeof line, file))
        found = found || strstr (line, text);
    fclose (file);
    if (!found)
        fail_msg ("audit.log has no line with %s", text);
}

/*  ---------------------------------------------------------------------------
    Commands */

static void s_commands_are_done (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    s_does (self, "status", NULL, "sessions 1  users 1");
    s_does (self, "users", NULL, "olena  ");
    s_does (self, "kick", "olena", "1 session ended");
    assert_int_equal (zt_program_wait_exit (olena), ZT_EXIT_REFUSED);
    s_fails (self, ZT_EXIT_FAILED, "kick", "olena", "olena is not online");
    s_fails (self, ZT_EXIT_FAILED, "kick", "ivan", "ivan is nobody's name");
    s_does (self, "invite", "ivan", "--invite ");
    s_does (self, "ban", "192.0.2.0/24", "0 sessions ended");
    s_does (self, "bans", NULL, "address 192.0.2.0/24");
    s_does (self, "unban", "192.0.2.0/24", "let in again");
    s_fails (self, ZT_EXIT_FAILED, "unban", "192.0.2.0/24", "was not banned");
    s_fails (self, ZT_EXIT_FAILED, "keys", "olena", "olena belongs to no key");
    s_fails (self, ZT_EXIT_FAILED, "key", NULL, "does not encrypt");
    s_fails (self, ZT_EXIT_USAGE, "nonsense", NULL, "there is no such command");
    s_fails (self, ZT_EXIT_USAGE, "kick", NULL, "something is missing");
    s_does (self, "help", NULL, "kick NAME");
    s_expect_audit (self, "\"command\":\"kick\",\"arguments\":\"olena\",\"outcome\":\"done\"}");
    s_expect_audit (self, "\"command\":\"kick\",\"arguments\":\"ivan\",\"outcome\":\"failed\",");
    s_expect_audit (self, "\"command\":\"invite\",\"arguments\":\"ivan\",\"outcome\":\"done\"}");
    zt_program_expect_error (self->broker, "kick olena (control, uid ");
    s_does (self, "shutdown", NULL, "the broker ends");
    assert_int_equal (zt_program_wait_exit (self->broker), ZT_EXIT_OK);
    s_fails (self, ZT_EXIT_UNREACHABLE, "status", NULL, "no broker runs there");
}

/*  Over a restart after kill -9, and the user sees what was not sent. */
static void s_who_is_muted_stays_so (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_join (self, "olena");
    s_fails (self, ZT_EXIT_FAILED, "mute", "nobody", "nobody is nobody's name");
    s_fails (self, ZT_EXIT_FAILED, "mute", "olena 10", "a time is 30s, 10m");
    s_does (self, "mute", "olena 10m", "olena  until 20");
    zt_program_write (olena, "hear me\n");
    zt_program_expect (olena,
                       "* not sent: hear me: whoever runs this broker has muted you until 20");
    char endpoint[sizeof self->endpoint];
    snprintf (endpoint, sizeof endpoint, "%s", self->endpoint);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    self->broker = zt_harness_start (
        self->harness, WORDS ("ztalk-broker", "--plain", "-e", endpoint, "-d", self->home), NULL);
    zt_program_expect (self->broker, "ready ");
    zt_program_expect (olena, "* connected again");
    zt_program_write (olena, "and now\n");
    zt_program_expect (olena, "* not sent: and now: whoever runs this broker has muted you");
    s_does (self, "mutes", NULL, "1 mute\n");
    s_does (self, "unmute", "olena", "may write again");
    zt_program_write (olena, "at last\n");
    zt_program_expect (olena, "olena: at last");
    assert_null (strstr (zt_program_output (olena, ZT_STDOUT), "olena: hear me"));
}

static void s_the_broker_speaks (void **state)
{
    s_world_t *self = *state;
    char copy[300];
    zt_program_t *olena = s_join (self, "olena");
    s_does (self, "say", "Привіт   \"усім\"", "said");
    zt_program_expect (olena, "broker: Привіт   \"усім\"");
    s_does (self, "motd", NULL, "there is none");
    s_does (self, "motd", "be kind", "be kind  (until the broker ends)");
    zt_program_expect (s_join (self, "ivan"), "* be kind");
    s_does (self, "motd", "-", "there is none");
    snprintf (copy, sizeof copy, "%s/copy", zt_harness_directory (self->harness));
    s_does (self, "backup", copy, "copy: what is kept in ");
    s_fails (self, ZT_EXIT_FAILED, "backup", copy, "exists: a backup overwrites nothing");
    s_fails (self, ZT_EXIT_FAILED, "backup", "/nonexistent/copy", "No such file or directory");
    /*  It is a log as any. */
    char other[300], log[320];
    snprintf (other, sizeof other, "%s/restored", zt_harness_directory (self->harness));
    snprintf (log, sizeof log, "%s/log.db", other);
    assert_int_equal (mkdir (other, 0700), 0);
    assert_int_equal (rename (copy, log), 0);
    zt_program_t *restored = zt_harness_start (
        self->harness, WORDS ("ztalk-broker", "--plain", "-e", "tcp://127.0.0.1:*", "-d", other),
        NULL);
    zt_program_expect (restored, "ready ");
    zt_program_t *ctl =
        zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-d", other, "status"), NULL);
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    zt_program_expect (ctl, "users 2");
    zt_program_kill (self->broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (self->broker), ZT_EXIT_OK);
    s_expect_audit (self, "\"who\":\"signal\",");
    s_expect_audit (self, "\"command\":\"SIGTERM\",\"outcome\":\"done\"");
}

/*  Whatever is answered with --json is read by somebody else's parser. */
static void s_json_is_json (void **state)
{
    s_world_t *self = *state;
    static const char script[] = "import json, sys\n"
                                 "for line in sys.stdin:\n"
                                 "    print('keys', *json.loads(line))\n";
    static const struct {
        const char *command, *argument, *keys;
    } rows[] = {{"status", NULL, "keys version pid since endpoints"},
                {"users", NULL, "keys name device address since behind"},
                {"invite", "марія", "keys name invitation command"},
                {"ban", "192.0.2.1", "keys banned ended"},
                {"bans", NULL, "keys ban note"},
                {"unban", "192.0.2.1", "keys unbanned"},
                {"mute", "олена", "keys name"},
                {"mutes", NULL, "keys name"},
                {"unmute", "олена", "keys unmuted"},
                {"motd", "hello \x1b", "keys motd"},
                {"say", "hello \xff", "keys id"},
                {"kick", "олена", "keys ended"},
                {"help", NULL, "keys command arguments what"}};
    if (access ("/usr/bin/python3", X_OK) != 0)
        skip ();
    s_join (self, "олена");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_program_t *ctl =
            s_ctl (self, ZT_EXIT_OK, "--json", rows[i].command, rows[i].argument, NULL);
        zt_program_t *python =
            zt_harness_start (self->harness, WORDS ("/usr/bin/python3", "-c", script), NULL);
        zt_program_write (python, zt_program_output (ctl, ZT_STDOUT));
        zt_program_close_stdin (python);
        assert_int_equal (zt_program_wait_exit (python), 0);
        zt_program_expect (python, rows[i].keys);
    }
}

/*  ---------------------------------------------------------------------------
    Who may, and where */

static void s_nobody_else_may (void **state)
{
    s_world_t *self = *state;
    const char *bin = getenv ("ZTALK_BIN");
    char ctl[512], socket[300];
    if (geteuid () != 0 || access ("/usr/bin/setpriv", X_OK) != 0)
        skip ();
    snprintf (ctl, sizeof ctl, "%s/ztalk-ctl", bin);
    snprintf (socket, sizeof socket, "%s/control", self->home);
    const char *const *as_nobody =
        WORDS ("/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", ctl,
               "-d", self->home, "shutdown");
    /*  The directory keeps them away; and where it does not, the broker does. */
    zt_program_t *program = zt_harness_start (self->harness, as_nobody, NULL);
    assert_int_equal (zt_program_wait_exit (program), ZT_EXIT_REFUSED);
    zt_program_expect_error (program, "only root and the user who runs the broker");
    assert_int_equal (chmod (zt_harness_directory (self->harness), 0755), 0);
    assert_int_equal (chmod (self->home, 0755), 0);
    assert_int_equal (chmod (socket, 0666), 0);
    program = zt_harness_start (self->harness, as_nobody, NULL);
    assert_int_equal (zt_program_wait_exit (program), ZT_EXIT_REFUSED);
    zt_program_expect_error (program, "only root and the user who runs the broker");
    zt_program_expect_error (self->broker, "uid 65534");
    s_expect_audit (self, "\"uid\":65534,");
    s_expect_audit (self, "\"command\":\"shutdown\",\"outcome\":\"refused\"");
    assert_true (zt_program_running (self->broker));
    s_does (self, "users", NULL, "0 sessions");
}

static void s_a_socket_that_was_left_behind_is_replaced (void **state)
{
    s_world_t *self = *state;
    char socket[300];
    struct stat status;
    snprintf (socket, sizeof socket, "%s/control", self->home);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    assert_int_equal (access (socket, F_OK), 0);
    s_fails (self, ZT_EXIT_UNREACHABLE, "users", NULL, "no broker runs there any more");
    s_start (self);
    s_does (self, "users", NULL, "0 sessions");
    assert_int_equal (stat (socket, &status), 0);
    assert_int_equal (status.st_mode & 07777, 0600);
    /*  A second one on the same directory takes nothing away from the first. */
    zt_program_t *second = zt_harness_start (
        self->harness,
        WORDS ("ztalk-broker", "--plain", "-e", "tcp://127.0.0.1:*", "-d", self->home), NULL);
    assert_int_equal (zt_program_wait_exit (second), ZT_EXIT_FAILED);
    zt_program_t *ephemeral = zt_harness_start (self->harness,
                                                WORDS ("ztalk-broker", "--plain", "--ephemeral",
                                                       "-e", "tcp://127.0.0.1:*", "-d", self->home),
                                                NULL);
    zt_program_expect_error (ephemeral, "another broker listens there");
    zt_program_expect (ephemeral, "ready ");
    zt_program_kill (ephemeral, SIGTERM);
    assert_int_equal (zt_program_wait_exit (ephemeral), ZT_EXIT_OK);
    s_does (self, "users", NULL, "0 sessions");
}

static void s_the_broker_is_found (void **state)
{
    s_world_t *self = *state;
    char state_directory[300], xdg[300], socket[300];
    snprintf (state_directory, sizeof state_directory, "STATE_DIRECTORY=%s", self->home);
    snprintf (socket, sizeof socket, "%s/control", self->home);
    zt_program_t *ctl =
        zt_harness_start (self->harness, WORDS ("ztalk-ctl", "users"), WORDS (state_directory));
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    ctl = zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-s", socket, "users"),
                            WORDS ("STATE_DIRECTORY=/nonexistent"));
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    snprintf (xdg, sizeof xdg, "XDG_STATE_HOME=%s/none", zt_harness_directory (self->harness));
    ctl = zt_harness_start (self->harness, WORDS ("ztalk-ctl", "users"),
                            WORDS (xdg, "STATE_DIRECTORY"));
    int status = zt_program_wait_exit (ctl); /* a broker of this system may run, for root */
    assert_true (status == ZT_EXIT_UNREACHABLE || geteuid () == 0);
    /*  Without a command it tells what there is, with no broker. */
    ctl = zt_harness_start (self->harness, WORDS ("ztalk-ctl"), WORDS (xdg));
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    zt_program_expect (ctl, "  kick NAME ");
    /*  An ephemeral broker has a socket where it has a directory of its own. */
    char other[300];
    snprintf (other, sizeof other, "%s/other", zt_harness_directory (self->harness));
    zt_program_t *ephemeral = zt_harness_start (
        self->harness,
        WORDS ("ztalk-broker", "--ephemeral", "-e", "tcp://127.0.0.1:*", "-d", other), NULL);
    zt_program_expect (ephemeral, "ready ");
    ctl = zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-d", other, "key"), NULL);
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    zt_program_expect (ctl, "fingerprint ");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_commands_are_done, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_is_muted_stays_so, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_the_broker_speaks, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_json_is_json, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_nobody_else_may, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_socket_that_was_left_behind_is_replaced, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_the_broker_is_found, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
