/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/pack.h"
#include "broker/store_log_state.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

enum {
    S_TRIM_MS = 10,         /* of deleting, between which others commit */
    S_TRIM_ROWS = 1000,     /* likewise */
    S_FREE_BYTES = 16 << 20 /* that the file may have free for what comes next */
};

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
    self->refs[self->n_refs++] = (zt_log_ref_t){device, ref};
}

static int s_compare_refs (const void *a_p, const void *b_p)
{
    const zt_log_ref_t *a = a_p, *b = b_p;
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
        const zt_log_ref_t *ref = &self->refs[i];
        bool is_last = i + 1 == self->n_refs || ref[1].device != ref->device;
        if (is_last &&
            zt_store_records_save_ref (self->records, ref->device, ref->ref) != SQLITE_OK)
            return false;
    }
    return true;
}

static bool s_put_slice (zt_store_log_t *self, const zt_slice_t *slice, zt_log_state_t *state)
{
    sqlite3_stmt *statement = zt_log_statement (self, ZT_SQL_SLICE);
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
    zt_log_encode_runs (&self->runs, slice);
    zt_bytes_t data = zt_pack (&self->packed, (zt_bytes_t){slice->data, slice->size});
    sqlite3_bind_int64 (statement, 1, (int64_t) slice->last_id);
    sqlite3_bind_int64 (statement, 2, (int64_t) slice->first_id);
    sqlite3_bind_int64 (statement, 3, (int64_t) time);
    sqlite3_bind_int64 (statement, 4, (int64_t) slice->n_runs);
    sqlite3_bind_int64 (statement, 5, (int64_t) slice->size);
    sqlite3_bind_int64 (statement, 6, zt_log_hash (zt_buffer_bytes (&self->runs), data));
    sqlite3_bind_blob64 (statement, 7, self->runs.data, self->runs.size, SQLITE_STATIC);
    sqlite3_bind_blob64 (statement, 8, data.data, data.size, SQLITE_STATIC);
    bool done = zt_log_finish (statement);
    sqlite3_clear_bindings (statement);
    state->last_id = slice->last_id;
    state->bytes += self->runs.size + data.size;
    return done;
}

static bool s_put (zt_store_log_t *self, const zt_request_t *request, zt_log_state_t *state)
{
    assert (request->kind == ZT_STORE_COMMIT);
    for (uint32_t i = 0; i < request->records.n; i++)
        if (zt_store_records_save (self->records, &request->records.rows[i]) != SQLITE_OK)
            return false;
    if (request->last_number > state->last_number)
        state->last_number = request->last_number;
    return !request->slice || s_put_slice (self, request->slice, state);
}

static bool s_save_state (zt_store_log_t *self, const zt_log_state_t *state)
{
    sqlite3_stmt *statement = zt_log_statement (self, ZT_SQL_SAVE_STATE);
    if (!statement)
        return false;
    sqlite3_bind_int64 (statement, 1, (int64_t) state->last_id);
    sqlite3_bind_int64 (statement, 2, (int64_t) state->last_number);
    sqlite3_bind_int64 (statement, 3, (int64_t) state->trimmed_to);
    sqlite3_bind_int64 (statement, 4, (int64_t) state->bytes);
    return zt_log_finish (statement);
}

zt_store_result_t zt_store_log_commit (zt_store_log_t *self, const zt_request_t *const *requests,
                                       size_t n)
{
    if (self->broken)
        return ZT_STORE_BROKEN;
    zt_log_state_t state = self->state;
    self->n_refs = 0;
    bool done = zt_log_run (self, ZT_SQL_BEGIN_WRITE);
    for (size_t i = 0; done && i < n; i++)
        done = s_put (self, requests[i], &state);
    if (!done || !s_put_refs (self) || !s_save_state (self, &state) ||
        !zt_log_run (self, ZT_SQL_COMMIT))
        return zt_log_failed (self, "a commit has failed");
    self->state = state;
    return ZT_STORE_DONE;
}

/*  ---------------------------------------------------------------------------
    Forgetting */

/*  Deletes the oldest slice, if it is to go. Returns SQLITE_ROW if it went, SQLITE_DONE if it
    stays. */
static int s_trim_one (zt_store_log_t *self, uint64_t before, uint64_t bytes, zt_log_state_t *state)
{
    sqlite3_stmt *oldest = zt_log_statement (self, ZT_SQL_OLDEST),
                 *gone = zt_log_statement (self, ZT_SQL_DELETE);
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
    if (!zt_log_finish (gone))
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
    zt_log_state_t state = self->state;
    uint64_t end = zt_log_clock () + S_TRIM_MS;
    int rc = zt_log_run (self, ZT_SQL_BEGIN_WRITE) ? SQLITE_ROW : SQLITE_ERROR;
    for (int i = 0; rc == SQLITE_ROW && i < S_TRIM_ROWS && zt_log_clock () < end; i++)
        rc = s_trim_one (self, before, bytes, &state);
    if (rc == SQLITE_DONE && state.trimmed_to == self->state.trimmed_to) {
        if (zt_log_run (self, ZT_SQL_ROLLBACK))
            return ZT_STORE_DONE;
    } else if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && s_save_state (self, &state) &&
               zt_log_run (self, ZT_SQL_COMMIT)) {
        self->state = state;
        *more = rc == SQLITE_ROW;
        return ZT_STORE_DONE;
    }
    return zt_log_failed (self, "old messages cannot be deleted");
}

/*  The number that a statement gives; 0 if there is none. */
static uint64_t s_number (zt_store_log_t *self, zt_sql_t which)
{
    sqlite3_stmt *statement = zt_log_statement (self, which);
    uint64_t number = 0;
    if (statement && sqlite3_step (statement) == SQLITE_ROW)
        number = (uint64_t) sqlite3_column_int64 (statement, 0);
    sqlite3_reset (statement);
    return number;
}

/*  New slices take what is free, so a log that is trimmed as fast as it grows needs no
    shrinking, which moves the newest pages. */
bool zt_store_log_shrink (zt_store_log_t *self)
{
    if (self->broken)
        return false;
    uint64_t free_pages = s_number (self, ZT_SQL_FREE_PAGES);
    if (free_pages * ZT_LOG_PAGE_BYTES < S_FREE_BYTES ||
        free_pages < s_number (self, ZT_SQL_PAGES) / 4)
        return false;
    if (zt_log_run (self, ZT_SQL_SHRINK))
        return true;
    zt_log_failed (self, "the log cannot be shrunk");
    return false;
}

/*  ---------------------------------------------------------------------------
    The write-ahead log */

zt_store_result_t zt_store_log_checkpoint (zt_store_log_t *self, bool *is_busy)
{
    *is_busy = false;
    if (self->broken)
        return ZT_STORE_BROKEN;
    int rc = sqlite3_wal_checkpoint_v2 (self->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    *is_busy = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
    if (rc == SQLITE_OK || *is_busy)
        return ZT_STORE_DONE;
    return zt_log_failed (self, "the write-ahead log cannot be emptied");
}
