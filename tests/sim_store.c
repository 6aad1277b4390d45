/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/sim_store.h"

#include "broker/store_memory.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  A request under way. */
typedef struct s_job s_job_t;
struct s_job {
    s_job_t *next;
    zt_request_t request;
    zt_completion_t completion; /* once it is done */
    uint64_t done_at;           /* ms: when it reaches the disk */
    uint64_t told_at;           /* ms: when the broker gets its completion */
    uint64_t number;            /* of a COMMIT */
    bool done;
};

/*  When the last request of a kind is done and told. */
typedef struct {
    uint64_t done_at;
    uint64_t told_at;
} s_order_t;

struct zt_sim_store {
    zt_dice_t *dice;
    zt_sim_written_fn *fn;
    void *fn_self;
    s_job_t *jobs;

    /*  The disk. */
    zt_store_t *log;
    zt_records_t records; /* one row for each thing that there is */
    zt_store_start_t start;

    uint64_t n_submitted;
    uint64_t last_done; /* COMMIT */
    s_order_t commits;
    s_order_t recalls;
    uint64_t full_until; /* ms */
    bool slow;
};

zt_sim_store_t *zt_sim_store_new (zt_dice_t *dice, size_t log_bytes, zt_sim_written_fn *fn,
                                  void *fn_self)
{
    zt_sim_store_t *self = zt_alloc (sizeof *self);
    *self = (zt_sim_store_t){.dice = dice, .fn = fn, .fn_self = fn_self, .slow = true};
    self->log = zt_store_memory_new (log_bytes);
    return self;
}

static void s_job_destroy (s_job_t *job)
{
    if (job->done)
        zt_completion_clear (&job->completion);
    else if (job->request.slice)
        zt_slice_unref (&job->request.slice);
    zt_records_clear (&job->request.records);
    if (!job->done)
        free (job->request.query);
    free (job);
}

void zt_sim_store_destroy (zt_sim_store_t **self_p)
{
    zt_sim_store_t *self = *self_p;
    while (self->jobs) {
        s_job_t *job = self->jobs;
        self->jobs = job->next;
        s_job_destroy (job);
    }
    self->log->destroy (&self->log);
    zt_records_clear (&self->records);
    free (self);
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    Records */

static zt_record_t *s_row (const zt_sim_store_t *self, zt_record_kind_t kind, uint64_t number,
                           uint64_t owner)
{
    for (uint32_t i = 0; i < self->records.n; i++) {
        zt_record_t *row = &self->records.rows[i];
        if (row->kind == kind && row->number == number && row->owner == owner)
            return row;
    }
    return NULL;
}

static zt_record_t *s_device (const zt_sim_store_t *self, uint64_t number)
{
    for (uint32_t i = 0; i < self->records.n; i++) {
        zt_record_t *row = &self->records.rows[i];
        if (row->kind == ZT_RECORD_DEVICE && row->number == number)
            return row;
    }
    return NULL;
}

static void s_remove (zt_sim_store_t *self, zt_record_t *row)
{
    if (!row)
        return;
    free (row->name);
    size_t behind = (size_t) (self->records.rows + self->records.n - (row + 1));
    memmove (row, row + 1, behind * sizeof *row);
    self->records.n--;
}

/*  Adds the row, or gives the one that there is already its id. */
static void s_set (zt_sim_store_t *self, const zt_record_t *record)
{
    zt_record_t *row = s_row (self, record->kind, record->number, record->owner);
    if (row)
        row->id = record->id;
    else
        zt_records_add (&self->records, record);
}

static void s_save (zt_sim_store_t *self, const zt_record_t *record)
{
    zt_record_t *device;
    switch (record->kind) {
    case ZT_RECORD_DEVICE:
        if (!s_device (self, record->number))
            zt_records_add (&self->records, record);
        break;
    case ZT_RECORD_CURSOR:
        device = s_device (self, record->number);
        if (device)
            device->id = record->id;
        break;
    case ZT_RECORD_ROOM_GONE:
        s_remove (self, s_row (self, ZT_RECORD_ROOM, record->number, 0));
        for (uint32_t i = self->records.n; i-- > 0;)
            if (self->records.rows[i].kind == ZT_RECORD_ENTER &&
                self->records.rows[i].number == record->number)
                s_remove (self, &self->records.rows[i]);
        break;
    case ZT_RECORD_LEAVE:
        s_remove (self, s_row (self, ZT_RECORD_ENTER, record->number, record->owner));
        break;
    case ZT_RECORD_CREDENTIAL:
        zt_records_add (&self->records, record);
        break;
    case ZT_RECORD_CREDENTIAL_GONE:
        for (uint32_t i = self->records.n; i-- > 0;)
            if (self->records.rows[i].kind == ZT_RECORD_CREDENTIAL &&
                self->records.rows[i].owner == record->owner &&
                strcmp (self->records.rows[i].name, record->name) == 0)
                s_remove (self, &self->records.rows[i]);
        break;
    case ZT_RECORD_USER:
    case ZT_RECORD_ROOM:
    case ZT_RECORD_ENTER:
    case ZT_RECORD_RECEIPT:
        s_set (self, record);
        break;
    }
}

/*  What a slice tells of its senders: the refs that were accepted. */
static void s_advance_refs (const zt_sim_store_t *self, const zt_slice_t *slice)
{
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        zt_record_t *device = s_device (self, run->device);
        uint64_t last = run->first_ref + run->count - 1;
        if (device && device->ref < last)
            device->ref = last;
    }
}

void zt_sim_store_load (zt_sim_store_t *self, zt_record_fn *fn, void *fn_self,
                        zt_store_start_t *start)
{
    static const zt_record_kind_t order[] = {ZT_RECORD_USER,   ZT_RECORD_CREDENTIAL,
                                             ZT_RECORD_DEVICE, ZT_RECORD_ROOM,
                                             ZT_RECORD_ENTER,  ZT_RECORD_RECEIPT};
    for (size_t kind = 0; kind < sizeof order / sizeof order[0]; kind++)
        for (uint32_t i = 0; i < self->records.n; i++)
            if (self->records.rows[i].kind == order[kind])
                fn (fn_self, &self->records.rows[i]);
    *start = self->start;
}

/*  The number of what has that name; 0 if there is none. */
static uint64_t s_number (const zt_sim_store_t *self, zt_record_kind_t kind, const char *name)
{
    for (uint32_t i = 0; i < self->records.n; i++) {
        const zt_record_t *row = &self->records.rows[i];
        if (row->kind == kind && strcmp (row->name, name) == 0)
            return row->number;
    }
    return 0;
}

uint64_t zt_sim_store_submitted (const zt_sim_store_t *self)
{
    return self->n_submitted;
}

uint64_t zt_sim_store_done (const zt_sim_store_t *self)
{
    return self->last_done;
}

bool zt_sim_store_has_user (const zt_sim_store_t *self, const char *name)
{
    return s_number (self, ZT_RECORD_USER, name) != 0;
}

bool zt_sim_store_has_device (const zt_sim_store_t *self, const char *name, const char *device)
{
    uint64_t user = s_number (self, ZT_RECORD_USER, name);
    for (uint32_t i = 0; i < self->records.n; i++) {
        const zt_record_t *row = &self->records.rows[i];
        if (row->kind == ZT_RECORD_DEVICE && row->owner == user && strcmp (row->name, device) == 0)
            return true;
    }
    return false;
}

bool zt_sim_store_is_member (const zt_sim_store_t *self, const char *name, const char *room)
{
    return s_row (self, ZT_RECORD_ENTER, s_number (self, ZT_RECORD_ROOM, room),
                  s_number (self, ZT_RECORD_USER, name)) != NULL;
}

/*  ---------------------------------------------------------------------------
    Requests */

static uint64_t s_while (const zt_sim_store_t *self)
{
    if (!self->slow)
        return 0;
    return zt_dice_one_in (self->dice, 8) ? zt_dice_below (self->dice, 400)
                                          : zt_dice_below (self->dice, 12);
}

/*  Behind the last one of its kind. */
static void s_keep_order (s_job_t *job, s_order_t *order)
{
    if (job->done_at < order->done_at)
        job->done_at = order->done_at;
    if (job->told_at < job->done_at)
        job->told_at = job->done_at;
    if (job->told_at < order->told_at)
        job->told_at = order->told_at;
    *order = (s_order_t){job->done_at, job->told_at};
}

void zt_sim_store_submit (zt_sim_store_t *self, const zt_request_t *request, uint64_t now)
{
    s_job_t *job = zt_alloc (sizeof *job);
    job->request = *request;
    job->done_at = now + s_while (self);
    job->told_at = job->done_at + s_while (self);
    if (request->kind == ZT_STORE_COMMIT) {
        job->number = ++self->n_submitted;
        s_keep_order (job, &self->commits);
    } else if (request->kind == ZT_STORE_RECALL)
        s_keep_order (job, &self->recalls);
    s_job_t **end = &self->jobs;
    while (*end)
        end = &(*end)->next;
    *end = job;
}

/*  The memory store does at once what it is asked for, queries in a few pieces. */
static void s_ask_log (const zt_sim_store_t *self, s_job_t *job)
{
    self->log->submit (self->log, &job->request);
    while (!self->log->next (self->log, &job->completion))
        assert (self->log->is_busy (self->log));
    assert (job->completion.kind == job->request.kind);
}

static void s_commit (zt_sim_store_t *self, s_job_t *job)
{
    zt_request_t *request = &job->request;
    self->last_done = job->number;
    zt_records_t records = request->records;
    request->records = (zt_records_t){NULL, 0, 0};
    for (uint32_t i = 0; i < records.n; i++)
        s_save (self, &records.rows[i]);
    zt_records_clear (&records);
    if (self->start.last_number < request->last_number)
        self->start.last_number = request->last_number;
    if (request->slice) {
        assert (request->slice->first_id > self->start.last_id);
        self->start.last_id = request->slice->last_id;
        s_advance_refs (self, request->slice);
        self->fn (self->fn_self, request->slice);
    }
    s_ask_log (self, job);
}

static void s_do (zt_sim_store_t *self, s_job_t *job, uint64_t now)
{
    zt_request_t *request = &job->request;
    job->done = true;
    if (request->kind == ZT_STORE_COMMIT && now < self->full_until) {
        job->completion = (zt_completion_t){.kind = ZT_STORE_COMMIT,
                                            .result = ZT_STORE_UNAVAILABLE,
                                            .slice = request->slice,
                                            .records = request->records};
        request->slice = NULL;
        request->records = (zt_records_t){NULL, 0, 0};
    } else if (request->kind == ZT_STORE_COMMIT)
        s_commit (self, job);
    else {
        s_ask_log (self, job);
        /*  A store may bring less at once than there is. */
        zt_completion_t *completion = &job->completion;
        if (request->kind == ZT_STORE_READ && completion->n > 1 && self->slow &&
            zt_dice_one_in (self->dice, 2)) {
            uint32_t n = zt_dice_from (self->dice, 1, completion->n);
            for (uint32_t i = n; i < completion->n; i++)
                zt_slice_unref (&completion->slices[i]);
            completion->n = n;
            completion->read_to = completion->slices[n - 1]->last_id;
        }
    }
    job->request.query = NULL; /* the memory store has freed it */
    job->request.records = (zt_records_t){NULL, 0, 0};
}

bool zt_sim_store_next (zt_sim_store_t *self, zt_completion_t *completion, uint64_t now)
{
    for (s_job_t *job = self->jobs; job; job = job->next)
        if (!job->done && job->done_at <= now)
            s_do (self, job, now);
    for (s_job_t **link = &self->jobs; *link; link = &(*link)->next) {
        s_job_t *job = *link;
        if (!job->done || job->told_at > now)
            continue;
        *completion = job->completion;
        *link = job->next;
        free (job);
        return true;
    }
    return false;
}

void zt_sim_store_full (zt_sim_store_t *self, uint64_t until)
{
    self->full_until = until;
}

void zt_sim_store_calm (zt_sim_store_t *self)
{
    self->full_until = 0;
    self->slow = false;
}

bool zt_sim_store_is_idle (const zt_sim_store_t *self)
{
    return self->jobs == NULL;
}

void zt_sim_store_crash (zt_sim_store_t *self, uint64_t now)
{
    bool reaches = true; /* what came first was written first */
    while (self->jobs) {
        s_job_t *job = self->jobs;
        self->jobs = job->next;
        if (!job->done && job->request.kind == ZT_STORE_COMMIT) {
            reaches = reaches && zt_dice_one_in (self->dice, 2);
            if (reaches)
                s_do (self, job, now);
        }
        s_job_destroy (job);
    }
    self->commits = self->recalls = (s_order_t){0, 0};
}
