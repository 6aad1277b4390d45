/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/pack.h"
#include "broker/store_log_state.h"

#include <stdio.h>
#include <xxhash.h>

/*  A run on disk: the members of zt_run_t in this order, little-endian. */
enum { S_SLICE_MOST = 1 << 30 }; /* bytes; the queue to the store has far fewer */
enum { S_RUN_U64 = 6, S_RUN_U32 = 4, S_RUN_BYTES = S_RUN_U64 * 8 + S_RUN_U32 * 4 };

int64_t zt_log_hash (zt_bytes_t runs, zt_bytes_t data)
{
    uint64_t of_runs = XXH3_64bits (runs.data, runs.size);
    return (int64_t) XXH3_64bits_withSeed (data.data, data.size, of_runs);
}

static unsigned char *s_put (unsigned char *at, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        *at++ = (unsigned char) (value >> 8 * i);
    return at;
}

static uint64_t s_get (const char *at, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | (unsigned char) at[size];
    return value;
}

void zt_log_encode_runs (zt_buffer_t *to, const zt_slice_t *slice)
{
    unsigned char *at = (void *) zt_buffer_reserve (to, slice->n_runs * (size_t) S_RUN_BYTES);
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        const uint64_t large[S_RUN_U64] = {run->first_id, run->first_ref, run->time,
                                           run->device,   run->from,      run->target};
        const uint32_t small[S_RUN_U32] = {run->count, run->offset, run->size, run->is_room};
        for (size_t j = 0; j < S_RUN_U64; j++)
            at = s_put (at, large[j], 8);
        for (size_t j = 0; j < S_RUN_U32; j++)
            at = s_put (at, small[j], 4);
    }
    to->size += slice->n_runs * (size_t) S_RUN_BYTES;
}

static zt_run_t s_decode_run (const char *at)
{
    uint64_t large[S_RUN_U64];
    uint32_t small[S_RUN_U32];
    for (size_t i = 0; i < S_RUN_U64; i++, at += 8)
        large[i] = s_get (at, 8);
    for (size_t i = 0; i < S_RUN_U32; i++, at += 4)
        small[i] = (uint32_t) s_get (at, 4);
    return (zt_run_t){.first_id = large[0],
                      .first_ref = large[1],
                      .time = large[2],
                      .device = large[3],
                      .from = large[4],
                      .target = large[5],
                      .count = small[0],
                      .offset = small[1],
                      .size = small[2],
                      .is_room = small[3]};
}

/*  The slice of a row of ZT_SQL_READ; NULL if it is none. */
static zt_slice_t *s_slice_of (zt_store_log_t *self, sqlite3_stmt *row)
{
    uint64_t n_runs = (uint64_t) sqlite3_column_int64 (row, 2);
    uint64_t size = (uint64_t) sqlite3_column_int64 (row, 3);
    const char *runs = sqlite3_column_blob (row, 5);
    uint64_t runs_size = (uint64_t) sqlite3_column_bytes (row, 5);
    const char *data = sqlite3_column_blob (row, 6);
    zt_bytes_t packed = {data, (size_t) sqlite3_column_bytes (row, 6)};
    if (n_runs == 0 || n_runs > UINT32_MAX || runs_size != n_runs * S_RUN_BYTES || !runs || !data ||
        size > S_SLICE_MOST ||
        sqlite3_column_int64 (row, 4) != zt_log_hash ((zt_bytes_t){runs, runs_size}, packed))
        return NULL;
    zt_buffer_clear (&self->runs);
    zt_run_t *table = (zt_run_t *) (void *) zt_buffer_reserve (&self->runs, n_runs * sizeof *table);
    uint64_t after = 0;
    for (uint64_t i = 0; i < n_runs; i++) {
        zt_run_t run = s_decode_run (runs + i * S_RUN_BYTES);
        if (run.count == 0 || run.size == 0 || run.first_id <= after || run.offset > size ||
            run.size > size - run.offset)
            return NULL;
        after = run.first_id + run.count - 1;
        table[i] = run;
    }
    if (table[0].first_id != (uint64_t) sqlite3_column_int64 (row, 0) ||
        after != (uint64_t) sqlite3_column_int64 (row, 1))
        return NULL;
    char *messages;
    zt_slice_t *slice = zt_slice_new_empty (table, n_runs, size, &messages);
    if (!zt_unpack (packed, messages, size))
        zt_slice_unref (&slice);
    return slice;
}

static void s_damaged (zt_store_log_t *self, uint64_t id)
{
    snprintf (self->wrong, sizeof self->wrong,
              "the log is damaged: the slice up to message %llu is not one",
              (unsigned long long) id);
    self->broken = true;
}

/*  Reads slices within a transaction. Returns how many, or -1. */
static int s_read (zt_store_log_t *self, uint64_t after, zt_slice_t **slices, int n, size_t bytes)
{
    int found = 0, rc = SQLITE_DONE;
    sqlite3_stmt *statement = zt_log_statement (self, ZT_SQL_READ);
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
    zt_log_state_t state = {0, 0, 0, 0};
    int found = -1;
    if (self->broken)
        return -1;
    if (after > INT64_MAX)
        after = INT64_MAX;
    if (zt_log_run (self, ZT_SQL_BEGIN_READ) && zt_log_read_state (self, &state) == SQLITE_OK)
        found = s_read (self, after, slices, n, bytes);
    if (found >= 0 && zt_log_run (self, ZT_SQL_COMMIT)) {
        uint64_t end = found > 0 ? slices[found - 1]->last_id : state.last_id;
        *bounds = (zt_store_bounds_t){state.trimmed_to, end > after ? end : after};
        return found;
    }
    for (int i = 0; i < found; i++)
        zt_slice_unref (&slices[i]);
    if (!self->broken)
        zt_log_failed (self, "the log cannot be read");
    self->broken = true;
    return -1;
}

uint64_t zt_store_log_newest (zt_store_log_t *self, uint64_t bytes)
{
    sqlite3_stmt *statement = zt_log_statement (self, ZT_SQL_NEWEST);
    uint64_t seen = 0, id = 0;
    bool is_over = false;
    while (statement && !is_over && sqlite3_step (statement) == SQLITE_ROW) {
        id = (uint64_t) sqlite3_column_int64 (statement, 0);
        seen += (uint64_t) sqlite3_column_int64 (statement, 1);
        is_over = seen > bytes;
    }
    sqlite3_reset (statement);
    return is_over ? id : 0;
}
