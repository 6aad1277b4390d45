/*  SPDX-License-Identifier: MPL-2.0

    zt_store_schema - the tables of the log's database, and their versions */

#ifndef ZT_STORE_SCHEMA_H
#define ZT_STORE_SCHEMA_H

#include <sqlite3.h>

/*  Makes the tables of an empty database, or brings an older one to the newest version, step
    by step, each in a transaction. Returns SQLITE_OK; SQLITE_NOTADB for a database of
    another program; SQLITE_MISMATCH for one of a newer ztalk; or what failed. */
int zt_store_schema_migrate (sqlite3 *db);

/*  The same without changing anything: SQLITE_SCHEMA for an older version. */
int zt_store_schema_check (sqlite3 *db);

#endif
