/*  SPDX-License-Identifier: MPL-2.0

    ztalk-ctl and a broker whose store fails when it is told to (store_faulty.c): what operators are
    told is done is stored. */

#include "tests/harness.h"

#include "common/options.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <unistd.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/*  Keys of two devices. */
#define S_PC    "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define S_PHONE "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char home[256];
    char fault[300];
} s_world_t;

static int s_setup (void **state)
{
    static s_world_t self;
    const char *faulty = getenv ("ZTALK_FAULTY_BROKER");
    assert_non_null (faulty);
    self = (s_world_t){.harness = zt_harness_new ()};
    snprintf (self.home, sizeof self.home, "%s/broker", zt_harness_directory (self.harness));
    snprintf (self.fault, sizeof self.fault, "%s/fault", self.home);
    self.broker = zt_harness_start (
        self.harness, WORDS (faulty, "--plain", "-e", "tcp://127.0.0.1:*", "-d", self.home), NULL);
    zt_program_expect (self.broker, "ready ");
    *state = &self;
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_harness_destroy (&self->harness);
    return 0;
}

static void s_set_fault (s_world_t *self, const char *fault)
{
    FILE *file = fopen (self->fault, "w");
    assert_non_null (file);
    assert_true (fputs (fault, file) >= 0);
    assert_int_equal (fclose (file), 0);
}

static zt_program_t *s_start (s_world_t *self, const char *command, const char *name,
                              const char *key)
{
    return zt_harness_start (self->harness,
                             WORDS ("ztalk-ctl", "-d", self->home, command, name, key), NULL);
}

static void s_does (s_world_t *self, const char *command, const char *name, const char *key)
{
    zt_program_t *ctl = s_start (self, command, name, key);
    if (zt_program_wait_exit (ctl) != ZT_EXIT_OK)
        fail_msg ("%s: %s", command, zt_program_output (ctl, ZT_STDERR));
}

static void s_fails (s_world_t *self, const char *command, const char *name, const char *key,
                     const char *why)
{
    zt_program_t *ctl = s_start (self, command, name, key);
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_FAILED);
    assert_string_equal (zt_program_output (ctl, ZT_STDOUT), "");
    if (!strstr (zt_program_output (ctl, ZT_STDERR), why))
        fail_msg ("%s: %s", command, zt_program_output (ctl, ZT_STDERR));
}

static void s_what_is_not_stored_is_not_done (void **state)
{
    s_world_t *self = *state;
    s_does (self, "admit", "olena", S_PC);
    s_does (self, "admit", "olena", S_PHONE);
    s_set_fault (self, "full");
    s_fails (self, "revoke", "olena", S_PHONE,
             "olena belongs to this key no more, but it is so only until the broker ends");
    s_fails (self, "admit", "ivan", S_PHONE, "ivan belongs to this key now, but it is so only");
    s_fails (self, "invite", "petro", NULL, "the invitation could not be stored");
    /*  It is so, all the same. */
    s_fails (self, "revoke", "olena", S_PHONE, "the name does not belong to this key");
    s_does (self, "keys", "ivan", NULL);

    zt_program_kill (self->broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (self->broker), ZT_EXIT_FAILED);
    zt_program_expect_error (self->broker,
                             "not all could be saved: keys and names that were invited, admitted");
}

static void s_what_was_not_stored_is_when_it_can_be (void **state)
{
    s_world_t *self = *state;
    s_does (self, "admit", "olena", S_PC);
    s_set_fault (self, "full");
    s_fails (self, "admit", "olena", S_PHONE, "it could not be stored");
    assert_int_equal (unlink (self->fault), 0);
    zt_program_expect_error (self->broker, "messages are stored again, after ");
    s_does (self, "revoke", "olena", S_PHONE);
    s_does (self, "invite", "petro", NULL);
    zt_program_kill (self->broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (self->broker), ZT_EXIT_OK);
}

/*  Nobody is told that it is done while the disk is at it. */
static void s_what_is_stored_slowly_is_waited_for (void **state)
{
    s_world_t *self = *state;
    s_set_fault (self, "slow");
    zt_program_t *ctl = s_start (self, "admit", "olena", S_PC);
    while (zt_program_wait_exit (s_start (self, "keys", "olena", NULL)) != ZT_EXIT_OK)
        assert_true (zt_program_running (ctl)); /* it has not got there yet */
    assert_string_equal (zt_program_output (ctl, ZT_STDOUT), "");
    assert_int_equal (unlink (self->fault), 0);
    assert_int_equal (zt_program_wait_exit (ctl), ZT_EXIT_OK);
    assert_non_null (strstr (zt_program_output (ctl, ZT_STDOUT), "olena belongs to this key now"));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_what_is_not_stored_is_not_done, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_was_not_stored_is_when_it_can_be, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_what_is_stored_slowly_is_waited_for, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
