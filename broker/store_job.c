/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_job.h"

#include "common/alloc.h"

#include <assert.h>
#include <czmq.h>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define S_TSAN
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define S_TSAN
#endif

#ifdef S_TSAN
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#endif

void zt_store_left (void *address)
{
#ifdef S_TSAN
    __tsan_release (address);
#else
    (void) address;
#endif
}

void zt_store_found (void *address)
{
#ifdef S_TSAN
    __tsan_acquire (address);
#else
    (void) address;
#endif
}

zt_store_job_t *zt_store_job_new (const zt_request_t *request)
{
    zt_store_job_t *self = zt_alloc (sizeof *self);
    self->request = *request;
    self->completion = (zt_completion_t){.kind = request->kind, .asker = request->asker};
    return self;
}

void zt_store_job_destroy (zt_store_job_t **self_p)
{
    zt_store_job_t *self = *self_p;
    if (self->request.slice)
        zt_slice_unref (&self->request.slice);
    zt_records_clear (&self->request.records);
    free (self->request.query);
    zt_completion_clear (&self->completion);
    free (self);
    *self_p = NULL;
}

void zt_store_jobs_init (zt_store_jobs_t *self)
{
    self->head = NULL;
    self->end = &self->head;
}

void zt_store_jobs_put (zt_store_jobs_t *self, zt_store_job_t *job)
{
    job->next = NULL;
    *self->end = job;
    self->end = &job->next;
}

zt_store_job_t *zt_store_jobs_take (zt_store_jobs_t *self)
{
    zt_store_job_t *job = self->head;
    if (job) {
        self->head = job->next;
        job->next = NULL;
        if (!self->head)
            self->end = &self->head;
    }
    return job;
}

void zt_store_job_give (void *zsock, zt_store_job_t *job)
{
    zt_store_left (job);
    int rc = zmq_send (zsock_resolve (zsock), &job, sizeof job, ZMQ_DONTWAIT);
    assert (rc == (int) sizeof job);
}

zt_store_job_t *zt_store_job_take (void *zsock, bool waits, bool *ends)
{
    zt_store_job_t *job = NULL;
    int rc;
    do /* a signal may have come to a thread that waits */
        rc = zmq_recv (zsock_resolve (zsock), &job, sizeof job, waits ? 0 : ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    if (rc == (int) sizeof job) {
        zt_store_found (job);
        return job;
    }
    if (rc >= 0 && ends)
        *ends = true;
    return NULL;
}
