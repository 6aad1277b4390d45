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

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char home[256]; /* the broker's directory */
    char endpoint[256];
    bool is_alone; /* the broker is in a session of its own, and no child of the harness */
} s_world_t;

static void s_start (s_world_t *self)
{
    self->broker = zt_harness_start (
        self->harness,
        WORDS ("ztalk-broker", "--plain", "-e", "tcp://127.0.0.1:*", "-d", self->home), NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
}

/*  The process of the broker in home, which says so in its lock; 0 if there is none. */
static pid_t s_pid (const s_world_t *self)
{
    char path[300];
    long pid = 0;
    snprintf (path, sizeof path, "%s/lock", self->home);
    FILE *file = fopen (path, "r");
    if (file && fscanf (file, "%ld", &pid) != 1)
        pid = 0;
    if (file)
        fclose (file);
    return (pid_t) pid;
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
    pid_t pid = self->is_alone ? s_pid (self) : 0;
    if (pid > 0)
        kill (pid, SIGKILL);
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
    s_does (self, "unban", "192.0.2.0/24", "192.0.2.0/24: let in again");
    s_fails (self, ZT_EXIT_FAILED, "unban", "192.0.2.0/24", "was not banned");
    s_fails (self, ZT_EXIT_FAILED, "keys", "olena", "olena belongs to no key");
    s_fails (self, ZT_EXIT_FAILED, "key", NULL, "does not encrypt");
    s_fails (self, ZT_EXIT_USAGE, "nonsense", NULL, "there is no such command");
    s_fails (self, ZT_EXIT_USAGE, "kick", NULL, "something is missing");
    s_does (self, "help", NULL, "kick NAME");
    s_expect_audit (self, "\"command\":\"kick\",\"arguments\":\"olena\",\"outcome\":\"done\"}");
    s_expect_audit (self, "\"command\":\"kick\",\"arguments\":\"ivan\",\"outcome\":\"failed\",");
    s_expect_audit (self, "\"command\":\"invite\",\"arguments\":\"ivan\",\"outcome\":\"done\"}");
    zt_program_expect_error (self->broker,
                             ZT_KNOWS_PEERS ? "kick olena (control, uid " : "kick olena (control)");
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
    s_fails (self, ZT_EXIT_FAILED, "mute", "olena -5m", "a time is 30s, 10m");
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
    s_does (self, "unmute", "olena", "olena may write again");
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
    s_does (self, "motd", "be kind", "be kind  (until the broker ends, or");
    zt_program_expect (s_join (self, "ivan"), "* be kind");
    s_does (self, "motd", "-", "there is none");
    s_does (self, "motd", "again", "again  (until");
    s_does (self, "motd", "", "there is none");
    s_fails (self, ZT_EXIT_USAGE, "", NULL, "a word is empty");
    s_fails (self, ZT_EXIT_USAGE, "say", "", "a word is empty");
    s_fails (self, ZT_EXIT_USAGE, "say", "cut o\xD1", "this is no text in UTF-8");
    s_fails (self, ZT_EXIT_USAGE, "status", "-j", "an option goes before the command");
    /*  What stands behind the command is its own. */
    zt_program_t *said = s_ctl (self, ZT_EXIT_OK, "say", "hello", "-j", "--help world");
    zt_program_expect (said, "said");
    zt_program_expect (olena, "broker: hello -j --help world");
    snprintf (copy, sizeof copy, "%s/copy", zt_harness_directory (self->harness));
    s_does (self, "backup", copy, "copy: what is kept in ");
    s_fails (self, ZT_EXIT_FAILED, "backup", copy, "exists: a backup overwrites nothing");
    s_fails (self, ZT_EXIT_FAILED, "backup", "/nonexistent/copy", "No such file or directory");
    /*  A path is seen from where ztalk-ctl is. */
    char command[1024];
    snprintf (command, sizeof command, "cd %s && %s/ztalk-ctl -d %s backup 'a relative one'",
              zt_harness_directory (self->harness), getenv ("ZTALK_BIN"), self->home);
    zt_program_t *shell = zt_harness_start (self->harness, WORDS ("/bin/sh", "-c", command), NULL);
    assert_int_equal (zt_program_wait_exit (shell), ZT_EXIT_OK);
    char relative[300];
    snprintf (relative, sizeof relative, "%s/a relative one", zt_harness_directory (self->harness));
    assert_int_equal (access (relative, R_OK), 0);
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
    s_expect_audit (self, "copy\",\"outcome\":\"begun\"}");
    s_expect_audit (self, "copy\",\"outcome\":\"done\"}");
    s_expect_audit (self, "\"who\":\"signal\",");
    s_expect_audit (self, "\"command\":\"SIGTERM\",\"outcome\":\"done\"");
}

/*  Whatever is answered with --json is read by somebody else's parser. */
/*  Who only reads along is no sender. */
static void s_who_follows_is_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *tail = zt_harness_start (
        self->harness, WORDS ("ztalk", "tail", "--plain", "-e", self->endpoint, "-n", "olena"),
        NULL);
    while (
        !strstr (zt_program_output (s_ctl (self, ZT_EXIT_OK, "users", NULL, NULL, NULL), ZT_STDOUT),
                 "olena  (follows)  127.0.0.1"))
        assert_true (zt_program_running (tail)); /* it is still on its way */
    zt_program_expect (s_ctl (self, ZT_EXIT_OK, "--json", "users", NULL, NULL),
                       "\"kind\":\"follows\"}");
    s_does (self, "status", NULL, self->home);
}

/*  Help that does not get there is no success. */
static void s_help_that_is_lost_is_told (void **state)
{
    s_world_t *self = *state;
    static const char *const lines[] = {"help >/dev/full", "help >&-"};
    if (access ("/dev/full", W_OK) != 0)
        skip ();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char command[512];
        snprintf (command, sizeof command, "exec %s/ztalk-ctl %s", getenv ("ZTALK_BIN"), lines[i]);
        zt_program_t *shell =
            zt_harness_start (self->harness, WORDS ("/bin/sh", "-c", command), NULL);
        assert_int_equal (zt_program_wait_exit (shell), ZT_EXIT_FAILED);
        zt_program_expect_error (shell, "ztalk-ctl: stdout: ");
    }
}

/*  It is no part of an answer that a program reads, and no word about what was done. */
static void s_an_audit_log_that_is_not_written_is_a_warning (void **state)
{
    s_world_t *self = *state;
    static const char warning[] = "ztalk-ctl: warning: ";
    char path[300];
    snprintf (path, sizeof path, "%s/audit.log", self->home);
    assert_int_equal (mkdir (path, 0700), 0);
    zt_program_t *ctl = s_ctl (self, ZT_EXIT_OK, "--json", "bans", NULL, NULL);
    assert_string_equal (zt_program_output (ctl, ZT_STDOUT), "");
    const char *wrong = zt_program_output (ctl, ZT_STDERR);
    assert_ptr_equal (strstr (wrong, warning), wrong);
    assert_null (strstr (wrong + 1, warning));
    s_fails (self, ZT_EXIT_FAILED, "kick", "nobody", "ztalk-ctl: nobody is nobody's name\n");
    zt_program_expect_error (self->broker, "audit.log cannot be written, so that this");
    assert_int_equal (rmdir (path), 0);
}

static void s_json_is_json (void **state)
{
    s_world_t *self = *state;
    static const char script[] = "import json, sys\n"
                                 "for line in sys.stdin:\n"
                                 "    print('keys', *json.loads(line))\n";
    static const struct {
        const char *command, *argument, *keys;
    } rows[] = {{"status", NULL, "keys version pid since endpoints"},
                {"users", NULL, "keys name device address since behind kind"},
                {"invite", "марія", "keys name invitation command"},
                {"ban", "192.0.2.1", "keys banned ended"},
                {"bans", NULL, "keys ban note"},
                {"unban", "192.0.2.1", "keys unbanned"},
                {"mute", "олена", "keys name"},
                {"mutes", NULL, "keys name"},
                {"unmute", "олена", "keys unmuted"},
                {"motd", "hello \x1b", "keys motd"},
                {"say", "hello \x1b", "keys id"},
                {"reload", NULL, "keys ended"},
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
    if (!ZT_KNOWS_PEERS)
        return;
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

/*  A broker that hangs, or waits for its disk for ever. */
static void s_a_broker_that_does_not_answer_is_not_waited_for (void **state)
{
    s_world_t *self = *state;
    zt_program_t *command, *top;
    zt_program_kill (self->broker, SIGSTOP);
    command =
        zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-d", self->home, "users"), NULL);
    top = zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-d", self->home, "top"), NULL);
    assert_int_equal (zt_program_wait_exit (command), ZT_EXIT_UNREACHABLE);
    assert_string_equal (
        zt_program_output (command, ZT_STDERR),
        "ztalk-ctl: the broker does not answer; what it was told it may still do\n");
    assert_int_equal (zt_program_wait_exit (top), ZT_EXIT_UNREACHABLE);
    assert_string_equal (zt_program_output (top, ZT_STDERR),
                         "ztalk-ctl: the broker does not answer\n");
    zt_program_kill (self->broker, SIGCONT);
    s_does (self, "users", NULL, "0 sessions");
}

/*  ---------------------------------------------------------------------------
    Reading again */

static void s_write (const char *path, const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_true (fputs (text, file) >= 0);
    assert_int_equal (fclose (file), 0);
}

/*  Ends the broker of the setup, and starts one by a shell: alone in a session, without a terminal
    that could go. */
static void s_start_alone (s_world_t *self, const char *config)
{
    char broker[512];
    snprintf (broker, sizeof broker, "%s/ztalk-broker", getenv ("ZTALK_BIN"));
    if (access ("/usr/bin/setsid", X_OK) != 0)
        skip ();
    zt_program_kill (self->broker, SIGTERM);
    zt_program_wait_exit (self->broker);
    self->is_alone = true;
    self->broker = zt_harness_start (self->harness,
                                     WORDS ("/bin/sh", "-c", "/usr/bin/setsid \"$0\" \"$@\" & wait",
                                            broker, "--plain", "-e", "tcp://127.0.0.1:*", "-d",
                                            self->home, config ? "-c" : NULL, config),
                                     NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
}

static void s_settings_change_while_people_talk (void **state)
{
    s_world_t *self = *state;
    enum { S_ROUNDS = 20 };
    char config[300], text[256];
    snprintf (config, sizeof config, "%s/broker.zpl", zt_harness_directory (self->harness));
    s_write (config, "access\n    motd = first\n");
    s_start_alone (self, config);
    zt_program_t *olena = s_join (self, "olena"), *ivan = s_join (self, "ivan");
    for (int i = 0; i < S_ROUNDS; i++) {
        snprintf (text, sizeof text,
                  "access\n    motd = \"the %dth\"\n    registration = %s\nlimits\n"
                  "    messages_per_s = %d\nstore\n    sync = process\n",
                  i, i % 2 ? "closed" : "open", 100 + i);
        s_write (config, text);
        snprintf (text, sizeof text, "line %d\n", i);
        zt_program_write (olena, text);
        s_does (self, "reload", NULL, "store/sync is process when the broker is started anew\n");
    }
    for (int i = 0; i < S_ROUNDS; i++) {
        snprintf (text, sizeof text, "olena: line %d", i);
        zt_program_expect (ivan, text);
    }
    assert_null (strstr (zt_program_output (olena, ZT_STDOUT), "connection lost"));
    assert_null (strstr (zt_program_output (ivan, ZT_STDOUT), "connection lost"));
    /*  It counts for who comes now. */
    zt_program_expect_error (self->broker, "limits/messages_per_s is 119 now");
    zt_program_t *maria = zt_harness_start (
        self->harness, WORDS ("ztalk", "--plain", "--lines", "-e", self->endpoint, "-n", "maria"),
        NULL);
    assert_int_equal (zt_program_wait_exit (maria), ZT_EXIT_REFUSED);
    zt_program_expect (maria, "this broker takes nobody new");
    s_does (self, "motd", NULL, "the 19th");
    /*  A mistake changes nothing, in whichever file it is. */
    s_write (config, "access\n    motd = wrong\n    rgistration = open\n");
    s_fails (self, ZT_EXIT_FAILED, "reload", NULL,
             "broker.zpl:3: 'rgistration' is no key of access: there are registration");
    s_does (self, "motd", NULL, "the 19th");
    char bans[300];
    snprintf (bans, sizeof bans, "%s/bans", self->home);
    s_write (config, "access\n    motd = right\n");
    s_write (bans, "nobody\n");
    s_fails (self, ZT_EXIT_FAILED, "reload", NULL, "bans:1: a ban is 'key KEY'");
    s_does (self, "motd", NULL, "the 19th");
    s_write (bans, "address 192.0.2.7\n");
    s_does (self, "reload", NULL, "access/motd is \"right\" now");
    s_does (self, "bans", NULL, "address 192.0.2.7");
    /*  What was set by hand goes back, and that is told. */
    s_does (self, "motd", "by hand", "by hand");
    s_does (self, "reload", NULL, "access/motd is \"right\" now");
    zt_program_expect_error (self->broker, "access/motd is \"right\" now");
    /*  So is what the command line keeps as it is. */
    s_write (config, "access\n    motd = right\nstore\n    directory = /elsewhere\n");
    char stays[400];
    snprintf (stays, sizeof stays, "store/directory stays \"%s\": the command line says so",
              self->home);
    s_does (self, "reload", NULL, stays);
    s_write (config, "limits\n    messages_per_s = 1\n    messages_burst = 1\n");
    s_does (self, "reload", NULL, "limits/messages_burst is 1 now");
    zt_program_write (olena, "1\n2\n3\n4\n");
    zt_program_expect_error (self->broker, "olena sends too much at once");
}

/*  As logrotate does it, and a service manager. */
static void s_a_signal_reads_again (void **state)
{
    s_world_t *self = *state;
    char config[300], audit[300], moved[300];
    snprintf (config, sizeof config, "%s/broker.zpl", zt_harness_directory (self->harness));
    snprintf (audit, sizeof audit, "%s/audit.log", self->home);
    snprintf (moved, sizeof moved, "%s/audit.log.1", self->home);
    s_write (config, "");
    s_start_alone (self, config);
    s_does (self, "status", NULL, "users 0");
    assert_int_equal (rename (audit, moved), 0);
    s_write (config, "access\n    motd = hello\n");
    assert_int_equal (kill (s_pid (self), SIGHUP), 0);
    zt_program_expect_error (self->broker, "access/motd is \"hello\" now");
    s_does (self, "motd", NULL, "hello");
    s_expect_audit (self, "\"command\":\"reload\",\"outcome\":\"done\"");
    s_write (config, "x\n");
    assert_int_equal (kill (s_pid (self), SIGHUP), 0);
    zt_program_expect_error (self->broker, "nothing has changed: ");
    s_expect_audit (self, "\"who\":\"signal\",");
    s_does (self, "shutdown", NULL, "the broker ends");
    assert_int_equal (zt_program_wait_exit (self->broker), ZT_EXIT_OK);
    self->is_alone = false;
    /*  Without a configuration there are bans and mutes still. */
    s_start (self);
    s_start_alone (self, NULL);
    assert_int_equal (kill (s_pid (self), SIGHUP), 0);
    zt_program_expect_error (self->broker, "reload (signal");
    s_does (self, "reload", NULL, "there is no file of a configuration");
}

/*  Waits for the end of a process that is not ours. */
static void s_expect_end (s_world_t *self, pid_t pid)
{
    int fd = (int) syscall (SYS_pidfd_open, pid, 0);
    if (fd < 0) /* it is over already, or this system cannot tell */
        return;
    struct pollfd end = {fd, POLLIN, 0};
    int rc = poll (&end, 1, zt_harness_deadline (self->harness));
    close (fd);
    if (rc != 1)
        fail_msg ("the broker outlives its terminal");
}

/*  What runs on a terminal ends with it, with a configuration and without. */
static void s_a_terminal_takes_its_broker_along (void **state)
{
    s_world_t *self = *state;
    char config[300], command[1024];
    if (access ("/usr/bin/script", X_OK) != 0)
        skip ();
    snprintf (config, sizeof config, "%s/broker.zpl", zt_harness_directory (self->harness));
    s_write (config, "");
    zt_program_kill (self->broker, SIGTERM);
    zt_program_wait_exit (self->broker);
    self->is_alone = true;
    for (int i = 0; i < 2; i++) {
        snprintf (command, sizeof command,
                  "exec %s/ztalk-broker --plain -e tcp://127.0.0.1:* -d %s %s %s",
                  getenv ("ZTALK_BIN"), self->home, i ? "-c" : "", i ? config : "");
        zt_program_t *terminal = zt_harness_start (
            self->harness, WORDS ("/usr/bin/script", "-q", "-c", command, "/dev/null"), NULL);
        zt_program_expect (terminal, "Listening on");
        pid_t pid = s_pid (self);
        assert_true (pid > 0);
        zt_program_kill (terminal, SIGKILL);
        zt_program_wait_exit (terminal);
        s_expect_end (self, pid);
    }
    self->is_alone = false;
}

/*  What --check says of a file: its status, and a sentence on stderr (NULL: none). */
static void s_expect_check (s_world_t *self, const char *text, int status, const char *says)
{
    char config[300];
    snprintf (config, sizeof config, "%s/broker.zpl", zt_harness_directory (self->harness));
    s_write (config, text);
    zt_program_t *check = zt_harness_start (
        self->harness, WORDS ("ztalk-broker", "--check", "-d", self->home, "-c", config), NULL);
    int was = zt_program_wait_exit (check);
    const char *wrong = zt_program_output (check, ZT_STDERR);
    if (was != status || (says ? !strstr (wrong, says) : *wrong))
        fail_msg ("%s: %d, %s", text, was, wrong);
    if (status == ZT_EXIT_OK)
        zt_program_expect (check, "The configuration is right.");
}

static void s_a_configuration_is_looked_at (void **state)
{
    static const struct {
        int status;
        const char *text, *says;
    } rows[] = {
        {ZT_EXIT_OK, "listen\n    plain = local\n    endpoint = tcp://127.0.0.1:*\n", NULL},
        {ZT_EXIT_OK, "listen\n    endpoint = tcp://lo:*\n    endpoint = tcp://localhost:7\n", NULL},
        {ZT_EXIT_USAGE, "listen\n    endpoint = tcp://*:*\n    plain = local\n",
         "broker.zpl:3: plain = local is for this machine, and others get to tcp://*:*: listen "
         "with "
         "endpoint = tcp://127.0.0.1:PORT, or say plain = anywhere if"},
        {ZT_EXIT_USAGE, "listen\n    endpoint = here\n    endpoint = tcp://:x:\n",
         "broker.zpl:3: endpoint cannot be 'tcp://:x:', but tcp://"},
        {ZT_EXIT_USAGE, "listen\n    endpoint = no.such.host:7000\n",
         "broker.zpl:2: endpoint tcp://no.such.host:7000: no.such.host is neither an address"},
        {ZT_EXIT_USAGE, "listen\n    endpoint = tcp://*:7\n    endpoint = tcp://[::1]:7\n",
         "broker.zpl:3: endpoint tcp://[::1]:7: tcp://*:7 has this port already"},
        {ZT_EXIT_USAGE, "http\n    port = 5555\n",
         "broker.zpl:2: port: tcp://*:5555 has this port already"},
        {ZT_EXIT_USAGE, "http\n    port = 5\n    address = no.such.host\n",
         "broker.zpl:3: address cannot be 'no.such.host', but an address"},
        {ZT_EXIT_USAGE, "access\n    motd = \xFF\n", "broker.zpl:2: motd cannot be '"},
        {ZT_EXIT_OK, "operators\n    control = /nonexistent/directory/control\n",
         "broker.zpl:2: control: nothing can be made in /nonexistent/directory (No such file"},
        {ZT_EXIT_OK, "announce\n    interfaces = lo,nosuch0\n",
         "broker.zpl:2: interfaces: there is no network interface nosuch0 now"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        s_expect_check (*state, rows[i].text, rows[i].status, rows[i].says);
    char text[300] = "operators\n    control = /";
    memset (text + strlen (text), 'x', 120);
    s_expect_check (*state, text, ZT_EXIT_OK, "control: a socket's path has at most ");
}

/*  A broker that is told everything by its file. */
static void s_a_file_says_it_all (void **state)
{
    s_world_t *self = *state;
    char config[300], other[300], text[2048], socket[320];
    snprintf (config, sizeof config, "%s/broker.zpl", zt_harness_directory (self->harness));
    snprintf (other, sizeof other, "%s/other", zt_harness_directory (self->harness));
    snprintf (socket, sizeof socket, "%s/ctl", zt_harness_directory (self->harness));
    snprintf (text, sizeof text,
              "listen\n    endpoint = tcp://127.0.0.1:*\n    endpoint = ipc://%s/s\n"
              "    plain = anywhere\nstore\n    directory = %s\naccess\n    motd = \"hi # there\"\n"
              "    say_as = Оголошення\nannounce\n    lan = no\noperators\n    console = yes\n"
              "    control = %s\n",
              zt_harness_directory (self->harness), other, socket);
    s_write (config, text);
    zt_program_t *broker =
        zt_harness_start (self->harness, WORDS ("ztalk-broker", "-c", config), NULL);
    const char *ready = zt_program_expect (broker, "ready tcp://127.0.0.1:");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
    zt_program_expect (broker, "ready ipc://");
    zt_program_t *olena = s_join (self, "olena");
    zt_program_expect (olena, "* hi # there");
    zt_program_write (broker, "say увага\n");
    zt_program_expect (broker, "said");
    zt_program_expect (olena, "Оголошення: увага");
    zt_program_t *ctl =
        zt_harness_start (self->harness, WORDS ("ztalk-ctl", "-s", socket, "shutdown"), NULL);
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_OK);
    char log[320];
    snprintf (log, sizeof log, "%s/log.db", other);
    assert_int_equal (access (log, F_OK), 0);
    assert_int_not_equal (access (socket, F_OK), 0);
    snprintf (log, sizeof log, "%s/s", zt_harness_directory (self->harness));
    assert_int_not_equal (access (log, F_OK), 0); /* nor is that of its endpoint left behind */
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_commands_are_done, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_is_muted_stays_so, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_the_broker_speaks, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_follows_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_help_that_is_lost_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_an_audit_log_that_is_not_written_is_a_warning, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_json_is_json, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_nobody_else_may, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_socket_that_was_left_behind_is_replaced, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_the_broker_is_found, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_broker_that_does_not_answer_is_not_waited_for, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_settings_change_while_people_talk, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_signal_reads_again, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_terminal_takes_its_broker_along, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_configuration_is_looked_at, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_file_says_it_all, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
