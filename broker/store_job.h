/*  SPDX-License-Identifier: MPL-2.0

    zt_store_job - a request on its way between the loop and the store's threads

    A job goes over a pipe as a pointer, and whoever holds it last owns it. */

#ifndef ZT_STORE_JOB_H
#define ZT_STORE_JOB_H

#include "broker/store.h"

typedef struct zt_store_job zt_store_job_t;

struct zt_store_job {
    zt_store_job_t *next; /* in a queue */
    zt_request_t request;
    zt_completion_t completion;
    uint64_t failures; /* COMMIT: how many failed ones were known when it was asked for */
    bool is_answered;
    char wrong[400]; /* why it was not done */
};

/*  A job for a request, whose belongings it takes over; the completion is begun. */
zt_store_job_t *zt_store_job_new (const zt_request_t *request);

/*  Frees what the job holds of the request and of the completion. */
void zt_store_job_destroy (zt_store_job_t **self_p);

/*  A queue. */
typedef struct {
    zt_store_job_t *head;
    zt_store_job_t **end; /* where the next one is linked in */
} zt_store_jobs_t;

void zt_store_jobs_init (zt_store_jobs_t *self);
void zt_store_jobs_put (zt_store_jobs_t *self, zt_store_job_t *job);
/*  The head, taken out; NULL if the queue is empty. */
zt_store_job_t *zt_store_jobs_take (zt_store_jobs_t *self);

/*  So many jobs may be in a pipe: it takes more (1,000), so that giving never waits. */
enum { ZT_STORE_JOBS_IN_PIPE = 256 };

/*  Sends a job into the other end of a zsock's pipe. */
void zt_store_job_give (void *zsock, zt_store_job_t *job);

/*  Receives one. NULL if none is there (unless it waits), or if what came is the pipe's order
    to end ($TERM), which sets *ends if that is not NULL. */
zt_store_job_t *zt_store_job_take (void *zsock, bool waits, bool *ends);

/*  What one thread did before `left` another sees after `found`, of the same address. libzmq
    and SQLite see to that; but ThreadSanitizer does not know, because it does not see into
    them. */
void zt_store_left (void *address);
void zt_store_found (void *address);

#endif
