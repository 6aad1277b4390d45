/*  SPDX-License-Identifier: MPL-2.0

    The file in which the client keeps its journal. */

#include "client/journal.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <signal.h>

#include <cmocka.h>

typedef struct {
    char directory[64];
    zt_home_t home;
    zt_journal_t journal;
    zt_buffer_t content, why;
} s_fixture_t;

static int s_setup (void **state)
{
    static s_fixture_t fixture;
    fixture = (s_fixture_t){.directory = "/tmp/ztalk-test-XXXXXX", .journal = {.fd = -1}};
    *state = &fixture;
    if (!mkdtemp (fixture.directory))
        return -1;
    return zt_home_open (&fixture.home, fixture.directory, &fixture.why) == ZT_HOME_OK ? 0 : -1;
}

static int s_teardown (void **state)
{
    s_fixture_t *fixture = *state;
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", fixture->directory);
    zt_journal_close (&fixture->journal);
    zt_home_close (&fixture->home);
    zt_buffer_free (&fixture->content);
    zt_buffer_free (&fixture->why);
    return system (command);
}

/*  Opens it anew; what was in it is returned as a string. */
static const char *s_open (s_fixture_t *self, const char *endpoint)
{
    zt_journal_close (&self->journal);
    zt_buffer_clear (&self->content);
    assert_true (zt_journal_open (&self->journal, &self->home, endpoint, "olena", "laptop",
                                  &self->content, &self->why));
    return zt_buffer_string (&self->content);
}

static void s_what_was_seen_takes_one_place (void **state)
{
    s_fixture_t *fixture = *state;
    assert_string_equal (s_open (fixture, "ipc:///a"), "");
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("SENT 1 2 3\n")));
    for (int id = 10; id <= 101; id++) {
        char record[16];
        snprintf (record, sizeof record, "ACK %d\n", id);
        assert_true (zt_journal_append (&fixture->journal, zt_bytes (record)));
    }
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("SENT 2 3 4\n")));
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("ACK 102\n")));
    assert_string_equal (s_open (fixture, "ipc:///a"),
                         "SENT 1 2 3\nACK 99\nACK 101\nSENT 2 3 4\nACK 102\n");
}

static void s_a_file_keeps_what_is_appended (void **state)
{
    s_fixture_t *fixture = *state;
    const char *endpoint = "ipc:///tmp/a b/../🇺🇦\n";
    assert_string_equal (s_open (fixture, endpoint), "");
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("one ")));
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("two")));
    assert_string_equal (s_open (fixture, endpoint), "one two");
    assert_true (zt_journal_cut (&fixture->journal, 4));
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("3")));
    assert_string_equal (s_open (fixture, endpoint), "one 3");
    assert_string_equal (s_open (fixture, "tcp://a:1"), "");
    assert_string_equal (s_open (fixture, endpoint), "one 3");

    assert_true (zt_journal_replace (&fixture->journal, zt_bytes ("new ")));
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("and more")));
    assert_string_equal (s_open (fixture, endpoint), "new and more");
    struct stat info;
    assert_int_equal (fstatat (fixture->home.fd, fixture->journal.file, &info, 0), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
}

static void s_a_file_grows_until_it_is_to_be_replaced (void **state)
{
    s_fixture_t *fixture = *state;
    static char large[100000];
    s_open (fixture, "tcp://a:1");
    assert_false (zt_journal_is_long (&fixture->journal));
    assert_true (zt_journal_append (&fixture->journal, (zt_bytes_t){large, sizeof large}));
    assert_true (zt_journal_is_long (&fixture->journal));
    /*  If so much is pending, it is not replaced again for little. */
    assert_true (zt_journal_replace (&fixture->journal, (zt_bytes_t){large, sizeof large}));
    assert_true (zt_journal_append (&fixture->journal, (zt_bytes_t){large, sizeof large}));
    assert_false (zt_journal_is_long (&fixture->journal));
}

static void s_a_full_disk_leaves_what_there_was (void **state)
{
    s_fixture_t *fixture = *state;
    static char large[4000];
    memset (large, 'x', sizeof large);
    s_open (fixture, "tcp://a:1");
    assert_true (zt_journal_append (&fixture->journal, zt_bytes ("good\n")));
    struct rlimit old, limit;
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &old), 0);
    limit = old;
    limit.rlim_cur = 1000;
    signal (SIGXFSZ, SIG_IGN);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
    bool appended = zt_journal_append (&fixture->journal, (zt_bytes_t){large, sizeof large});
    bool replaced = zt_journal_replace (&fixture->journal, (zt_bytes_t){large, sizeof large});
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &old), 0);
    assert_false (appended);
    assert_false (replaced);
    /*  The part that was written is gone over by what comes next. */
    assert_true (zt_journal_append (&fixture->journal, (zt_bytes_t){large, 3000}));
    s_open (fixture, "tcp://a:1");
    assert_int_equal (fixture->content.size, 3005);
    assert_memory_equal (fixture->content.data, "good\nxxx", 8);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_what_was_seen_takes_one_place, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_file_keeps_what_is_appended, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_file_grows_until_it_is_to_be_replaced, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_a_full_disk_leaves_what_there_was, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
