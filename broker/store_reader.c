/*  SPDX-License-Identifier: MPL-2.0

    The thread that reads, indexes, and empties the write-ahead log. */

#include "broker/store_actors.h"
#include "broker/store_job.h"
#include "common/alloc.h"

#include <assert.h>

/*  The write-ahead log is emptied when it has grown by so much. Measured: smaller pieces
    hold up commits more often, larger ones for longer. */
enum { S_PENDING_BYTES = 4 << 20 };

/*  The index may be behind by S_INDEX_EVERY_MS, so that it does not write for every
    commit. While commits come fast, it works one part of S_FAST_SHARE of the time: that
    keeps up with 5,000 messages a second twice over, and leaves the core to others. In a
    flood it would fall behind anyway, so it leaves them more, and catches up later. */
enum { S_INDEX_EVERY_MS = 200, S_LOOK_MS = 50 };
enum { S_FAST_PER_S = 2000, S_FAST_SHARE = 5, S_FLOOD_PER_S = 20000, S_FLOOD_SHARE = 20 };

typedef struct {
    zt_store_shared_t *shared;
    zt_store_log_t *log;
    zt_index_t *index;
    zsock_t *pipe;
    zt_store_jobs_t quick;   /* READ, SKIP, RECALL */
    zt_store_jobs_t queries; /* one at a time, between the others */
    uint64_t checkpointed;   /* bytes of the write-ahead log */
    uint64_t indexed_id;     /* up to it, and */
    uint64_t indexed_trim;   /* to here, the index has all */
    uint64_t index_at;       /* us: when it goes on; 0: when there is something new */
    uint64_t worked_at;      /* us: when it has worked last */
    uint64_t rate_id;        /* the log's end then */
    bool has_told;           /* that the index is of no use */
    bool ends;
} s_reader_t;

int zt_store_source_read (void *log, uint64_t after, zt_slice_t **slices, int n, size_t bytes)
{
    zt_store_bounds_t bounds;
    return zt_store_log_read (log, after, slices, n, bytes, &bounds);
}

/*  ---------------------------------------------------------------------------
    Answering */

static void s_read (s_reader_t *self, zt_store_job_t *job)
{
    zt_completion_t *completion = &job->completion;
    uint64_t after = job->request.after;
    zt_store_bounds_t bounds = {0, after};
    completion->slices = zt_alloc (ZT_READ_SLICES * sizeof *completion->slices);
    int n = zt_store_log_read (self->log, after, completion->slices, ZT_READ_SLICES,
                               ZT_STORE_READ_BYTES, &bounds);
    completion->n = n > 0 ? (uint32_t) n : 0;
    completion->read_to = bounds.read_to;
    completion->trimmed_to = bounds.trimmed_to > after ? bounds.trimmed_to : 0;
}

static void s_answer (s_reader_t *self, zt_store_job_t *job)
{
    if (atomic_load (&self->shared->ends))
        job->completion.result = ZT_STORE_UNAVAILABLE;
    else if (job->request.kind == ZT_STORE_READ)
        s_read (self, job);
    else
        zt_index_answer (self->index, &job->request, &job->completion);
    if (zt_store_log_is_broken (self->log)) { /* damage, or a disk that fails */
        zt_store_break (self->shared, zt_store_log_wrong (self->log));
        job->completion.result = ZT_STORE_BROKEN;
        snprintf (job->wrong, sizeof job->wrong, "%s", zt_store_log_wrong (self->log));
    }
    job->is_answered = true;
    zt_store_job_give (self->pipe, job);
    zt_wake_up (&self->shared->done);
}

static void s_take (s_reader_t *self)
{
    zt_store_job_t *job;
    while ((job = zt_store_job_take (self->pipe, false, &self->ends)))
        zt_store_jobs_put (job->request.kind == ZT_STORE_QUERY ? &self->queries : &self->quick,
                           job);
}

static void s_do_jobs (s_reader_t *self)
{
    zt_store_job_t *job;
    while ((job = zt_store_jobs_take (&self->quick)))
        s_answer (self, job);
    if ((job = zt_store_jobs_take (&self->queries)))
        s_answer (self, job);
}

/*  ---------------------------------------------------------------------------
    Working when nobody asks */

static bool s_checkpoint_is_due (s_reader_t *self)
{
    uint64_t pending = atomic_load (&self->shared->pending);
    if (pending < self->checkpointed) /* it has begun anew */
        self->checkpointed = 0;
    return pending >= self->checkpointed + S_PENDING_BYTES &&
           !atomic_load (&self->shared->writer_finishes) && !atomic_load (&self->shared->broken);
}

static void s_checkpoint (s_reader_t *self)
{
    if (!s_checkpoint_is_due (self))
        return;
    self->checkpointed = atomic_load (&self->shared->pending);
    bool is_busy;
    if (zt_store_log_checkpoint (self->log, &is_busy) == ZT_STORE_BROKEN)
        zt_store_break (self->shared, zt_store_log_wrong (self->log));
    else
        atomic_store (&self->shared->writer_finishes, true);
}

static bool s_has_news (s_reader_t *self)
{
    return atomic_load (&self->shared->stored_id) != self->indexed_id ||
           atomic_load (&self->shared->trimmed_to) != self->indexed_trim;
}

/*  An index that fails takes nothing with it, but the operator should know why searching
    is slow. */
static void s_tell (s_reader_t *self)
{
    const char *wrong = zt_index_wrong (self->index);
    if (self->has_told || !wrong || !zt_index_has_ended (self->index))
        return; /* or it waits for room on the disk, of which the log tells, too */
    self->has_told = true;
    snprintf (self->shared->news, sizeof self->shared->news,
              "history and search look through the whole log from now on, which is slow: %s. No "
              "message is lost; the index is made anew when its file is deleted and the "
              "broker started again",
              wrong);
    atomic_store (&self->shared->has_news, true);
    zt_wake_up (&self->shared->done);
}

/*  How often the time that a piece took is to go by before the next one begins. */
static uint64_t s_share (uint64_t messages, uint64_t us)
{
    uint64_t rate = messages * 1000000 / (us ? us : 1);
    return rate > S_FLOOD_PER_S ? S_FLOOD_SHARE : rate > S_FAST_PER_S ? S_FAST_SHARE : 1;
}

/*  Does a piece of indexing if it is time for it. */
static void s_index (s_reader_t *self)
{
    uint64_t now = (uint64_t) zclock_usecs ();
    if (self->index_at == 0 && s_has_news (self))
        self->index_at = self->worked_at + S_INDEX_EVERY_MS * 1000;
    if (self->index_at == 0 || now < self->index_at)
        return;
    uint64_t stored_id = atomic_load (&self->shared->stored_id);
    uint64_t trimmed_to = atomic_load (&self->shared->trimmed_to);
    bool more = zt_index_work (self->index, stored_id, trimmed_to);
    s_tell (self);
    uint64_t spent = (uint64_t) zclock_usecs () - now;
    uint64_t share = s_share (stored_id - self->rate_id, now - self->worked_at);
    self->worked_at = now + spent;
    self->rate_id = stored_id;
    self->index_at = more ? now + spent * share : 0;
    if (!more) {
        self->indexed_id = stored_id;
        self->indexed_trim = trimmed_to;
    }
}

/*  Waits for a job, or for the time when something is to be done without one. */
static void s_wait (s_reader_t *self)
{
    zmq_pollitem_t items[] = {{zsock_resolve (self->pipe), 0, ZMQ_POLLIN, 0},
                              {NULL, self->shared->wake.fd, ZMQ_POLLIN, 0}};
    if (self->queries.head) {
        zmq_poll (items, 1, 0);
    } else if (self->index_at) {
        uint64_t now = (uint64_t) zclock_usecs ();
        uint64_t wait = now < self->index_at ? (self->index_at - now + 999) / 1000 : 0;
        zmq_poll (items, 1, (long) (wait < S_LOOK_MS ? wait : S_LOOK_MS));
    } else {
        atomic_store (&self->shared->reader_rests, true);
        bool is_idle = !s_has_news (self) && !s_checkpoint_is_due (self);
        zmq_poll (items, 2, is_idle ? -1 : 0);
        if (items[1].revents)
            zt_wake_reset (&self->shared->wake);
    }
}

void zt_store_reader (zsock_t *pipe, void *argument)
{
    const zt_store_reader_t *with = argument;
    s_reader_t *self = zt_alloc (sizeof *self);
    self->shared = with->shared;
    self->log = with->log;
    self->index = with->index;
    self->rate_id = atomic_load (&self->shared->stored_id);
    zt_index_set_stop (self->index, &self->shared->ends);
    self->pipe = pipe;
    zt_store_jobs_init (&self->quick);
    zt_store_jobs_init (&self->queries);
    zsock_signal (pipe, 0);
    while (!self->ends || self->quick.head || self->queries.head) {
        s_take (self);
        s_do_jobs (self);
        s_checkpoint (self);
        /*  Also while queries wait: those that look through what is not indexed would else
            keep it from becoming so. */
        if (!self->ends)
            s_index (self);
        if (!self->queries.head && !self->ends)
            s_wait (self);
    }
    zt_index_close (&self->index);
    if (atomic_load (&self->shared->broken))
        zt_store_log_give_up (self->log);
    zt_store_log_close (&self->log);
    zt_store_left (self->shared);
    free (self);
}
