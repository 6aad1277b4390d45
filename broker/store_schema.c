/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_schema.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*  "ztlk": file (1) and the like can tell whose a database is. */
enum { S_APPLICATION = 0x7a746c6b };

/*  What leads from a version to the next. A step that was released is never changed.

    Refs and cursors have tables of their own: they change with every commit, and
    rows of a few bytes keep the pages few that a commit writes. The runs stand before the
    data in a slice's row, so that reading them alone does not read the data, which is packed and
    has `size` bytes when it is not (see pack.h); `hash` is theirs as they are here. A row's key is
   the last id, so that the slice behind an id is found by one look-up. */
static const char *const s_steps[] = {
    "CREATE TABLE slices (last_id INTEGER PRIMARY KEY, first_id INTEGER NOT NULL,"
    "    time INTEGER NOT NULL, n_runs INTEGER NOT NULL, size INTEGER NOT NULL,"
    "    hash INTEGER NOT NULL, runs BLOB NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), last_id INTEGER NOT NULL,"
    "    last_number INTEGER NOT NULL, trimmed_to INTEGER NOT NULL, bytes INTEGER NOT NULL);"
    "INSERT INTO state VALUES (1, 0, 0, 0, 0);"
    "CREATE TABLE refs (device INTEGER PRIMARY KEY, ref INTEGER NOT NULL);"
    "CREATE TABLE cursors (device INTEGER PRIMARY KEY, id INTEGER NOT NULL);"
    "CREATE TABLE users (number INTEGER PRIMARY KEY, name TEXT NOT NULL, token TEXT);"
    "CREATE TABLE devices (number INTEGER PRIMARY KEY, owner INTEGER NOT NULL,"
    "    name TEXT NOT NULL);"
    "CREATE TABLE rooms (number INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE members (room INTEGER NOT NULL, user INTEGER NOT NULL,"
    "    since INTEGER NOT NULL, PRIMARY KEY (room, user)) WITHOUT ROWID;"
    "CREATE TABLE receipts (reader INTEGER NOT NULL, sender INTEGER NOT NULL,"
    "    id INTEGER NOT NULL, PRIMARY KEY (sender, reader)) WITHOUT ROWID;",

    /*  A user may belong to several keys. */
    "CREATE TABLE credentials (user INTEGER NOT NULL, credential TEXT NOT NULL,"
    "    PRIMARY KEY (user, credential)) WITHOUT ROWID;"
    "INSERT INTO credentials SELECT number, 'token:' || token FROM users"
    "    WHERE token IS NOT NULL;"
    "ALTER TABLE users DROP COLUMN token;",
};
enum { S_VERSION = sizeof s_steps / sizeof s_steps[0] };

static int s_number (sqlite3 *db, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
        *number = sqlite3_column_int64 (statement, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize (statement);
    return rc;
}

/*  Finds the version; 0 for an empty database. */
static int s_version (sqlite3 *db, int64_t *version)
{
    int64_t application = 0, tables = 0;
    int rc = s_number (db, "SELECT count (*) FROM sqlite_schema", &tables);
    if (rc == SQLITE_OK)
        rc = s_number (db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = s_number (db, "PRAGMA user_version", version);
    if (rc == SQLITE_OK && application != S_APPLICATION && tables > 0)
        rc = SQLITE_NOTADB;
    if (rc == SQLITE_OK && *version > S_VERSION)
        rc = SQLITE_MISMATCH;
    return rc;
}

static int s_step (sqlite3 *db, int64_t version)
{
    char mark[96];
    snprintf (mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
              S_APPLICATION, (int) version + 1);
    int rc = sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec (db, s_steps[version], NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec (db, mark, NULL, NULL, NULL);
    return rc;
}

int zt_store_schema_migrate (sqlite3 *db)
{
    int64_t version = 0;
    int rc = s_version (db, &version);
    for (; rc == SQLITE_OK && version < S_VERSION; version++)
        rc = s_step (db, version);
    return rc;
}

int zt_store_schema_check (sqlite3 *db)
{
    int64_t version = 0;
    int rc = s_version (db, &version);
    return rc == SQLITE_OK && version < S_VERSION ? SQLITE_SCHEMA : rc;
}
