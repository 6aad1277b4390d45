/*  SPDX-License-Identifier: MPL-2.0

    The inside of zt_index, for its own files: store_index.c builds, index_answer.c and
    index_search.c answer, index_runs.c finds runs for them. */

#ifndef ZT_INDEX_STATE_H
#define ZT_INDEX_STATE_H

#include "broker/index_file.h"

#include <stdatomic.h>

/*  A walk along the log, some slices ahead. Zeroed but for its source and stop it is ready. */
enum { ZT_INDEX_AHEAD = 16 };

typedef struct {
    zt_slice_source_t source;
    const atomic_bool *stop; /* NULL: nothing stops it */
    zt_slice_t *slices[ZT_INDEX_AHEAD];
    int n;
    int at;         /* the last one that was given */
    uint64_t after; /* it is the first one above this id */
} zt_index_walk_t;

/*  Gives the slice that holds the lowest id above `after`, borrowed until the next call;
    when it is not at hand, `ahead` slices at most are read. Returns 1, 0 if there is none or
    the walk is stopped, or -1 if the log cannot be read. */
int zt_index_walk (zt_index_walk_t *self, uint64_t after, int ahead, zt_slice_t **slice);
void zt_index_walk_clear (zt_index_walk_t *self);

struct zt_index {
    zt_index_file_t file;
    zt_index_walk_t walk; /* of the indexing */
    zt_buffer_t words;    /* of a message, while it is indexed */
    uint64_t trimmed_to;  /* as the last work was told */

    /*  Where the last RECALL that read the log has ended: from the index's mark then up to
        the id `after`, the device has no ref from this one on. */
    struct {
        uint64_t device;
        uint64_t ref;
        uint64_t mark;
        uint64_t after;
    } recalled;
};

/*  A walk of its own for an answer. */
static inline zt_index_walk_t zt_index_walk_for (const zt_index_t *self)
{
    return (zt_index_walk_t){.source = self->walk.source, .stop = self->walk.stop};
}

static inline bool zt_index_is_stopped (const zt_index_walk_t *walk)
{
    return walk->stop && atomic_load (walk->stop);
}

static inline zt_index_pair_t zt_index_pair (uint64_t a, uint64_t b)
{
    return a < b ? (zt_index_pair_t){a, b} : (zt_index_pair_t){b, a};
}

/*  SQLite's numbers are signed: for refs, which a client chooses, the order is kept. */
static inline uint64_t zt_index_ref (uint64_t ref)
{
    return ref ^ (uint64_t) 1 << 63;
}

/*  ---------------------------------------------------------------------------
    Runs of conversations, the newest first, out of one part (index_runs.c) */

typedef struct {
    uint64_t first_id;
    uint64_t device;
    uint32_t count;
} zt_index_run_t;

/*  Takes a run; returns false when it needs no more. */
typedef bool (zt_index_run_fn) (void *self, const zt_index_run_t *run);

/*  What to look for: runs of what the query asks for, with first ids between these. */
typedef struct {
    const zt_query_t *query;
    uint64_t above;
    uint64_t below;
} zt_index_range_t;

/*  Gives the runs of all parts to fn, the newest first. False if the index has failed. */
bool zt_index_runs (zt_index_t *self, const zt_index_range_t *range, zt_index_run_fn *fn,
                    void *fn_self);

/*  Counts the messages after the id `after` in the runs of the range, but for those of the
    query's device. False if the index has failed. */
bool zt_index_sum (zt_index_t *self, const zt_index_range_t *range, uint64_t after, uint64_t *sum);

/*  Answers QUERY. When the index fails on the way, the log alone is read. Returns -1 if
    that cannot be done. (index_search.c) */
int zt_index_search (zt_index_t *self, const zt_query_t *query, zt_completion_t *completion);

#endif
