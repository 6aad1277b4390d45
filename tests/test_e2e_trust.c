/*  SPDX-License-Identifier: MPL-2.0

    Whom the client believes: the real ztalk, against a broker that is not to be believed. */

#include "tests/fake_broker.h"
#include "tests/harness.h"
#include "tests/together.h"

#include "common/options.h"
#include "common/published.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zmq.h>

#include <cmocka.h>

typedef struct {
    zt_harness_t *harness;
    zt_fake_t fake;
    char home[256], state[256]; /* of the environment */
} s_world_t;

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    const char *directory = zt_harness_directory (self->harness);
    snprintf (self->home, sizeof self->home, "ZTALK_HOME=%s/home", directory);
    snprintf (self->state, sizeof self->state, "XDG_STATE_HOME=%s", directory);
    setenv ("XDG_STATE_HOME", directory, 1);
    zt_fake_open (&self->fake);
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_fake_close (&self->fake);
    zt_harness_destroy (&self->harness);
    free (self);
    return 0;
}

/*  Starts the client with these arguments, up to NULL, at most 8 of them. */
static zt_program_t *s_start (s_world_t *self, int on_terminal, ...)
{
    const char *argv[16] = {"ztalk"};
    va_list args;
    va_start (args, on_terminal);
    for (size_t i = 1; (argv[i] = va_arg (args, const char *)); i++)
        assert_true (i < 10);
    va_end (args);
    const char *environment[] = {self->home,   self->state,      "TZ=UTC",
                                 "ZTALK_NAME", "ZTALK_ENDPOINT", NULL};
    return (on_terminal ? zt_harness_start_on_terminal : zt_harness_start) (self->harness, argv,
                                                                            environment);
}

static void s_new_keys (zt_fake_t *fake)
{
    assert_int_equal (zmq_curve_keypair (fake->keys.public.text, fake->keys.secret), 0);
}

/*  What a program has said when it has ended with that status. */
static const char *s_end (zt_program_t *program, int status)
{
    int is = zt_program_wait_exit (program);
    const char *said = zt_program_output (program, ZT_STDERR);
    if (is != status)
        fail_msg ("status %d and not %d\n%s\n%s", is, status, said,
                  zt_program_output (program, ZT_STDOUT));
    return said;
}

static void s_says (const char *said, const char *what)
{
    if (!strstr (said, what))
        fail_msg ("'%s' is not said in:\n%s", what, said);
}

/*  What known_brokers holds is that line; NULL: nothing. */
static void s_is_known (const s_world_t *self, const zt_key_t *key)
{
    char path[512], line[256] = "", wanted[256] = "";
    snprintf (path, sizeof path, "%s/known_brokers", strchr (self->home, '=') + 1);
    if (key)
        snprintf (wanted, sizeof wanted, "%s %s\n", self->fake.endpoint, key->text);
    FILE *file = fopen (path, "re");
    if (file && fread (line, 1, sizeof line - 1, file) == 0)
        line[0] = '\0';
    if (file)
        fclose (file);
    assert_string_equal (line, wanted);
}

/*  The two lines in which a fingerprint is shown. */
static void s_says_fingerprint (const char *said, const zt_key_t *key)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (key, fingerprint);
    s_says (said, fingerprint + ZT_FINGERPRINT_SIZE / 2);
    fingerprint[ZT_FINGERPRINT_SIZE / 2 - 1] = '\0';
    s_says (said, fingerprint);
}

static void s_believe (s_world_t *self)
{
    zt_program_t *olena =
        s_start (self, false, self->fake.endpoint, "-n", "olena", "--trust", NULL);
    zt_program_expect (olena, ", encrypted");
    zt_program_kill (olena, SIGTERM);
    s_end (olena, ZT_EXIT_OK);
    s_is_known (self, &self->fake.keys.public);
}

static void s_a_script_is_not_asked (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    zt_program_t *olena =
        s_start (self, false, self->fake.endpoint, "-n", "olena", "--device", "d-1", NULL);
    const char *said = s_end (olena, ZT_EXIT_REFUSED);
    s_says (said, "is not known here");
    s_says (said, "--trust");
    s_says (said, self->fake.keys.public.text);
    char command[512]; /* that can be copied, with all that was typed */
    snprintf (command, sizeof command, "\n    ztalk --trust -n olena --device d-1 '%s'\n",
              self->fake.endpoint);
    s_says (said, command);
    snprintf (command, sizeof command, "\n    ztalk -k '%s' -n olena --device d-1 '%s'",
              self->fake.keys.public.text, self->fake.endpoint);
    s_says (said, command);
    s_says_fingerprint (said, &self->fake.keys.public);
    s_is_known (self, NULL);
    assert_string_equal (zt_program_output (olena, ZT_STDOUT), "");
}

static void s_what_is_trusted_is_known_then (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    zt_program_t *olena = s_start (self, false, self->fake.endpoint, "-n", "olena", "--trust",
                                   "--invite", "please", NULL);
    zt_program_expect (olena, "* connected to fake 1 at tcp://127.0.0.1:");
    zt_program_expect (olena, "* no token, invited");
    assert_non_null (strstr (zt_program_output (olena, ZT_STDERR), "is trusted from now on: "));
    zt_program_write (olena, "hi\n");
    zt_program_expect (olena, "olena: hi");
    zt_program_close_stdin (olena);
    s_end (olena, ZT_EXIT_OK);
    s_is_known (self, &self->fake.keys.public);

    /*  Without a key service, and without a word on stderr. */
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    olena = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, "as olena, encrypted");
    zt_program_close_stdin (olena);
    assert_string_equal (s_end (olena, ZT_EXIT_OK), "");
}

static void s_a_person_is_asked_once (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    static const char *const no[] = {"n\n", "\n", "yep\n", "\004"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        zt_program_t *program = s_start (self, true, self->fake.endpoint, NULL);
        zt_program_expect_error (program, "You have not been at ");
        zt_program_expect_error (program, "Who runs it can read the same numbers");
        zt_program_write (program, no[i]);
        const char *said = s_end (program, ZT_EXIT_REFUSED);
        s_says_fingerprint (said, &self->fake.keys.public);
        s_says (said, "not trusted, and so not connected");
        s_is_known (self, NULL);
    }
    zt_program_t *program = s_start (self, true, self->fake.endpoint, NULL);
    zt_program_expect_error (program, "Who runs it");
    zt_program_write (program, "так\n");
    zt_program_expect_error (program, "here; -n NAME makes you somebody else");
    zt_program_expect (program, ", encrypted");
    assert_null (strstr (zt_program_output (program, ZT_STDERR), "Your name"));
    zt_program_write (program, "hi\n");
    zt_program_expect (program, ": hi");
    zt_program_write (program, "/exit\n");
    s_end (program, ZT_EXIT_OK);
    s_is_known (self, &self->fake.keys.public);

    /*  The next time the one question is the other one. */
    program = s_start (self, true, self->fake.endpoint, NULL);
    zt_program_write (program, "taras\n");
    zt_program_expect (program, "as taras, encrypted");
    s_says (zt_program_output (program, ZT_STDERR), "Your name");
    assert_null (strstr (zt_program_output (program, ZT_STDERR), "You have not been"));
}

static void s_what_is_typed_before_is_no_answer (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    zt_program_t *person = s_start (self, true, self->fake.endpoint, NULL);
    zt_program_kill (person, SIGSTOP);
    zt_program_write (person, "y\n");
    zt_program_kill (person, SIGCONT);
    zt_program_expect_error (person, "Who runs it");
    zt_program_write (person, "n\n");
    s_end (person, ZT_EXIT_REFUSED);
    s_is_known (self, NULL);
}

static void s_a_changed_key_stops (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    s_believe (self);
    zt_key_t old = self->fake.keys.public;
    zt_program_t *person = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (person, ", encrypted");

    zt_fake_stop (&self->fake);
    s_new_keys (&self->fake);
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    const char *endpoint = self->fake.endpoint, *key = self->fake.keys.public.text;
    s_end (person, ZT_EXIT_REFUSED); /* while it runs */
    s_says (zt_program_output (person, ZT_STDOUT), "THE KEY OF tcp://127.0.0.1:");
    zt_program_t *script = s_start (self, false, endpoint, "-n", "olena", "--trust", NULL);
    s_end (script, ZT_EXIT_REFUSED); /* and at its start; --trust is not meant for this */
    const char *said = zt_program_output (script, ZT_STDOUT);
    s_says (said, "HAS CHANGED. Either it was set up anew, or somebody is between you and it");
    s_says_fingerprint (said, &self->fake.keys.public);
    s_says (said, "ztalk -k '");
    s_says (said, key);
    s_is_known (self, &old);

    script = s_start (self, false, "-k", key, endpoint, "-n", "olena", NULL);
    zt_program_expect (script, ", encrypted");
    said = zt_program_output (script, ZT_STDOUT);
    s_says (said, "* the key of ");
    s_says (said, old.text);
    s_says (said, " from now on");
    s_is_known (self, &self->fake.keys.public);
}

/*  A key that no broker has shown to have is not kept, however it was given. */
static void s_a_key_is_pinned_when_it_has_proved_right (void **state)
{
    s_world_t *self = *state;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    zt_key_t right = self->fake.keys.public;
    s_new_keys (&self->fake);
    const char *wrong = self->fake.keys.public.text, *endpoint = self->fake.endpoint;
    zt_program_t *olena = s_start (self, false, endpoint, "-n", "olena", "-k", wrong, NULL);
    zt_program_expect (olena, "* connecting to ");
    s_is_known (self, NULL);
    zt_program_kill (olena, SIGKILL);
    zt_program_wait_exit (olena);
    olena = s_start (self, false, endpoint, "-n", "olena", "-k", right.text, NULL);
    zt_program_expect (olena, ", encrypted");
    s_is_known (self, &right);
}

static void s_programs_are_told_why_it_ends (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    zt_program_t *script =
        s_start (self, false, self->fake.endpoint, "-n", "olena", "--json", NULL);
    s_end (script, ZT_EXIT_REFUSED);
    const char *said = zt_program_output (script, ZT_STDOUT);
    s_says (said, "{\"type\":\"state\",\"state\":\"unknown-key\",\"text\":\"the key of ");
}

static void s_an_endpoint_carries_the_key (void **state)
{
    s_world_t *self = *state;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    char endpoint[256];
    snprintf (endpoint, sizeof endpoint, "%s/%s", self->fake.endpoint, self->fake.keys.public.text);
    zt_program_t *olena = s_start (self, false, endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, ", encrypted");
    s_is_known (self, &self->fake.keys.public);
    zt_key_t known = self->fake.keys.public;
    s_new_keys (&self->fake);
    snprintf (endpoint, sizeof endpoint, "%s/%s", self->fake.endpoint, self->fake.keys.public.text);
    zt_program_t *ivan = s_start (self, false, endpoint, "-n", "ivan", NULL);
    s_says (s_end (ivan, ZT_EXIT_REFUSED), "the key in this address is not the one that is known");
    s_is_known (self, &known);
}

static void s_who_tells_no_key_is_not_believed (void **state)
{
    s_world_t *self = *state;
    static const char *const answers[] = {NULL, "ZTALK/1 KEY short\n"};
    for (size_t i = 0; i < 2; i++) {
        zt_fake_start (&self->fake, ZT_FAKE_CURVE, answers[i]);
        zt_program_t *olena = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
        const char *said = s_end (olena, ZT_EXIT_REFUSED);
        s_says (said, "but nothing tells its key at port ");
        s_says (said, "-k KEY");
        s_says (said, "--plain");
        zt_fake_stop (&self->fake);
    }
}

static void s_the_key_service_may_be_elsewhere (void **state)
{
    s_world_t *self = *state;
    zt_fake_t other;
    zt_fake_open (&other);
    other.keys = self->fake.keys;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    zt_fake_start_honest (&other, ZT_FAKE_ABSENT);
    char port[16];
    snprintf (port, sizeof port, "%d", atoi (strrchr (other.endpoint, ':') + 1) + 1);
    zt_program_t *olena = s_start (self, false, self->fake.endpoint, "-n", "olena", "--trust",
                                   "--key-port", port, NULL);
    zt_program_expect (olena, ", encrypted");
    zt_fake_close (&other);
}

static void s_one_side_encrypts_alone (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    s_believe (self);
    zt_program_t *olena =
        s_start (self, false, "--plain", self->fake.endpoint, "-n", "olena", NULL);
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "encrypts, and this client was told that");
    zt_fake_stop (&self->fake);

    zt_fake_start (&self->fake, ZT_FAKE_PLAIN, NULL);
    olena = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "does not encrypt, though a key is known");
    olena = s_start (self, false, "--plain", self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect_match (olena, "^\\* connected to fake 1 at tcp://127.0.0.1:[0-9]+ as olena$");
    zt_program_expect (olena, "* a token");
    assert_null (strstr (zt_program_output (olena, ZT_STDOUT), "not encrypted"));
}

static void s_who_is_banned_is_told (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_BANS);
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", "--trust", NULL);
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "refuses the key of this installation");
}

/*  Whatever answers, it is not the one that is known. */
static void s_a_known_key_that_nobody_has (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    s_believe (self);
    zt_fake_stop (&self->fake);
    s_new_keys (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    zt_program_t *person = s_start (self, true, self->fake.endpoint, "-n", "ivan", NULL);
    zt_program_t *script = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (person, "but not with the key that is known for it; still trying");
    s_end (script, ZT_EXIT_REFUSED);
    s_says (zt_program_output (script, ZT_STDOUT), "no broker that can be believed answers at");
    assert_true (zt_program_running (person));
}

/*  ---------------------------------------------------------------------------
    This machine */

static void s_publish (const s_world_t *self, zt_published_t *published, const zt_key_t *key)
{
    assert_true (zt_published_open (published, self->fake.endpoint, key));
}

static void s_on_this_machine_nobody_is_asked (void **state)
{
    s_world_t *self = *state;
    zt_published_t published;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_t *olena = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, ", encrypted");
    s_is_known (self, NULL);

    /*  It is set up anew, and believed again; also when it does not encrypt any more. */
    zt_published_close (&published);
    zt_fake_stop (&self->fake);
    s_new_keys (&self->fake);
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_expect (olena, "* the broker of this machine has another key now");
    zt_program_expect (olena, "* connected again");
    zt_published_close (&published);
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_PLAIN, NULL);
    s_publish (self, &published, NULL);
    zt_program_expect (olena, "* the broker of this machine does not encrypt any more");
    zt_program_expect (olena, "* connected again");
    zt_published_close (&published);
}

static void s_what_is_published_wins (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    s_believe (self);
    zt_fake_stop (&self->fake);
    s_new_keys (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    zt_published_t published;
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_t *olena = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, ", encrypted");
    zt_published_close (&published);
}

/*  The same place under a name that could mean another one: an address as few people write it. */
static void s_elsewhere (const s_world_t *self, char endpoint[64])
{
    snprintf (endpoint, 64, "tcp://0x7f000001:%s", strrchr (self->fake.endpoint, ':') + 1);
}

static void s_what_is_pinned_for_a_name_wins (void **state)
{
    s_world_t *self = *state;
    char endpoint[64];
    s_elsewhere (self, endpoint);
    zt_published_t published;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_t *olena = s_start (self, false, endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, ", encrypted"); /* nothing is pinned, and nobody is asked */
    zt_program_t *ivan =
        s_start (self, false, endpoint, "-n", "ivan", "-k", self->fake.keys.public.text, NULL);
    zt_program_expect (ivan, ", encrypted");
    zt_program_close_stdin (ivan);
    s_end (ivan, ZT_EXIT_OK);
    ivan = s_start (self, false, endpoint, "-n", "ivan", NULL);
    zt_program_expect (ivan, ", encrypted");

    zt_published_close (&published);
    zt_fake_stop (&self->fake);
    s_new_keys (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    s_publish (self, &published, &self->fake.keys.public);
    s_end (ivan, ZT_EXIT_REFUSED); /* while it runs */
    s_says (zt_program_output (ivan, ZT_STDOUT), "HAS CHANGED");
    zt_program_t *taras = s_start (self, false, endpoint, "-n", "taras", NULL);
    s_says (s_end (taras, ZT_EXIT_REFUSED), "HAS CHANGED"); /* and at its start */
    zt_program_expect (olena, "* the broker of this machine has another key now");
    zt_program_expect (olena, "* connected again");
    zt_published_close (&published);
}

static void s_plain_is_not_believed_of_a_name (void **state)
{
    s_world_t *self = *state;
    char endpoint[64];
    s_elsewhere (self, endpoint);
    zt_published_t published;
    zt_fake_start (&self->fake, ZT_FAKE_PLAIN, NULL);
    s_publish (self, &published, NULL);
    zt_program_t *olena = s_start (self, false, endpoint, "-n", "olena", NULL);
    s_says (s_end (olena, ZT_EXIT_REFUSED), "if it does not encrypt, say --plain");
    olena = s_start (self, false, endpoint, "-n", "olena", "--plain", NULL);
    zt_program_expect (olena, "* not encrypted: everybody on the way");
    zt_program_expect (olena, "* connected to fake");
    zt_published_close (&published);
}

/*  A broker opens its port first, and tells its key then. */
static void s_a_broker_may_be_slow_to_tell (void **state)
{
    s_world_t *self = *state;
    zt_published_t published;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, ", encrypted");
    static const zt_fake_kind_t kinds[] = {ZT_FAKE_PLAIN, ZT_FAKE_CURVE};
    for (size_t i = 0; i < 2; i++) {
        zt_published_close (&published);
        zt_fake_stop (&self->fake);
        zt_fake_start (&self->fake, kinds[i], NULL);
        assert_null (zt_program_find (olena, ZT_STDOUT, "* the broker of this machine", 1500));
        s_publish (self, &published, kinds[i] == ZT_FAKE_PLAIN ? NULL : &self->fake.keys.public);
        zt_program_expect (olena, "* the broker of this machine");
        zt_program_expect (olena, "* connected again");
    }
    /*  And it may be another one, which goes away again. */
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_PLAIN, NULL);
    assert_null (zt_program_find (olena, ZT_STDOUT, "* connected again", 1500));
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    zt_program_expect (olena, "* connected again");
    zt_published_close (&published);
}

static void s_who_never_tells_is_left (void **state)
{
    s_world_t *self = *state;
    zt_published_t published;
    zt_fake_start (&self->fake, ZT_FAKE_PLAIN, NULL);
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "does not encrypt, though a key is published");
    zt_published_close (&published);
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    s_publish (self, &published, NULL);
    olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "encrypts, though it is published that");
    zt_published_close (&published);
}

/*  Whatever speaks at the broker's port, the broker is heard when it is back. */
static void s_another_protocol_is_outlived (void **state)
{
    s_world_t *self = *state;
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    s_believe (self);
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, ", encrypted");
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_STRANGE, NULL);
    assert_null (zt_program_find (olena, ZT_STDOUT, "* connected again", 2000));
    zt_fake_stop (&self->fake);
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    zt_program_expect (olena, "* connected again");
}

/*  What is published is not what answers: then it is asked, as elsewhere. */
static void s_what_is_published_may_be_anothers (void **state)
{
    s_world_t *self = *state;
    zt_published_t published;
    s_publish (self, &published, &self->fake.keys.public);
    s_new_keys (&self->fake);
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "HAS CHANGED");
    s_says (zt_program_output (olena, ZT_STDOUT), self->fake.keys.public.text);
    zt_published_close (&published);
}

static void s_a_broker_of_this_machine_may_come_later (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, "* connecting to");
    zt_program_write (olena, "kept\n");
    zt_program_expect (olena, "* pending: kept");
    zt_published_t published;
    zt_fake_start (&self->fake, ZT_FAKE_CURVE, NULL);
    s_publish (self, &published, &self->fake.keys.public);
    zt_program_expect (olena, ", encrypted");
    zt_program_expect (olena, "olena: kept");
    zt_published_close (&published);
}

static void s_one_that_comes_later_and_is_not_known (void **state)
{
    s_world_t *self = *state;
    zt_program_t *olena = s_start (self, true, self->fake.endpoint, "-n", "olena", NULL);
    zt_program_t *ivan = s_start (self, true, self->fake.endpoint, "-n", "ivan", "--trust", NULL);
    zt_program_expect (olena, "* connecting to");
    zt_program_expect (ivan, "* connecting to");
    zt_fake_start_honest (&self->fake, ZT_FAKE_CURVE);
    zt_program_expect (ivan, ", encrypted");
    s_end (olena, ZT_EXIT_REFUSED);
    s_says (zt_program_output (olena, ZT_STDOUT), "is not known here");
}

/*  ---------------------------------------------------------------------------
    Elsewhere */

static void s_nobody_answers (void **state)
{
    s_world_t *self = *state;
    /*  An address that nobody may have. */
    zt_program_t *script = s_start (self, false, "192.0.2.1", "-n", "olena", NULL);
    zt_program_t *person = s_start (self, true, "192.0.2.1", "-n", "olena", NULL);
    zt_program_expect_error (person, "* no answer from tcp://192.0.2.1:5555 yet; still trying");
    s_says (s_end (script, ZT_EXIT_UNREACHABLE), "no broker answers at tcp://192.0.2.1:5555");
    assert_true (zt_program_running (person));
    zt_program_kill (person, SIGINT);
    s_end (person, ZT_SIGNALLED + SIGINT);
}

static void s_a_damaged_file_is_told (void **state)
{
    s_world_t *self = *state;
    const char *home = strchr (self->home, '=') + 1;
    char path[512];
    assert_int_equal (mkdir (home, 0700), 0);
    snprintf (path, sizeof path, "%s/known_brokers", home);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fprintf (file, "# mine\n%s oops\n", self->fake.endpoint);
    fclose (file);
    zt_program_t *olena = s_start (self, false, self->fake.endpoint, "-n", "olena", NULL);
    s_says (s_end (olena, ZT_EXIT_FAILED), "known_brokers: line 2 is about tcp://127.0.0.1:");
}

static void s_keys_and_wrong_usage (void **state)
{
    s_world_t *self = *state;
    zt_program_t *first = s_start (self, false, "key", NULL), *second;
    s_end (first, ZT_EXIT_OK);
    second = s_start (self, false, "key", NULL);
    s_end (second, ZT_EXIT_OK);
    const char *output = zt_program_output (first, ZT_STDOUT);
    assert_string_equal (output, zt_program_output (second, ZT_STDOUT));
    zt_key_t key;
    char fingerprint[ZT_FINGERPRINT_SIZE];
    assert_int_equal (strncmp (output, "key ", 4), 0);
    assert_true (zt_key_read ((zt_bytes_t){output + 4, ZT_KEY_CHARS}, &key));
    zt_key_fingerprint (&key, fingerprint);
    s_says (output, fingerprint);

    static const char *const wrong[][3] = {
        {"-k", "short", NULL},          {"--key-port", "0", NULL}, {"--key-port", "65536", NULL},
        {"--invite", "", NULL},         {"--pair", "a b", NULL},   {"key", "more", NULL},
        {"tcp://h:1/short", NULL, NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        s_end (s_start (self, false, wrong[i][0], wrong[i][1], wrong[i][2], NULL), ZT_EXIT_USAGE);
    s_end (s_start (self, false, "--plain", "-k", key.text, NULL), ZT_EXIT_USAGE);
    s_end (s_start (self, false, "ipc://x", "-k", key.text, NULL), ZT_EXIT_USAGE);
    s_end (s_start (self, false, "127.0.0.1:*", NULL), ZT_EXIT_USAGE);
}

#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        S_TEST (s_a_script_is_not_asked),
        S_TEST (s_what_is_trusted_is_known_then),
        S_TEST (s_a_person_is_asked_once),
        S_TEST (s_what_is_typed_before_is_no_answer),
        S_TEST (s_a_changed_key_stops),
        S_TEST (s_a_key_is_pinned_when_it_has_proved_right),
        S_TEST (s_programs_are_told_why_it_ends),
        S_TEST (s_an_endpoint_carries_the_key),
        S_TEST (s_who_tells_no_key_is_not_believed),
        S_TEST (s_the_key_service_may_be_elsewhere),
        S_TEST (s_one_side_encrypts_alone),
        S_TEST (s_who_is_banned_is_told),
        S_TEST (s_a_known_key_that_nobody_has),
        S_TEST (s_on_this_machine_nobody_is_asked),
        S_TEST (s_what_is_published_wins),
        S_TEST (s_what_is_pinned_for_a_name_wins),
        S_TEST (s_plain_is_not_believed_of_a_name),
        S_TEST (s_a_broker_may_be_slow_to_tell),
        S_TEST (s_who_never_tells_is_left),
        S_TEST (s_another_protocol_is_outlived),
        S_TEST (s_what_is_published_may_be_anothers),
        S_TEST (s_a_broker_of_this_machine_may_come_later),
        S_TEST (s_one_that_comes_later_and_is_not_known),
        S_TEST (s_nobody_answers),
        S_TEST (s_a_damaged_file_is_told),
        S_TEST (s_keys_and_wrong_usage),
    };
    /*  Nearly all of the time is that which the client gives a broker: 3, 5, 10 seconds. */
    return zt_together (tests, sizeof tests / sizeof tests[0], 8);
}
