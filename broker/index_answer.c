/*  SPDX-License-Identifier: MPL-2.0

    Answers: SKIP and RECALL, and index_search.c for QUERY. The log is read from the index's
    mark on, and the index for what is before. When the index fails on the way, its mark is 0,
    and the log is read from its beginning. */

#include "broker/index_state.h"
#include "broker/query.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  A run that holds an id above this one begins above the result: none is longer than
    ZT_RUN_COUNT. */
static uint64_t s_before_runs (uint64_t id)
{
    return id > ZT_RUN_COUNT ? id - ZT_RUN_COUNT : 0;
}

/*  ---------------------------------------------------------------------------
    SKIP */

typedef struct {
    const zt_request_t *request;
    uint64_t after; /* nothing up to this id counts */
    uint64_t kept;  /* messages, of the count asked for */
    bool passed;    /* there is more: read_to is known, and what comes counts */
    uint64_t read_to;
    uint64_t count;
    uint64_t below; /* what has been looked at in the index begins here */
} s_skip_t;

/*  The next run, going back: its last id, and its messages that count. */
static void s_skip_run (s_skip_t *self, uint64_t last_id, uint64_t counted)
{
    uint64_t left = self->request->query->count - self->kept;
    self->kept += counted < left ? counted : left;
    if (counted <= left)
        return;
    if (!self->passed)
        self->read_to = last_id - left;
    self->passed = true;
    self->count += counted - left;
}

static bool s_skip_index_run (void *skip, const zt_index_run_t *run)
{
    s_skip_t *self = skip;
    const zt_query_t *query = self->request->query;
    uint64_t last_id = run->first_id + run->count - 1;
    self->below = run->first_id;
    if (last_id > self->after && (!query->device || run->device != query->device)) {
        uint64_t behind = last_id - self->after;
        s_skip_run (self, last_id, behind < run->count ? behind : run->count);
    }
    return !self->passed;
}

/*  A run after the mark, and a row of them: those that are certainly skipped are only
    counted, so that it does not grow with the log. */
typedef struct {
    uint64_t last_id;
    uint64_t counted;
} s_counted_t;

typedef struct {
    s_counted_t *rows; /* from first, n of them, in order */
    size_t first;
    size_t n;
    size_t capacity;
    uint64_t sum;
    uint64_t dropped; /* messages that were before the rows */
} s_tail_t;

static void s_tail_put (s_tail_t *self, uint64_t last_id, uint64_t counted, uint64_t most)
{
    if (self->first + self->n == self->capacity) {
        if (self->first < self->capacity / 2 || self->capacity == 0) {
            self->capacity = self->capacity ? self->capacity * 2 : 256;
            self->rows = zt_realloc (self->rows, self->capacity, sizeof *self->rows);
        }
        memmove (self->rows, self->rows + self->first, self->n * sizeof *self->rows);
        self->first = 0;
    }
    self->rows[self->first + self->n++] = (s_counted_t){last_id, counted};
    self->sum += counted;
    while (self->sum - self->rows[self->first].counted > most) {
        self->sum -= self->rows[self->first].counted;
        self->dropped += self->rows[self->first].counted;
        self->first++;
        self->n--;
    }
}

/*  Counts what the log has after the mark. Returns -1 if it cannot be read. */
static int s_skip_log (s_skip_t *self, const zt_index_t *index, uint64_t mark)
{
    zt_request_t request = *self->request;
    uint64_t after = request.after = mark > request.after ? mark : request.after;
    zt_index_walk_t walk = zt_index_walk_for (index);
    s_tail_t tail = {.rows = NULL};
    zt_slice_t *slice;
    int n;
    while ((n = zt_index_walk (&walk, after, ZT_INDEX_AHEAD, &slice)) > 0) {
        for (uint32_t i = 0; i < slice->n_runs; i++) {
            const zt_run_t *run = &slice->runs[i];
            uint64_t counted = zt_query_counted (&request, run);
            if (counted)
                s_tail_put (&tail, run->first_id + run->count - 1, counted, request.query->count);
        }
        after = slice->last_id;
    }
    while (tail.n-- > 0)
        s_skip_run (self, tail.rows[tail.first + tail.n].last_id,
                    tail.rows[tail.first + tail.n].counted);
    self->count += tail.dropped;
    free (tail.rows);
    zt_index_walk_clear (&walk);
    return n < 0 ? -1 : 0;
}

/*  Counts what the index has up to the mark: run by run until it is known where to begin,
    and the rest in sums. False if it has failed. */
static bool s_skip_index (zt_index_t *self, s_skip_t *skip, uint64_t mark)
{
    zt_index_range_t range = {skip->request->query, s_before_runs (skip->after), mark + 1};
    skip->below = mark + 1;
    if (!skip->passed && !zt_index_runs (self, &range, s_skip_index_run, skip))
        return false;
    range.below = skip->below;
    return !skip->passed || zt_index_sum (self, &range, skip->after, &skip->count);
}

static int s_skip (zt_index_t *self, const zt_request_t *request, zt_completion_t *completion)
{
    for (;;) {
        uint64_t mark = self->file.marks.run;
        s_skip_t skip = {.request = request, .read_to = request->after};
        skip.after = request->after > self->trimmed_to ? request->after : self->trimmed_to;
        int read = s_skip_log (&skip, self, mark);
        if (read == 0 && skip.after < mark && !s_skip_index (self, &skip, mark))
            continue; /* from the log alone */
        completion->read_to = skip.read_to;
        completion->count = skip.count;
        completion->trimmed_to = self->trimmed_to > request->after ? self->trimmed_to : 0;
        return read;
    }
}

/*  ---------------------------------------------------------------------------
    RECALL */

/*  A device's refs rise along the log. */
static void s_recall_run (const zt_request_t *request, const zt_run_t *run,
                          zt_completion_t *completion)
{
    uint64_t behind = request->asker.ref - run->first_ref;
    if (behind >= run->count)
        return;
    completion->id = run->first_id + behind;
    completion->time = run->time;
}

/*  Looks through a slice, behind *after, and sets that to where it has come. Returns false
    when the ref has been found, or passed. */
static bool s_recall_slice (const zt_request_t *request, const zt_slice_t *slice, uint64_t *after,
                            zt_completion_t *completion)
{
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        if (run->device != request->device || run->first_id + run->count - 1 <= *after)
            continue;
        if (run->first_ref + run->count > request->asker.ref) {
            *after = run->first_id - 1;
            s_recall_run (request, run, completion);
            return false;
        }
    }
    *after = slice->last_id;
    return true;
}

/*  A client asks for its refs in their order: each walk goes on where the last one has
    ended. */
static int s_recall_log (zt_index_t *self, const zt_request_t *request, zt_completion_t *completion)
{
    uint64_t mark = self->file.marks.run, after = mark;
    zt_index_walk_t walk = zt_index_walk_for (self);
    zt_slice_t *slice;
    int n, ahead = 1;
    if (self->recalled.device == request->device && self->recalled.ref <= request->asker.ref &&
        self->recalled.mark <= mark && self->recalled.after > mark) {
        mark = self->recalled.mark;
        after = self->recalled.after;
    }
    while ((n = zt_index_walk (&walk, after, ahead, &slice)) > 0 &&
           s_recall_slice (request, slice, &after, completion))
        ahead = ZT_INDEX_AHEAD;
    zt_index_walk_clear (&walk);
    self->recalled.device = request->device;
    self->recalled.ref = request->asker.ref;
    self->recalled.mark = mark;
    self->recalled.after = after;
    return n < 0 ? -1 : 0;
}

static bool s_recall_part (zt_index_t *self, zt_index_part_t *part, const zt_request_t *request,
                           zt_completion_t *completion)
{
    sqlite3_stmt *statement = zt_index_statement (&self->file, part, ZT_INDEX_REF);
    if (!statement)
        return false;
    zt_index_bind (statement, 1, request->device);
    zt_index_bind (statement, 2, zt_index_ref (request->asker.ref));
    int step = zt_index_step (&self->file, statement);
    if (step > 0) {
        zt_run_t run = {.first_ref = zt_index_ref (zt_index_column (statement, 0)),
                        .first_id = zt_index_column (statement, 1),
                        .count = (uint32_t) zt_index_column (statement, 2),
                        .time = zt_index_column (statement, 3),
                        .device = request->device};
        s_recall_run (request, &run, completion);
        sqlite3_reset (statement);
    }
    return step >= 0;
}

/*  What the log has lost is told, too, as long as the index knows it: it was stored, and
    must not be sent again. */
static int s_recall (zt_index_t *self, const zt_request_t *request, zt_completion_t *completion)
{
    bool good = true;
    for (size_t i = self->file.n_parts; good && !completion->id && i-- > 0;)
        good = s_recall_part (self, &self->file.parts[i], request, completion);
    return completion->id ? 0 : s_recall_log (self, request, completion);
}

void zt_index_answer (zt_index_t *self, const zt_request_t *request, zt_completion_t *completion)
{
    *completion = (zt_completion_t){.kind = request->kind, .asker = request->asker};
    int read = -1;
    if (zt_index_is_stopped (&self->walk))
        return;
    switch (request->kind) {
    case ZT_STORE_QUERY:
        read = zt_index_search (self, request->query, completion);
        break;
    case ZT_STORE_SKIP:
        read = s_skip (self, request, completion);
        break;
    case ZT_STORE_RECALL:
        read = s_recall (self, request, completion);
        break;
    case ZT_STORE_COMMIT:
    case ZT_STORE_READ:
        assert (false); /* it is not for an index */
    }
    if (read < 0)
        completion->result = ZT_STORE_BROKEN;
}
