/*  SPDX-License-Identifier: MPL-2.0

    The log in a database, without threads. */

#include "broker/pack.h"
#include "broker/store_log.h"
#include "store_fixture.h"

#include "common/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *dir;
    char *path;
    zt_store_log_t *log;
    char wrong[400];
} s_fixture_t;

static int s_set_up (void **state)
{
    s_fixture_t *fixture = zt_alloc (sizeof *fixture);
    fixture->dir = zt_fixture_directory ();
    fixture->path = zt_fixture_path (fixture->dir, "log.db");
    *state = fixture;
    return 0;
}

static void s_close (s_fixture_t *fixture)
{
    if (fixture->log)
        zt_store_log_close (&fixture->log);
}

static int s_tear_down (void **state)
{
    s_fixture_t *fixture = *state;
    s_close (fixture);
    zt_fixture_remove (&fixture->dir);
    free (fixture->path);
    free (fixture);
    return 0;
}

static zt_store_log_t *s_open (s_fixture_t *fixture)
{
    s_close (fixture);
    fixture->log =
        zt_store_log_open (fixture->path, ZT_SURVIVES_KILL, fixture->wrong, sizeof fixture->wrong);
    if (!fixture->log)
        print_error ("%s\n", fixture->wrong);
    assert_non_null (fixture->log);
    return fixture->log;
}

/*  Commits a slice, and lets go of it. */
static zt_store_result_t s_commit (zt_store_log_t *log, zt_slice_t *slice)
{
    const zt_request_t request = {.kind = ZT_STORE_COMMIT, .slice = slice};
    const zt_request_t *requests[] = {&request};
    zt_store_result_t result = zt_store_log_commit (log, requests, 1);
    zt_slice_unref (&slice);
    return result;
}

static zt_store_result_t s_save (zt_store_log_t *log, const zt_record_t *rows, size_t n,
                                 uint64_t last_number)
{
    zt_request_t request = {.kind = ZT_STORE_COMMIT, .last_number = last_number};
    for (size_t i = 0; i < n; i++)
        zt_records_add (&request.records, &rows[i]);
    const zt_request_t *requests[] = {&request};
    zt_store_result_t result = zt_store_log_commit (log, requests, 1);
    zt_records_clear (&request.records);
    return result;
}

static zt_store_start_t s_check_records (zt_store_log_t *log, const char *expected)
{
    zt_buffer_t lines = {NULL, 0, 0};
    zt_store_start_t start = {0, 0};
    assert_int_equal (zt_store_log_load (log, zt_fixture_note, &lines, &start), ZT_STORE_DONE);
    assert_string_equal (zt_buffer_string (&lines), expected);
    zt_buffer_free (&lines);
    return start;
}

static void s_slices_come_back_as_they_were (void **state)
{
    zt_store_log_t *log = s_open (*state);
    zt_run_t runs[] = {{.first_id = 7,
                        .first_ref = UINT64_MAX - 1,
                        .time = 1234567890123,
                        .device = 3,
                        .from = 4,
                        .target = 5,
                        .count = 2,
                        .offset = 0,
                        .size = 4,
                        .is_room = 1},
                       {.first_id = 9, .count = 1, .offset = 4, .size = 3}};
    static const char bytes[] = {'a', 0, '\xff', 'b', 'c', 'd', 'e'};
    zt_slice_t *slice = zt_slice_new (runs, 2, (zt_bytes_t){bytes, sizeof bytes});
    assert_int_equal (s_commit (log, zt_slice_ref (slice)), ZT_STORE_DONE);
    assert_int_equal (s_commit (log, zt_fixture_slice (20, 100, 3, 5, 30000)), ZT_STORE_DONE);
    log = s_open (*state);
    assert_int_equal (zt_store_log_last_id (log), 119);

    zt_slice_t *read[8];
    zt_store_bounds_t bounds;
    assert_int_equal (zt_store_log_read (log, 0, read, 8, 1, &bounds), 1);
    zt_fixture_same (read[0], slice);
    assert_int_equal (bounds.read_to, 9);
    zt_slice_unref (&read[0]);
    assert_int_equal (zt_store_log_read (log, 8, read, 8, 1 << 20, &bounds), 2);
    zt_fixture_same (read[0], slice);
    zt_slice_unref (&slice);
    slice = zt_fixture_slice (20, 100, 3, 5, 30000);
    zt_fixture_same (read[1], slice);
    for (int i = 0; i < 2; i++)
        zt_slice_unref (&read[i]);
    zt_slice_unref (&slice);
    assert_int_equal (zt_store_log_read (log, 119, read, 8, 1, &bounds), 0);
    assert_int_equal (bounds.read_to, 119);
    assert_int_equal (zt_store_log_read (log, UINT64_MAX, read, 8, 1, &bounds), 0);
    assert_int_equal (bounds.trimmed_to, 0);
}

static void s_records_come_back_in_order (void **state)
{
    zt_store_log_t *log = s_open (*state);
    static char olena[] = "Олена", ivan[] = "ivan", key[] = "key:k0", token[] = "token:t0",
                laptop[] = "laptop", dev[] = "dev", old[] = "old";
    static const zt_record_t rows[] = {
        {.kind = ZT_RECORD_USER, .number = 2, .name = ivan},
        {.kind = ZT_RECORD_USER, .number = 1, .name = olena},
        {.kind = ZT_RECORD_CREDENTIAL, .owner = 1, .name = token},
        {.kind = ZT_RECORD_CREDENTIAL, .owner = 1, .name = key},
        {.kind = ZT_RECORD_CREDENTIAL, .owner = 2, .name = key},
        {.kind = ZT_RECORD_DEVICE, .number = 3, .owner = 1, .name = laptop, .id = 4, .ref = 5},
        {.kind = ZT_RECORD_ROOM, .number = 6, .name = dev},
        {.kind = ZT_RECORD_ROOM, .number = 7, .name = old},
        {.kind = ZT_RECORD_ENTER, .number = 6, .owner = 1, .id = 8},
        {.kind = ZT_RECORD_ENTER, .number = 6, .owner = 2, .id = 9},
        {.kind = ZT_RECORD_ENTER, .number = 7, .owner = 1, .id = 9},
        {.kind = ZT_RECORD_RECEIPT, .number = 2, .owner = 1, .id = 10},
        {.kind = ZT_RECORD_CURSOR, .number = 3, .id = 11}};
    assert_int_equal (s_save (log, rows, sizeof rows / sizeof rows[0], 7), ZT_STORE_DONE);
    static const zt_record_t later[] = {
        {.kind = ZT_RECORD_DEVICE, .number = 3, .owner = 1, .name = old, .id = 1, .ref = 1},
        {.kind = ZT_RECORD_CREDENTIAL_GONE, .owner = 1, .name = token},
        {.kind = ZT_RECORD_LEAVE, .number = 6, .owner = 2},
        {.kind = ZT_RECORD_ROOM_GONE, .number = 7},
        {.kind = ZT_RECORD_RECEIPT, .number = 2, .owner = 1, .id = 12}};
    assert_int_equal (s_save (log, later, sizeof later / sizeof later[0], 3), ZT_STORE_DONE);
    assert_int_equal (s_commit (log, zt_fixture_slice (100, 5, 3, 1, 10)), ZT_STORE_DONE);
    zt_store_start_t start = s_check_records (s_open (*state), "USER 1 0 0 0 Олена\n"
                                                               "USER 2 0 0 0 ivan\n"
                                                               "CREDENTIAL 0 1 0 0 key:k0\n"
                                                               "CREDENTIAL 0 2 0 0 key:k0\n"
                                                               "DEVICE 3 1 11 104 laptop\n"
                                                               "ROOM 6 0 0 0 dev\n"
                                                               "ENTER 6 1 8 0 -\n"
                                                               "RECEIPT 2 1 12 0 -\n");
    assert_int_equal (start.last_id, 104);
    assert_int_equal (start.last_number, 7);
}

static void s_a_full_disk_stores_nothing_and_recovers (void **state)
{
    zt_store_log_t *log = s_open (*state);
    static char name[] = "olena";
    zt_request_t request = {.kind = ZT_STORE_COMMIT, .last_number = 5};
    zt_records_add (&request.records,
                    &(zt_record_t){.kind = ZT_RECORD_USER, .number = 5, .name = name});
    request.slice = zt_fixture_slice (1, 20, 0, 1, 50000);
    const zt_request_t *requests[] = {&request};
    zt_store_log_bound (log, 160000);
    for (int i = 0; i < 3; i++)
        assert_int_equal (zt_store_log_commit (log, requests, 1), ZT_STORE_UNAVAILABLE);
    assert_non_null (strstr (zt_store_log_wrong (log), "full"));
    assert_false (zt_store_log_is_broken (log));
    assert_int_equal (zt_store_log_last_id (log), 0);
    s_check_records (log, "");
    zt_store_log_bound (log, 0);
    assert_int_equal (zt_store_log_commit (log, requests, 1), ZT_STORE_DONE);
    zt_slice_unref (&request.slice);
    zt_records_clear (&request.records);
    assert_int_equal (s_check_records (s_open (*state), "USER 5 0 0 0 olena\n").last_id, 20);
}

static uint64_t s_oldest (zt_store_log_t *log)
{
    zt_slice_t *slice;
    zt_store_bounds_t bounds;
    assert_int_equal (zt_store_log_read (log, 0, &slice, 1, 1, &bounds), 1);
    uint64_t id = slice->first_id;
    assert_int_equal (bounds.trimmed_to, id - 1);
    zt_slice_unref (&slice);
    return id;
}

static void s_trim (zt_store_log_t *log, uint64_t before, uint64_t bytes)
{
    bool more = true;
    while (more)
        assert_int_equal (zt_store_log_trim (log, before, bytes, &more), ZT_STORE_DONE);
}

static void s_the_oldest_slices_are_forgotten (void **state)
{
    zt_store_log_t *log = s_open (*state);
    for (uint64_t i = 0; i < 100; i++)
        s_commit (log, zt_fixture_slice (i * 10 + 1, 10, 1, 1000 + i, 1000));
    uint64_t each = zt_store_log_bytes (log) / 100;
    s_trim (log, 1000, UINT64_MAX);
    assert_int_equal (s_oldest (log), 1);
    s_trim (log, 1030, UINT64_MAX); /* what is as old as the bound stays */
    assert_int_equal (s_oldest (log), 301);
    s_trim (log, 0, each * 50 + each / 2);
    assert_int_equal (s_oldest (log), 501);
    s_trim (log, UINT64_MAX, 0);
    log = s_open (*state);
    assert_int_equal (s_oldest (log), 991);
    assert_int_equal (zt_store_log_trimmed_to (log), 990);
    assert_in_range (zt_store_log_bytes (log), each - 200, each + 200);
    assert_int_equal (zt_store_log_last_id (log), 1000);
}

static void s_a_file_that_is_mostly_free_shrinks (void **state)
{
    s_fixture_t *fixture = *state;
    zt_store_log_t *log = s_open (fixture);
    for (uint64_t i = 0; i < 24; i++)
        s_commit (log, zt_fixture_slice (i * 20 + 1, 20, 1, 1, 50000));
    bool is_busy;
    assert_int_equal (zt_store_log_checkpoint (log, &is_busy), ZT_STORE_DONE);
    assert_false (is_busy);
    struct stat before, after;
    assert_int_equal (stat (fixture->path, &before), 0);
    assert_false (zt_store_log_shrink (log));
    s_trim (log, UINT64_MAX, 0);
    while (zt_store_log_shrink (log))
        ;
    s_close (fixture);
    assert_int_equal (stat (fixture->path, &after), 0);
    assert_true (before.st_size > 24 * 1000 * 1000);
    assert_true (after.st_size < before.st_size - 4 * 1000 * 1000);
    assert_int_equal (s_oldest (s_open (fixture)), 461);
}

static void s_checkpoints_let_the_wal_begin_anew (void **state)
{
    s_fixture_t *fixture = *state;
    zt_store_log_t *log = s_open (fixture);
    zt_store_log_t *reader =
        zt_store_log_open_reader (fixture->path, fixture->wrong, sizeof fixture->wrong);
    assert_non_null (reader);
    for (uint64_t i = 0; i < 10; i++)
        s_commit (log, zt_fixture_slice (i * 10 + 1, 10, 1, 1, 10000));
    uint64_t pending = zt_store_log_pending (log);
    assert_true (pending > 1000000);
    bool is_busy;
    assert_int_equal (zt_store_log_checkpoint (reader, &is_busy), ZT_STORE_DONE);
    s_commit (log, zt_fixture_slice (200, 1, 1, 1, 10));
    assert_true (zt_store_log_pending (log) < pending / 2);
    zt_store_log_close (&reader);
}

/*  ---------------------------------------------------------------------------
    Files that are not to be used */

static void s_is_refused (s_fixture_t *fixture, const char *because)
{
    assert_null (
        zt_store_log_open (fixture->path, ZT_SURVIVES_KILL, fixture->wrong, sizeof fixture->wrong));
    if (!strstr (fixture->wrong, because))
        print_error ("%s\n", fixture->wrong);
    assert_non_null (strstr (fixture->wrong, because));
}

static void s_execute (const s_fixture_t *fixture, const char *sql)
{
    sqlite3 *db;
    assert_int_equal (sqlite3_open (fixture->path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_exec (db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close (db);
}

/*  A log of before users could belong to keys. */
static void s_tokens_become_credentials (void **state)
{
    static char ivan[] = "ivan", olena[] = "olena", token[] = "token:t0";
    static const zt_record_t rows[] = {
        {.kind = ZT_RECORD_USER, .number = 1, .name = olena},
        {.kind = ZT_RECORD_USER, .number = 2, .name = ivan},
        {.kind = ZT_RECORD_CREDENTIAL, .owner = 1, .name = token},
    };
    s_save (s_open (*state), rows, sizeof rows / sizeof rows[0], 2);
    s_close (*state);
    s_execute (*state, "ALTER TABLE users ADD COLUMN token TEXT;"
                       "UPDATE users SET token = 't0' WHERE number = 1;"
                       "DROP TABLE credentials; PRAGMA user_version = 1");
    for (int i = 0; i < 2; i++)
        s_check_records (s_open (*state), "USER 1 0 0 0 olena\n"
                                          "USER 2 0 0 0 ivan\n"
                                          "CREDENTIAL 0 1 0 0 token:t0\n");
}

static void s_a_newer_schema_is_refused (void **state)
{
    s_open (*state);
    s_close (*state);
    s_execute (*state, "PRAGMA user_version = 1000");
    s_is_refused (*state, "newer ztalk");
}

static void s_a_strange_file_is_refused (void **state)
{
    s_execute (*state, "CREATE TABLE cats (name TEXT)");
    s_is_refused (*state, "not a log of ztalk");
    s_fixture_t *fixture = *state;
    FILE *file = fopen (fixture->path, "w");
    assert_non_null (file);
    for (int i = 0; i < 1000; i++)
        fputs ("this is no database at all\n", file);
    fclose (file);
    s_is_refused (*state, "put a backup in its place");
}

static void s_damage_is_found (void **state)
{
    s_fixture_t *fixture = *state;
    zt_store_log_t *log = s_open (fixture);
    for (uint64_t i = 0; i < 200; i++)
        s_commit (log, zt_fixture_slice (i * 10 + 1, 10, 1, 1, 500));
    assert_true (zt_store_log_check (log, NULL, NULL, fixture->wrong, sizeof fixture->wrong));
    s_close (fixture);
    int fd = open (fixture->path, O_RDWR);
    struct stat file;
    assert_int_equal (fstat (fd, &file), 0);
    char noise[8192];
    memset (noise, 0x5a, sizeof noise);
    for (off_t page = 20; page < 60; page++)
        assert_int_equal (pwrite (fd, noise, sizeof noise, page * 8192), sizeof noise);
    close (fd);
    log = s_open (fixture);
    assert_false (zt_store_log_check (log, NULL, NULL, fixture->wrong, sizeof fixture->wrong));
    assert_non_null (strstr (fixture->wrong, "put a backup in its place"));
    assert_true (zt_store_log_is_broken (log));
}

static void s_a_slice_that_is_none_is_damage (void **state)
{
    s_fixture_t *fixture = *state;
    s_commit (s_open (fixture), zt_fixture_slice (1, 10, 1, 1, 50));
    s_close (fixture);
    static const char *const damages[] = {"UPDATE slices SET n_runs = 2",
                                          "UPDATE slices SET runs = zeroblob (64)",
                                          "UPDATE slices SET data = x'00'",
                                          "UPDATE slices SET data = ''",
                                          "UPDATE slices SET n_runs = 0, runs = ''",
                                          "UPDATE slices SET first_id = 2",
                                          "UPDATE slices SET size = size + 1",
                                          "UPDATE slices SET data = zeroblob (length (data))",
                                          "UPDATE slices SET hash = hash + 1",
                                          "UPDATE slices SET size = 1 << 40"};
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        zt_slice_t *slice;
        zt_store_bounds_t bounds;
        s_execute (fixture, "CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM slices");
        s_execute (fixture, damages[i]);
        zt_store_log_t *log = s_open (fixture);
        assert_int_equal (zt_store_log_read (log, 0, &slice, 1, 1, &bounds), -1);
        assert_non_null (strstr (zt_store_log_wrong (log), "damaged"));
        assert_int_equal (s_commit (log, zt_fixture_slice (11, 1, 1, 1, 1)), ZT_STORE_BROKEN);
        s_close (fixture);
        s_execute (fixture, "DELETE FROM slices; INSERT INTO slices SELECT * FROM kept");
    }
}

static void s_files_are_the_owners_alone (void **state)
{
    s_fixture_t *fixture = *state;
    s_commit (s_open (fixture), zt_fixture_slice (1, 1, 1, 1, 1));
    static const char *const names[] = {"log.db", "log.db-wal", "log.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stat file;
        char *path = zt_fixture_path (fixture->dir, names[i]);
        assert_int_equal (stat (path, &file), 0);
        assert_int_equal (file.st_mode & 0777, 0600);
        free (path);
    }
}

static void s_what_repeats_itself_is_packed (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0}, room = {NULL, 0, 0};
    char back[4096];
    assert_int_equal (zt_pack (&room, zt_buffer_bytes (&text)).size, 0);
    while (text.size < sizeof back / 2)
        zt_buffer_put_string (&text, "MSG 17 1000 @olena @ivan 16\n{\"text\":\"так\"}\n");
    zt_bytes_t packed = zt_pack (&room, zt_buffer_bytes (&text));
    assert_true (packed.size < text.size / 4);
    assert_true (zt_unpack (packed, back, text.size));
    assert_memory_equal (back, text.data, text.size);
    /*  What was not packed like this is found out. */
    assert_false (zt_unpack (packed, back, text.size + 1));
    assert_false (zt_unpack (packed, back, text.size - 1));
    assert_false (zt_unpack ((zt_bytes_t){packed.data, packed.size - 1}, back, text.size));
    /*  A little, and what cannot be made smaller, stay as they are. */
    zt_bytes_t little = {text.data, 100};
    packed = zt_pack (&room, little);
    assert_ptr_equal (packed.data, little.data);
    assert_true (zt_unpack (packed, back, little.size));
    zt_buffer_free (&text);
    zt_buffer_free (&room);
}

int main (void)
{
#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_repeats_itself_is_packed),
        S_TEST (s_slices_come_back_as_they_were),
        S_TEST (s_records_come_back_in_order),
        S_TEST (s_a_full_disk_stores_nothing_and_recovers),
        S_TEST (s_the_oldest_slices_are_forgotten),
        S_TEST (s_a_file_that_is_mostly_free_shrinks),
        S_TEST (s_checkpoints_let_the_wal_begin_anew),
        S_TEST (s_tokens_become_credentials),
        S_TEST (s_a_newer_schema_is_refused),
        S_TEST (s_a_strange_file_is_refused),
        S_TEST (s_damage_is_found),
        S_TEST (s_a_slice_that_is_none_is_damage),
        S_TEST (s_files_are_the_owners_alone),
    };
    return cmocka_run_group_tests_name ("store_log", tests, NULL, NULL);
}
