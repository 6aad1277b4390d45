/*  SPDX-License-Identifier: MPL-2.0

    The broker and the client, encrypted: from the first question to a second device. */

#include "tests/harness.h"

#include "common/key.h"
#include "common/options.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char endpoint[256];
    zt_key_t key;
    char state[256];     /* of the broker, and of clients on its machine */
    char elsewhere[256]; /* of a client that sees nothing of the broker's files */
    char data[256];
} s_world_t;

static void s_start_broker (s_world_t *self, const char *endpoint)
{
    const char *argv[] = {"ztalk-broker", "-d", self->data, "-e", endpoint, NULL};
    const char *environment[] = {self->state, NULL};
    char key[64];
    self->broker = zt_harness_start (self->harness, argv, environment);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s %63s", self->endpoint, key), 2);
    assert_true (zt_key_read (zt_bytes (key), &self->key));
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    const char *directory = zt_harness_directory (self->harness);
    snprintf (self->state, sizeof self->state, "XDG_STATE_HOME=%s/here", directory);
    snprintf (self->elsewhere, sizeof self->elsewhere, "XDG_STATE_HOME=%s/there", directory);
    snprintf (self->data, sizeof self->data, "%s/data", directory);
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

/*  Starts the client with a home of its own and these arguments, up to NULL, at most 8. */
static zt_program_t *s_start (s_world_t *self, bool is_here, bool on_terminal, const char *home,
                              ...)
{
    const char *argv[16] = {"ztalk", "-e", self->endpoint};
    va_list args;
    va_start (args, home);
    for (size_t i = 3; (argv[i] = va_arg (args, const char *)); i++)
        assert_true (i < 12);
    va_end (args);
    char own[512];
    snprintf (own, sizeof own, "ZTALK_HOME=%s/%s", zt_harness_directory (self->harness), home);
    const char *environment[] = {is_here ? self->state : self->elsewhere,
                                 own,
                                 "TZ=UTC",
                                 "ZTALK_NAME",
                                 "ZTALK_ENDPOINT",
                                 NULL};
    return (on_terminal ? zt_harness_start_on_terminal : zt_harness_start) (self->harness, argv,
                                                                            environment);
}

static void s_on_this_machine_it_is_one_command (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_start (self, true, false, "a", "-n", "olena", NULL);
    zt_program_t *ivan = s_start (self, true, false, "b", "-n", "ivan", NULL);
    zt_program_expect (olena, "as olena, encrypted");
    zt_program_expect (ivan, "as ivan, encrypted");
    zt_program_write (olena, "Привіт\n");
    zt_program_expect (ivan, "olena: Привіт");
    assert_string_equal (zt_program_output (olena, ZT_STDERR), "");

    /*  And after a restart of the broker, whose key is kept. */
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    zt_key_t key = self->key;
    s_start_broker (self, endpoint);
    assert_string_equal (self->key.text, key.text);
    zt_program_expect (olena, "* connected again");
    zt_program_expect (ivan, "* connected again");
    zt_program_write (ivan, "again\n");
    zt_program_expect (olena, "ivan: again");
}

static void s_from_elsewhere_it_is_one_question (void **state)
{
    s_world_t *self = *state;
    zt_program_t *newcomer = s_start (self, false, true, "a", NULL);
    zt_program_expect_error (newcomer, "You have not been at ");
    zt_program_expect_error (newcomer, "Who runs it");
    zt_program_write (newcomer, "y\n");
    zt_program_expect (newcomer, ", encrypted");
    zt_program_write (newcomer, "hello\n");
    zt_program_expect (newcomer, ": hello");
    zt_program_t *script = s_start (self, false, false, "b", "-n", "cron", NULL);
    assert_int_equal (zt_program_wait_exit (script), ZT_EXIT_REFUSED);
    script = s_start (self, false, false, "b", "-n", "cron", "-k", self->key.text, NULL);
    zt_program_expect (script, "as cron, encrypted");
}

static void s_a_name_belongs_to_a_key (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_start (self, true, false, "a", "-n", "olena", NULL);
    zt_program_expect (olena, "as olena, encrypted");
    zt_program_kill (olena, SIGTERM);
    zt_program_wait_exit (olena);
    zt_program_t *thief = s_start (self, true, false, "b", "-n", "OLENA", NULL);
    assert_int_equal (zt_program_wait_exit (thief), ZT_EXIT_REFUSED);
    assert_non_null (strstr (zt_program_output (thief, ZT_STDOUT), "name-taken"));
}

static void s_a_second_device_joins_with_a_code (void **state)
{
    s_world_t *self = *state;
    zt_program_t *laptop =
        s_start (self, true, false, "a", "-n", "olena", "--device", "laptop", NULL);
    zt_program_expect (laptop, "as olena, encrypted");
    zt_program_write (laptop, "/pair\n");
    zt_program_expect (laptop, "on the new device type within ");
    const char *line = zt_program_expect (laptop, "    ztalk ");
    char code[64];
    assert_int_equal (sscanf (strstr (line, "--pair "), "--pair %63s", code), 1);
    zt_program_t *phone =
        s_start (self, true, false, "b", "-n", "olena", "--device", "phone", "--pair", code, NULL);
    zt_program_expect (phone, "as olena, encrypted");
    zt_program_write (phone, "from the phone\n");
    zt_program_expect (laptop, "olena: from the phone");

    /*  Once: and then the phone does not need it. */
    zt_program_t *thief =
        s_start (self, true, false, "c", "-n", "olena", "--device", "thief", "--pair", code, NULL);
    assert_int_equal (zt_program_wait_exit (thief), ZT_EXIT_REFUSED);
    zt_program_close_stdin (phone);
    assert_int_equal (zt_program_wait_exit (phone), ZT_EXIT_OK);
    phone = s_start (self, true, false, "b", "-n", "olena", "--device", "phone", NULL);
    zt_program_expect (phone, "as olena, encrypted");
}

/*  What each publishes is for its own address, and what one of all publishes for any. */
static void s_brokers_may_have_one_port (void **state)
{
    s_world_t *self = *state;
    s_world_t other = *self;
    const char *port = strrchr (self->endpoint, ':') + 1;
    char endpoint[64];
    snprintf (other.data, sizeof other.data, "%s/other", zt_harness_directory (self->harness));
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.2:%s", port);
    s_start_broker (&other, endpoint);
    assert_string_not_equal (other.key.text, self->key.text);
    zt_program_expect (s_start (self, true, false, "a", "-n", "olena", NULL), ", encrypted");
    zt_program_expect (s_start (&other, true, false, "a", "-n", "olena", NULL), ", encrypted");
    zt_program_kill (other.broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (other.broker), ZT_EXIT_OK);
    zt_program_expect (s_start (self, true, false, "b", "-n", "ivan", NULL), ", encrypted");

    s_start_broker (&other, "tcp://*:*");
    snprintf (endpoint, sizeof endpoint, "tcp://localhost:%s", strrchr (other.endpoint, ':') + 1);
    snprintf (other.endpoint, sizeof other.endpoint, "%s", endpoint);
    zt_program_expect (s_start (&other, true, false, "b", "-n", "ivan", NULL), ", encrypted");
}

#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        S_TEST (s_on_this_machine_it_is_one_command), S_TEST (s_from_elsewhere_it_is_one_question),
        S_TEST (s_a_name_belongs_to_a_key),           S_TEST (s_a_second_device_joins_with_a_code),
        S_TEST (s_brokers_may_have_one_port),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
