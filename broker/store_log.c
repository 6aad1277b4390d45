/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_log_state.h"

#include "broker/store_schema.h"
#include "common/alloc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    S_BUSY_MS = 10000,    /* nobody else writes; an operator with a tool might */
    S_WAL_KEPT = 64 << 20 /* bytes: what a long backup made of the WAL is cut to this */
};

static const char *const s_sql[ZT_SQL_N] = {
    [ZT_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [ZT_SQL_BEGIN_READ] = "BEGIN",
    [ZT_SQL_COMMIT] = "COMMIT",
    [ZT_SQL_ROLLBACK] = "ROLLBACK",
    [ZT_SQL_SLICE] = "INSERT INTO slices VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [ZT_SQL_STATE] = "SELECT last_id, last_number, trimmed_to, bytes FROM state",
    [ZT_SQL_SAVE_STATE] =
        "UPDATE state SET last_id = ?, last_number = ?, trimmed_to = ?, bytes = ?",
    [ZT_SQL_READ] =
        "SELECT first_id, last_id, n_runs, size, hash, runs, data FROM slices WHERE last_id > ?"
        " ORDER BY last_id",
    [ZT_SQL_NEWEST] = "SELECT last_id, length (runs) + size FROM slices ORDER BY last_id DESC",
    [ZT_SQL_OLDEST] = "SELECT last_id, time, length (runs) + length (data) FROM slices"
                      " WHERE last_id > ? ORDER BY last_id LIMIT 1",
    [ZT_SQL_DELETE] = "DELETE FROM slices WHERE last_id = ?",
    [ZT_SQL_FREE_PAGES] = "PRAGMA freelist_count",
    [ZT_SQL_PAGES] = "PRAGMA page_count",
    [ZT_SQL_SHRINK] = "PRAGMA incremental_vacuum (64)",
    [ZT_SQL_COPY] = "VACUUM INTO ?",
};

uint64_t zt_log_clock (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

/*  ---------------------------------------------------------------------------
    Statements and faults */

sqlite3_stmt *zt_log_statement (zt_store_log_t *self, zt_sql_t which)
{
    sqlite3_stmt **statement = &self->statements[which];
    if (!*statement)
        sqlite3_prepare_v3 (self->db, s_sql[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return *statement;
}

bool zt_log_finish (sqlite3_stmt *statement)
{
    int rc;
    while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
        ;
    sqlite3_reset (statement);
    return rc == SQLITE_DONE;
}

bool zt_log_run (zt_store_log_t *self, zt_sql_t which)
{
    sqlite3_stmt *statement = zt_log_statement (self, which);
    return statement && zt_log_finish (statement);
}

/*  A disk that is full leaves all as it was, and so does a quota, of which SQLite does not
    know that it is the same. After anything else nothing is sure: when a sync has failed
    the next one may succeed although the data is lost, so it is never tried again. */
static zt_store_result_t s_result_of (sqlite3 *db, int rc)
{
    bool full = (rc & 0xff) == SQLITE_FULL || rc == SQLITE_IOERR_SHMSIZE ||
                (rc == SQLITE_IOERR_WRITE && sqlite3_system_errno (db) == EDQUOT);
    return full || (rc & 0xff) == SQLITE_BUSY ? ZT_STORE_UNAVAILABLE : ZT_STORE_BROKEN;
}

zt_store_result_t zt_log_failed (zt_store_log_t *self, const char *what)
{
    int rc = sqlite3_extended_errcode (self->db);
    zt_store_result_t result = s_result_of (self->db, rc);
    snprintf (self->wrong, sizeof self->wrong, "%s: %s (%d)%s", what, sqlite3_errmsg (self->db), rc,
              (rc & 0xff) == SQLITE_FULL ? ": the disk is full, make room on it" : "");
    if (!sqlite3_get_autocommit (self->db) && !zt_log_run (self, ZT_SQL_ROLLBACK) &&
        !sqlite3_get_autocommit (self->db))
        result = ZT_STORE_BROKEN;
    self->broken = self->broken || result == ZT_STORE_BROKEN;
    return result;
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
    if (strcmp (why, "not an error") == 0)
        why = "it is another program's";
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
    else if ((rc & 0xff) == SQLITE_FULL)
        snprintf (wrong, size,
                  "%s cannot be opened, since the disk is full: make room on it, and start again",
                  path);
    else if (rc == SQLITE_INTERRUPT)
        snprintf (wrong, size, "stopped while %s was looked through for damage", path);
    else
        snprintf (wrong, size, "%s cannot be used: %s", path, why);
}

int zt_log_read_state (zt_store_log_t *self, zt_log_state_t *state)
{
    sqlite3_stmt *statement = zt_log_statement (self, ZT_SQL_STATE);
    int rc = statement ? sqlite3_step (statement) : sqlite3_errcode (self->db);
    if (rc == SQLITE_ROW)
        *state = (zt_log_state_t){(uint64_t) sqlite3_column_int64 (statement, 0),
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
              ZT_LOG_PAGE_BYTES, S_WAL_KEPT, power ? "FULL" : "NORMAL");
    int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = zt_store_schema_migrate (self->db);
    if (rc == SQLITE_OK)
        rc = zt_log_read_state (self, &self->state);
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

void zt_store_log_give_up (zt_store_log_t *self)
{
    self->broken = true;
}

void zt_store_log_close (zt_store_log_t **self_p)
{
    zt_store_log_t *self = *self_p;
    for (size_t i = 0; i < ZT_SQL_N; i++)
        sqlite3_finalize (self->statements[i]);
    if (self->records)
        zt_store_records_destroy (&self->records);
    if (self->broken)
        sqlite3_db_config (self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int rc = sqlite3_close (self->db);
    assert (rc == SQLITE_OK);
    zt_buffer_free (&self->runs);
    zt_buffer_free (&self->packed);
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

/*  Signals are blocked before there is a loop that takes them. */
static int s_is_ended (void *arg)
{
    (void) arg;
    sigset_t pending;
    return sigpending (&pending) == 0 &&
           (sigismember (&pending, SIGINT) == 1 || sigismember (&pending, SIGTERM) == 1);
}

static int s_progress (void *arg)
{
    enum { S_TELL_MS = 3000 };
    s_progress_t *progress = arg;
    uint64_t now = zt_log_clock ();
    if (s_is_ended (NULL))
        return 1;
    if (!progress->fn || now < progress->told + S_TELL_MS)
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

/*  Compares each slice with its hash. Returns SQLITE_DONE if all are as they were. */
static int s_check_slices (zt_store_log_t *self, char *why, size_t why_size)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2 (self->db, "SELECT last_id, hash, runs, data FROM slices", -1, &row,
                                 NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        if ((rc = sqlite3_step (row)) != SQLITE_ROW)
            break;
        zt_bytes_t runs = {sqlite3_column_blob (row, 2), (size_t) sqlite3_column_bytes (row, 2)};
        zt_bytes_t data = {sqlite3_column_blob (row, 3), (size_t) sqlite3_column_bytes (row, 3)};
        if (sqlite3_column_int64 (row, 1) == zt_log_hash (runs, data))
            continue;
        snprintf (why, why_size, "the messages up to %lld are not as they were written",
                  (long long) sqlite3_column_int64 (row, 0));
        rc = SQLITE_CORRUPT;
    }
    if (rc != SQLITE_DONE && rc != SQLITE_CORRUPT)
        snprintf (why, why_size, "%s", sqlite3_errmsg (self->db));
    sqlite3_finalize (row);
    return rc;
}

/*  What SQLite sees by itself. Returns SQLITE_DONE if it sees no damage. */
static int s_check_pages (zt_store_log_t *self, char *why, size_t why_size)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2 (self->db, "PRAGMA quick_check (1)", -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (statement);
    const char *found = rc == SQLITE_ROW ? (const char *) sqlite3_column_text (statement, 0) : NULL;
    snprintf (why, why_size, "%s", found ? found : sqlite3_errmsg (self->db));
    why[strcspn (why, "\n")] = '\0'; /* it may be a list */
    if (found)
        rc = strcmp (found, "ok") == 0 ? SQLITE_DONE : SQLITE_CORRUPT;
    sqlite3_finalize (statement);
    return rc;
}

bool zt_store_log_check (zt_store_log_t *self, void (*progress) (void *, const char *line),
                         void *progress_self, char *wrong, size_t wrong_size)
{
    enum { S_STEPS = 10000 };
    const char *path = sqlite3_db_filename (self->db, "main");
    uint64_t now = zt_log_clock ();
    s_progress_t told = {progress, progress_self, path, now, now};
    sqlite3_progress_handler (self->db, S_STEPS, s_progress, &told);
    char why[200] = "";
    int rc = s_check_pages (self, why, sizeof why);
    if (rc == SQLITE_DONE)
        rc = s_check_slices (self, why, sizeof why);
    sqlite3_progress_handler (self->db, 0, NULL, NULL);
    if (rc == SQLITE_DONE)
        return true;
    s_say_unusable (path, rc, why, wrong, wrong_size);
    self->broken = true;
    return false;
}

zt_store_result_t zt_store_log_load (zt_store_log_t *self, zt_record_fn *fn, void *fn_self,
                                     zt_store_start_t *start)
{
    zt_log_state_t state = {0, 0, 0, 0};
    if (!zt_log_run (self, ZT_SQL_BEGIN_READ) || zt_log_read_state (self, &state) != SQLITE_OK ||
        zt_store_records_load (self->records, fn, fn_self) != SQLITE_OK ||
        !zt_log_run (self, ZT_SQL_COMMIT))
        return zt_log_failed (self, "the records cannot be read");
    *start = (zt_store_start_t){state.last_id, state.last_number};
    return ZT_STORE_DONE;
}

/*  ---------------------------------------------------------------------------
    The write-ahead log, copies, and what is known */

uint64_t zt_store_log_pending (const zt_store_log_t *self)
{
    return self->wal_pages * ZT_LOG_PAGE_BYTES;
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
    enum { S_STEPS = 10000 };
    sqlite3_stmt *statement = zt_log_statement (self, ZT_SQL_COPY);
    sqlite3_progress_handler (self->db, S_STEPS, s_is_ended, NULL);
    if (statement && sqlite3_bind_text (statement, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
        zt_log_finish (statement))
        return true;
    zt_log_failed (self, "the log cannot be copied");
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
    uint64_t pages = bytes / ZT_LOG_PAGE_BYTES;
    if (bytes == 0 || pages > S_PAGES_MOST)
        pages = S_PAGES_MOST;
    snprintf (sql, sizeof sql, "PRAGMA max_page_count = %d", (int) pages);
    int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);
    assert (rc == SQLITE_OK);
}
