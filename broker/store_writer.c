/*  SPDX-License-Identifier: MPL-2.0

    The thread that commits. */

#include "broker/store_actors.h"
#include "broker/store_job.h"
#include "common/alloc.h"

/*  The reader empties the write-ahead log in the background. If it does not come to it, or
    a reader elsewhere (a backup) holds it up, the writer tries it itself now and then. */
enum { S_PENDING_MOST = 64 << 20, S_PENDING_STEP = 16 << 20, S_BUSY_MS = 2000 };

enum { S_KEEP_MS = 60000, S_SHRINK_MS = 20 };

/*  More is deleted at once than must be, so that not every commit has to. */
enum { S_SLACK = 32 };

typedef struct {
    zt_store_shared_t *shared;
    zt_store_log_t *log;
    zsock_t *pipe;
    uint64_t keep_ms;
    uint64_t keep_bytes;
    uint64_t keep_at;      /* ms: when to look for what is too old */
    uint64_t pending_most; /* bytes: when to try to empty the write-ahead log */
    int64_t committed_at;  /* us: when the last commit began */
    uint64_t failures;     /* COMMITs that were not done */
    zt_store_job_t *jobs[ZT_STORE_JOBS_IN_PIPE];
    const zt_request_t *requests[ZT_STORE_JOBS_IN_PIPE];
    size_t n;
    bool is_trimming;
    bool ends;
} s_writer_t;

void zt_store_break (zt_store_shared_t *self, const char *wrong)
{
    if (atomic_exchange (&self->breaks, true))
        return;
    snprintf (self->wrong, sizeof self->wrong, "%s", wrong);
    atomic_store (&self->broken, true);
}

static void s_break (s_writer_t *self, zt_store_result_t result)
{
    if (result == ZT_STORE_BROKEN)
        zt_store_break (self->shared, zt_store_log_wrong (self->log));
}

/*  Where a sync costs little, a commit would follow each message: at 40,000 a second that
    was 17,000 commits, a core, and 560 MB/s of pages. So commits begin at most every half
    a millisecond; what comes meanwhile is in the next one. */
static void s_pause (s_writer_t *self)
{
    enum { S_PAUSE_US = 500 };
    int64_t since = zclock_usecs () - self->committed_at;
    if (since < S_PAUSE_US && !self->ends)
        nanosleep (&(struct timespec){0, (long) (S_PAUSE_US - since) * 1000}, NULL);
    self->committed_at = zclock_usecs ();
}

/*  Waits for a first job, or until something is to be done without one; takes what else
    is there. */
static void s_take (s_writer_t *self)
{
    long wait = -1;
    if (self->keep_at) {
        uint64_t now = (uint64_t) zclock_mono ();
        wait = now < self->keep_at ? (long) (self->keep_at - now) : 0;
    }
    zmq_pollitem_t item = {zsock_resolve (self->pipe), 0, ZMQ_POLLIN, 0};
    if (zmq_poll (&item, 1, wait) > 0)
        s_pause (self);
    self->n = 0;
    while (self->n < ZT_STORE_JOBS_IN_PIPE) {
        zt_store_job_t *job = zt_store_job_take (self->pipe, false, &self->ends);
        if (!job)
            break;
        self->jobs[self->n++] = job;
    }
}

/*  Commits what was taken, all or nothing. What was asked for before a failed job was known
    is not tried: what was said after a lost message, or saved after a lost record,
    must not overtake it. If the first knew of all, the others did. */
static zt_store_result_t s_try (s_writer_t *self)
{
    if (atomic_load (&self->shared->broken))
        return ZT_STORE_BROKEN;
    if (self->jobs[0]->failures != self->failures)
        return ZT_STORE_UNAVAILABLE;
    for (size_t i = 0; i < self->n; i++)
        self->requests[i] = &self->jobs[i]->request;
    zt_store_result_t result = zt_store_log_commit (self->log, self->requests, self->n);
    s_break (self, result);
    return result;
}

static void s_commit (s_writer_t *self)
{
    zt_store_result_t result = s_try (self);
    const char *wrong = zt_store_log_wrong (self->log);
    if (atomic_load (&self->shared->broken))
        wrong = self->shared->wrong;
    if (result == ZT_STORE_DONE) {
        if (zt_store_log_pending (self->log) < S_PENDING_MOST)
            self->pending_most = S_PENDING_MOST;
        atomic_store (&self->shared->pending, zt_store_log_pending (self->log));
        atomic_store (&self->shared->stored_id, zt_store_log_last_id (self->log));
    } else {
        /*  On a full disk a write-ahead log that begins anew needs no room. */
        if (result == ZT_STORE_UNAVAILABLE)
            atomic_store (&self->shared->writer_finishes, true);
        self->failures += self->n;
    }
    for (size_t i = 0; i < self->n; i++) {
        zt_store_job_t *job = self->jobs[i];
        job->completion.result = result;
        if (result != ZT_STORE_DONE)
            snprintf (job->wrong, sizeof job->wrong, "%s", wrong);
        zt_store_job_give (self->pipe, job);
    }
    zt_wake_up (&self->shared->done);
    if (result == ZT_STORE_DONE && atomic_exchange (&self->shared->reader_rests, false))
        zt_wake_up (&self->shared->wake);
}

/*  The write-ahead log begins anew only when a checkpoint has caught up with the commits, so
    what has come since the reader's is done here, where nothing comes meanwhile. If the
    reader is too slow, commits wait for it here: otherwise the file would grow
    without bound. */
static void s_checkpoint (s_writer_t *self)
{
    uint64_t pending = zt_store_log_pending (self->log);
    bool is_late = pending >= self->pending_most, is_busy = true;
    if (atomic_load (&self->shared->broken)) /* nothing is synced again */
        return;
    if (!is_late && !atomic_load (&self->shared->writer_finishes))
        return;
    zt_store_result_t result = ZT_STORE_DONE;
    for (int i = 0; is_busy && i < (is_late ? S_BUSY_MS : 1) && result == ZT_STORE_DONE; i++) {
        if (i > 0)
            zclock_sleep (1);
        result = zt_store_log_checkpoint (self->log, &is_busy);
    }
    s_break (self, result);
    /*  If it was not enough, somebody reads what it would take away. */
    self->pending_most = is_late ? pending + S_PENDING_STEP : self->pending_most;
    atomic_store (&self->shared->writer_finishes, false);
}

static bool s_is_too_large (const s_writer_t *self)
{
    return self->keep_bytes && zt_store_log_bytes (self->log) > self->keep_bytes;
}

/*  Deletes a piece of what is too old or too much. */
static void s_keep (s_writer_t *self)
{
    uint64_t now = (uint64_t) zclock_mono ();
    if (s_is_too_large (self))
        self->is_trimming = true;
    else if (!self->keep_at || now < self->keep_at)
        return;
    uint64_t time = (uint64_t) zclock_time ();
    uint64_t before = self->keep_ms && self->keep_ms < time ? time - self->keep_ms : 0;
    uint64_t bytes = UINT64_MAX;
    if (self->keep_bytes)
        bytes = self->keep_bytes - (self->is_trimming ? self->keep_bytes / S_SLACK : 0);
    bool more = false;
    zt_store_result_t result = zt_store_log_trim (self->log, before, bytes, &more);
    s_break (self, result);
    atomic_store (&self->shared->trimmed_to, zt_store_log_trimmed_to (self->log));
    self->is_trimming = self->is_trimming && more;
    if (more)
        self->keep_at = now;
    else if (result == ZT_STORE_DONE && zt_store_log_shrink (self->log))
        self->keep_at = now + S_SHRINK_MS;
    else
        self->keep_at = now + S_KEEP_MS;
}

void zt_store_writer (zsock_t *pipe, void *argument)
{
    const zt_store_writer_t *with = argument;
    s_writer_t *self = zt_alloc (sizeof *self);
    self->shared = with->shared;
    self->log = with->log;
    self->pipe = pipe;
    self->pending_most = S_PENDING_MOST;
    self->keep_ms = with->keep_ms;
    self->keep_bytes = with->keep_bytes;
    self->keep_at = self->keep_ms || self->keep_bytes ? (uint64_t) zclock_mono () : 0;
    zsock_signal (pipe, 0);
    while (!self->ends) {
        s_take (self);
        if (self->n > 0) {
            s_commit (self);
            s_checkpoint (self);
        }
        if (!atomic_load (&self->shared->broken))
            s_keep (self);
        else
            self->keep_at = 0;
    }
    if (atomic_load (&self->shared->broken))
        zt_store_log_give_up (self->log);
    zt_store_log_close (&self->log);
    zt_store_left (self->shared);
    free (self);
}
