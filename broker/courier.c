/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/courier.h"

#include "broker/clock.h"
#include "common/alloc.h"

#include <stdlib.h>

/*  A turn takes at most so many completions from the store, and at most one answer to a query,
    which takes a millisecond to write: a few clients who ask all they may would make
    everybody wait for all of their answers. */
enum { S_COMPLETIONS_A_TURN = 64 };

/*  The operator is told again that nothing can be stored, at most so often. */
enum { S_TELL_MS = 10000 };

struct zt_courier {
    zt_core_t *core;
    zt_store_t *store;
    zt_operator_t *op;
    size_t n_commits;    /* that the store has, and has not completed */
    bool is_unavailable; /* the last commit could not be done */
    bool is_broken;      /* none will be done any more */
    uint64_t since;      /* ms: it is unavailable */
    uint64_t told_at;    /* ms: the operator heard of it last */
    uint64_t began_us;   /* when the messages of the commit that is under way were submitted */
};

zt_courier_t *zt_courier_new (zt_core_t *core, zt_store_t *store, zt_operator_t *op)
{
    zt_courier_t *self = zt_alloc (sizeof *self);
    self->core = core;
    self->store = store;
    self->op = op;
    return self;
}

void zt_courier_destroy (zt_courier_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    A store that fails */

static unsigned long long s_seconds (uint64_t from, uint64_t to)
{
    return to > from ? (to - from) / 1000 : 0; /* the clock may have been set back */
}

static void s_unavailable (zt_courier_t *self, uint64_t now)
{
    const char *wrong = self->store->wrong (self->store);
    if (!self->is_unavailable) {
        self->is_unavailable = true;
        self->since = now;
        zt_operator_log (self->op, ZT_LEVEL_ERROR, now,
                         "CANNOT STORE: %s. What is sent is refused until this is over; what "
                         "was acknowledged is safe",
                         wrong);
    } else if (now >= self->told_at + S_TELL_MS || now < self->told_at)
        zt_operator_log (self->op, ZT_LEVEL_ERROR, now, "CANNOT STORE, for %llu s now: %s",
                         s_seconds (self->since, now), wrong);
    else
        return;
    self->told_at = now;
}

static void s_available (zt_courier_t *self, uint64_t now)
{
    if (!self->is_unavailable)
        return;
    self->is_unavailable = false;
    zt_operator_log (self->op, ZT_LEVEL_NOTICE, now, "messages are stored again, after %llu s",
                     s_seconds (self->since, now));
}

static void s_broken (zt_courier_t *self, uint64_t now)
{
    if (self->is_broken)
        return;
    self->is_broken = true;
    zt_operator_log (self->op, ZT_LEVEL_ERROR, now, "THE LOG IS BROKEN: %s",
                     self->store->wrong (self->store));
    zt_operator_log (self->op, ZT_LEVEL_ERROR, now,
                     "The broker ends: nothing more can be acknowledged. Clients keep what they "
                     "were sending. Look at the disk and at the system's log before you start "
                     "it again; if it does not start then, restore a backup (see BACKUP in "
                     "ztalk-broker(1))");
}

/*  ---------------------------------------------------------------------------
    Carrying */

static void s_submit (zt_courier_t *self)
{
    zt_request_t request;
    while (zt_core_next_request (self->core, &request)) {
        self->n_commits += request.kind == ZT_STORE_COMMIT;
        if (request.slice)
            self->began_us = zt_clock_monotonic_us ();
        self->store->submit (self->store, &request);
    }
}

static void s_measure (zt_courier_t *self, const zt_slice_t *slice, uint64_t now)
{
    uint64_t us = zt_clock_monotonic_us () - self->began_us;
    zt_histogram_add (&zt_core_stats (self->core)->commit, us);
    if (zt_operator_logs (self->op, ZT_LEVEL_DEBUG))
        zt_operator_log (self->op, ZT_LEVEL_DEBUG, now,
                         "messages up to %llu are stored, after %llu us",
                         (unsigned long long) slice->last_id, (unsigned long long) us);
}

/*  What the core is not told about a broken store stays unanswered: whether it is stored
    is not known, and a client that hears nothing asks the next broker. */
static void s_complete (zt_courier_t *self, const zt_completion_t *completion, uint64_t now)
{
    bool is_commit = completion->kind == ZT_STORE_COMMIT;
    self->n_commits -= is_commit;
    switch (completion->result) {
    case ZT_STORE_DONE:
        if (is_commit)
            s_available (self, now);
        if (completion->slice)
            s_measure (self, completion->slice, now);
        break;
    case ZT_STORE_UNAVAILABLE:
        s_unavailable (self, now);
        break;
    case ZT_STORE_BROKEN:
        s_broken (self, now);
        return;
    }
    zt_core_stored (self->core, completion, now);
    zt_core_commit (self->core);
}

void zt_courier_carry (zt_courier_t *self, uint64_t now)
{
    zt_completion_t completion;
    if (self->is_broken)
        return;
    const char *news = self->store->news (self->store);
    if (news)
        zt_operator_log (self->op, ZT_LEVEL_WARNING, now, "%s", news);
    zt_core_commit (self->core);
    s_submit (self);
    bool is_query = false;
    for (int i = 0;
         i < S_COMPLETIONS_A_TURN && !is_query && self->store->next (self->store, &completion);
         i++) {
        is_query = completion.kind == ZT_STORE_QUERY;
        s_complete (self, &completion, now);
        zt_completion_clear (&completion);
        if (self->is_broken)
            return;
        s_submit (self);
    }
}

bool zt_courier_is_waiting (const zt_courier_t *self)
{
    return self->n_commits > 0 && !self->is_broken;
}

bool zt_courier_can_store (const zt_courier_t *self)
{
    return !self->is_unavailable && !self->is_broken;
}

bool zt_courier_is_broken (const zt_courier_t *self)
{
    return self->is_broken;
}
