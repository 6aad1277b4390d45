/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_sqlite.h"

#include "broker/store_actors.h"
#include "broker/store_files.h"
#include "broker/store_job.h"
#include "broker/tail.h"
#include "common/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

enum { S_TAIL_BYTES = 16 << 20 };

/*  A thread, and the jobs for it: those in its pipe, and those for which it has no room. */
typedef struct {
    zactor_t *actor;
    zt_store_jobs_t waiting;
    uint32_t in_pipe;
} s_worker_t;

typedef struct {
    zt_store_t base;
    zt_store_shared_t shared;
    int lock;
    char *log_path;
    zt_store_writer_t writer_with; /* what the threads are given */
    zt_store_reader_t reader_with;
    s_worker_t writer;
    s_worker_t reader;
    zt_store_jobs_t ready; /* READs that the tail may answer, and all that has come back */
    zt_tail_t tail;
    uint64_t stored_id; /* of the newest slice whose completion was fetched */
    uint64_t failures;  /* COMMITs whose completion told of a fault */
    char wrong[400];
} s_store_t;

static s_store_t *s_store (zt_store_t *base)
{
    return (s_store_t *) (void *) base;
}

/*  ---------------------------------------------------------------------------
    To the threads and back */

static void s_push (s_worker_t *worker)
{
    while (worker->in_pipe < ZT_STORE_JOBS_IN_PIPE && worker->waiting.head) {
        zt_store_job_give (worker->actor, zt_store_jobs_take (&worker->waiting));
        worker->in_pipe++;
    }
}

static void s_hand_over (s_worker_t *worker, zt_store_job_t *job)
{
    zt_store_jobs_put (&worker->waiting, job);
    s_push (worker);
}

/*  Takes what a thread has given back. Returns false if that was nothing. */
static bool s_pull (s_store_t *self, s_worker_t *worker, bool waits)
{
    bool any = false;
    zt_store_job_t *job;
    while (worker->in_pipe > 0 && (job = zt_store_job_take (worker->actor, waits && !any, NULL))) {
        worker->in_pipe--;
        zt_store_jobs_put (&self->ready, job);
        any = true;
    }
    s_push (worker);
    return any;
}

/*  The descriptor is reset first: what is given back after the pipes were emptied makes it
    readable again. */
static void s_collect (s_store_t *self)
{
    if (!zt_wake_reset (&self->shared.done))
        return;
    s_pull (self, &self->writer, false);
    s_pull (self, &self->reader, false);
}

/*  ---------------------------------------------------------------------------
    Completions */

static void s_finish_commit (s_store_t *self, zt_store_job_t *job)
{
    zt_completion_t *completion = &job->completion;
    completion->slice = job->request.slice;
    job->request.slice = NULL;
    if (completion->result == ZT_STORE_DONE) {
        if (completion->slice) {
            zt_tail_add (&self->tail, completion->slice);
            self->stored_id = completion->slice->last_id;
        }
        return;
    }
    completion->records = job->request.records;
    job->request.records = (zt_records_t){NULL, 0, 0};
    self->failures++;
}

/*  A READ is answered here, and not when it was asked for, so that it sees all that was
    stored meanwhile. Returns false if the reader is to do it. */
static bool s_finish_read (s_store_t *self, zt_store_job_t *job)
{
    zt_completion_t *completion = &job->completion;
    if (job->is_answered) {
        bool is_old = completion->result == ZT_STORE_DONE && completion->n == 0 &&
                      completion->read_to < self->stored_id;
        if (!is_old)
            return true;
        zt_completion_clear (completion);
        completion->asker = job->request.asker;
        job->is_answered = false;
    }
    zt_tail_trim (&self->tail, atomic_load (&self->shared.trimmed_to));
    job->is_answered =
        zt_tail_read (&self->tail, job->request.after, ZT_STORE_READ_BYTES, completion);
    return job->is_answered;
}

static bool s_next (zt_store_t *base, zt_completion_t *completion)
{
    s_store_t *self = s_store (base);
    if (!self->ready.head)
        s_collect (self);
    zt_store_job_t *job;
    while ((job = zt_store_jobs_take (&self->ready))) {
        if (job->request.kind == ZT_STORE_READ && !s_finish_read (self, job)) {
            s_hand_over (&self->reader, job);
            continue;
        }
        if (job->request.kind == ZT_STORE_COMMIT)
            s_finish_commit (self, job);
        if (job->completion.result != ZT_STORE_DONE)
            snprintf (self->wrong, sizeof self->wrong, "%s", job->wrong);
        *completion = job->completion;
        job->completion = (zt_completion_t){.kind = job->request.kind};
        zt_store_job_destroy (&job);
        return true;
    }
    return false;
}

/*  ---------------------------------------------------------------------------
    The rest of zt_store_t */

static bool s_load (zt_store_t *base, zt_record_fn *fn, void *fn_self, zt_store_start_t *start)
{
    s_store_t *self = s_store (base);
    zt_store_log_t *log =
        zt_store_log_open_reader (self->log_path, self->wrong, sizeof self->wrong);
    bool done = log && zt_store_log_load (log, fn, fn_self, start) == ZT_STORE_DONE;
    if (log && !done)
        snprintf (self->wrong, sizeof self->wrong, "%s", zt_store_log_wrong (log));
    if (!done)
        zt_store_break (&self->shared, self->wrong);
    if (log)
        zt_store_log_close (&log);
    return done;
}

static void s_submit (zt_store_t *base, const zt_request_t *request)
{
    s_store_t *self = s_store (base);
    zt_store_job_t *job = zt_store_job_new (request);
    job->failures = self->failures;
    if (request->kind == ZT_STORE_COMMIT)
        s_hand_over (&self->writer, job);
    else if (request->kind == ZT_STORE_READ && request->after >= self->tail.after)
        zt_store_jobs_put (&self->ready, job);
    else
        s_hand_over (&self->reader, job);
}

static bool s_is_busy (zt_store_t *base)
{
    return s_store (base)->ready.head != NULL;
}

static int s_fd (zt_store_t *base)
{
    return s_store (base)->shared.done.fd;
}

static const char *s_wrong (zt_store_t *base)
{
    return s_store (base)->wrong;
}

static const char *s_news (zt_store_t *base)
{
    s_store_t *self = s_store (base);
    return atomic_exchange (&self->shared.has_news, false) ? self->shared.news : NULL;
}

static size_t s_memory (zt_store_t *base)
{
    return s_store (base)->tail.bytes;
}

/*  ---------------------------------------------------------------------------
    Beginning and end */

/*  Ends a thread, once it has given back what it had to do. */
static void s_end_worker (s_store_t *self, s_worker_t *worker)
{
    if (!worker->actor)
        return;
    while (worker->in_pipe > 0)
        s_pull (self, worker, true);
    zactor_destroy (&worker->actor);
    zt_store_found (&self->shared);
}

static void s_drop (zt_store_jobs_t *jobs)
{
    zt_store_job_t *job;
    while ((job = zt_store_jobs_take (jobs)))
        zt_store_job_destroy (&job);
}

/*  The reader goes first, so that the writer's log is the last to be closed: that empties the
    write-ahead log. What was only to be read is of no use to anybody now. */
static void s_destroy (zt_store_t **base_p)
{
    s_store_t *self = s_store (*base_p);
    atomic_store (&self->shared.ends, true);
    s_drop (&self->reader.waiting);
    s_end_worker (self, &self->reader);
    s_end_worker (self, &self->writer);
    s_drop (&self->ready);
    s_drop (&self->writer.waiting);
    zt_tail_clear (&self->tail);
    zt_wake_close (&self->shared.done);
    zt_wake_close (&self->shared.wake);
    if (self->lock >= 0)
        close (self->lock);
    free (self->log_path);
    free (self);
    *base_p = NULL;
}

/*  Opens the index. After a backup was put in the log's place the index may know more than the
    log does, and other things: it is derived, so it is made anew. */
static zt_index_t *s_open_index (const s_store_t *self, const char *dir, zt_store_log_t *reader,
                                 char *wrong, size_t wrong_size)
{
    char *path = zt_store_files_path (dir, "index.db");
    zt_slice_source_t source = {reader, zt_store_source_read};
    zt_index_t *index = zt_index_open (path, source, wrong, wrong_size);
    if (index && zt_index_mark (index) > self->stored_id) {
        zt_index_close (&index);
        zt_store_files_remove (path);
        index = zt_index_open (path, source, wrong, wrong_size);
    }
    free (path);
    return index;
}

static bool s_is_empty (const char *path)
{
    struct stat file;
    return stat (path, &file) != 0 || file.st_size == 0;
}

/*  An index without a log: somebody has moved the log away, or a copy of it did not get to
    the disk. To begin a new one would hide that. */
static bool s_is_lost (const char *dir, const char *log_path, char *wrong, size_t wrong_size)
{
    char *index = zt_store_files_path (dir, "index.db");
    char *wal = zt_store_files_path (dir, "log.db-wal");
    bool is_lost = s_is_empty (log_path) && s_is_empty (wal) && !s_is_empty (index);
    if (is_lost)
        snprintf (wrong, wrong_size,
                  "%s is not there, or empty, but %s is: put the log, or a backup of it, back; or "
                  "delete the index to begin with nothing",
                  log_path, index);
    free (index);
    free (wal);
    return is_lost;
}

static bool s_open_files (s_store_t *self, const zt_store_config_t *config, char *wrong,
                          size_t wrong_size)
{
    if (!zt_store_files_make (config->dir, wrong, wrong_size) ||
        (self->lock = zt_store_files_lock (config->dir, wrong, wrong_size)) < 0)
        return false;
    self->log_path = zt_store_files_path (config->dir, "log.db");
    if (s_is_lost (config->dir, self->log_path, wrong, wrong_size))
        return false;
    zt_store_log_t *log = self->writer_with.log =
        zt_store_log_open (self->log_path, config->power ? ZT_SURVIVES_POWER_CUT : ZT_SURVIVES_KILL,
                           wrong, wrong_size);
    if (!log ||
        !zt_store_log_check (log, config->progress, config->progress_self, wrong, wrong_size))
        return false;
    zt_store_log_bound (log, config->most_bytes);
    self->stored_id = zt_store_log_last_id (log);
    self->reader_with.log = zt_store_log_open_reader (self->log_path, wrong, wrong_size);
    if (!self->reader_with.log)
        return false;
    self->reader_with.index =
        s_open_index (self, config->dir, self->reader_with.log, wrong, wrong_size);
    return self->reader_with.index != NULL;
}

static void s_close_files (s_store_t *self)
{
    if (self->reader_with.index)
        zt_index_close (&self->reader_with.index);
    if (self->reader_with.log)
        zt_store_log_close (&self->reader_with.log);
    if (self->writer_with.log)
        zt_store_log_close (&self->writer_with.log);
}

/*  Fills the tail: when a broker comes back, so does everybody at once, to read the same. */
static bool s_warm (s_store_t *self, char *wrong, size_t wrong_size)
{
    zt_store_log_t *log = self->reader_with.log;
    zt_slice_t *slices[ZT_READ_SLICES];
    uint64_t after = zt_store_log_newest (log, S_TAIL_BYTES);
    zt_store_bounds_t bounds = {0, after};
    int n = 1;
    zt_tail_init (&self->tail, S_TAIL_BYTES, after);
    while (n > 0) {
        n = zt_store_log_read (log, bounds.read_to, slices, ZT_READ_SLICES, S_TAIL_BYTES, &bounds);
        for (int i = 0; i < n; i++) {
            zt_tail_add (&self->tail, slices[i]);
            zt_slice_unref (&slices[i]);
        }
    }
    if (self->tail.after < bounds.trimmed_to)
        self->tail.after = bounds.trimmed_to;
    if (n < 0)
        snprintf (wrong, wrong_size, "%s", zt_store_log_wrong (log));
    return n == 0;
}

/*  Threads inherit the mask; signals are the loop's. */
static void s_start (s_store_t *self)
{
    sigset_t all, old;
    sigfillset (&all);
    pthread_sigmask (SIG_BLOCK, &all, &old);
    self->writer.actor = zactor_new (zt_store_writer, &self->writer_with);
    self->reader.actor = zactor_new (zt_store_reader, &self->reader_with);
    pthread_sigmask (SIG_SETMASK, &old, NULL);
    assert (self->writer.actor && self->reader.actor);
}

zt_store_t *zt_store_sqlite_open (const zt_store_config_t *config, char *wrong, size_t wrong_size)
{
    s_store_t *self = zt_alloc (sizeof *self);
    self->base = (zt_store_t){s_load,  s_submit, s_next,   s_is_busy, s_fd,
                              s_wrong, s_news,   s_memory, s_destroy};
    zt_store_jobs_init (&self->writer.waiting);
    zt_store_jobs_init (&self->reader.waiting);
    zt_store_jobs_init (&self->ready);
    self->lock = -1;
    self->shared.done = self->shared.wake = ZT_WAKE_NONE;
    self->writer_with = (zt_store_writer_t){
        .shared = &self->shared, .keep_ms = config->keep_ms, .keep_bytes = config->keep_bytes};
    self->reader_with = (zt_store_reader_t){.shared = &self->shared};
    if (!zt_wake_open (&self->shared.done) || !zt_wake_open (&self->shared.wake))
        snprintf (wrong, wrong_size, "the store has no descriptors: %s", strerror (errno));
    else if (s_open_files (self, config, wrong, wrong_size) && s_warm (self, wrong, wrong_size)) {
        atomic_store (&self->shared.stored_id, self->stored_id);
        atomic_store (&self->shared.trimmed_to, zt_store_log_trimmed_to (self->writer_with.log));
        s_start (self);
        return &self->base;
    }
    s_close_files (self);
    zt_store_t *base = &self->base;
    s_destroy (&base);
    return NULL;
}
