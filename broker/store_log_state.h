/*  SPDX-License-Identifier: MPL-2.0

    The log's own state and the functions between its files; not for others. */

#ifndef ZT_STORE_LOG_STATE_H
#define ZT_STORE_LOG_STATE_H

#include "broker/store_log.h"
#include "broker/store_records.h"

/*  Measured with slices of 16 and of 1,024 messages of 200 bytes: pages of 4 KiB take a third
    fewer messages a second, larger ones than these take no more, and a commit of a
    single message writes three pages. */
enum { ZT_LOG_PAGE_BYTES = 8192 };

typedef enum {
    ZT_SQL_BEGIN_WRITE,
    ZT_SQL_BEGIN_READ,
    ZT_SQL_COMMIT,
    ZT_SQL_ROLLBACK,
    ZT_SQL_SLICE,
    ZT_SQL_STATE,
    ZT_SQL_SAVE_STATE,
    ZT_SQL_READ,
    ZT_SQL_NEWEST,
    ZT_SQL_OLDEST,
    ZT_SQL_DELETE,
    ZT_SQL_FREE_PAGES,
    ZT_SQL_PAGES,
    ZT_SQL_SHRINK,
    ZT_SQL_COPY,
    ZT_SQL_N
} zt_sql_t;

/*  What the table `state` holds. */
typedef struct {
    uint64_t last_id;
    uint64_t last_number;
    uint64_t trimmed_to;
    uint64_t bytes;
} zt_log_state_t;

/*  The last ref of a device. */
typedef struct {
    uint64_t device;
    uint64_t ref;
} zt_log_ref_t;

struct zt_store_log {
    sqlite3 *db;
    zt_store_records_t *records;
    sqlite3_stmt *statements[ZT_SQL_N]; /* prepared when first needed */
    zt_log_state_t state;               /* committed; of a writer */
    zt_log_ref_t *refs;                 /* of the transaction */
    size_t n_refs;
    size_t refs_capacity;
    zt_buffer_t runs;   /* an encoded table of runs, or several */
    zt_buffer_t packed; /* the data of a slice */
    uint64_t wal_pages;
    bool broken;
    char wrong[400];
};

/*  Milliseconds of a clock that only goes forward. */
uint64_t zt_log_clock (void);

/*  The statement, ready to be bound; NULL if it cannot be prepared. */
sqlite3_stmt *zt_log_statement (zt_store_log_t *self, zt_sql_t which);

/*  Runs a statement that gives no rows, or whose rows do not matter. False if it fails. */
bool zt_log_finish (sqlite3_stmt *statement);
bool zt_log_run (zt_store_log_t *self, zt_sql_t which);

/*  Rolls back, and says what the last call to SQLite met. */
zt_store_result_t zt_log_failed (zt_store_log_t *self, const char *what);

/*  Reads what the table holds. Returns SQLITE_OK or what failed. */
int zt_log_read_state (zt_store_log_t *self, zt_log_state_t *state);

/*  Of a slice's runs and data as they are on disk: SQLite itself does not see a byte that has
    changed within them. */
int64_t zt_log_hash (zt_bytes_t runs, zt_bytes_t data);

/*  Appends the table of runs as it is on disk. */
void zt_log_encode_runs (zt_buffer_t *to, const zt_slice_t *slice);

#endif
