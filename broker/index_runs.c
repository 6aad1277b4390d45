/*  SPDX-License-Identifier: MPL-2.0

    Runs of many conversations, merged by their ids. A part at a time: for each
    conversation some of its newest runs are read ahead, and a heap tells which of
    them is the newest. */

#include "broker/index_state.h"
#include "common/alloc.h"

#include <stdlib.h>

enum { S_AHEAD = 16, S_AHEAD_MOST = 256 };

/*  A conversation within a part. */
typedef struct {
    zt_index_pair_t pair;
    zt_index_run_t *runs; /* read ahead */
    uint32_t n;
    uint32_t at;
    uint32_t ahead; /* how many are read the next time; 0: there are no more */
} s_stream_t;

typedef struct {
    s_stream_t *streams;
    size_t n;
    size_t capacity;
} s_streams_t;

static void s_add (s_streams_t *self, zt_index_pair_t pair)
{
    if (self->n == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 64;
        self->streams = zt_realloc (self->streams, self->capacity, sizeof *self->streams);
    }
    self->streams[self->n++] = (s_stream_t){.pair = pair, .ahead = S_AHEAD};
}

static void s_clear (s_streams_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        free (self->streams[i].runs);
    free (self->streams);
    *self = (s_streams_t){NULL, 0, 0};
}

/*  Adds the conversations of the query that the part may hold. */
static bool s_add_conversations (zt_index_t *self, zt_index_part_t *part, const zt_query_t *query,
                                 s_streams_t *streams)
{
    if (query->target) { /* a room or a person: their numbers are never the same */
        s_add (streams, (zt_index_pair_t){0, query->target});
        s_add (streams, zt_index_pair (query->user, query->target));
        return true;
    }
    for (uint32_t i = 0; i < query->n_rooms; i++)
        s_add (streams, (zt_index_pair_t){0, query->rooms[i]});
    sqlite3_stmt *statement = zt_index_statement (&self->file, part, ZT_INDEX_PAIRS);
    if (!statement)
        return false;
    zt_index_bind (statement, 1, query->user);
    int step;
    while ((step = zt_index_step (&self->file, statement)) > 0)
        s_add (streams, zt_index_pair (query->user, zt_index_column (statement, 0)));
    return step == 0;
}

/*  Reads on in a stream. */
static bool s_fill (zt_index_t *self, zt_index_part_t *part, s_stream_t *stream,
                    const zt_index_range_t *range)
{
    sqlite3_stmt *statement = zt_index_statement (&self->file, part, ZT_INDEX_RUNS);
    if (!statement)
        return false;
    uint64_t below = stream->n ? stream->runs[stream->n - 1].first_id : range->below;
    uint32_t most = stream->ahead;
    stream->runs = zt_realloc (stream->runs, most, sizeof *stream->runs);
    stream->n = 0;
    stream->at = 0;
    zt_index_bind (statement, 1, stream->pair.low);
    zt_index_bind (statement, 2, stream->pair.high);
    zt_index_bind (statement, 3, range->above);
    zt_index_bind (statement, 4, below);
    zt_index_bind (statement, 5, most);
    int step;
    while ((step = zt_index_step (&self->file, statement)) > 0)
        stream->runs[stream->n++] =
            (zt_index_run_t){.first_id = zt_index_column (statement, 0),
                             .count = (uint32_t) zt_index_column (statement, 1),
                             .device = zt_index_column (statement, 2)};
    stream->ahead = stream->n < most ? 0 : most < S_AHEAD_MOST ? most * 4 : most;
    return step == 0;
}

static uint64_t s_newest (const s_stream_t *stream)
{
    return stream->runs[stream->at].first_id;
}

/*  Moves the stream at this place of the heap down to where it belongs. */
static void s_sink (s_streams_t *heap, size_t at)
{
    s_stream_t stream = heap->streams[at];
    for (size_t child; (child = 2 * at + 1) < heap->n; at = child) {
        if (child + 1 < heap->n &&
            s_newest (&heap->streams[child + 1]) > s_newest (&heap->streams[child]))
            child++;
        if (s_newest (&heap->streams[child]) <= s_newest (&stream))
            break;
        heap->streams[at] = heap->streams[child];
    }
    heap->streams[at] = stream;
}

/*  Takes a stream that has ended out. */
static void s_remove (s_streams_t *heap, size_t at)
{
    free (heap->streams[at].runs);
    heap->streams[at] = heap->streams[--heap->n];
}

/*  Fills the streams for the first time, and makes a heap of those that have a run. */
static bool s_begin (zt_index_t *self, zt_index_part_t *part, const zt_index_range_t *range,
                     s_streams_t *heap)
{
    if (!s_add_conversations (self, part, range->query, heap))
        return false;
    for (size_t i = heap->n; i-- > 0;) {
        if (!s_fill (self, part, &heap->streams[i], range))
            return false;
        if (heap->streams[i].n == 0)
            s_remove (heap, i);
    }
    for (size_t i = heap->n / 2; i-- > 0;)
        s_sink (heap, i);
    return true;
}

/*  Goes through a part; *wanted is false when fn needs no more. */
static bool s_runs_of_part (zt_index_t *self, zt_index_part_t *part, const zt_index_range_t *range,
                            zt_index_run_fn *fn, void *fn_self, bool *wanted)
{
    s_streams_t heap = {NULL, 0, 0};
    bool good = s_begin (self, part, range, &heap);
    while (good && *wanted && heap.n) {
        s_stream_t *top = &heap.streams[0];
        *wanted = fn (fn_self, &top->runs[top->at]);
        if (++top->at == top->n) {
            good = top->ahead == 0 || s_fill (self, part, top, range);
            if (top->at == top->n)
                s_remove (&heap, 0);
        }
        if (good && heap.n)
            s_sink (&heap, 0);
    }
    s_clear (&heap);
    return good;
}

bool zt_index_runs (zt_index_t *self, const zt_index_range_t *range, zt_index_run_fn *fn,
                    void *fn_self)
{
    bool wanted = true;
    for (size_t i = self->file.n_parts; wanted && i-- > 0;) {
        zt_index_part_t *part = &self->file.parts[i];
        if (part->first_id >= range->below)
            continue;
        if (!s_runs_of_part (self, part, range, fn, fn_self, &wanted))
            return false;
        if (part->first_id <= range->above)
            break;
    }
    return true;
}

static bool s_sum_of_stream (zt_index_t *self, zt_index_part_t *part, zt_index_pair_t pair,
                             const zt_index_range_t *range, uint64_t after, uint64_t *sum)
{
    sqlite3_stmt *statement = zt_index_statement (&self->file, part, ZT_INDEX_SUM);
    if (!statement)
        return false;
    zt_index_bind (statement, 1, pair.low);
    zt_index_bind (statement, 2, pair.high);
    zt_index_bind (statement, 3, range->above);
    zt_index_bind (statement, 4, range->below);
    zt_index_bind (statement, 5, after);
    zt_index_bind (statement, 6, range->query->device);
    if (zt_index_step (&self->file, statement) != 1)
        return false;
    *sum += zt_index_column (statement, 0);
    sqlite3_reset (statement);
    return true;
}

bool zt_index_sum (zt_index_t *self, const zt_index_range_t *range, uint64_t after, uint64_t *sum)
{
    bool good = true;
    for (size_t i = self->file.n_parts; good && i-- > 0;) {
        zt_index_part_t *part = &self->file.parts[i];
        if (part->first_id >= range->below)
            continue;
        s_streams_t streams = {NULL, 0, 0};
        good = s_add_conversations (self, part, range->query, &streams);
        for (size_t at = 0; good && at < streams.n; at++)
            good = s_sum_of_stream (self, part, streams.streams[at].pair, range, after, sum);
        s_clear (&streams);
        if (good && part->first_id <= range->above)
            break;
    }
    return good;
}
