/*  SPDX-License-Identifier: MPL-2.0

    The log on disk as the broker uses it. Started with arguments it is the process that
    a test kills, or one that makes a backup. */

#include "broker/store_log.h"
#include "broker/store_sqlite.h"
#include "store_fixture.h"

#include "common/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { S_DEADLINE_MS = 30000 };

static const char *s_program;

typedef struct {
    char *dir;
    zt_store_t *store;
    char wrong[400];
} s_fixture_t;

static int s_set_up (void **state)
{
    s_fixture_t *fixture = zt_alloc (sizeof *fixture);
    char *parent = zt_fixture_directory ();
    fixture->dir = zt_fixture_path (parent, "made/here");
    free (parent);
    *state = fixture;
    return 0;
}

static void s_close (s_fixture_t *fixture)
{
    if (fixture->store)
        fixture->store->destroy (&fixture->store);
}

static int s_tear_down (void **state)
{
    s_fixture_t *fixture = *state;
    s_close (fixture);
    fixture->dir[strlen (fixture->dir) - strlen ("/made/here")] = '\0';
    zt_fixture_remove (&fixture->dir);
    free (fixture);
    return 0;
}

static zt_store_t *s_open_with (s_fixture_t *fixture, zt_store_config_t config)
{
    s_close (fixture);
    config.dir = fixture->dir;
    fixture->store = zt_store_sqlite_open (&config, fixture->wrong, sizeof fixture->wrong);
    if (!fixture->store)
        print_error ("%s\n", fixture->wrong);
    assert_non_null (fixture->store);
    return fixture->store;
}

static zt_store_t *s_open (s_fixture_t *fixture)
{
    return s_open_with (fixture, (zt_store_config_t){.power = false});
}

static int64_t s_clock (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/*  Waits for the next completion. The caller clears it. */
static zt_completion_t s_wait (zt_store_t *store)
{
    zt_completion_t completion;
    int64_t end = s_clock () + S_DEADLINE_MS;
    while (!store->next (store, &completion)) {
        if (store->is_busy (store))
            continue;
        struct pollfd item = {store->fd (store), POLLIN, 0};
        if (s_clock () >= end || poll (&item, 1, (int) (end - s_clock ())) <= 0)
            fail_msg ("no completion comes");
    }
    return completion;
}

static zt_completion_t s_do (zt_store_t *store, const zt_request_t *request)
{
    store->submit (store, request);
    zt_completion_t completion = s_wait (store);
    assert_int_equal (completion.kind, request->kind);
    assert_int_equal (completion.asker.session, request->asker.session);
    return completion;
}

static void s_submit (zt_store_t *store, zt_slice_t *slice)
{
    store->submit (store, &(zt_request_t){.kind = ZT_STORE_COMMIT, .slice = slice});
}

static zt_store_result_t s_result (zt_store_t *store)
{
    zt_completion_t completion = s_wait (store);
    zt_store_result_t result = completion.result;
    zt_completion_clear (&completion);
    return result;
}

static void s_append (zt_store_t *store, zt_slice_t *slice)
{
    s_submit (store, slice);
    assert_int_equal (s_result (store), ZT_STORE_DONE);
}

enum { S_FILLING = 400, S_FILLING_TEXT = 50000 };

/*  Commits more than the tail holds: what was there before is on disk only. Its ids are from
    first to first + S_FILLING - 1. */
static void s_fill (zt_store_t *store, uint64_t first)
{
    enum { S_COUNT = 20 };
    for (uint64_t id = first; id < first + S_FILLING; id += S_COUNT)
        s_append (store, zt_fixture_slice (id, S_COUNT, 1, 5, S_FILLING_TEXT));
}

static zt_completion_t s_read (zt_store_t *store, uint64_t after)
{
    return s_do (store,
                 &(zt_request_t){.kind = ZT_STORE_READ, .asker = {.session = 77}, .after = after});
}

static void s_ignore (void *self, const zt_record_t *record)
{
    (void) self;
    (void) record;
}

static uint64_t s_last_id (zt_store_t *store)
{
    zt_store_start_t start;
    assert_true (store->load (store, s_ignore, NULL, &start));
    return start.last_id;
}

/*  Reads the whole log, and checks that no id between the two is missing. */
static void s_check_ids (zt_store_t *store, uint64_t first, uint64_t last)
{
    uint64_t next = first;
    for (uint64_t after = first - 1; after < last;) {
        zt_completion_t read = s_read (store, after);
        assert_int_equal (read.result, ZT_STORE_DONE);
        assert_true (read.read_to > after);
        for (uint32_t i = 0; i < read.n; i++) {
            if (next == first && i == 0)
                next = read.slices[0]->first_id;
            assert_int_equal (read.slices[i]->first_id, next);
            next = read.slices[i]->last_id + 1;
        }
        after = read.read_to;
        zt_completion_clear (&read);
    }
    assert_int_equal (next, last + 1);
}

/*  ---------------------------------------------------------------------------
    Committing and reading */

static void s_what_was_committed_is_there_again (void **state)
{
    static char name[] = "olena", device[] = "laptop";
    zt_store_t *store = s_open_with (*state, (zt_store_config_t){.power = true});
    assert_int_equal (s_last_id (store), 0);
    zt_request_t request = {.kind = ZT_STORE_COMMIT, .last_number = 2};
    zt_records_add (&request.records,
                    &(zt_record_t){.kind = ZT_RECORD_USER, .number = 1, .name = name});
    zt_records_add (
        &request.records,
        &(zt_record_t){.kind = ZT_RECORD_DEVICE, .number = 2, .owner = 1, .name = device});
    request.slice = zt_fixture_slice (1, 100, 2, 5, 10);
    zt_completion_t done = s_do (store, &request);
    assert_int_equal (done.result, ZT_STORE_DONE);
    assert_ptr_equal (done.slice, request.slice);
    assert_int_equal (done.records.n, 0);
    zt_completion_clear (&done);
    s_append (store, zt_fixture_slice (101, 100, 2, 5, 10));

    store = s_open (*state);
    zt_buffer_t lines = {NULL, 0, 0};
    zt_store_start_t start;
    assert_true (store->load (store, zt_fixture_note, &lines, &start));
    assert_string_equal (zt_buffer_string (&lines), "USER 1 0 0 0 olena\n"
                                                    "DEVICE 2 1 0 200 laptop\n");
    assert_int_equal (start.last_id, 200);
    assert_int_equal (start.last_number, 2);
    zt_buffer_free (&lines);
    s_check_ids (store, 1, 200);
}

static void s_many_commits_at_once_come_back_in_order (void **state)
{
    enum { S_MANY = 1000 };
    zt_store_t *store = s_open (*state);
    for (uint64_t i = 0; i < S_MANY; i++)
        s_submit (store, zt_fixture_slice (i + 1, 1, 1, 5, 10));
    for (uint64_t i = 0; i < S_MANY; i++) {
        zt_completion_t done = s_wait (store);
        assert_int_equal (done.result, ZT_STORE_DONE);
        assert_int_equal (done.slice->first_id, i + 1);
        zt_completion_clear (&done);
    }
    assert_false (store->is_busy (store));
    s_check_ids (store, 1, S_MANY);
    s_check_ids (s_open (*state), 1, S_MANY);
}

static void s_reading_goes_from_the_disk_to_the_tail (void **state)
{
    enum { S_SLICES = 24, S_COUNT = 20, S_TEXT = 50000 };
    zt_store_t *store = s_open (*state);
    for (uint64_t i = 0; i < S_SLICES; i++)
        s_append (store, zt_fixture_slice (i * S_COUNT + 1, S_COUNT, 1, 5, S_TEXT));
    s_check_ids (store, 1, S_SLICES * S_COUNT);
    /*  What is in memory is answered without a thread. */
    store->submit (store,
                   &(zt_request_t){.kind = ZT_STORE_READ, .after = (S_SLICES - 2) * S_COUNT + 5});
    zt_completion_t read;
    assert_true (store->is_busy (store));
    assert_true (store->next (store, &read));
    assert_int_equal (read.slices[0]->first_id, (S_SLICES - 2) * S_COUNT + 1);
    zt_completion_clear (&read);
    read = s_read (store, S_SLICES * S_COUNT + 1000);
    assert_int_equal (read.n, 0);
    assert_int_equal (read.read_to, S_SLICES * S_COUNT + 1000);
    zt_completion_clear (&read);
    store = s_open (*state);
    /*  Where the log ends is in memory at once. */
    store->submit (store,
                   &(zt_request_t){.kind = ZT_STORE_READ, .after = (S_SLICES - 2) * S_COUNT});
    assert_true (store->next (store, &read));
    assert_int_equal (read.n, 1);
    zt_completion_clear (&read);
    s_check_ids (store, 1, S_SLICES * S_COUNT);
}

static void s_a_read_sees_what_was_done_before_it (void **state)
{
    enum { S_TIMES = 500 };
    zt_store_t *store = s_open (*state);
    s_fill (store, 1);
    uint64_t done = S_FILLING;
    for (uint64_t i = 0; i < S_TIMES; i++) {
        s_submit (store, zt_fixture_slice (S_FILLING + i + 1, 1, 1, 5, 10));
        store->submit (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = i % 8 ? done : 0});
        store->submit (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = done});
        for (int n = 0; n < 3; n++) {
            zt_completion_t completion = s_wait (store);
            assert_int_equal (completion.result, ZT_STORE_DONE);
            if (completion.kind == ZT_STORE_COMMIT)
                done = completion.slice->last_id;
            else if (completion.n < ZT_READ_SLICES)
                assert_true (completion.n > 0 || completion.read_to >= done);
            zt_completion_clear (&completion);
        }
    }
}

static void s_old_slices_are_forgotten (void **state)
{
    zt_store_t *store = s_open_with (*state, (zt_store_config_t){.keep_bytes = 100000});
    uint64_t id = 1, trimmed_to = 0;
    for (; id <= 200; id++)
        s_append (store, zt_fixture_slice (id, 1, 1, 5, 2000));
    for (int64_t end = s_clock () + S_DEADLINE_MS; trimmed_to < 140; id++) {
        assert_true (s_clock () < end);
        s_append (store, zt_fixture_slice (id, 1, 1, 5, 2000));
        zt_completion_t read = s_read (store, 0);
        trimmed_to = read.trimmed_to;
        assert_true (read.n > 0 && read.slices[0]->first_id == trimmed_to + 1);
        zt_completion_clear (&read);
    }
    zt_completion_t read = s_read (store, trimmed_to + 1);
    assert_int_equal (read.slices[0]->first_id,
                      read.trimmed_to ? read.trimmed_to + 1 : trimmed_to + 2);
    zt_completion_clear (&read);

    /*  By age: all but the newest are older than a second. */
    store = s_open_with (*state, (zt_store_config_t){.keep_ms = 1000});
    for (int64_t end = s_clock () + S_DEADLINE_MS; trimmed_to != id - 2;) {
        assert_true (s_clock () < end);
        read = s_read (store, 0);
        trimmed_to = read.trimmed_to;
        zt_completion_clear (&read);
    }
    read = s_read (store, id - 2);
    assert_int_equal (read.n, 1);
    assert_int_equal (read.trimmed_to, 0);
    zt_completion_clear (&read);
}

static void s_the_index_is_asked (void **state)
{
    zt_store_t *store = s_open (*state);
    for (uint64_t i = 0; i < 10; i++)
        s_append (store, zt_fixture_slice (i * 10 + 1, 10, 4, 5, 10));
    zt_completion_t found = s_do (
        store,
        &(zt_request_t){.kind = ZT_STORE_RECALL, .asker = {.session = 1, .ref = 37}, .device = 4});
    assert_int_equal (found.id, 37);
    assert_int_equal (found.time, 5);
    zt_completion_clear (&found);

    zt_query_t *query = zt_alloc (sizeof *query);
    *query = (zt_query_t){.user = 1, .target = 2, .count = 5};
    found = s_do (store, &(zt_request_t){.kind = ZT_STORE_SKIP, .after = 10, .query = query});
    assert_int_equal (found.read_to, 95);
    assert_int_equal (found.count, 85);
    zt_completion_clear (&found);

    query = zt_alloc (sizeof *query);
    *query =
        (zt_query_t){.user = 1, .target = 2, .count = 3, .needle = "4 номер", .needle_size = 12};
    found = s_do (store, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = query});
    assert_int_equal (found.n, 3);
    assert_true (found.more);
    assert_memory_equal (found.hits[0].slice->data + found.hits[0].offset, "MSG 49 ", 7);
    zt_completion_clear (&found);
}

/*  ---------------------------------------------------------------------------
    Faults */

static void s_a_full_disk_gives_all_back (void **state)
{
    static char name[] = "olena";
    zt_store_t *store = s_open_with (*state, (zt_store_config_t){.most_bytes = 400000});
    s_append (store, zt_fixture_slice (1, 1, 1, 5, 10));
    zt_request_t large = {.kind = ZT_STORE_COMMIT, .last_number = 1};
    zt_records_add (&large.records,
                    &(zt_record_t){.kind = ZT_RECORD_USER, .number = 1, .name = name});
    large.slice = zt_fixture_slice (2, 20, 1, 5, 50000);
    store->submit (store, &large);
    /*  These would fit, but must not overtake what is lost. */
    s_submit (store, zt_fixture_slice (22, 1, 1, 5, 10));
    s_submit (store, zt_fixture_slice (23, 1, 1, 5, 10));
    zt_completion_t failed = s_wait (store);
    assert_int_equal (failed.result, ZT_STORE_UNAVAILABLE);
    assert_ptr_equal (failed.slice, large.slice);
    assert_int_equal (failed.records.n, 1);
    assert_string_equal (failed.records.rows[0].name, name);
    assert_non_null (strstr (store->wrong (store), "full"));
    zt_completion_clear (&failed);
    s_submit (store, zt_fixture_slice (24, 1, 1, 5, 10));
    for (int i = 0; i < 3; i++)
        assert_int_equal (s_result (store), ZT_STORE_UNAVAILABLE);
    s_append (store, zt_fixture_slice (25, 1, 1, 5, 10));
    store = s_open (*state);
    assert_int_equal (s_last_id (store), 25);
    zt_completion_t read = s_read (store, 0);
    assert_int_equal (read.n, 2);
    zt_completion_clear (&read);
}

static void s_damage_ends_it (void **state)
{
    s_fixture_t *fixture = *state;
    zt_store_t *store = s_open (fixture);
    s_append (store, zt_fixture_slice (1, 1, 1, 5, 10));
    s_fill (store, 2);
    store = s_open (fixture);
    sqlite3 *db;
    char *path = zt_fixture_path (fixture->dir, "log.db");
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (
        sqlite3_exec (db, "UPDATE slices SET n_runs = 5 WHERE last_id = 1", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close (db);
    free (path);
    zt_completion_t read = s_read (store, 0);
    unsigned syncs = zt_fixture_log_syncs ();
    assert_int_equal (read.result, ZT_STORE_BROKEN);
    assert_non_null (strstr (store->wrong (store), "damaged"));
    zt_completion_clear (&read);
    for (int i = 0; i < 3; i++) {
        s_submit (store, zt_fixture_slice (S_FILLING + 2, 1, 1, 5, 10));
        assert_int_equal (s_result (store), ZT_STORE_BROKEN);
    }
    assert_non_null (strstr (store->wrong (store), "damaged"));
    s_close (fixture);
    assert_int_equal (zt_fixture_log_syncs (), syncs);
}

static void s_a_sync_that_fails_is_not_tried_again (void **state)
{
    static char name[] = "olena";
    s_fixture_t *fixture = *state;
    zt_store_t *store = s_open_with (fixture, (zt_store_config_t){.power = true});
    s_append (store, zt_fixture_slice (1, 1, 1, 5, 10));
    zt_fixture_fail_syncs (true);
    zt_request_t request = {.kind = ZT_STORE_COMMIT};
    zt_records_add (&request.records,
                    &(zt_record_t){.kind = ZT_RECORD_USER, .number = 1, .name = name});
    request.slice = zt_fixture_slice (2, 1, 1, 5, 10);
    zt_completion_t failed = s_do (store, &request);
    zt_fixture_fail_syncs (false);
    assert_int_equal (failed.result, ZT_STORE_BROKEN);
    assert_int_equal (failed.records.n, 1);
    zt_completion_clear (&failed);
    for (int i = 0; i < 3; i++) {
        s_submit (store, zt_fixture_slice (3, 1, 1, 5, 10));
        assert_int_equal (s_result (store), ZT_STORE_BROKEN);
        assert_non_null (strstr (store->wrong (store), "disk I/O error"));
    }
    unsigned syncs = zt_fixture_log_syncs ();
    s_close (fixture);
    assert_int_equal (zt_fixture_log_syncs (), syncs);
    /*  The one whose sync failed was not acknowledged, but may be there. */
    assert_in_range (s_last_id (s_open (fixture)), 1, 2);
}

static void s_a_second_broker_is_refused (void **state)
{
    s_fixture_t *fixture = *state;
    char expected[64];
    s_open (fixture);
    zt_store_config_t config = {.dir = fixture->dir};
    assert_null (zt_store_sqlite_open (&config, fixture->wrong, sizeof fixture->wrong));
    snprintf (expected, sizeof expected, "process %ld", (long) getpid ());
    assert_non_null (strstr (fixture->wrong, expected));
    s_open (fixture);
}

static void s_a_directory_that_cannot_be_is_refused (void **state)
{
    s_fixture_t *fixture = *state;
    zt_store_config_t config = {.dir = "/dev/null/here"};
    assert_null (zt_store_sqlite_open (&config, fixture->wrong, sizeof fixture->wrong));
    assert_non_null (strstr (fixture->wrong, "cannot be made"));
}

static void s_what_waits_is_committed_at_the_end (void **state)
{
    zt_store_t *store = s_open (*state);
    for (uint64_t i = 1; i <= 600; i++) {
        s_submit (store, zt_fixture_slice (i, 1, 1, 5, 10));
        store->submit (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = i});
        zt_query_t *query = zt_alloc (sizeof *query);
        *query = (zt_query_t){.user = 1, .count = 1};
        store->submit (store, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = query});
    }
    store = s_open (*state);
    assert_int_equal (s_last_id (store), 600);
}

/*  ---------------------------------------------------------------------------
    With other processes */

static pid_t s_start (const char *what, const char *dir, const char *argument)
{
    pid_t child = fork ();
    if (child == 0) {
        execl (s_program, s_program, what, dir, argument, (char *) NULL);
        _exit (99);
    }
    assert_true (child > 0);
    return child;
}

/*  Commits without end, and writes the last id of each acknowledged slice to stdout. */
static int s_commit_without_end (const char *dir)
{
    char wrong[400];
    zt_store_config_t config = {.dir = dir};
    zt_store_t *store = zt_store_sqlite_open (&config, wrong, sizeof wrong);
    if (!store)
        return 1;
    uint64_t id = s_last_id (store) + 1;
    for (int i = 0; i < 8; i++, id += 20)
        s_submit (store, zt_fixture_slice (id, 20, 1, 5, 500));
    for (;; id += 20) {
        zt_completion_t done = s_wait (store);
        uint64_t last_id = done.slice->last_id;
        if (done.result != ZT_STORE_DONE ||
            write (STDOUT_FILENO, &last_id, sizeof last_id) != sizeof last_id)
            return 1;
        zt_completion_clear (&done);
        s_submit (store, zt_fixture_slice (id, 20, 1, 5, 500));
    }
}

static void s_nothing_acknowledged_is_lost_by_kill (void **state)
{
    enum { S_TIMES = 4, S_ACKNOWLEDGED = 200 };
    s_fixture_t *fixture = *state;
    for (int i = 0; i < S_TIMES; i++) {
        int ends[2], saved = dup (STDOUT_FILENO);
        uint64_t id, acknowledged = 0;
        assert_int_equal (pipe (ends), 0);
        dup2 (ends[1], STDOUT_FILENO);
        pid_t child = s_start ("commit", fixture->dir, "");
        dup2 (saved, STDOUT_FILENO);
        close (saved);
        close (ends[1]);
        for (int n = 0; read (ends[0], &id, sizeof id) == sizeof id; n++) {
            assert_true (id > acknowledged);
            acknowledged = id;
            if (n == S_ACKNOWLEDGED)
                kill (child, SIGKILL);
        }
        close (ends[0]);
        int status;
        assert_int_equal (waitpid (child, &status, 0), child);
        assert_true (WIFSIGNALED (status));
        zt_store_t *store = s_open (fixture);
        uint64_t last_id = s_last_id (store);
        assert_true (acknowledged > 0 && last_id >= acknowledged);
        s_check_ids (store, 1, last_id);
        s_close (fixture);
    }
}

static int s_backup (const char *dir, const char *file)
{
    char wrong[400];
    if (zt_store_sqlite_backup (dir, file, wrong, sizeof wrong))
        return 0;
    fprintf (stderr, "%s\n", wrong);
    return 1;
}

static void s_check_backup (s_fixture_t *fixture, const char *file, uint64_t at_least)
{
    zt_store_log_t *log = zt_store_log_open_copier (file, fixture->wrong, sizeof fixture->wrong);
    assert_non_null (log);
    uint64_t last_id = 0;
    for (int n = 1; n > 0;) {
        zt_slice_t *slices[ZT_READ_SLICES];
        zt_store_bounds_t bounds;
        n = zt_store_log_read (log, last_id, slices, ZT_READ_SLICES, 1 << 20, &bounds);
        assert_true (n >= 0);
        for (int i = 0; i < n; i++) {
            assert_int_equal (slices[i]->first_id, last_id + 1);
            last_id = slices[i]->last_id;
            zt_slice_unref (&slices[i]);
        }
    }
    assert_true (last_id >= at_least);
    zt_store_log_close (&log);
}

static void s_a_backup_is_made_while_commits_go_on (void **state)
{
    s_fixture_t *fixture = *state;
    zt_store_t *store = s_open (fixture);
    char *file = zt_fixture_path (fixture->dir, "backup.db");
    uint64_t id = 1;
    for (; id <= 5000; id += 100)
        s_append (store, zt_fixture_slice (id, 100, 1, 5, 1000));
    pid_t child = s_start ("backup", fixture->dir, file);
    int status;
    for (; waitpid (child, &status, WNOHANG) == 0; id++)
        s_append (store, zt_fixture_slice (id, 1, 1, 5, 1000));
    assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    s_check_backup (fixture, file, 5000);
    /*  It overwrites nothing. */
    assert_false (
        zt_store_sqlite_backup (fixture->dir, file, fixture->wrong, sizeof fixture->wrong));
    assert_non_null (strstr (fixture->wrong, "exists"));
    assert_int_equal (unlink (file), 0);
    /*  Without a broker, too; and the log is as usable as before. */
    s_close (fixture);
    assert_true (
        zt_store_sqlite_backup (fixture->dir, file, fixture->wrong, sizeof fixture->wrong));
    s_check_backup (fixture, file, id - 1);
    assert_int_equal (s_last_id (s_open (fixture)), id - 1);
    s_close (fixture);

    /*  Put in its place it is the log. */
    char *log = zt_fixture_path (fixture->dir, "log.db");
    assert_int_equal (rename (file, log), 0);
    store = s_open (fixture);
    s_append (store, zt_fixture_slice (id, 1, 1, 5, 1000));
    s_check_ids (store, 1, id);
    free (log);
    assert_false (zt_store_sqlite_backup ("/nowhere", file, fixture->wrong, sizeof fixture->wrong));
    assert_int_equal (access (file, F_OK), -1);
    free (file);
}

int main (int argc, char **argv)
{
    s_program = argv[0];
    if (argc == 4 && strcmp (argv[1], "commit") == 0)
        return s_commit_without_end (argv[2]);
    if (argc == 4 && strcmp (argv[1], "backup") == 0)
        return s_backup (argv[2], argv[3]);
#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)
    const struct CMUnitTest tests[] = {
        S_TEST (s_what_was_committed_is_there_again),
        S_TEST (s_many_commits_at_once_come_back_in_order),
        S_TEST (s_reading_goes_from_the_disk_to_the_tail),
        S_TEST (s_a_read_sees_what_was_done_before_it),
        S_TEST (s_old_slices_are_forgotten),
        S_TEST (s_the_index_is_asked),
        S_TEST (s_a_full_disk_gives_all_back),
        S_TEST (s_damage_ends_it),
        S_TEST (s_a_sync_that_fails_is_not_tried_again),
        S_TEST (s_a_second_broker_is_refused),
        S_TEST (s_a_directory_that_cannot_be_is_refused),
        S_TEST (s_what_waits_is_committed_at_the_end),
        S_TEST (s_nothing_acknowledged_is_lost_by_kill),
        S_TEST (s_a_backup_is_made_while_commits_go_on),
    };
    return cmocka_run_group_tests_name ("store_sqlite", tests, NULL, NULL);
}
