/*  SPDX-License-Identifier: MPL-2.0

    The broker as a program: where it keeps messages, its configuration, and what becomes
    of a store that fails (store_faulty.c), seen from outside. */

#include "tests/harness.h"

#include "common/key.h"
#include "common/options.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LISTEN     "--plain", "-e", "tcp://127.0.0.1:*"

/*  A path in the harness's directory: one of a few that live at the same time. */
static const char *s_path (zt_harness_t *harness, const char *name)
{
    enum { S_PATHS = 8, S_SIZE = 512 };
    static char paths[S_PATHS][S_SIZE];
    static unsigned next;
    char *path = paths[next++ % S_PATHS];
    snprintf (path, S_SIZE, "%s/%s", zt_harness_directory (harness), name);
    return path;
}

static void s_write (const char *path, const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_true (fputs (text, file) >= 0);
    assert_int_equal (fclose (file), 0);
}

static void s_is_private_directory (const char *path)
{
    struct stat status;
    if (stat (path, &status) != 0 || !S_ISDIR (status.st_mode))
        fail_msg ("there is no directory %s", path);
    assert_int_equal (status.st_mode & 07777, 0700);
}

static void s_stop (zt_program_t *broker)
{
    zt_program_kill (broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_OK);
}

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

/*  ---------------------------------------------------------------------------
    Directories */

/*  What is said first counts. The directory is made, with those above it, for the user
    alone. */
static void s_messages_are_kept_where_it_is_said (void **state)
{
    zt_harness_t *harness = *state;
    static const struct {
        const char *option;
        const char *environment[3]; /* names, and what stands in the harness's directory */
        const char *kept;
    } rows[] = {
        {"given/deep", {"state:other", "xdg", "home"}, "given/deep"},
        {NULL, {"state/broker:other", "xdg", "home"}, "state/broker"},
        {NULL, {"state2", "xdg", "home"}, "state2"},
        {NULL, {NULL, "xdg", "home"}, "xdg/ztalk"},
        {NULL, {NULL, NULL, "home"}, "home/.local/state/ztalk"},
    };
    static const char *const names[] = {"STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char variables[3][512];
        const char *environment[4] = {NULL};
        for (size_t j = 0; j < 3; j++) {
            const char *value = rows[i].environment[j];
            snprintf (variables[j], sizeof variables[j], "%s%s%s", names[j], value ? "=" : "",
                      value ? s_path (harness, value) : "");
            environment[j] = variables[j];
        }
        const char *option = rows[i].option ? s_path (harness, rows[i].option) : NULL;
        const char *argv[] = {"ztalk-broker", LISTEN, option ? "-d" : NULL, option, NULL};
        const char *kept = s_path (harness, rows[i].kept);
        zt_program_t *broker = zt_harness_start (harness, argv, environment);
        char line[600];
        snprintf (line, sizeof line, "Messages are kept in %s.", kept);
        zt_program_expect_error (broker, line);
        zt_program_expect (broker, "ready ");
        s_is_private_directory (kept);
        s_stop (broker);
    }
    s_is_private_directory (s_path (harness, "given"));
    s_is_private_directory (s_path (harness, "home/.local/state"));
    assert_int_not_equal (access (s_path (harness, "other"), F_OK), 0);
    /*  What makes no sense is as if it were not there. */
    char home[512];
    snprintf (home, sizeof home, "HOME=%s", s_path (harness, "home2"));
    zt_program_t *broker =
        zt_harness_start (harness, WORDS ("ztalk-broker", LISTEN),
                          WORDS ("STATE_DIRECTORY=", "XDG_STATE_HOME=relative", home));
    zt_program_expect_error (broker, "home2/.local/state/ztalk.");
    zt_program_expect (broker, "ready ");
    s_stop (broker);
}

/*  But for its key, by which clients know it the next time. */
static void s_what_is_ephemeral_keeps_no_messages (void **state)
{
    zt_harness_t *harness = *state;
    char home[512], key[ZT_KEY_SIZE], again[ZT_KEY_SIZE];
    snprintf (home, sizeof home, "HOME=%s", s_path (harness, "home"));
    const char *const *environment = WORDS (home, "XDG_STATE_HOME", "STATE_DIRECTORY");
    for (int i = 0; i < 2; i++) {
        zt_program_t *broker = zt_harness_start (
            harness, WORDS ("ztalk-broker", "--ephemeral", "-e", "tcp://127.0.0.1:*"), environment);
        zt_program_expect_error (broker, "Messages are forgotten when the broker ends");
        const char *ready = zt_program_expect (broker, "ready ");
        assert_int_equal (sscanf (ready, "ready %*s %40s", i ? again : key), 1);
        s_stop (broker);
    }
    assert_string_equal (key, again);
    assert_int_equal (access (s_path (harness, "home/.local/state/ztalk/broker.key"), R_OK), 0);
    assert_int_not_equal (access (s_path (harness, "home/.local/state/ztalk/log.db"), F_OK), 0);
}

static void s_directories_that_cannot_be (void **state)
{
    zt_harness_t *harness = *state;
    s_write (s_path (harness, "file"), "precious");
    const char *const directories[] = {s_path (harness, "file"), s_path (harness, "file/below"),
                                       "/proc/nothing"};
    for (size_t i = 0; i < 3; i++) {
        zt_program_t *broker =
            zt_harness_start (harness, WORDS ("ztalk-broker", LISTEN, "-d", directories[i]), NULL);
        assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_FAILED);
        zt_program_expect_error (broker, "cannot keep messages in ");
        assert_string_equal (zt_program_output (broker, ZT_STDOUT), "");
    }
    /*  One that others may look into is used, and complained about. */
    const char *open_to_all = s_path (harness, "open");
    assert_int_equal (mkdir (open_to_all, 0755), 0);
    zt_program_t *broker =
        zt_harness_start (harness, WORDS ("ztalk-broker", LISTEN, "-d", open_to_all), NULL);
    zt_program_expect_error (broker, "others of this machine may look into");
    zt_program_expect (broker, "ready ");
    s_stop (broker);
}

/*  ---------------------------------------------------------------------------
    The command line and the configuration */

static void s_mistakes_are_told (void **state)
{
    zt_harness_t *harness = *state;
    const char *config = s_path (harness, "wrong.zpl");
    s_write (config, "store\n    sync = perhaps\n");
    const struct {
        const char *const *argv;
        const char *why;
    } rows[] = {
        {WORDS ("ztalk-broker", "--plain", "-e", "tcp://*:*"), "--plain is for this machine"},
        {WORDS ("ztalk-broker", "--plain=here"), "it is --plain or --plain=anywhere"},
        {WORDS ("ztalk-broker", "--registration", "all"), "but open or invite or closed"},
        {WORDS ("ztalk-broker", "--key-port", "0"), "it is a port from 1 to 65535, or none"},
        {WORDS ("ztalk-broker", "--set", "store/x=1"), "'store/x' is no setting"},
        {WORDS ("ztalk-broker", "--ephemeral", "--backup", "/tmp/x"), "nothing to --backup"},
        {WORDS ("ztalk-broker", "-d", ""), "--directory: a directory has a name"},
        {WORDS ("ztalk-broker", "--backup", ""), "--backup: a file has a name"},
        {WORDS ("ztalk-broker", "--ephemeral", "--keep-mb", "much"),
         "--keep-mb: keep_mb cannot be 'much', but 0 to 1048576"},
        {WORDS ("ztalk-broker", "--ephemeral", "-c", "/nonexistent"),
         "ztalk-broker: /nonexistent: No such file"},
        {WORDS ("ztalk-broker", "--ephemeral", "-c", config),
         "wrong.zpl:2: sync cannot be 'perhaps', but power or process"},
        {WORDS ("ztalk-broker", "here"), "the broker takes options only"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_program_t *broker = zt_harness_start (harness, rows[i].argv, NULL);
        assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_USAGE);
        zt_program_expect_error (broker, rows[i].why);
        assert_string_equal (zt_program_output (broker, ZT_STDOUT), "");
    }
}

/*  Whoever reads "ready" can rely on it: nothing is told before all of it is there. */
static void s_nothing_is_ready_before_all_is (void **state)
{
    zt_harness_t *harness = *state;
    zt_program_t *first = zt_harness_start (
        harness, WORDS ("ztalk-broker", "--ephemeral", "-e", "tcp://localhost:*"), NULL);
    char taken[64];
    const char *ready = zt_program_expect (first, "ready tcp://127.0.0.1:");
    assert_int_equal (sscanf (ready, "ready %63s", taken), 1);
    zt_program_t *second = zt_harness_start (
        harness, WORDS ("ztalk-broker", "--ephemeral", "-e", "tcp://127.0.0.1:*", "-e", taken),
        NULL);
    assert_int_equal (zt_program_wait_exit (second), ZT_EXIT_FAILED);
    zt_program_expect_error (second, "it is taken; is another broker running?");
    assert_string_equal (zt_program_output (second, ZT_STDOUT), "");
    s_stop (first);
}

/*  The path of the broker whose store fails when it is told to. */
static const char *s_faulty (void)
{
    const char *path = getenv ("ZTALK_FAULTY_BROKER");
    assert_non_null (path);
    return path;
}

static void s_expect_settings_in (zt_harness_t *harness, const char *const *argv,
                                  const char *const *environment, const char *settings)
{
    zt_program_t *broker = zt_harness_start (harness, argv, environment);
    zt_program_expect_error (broker, "opening takes long");
    zt_program_expect (broker, "ready ");
    char line[128] = "";
    FILE *file = fopen (s_path (harness, "log/settings"), "r");
    assert_non_null (file);
    assert_non_null (fgets (line, sizeof line, file));
    fclose (file);
    assert_string_equal (line, settings);
    s_stop (broker);
}

static void s_expect_settings (zt_harness_t *harness, const char *const *argv, const char *settings)
{
    s_expect_settings_in (harness, argv, NULL, settings);
}

/*  As systemd starts it, which says where settings are, if there are any. */
static void s_settings_may_be_where_systemd_says (void **state)
{
    zt_harness_t *harness = *state;
    const char *log = s_path (harness, "log"), *etc = s_path (harness, "etc");
    const char *config = s_path (harness, "etc/ztalk-broker.zpl");
    const char *const *argv = WORDS (s_faulty (), LISTEN, "-d", log);
    char variable[600];
    snprintf (variable, sizeof variable, "CONFIGURATION_DIRECTORY=%s:/other", etc);
    s_expect_settings_in (harness, argv, WORDS (variable), "power, 0 ms, 0 bytes\n");
    assert_int_equal (mkdir (etc, 0700), 0);
    s_expect_settings_in (harness, argv, WORDS (variable), "power, 0 ms, 0 bytes\n");
    s_write (config, "store\n    keep_mb = 3\n");
    s_expect_settings_in (harness, argv, WORDS (variable), "power, 0 ms, 3145728 bytes\n");
    /*  What is given goes before, and a mistake is none that is passed over. */
    const char *given = s_path (harness, "given.zpl");
    s_write (given, "store\n    keep_mb = 4\n");
    s_expect_settings_in (harness, WORDS (s_faulty (), LISTEN, "-d", log, "-c", given),
                          WORDS (variable), "power, 0 ms, 4194304 bytes\n");
    s_write (config, "store\n    sync = perhaps\n");
    zt_program_t *broker = zt_harness_start (harness, argv, WORDS (variable));
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_USAGE);
    zt_program_expect_error (broker, "etc/ztalk-broker.zpl:2: sync cannot be 'perhaps'");
}

static void s_the_store_gets_what_is_configured (void **state)
{
    zt_harness_t *harness = *state;
    const char *config = s_path (harness, "config.zpl"), *log = s_path (harness, "log");
    s_write (config, "store\n    sync = process\n    keep_days = 2\n    keep_mb = 3\n");
    s_expect_settings (harness, WORDS (s_faulty (), LISTEN, "-d", log), "power, 0 ms, 0 bytes\n");
    s_expect_settings (harness, WORDS (s_faulty (), LISTEN, "-d", log, "-c", config),
                       "process, 172800000 ms, 3145728 bytes\n");
    /*  The command line goes before the file, wherever it stands. */
    s_expect_settings (harness,
                       WORDS (s_faulty (), "--keep-mb", "5", LISTEN, "-d", log, "-c", config),
                       "process, 172800000 ms, 5242880 bytes\n");
}

static zt_program_t *s_backup (zt_harness_t *harness, const char *log, const char *file)
{
    return zt_harness_start (harness, WORDS ("ztalk-broker", "-d", log, "--backup", file), NULL);
}

static void s_a_backup_is_made_and_private (void **state)
{
    zt_harness_t *harness = *state;
    const char *file = s_path (harness, "backup"), *log = s_path (harness, "log");
    zt_program_t *backup = s_backup (harness, log, file);
    assert_int_equal (zt_program_wait_exit (backup), ZT_EXIT_FAILED);
    zt_program_expect_error (backup, "nothing is kept in ");
    assert_int_not_equal (access (log, F_OK), 0);
    assert_int_not_equal (access (file, F_OK), 0);

    zt_program_t *broker =
        zt_harness_start (harness, WORDS ("ztalk-broker", LISTEN, "-d", log), NULL);
    zt_program_expect (broker, "ready ");
    backup = s_backup (harness, log, file);
    assert_int_equal (zt_program_wait_exit (backup), ZT_EXIT_OK);
    assert_non_null (strstr (zt_program_output (backup, ZT_STDOUT), "backup: what is kept in "));
    struct stat status;
    assert_int_equal (stat (file, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
    /*  What is there is not written over. */
    backup = s_backup (harness, log, file);
    assert_int_equal (zt_program_wait_exit (backup), ZT_EXIT_FAILED);
    zt_program_expect_error (backup, "exists: a backup overwrites nothing");
    s_stop (broker);
}

/*  ---------------------------------------------------------------------------
    A store that fails */

typedef struct {
    zt_program_t *broker;
    const char *fault; /* the file */
    void *context;
    void *socket;
    char frame[4096]; /* that came last */
    size_t seen;      /* of it */
} s_sender_t;

static void s_send (const s_sender_t *self, const char *text)
{
    assert_true (zmq_send (self->socket, text, strlen (text), 0) >= 0);
}

/*  The text is what comes next, or is behind something else, such as PRESENCE. */
static void s_expect (s_sender_t *self, const char *text)
{
    const char *found;
    while (!(found = strstr (self->frame + self->seen, text))) {
        int size = zmq_recv (self->socket, self->frame, sizeof self->frame - 1, 0);
        if (size < 0)
            fail_msg ("nothing with '%s' has come", text);
        self->frame[size] = '\0';
        self->seen = 0;
    }
    self->seen = (size_t) (found - self->frame) + strlen (text);
}

/*  A broker with that store, and a session on it. */
static s_sender_t s_begin (zt_harness_t *harness)
{
    s_sender_t self = {.fault = s_path (harness, "log/fault"), .context = zmq_ctx_new ()};
    int deadline = zt_harness_deadline (harness), none = 0;
    char endpoint[256];
    self.broker = zt_harness_start (
        harness, WORDS (s_faulty (), LISTEN, "-d", s_path (harness, "log")), NULL);
    const char *ready = zt_program_expect (self.broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", endpoint), 1);
    self.socket = zmq_socket (self.context, ZMQ_DEALER);
    zmq_setsockopt (self.socket, ZMQ_RCVTIMEO, &deadline, sizeof deadline);
    zmq_setsockopt (self.socket, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal (zmq_connect (self.socket, endpoint), 0);
    s_send (&self, "HELLO ZTALK/1 olena 19\n{\"device\":\"laptop\"}\n");
    s_expect (&self, "WELCOME olena ");
    s_send (&self, "SEND 1 #general 12\n{\"text\":\"1\"}\n");
    s_expect (&self, "SENT 1 ");
    return self;
}

static void s_finish (s_sender_t *self)
{
    zmq_close (self->socket);
    zmq_ctx_term (self->context);
}

static unsigned s_count (zt_program_t *program, const char *text)
{
    unsigned n = 0;
    for (const char *at = zt_program_output (program, ZT_STDERR); (at = strstr (at, text)); at++)
        n++;
    return n;
}

static void s_a_full_disk_is_told_and_got_over (void **state)
{
    s_sender_t self = s_begin (*state);
    s_write (self.fault, "full");
    for (int i = 0; i < 3; i++) {
        s_send (&self, "SEND 2 #general 12\n{\"text\":\"2\"}\n");
        s_expect (&self, "ERROR 2 unavailable ");
    }
    zt_program_expect_error (self.broker, "CANNOT STORE: the test wants it so. What is sent");
    assert_int_equal (unlink (self.fault), 0);
    /*  The broker tries again by itself; a sender has to pause before it is heard again. */
    for (bool sent = false; !sent;) {
        assert_int_equal (zmq_poll (NULL, 0, 700), 0);
        s_send (&self, "SEND 2 #general 12\n{\"text\":\"2\"}\n");
        s_expect (&self, " 2 "); /* SENT or ERROR */
        sent = strncmp (self.frame + self.seen - 7, "SENT", 4) == 0;
    }
    zt_program_expect_error (self.broker, "messages are stored again, after ");
    assert_int_equal (s_count (self.broker, "CANNOT STORE"), 1);
    s_stop (self.broker);
    s_finish (&self);
}

static void s_a_broken_store_ends_the_broker (void **state)
{
    s_sender_t self = s_begin (*state);
    s_write (self.fault, "broken");
    s_send (&self, "SEND 2 #general 12\n{\"text\":\"2\"}\n");
    s_expect (&self, "BYE shutdown");
    assert_int_equal (zt_program_wait_exit (self.broker), ZT_EXIT_FAILED);
    zt_program_expect_error (self.broker, "THE LOG IS BROKEN: the test wants it so");
    zt_program_expect_error (self.broker, "restore a backup");
    s_finish (&self);
}

static void s_what_was_accepted_is_stored_before_the_end (void **state)
{
    s_sender_t self = s_begin (*state);
    s_write (self.fault, "slow");
    s_send (&self, "SEND 2 #general 12\n{\"text\":\"2\"}\nPING here\n");
    s_expect (&self, "PONG here");
    /*  This one waits for the commit of the first, and is stored as well. */
    s_send (&self, "SEND 3 #general 12\n{\"text\":\"3\"}\nPING there\n");
    s_expect (&self, "PONG there");
    zt_program_kill (self.broker, SIGTERM);
    zmq_pollitem_t come = {self.socket, 0, ZMQ_POLLIN, 0};
    assert_int_equal (zmq_poll (&come, 1, 300), 0); /* no BYE before that */
    assert_true (zt_program_running (self.broker));
    assert_int_equal (unlink (self.fault), 0);
    s_expect (&self, "SENT 2 ");
    s_expect (&self, "SENT 3 ");
    s_expect (&self, "BYE shutdown");
    assert_int_equal (zt_program_wait_exit (self.broker), ZT_EXIT_OK);
    s_finish (&self);
}

static void s_a_store_that_never_answers_is_not_waited_for (void **state)
{
    s_sender_t self = s_begin (*state);
    s_write (self.fault, "slow");
    s_send (&self, "SEND 2 #general 12\n{\"text\":\"2\"}\nPING here\n");
    s_expect (&self, "PONG here");
    zt_program_kill (self.broker, SIGTERM);
    s_expect (&self, "BYE shutdown");
    zt_program_expect_error (self.broker, "the store has not answered for 10 s");
    assert_int_equal (zt_program_wait_exit (self.broker), ZT_EXIT_FAILED);
    s_finish (&self);
}

static void s_a_store_that_does_not_open_is_told (void **state)
{
    zt_harness_t *harness = *state;
    const char *log = s_path (harness, "log");
    assert_int_equal (mkdir (log, 0700), 0);
    s_write (s_path (harness, "log/fault"), "unopened");
    zt_program_t *broker = zt_harness_start (harness, WORDS (s_faulty (), LISTEN, "-d", log), NULL);
    assert_int_equal (zt_program_wait_exit (broker), ZT_EXIT_FAILED);
    zt_program_expect_error (broker, "log: the test wants it so");
    assert_string_equal (zt_program_output (broker, ZT_STDOUT), "");
}

int main (void)
{
#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (s_messages_are_kept_where_it_is_said),
        S_TEST (s_what_is_ephemeral_keeps_no_messages),
        S_TEST (s_directories_that_cannot_be),
        S_TEST (s_mistakes_are_told),
        S_TEST (s_nothing_is_ready_before_all_is),
        S_TEST (s_the_store_gets_what_is_configured),
        S_TEST (s_settings_may_be_where_systemd_says),
        S_TEST (s_a_backup_is_made_and_private),
        S_TEST (s_a_full_disk_is_told_and_got_over),
        S_TEST (s_a_broken_store_ends_the_broker),
        S_TEST (s_what_was_accepted_is_stored_before_the_end),
        S_TEST (s_a_store_that_never_answers_is_not_waited_for),
        S_TEST (s_a_store_that_does_not_open_is_told),
    };
    return cmocka_run_group_tests_name ("the broker as a program", tests, NULL, NULL);
}
