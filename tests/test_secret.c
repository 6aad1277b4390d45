/*  SPDX-License-Identifier: MPL-2.0

    Files of secrets, and what a broker tells the clients of its machine. */

#include "common/published.h"
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

typedef struct {
    char directory[64];
    int fd;
    zt_buffer_t text, why;
} s_fixture_t;

static int s_setup (void **state)
{
    static s_fixture_t fixture;
    fixture = (s_fixture_t){.directory = "/tmp/ztalk-test-XXXXXX"};
    if (!mkdtemp (fixture.directory))
        return -1;
    fixture.fd = open (fixture.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = &fixture;
    return setenv ("XDG_STATE_HOME", fixture.directory, 1) | unsetenv ("RUNTIME_DIRECTORY");
}

static int s_teardown (void **state)
{
    s_fixture_t *self = *state;
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", self->directory);
    close (self->fd);
    zt_buffer_free (&self->text);
    zt_buffer_free (&self->why);
    return system (command);
}

static bool s_make (zt_buffer_t *text)
{
    zt_buffer_put_string (text, "made\n");
    return true;
}

static bool s_make_nothing (zt_buffer_t *text)
{
    (void) text;
    errno = ENODATA;
    return false;
}

static bool s_load (s_fixture_t *self, zt_secret_make_fn *make)
{
    zt_buffer_clear (&self->text);
    zt_buffer_clear (&self->why);
    return zt_secret_load (self->fd, self->directory, "secret", make, &self->text, &self->why);
}

/*  How many files there are, but for hidden ones. */
static int s_count (const s_fixture_t *self)
{
    char command[128];
    snprintf (command, sizeof command, "exit $(ls '%s' | wc -l)", self->directory);
    return WEXITSTATUS (system (command));
}

static void s_a_secret_is_made_once (void **state)
{
    s_fixture_t *self = *state;
    struct stat status;
    assert_true (s_load (self, s_make));
    assert_string_equal (zt_buffer_string (&self->text), "made\n");
    assert_int_equal (fstatat (self->fd, "secret", &status, 0), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
    assert_true (s_load (self, s_make_nothing));
    assert_string_equal (zt_buffer_string (&self->text), "made\n");
    assert_true (zt_secret_write (self->fd, "secret", zt_bytes ("other"), 0600));
    assert_true (s_load (self, s_make_nothing));
    assert_string_equal (zt_buffer_string (&self->text), "other");
    assert_int_equal (s_count (self), 1); /* nothing lies about beside it */
}

static void s_what_others_can_read_is_not_taken (void **state)
{
    s_fixture_t *self = *state;
    assert_true (zt_secret_write (self->fd, "secret", zt_bytes ("x"), 0640));
    assert_false (s_load (self, s_make));
    assert_non_null (strstr (zt_buffer_string (&self->why), "others can read it"));
}

static void s_what_is_somebody_elses_is_not_taken (void **state)
{
    s_fixture_t *self = *state;
    if (geteuid () != 0)
        skip (); /* nobody else can give a file away */
    assert_true (zt_secret_write (self->fd, "secret", zt_bytes ("x"), 0600));
    assert_int_equal (fchownat (self->fd, "secret", 65534, 65534, 0), 0);
    assert_false (s_load (self, s_make));
    assert_non_null (strstr (zt_buffer_string (&self->why), "belongs to somebody else"));
    assert_int_equal (self->text.size, 0);
}

static void s_what_is_no_file_is_not_read (void **state)
{
    s_fixture_t *self = *state;
    assert_int_equal (mkfifoat (self->fd, "secret", 0600), 0);
    assert_false (s_load (self, s_make)); /* and nobody is waited for */
    assert_non_null (strstr (zt_buffer_string (&self->why), "/secret: it is no file"));
    assert_int_equal (unlinkat (self->fd, "secret", 0), 0);
    assert_int_equal (mkdirat (self->fd, "secret", 0700), 0);
    assert_false (s_load (self, s_make));
    assert_non_null (strstr (zt_buffer_string (&self->why), "/secret: it is no file"));
}

/*  A file may be longer than there is room for: a part of it is written then. */
static void s_no_room_is_told (void **state)
{
    s_fixture_t *self = *state;
    struct rlimit old, little = {.rlim_cur = 2};
    signal (SIGXFSZ, SIG_IGN);
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &old), 0);
    little.rlim_max = old.rlim_max;
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &little), 0);
    bool is_loaded = s_load (self, s_make);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &old), 0);
    assert_false (is_loaded);
    assert_non_null (strstr (zt_buffer_string (&self->why), strerror (EFBIG)));
    assert_int_equal (s_count (self), 0);
}

static void s_failures_are_told (void **state)
{
    s_fixture_t *self = *state;
    assert_false (s_load (self, s_make_nothing));
    assert_non_null (strstr (zt_buffer_string (&self->why), "cannot write"));
    assert_non_null (strstr (zt_buffer_string (&self->why), "/secret: "));
    assert_int_equal (s_count (self), 0);
    assert_int_equal (mkdirat (self->fd, "secret", 0700), 0);
    assert_false (s_load (self, s_make));
    assert_false (zt_secret_write (self->fd, "secret", zt_bytes ("x"), 0600));
    assert_int_equal (s_count (self), 1);
}

static bool s_keys (s_fixture_t *self, zt_keys_t *keys)
{
    zt_buffer_clear (&self->why);
    return zt_secret_keys (self->fd, self->directory, "key", keys, &self->why);
}

static void s_keys_stay_the_same (void **state)
{
    s_fixture_t *self = *state;
    zt_keys_t first, second;
    assert_true (s_keys (self, &first));
    assert_true (s_keys (self, &second));
    assert_string_equal (first.public.text, second.public.text);
    assert_string_equal (first.secret, second.secret);

    char damaged[256];
    snprintf (damaged, sizeof damaged, "public %s\nsecret %s\n", first.public.text,
              first.public.text);
    static const char *const texts[] = {NULL, "", "public x secret y", "public"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        zt_bytes_t text = zt_bytes (texts[i] ? texts[i] : damaged);
        assert_true (zt_secret_write (self->fd, "key", text, 0600));
        assert_false (s_keys (self, &second));
        assert_non_null (strstr (zt_buffer_string (&self->why), "no pair of keys"));
    }
}

/*  ---------------------------------------------------------------------------
    Published */

#define S_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static bool s_find (const char *host, const char *port, zt_key_t *key)
{
    return zt_published_find (zt_bytes (host), zt_bytes (port), key);
}

static void s_what_is_published_is_found (void **state)
{
    (void) state;
    zt_published_t published;
    zt_key_t key = {S_KEY}, found = {""};
    assert_false (s_find ("127.0.0.1", "7777", &found));
    assert_true (zt_published_open (&published, "tcp://127.0.0.1:7777", &key));
    assert_true (s_find ("127.0.0.1", "7777", &found));
    assert_string_equal (found.text, S_KEY);
    assert_false (s_find ("127.0.0.1", "777", &found));
    assert_false (s_find ("127.0.0.2", "7777", &found));
    zt_published_close (&published);
    zt_published_close (&published);
    assert_false (s_find ("127.0.0.1", "7777", &found));
    assert_true (zt_published_open (&published, "tcp://127.0.0.1:7777", NULL));
    assert_true (s_find ("127.0.0.1", "7777", &found));
    assert_string_equal (found.text, "");
    zt_published_close (&published);
    assert_false (zt_published_open (&published, "ipc://here", &key));
}

/*  Two brokers may have one port, at different addresses. */
static void s_each_endpoint_has_a_file_of_its_own (void **state)
{
    s_fixture_t *self = *state;
    static const struct {
        const char *host, *letter; /* that is looked for, and whose key is found */
    } rows[] = {{"127.0.0.1", "a"}, {"192.168.1.5", "b"},  {"::1", "c"},     {"fe80::1%eth0", "d"},
                {"10.0.0.1", "e"},  {"fe80::2%eth0", "f"}, {"0.0.0.0", "e"}, {"::", "f"}};
    static const char *const bound[] = {"tcp://127.0.0.1:7777", "tcp://192.168.1.5:7777",
                                        "tcp://[::1]:7777",     "tcp://[fe80::1%eth0]:7777",
                                        "tcp://0.0.0.0:7777",   "tcp://[::]:7777"};
    enum { S_COUNT = sizeof bound / sizeof bound[0] };
    zt_published_t published[S_COUNT];
    zt_key_t key = {S_KEY}, found;
    for (int i = 0; i < S_COUNT; i++) {
        key.text[0] = (char) ('a' + i);
        assert_true (zt_published_open (&published[i], bound[i], &key));
    }
    assert_int_equal (s_count (self), 1); /* the directory */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true (s_find (rows[i].host, "7777", &found));
        assert_int_equal (found.text[0], rows[i].letter[0]);
    }
    zt_published_close (&published[0]);
    zt_published_close (&published[4]);
    assert_true (s_find ("127.0.0.1", "7777", &found)); /* [::] takes it, too */
    assert_int_equal (found.text[0], 'f');
    zt_published_close (&published[5]);
    assert_false (s_find ("127.0.0.1", "7777", &found));
    assert_true (s_find ("192.168.1.5", "7777", &found));
    for (int i = 1; i < 4; i++)
        zt_published_close (&published[i]);
}

/*  True if the endpoint is in the list of what is published. */
static bool s_is_listed (const char *endpoint)
{
    zt_buffer_t endpoints = {NULL, 0, 0};
    bool is_listed = false;
    zt_published_list (&endpoints);
    for (size_t at = 0; at < endpoints.size; at += strlen (endpoints.data + at) + 1)
        is_listed = is_listed || strcmp (endpoints.data + at, endpoint) == 0;
    zt_buffer_free (&endpoints);
    return is_listed;
}

static void s_what_lives_is_listed_as_it_is_reached (void **state)
{
    (void) state;
    static const struct {
        const char *bound, *reached;
    } rows[] = {{"tcp://127.0.0.1:7101", "tcp://127.0.0.1:7101"},
                {"tcp://0.0.0.0:7102", "tcp://127.0.0.1:7102"},
                {"tcp://[::]:7103", "tcp://127.0.0.1:7103"},
                {"tcp://[::1]:7104", "tcp://[::1]:7104"},
                {"tcp://192.168.1.5:7105", "tcp://192.168.1.5:7105"}};
    zt_key_t key = {S_KEY};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_published_t published, scoped;
        assert_false (s_is_listed (rows[i].reached));
        assert_true (zt_published_open (&published, rows[i].bound, &key));
        assert_true (zt_published_open (&scoped, "tcp://[fe80::1%eth0]:7106", &key));
        assert_true (s_is_listed (rows[i].reached));
        assert_false (s_is_listed ("tcp://[fe80::1_eth0]:7106"));
        zt_published_close (&published);
        zt_published_close (&scoped);
        assert_false (s_is_listed (rows[i].reached));
    }
}

static mode_t s_published_mode (const char *path)
{
    zt_published_t published;
    struct stat status;
    assert_true (zt_published_open (&published, "tcp://0.0.0.0:7777", NULL));
    assert_int_equal (stat (path, &status), 0);
    zt_published_close (&published);
    return status.st_mode & 0777;
}

/*  A lock can be held by whoever can read the file: a dead broker would seem alive. */
static void s_a_users_file_is_for_the_user (void **state)
{
    s_fixture_t *self = *state;
    char path[128];
    snprintf (path, sizeof path, "%s/ztalk/broker-0.0.0.0-7777.key", self->directory);
    assert_int_equal (s_published_mode (path), 0600);
    setenv ("RUNTIME_DIRECTORY", self->directory, 1);
    snprintf (path, sizeof path, "%s/broker-0.0.0.0-7777.key", self->directory);
    assert_int_equal (s_published_mode (path), 0644);
}

/*  What a crash leaves behind is not the truth. */
static void s_a_dead_broker_is_not_believed (void **state)
{
    s_fixture_t *self = *state;
    zt_published_t published;
    zt_key_t key = {S_KEY}, found;
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0)
        _exit (zt_published_open (&published, "tcp://[::1]:7777", &key) ? 0 : 1);
    int status;
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, 0);
    assert_int_equal (s_count (self), 1);
    assert_false (s_find ("::1", "7777", &found));
    assert_true (zt_published_open (&published, "tcp://[::1]:7777", &key));
    assert_true (s_find ("::1", "7777", &found));
    zt_published_close (&published);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_a_secret_is_made_once, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_others_can_read_is_not_taken, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_is_somebody_elses_is_not_taken, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_what_is_no_file_is_not_read, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_no_room_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_failures_are_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_keys_stay_the_same, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_is_published_is_found, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_each_endpoint_has_a_file_of_its_own, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_what_lives_is_listed_as_it_is_reached, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_a_users_file_is_for_the_user, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_dead_broker_is_not_believed, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
