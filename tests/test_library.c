/*  SPDX-License-Identifier: MPL-2.0

    libztalk against the real broker, in a program with a loop of its own (library_probe.c), which
    is also killed. */

#include "tests/harness.h"

#include "client/ztalk.h"
#include "common/key.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char endpoint[256];
    char key[64];
    char here[512], data[512], probe[1024];
} s_world_t;

static void s_start_broker (s_world_t *self, const char *endpoint)
{
    const char *argv[] = {"ztalk-broker", "-d", self->data, "-e", endpoint, NULL};
    const char *environment[] = {self->here, NULL};
    self->broker = zt_harness_start (self->harness, argv, environment);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s %63s", self->endpoint, self->key), 2);
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    const char *directory = zt_harness_directory (self->harness);
    snprintf (self->here, sizeof self->here, "XDG_STATE_HOME=%s/here", directory);
    snprintf (self->data, sizeof self->data, "%s/data", directory);
    snprintf (self->probe, sizeof self->probe, "%s/../tests/library_probe", getenv ("ZTALK_BIN"));
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

/*  A program or a client with a home of its own. With is_here it sees what the broker publishes. */
static zt_program_t *s_start (s_world_t *self, const char *const *argv, const char *home,
                              bool is_here, const char *more)
{
    char own[600];
    snprintf (own, sizeof own, "ZTALK_HOME=%s/%s", zt_harness_directory (self->harness), home);
    char elsewhere[600];
    snprintf (elsewhere, sizeof elsewhere, "XDG_STATE_HOME=%s/elsewhere",
              zt_harness_directory (self->harness));
    const char *environment[] = {
        own, is_here ? self->here : elsewhere, "TZ=UTC", "ZTALK_NAME", more, NULL};
    return zt_harness_start (self->harness, argv, environment);
}

static zt_program_t *s_start_probe (s_world_t *self, const char *name)
{
    const char *argv[] = {self->probe, self->endpoint, name, "-", NULL};
    zt_program_t *probe = s_start (self, argv, name, true, NULL);
    zt_program_expect (probe, "begun ");
    return probe;
}

static zt_program_t *s_start_client (s_world_t *self, const char *name)
{
    const char *argv[] = {"ztalk", "-e", self->endpoint, "-n", name, NULL};
    zt_program_t *client = s_start (self, argv, name, true, NULL);
    zt_program_expect (client, "connected to");
    return client;
}

static unsigned long long s_number (const char *line, const char *name)
{
    const char *at = strstr (line, name);
    assert_non_null (at);
    return strtoull (at + strlen (name), NULL, 10);
}

static void s_write (zt_program_t *program, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
static void s_write (zt_program_t *program, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start (args, format);
    vsnprintf (line, sizeof line, format, args);
    va_end (args);
    zt_program_write (program, line);
}

static void s_end (zt_program_t *probe)
{
    zt_program_write (probe, "finish\n");
    zt_program_expect (probe, "OVER status=0");
    assert_int_equal (zt_program_wait_exit (probe), 0);
}

static void s_it_sends_and_is_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *probe = s_start_probe (self, "robot");
    zt_program_expect (probe, "CONNECTED");
    zt_program_expect (probe, "ONLINE");
    zt_program_t *olena = s_start_client (self, "olena");
    zt_program_expect (probe, "names=olena");
    zt_program_write (probe, "send olena Привіт,\n");
    unsigned long long ref = s_number (zt_program_expect (probe, "taken "), "taken ");
    zt_program_expect (olena, "robot -> olena: Привіт,");
    const char *sent = zt_program_expect (probe, "SENT ");
    assert_int_equal (s_number (sent, "ref="), ref);
    unsigned long long id = s_number (sent, "id=");
    assert_int_equal (s_number (zt_program_expect (probe, "DELIVERED"), "id="), id);

    zt_program_write (probe, "body #general {\"text\":\"x\",\"n\":[1,2]}\n");
    zt_program_expect (probe, "body={\"text\":\"x\",\"n\":[1,2]}");
    zt_program_expect (olena, "robot: x");

    /*  What it says of a text is what the one who gets it is told. */
    zt_program_write (probe, "body #general {}\nbody #general {\"text\":5}\n");
    zt_program_expect (probe, "has_text=0 names= key= print= body={} text=");
    zt_program_expect (probe, "has_text=0 names= key= print= body={\"text\":5} text=");
    zt_program_write (probe, "body #general {\"text\":\"\"}\n");
    zt_program_expect (probe, "has_text=1 names= key= print= body={\"text\":\"\"} text=");

    zt_program_write (probe, "send @nobody hi\n");
    ref = s_number (zt_program_expect (probe, "taken "), "taken ");
    const char *rejected = zt_program_expect (probe, "REJECTED");
    assert_int_equal (s_number (rejected, "ref="), ref);
    assert_non_null (strstr (rejected, "code=no-such-user"));

    zt_program_write (probe, "send a/b hi\nbody olena 7\nsend olena \xff\njoin @x\n");
    zt_program_expect (probe, "refused bad-name: ");
    zt_program_expect (probe, "refused not-json: ");
    zt_program_expect (probe, "refused not-text: ");
    zt_program_expect (probe, "refused bad-name: a room");
    zt_program_write (probe, "history NULL\nhistory\njoin\nleave\nsearch\nsend\n");
    for (int i = 0; i < 4; i++)
        zt_program_expect (probe, "refused bad-name: ");
    zt_program_expect (probe, "refused bad-query: ");
    zt_program_expect (probe, "refused bad-name: ");
    zt_program_write (probe, "send olena still\n"); /* and the frame is as it was */
    zt_program_expect (olena, "robot -> olena: still");
    zt_program_write (probe, "finish\n");
    zt_program_expect (probe, "OVER status=1"); /* not all was taken */
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_FAILED);
    assert_string_equal (zt_program_output (probe, ZT_STDERR), "");
}

static void s_it_asks (void **state)
{
    s_world_t *self = *state;
    zt_program_t *probe = s_start_probe (self, "robot");
    zt_program_expect (probe, "CONNECTED");
    zt_program_write (probe, "join #dev\n");
    unsigned long long ref = s_number (zt_program_expect (probe, "taken "), "taken ");
    const char *result = zt_program_expect (probe, "RESULT");
    assert_int_equal (s_number (result, "ref="), ref);
    assert_non_null (strstr (result, "to=#dev"));
    assert_non_null (strstr (result, "names=robot"));
    zt_program_write (probe, "send #dev one\nsend #dev two\n");
    zt_program_expect (probe, "text=one");
    zt_program_expect (probe, "text=two");
    zt_program_write (probe, "history #dev\n");
    ref = s_number (zt_program_expect (probe, "taken "), "taken ");
    assert_int_equal (s_number (zt_program_expect (probe, "FOUND"), "ref="), ref);
    zt_program_expect_match (probe, "FOUND.* to=#dev .*text=two$");
    assert_int_equal (s_number (zt_program_expect (probe, "RESULT"), "ref="), ref);
    zt_program_write (probe, "search two\n");
    ref = s_number (zt_program_expect (probe, "taken "), "taken ");
    zt_program_expect_match (probe, "FOUND.*text=two$");
    assert_int_equal (s_number (zt_program_expect (probe, "RESULT"), "ref="), ref);
    zt_program_write (probe, "who\n");
    zt_program_expect_match (probe, "RESULT.* names=robot ");
    zt_program_write (probe, "leave #dev\n");
    zt_program_expect_match (probe, "RESULT.* to=#dev ");
    zt_program_write (probe, "history #nowhere\n");
    ref = s_number (zt_program_expect (probe, "taken "), "taken ");
    zt_program_write (probe, "who\n");
    zt_program_expect_match (probe, "RESULT.* names=robot ");
    s_end (probe);
}

static void s_killed_before_it_acknowledges_it_gets_it_again (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_start_client (self, "olena");
    zt_program_t *probe = s_start_probe (self, "robot");
    zt_program_expect (probe, "CONNECTED");
    zt_program_write (olena, "/msg robot one\n/msg robot two\n/msg robot three\n");
    unsigned long long one = s_number (zt_program_expect (probe, "text=one"), "id=");
    unsigned long long two = s_number (zt_program_expect (probe, "text=two"), "id=");
    unsigned long long three = s_number (zt_program_expect (probe, "text=three"), "id=");
    s_write (probe, "ack %llu\n", two);
    zt_program_expect (probe, "acked");
    zt_program_kill (probe, SIGKILL);
    zt_program_wait_exit (probe);

    probe = s_start_probe (self, "robot");
    assert_int_equal (s_number (zt_program_expect (probe, "MESSAGE"), "id="), one);
    assert_int_equal (s_number (zt_program_expect (probe, "MESSAGE"), "id="), three);
    s_write (probe, "ack %llu\nack %llu\n", one, three);
    zt_program_expect (probe, "acked");
    zt_program_expect (probe, "acked");
    zt_program_kill (probe, SIGKILL);
    zt_program_wait_exit (probe);

    /*  What is said now comes behind what would come again. */
    probe = s_start_probe (self, "robot");
    zt_program_write (olena, "/msg robot four\n");
    assert_non_null (strstr (zt_program_expect (probe, "MESSAGE"), "text=four"));
    s_end (probe);
    probe = s_start_probe (self, "robot"); /* it was not acknowledged, though it ended in order */
    assert_non_null (strstr (zt_program_expect (probe, "MESSAGE"), "text=four"));
    s_end (probe);
}

static void s_killed_after_a_reply_it_is_sent_once (void **state)
{
    s_world_t *self = *state;
    zt_program_t *probe = s_start_probe (self, "robot");
    zt_program_expect (probe, "CONNECTED");
    zt_program_t *olena = s_start_client (self, "olena");
    zt_program_write (olena, "/msg robot ask\n");
    unsigned long long id = s_number (zt_program_expect (probe, "text=ask"), "id=");
    /*  The broker is gone: the reply is taken, and waits. */
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    zt_program_expect (probe, "LOST");
    s_write (probe, "reply %llu olena answer\n", id);
    zt_program_expect (probe, "taken");
    zt_program_kill (probe, SIGKILL);
    zt_program_wait_exit (probe);
    s_start_broker (self, endpoint);
    zt_program_expect (olena, "connected again");

    probe = s_start_probe (self, "robot");
    zt_program_expect (olena, "robot -> olena: answer");
    zt_program_expect (probe, "SENT");
    zt_program_write (olena, "/msg robot next\n");
    assert_non_null (strstr (zt_program_expect (probe, "MESSAGE"), "text=next"));
    zt_program_kill (probe, SIGKILL);
    zt_program_wait_exit (probe);
    zt_program_write (olena, "/history robot\n");
    zt_program_expect (olena, "that was all (3)");
}

static void s_an_unknown_key_is_not_trusted (void **state)
{
    s_world_t *self = *state;
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_t key;
    assert_true (zt_key_read (zt_bytes (self->key), &key));
    zt_key_fingerprint (&key, fingerprint);
    const char *argv[] = {self->probe, self->endpoint, "robot", "-", NULL};
    zt_program_t *probe = s_start (self, argv, "robot", false, NULL);
    const char *over = zt_program_expect (probe, "OVER status=4");
    assert_non_null (strstr (over, "code=unknown-key"));
    assert_non_null (strstr (over, self->key));
    assert_non_null (strstr (over, fingerprint));
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_REFUSED);

    argv[3] = "no";
    probe = s_start (self, argv, "robot", false, NULL);
    assert_non_null (strstr (zt_program_expect (probe, "asked "), fingerprint));
    zt_program_expect (probe, "OVER status=4");
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_REFUSED);
    assert_null (strstr (zt_program_output (probe, ZT_STDOUT), "CONNECTED"));

    argv[3] = "yes";
    probe = s_start (self, argv, "robot", false, NULL);
    zt_program_expect (probe, "asked ");
    zt_program_expect (probe, "CONNECTED");
    s_end (probe);
    argv[3] = "no"; /* it is pinned, and nobody is asked */
    probe = s_start (self, argv, "robot", false, NULL);
    zt_program_expect (probe, "CONNECTED");
    s_end (probe);
    assert_null (strstr (zt_program_output (probe, ZT_STDOUT), "asked"));

    argv[2] = "forgetful"; /* it is believed, and cannot be written down */
    argv[3] = "yes";
    char path[600];
    snprintf (path, sizeof path, "%s/forgetful", zt_harness_directory (self->harness));
    assert_int_equal (mkdir (path, 0700), 0);
    strcat (path, "/known_brokers.lock");
    assert_int_equal (mkdir (path, 0700), 0);
    probe = s_start (self, argv, "forgetful", false, NULL);
    zt_program_expect (probe, "asked ");
    over = zt_program_expect (probe, "OVER status=4");
    assert_non_null (strstr (over, "code=key-not-kept"));
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_REFUSED);

    argv[2] = "another";
    argv[3] = "TRUST";
    probe = s_start (self, argv, "another", false, NULL);
    zt_program_expect (probe, "CONNECTED");
    s_end (probe);
}

static void s_what_cannot_be_is_told_at_once (void **state)
{
    s_world_t *self = *state;
    const char *argv[] = {self->probe, self->endpoint, "a b", "-", NULL};
    zt_program_t *probe = s_start (self, argv, "robot", true, NULL);
    zt_program_expect (probe, "refused option: name: ");
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_USAGE);

    argv[1] = "tcp://";
    argv[2] = "robot";
    probe = s_start (self, argv, "robot", true, NULL);
    zt_program_expect (probe, "refused option: endpoint: ");
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_USAGE);

    argv[1] = self->endpoint;
    zt_program_t *first = s_start_probe (self, "robot");
    probe = s_start (self, argv, "robot", true, NULL);
    zt_program_expect (probe, "refused held: another program is the device program of robot");
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_REFUSED);
    s_end (first);
}

static void s_who_is_impatient_ends_without_a_broker (void **state)
{
    s_world_t *self = *state;
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    const char *argv[] = {self->probe, endpoint, "robot", "-", NULL};
    zt_program_t *probe = s_start (self, argv, "robot", true, "PROBE_IMPATIENT=1");
    zt_program_expect (probe, "OVER status=3");
    assert_int_equal (zt_program_wait_exit (probe), ZTALK_UNREACHABLE);
}

static void s_the_version_is_one (void **state)
{
    (void) state;
    char version[32];
    snprintf (version, sizeof version, "%d.%d.%d", ZTALK_VERSION_MAJOR, ZTALK_VERSION_MINOR,
              ZTALK_VERSION_PATCH);
    assert_string_equal (version, ZTALK_VERSION);
    assert_string_equal (ztalk_version (), ZTALK_VERSION);
}

static void s_what_is_shown_is_cleaned (void **state)
{
    (void) state;
    char text[8];
    assert_int_equal (ztalk_clean (text, sizeof text, "a\033[1m\nb", 7), 9);
    assert_null (strchr (text, '\033'));
    assert_int_equal (ztalk_clean (text, 4, "їжак", 8), 8);
    assert_string_equal (text, "ї"); /* and not half a letter */
    assert_int_equal (ztalk_clean (NULL, 0, "abc", 3), 3);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_it_sends_and_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_it_asks, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_killed_before_it_acknowledges_it_gets_it_again, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_killed_after_a_reply_it_is_sent_once, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_an_unknown_key_is_not_trusted, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_cannot_be_is_told_at_once, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_is_impatient_ends_without_a_broker, s_setup,
                                         s_teardown),
        cmocka_unit_test (s_the_version_is_one),
        cmocka_unit_test (s_what_is_shown_is_cleaned),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
