/*  SPDX-License-Identifier: MPL-2.0

    The file of the brokers that are known. */

#include "client/known.h"
#include "tests/exact.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_ONE   "abcdefghijABCDEFGHIJ0123456789.-:+=^!/*?"
#define S_OTHER "ABCDEFGHIJabcdefghij0123456789.-:+=^!/*?"
#define S_HERE  "tcp://host:5555"

static void s_lines_are_read (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        zt_known_t known;
        size_t line;
    } rows[] = {
        {"", ZT_KNOWN_NONE, 0},
        {"\n\n", ZT_KNOWN_NONE, 2},
        {S_HERE " " S_ONE "\n", ZT_KNOWN_KEY, 1},
        {S_HERE " " S_ONE, ZT_KNOWN_KEY, 1},
        {"\t" S_HERE "\t  " S_ONE " \r\n", ZT_KNOWN_KEY, 1},
        {S_HERE " " S_ONE " # of the office\n", ZT_KNOWN_KEY, 1},
        {"TCP://HOST:5555 " S_ONE "\n", ZT_KNOWN_NONE, 1},
        {"tcp://HoSt:5555 " S_ONE "\n", ZT_KNOWN_KEY, 1},
        {"host " S_ONE "\n", ZT_KNOWN_KEY, 1},
        {"# " S_HERE " " S_OTHER "\n\n" S_HERE " " S_ONE "\n", ZT_KNOWN_KEY, 3},
        {S_HERE " " S_ONE "\n" S_HERE " " S_OTHER "\n", ZT_KNOWN_KEY, 1},
        {"tcp://host:5556 " S_OTHER "\n", ZT_KNOWN_NONE, 1},
        {"tcp://ghost:5555 " S_OTHER "\n", ZT_KNOWN_NONE, 1},
        {"tcp://host:5556 damaged\n" S_HERE " " S_ONE "\n", ZT_KNOWN_KEY, 2},
        {"#\n" S_HERE "\n", ZT_KNOWN_DAMAGED, 2},
        {S_HERE " short\n" S_HERE " " S_ONE "\n", ZT_KNOWN_DAMAGED, 1},
        {S_HERE " " S_ONE "x\n", ZT_KNOWN_DAMAGED, 1},
        {S_HERE " " S_ONE " " S_OTHER "\n", ZT_KNOWN_DAMAGED, 1},
        {"#\n" S_HERE "/" S_ONE "\n", ZT_KNOWN_DAMAGED, 2},
        {"host/" S_ONE "\n", ZT_KNOWN_DAMAGED, 1},
        {"host:5555/short " S_ONE "\n", ZT_KNOWN_DAMAGED, 1},
        {S_HERE "/ " S_ONE "\n", ZT_KNOWN_DAMAGED, 1},
        {"host:5555/a://b/c\n", ZT_KNOWN_DAMAGED, 1},
        {"tcp://host:5556/" S_ONE "\n/" S_HERE "\n://\n/\n", ZT_KNOWN_NONE, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_bytes_t text = zt_exact (zt_bytes (rows[i].text));
        zt_key_t key = {""};
        size_t line;
        zt_known_t known = zt_known_look (text, S_HERE, &key, &line);
        if (known != rows[i].known || line != rows[i].line)
            fail_msg ("'%s': %d in line %zu", rows[i].text, (int) known, line);
        assert_string_equal (key.text, known == ZT_KNOWN_KEY ? S_ONE : "");
        zt_exact_free (text);
    }
}

static void s_what_has_a_key_is_listed (void **state)
{
    (void) state;
    static const char file[] = "# of old\n\nhost " S_ONE "\ntcp://b:1 damaged\nb:2/" S_ONE
                               "\n[::1]:7 " S_OTHER " # six\nipc:///x\ntcp://c:*\n";
    static const char list[] = "tcp://host:5555\0tcp://[::1]:7";
    zt_bytes_t text = zt_exact (zt_bytes (file));
    zt_buffer_t endpoints = {NULL, 0, 0};
    zt_known_list (text, &endpoints);
    assert_int_equal (endpoints.size, sizeof list);
    assert_memory_equal (endpoints.data, list, sizeof list);
    zt_buffer_free (&endpoints);
    zt_exact_free (text);
}

static void s_a_line_is_changed_and_the_others_stay (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"", S_HERE " " S_ONE "\n"},
        {"# mine", "# mine\n" S_HERE " " S_ONE "\n"},
        {"# mine\n\nx y z\ntcp://b:1 " S_OTHER "\n",
         "# mine\n\nx y z\ntcp://b:1 " S_OTHER "\n" S_HERE " " S_ONE "\n"},
        {"a\ntcp://HOST:5555 " S_OTHER "\nb\n" S_HERE " damaged\nc\n",
         "a\n" S_HERE " " S_ONE "\nb\nc\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_key_t key = {S_ONE};
        zt_buffer_t changed = {NULL, 0, 0};
        zt_known_change (zt_bytes (rows[i][0]), S_HERE, &key, &changed);
        assert_string_equal (zt_buffer_string (&changed), rows[i][1]);
        zt_buffer_free (&changed);
    }
}

typedef struct {
    char directory[64];
    zt_home_t home;
    zt_buffer_t why;
} s_fixture_t;

static int s_setup (void **state)
{
    static s_fixture_t fixture;
    fixture = (s_fixture_t){.directory = "/tmp/ztalk-test-XXXXXX"};
    *state = &fixture;
    return mkdtemp (fixture.directory) &&
                   zt_home_open (&fixture.home, fixture.directory, &fixture.why) == ZT_HOME_OK
               ? 0
               : -1;
}

static int s_teardown (void **state)
{
    s_fixture_t *self = *state;
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", self->directory);
    zt_home_close (&self->home);
    zt_buffer_free (&self->why);
    return system (command);
}

static void s_write (const s_fixture_t *self, const char *text)
{
    assert_true (zt_secret_write (self->home.fd, ZT_KNOWN_FILE, zt_bytes (text), 0644));
}

static void s_a_key_is_kept (void **state)
{
    s_fixture_t *self = *state;
    zt_key_t one = {S_ONE}, other = {S_OTHER}, none = {""}, key = one;
    assert_int_equal (zt_known_find (&self->home, S_HERE, &key, &self->why), ZT_HOME_OK);
    assert_string_equal (key.text, "");
    assert_int_equal (zt_known_put (&self->home, S_HERE, &one, &none, &self->why), ZT_HOME_OK);
    assert_int_equal (zt_known_put (&self->home, "tcp://b:1", &other, &none, &self->why),
                      ZT_HOME_OK);
    assert_int_equal (zt_known_find (&self->home, "tcp://HOST:5555", &key, &self->why), ZT_HOME_OK);
    assert_string_equal (key.text, S_ONE);
    struct stat status;
    assert_int_equal (fstatat (self->home.fd, ZT_KNOWN_FILE, &status, 0), 0);
    assert_int_equal (status.st_mode & 0777, 0600);

    /*  Once more is no change; another one is only put there by who knows the old one. */
    assert_int_equal (zt_known_put (&self->home, S_HERE, &one, &none, &self->why), ZT_HOME_OK);
    assert_int_equal (zt_known_put (&self->home, S_HERE, &other, &none, &self->why),
                      ZT_HOME_FAILED);
    assert_non_null (strstr (zt_buffer_string (&self->why), "another ztalk"));
    assert_int_equal (zt_known_put (&self->home, S_HERE, &other, &one, &self->why), ZT_HOME_OK);
    assert_int_equal (zt_known_find (&self->home, S_HERE, &key, &self->why), ZT_HOME_OK);
    assert_string_equal (key.text, S_OTHER);
}

static void s_a_damaged_line_is_told (void **state)
{
    s_fixture_t *self = *state;
    zt_key_t one = {S_ONE}, none = {""}, key;
    s_write (self, "# mine\n" S_HERE " " S_ONE "~\n");
    assert_int_equal (zt_known_find (&self->home, S_HERE, &key, &self->why), ZT_HOME_FAILED);
    assert_non_null (strstr (zt_buffer_string (&self->why), "known_brokers: line 2 is about"));
    assert_int_equal (zt_known_put (&self->home, S_HERE, &one, &none, &self->why), ZT_HOME_FAILED);
    /*  It concerns nobody else. */
    assert_int_equal (zt_known_put (&self->home, "tcp://b:1", &one, &none, &self->why), ZT_HOME_OK);
}

static void s_a_file_that_cannot_be_read (void **state)
{
    s_fixture_t *self = *state;
    zt_key_t key;
    assert_int_equal (mkdirat (self->home.fd, ZT_KNOWN_FILE, 0700), 0);
    assert_int_equal (zt_known_find (&self->home, S_HERE, &key, &self->why), ZT_HOME_FAILED);
    assert_non_null (strstr (zt_buffer_string (&self->why), "cannot read "));
}

static void s_who_pins_at_once_loses_nothing (void **state)
{
    s_fixture_t *self = *state;
    enum { S_CHILDREN = 8, S_EACH = 8 };
    zt_key_t one = {S_ONE}, none = {""}, key;
    char endpoint[64];
    for (int i = 0; i < S_CHILDREN; i++) {
        pid_t child = fork ();
        assert_true (child >= 0);
        for (int j = 0; child == 0 && j < S_EACH; j++) {
            snprintf (endpoint, sizeof endpoint, "tcp://h%d:%d", i, j + 1);
            if (zt_known_put (&self->home, endpoint, &one, &none, &self->why) != ZT_HOME_OK)
                _exit (1);
        }
        if (child == 0)
            _exit (0);
    }
    for (int i = 0; i < S_CHILDREN; i++) {
        int status;
        assert_true (wait (&status) > 0);
        assert_int_equal (status, 0);
    }
    for (int i = 0; i < S_CHILDREN * S_EACH; i++) {
        snprintf (endpoint, sizeof endpoint, "tcp://h%d:%d", i / S_EACH, i % S_EACH + 1);
        assert_int_equal (zt_known_find (&self->home, endpoint, &key, &self->why), ZT_HOME_OK);
        assert_string_equal (key.text, S_ONE);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_lines_are_read),
        cmocka_unit_test (s_what_has_a_key_is_listed),
        cmocka_unit_test (s_a_line_is_changed_and_the_others_stay),
        cmocka_unit_test_setup_teardown (s_a_key_is_kept, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_damaged_line_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_file_that_cannot_be_read, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_pins_at_once_loses_nothing, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
