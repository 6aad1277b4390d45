/*  SPDX-License-Identifier: MPL-2.0

    The log: appending to it, and delivering what was appended.

    A message is encoded once, as it will be delivered, into the open slice. When
    the store has taken the slice, each of its runs goes to the sessions that it
    concerns: to those that keep up as a range of the slice's bytes; the others
    are lagging, and read on from their position when they acknowledge. */

#include "broker/core_state.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  ---------------------------------------------------------------------------
    Appending */

static zt_run_t *s_begin_run (zt_open_slice_t *open)
{
    if (open->n_runs == open->capacity) {
        open->capacity = open->capacity ? open->capacity * 2 : 16;
        open->runs = zt_realloc (open->runs, open->capacity, sizeof *open->runs);
        open->routes = zt_realloc (open->routes, open->capacity, sizeof *open->routes);
    }
    return &open->runs[open->n_runs++];
}

/*  The open run, if the message can go on with it; NULL if not. */
static zt_run_t *s_open_run (const zt_core_t *core, const zt_session_t *session, uint64_t ref,
                             const zt_entity_t *to, uint64_t now)
{
    const zt_open_slice_t *open = &core->open;
    if (open->n_runs == 0)
        return NULL;
    zt_run_t *run = &open->runs[open->n_runs - 1];
    const zt_route_t *route = &open->routes[open->n_runs - 1];
    bool goes_on = route->session == session->number && route->epoch == core->epoch &&
                   run->target == to->number && run->time == now &&
                   run->first_ref + run->count == ref && run->count < ZT_RUN_COUNT &&
                   run->size < ZT_RUN_BYTES;
    return goes_on ? run : NULL;
}

void zt_log_append (zt_core_t *core, zt_session_t *session, uint64_t ref, zt_entity_t *to,
                    bool is_room, zt_bytes_t body, uint64_t now)
{
    zt_open_slice_t *open = &core->open;
    zt_device_t *sender = session->device;
    const zt_entity_t *from = &session->user->entity;
    uint64_t id = ++core->last_id;

    zt_run_t *run = s_open_run (core, session, ref, to, now);
    if (!run) {
        run = s_begin_run (open);
        *run = (zt_run_t){.first_id = id,
                          .first_ref = ref,
                          .time = now,
                          .device = sender->number,
                          .from = from->number,
                          .target = to->number,
                          .offset = (uint32_t) open->messages.size,
                          .is_room = is_room};
        open->routes[open->n_runs - 1] =
            (zt_route_t){.sender = sender,
                         .session = session->number,
                         .user = is_room ? NULL : (zt_user_t *) (void *) to,
                         .room = is_room ? (zt_room_t *) (void *) to : NULL,
                         .epoch = core->epoch};
    }
    zt_wire_put (&open->messages, &(zt_message_t){.verb = ZT_VERB_MSG,
                                                  .number = {id, now},
                                                  .word = {{NULL, 0},
                                                           {NULL, 0},
                                                           {from->name, from->name_size},
                                                           {to->name, to->name_size}},
                                                  .body = body});
    run->size = (uint32_t) open->messages.size - run->offset;
    run->count++;
    zt_device_accept (sender, ref, id, now);
}

bool zt_log_takes (const zt_core_t *core)
{
    return !core->waits_until && core->open.messages.size < ZT_STORE_QUEUE;
}

void zt_core_commit (zt_core_t *core)
{
    zt_open_slice_t *open = &core->open;
    if (core->is_committing || core->waits_until || (open->n_runs == 0 && core->records.n == 0))
        return;
    zt_slice_t *slice = NULL;
    if (open->n_runs)
        slice = zt_slice_new (open->runs, open->n_runs, zt_buffer_bytes (&open->messages));
    zt_output_request (core, &(zt_request_t){.kind = ZT_STORE_COMMIT,
                                             .slice = slice,
                                             .records = core->records,
                                             .last_number = core->last_number});
    core->records = (zt_records_t){NULL, 0, 0};

    /*  The routes wait for the completion; the next slice gets the other arrays. */
    zt_open_slice_t other = core->committing;
    core->committing = *open;
    core->open_number++;
    *open = other;
    open->n_runs = 0;
    zt_buffer_clear (&open->messages);
    core->is_committing = true;
}

/*  ---------------------------------------------------------------------------
    Delivering from the tail */

static void s_deliver (zt_core_t *core, zt_session_t *session, zt_slice_t *slice,
                       const zt_run_t *run)
{
    if (!session->receives || session->lagging || session->position >= run->first_id)
        return;
    if (!zt_feed_has_room (session, run->count, run->size)) {
        session->lagging = true;
        session->position = run->first_id - 1;
        return;
    }
    zt_feed_send (core, session, slice, run,
                  (zt_part_t){run->first_id, run->count, run->offset, run->size});
}

static void s_deliver_to_user (zt_core_t *core, const zt_user_t *user, zt_slice_t *slice,
                               const zt_run_t *run, const zt_device_t *sender)
{
    for (zt_session_t *session = user->sessions; session; session = session->next)
        if (session->device != sender)
            s_deliver (core, session, slice, run);
}

static void s_deliver_run (zt_core_t *core, zt_slice_t *slice, const zt_run_t *run,
                           const zt_route_t *route)
{
    if (route->user) {
        s_deliver_to_user (core, route->user, slice, run, route->sender);
        if (route->user != route->sender->user)
            s_deliver_to_user (core, route->sender->user, slice, run, route->sender);
    } else if (zt_room_is_general (core, route->room)) {
        for (uint32_t i = 0; i < core->receivers.n; i++) {
            zt_session_t *session = core->receivers.items[i];
            if (session->device != route->sender)
                s_deliver (core, session, slice, run);
        }
    } else
        for (uint32_t i = 0; i < route->room->n_members; i++) {
            const zt_user_t *member = route->room->members[i];
            if (route->epoch == core->epoch || zt_user_was_in (member, run))
                s_deliver_to_user (core, member, slice, run, route->sender);
        }
}

/*  ---------------------------------------------------------------------------
    Answering the senders */

/*  The SENT that waits. Its device still remembers the ref: it is the last stored. */
static void s_put_answer (zt_core_t *core, zt_session_t *session)
{
    uint64_t id, time;
    if (zt_device_recall (session->device, session->answer_ref, &id, &time))
        zt_output_sent (core, session->peer, session->answer_ref, id, time);
    session->answer_ref = 0;
}

enum { S_MAY_WAIT_MS = 1 };

/*  SENT for all of a run; or, for one who wants to know of the last one only, a
    note, which leaves with the next frame to them or soon after: a frame of its
    own for each commit would cost as much as the delivery. */
static void s_answer (zt_core_t *core, zt_session_t *session, const zt_run_t *run,
                      const zt_route_t *route, uint64_t now)
{
    if (session->sent_last) {
        uint64_t last = run->first_ref + run->count - 1;
        /*  What an earlier session has sent is answered when it is repeated, in its order:
            that one before it was refused may have been told to nobody. */
        if (route->session != session->number && last > session->repeated_ref)
            last = session->repeated_ref;
        if (last < run->first_ref)
            return;
        if (!session->answer_ref)
            zt_vector_add (&core->answers, session);
        session->answer_ref = last;
        if (!core->answers_at)
            core->answers_at = now + S_MAY_WAIT_MS;
        return;
    }
    for (uint32_t i = 0; i < run->count; i++)
        zt_output_sent (core, session->peer, run->first_ref + i, run->first_id + i, run->time);
}

void zt_core_flush (zt_core_t *core, uint64_t now)
{
    bool due = core->answers_at && now >= core->answers_at;
    uint32_t left = 0;
    for (uint32_t i = 0; i < core->answers.n; i++) {
        zt_session_t *session = core->answers.items[i];
        /*  It stands for the refs before it, too: those that the store is asked about
            may turn out to have been refused, which must be said first. */
        bool is_ready = session->device->n_recalls == 0;
        if (is_ready && (due || core->peers[session->peer].dirty))
            s_put_answer (core, session);
        else
            core->answers.items[left++] = session;
    }
    core->answers.n = left;
    core->answers_at = left == 0 ? 0 : due ? now + S_MAY_WAIT_MS : core->answers_at;
}

void zt_log_answer_now (zt_core_t *core, zt_session_t *session)
{
    uint32_t i = 0;
    if (!session->answer_ref)
        return;
    while (core->answers.items[i] != session)
        i++;
    core->answers.items[i] = core->answers.items[--core->answers.n];
    /*  With refs before it that the store is asked about it would say too much; the client
        will send all of them again. */
    if (session->device->n_recalls == 0)
        s_put_answer (core, session);
    else
        session->answer_ref = 0;
}

/*  A session is not told of what an earlier one has sent, unless it was repeated: the
    repetition that is on its way is answered by itself. Taken for its answer, this one would
    make the client send the message with a new ref behind it, and both would be stored. */
static void s_refuse (zt_core_t *core, const zt_run_t *run, const zt_route_t *route, uint64_t now)
{
    zt_session_t *session = route->sender->session;
    zt_device_forget (route->sender, run->first_id);
    for (uint32_t i = 0; session && i < run->count; i++) {
        uint64_t ref = run->first_ref + i;
        if (route->session != session->number && ref > session->repeated_ref)
            break;
        zt_output_error (core, session->peer, ref, ZT_ERROR_UNAVAILABLE, ZT_RETRY_MS, NULL);
        zt_log_hold (session, ZT_ERROR_BUSY, now);
    }
}

/*  A slice that was not stored takes with it what its senders said since, lest
    their later messages overtake the lost ones; and its senders are held. */
static void s_refuse_all (zt_core_t *core, const zt_slice_t *slice, uint64_t now)
{
    zt_open_slice_t *const slices[] = {&core->committing, &core->open};
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++)
        for (uint32_t j = 0; j < slices[i]->n_runs; j++) {
            const zt_run_t *run = i == 0 ? &slice->runs[j] : &slices[i]->runs[j];
            s_refuse (core, run, &slices[i]->routes[j], now);
        }
    core->open.n_runs = 0;
    zt_buffer_clear (&core->open.messages);
}

/*  The records go before those that have come since. */
static void s_take_back (zt_core_t *core, const zt_records_t *records)
{
    zt_records_t since = core->records;
    core->records = (zt_records_t){NULL, 0, 0};
    for (uint32_t i = 0; i < records->n; i++)
        zt_records_add (&core->records, &records->rows[i]);
    for (uint32_t i = 0; i < since.n; i++)
        zt_records_add (&core->records, &since.rows[i]);
    zt_records_clear (&since);
}

static void s_committed (zt_core_t *core, zt_slice_t *slice, uint64_t now)
{
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        const zt_route_t *route = &core->committing.routes[i];
        core->stats.value[ZT_STAT_MESSAGES] += run->count;
        core->stats.value[ZT_STAT_STORED] += run->size;
        /*  Whoever waits for the message goes first, the sender's SENT after it. */
        s_deliver_run (core, slice, run, route);
        if (route->sender->session)
            s_answer (core, route->sender->session, run, route, now);
    }
    core->stored_id = slice->last_id;
}

void zt_log_stored (zt_core_t *core, const zt_completion_t *completion, uint64_t now)
{
    const zt_slice_t *slice = completion->slice;
    assert (core->is_committing && core->committing.n_runs == (slice ? slice->n_runs : 0));
    core->is_committing = false;
    *(completion->result == ZT_STORE_DONE ? &core->saved_to : &core->failed_to) = core->open_number;
    if (completion->result != ZT_STORE_DONE) {
        core->stats.value[ZT_STAT_COMMITS_FAILED]++;
        core->waits_until = now + ZT_RETRY_MS / 2;
        s_take_back (core, &completion->records);
        s_refuse_all (core, slice, now);
    } else if (slice)
        s_committed (core, completion->slice, now);
    core->committing.n_runs = 0;
    zt_people_sweep (core);
}

/*  What the session has sent behind a refused message is on its way, or in its outbox.
    It is refused as well, until there is a pause: then the client has heard of it, and
    begins again with the first. */
void zt_log_hold (zt_session_t *session, zt_error_t error, uint64_t now)
{
    session->held_for = error;
    session->held_until = now + ZT_RETRY_MS / 2;
}

void zt_log_tick (zt_core_t *core, uint64_t now)
{
    if (core->waits_until && now >= core->waits_until)
        core->waits_until = 0;
}

void zt_log_destroy (zt_core_t *core)
{
    zt_open_slice_t *slices[] = {&core->open, &core->committing};
    for (size_t i = 0; i < 2; i++) {
        free (slices[i]->runs);
        free (slices[i]->routes);
        zt_buffer_free (&slices[i]->messages);
    }
    free (core->answers.items);
}
