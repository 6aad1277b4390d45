/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_records.h"

#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  What a letter stands for in a row's fields: the record's number, owner, id, ref, name
    (m). They are bound to a statement's parameters, or read from its columns,
    in the order of the letters. */
typedef struct {
    zt_record_kind_t kind;
    const char *fields;
    const char *sql;
} s_row_t;

static const s_row_t s_saves[] = {
    {ZT_RECORD_USER, "nm",
     "INSERT INTO users VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET name = excluded.name"},
    {ZT_RECORD_CREDENTIAL, "om", "INSERT OR IGNORE INTO credentials VALUES (?, ?)"},
    {ZT_RECORD_CREDENTIAL_GONE, "om", "DELETE FROM credentials WHERE user = ? AND credential = ?"},
    {ZT_RECORD_DEVICE, "nom", "INSERT OR IGNORE INTO devices VALUES (?, ?, ?)"},
    {ZT_RECORD_DEVICE, "ni", "INSERT OR IGNORE INTO cursors VALUES (?, ?)"},
    {ZT_RECORD_DEVICE, "nr", "INSERT OR IGNORE INTO refs VALUES (?, ?)"},
    {ZT_RECORD_CURSOR, "ni",
     "INSERT INTO cursors VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET id = excluded.id"},
    {ZT_RECORD_ROOM, "nm",
     "INSERT INTO rooms VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET name = excluded.name"},
    {ZT_RECORD_ROOM_GONE, "n", "DELETE FROM members WHERE room = ?"},
    {ZT_RECORD_ROOM_GONE, "n", "DELETE FROM rooms WHERE number = ?"},
    {ZT_RECORD_ENTER, "noi",
     "INSERT INTO members VALUES (?, ?, ?) ON CONFLICT (room, user)"
     " DO UPDATE SET since = excluded.since"},
    {ZT_RECORD_LEAVE, "no", "DELETE FROM members WHERE room = ? AND user = ?"},
    {ZT_RECORD_RECEIPT, "noi",
     "INSERT INTO receipts VALUES (?, ?, ?) ON CONFLICT (sender, reader)"
     " DO UPDATE SET id = excluded.id"},
};
enum { S_N_SAVES = sizeof s_saves / sizeof s_saves[0] };

/*  A device without a record (of a user who belongs to nothing) ends with its session. */
static const char s_save_ref[] =
    "INSERT INTO refs SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM devices WHERE number = ?1)"
    " ON CONFLICT (device) DO UPDATE SET ref = excluded.ref";

static const s_row_t s_loads[] = {
    {ZT_RECORD_USER, "nm", "SELECT number, name FROM users ORDER BY number"},
    {ZT_RECORD_CREDENTIAL, "om", "SELECT user, credential FROM credentials ORDER BY user"},
    {ZT_RECORD_DEVICE, "nomir",
     "SELECT d.number, d.owner, d.name, c.id, r.ref FROM devices d"
     " LEFT JOIN cursors c ON c.device = d.number LEFT JOIN refs r ON r.device = d.number"
     " ORDER BY d.number"},
    {ZT_RECORD_ROOM, "nm", "SELECT number, name FROM rooms ORDER BY number"},
    {ZT_RECORD_ENTER, "noi", "SELECT room, user, since FROM members ORDER BY room, user"},
    /*  The newest last: a broker that keeps fewer drops the first. */
    {ZT_RECORD_RECEIPT, "noi", "SELECT reader, sender, id FROM receipts ORDER BY sender, id"},
};
enum { S_N_LOADS = sizeof s_loads / sizeof s_loads[0] };

struct zt_store_records {
    sqlite3 *db;
    sqlite3_stmt *saves[S_N_SAVES]; /* prepared when first needed */
    sqlite3_stmt *save_ref;
};

zt_store_records_t *zt_store_records_new (sqlite3 *db)
{
    zt_store_records_t *self = zt_alloc (sizeof *self);
    self->db = db;
    return self;
}

void zt_store_records_destroy (zt_store_records_t **self_p)
{
    zt_store_records_t *self = *self_p;
    for (size_t i = 0; i < S_N_SAVES; i++)
        sqlite3_finalize (self->saves[i]);
    sqlite3_finalize (self->save_ref);
    free (self);
    *self_p = NULL;
}

static int s_prepare (sqlite3 *db, sqlite3_stmt **statement, const char *sql)
{
    if (*statement)
        return SQLITE_OK;
    return sqlite3_prepare_v3 (db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
}

/*  SQLite's numbers have a sign; the bits are the same. */
static void s_bind (sqlite3_stmt *statement, int place, char field, const zt_record_t *record)
{
    switch (field) {
    case 'n':
        sqlite3_bind_int64 (statement, place, (int64_t) record->number);
        break;
    case 'o':
        sqlite3_bind_int64 (statement, place, (int64_t) record->owner);
        break;
    case 'i':
        sqlite3_bind_int64 (statement, place, (int64_t) record->id);
        break;
    case 'r':
        sqlite3_bind_int64 (statement, place, (int64_t) record->ref);
        break;
    default: /* SQLite copies no NULL and frees no string: both live longer than the step */
        sqlite3_bind_text (statement, place, record->name, -1, SQLITE_STATIC);
    }
}

static int s_run (sqlite3_stmt *statement)
{
    int rc = sqlite3_step (statement);
    sqlite3_reset (statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int zt_store_records_save (zt_store_records_t *self, const zt_record_t *record)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < S_N_SAVES && rc == SQLITE_OK; i++) {
        const s_row_t *row = &s_saves[i];
        if (row->kind != record->kind)
            continue;
        rc = s_prepare (self->db, &self->saves[i], row->sql);
        if (rc != SQLITE_OK)
            break;
        for (int place = 0; row->fields[place]; place++)
            s_bind (self->saves[i], place + 1, row->fields[place], record);
        rc = s_run (self->saves[i]);
        sqlite3_clear_bindings (self->saves[i]);
    }
    return rc;
}

int zt_store_records_save_ref (zt_store_records_t *self, uint64_t device, uint64_t ref)
{
    int rc = s_prepare (self->db, &self->save_ref, s_save_ref);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64 (self->save_ref, 1, (int64_t) device);
    sqlite3_bind_int64 (self->save_ref, 2, (int64_t) ref);
    return s_run (self->save_ref);
}

/*  The text of a column, as a copy; NULL if there is none. */
static char *s_text (sqlite3_stmt *statement, int place)
{
    const char *text = (const char *) sqlite3_column_text (statement, place);
    return text ? zt_strndup (text, strlen (text)) : NULL;
}

static void s_tell (sqlite3_stmt *statement, const s_row_t *row, zt_record_fn *fn, void *fn_self)
{
    zt_record_t record = {.kind = row->kind};
    for (int place = 0; row->fields[place]; place++) {
        uint64_t number = (uint64_t) sqlite3_column_int64 (statement, place);
        switch (row->fields[place]) {
        case 'n':
            record.number = number;
            break;
        case 'o':
            record.owner = number;
            break;
        case 'i':
            record.id = number;
            break;
        case 'r':
            record.ref = number;
            break;
        default:
            record.name = s_text (statement, place);
        }
    }
    fn (fn_self, &record);
    free (record.name);
}

int zt_store_records_load (zt_store_records_t *self, zt_record_fn *fn, void *fn_self)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < S_N_LOADS && rc == SQLITE_OK; i++) {
        sqlite3_stmt *statement = NULL;
        rc = s_prepare (self->db, &statement, s_loads[i].sql);
        while (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
            s_tell (statement, &s_loads[i], fn, fn_self);
            rc = SQLITE_OK;
        }
        if (rc == SQLITE_DONE)
            rc = SQLITE_OK;
        sqlite3_finalize (statement);
    }
    return rc;
}
