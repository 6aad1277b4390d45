/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/index_file.h"

#include "broker/store_files.h"
#include "common/alloc.h"
#include "common/system.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*  Another number here, and every index is built anew. */
enum { S_FORMAT = 1 };

/*  How many pieces of work make a transaction: in one of 16,000 runs each page that they
    touch is written once, in one of 2,000 nearly each run writes three. */
enum { S_PIECES = 8 };

/*  Places for pairs that are known. */
enum { S_KNOWN = 16384 };

/*  Not synced: a checkpoint's sync held up the log's commits, on the same disk, for 100 ms
    and more. So after a power cut the file may be anything, and is made anew: the state
    says in which boot of the machine it is open, and nothing when it was closed, for
    which it is synced. One process has it, so the locks are taken once. */
static const char s_pragmas[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                                "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 4096;"
                                "PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;";

static const char s_schema[] =
    "CREATE TABLE state (edition TEXT, run INTEGER, run_time INTEGER, text INTEGER,"
    " boot TEXT);"
    "CREATE TABLE parts (first_id INTEGER PRIMARY KEY, messages INTEGER);";

/*  A part's tables, %1 being its first id. A conversation is (low, high): the lower and the
    higher number of two people, or 0 and a room. Full text has one column, in which a message's
    words come behind its scopes (s_put_scopes in store_index.c); of a word it keeps in which
    messages it is, and not where in them. Prefixes of one letter have an index of their own
    (3 us a message): every other message has such a word, and people type them. Longer
    prefixes are put together from their words, which takes 10 ms in a million messages. */
static const char s_part_schema[] =
    "CREATE TABLE runs_%1 (low INTEGER, high INTEGER, first_id INTEGER, count INTEGER,"
    " device INTEGER, PRIMARY KEY (low, high, first_id)) WITHOUT ROWID;"
    "CREATE TABLE pairs_%1 (user INTEGER, partner INTEGER, PRIMARY KEY (user, partner))"
    " WITHOUT ROWID;"
    "CREATE TABLE refs_%1 (device INTEGER, first_ref INTEGER, first_id INTEGER, count INTEGER,"
    " time INTEGER, PRIMARY KEY (device, first_ref)) WITHOUT ROWID;"
    "CREATE VIRTUAL TABLE text_%1 USING fts5 (words, content = '', columnsize = 0,"
    " detail = none, prefix = '1', tokenize = \"ascii tokenchars '_'\");";

static const char s_part_end[] = "DROP TABLE text_%1; DROP TABLE refs_%1; DROP TABLE pairs_%1;"
                                 "DROP TABLE runs_%1; DELETE FROM parts WHERE first_id = %1;";

static const char *const s_statements[ZT_INDEX_STATEMENTS] = {
    [ZT_INDEX_PUT_RUN] = "INSERT OR REPLACE INTO runs_%1 VALUES (?, ?, ?, ?, ?)",
    [ZT_INDEX_PUT_PAIR] = "INSERT OR IGNORE INTO pairs_%1 VALUES (?, ?)",
    [ZT_INDEX_PUT_REF] = "INSERT OR REPLACE INTO refs_%1 VALUES (?, ?, ?, ?, ?)",
    [ZT_INDEX_PUT_TEXT] = "INSERT INTO text_%1 (rowid, words) VALUES (?, ?)",
    [ZT_INDEX_RUNS] = "SELECT first_id, count, device FROM runs_%1 WHERE low = ? AND high = ?"
                      " AND first_id > ? AND first_id < ? ORDER BY first_id DESC LIMIT ?",
    [ZT_INDEX_SUM] = "SELECT sum (min (count, first_id + count - 1 - ?5)) FROM runs_%1"
                     " WHERE low = ?1 AND high = ?2 AND first_id > ?3 AND first_id < ?4"
                     " AND first_id + count - 1 > ?5 AND (?6 = 0 OR device <> ?6)",
    [ZT_INDEX_PAIRS] = "SELECT partner FROM pairs_%1 WHERE user = ?",
    [ZT_INDEX_REF] = "SELECT first_ref, first_id, count, time FROM refs_%1"
                     " WHERE device = ? AND first_ref <= ? ORDER BY first_ref DESC LIMIT 1",
    [ZT_INDEX_FIND] = "SELECT rowid FROM text_%1 WHERE text_%1 MATCH ? AND rowid < ?"
                      " ORDER BY rowid DESC LIMIT ?",
};

/*  The SQL for a part, on the heap. */
static char *s_sql (const char *text, uint64_t first_id)
{
    zt_buffer_t sql = {NULL, 0, 0};
    for (const char *at = text; *at; at++)
        if (at[0] == '%' && at[1] == '1') {
            zt_buffer_put_u64 (&sql, first_id);
            at++;
        } else
            zt_buffer_put_char (&sql, *at);
    zt_buffer_put_char (&sql, '\0');
    return sql.data;
}

static bool s_exec (zt_index_file_t *self, const char *sql)
{
    return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool s_exec_part (zt_index_file_t *self, const char *text, uint64_t first_id)
{
    char *sql = s_sql (text, first_id);
    bool done = s_exec (self, sql);
    free (sql);
    return done;
}

static void s_finalize (zt_index_part_t *part)
{
    for (size_t i = 0; i < ZT_INDEX_STATEMENTS; i++) {
        sqlite3_finalize (part->statements[i]);
        part->statements[i] = NULL;
    }
}

static void s_forget_pairs (zt_index_file_t *self)
{
    if (self->known)
        memset (self->known, 0, S_KNOWN * sizeof *self->known);
}

static void s_forget_parts (zt_index_file_t *self)
{
    for (size_t i = 0; i < self->n_parts; i++)
        s_finalize (&self->parts[i]);
    self->n_parts = 0;
    s_forget_pairs (self);
}

static void s_close (zt_index_file_t *self)
{
    s_forget_parts (self);
    int closed = sqlite3_close (self->db);
    assert (closed == SQLITE_OK); /* all statements are finalized */
    self->db = NULL;
    self->pieces = 0;
    self->marks = (zt_index_marks_t){0, 0, 0};
}

static zt_index_part_t *s_add_part (zt_index_file_t *self, uint64_t first_id, uint64_t messages)
{
    self->parts = zt_realloc (self->parts, self->n_parts + 1, sizeof *self->parts);
    zt_index_part_t *part = &self->parts[self->n_parts++];
    *part = (zt_index_part_t){.first_id = first_id, .messages = messages};
    return part;
}

/*  Which boot of the machine this is; "?" if that is not known. */
static void s_boot (char *boot, size_t size)
{
    if (!zt_system_boot (boot, size))
        snprintf (boot, size, "?");
}

/*  Has the machine been up ever since a file was open in that boot? */
static bool s_is_safe (const char *was)
{
    char boot[64];
    s_boot (boot, sizeof boot);
    return was[0] == '\0' || (strcmp (was, boot) == 0 && strcmp (boot, "?") != 0);
}

/*  The mark is synced before anything else is written: else a power cut could leave the
    old one, which trusts the file, with some of what came after it. */
static bool s_mark_open (zt_index_file_t *self)
{
    char boot[64];
    s_boot (boot, sizeof boot);
    char *sql = sqlite3_mprintf ("PRAGMA synchronous = FULL; UPDATE state SET boot = %Q;"
                                 "PRAGMA wal_checkpoint (TRUNCATE); PRAGMA synchronous = OFF",
                                 boot);
    bool done = sql && s_exec (self, sql);
    sqlite3_free (sql);
    return done;
}

/*  By SQLite's own descriptor: to close another one would give up its locks. */
static bool s_sync (zt_index_file_t *self)
{
    sqlite3_file *file = NULL;
    return sqlite3_file_control (self->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
           file->pMethods && file->pMethods->xSync (file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/*  First all that was written is synced, and then what says so. A checkpoint that has nothing
    to move syncs nothing, and those before it, which have moved it, did not sync either. */
static void s_mark_closed (zt_index_file_t *self)
{
    if (s_exec (self, "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint (TRUNCATE)") &&
        s_sync (self))
        s_exec (self, "UPDATE state SET boot = ''; PRAGMA wal_checkpoint (TRUNCATE)");
}

/*  Reads the marks and the parts. False if this is no index of ours, or SQLite fails. */
static bool s_load (zt_index_file_t *self)
{
    static const char parts[] = "SELECT first_id, messages FROM parts ORDER BY first_id";
    static const char state[] = "SELECT run, run_time, text, edition, user_version, boot"
                                " FROM state, pragma_user_version";
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2 (self->db, state, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step (statement) == SQLITE_ROW;
    if (good) {
        self->marks =
            (zt_index_marks_t){zt_index_column (statement, 0), zt_index_column (statement, 1),
                               zt_index_column (statement, 2)};
        const char *edition = (const char *) sqlite3_column_text (statement, 3);
        const char *boot = (const char *) sqlite3_column_text (statement, 5);
        good = edition && strcmp (edition, zt_words_edition ()) == 0 &&
               zt_index_column (statement, 4) == S_FORMAT && boot && s_is_safe (boot);
    }
    sqlite3_finalize (statement);
    statement = NULL;
    s_forget_parts (self);
    int step = SQLITE_ERROR;
    if (good && sqlite3_prepare_v2 (self->db, parts, -1, &statement, NULL) == SQLITE_OK)
        while ((step = sqlite3_step (statement)) == SQLITE_ROW)
            s_add_part (self, zt_index_column (statement, 0), zt_index_column (statement, 1));
    sqlite3_finalize (statement);
    return step == SQLITE_DONE;
}

static void s_tell (zt_index_file_t *self)
{
    snprintf (self->wrong, sizeof self->wrong, "the index %s: %s", self->path,
              self->db ? sqlite3_errmsg (self->db) : "there is no memory");
}

/*  Opens the file as it is. */
static bool s_connect (zt_index_file_t *self)
{
    static const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) /* else SQLite says why; it would make the file readable for others */
        close (fd);
    bool is_open = sqlite3_open_v2 (self->path, &self->db, flags, NULL) == SQLITE_OK;
    if (self->db)
        sqlite3_extended_result_codes (self->db, 1);
    if (is_open && s_exec (self, s_pragmas))
        return true;
    s_tell (self);
    return false;
}

static bool s_create (zt_index_file_t *self)
{
    char *sql = sqlite3_mprintf (
        "BEGIN; PRAGMA user_version = %d; %s INSERT INTO state VALUES (%Q, 0, 0, 0, '');"
        " COMMIT",
        S_FORMAT, s_schema, zt_words_edition ());
    bool done = sql && s_exec (self, sql) && s_load (self) && s_mark_open (self);
    if (!done)
        s_tell (self);
    sqlite3_free (sql);
    return done;
}

/*  True if the file is of no use, false if it only cannot be had now: somebody else
    has it, the disk is full, it may not be written. */
static bool s_is_useless (const zt_index_file_t *self)
{
    int code = self->db ? sqlite3_extended_errcode (self->db) : SQLITE_NOMEM;
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return false;
    case SQLITE_IOERR:
        return code == SQLITE_IOERR_SHORT_READ;
    default:
        return true;
    }
}

bool zt_index_file_anew (zt_index_file_t *self)
{
    s_close (self);
    zt_store_files_remove (self->path);
    if (s_connect (self) && s_create (self))
        return true;
    s_close (self);
    return false;
}

bool zt_index_file_open (zt_index_file_t *self, const char *path)
{
    self->path = zt_strndup (path, strlen (path));
    self->known = zt_alloc (S_KNOWN * sizeof *self->known);
    bool connected = s_connect (self);
    bool is_loaded = connected && s_load (self);
    if (is_loaded && s_mark_open (self))
        return true;
    if (connected)
        s_tell (self);
    if (s_is_useless (self) && zt_index_file_anew (self)) {
        self->wrong[0] = '\0';
        return true;
    }
    return false;
}

void zt_index_file_close (zt_index_file_t *self)
{
    if (self->db && zt_index_file_commit (self))
        s_mark_closed (self);
    s_close (self);
    free (self->known);
    free (self->parts);
    free (self->path);
}

bool zt_index_file_fail (zt_index_file_t *self)
{
    if (!self->db) /* it has been told already */
        return false;
    int code = sqlite3_errcode (self->db) & 0xFF;
    bool useless = s_is_useless (self);
    s_tell (self);
    if (!sqlite3_get_autocommit (self->db))
        s_exec (self, "ROLLBACK");
    self->pieces = 0;
    if (code == SQLITE_FULL && s_load (self))
        return false;
    s_close (self);
    if (useless)
        zt_store_files_remove (self->path);
    return false;
}

bool zt_index_file_begin (zt_index_file_t *self)
{
    if (self->pieces == 0 && !s_exec (self, "BEGIN IMMEDIATE"))
        return zt_index_file_fail (self);
    self->pieces++;
    return true;
}

bool zt_index_file_end (zt_index_file_t *self, const zt_index_marks_t *marks)
{
    self->marks = *marks;
    return self->pieces < S_PIECES || zt_index_file_commit (self);
}

bool zt_index_file_commit (zt_index_file_t *self)
{
    char sql[256];
    const zt_index_marks_t *marks = &self->marks;
    const zt_index_part_t *last = self->n_parts ? &self->parts[self->n_parts - 1] : NULL;
    if (self->pieces == 0)
        return true;
    snprintf (sql, sizeof sql,
              "UPDATE state SET run = %llu, run_time = %llu, text = %llu;"
              "UPDATE parts SET messages = %llu WHERE first_id = %llu; COMMIT",
              (unsigned long long) marks->run, (unsigned long long) marks->run_time,
              (unsigned long long) marks->text, last ? (unsigned long long) last->messages : 0,
              last ? (unsigned long long) last->first_id : 0);
    if (!s_exec (self, sql))
        return zt_index_file_fail (self);
    self->pieces = 0;
    self->wrong[0] = '\0';
    return true;
}

bool zt_index_file_knows (zt_index_file_t *self, zt_index_pair_t pair)
{
    zt_index_pair_t *place = &self->known[(pair.low * 31 + pair.high * 1009) % S_KNOWN];
    bool known = place->low == pair.low && place->high == pair.high;
    *place = pair;
    return known;
}

zt_index_part_t *zt_index_file_grow (zt_index_file_t *self, uint64_t first_id, uint32_t messages)
{
    zt_index_part_t *part = self->n_parts ? &self->parts[self->n_parts - 1] : NULL;
    if (!part || part->messages >= self->part_messages) {
        char row[96];
        snprintf (row, sizeof row, "INSERT INTO parts VALUES (%llu, 0)",
                  (unsigned long long) first_id);
        if (!s_exec_part (self, s_part_schema, first_id) || !s_exec (self, row)) {
            zt_index_file_fail (self);
            return NULL;
        }
        part = s_add_part (self, first_id, 0);
        s_forget_pairs (self);
    }
    part->messages += messages;
    return part;
}

zt_index_part_t *zt_index_file_part (const zt_index_file_t *self, uint64_t id)
{
    size_t low = 0, high = self->n_parts;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->parts[middle].first_id > id)
            high = middle;
        else
            low = middle + 1;
    }
    return low > 0 ? &self->parts[low - 1] : NULL;
}

bool zt_index_file_is_trimmed (const zt_index_file_t *self, uint64_t trimmed_to)
{
    return self->n_parts > 1 && self->parts[1].first_id <= trimmed_to + 1;
}

bool zt_index_file_trim (zt_index_file_t *self)
{
    uint64_t first_id = self->parts[0].first_id;
    s_finalize (&self->parts[0]);
    if (!zt_index_file_begin (self))
        return false;
    if (!s_exec_part (self, s_part_end, first_id))
        return zt_index_file_fail (self);
    memmove (self->parts, self->parts + 1, --self->n_parts * sizeof *self->parts);
    return zt_index_file_commit (self);
}

sqlite3_stmt *zt_index_statement (zt_index_file_t *self, zt_index_part_t *part,
                                  zt_index_statement_t which)
{
    sqlite3_stmt **statement = &part->statements[which];
    if (*statement) {
        sqlite3_reset (*statement);
        return *statement;
    }
    char *sql = s_sql (s_statements[which], part->first_id);
    if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
        SQLITE_OK) {
        free (sql);
        zt_index_file_fail (self);
        return NULL;
    }
    free (sql);
    return *statement;
}

int zt_index_step (zt_index_file_t *self, sqlite3_stmt *statement)
{
    int step = sqlite3_step (statement);
    if (step == SQLITE_ROW)
        return 1;
    if (step == SQLITE_DONE) {
        sqlite3_reset (statement);
        return 0;
    }
    zt_index_file_fail (self);
    return -1;
}

bool zt_index_run (zt_index_file_t *self, sqlite3_stmt *statement)
{
    return zt_index_step (self, statement) == 0;
}

void zt_index_bind (sqlite3_stmt *statement, int place, uint64_t number)
{
    sqlite3_bind_int64 (statement, place, (sqlite3_int64) number);
}

uint64_t zt_index_column (sqlite3_stmt *statement, int column)
{
    return (uint64_t) sqlite3_column_int64 (statement, column);
}
