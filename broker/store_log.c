/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_log.h"

#include "broker/store_records.h"
#include "broker/store_schema.h"
#include "common/alloc.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*  Measured with slices of 16 and of 1,024 messages of 200 bytes: pages of 4 KiB take a third
    fewer messages a second, larger ones than these take no more, and a commit of a
    single message writes three pages. */
enum { S_PAGE_BYTES = 8192 };

enum {
    S_BUSY_MS = 10000,      /* nobody else writes; an operator with a tool might */
    S_WAL_KEPT = 64 << 20,  /* bytes: what a long backup made of the WAL is cut to this */
    S_TRIM_MS = 10,         /* of deleting, between which others commit */
    S_TRIM_ROWS = 1000,     /* likewise */
    S_SHRINK_PAGES = 64,    /* given back at once */
    S_FREE_BYTES = 16 << 20 /* that the file may have free for what comes next */
};

typedef enum {
    S_BEGIN_WRITE,
    S_BEGIN_READ,
    S_COMMIT,
    S_ROLLBACK,
    S_SLICE,
    S_STATE,
    S_SAVE_STATE,
    S_READ,
    S_OLDEST,
    S_DELETE,
    S_FREE_PAGES,
    S_PAGES,
    S_SHRINK,
    S_COPY,
    S_N_SQL
} s_sql_t;

static const char *const s_sql[S_N_SQL] = {
    [S_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [S_BEGIN_READ] = "BEGIN",
    [S_COMMIT] = "COMMIT",
    [S_ROLLBACK] = "ROLLBACK",
    [S_SLICE] = "INSERT INTO slices VALUES (?, ?, ?, ?, ?, ?)",
    [S_STATE] = "SELECT last_id, last_number, trimmed_to, bytes FROM state",
    [S_SAVE_STATE] = "UPDATE state SET last_id = ?, last_number = ?, trimmed_to = ?, bytes = ?",
    [S_READ] = "SELECT first_id, last_id, n_runs, runs, data FROM slices WHERE last_id > ?"
               " ORDER BY last_id",
    [S_OLDEST] = "SELECT last_id, time, length (runs) + length (data) FROM slices"
                 " WHERE last_id > ? ORDER BY last_id LIMIT 1",
    [S_DELETE] = "DELETE FROM slices WHERE last_id = ?",
    [S_FREE_PAGES] = "PRAGMA freelist_count",
    [S_PAGES] = "PRAGMA page_count",
    [S_SHRINK] = "PRAGMA incremental_vacuum (64)",
    [S_COPY] = "VACUUM INTO ?",
};

/*  A run on disk: the members of zt_run_t in this order, little-endian. */
enum { S_RUN_U64 = 6, S_RUN_U32 = 4, S_RUN_BYTES = S_RUN_U64 * 8 + S_RUN_U32 * 4 };

/*  What the table `state` holds. */
typedef struct {
    uint64_t last_id;
    uint64_t last_number;
    uint64_t trimmed_to;
    uint64_t bytes;
} s_state_t;

/*  The last ref of a device. */
typedef struct {
    uint64_t device;
    uint64_t ref;
} s_ref_t;

struct zt_store_log {
    sqlite3 *db;
    zt_store_records_t *records;
    sqlite3_stmt *statements[S_N_SQL]; /* prepared when first needed */
    s_state_t state;                   /* committed; of a writer */
    s_ref_t *refs;                     /* of the transaction */
    size_t n_refs;
    size_t refs_capacity;
    zt_buffer_t runs; /* an encoded table of runs, or several */
    uint64_t wal_pages;
    bool broken;
    char wrong[400];
};

static uint64_t s_clock (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

/*  ---------------------------------------------------------------------------
    Statements and faults */

/*  The statement, ready to be bound; NULL if it cannot be prepared. */
static sqlite3_stmt *s_statement (zt_store_log_t *self, s_sql_t which)
{
    sqlite3_stmt **statement = &self->statements[which];
    if (!*statement)
        sqlite3_prepare_v3 (self->db, s_sql[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return *statement;
}

/*  Runs a statement that gives no rows, or whose rows do not matter. */
static bool s_finish (sqlite3_stmt *statement)
{
    int rc;
    while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
        ;
    sqlite3_reset (statement);
    return rc == SQLITE_DONE;
}

static bool s_run (zt_store_log_t *self, s_sql_t which)
{
    sqlite3_stmt *statement = s_statement (self, which);
    return statement && s_finish (statement);
}

/*  The number that a statement gives; 0 if there is none. */
static uint64_t s_number (zt_store_log_t *self, s_sql_t which)
{
    sqlite3_stmt *statement = s_statement (self, which);
    uint64_t number = 0;
    if (statement && sqlite3_step (statement) == SQLITE_ROW)
        number = (uint64_t) sqlite3_column_int64 (statement, 0);
    sqlite3_reset (statement);
    return number;
}

/*  A disk that is full leaves all as it was. After anything else nothing is sure: when a
    sync has failed the next one may succeed although the data is lost, so it is never
    tried again. */
static zt_store_result_t s_result_of (int rc)
{
    bool full = (rc & 0xff) == SQLITE_FULL || rc == SQLITE_IOERR_SHMSIZE;
    return full || (rc & 0xff) == SQLITE_BUSY ? ZT_STORE_UNAVAILABLE : ZT_STORE_BROKEN;
}

/*  Rolls back, and says what the last call to SQLITE met. */
static zt_store_result_t s_failed (zt_store_log_t *self, const char *what)
{
    int rc = sqlite3_extended_errcode (self->db);
    zt_store_result_t result = s_result_of (rc);
    snprintf (self->wrong, sizeof self->wrong, "%s: %s (%d)%s", what, sqlite3_errmsg (self->db), rc,
              (rc & 0xff) == SQLITE_FULL ? ": the disk is full, make room on it" : "");
    if (!sqlite3_get_autocommit (self->db) && !s_run (self, S_ROLLBACK) &&
        !sqlite3_get_autocommit (self->db))
        result = ZT_STORE_BROKEN;
    self->broken = self->broken || result == ZT_STORE_BROKEN;
    return result;
}

static bool s_damaged (zt_store_log_t *self, uint64_t id)
{
    snprintf (self->wrong, sizeof self->wrong,
              "the log is damaged: the slice up to message %llu is not one",
              (unsigned long long) id);
    self->broken = true;
    return false;
}

/*  ---------------------------------------------------------------------------
    Opening and closing */

static int s_note_wal (void *arg, sqlite3 *db, const char *name, int pages)
{
    (void) db;
    (void) name;
    zt_store_log_t *self = arg;
    self->wal_pages = (uint64_t) pages;
    return SQLITE_OK;
}

/*  What an error at opening means for whoever runs the broker. */
static void s_say_unusable (const char *path, int rc, const char *why, char *wrong, size_t size)
{
    if (rc == SQLITE_MISMATCH)
        snprintf (wrong, size,
                  "%s was written by a newer ztalk: run that one, or one that is newer still",
                  path);
    else if (rc == SQLITE_SCHEMA)
        snprintf (wrong, size, "%s was written by an older ztalk: start the broker on it first",
                  path);
    else if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
        snprintf (wrong, size,
                  "%s is damaged or not a log of ztalk (%s): move it and the files %s-wal and"
                  " %s-shm away, put a backup in its place (cp BACKUP %s), and start again",
                  path, why, path, path, path);
    else
        snprintf (wrong, size, "%s cannot be used: %s", path, why);
}

static int s_read_state (zt_store_log_t *self, s_state_t *state)
{
    sqlite3_stmt *statement = s_statement (self, S_STATE);
    int rc = statement ? sqlite3_step (statement) : sqlite3_errcode (self->db);
    if (rc == SQLITE_ROW)
        *state = (s_state_t){(uint64_t) sqlite3_column_int64 (statement, 0),
                             (uint64_t) sqlite3_column_int64 (statement, 1),
                             (uint64_t) sqlite3_column_int64 (statement, 2),
                             (uint64_t) sqlite3_column_int64 (statement, 3)};
    if (statement)
        sqlite3_reset (statement);
    return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

/*  What a connection begins with; the page size counts only before the first table. A
    file that is mapped into memory would kill the broker where the disk fails. */
static int s_prepare_writer (zt_store_log_t *self, bool power)
{
    char sql[400];
    snprintf (sql, sizeof sql,
              "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL;"
              "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = %d;"
              "PRAGMA synchronous = %s; PRAGMA cache_size = -8192; PRAGMA mmap_size = 0",
              S_PAGE_BYTES, S_WAL_KEPT, power ? "FULL" : "NORMAL");
    int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = zt_store_schema_migrate (self->db);
    if (rc == SQLITE_OK)
        rc = s_read_state (self, &self->state);
    sqlite3_wal_hook (self->db, s_note_wal, self);
    return rc;
}

static int s_prepare_reader (zt_store_log_t *self)
{
    int rc = sqlite3_exec (self->db,
                           "PRAGMA cache_size = -2048; PRAGMA synchronous = FULL;"
                           "PRAGMA mmap_size = 0",
                           NULL, NULL, NULL);
    return rc == SQLITE_OK ? zt_store_schema_check (self->db) : rc;
}

typedef enum { S_WRITER, S_READER, S_COPIER } s_use_t;

static zt_store_log_t *s_open (const char *path, s_use_t use, bool power, char *wrong, size_t size)
{
    int flags =
        SQLITE_OPEN_NOMUTEX | (use == S_COPIER ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    zt_store_log_t *self = zt_alloc (sizeof *self);
    int rc = sqlite3_open_v2 (path, &self->db, flags, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes (self->db, 1);
        sqlite3_busy_timeout (self->db, S_BUSY_MS);
        self->records = zt_store_records_new (self->db);
        rc = use == S_WRITER ? s_prepare_writer (self, power) : s_prepare_reader (self);
    }
    if (rc == SQLITE_OK)
        return self;
    s_say_unusable (path, rc, self->db ? sqlite3_errmsg (self->db) : sqlite3_errstr (rc), wrong,
                    size);
    zt_store_log_close (&self);
    return NULL;
}

/*  SQLite would make it readable for others; its other files take the mode from it. */
static bool s_make_private (const char *path, char *wrong, size_t wrong_size)
{
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        snprintf (wrong, wrong_size, "%s cannot be opened: %s", path, strerror (errno));
    else
        close (fd);
    return fd >= 0;
}

zt_store_log_t *zt_store_log_open (const char *path, zt_survives_t survives, char *wrong,
                                   size_t wrong_size)
{
    if (!s_make_private (path, wrong, wrong_size))
        return NULL;
    return s_open (path, S_WRITER, survives == ZT_SURVIVES_POWER_CUT, wrong, wrong_size);
}

zt_store_log_t *zt_store_log_open_reader (const char *path, char *wrong, size_t wrong_size)
{
    return s_open (path, S_READER, true, wrong, wrong_size);
}

zt_store_log_t *zt_store_log_open_copier (const char *path, char *wrong, size_t wrong_size)
{
    return s_open (path, S_COPIER, true, wrong, wrong_size);
}

void zt_store_log_close (zt_store_log_t **self_p)
{
    zt_store_log_t *self = *self_p;
    for (size_t i = 0; i < S_N_SQL; i++)
        sqlite3_finalize (self->statements[i]);
    if (self->records)
        zt_store_records_destroy (&self->records);
    if (self->broken)
        sqlite3_db_config (self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int rc = sqlite3_close (self->db);
    assert (rc == SQLITE_OK);
    zt_buffer_free (&self->runs);
    free (self->refs);
    free (self);
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    Checking and loading */

typedef struct {
    void (*fn) (void *, const char *line);
    void *fn_self;
    const char *path;
    uint64_t since; /* ms */
    uint64_t told;
} s_progress_t;

static int s_progress (void *arg)
{
    enum { S_TELL_MS = 3000 };
    s_progress_t *progress = arg;
    uint64_t now = s_clock ();
    if (now < progress->told + S_TELL_MS)
        return 0;
    char line[400];
    struct stat file = {.st_size = 0};
    stat (progress->path, &file);
    snprintf (line, sizeof line, "looking for damage in %s (%llu MB), for %llu s now",
              progress->path, (unsigned long long) file.st_size / 1000000,
              (unsigned long long) (now - progress->since) / 1000);
    progress->fn (progress->fn_self, line);
    progress->told = now;
    return 0;
}

bool zt_store_log_check (zt_store_log_t *self, void (*progress) (void *, const char *line),
                         void *progress_self, char *wrong, size_t wrong_size)
{
    enum { S_STEPS = 10000 };
    const char *path = sqlite3_db_filename (self->db, "main");
    uint64_t now = s_clock ();
    s_progress_t told = {progress, progress_self, path, now, now};
    if (progress)
        sqlite3_progress_handler (self->db, S_STEPS, s_progress, &told);
    sqlite3_stmt *statement = NULL;
    char why[200] = "";
    int rc = sqlite3_prepare_v2 (self->db, "PRAGMA quick_check (1)", -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (statement);
    const char *found = rc == SQLITE_ROW ? (const char *) sqlite3_column_text (statement, 0) : NULL;
    snprintf (why, sizeof why, "%s", found ? found : sqlite3_errmsg (self->db));
    sqlite3_finalize (statement);
    sqlite3_progress_handler (self->db, 0, NULL, NULL);
    if (found && strcmp (why, "ok") == 0)
        return true;
    s_say_unusable (path, found ? SQLITE_CORRUPT : rc, why, wrong, wrong_size);
    self->broken = true;
    return false;
}

zt_store_result_t zt_store_log_load (zt_store_log_t *self, zt_record_fn *fn, void *fn_self,
                                     zt_store_start_t *start)
{
    s_state_t state = {0, 0, 0, 0};
    if (!s_run (self, S_BEGIN_READ) || s_read_state (self, &state) != SQLITE_OK ||
        zt_store_records_load (self->records, fn, fn_self) != SQLITE_OK || !s_run (self, S_COMMIT))
        return s_failed (self, "the records cannot be read");
    *start = (zt_store_start_t){state.last_id, state.last_number};
    return ZT_STORE_DONE;
}

/*  ---------------------------------------------------------------------------
    Runs on disk */

static void s_encode_runs (zt_buffer_t *to, const zt_slice_t *slice)
{
    char *at = zt_buffer_reserve (to, slice->n_runs * (size_t) S_RUN_BYTES);
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        uint64_t large[S_RUN_U64] = {htole64 (run->first_id), htole64 (run->first_ref),
                                     htole64 (run->time),     htole64 (run->device),
                                     htole64 (run->from),     htole64 (run->target)};
        uint32_t small[S_RUN_U32] = {htole32 (run->count), htole32 (run->offset),
                                     htole32 (run->size), htole32 (run->is_room)};
        memcpy (at, large, sizeof large);
        memcpy (at + sizeof large, small, sizeof small);
        at += S_RUN_BYTES;
    }
    to->size += slice->n_runs * (size_t) S_RUN_BYTES;
}

static zt_run_t s_decode_run (const char *at)
{
    uint64_t large[S_RUN_U64];
    uint32_t small[S_RUN_U32];
    memcpy (large, at, sizeof large);
    memcpy (small, at + sizeof large, sizeof small);
    return (zt_run_t){.first_id = le64toh (large[0]),
                      .first_ref = le64toh (large[1]),
                      .time = le64toh (large[2]),
                      .device = le64toh (large[3]),
                      .from = le64toh (large[4]),
                      .target = le64toh (large[5]),
                      .count = le32toh (small[0]),
                      .offset = le32toh (small[1]),
                      .size = le32toh (small[2]),
                      .is_room = le32toh (small[3])};
}

/*  The slice of a row of S_READ; NULL if it is none. */
static zt_slice_t *s_slice_of (zt_store_log_t *self, sqlite3_stmt *row)
{
    uint64_t n_runs = (uint64_t) sqlite3_column_int64 (row, 2);
    const char *runs = sqlite3_column_blob (row, 3);
    uint64_t runs_size = (uint64_t) sqlite3_column_bytes (row, 3);
    const char *data = sqlite3_column_blob (row, 4);
    zt_bytes_t messages = {data, (size_t) sqlite3_column_bytes (row, 4)};
    if (n_runs == 0 || n_runs > UINT32_MAX || runs_size != n_runs * S_RUN_BYTES || !runs || !data)
        return NULL;
    zt_buffer_clear (&self->runs);
    zt_run_t *table = (zt_run_t *) (void *) zt_buffer_reserve (&self->runs, n_runs * sizeof *table);
    uint64_t after = 0;
    for (uint64_t i = 0; i < n_runs; i++) {
        zt_run_t run = s_decode_run (runs + i * S_RUN_BYTES);
        if (run.count == 0 || run.first_id <= after || run.offset > messages.size ||
            run.size > messages.size - run.offset)
            return NULL;
        after = run.first_id + run.count - 1;
        table[i] = run;
    }
    if (table[0].first_id != (uint64_t) sqlite3_column_int64 (row, 0) ||
        after != (uint64_t) sqlite3_column_int64 (row, 1))
        return NULL;
    return zt_slice_new (table, n_runs, messages);
}

/*  ---------------------------------------------------------------------------
    Committing */

static void s_note_ref (zt_store_log_t *self, uint64_t device, uint64_t ref)
{
    if (self->n_refs > 0 && self->refs[self->n_refs - 1].device == device) {
        self->refs[self->n_refs - 1].ref = ref;
        return;
    }
    if (self->n_refs == self->refs_capacity) {
        self->refs_capacity = self->refs_capacity ? self->refs_capacity * 2 : 256;
        self->refs = zt_realloc (self->refs, self->refs_capacity, sizeof *self->refs);
    }
    self->refs[self->n_refs++] = (s_ref_t){device, ref};
}

static int s_compare_refs (const void *a_p, const void *b_p)
{
    const s_ref_t *a = a_p, *b = b_p;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->ref < b->ref ? -1 : a->ref > b->ref;
}

/*  Each device once, in the table's order: a commit may hold a run a message. */
static bool s_put_refs (zt_store_log_t *self)
{
    if (self->n_refs > 1)
        qsort (self->refs, self->n_refs, sizeof *self->refs, s_compare_refs);
    for (size_t i = 0; i < self->n_refs; i++) {
        const s_ref_t *ref = &self->refs[i];
        bool is_last = i + 1 == self->n_refs || ref[1].device != ref->device;
        if (is_last &&
            zt_store_records_save_ref (self->records, ref->device, ref->ref) != SQLITE_OK)
            return false;
    }
    return true;
}

static bool s_put_slice (zt_store_log_t *self, const zt_slice_t *slice, s_state_t *state)
{
    sqlite3_stmt *statement = s_statement (self, S_SLICE);
    if (!statement)
        return false;
    uint64_t time = 0;
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        if (run->time > time)
            time = run->time;
        if (run->device)
            s_note_ref (self, run->device, run->first_ref + run->count - 1);
    }
    zt_buffer_clear (&self->runs);
    s_encode_runs (&self->runs, slice);
    sqlite3_bind_int64 (statement, 1, (int64_t) slice->last_id);
    sqlite3_bind_int64 (statement, 2, (int64_t) slice->first_id);
    sqlite3_bind_int64 (statement, 3, (int64_t) time);
    sqlite3_bind_int64 (statement, 4, (int64_t) slice->n_runs);
    sqlite3_bind_blob64 (statement, 5, self->runs.data, self->runs.size, SQLITE_STATIC);
    sqlite3_bind_blob64 (statement, 6, slice->data, slice->size, SQLITE_STATIC);
    bool done = s_finish (statement);
    sqlite3_clear_bindings (statement);
    state->last_id = slice->last_id;
    state->bytes += self->runs.size + slice->size;
    return done;
}

static bool s_put (zt_store_log_t *self, const zt_request_t *request, s_state_t *state)
{
    assert (request->kind == ZT_STORE_COMMIT);
    for (uint32_t i = 0; i < request->records.n; i++)
        if (zt_store_records_save (self->records, &request->records.rows[i]) != SQLITE_OK)
            return false;
    if (request->last_number > state->last_number)
        state->last_number = request->last_number;
    return !request->slice || s_put_slice (self, request->slice, state);
}

static bool s_save_state (zt_store_log_t *self, const s_state_t *state)
{
    sqlite3_stmt *statement = s_statement (self, S_SAVE_STATE);
    if (!statement)
        return false;
    sqlite3_bind_int64 (statement, 1, (int64_t) state->last_id);
    sqlite3_bind_int64 (statement, 2, (int64_t) state->last_number);
    sqlite3_bind_int64 (statement, 3, (int64_t) state->trimmed_to);
    sqlite3_bind_int64 (statement, 4, (int64_t) state->bytes);
    return s_finish (statement);
}

zt_store_result_t zt_store_log_commit (zt_store_log_t *self, const zt_request_t *const *requests,
                                       size_t n)
{
    if (self->broken)
        return ZT_STORE_BROKEN;
    s_state_t state = self->state;
    self->n_refs = 0;
    bool done = s_run (self, S_BEGIN_WRITE);
    for (size_t i = 0; done && i < n; i++)
        done = s_put (self, requests[i], &state);
    if (!done || !s_put_refs (self) || !s_save_state (self, &state) || !s_run (self, S_COMMIT))
        return s_failed (self, "a commit has failed");
    self->state = state;
    return ZT_STORE_DONE;
}

/*  ---------------------------------------------------------------------------
    Reading */

/*  Reads slices within a transaction. Returns how many, or -1. */
static int s_read (zt_store_log_t *self, uint64_t after, zt_slice_t **slices, int n, size_t bytes)
{
    int found = 0, rc = SQLITE_DONE;
    sqlite3_stmt *statement = s_statement (self, S_READ);
    if (!statement)
        return -1;
    sqlite3_bind_int64 (statement, 1, (int64_t) after);
    for (size_t read = 0; found < n && (found == 0 || read < bytes);) {
        if ((rc = sqlite3_step (statement)) != SQLITE_ROW)
            break;
        zt_slice_t *slice = s_slice_of (self, statement);
        if (!slice) {
            s_damaged (self, (uint64_t) sqlite3_column_int64 (statement, 1));
            break;
        }
        read += slice->size;
        slices[found++] = slice;
    }
    sqlite3_reset (statement);
    if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && !self->broken)
        return found;
    while (found > 0)
        zt_slice_unref (&slices[--found]);
    return -1;
}

int zt_store_log_read (zt_store_log_t *self, uint64_t after, zt_slice_t **slices, int n,
                       size_t bytes, zt_store_bounds_t *bounds)
{
    s_state_t state = {0, 0, 0, 0};
    int found = -1;
    if (self->broken)
        return -1;
    if (after > INT64_MAX)
        after = INT64_MAX;
    if (s_run (self, S_BEGIN_READ) && s_read_state (self, &state) == SQLITE_OK)
        found = s_read (self, after, slices, n, bytes);
    if (found >= 0 && s_run (self, S_COMMIT)) {
        uint64_t end = found > 0 ? slices[found - 1]->last_id : state.last_id;
        *bounds = (zt_store_bounds_t){state.trimmed_to, end > after ? end : after};
        return found;
    }
    for (int i = 0; i < found; i++)
        zt_slice_unref (&slices[i]);
    if (!self->broken)
        s_failed (self, "the log cannot be read");
    self->broken = true;
    return -1;
}

/*  ---------------------------------------------------------------------------
    Forgetting */

/*  Deletes the oldest slice, if it is to go. Returns SQLITE_ROW if it went, SQLITE_DONE if it
    stays. */
static int s_trim_one (zt_store_log_t *self, uint64_t before, uint64_t bytes, s_state_t *state)
{
    sqlite3_stmt *oldest = s_statement (self, S_OLDEST), *gone = s_statement (self, S_DELETE);
    if (!oldest || !gone)
        return SQLITE_ERROR;
    sqlite3_bind_int64 (oldest, 1, (int64_t) state->trimmed_to);
    int rc = sqlite3_step (oldest);
    uint64_t id = (uint64_t) sqlite3_column_int64 (oldest, 0);
    uint64_t time = (uint64_t) sqlite3_column_int64 (oldest, 1);
    uint64_t size = (uint64_t) sqlite3_column_int64 (oldest, 2);
    sqlite3_reset (oldest);
    if (rc != SQLITE_ROW)
        return rc;
    if (id == state->last_id || (time >= before && state->bytes <= bytes))
        return SQLITE_DONE;
    sqlite3_bind_int64 (gone, 1, (int64_t) id);
    if (!s_finish (gone))
        return SQLITE_ERROR;
    state->trimmed_to = id;
    state->bytes -= size < state->bytes ? size : state->bytes;
    return SQLITE_ROW;
}

zt_store_result_t zt_store_log_trim (zt_store_log_t *self, uint64_t before, uint64_t bytes,
                                     bool *more)
{
    *more = false;
    if (self->broken)
        return ZT_STORE_BROKEN;
    s_state_t state = self->state;
    uint64_t end = s_clock () + S_TRIM_MS;
    int rc = s_run (self, S_BEGIN_WRITE) ? SQLITE_ROW : SQLITE_ERROR;
    for (int i = 0; rc == SQLITE_ROW && i < S_TRIM_ROWS && s_clock () < end; i++)
        rc = s_trim_one (self, before, bytes, &state);
    if (rc == SQLITE_DONE && state.trimmed_to == self->state.trimmed_to) {
        if (s_run (self, S_ROLLBACK))
            return ZT_STORE_DONE;
    } else if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && s_save_state (self, &state) &&
               s_run (self, S_COMMIT)) {
        self->state = state;
        *more = rc == SQLITE_ROW;
        return ZT_STORE_DONE;
    }
    return s_failed (self, "old messages cannot be deleted");
}

/*  New slices take what is free, so a log that is trimmed as fast as it grows needs no
    shrinking, which moves the newest pages. */
bool zt_store_log_shrink (zt_store_log_t *self)
{
    if (self->broken)
        return false;
    uint64_t free_pages = s_number (self, S_FREE_PAGES);
    if (free_pages * S_PAGE_BYTES < S_FREE_BYTES || free_pages < s_number (self, S_PAGES) / 4)
        return false;
    if (s_run (self, S_SHRINK))
        return true;
    s_failed (self, "the log cannot be shrunk");
    return false;
}

/*  ---------------------------------------------------------------------------
    The write-ahead log, copies, and what is known */

zt_store_result_t zt_store_log_checkpoint (zt_store_log_t *self, bool *is_busy)
{
    *is_busy = false;
    if (self->broken)
        return ZT_STORE_BROKEN;
    int rc = sqlite3_wal_checkpoint_v2 (self->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    *is_busy = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
    if (rc == SQLITE_OK || *is_busy)
        return ZT_STORE_DONE;
    return s_failed (self, "the write-ahead log cannot be emptied");
}

uint64_t zt_store_log_pending (const zt_store_log_t *self)
{
    return self->wal_pages * S_PAGE_BYTES;
}

uint64_t zt_store_log_last_id (const zt_store_log_t *self)
{
    return self->state.last_id;
}

uint64_t zt_store_log_bytes (const zt_store_log_t *self)
{
    return self->state.bytes;
}

uint64_t zt_store_log_trimmed_to (const zt_store_log_t *self)
{
    return self->state.trimmed_to;
}

bool zt_store_log_copy (zt_store_log_t *self, const char *path)
{
    sqlite3_stmt *statement = s_statement (self, S_COPY);
    if (statement && sqlite3_bind_text (statement, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
        s_finish (statement))
        return true;
    s_failed (self, "the log cannot be copied");
    return false;
}

bool zt_store_log_is_broken (const zt_store_log_t *self)
{
    return self->broken;
}

const char *zt_store_log_wrong (const zt_store_log_t *self)
{
    return self->wrong;
}

void zt_store_log_bound (zt_store_log_t *self, uint64_t bytes)
{
    enum { S_PAGES_MOST = INT32_MAX - 1 };
    char sql[64];
    uint64_t pages = bytes / S_PAGE_BYTES;
    if (bytes == 0 || pages > S_PAGES_MOST)
        pages = S_PAGES_MOST;
    snprintf (sql, sizeof sql, "PRAGMA max_page_count = %d", (int) pages);
    int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);
    assert (rc == SQLITE_OK);
}
