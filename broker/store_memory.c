/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_memory.h"

#include "broker/query.h"
#include "broker/tail.h"
#include "common/alloc.h"
#include "common/limits.h"
#include "common/wire.h"

#include <assert.h>
#include <stdlib.h>

/*  A search folds the text of every message that it looks at (about 1 us each, and 30 ns
    a byte), so it is done in pieces between which the broker serves its peers. */
enum { S_RUNS_A_PIECE = 4096, S_BYTES_A_PIECE = 8 * 1024, S_READ_BYTES = 256 * 1024 };

/*  A request that is not done yet; queries keep their progress here. */
typedef struct s_job s_job_t;
struct s_job {
    s_job_t *next;
    zt_request_t request;
    uint64_t before; /* everything from here on has been looked at */
    zt_hit_t *hits;
    uint32_t n_hits;
    bool more;
};

typedef struct {
    s_job_t *head;
    s_job_t **end; /* where the next one is linked in */
} s_queue_t;

typedef struct {
    zt_store_t base;
    zt_tail_t log;     /* all that there is; before it the log has lost it */
    s_queue_t jobs;    /* COMMIT, READ, SKIP, RECALL: each is done at once */
    s_queue_t queries; /* a piece at a time, when no job is waiting */
} s_memory_t;

static void s_queue_put (s_queue_t *queue, s_job_t *job)
{
    *queue->end = job;
    queue->end = &job->next;
}

/*  The queue's head, taken out; NULL if it is empty. */
static s_job_t *s_queue_take (s_queue_t *queue)
{
    s_job_t *job = queue->head;
    if (job) {
        queue->head = job->next;
        job->next = NULL;
        if (!queue->head)
            queue->end = &queue->head;
    }
    return job;
}

static void s_read (const s_memory_t *self, const s_job_t *job, zt_completion_t *completion)
{
    uint64_t after = job->request.after, lost = self->log.after;
    zt_tail_read (&self->log, after > lost ? after : lost, S_READ_BYTES, completion);
    completion->trimmed_to = lost > after ? lost : 0;
}

/*  Looks through a run from its end. Returns true when the job has all it needs. */
static bool s_search_run (s_job_t *job, zt_slice_t *slice, const zt_run_t *run)
{
    zt_hit_t found[ZT_RUN_COUNT];
    size_t n = 0;
    const char *at = slice->data + run->offset;
    zt_reader_t reader = zt_reader (at, run->size, ZT_FROM_BROKER);
    zt_message_t message;
    for (; zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE; at = reader.at) {
        if (job->before && message.number[0] >= job->before)
            break;
        if (!zt_query_matches (job->request.query, message.body))
            continue;
        assert (n < ZT_RUN_COUNT);
        found[n++] = (zt_hit_t){slice, (uint32_t) (at - slice->data), (uint32_t) (reader.at - at)};
    }
    while (n > 0) {
        if (job->n_hits == job->request.query->count) {
            job->more = true;
            return true;
        }
        job->hits[job->n_hits++] = found[--n];
        zt_slice_ref (slice);
    }
    return false;
}

/*  Goes on with a query for one piece. Returns true when it is done. */
static bool s_query (const s_memory_t *self, s_job_t *job)
{
    size_t index = job->before ? zt_tail_find (&self->log, job->before - 1) + 1 : self->log.n;
    if (index > self->log.n)
        index = self->log.n;
    uint32_t runs = 0, bytes = 0;
    while (index-- > 0) {
        zt_slice_t *slice = zt_tail_slice (&self->log, index);
        for (uint32_t i = slice->n_runs; i-- > 0;) {
            const zt_run_t *run = &slice->runs[i];
            if (job->before && run->first_id >= job->before)
                continue;
            if (zt_query_concerns (job->request.query, run)) {
                bytes += job->request.query->needle_size ? run->size : 0;
                if (s_search_run (job, slice, run))
                    return true;
            }
            job->before = run->first_id;
            if (++runs >= S_RUNS_A_PIECE || bytes >= S_BYTES_A_PIECE)
                return index == 0 && i == 0;
        }
    }
    return true;
}

/*  Counts from the end of the log until the count asked for is reached: what lies
    before that is skipped. */
static void s_skip (const s_memory_t *self, const zt_request_t *request,
                    zt_completion_t *completion)
{
    uint64_t kept = 0;
    completion->trimmed_to = self->log.after > request->after ? self->log.after : 0;
    completion->read_to = request->after;
    for (size_t index = self->log.n, first = zt_tail_find (&self->log, request->after);
         index-- > first;) {
        const zt_slice_t *slice = zt_tail_slice (&self->log, index);
        for (uint32_t i = slice->n_runs; i-- > 0;) {
            const zt_run_t *run = &slice->runs[i];
            uint64_t counted = zt_query_counted (request, run);
            uint64_t room = request->query->count - kept;
            kept += counted < room ? counted : room;
            if (counted <= room)
                continue;
            if (completion->count == 0)
                completion->read_to = run->first_id + run->count - 1 - room;
            completion->count += counted - room;
        }
    }
}

static void s_recall (const s_memory_t *self, const zt_request_t *request,
                      zt_completion_t *completion)
{
    for (size_t index = self->log.n; index-- > 0;) {
        const zt_slice_t *slice = zt_tail_slice (&self->log, index);
        for (uint32_t i = 0; i < slice->n_runs; i++) {
            const zt_run_t *run = &slice->runs[i];
            uint64_t behind = request->asker.ref - run->first_ref;
            if (run->device != request->device || behind >= run->count)
                continue;
            completion->id = run->first_id + behind;
            completion->time = run->time;
            return;
        }
    }
}

static bool s_load (zt_store_t *base, zt_record_fn *fn, void *fn_self, zt_store_start_t *start)
{
    (void) base;
    (void) fn;
    (void) fn_self;
    *start = (zt_store_start_t){0, 0};
    return true;
}

static void s_submit (zt_store_t *base, const zt_request_t *request)
{
    s_memory_t *self = (s_memory_t *) (void *) base;
    s_job_t *job = zt_alloc (sizeof *job);
    job->request = *request;
    if (request->kind == ZT_STORE_QUERY) {
        job->before = request->query->before;
        job->hits = zt_alloc (request->query->count * sizeof *job->hits);
    }
    s_queue_put (request->kind == ZT_STORE_QUERY ? &self->queries : &self->jobs, job);
}

static void s_job_destroy (s_job_t *job)
{
    free (job->request.query);
    zt_records_clear (&job->request.records);
    free (job);
}

static bool s_next (zt_store_t *base, zt_completion_t *completion)
{
    s_memory_t *self = (s_memory_t *) (void *) base;
    s_job_t *job = s_queue_take (&self->jobs);
    if (!job)
        job = s_queue_take (&self->queries);
    if (!job)
        return false;
    *completion = (zt_completion_t){.kind = job->request.kind, .asker = job->request.asker};
    switch (job->request.kind) {
    case ZT_STORE_COMMIT:
        if (job->request.slice) {
            completion->slice = zt_slice_ref (job->request.slice);
            zt_tail_add (&self->log, job->request.slice);
            zt_slice_unref (&job->request.slice);
        }
        break;
    case ZT_STORE_SKIP:
        s_skip (self, &job->request, completion);
        break;
    case ZT_STORE_RECALL:
        s_recall (self, &job->request, completion);
        break;
    case ZT_STORE_READ:
        s_read (self, job, completion);
        break;
    case ZT_STORE_QUERY:
        if (!s_query (self, job)) { /* behind the others, who shall not wait for it */
            s_queue_put (&self->queries, job);
            return false;
        }
        completion->hits = job->hits;
        completion->n = job->n_hits;
        completion->more = job->more;
        break;
    }
    s_job_destroy (job);
    return true;
}

static bool s_is_busy (zt_store_t *base)
{
    const s_memory_t *self = (const s_memory_t *) (const void *) base;
    return self->jobs.head || self->queries.head;
}

static int s_fd (zt_store_t *base)
{
    (void) base;
    return -1;
}

static const char *s_news (zt_store_t *base)
{
    (void) base;
    return NULL;
}

static const char *s_wrong (zt_store_t *base)
{
    (void) base;
    return "nothing goes wrong in memory";
}

static size_t s_memory (zt_store_t *base)
{
    return ((const s_memory_t *) (const void *) base)->log.bytes;
}

/*  Gives back a job that was never done. */
static void s_job_drop (s_job_t *job)
{
    if (job->request.slice)
        zt_slice_unref (&job->request.slice);
    for (uint32_t i = 0; i < job->n_hits; i++)
        zt_slice_unref (&job->hits[i].slice);
    free (job->hits);
    s_job_destroy (job);
}

static void s_destroy (zt_store_t **base_p)
{
    s_memory_t *self = (s_memory_t *) (void *) *base_p;
    for (s_job_t *job; (job = s_queue_take (&self->jobs));)
        s_job_drop (job);
    for (s_job_t *job; (job = s_queue_take (&self->queries));)
        s_job_drop (job);
    zt_tail_clear (&self->log);
    free (self);
    *base_p = NULL;
}

zt_store_t *zt_store_memory_new (size_t bytes)
{
    s_memory_t *self = zt_alloc (sizeof *self);
    self->base = (zt_store_t){s_load,  s_submit, s_next,   s_is_busy, s_fd,
                              s_wrong, s_news,   s_memory, s_destroy};
    zt_tail_init (&self->log, bytes, 0);
    self->jobs.end = &self->jobs.head;
    self->queries.end = &self->queries.head;
    return &self->base;
}
