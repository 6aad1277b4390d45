/*  SPDX-License-Identifier: MPL-2.0

    Feeding a session: what is in flight to it, what it reads on when it lags, and
    what it acknowledges. */

#include "broker/core_state.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  ---------------------------------------------------------------------------
    What is in flight */

static zt_flight_t *s_flight (const zt_session_t *session, uint32_t i)
{
    return &session->flight[(session->flight_first + i) & (session->flight_capacity - 1)];
}

static void s_flight_add (zt_session_t *session, zt_flight_t flight)
{
    if (session->n_flight == session->flight_capacity) {
        uint32_t capacity = session->flight_capacity ? session->flight_capacity * 2 : 8;
        zt_flight_t *ring = zt_alloc (capacity * sizeof *ring);
        for (uint32_t i = 0; i < session->n_flight; i++)
            ring[i] = *s_flight (session, i);
        free (session->flight);
        session->flight = ring;
        session->flight_capacity = capacity;
        session->flight_first = 0;
    }
    session->n_flight++;
    *s_flight (session, session->n_flight - 1) = flight;
    session->flight_count += flight.count;
    session->flight_bytes += flight.size;
}

bool zt_feed_has_room (const zt_session_t *session, uint32_t count, uint32_t size)
{
    return session->n_flight == 0 || (session->flight_count + count <= ZT_WINDOW &&
                                      session->flight_bytes + size <= ZT_WINDOW_BYTES);
}

void zt_feed_send (zt_core_t *core, zt_session_t *session, zt_slice_t *slice, const zt_run_t *run,
                   zt_part_t part)
{
    bool is_private_to_me = !run->is_room && run->target == session->user->entity.number;
    /*  What a follower has seen has reached no device. */
    bool has_receipt = is_private_to_me && run->from != run->target && !session->follows;
    uint64_t from = has_receipt ? run->from : 0;
    zt_output_slice (core, session->peer, slice, part.offset, part.size);
    s_flight_add (session, (zt_flight_t){part.first_id, 0, from, part.count, part.size});
    session->position = part.first_id + part.count - 1;
    core->stats.value[ZT_STAT_DELIVERIES] += part.count;
    core->stats.value[ZT_STAT_DELIVERED] += part.size;
}

bool zt_user_was_in (const zt_user_t *user, const zt_run_t *run)
{
    const zt_membership_t *membership = zt_user_membership (user, run->target);
    return membership && run->first_id > membership->since;
}

/*  ---------------------------------------------------------------------------
    Reading on */

/*  Measures how far the newest messages of the session go back, as many as it is to be
    sent. */
static void s_ask_where (zt_core_t *core, zt_session_t *session)
{
    zt_query_t *query = zt_alloc (sizeof *query);
    query->user = session->user->entity.number;
    query->device = session->device->number;
    query->count = session->replay;
    zt_query_rooms (core, session->user, query);
    zt_output_request (core, &(zt_request_t){.kind = ZT_STORE_SKIP,
                                             .asker = {session->number, 0, session->peer},
                                             .after = session->position,
                                             .query = query});
}

void zt_feed_read_on (zt_core_t *core, zt_session_t *session)
{
    zt_peer_t *place = zt_peer (core, session->peer);
    /*  At half a window, so that a slow session is fed in large pieces. */
    if (!session->lagging || place->reader || session->flight_count > ZT_WINDOW / 2 ||
        session->flight_bytes > ZT_WINDOW_BYTES / 2)
        return;
    place->reader = session->number;
    if (session->skips)
        s_ask_where (core, session);
    else
        zt_output_request (core, &(zt_request_t){.kind = ZT_STORE_READ,
                                                 .asker = {session->number, 0, session->peer},
                                                 .after = session->position});
}

/*  Is the run meant for the session? */
static bool s_concerns (const zt_core_t *core, const zt_session_t *session, const zt_run_t *run)
{
    const zt_user_t *user = session->user;
    if (run->device && run->device == session->device->number)
        return false;
    if (!run->is_room)
        return run->target == user->entity.number || run->from == user->entity.number;
    if (run->target == core->general->entity.number)
        return true;
    return zt_user_was_in (user, run);
}

/*  Sends what the session is to have of a slice. False when its window is full. */
static bool s_replay (zt_core_t *core, zt_session_t *session, zt_slice_t *slice)
{
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        uint64_t last_id = run->first_id + run->count - 1;
        if (last_id <= session->position || !s_concerns (core, session, run))
            continue;
        if (!zt_feed_has_room (session, 1, 1))
            return false;
        zt_part_t part =
            zt_slice_part (slice, run, session->position, ZT_WINDOW - session->flight_count,
                           ZT_WINDOW_BYTES - session->flight_bytes);
        if (!zt_feed_has_room (session, part.count, part.size))
            return false;
        zt_feed_send (core, session, slice, run, part);
        if (session->position < last_id)
            return false;
    }
    /*  An ACK may have led further while the slice was being read. Behind it nothing may
        be sent again: the client has acknowledged that, and will not do so once more. */
    if (slice->last_id > session->position)
        session->position = slice->last_id;
    return true;
}

/*  It is in flight until something beyond it is acknowledged: if it gets lost, it is told
    again, rather than nobody ever knowing of what was left out. */
static void s_tell_gap (zt_core_t *core, zt_session_t *session, uint64_t to, uint64_t count)
{
    s_flight_add (session, (zt_flight_t){.first_id = session->position + 1, .gap_to = to});
    zt_output_message (
        core, session->peer,
        &(zt_message_t){.verb = ZT_VERB_GAP, .number = {session->position + 1, to, count}});
    session->position = to;
}

/*  The session that a completion of READ or SKIP is for; NULL if it has ended. Then the
    peer's next one may read. */
static zt_session_t *s_reader (zt_core_t *core, const zt_completion_t *completion)
{
    zt_peer_t *place = zt_peer (core, completion->asker.peer);
    if (place->reader != completion->asker.session)
        return NULL; /* of a connection that is gone */
    place->reader = 0;
    zt_session_t *session = place->session;
    if (!session || session->number == completion->asker.session)
        return session;
    zt_feed_read_on (core, session);
    return NULL;
}

/*  Ids of two starts of the broker lie far apart, so they do not tell how many
    messages there are between. */
void zt_feed_catch_up (zt_core_t *core, zt_session_t *session)
{
    session->skips = session->lagging && core->stored_id - session->position > session->replay;
    zt_feed_read_on (core, session);
}

void zt_feed_skipped (zt_core_t *core, const zt_completion_t *completion)
{
    zt_session_t *session = s_reader (core, completion);
    if (!session)
        return;
    session->skips = false;
    /*  What the log has lost was not counted. */
    if (completion->count && completion->read_to > session->position)
        s_tell_gap (core, session, completion->read_to,
                    completion->trimmed_to > session->position ? 0 : completion->count);
    zt_feed_read_on (core, session);
}

void zt_feed_read_done (zt_core_t *core, const zt_completion_t *completion)
{
    zt_session_t *session = s_reader (core, completion);
    if (!session || !session->lagging)
        return;
    if (completion->trimmed_to > session->position) {
        bool is_of_this_start = session->position + 1 >= core->config.first_id;
        s_tell_gap (core, session, completion->trimmed_to,
                    is_of_this_start ? completion->trimmed_to - session->position : 0);
    }
    for (uint32_t i = 0; i < completion->n; i++)
        if (!s_replay (core, session, completion->slices[i]))
            return; /* its acknowledgement will lead on */
    if (completion->read_to > session->position)
        session->position = completion->read_to;
    session->lagging = session->position < core->stored_id;
    zt_feed_read_on (core, session);
}

/*  ---------------------------------------------------------------------------
    Acknowledging */

/*  Tells the sender how far their private messages to this user have come. */
static void s_receipt (zt_core_t *core, uint64_t sender, const zt_user_t *to, uint64_t id,
                       uint64_t now)
{
    zt_user_t *user = zt_user_by_number (core, sender);
    if (!user)
        return;
    zt_receipt_t *receipt = zt_user_receipt (user, to->entity.number);
    if (receipt->id >= id)
        return;
    receipt->id = id;
    receipt->is_saved = false;
    zt_save_receipts (core, user, now);
    for (zt_session_t *session = user->sessions; session; session = session->next)
        if (session->wants_receipts)
            zt_output_message (
                core, session->peer,
                &(zt_message_t){.verb = ZT_VERB_RECEIPT,
                                .number = {id},
                                .word = {{NULL, 0}, {to->entity.name, to->entity.name_size}}});
}

void zt_feed_acknowledge (zt_core_t *core, zt_session_t *session, uint64_t id, uint64_t now)
{
    uint64_t from = 0, from_id = 0; /* the receipt to come */
    while (session->n_flight) {
        zt_flight_t *oldest = s_flight (session, 0);
        if (oldest->first_id > id || oldest->gap_to > id)
            break;
        uint64_t arrived = id - oldest->first_id + 1;
        bool whole = arrived >= oldest->count;
        if (whole)
            arrived = oldest->count;
        if (from && from != oldest->from)
            s_receipt (core, from, session->user, from_id, now);
        from = oldest->from;
        from_id = oldest->first_id + arrived - 1;
        session->flight_count -= (uint32_t) arrived;
        if (!whole) {
            oldest->first_id += arrived;
            oldest->count -= (uint32_t) arrived;
            break;
        }
        session->flight_bytes -= oldest->size;
        session->flight_first = (session->flight_first + 1) & (session->flight_capacity - 1);
        session->n_flight--;
    }
    if (from)
        s_receipt (core, from, session->user, from_id, now);
    if (session->lagging && id > session->position)
        session->position = id;
    zt_save_cursor (core, session->device, now);
    if (session->n_flight == 0 && session->flight_capacity > 64) {
        free (session->flight);
        session->flight = NULL;
        session->flight_capacity = 0;
    }
    zt_feed_read_on (core, session);
}
