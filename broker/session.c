/*  SPDX-License-Identifier: MPL-2.0

    Sessions: from HELLO to the end. */

#include "broker/core_state.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  Takes the item at place i out of a vector by putting the last one there. */
static zt_session_t *s_take_out (zt_vector_t *vector, uint32_t i)
{
    vector->items[i] = vector->items[--vector->n];
    return i < vector->n ? vector->items[i] : NULL;
}

zt_session_t *zt_session_of (const zt_core_t *core, uint32_t peer)
{
    return peer < core->n_peers ? core->peers[peer].session : NULL;
}

bool zt_session_is_present (const zt_session_t *session)
{
    return session->receives && !session->follows;
}

zt_session_t *zt_session_open (zt_core_t *core, uint32_t peer, zt_device_t *device,
                               zt_part_taken_t part, uint64_t now)
{
    assert (!device->session);
    zt_session_t *session = zt_alloc (sizeof *session);
    zt_user_t *user = device->user;
    core->stats.value[ZT_STAT_SESSIONS_BEGUN]++;
    session->user = user;
    session->device = device;
    session->number = ++core->last_number;
    session->since = now;
    session->heard = now;
    session->peer = peer;
    session->receives = part != ZT_PART_SENDS;
    session->follows = part == ZT_PART_FOLLOWS;
    session->position = device->cursor;
    session->lagging = session->receives && device->cursor < core->stored_id;
    session->replay = core->config.replay;
    session->next = user->sessions;
    user->sessions = session;
    device->session = session;
    zt_peer (core, peer)->session = session;

    session->place = core->sessions.n;
    zt_vector_add (&core->sessions, session);
    if (session->receives) {
        session->receiver = core->receivers.n;
        zt_vector_add (&core->receivers, session);
    }
    if (zt_session_is_present (session)) {
        core->n_online += user->n_receiving++ == 0;
        zt_presence_changed (core, user, now);
    }
    if (!device->name)
        user->n_senders++;
    if (!core->scan_at)
        core->scan_at = now + ZT_HEARTBEAT_MS / 2;
    return session;
}

uint64_t zt_session_cursor (const zt_core_t *core, const zt_session_t *session)
{
    uint64_t begin = session->device->cursor;
    if (!session->receives)
        return begin;
    if (session->n_flight)
        return session->flight[session->flight_first].first_id - 1;
    uint64_t cursor = session->lagging ? session->position : core->stored_id;
    /*  The end of an empty log may lie before it. Ids begin above the cursors that are saved,
        so none of them may go back. */
    return cursor < begin ? begin : cursor;
}

uint64_t zt_session_behind (const zt_core_t *core, const zt_session_t *session)
{
    if (!session->lagging)
        return session->flight_count;
    uint64_t from = session->position > core->begun_id ? session->position : core->begun_id;
    uint64_t unread = core->stored_id > from ? core->stored_id - from : 1;
    return session->flight_count + unread;
}

static void s_device_destroy (void *what)
{
    zt_device_destroy (what);
}

/*  What stays of the session: nothing, or its device with its cursor. */
static void s_leave_state (zt_core_t *core, zt_session_t *session, uint64_t now)
{
    zt_user_t *user = session->user;
    zt_device_t *device = session->device;
    device->cursor = zt_session_cursor (core, session);
    device->session = NULL;
    device->n_recalls = 0;
    zt_save_cursor (core, device, now);
    if (!device->name) {
        user->n_senders--;
        zt_people_bury (core, device, s_device_destroy);
    }
    if (!user->n_credentials)
        zt_user_remove (core, user);
}

void zt_session_close (zt_core_t *core, zt_session_t *session, uint64_t now)
{
    zt_user_t *user = session->user;
    zt_session_t **link = &user->sessions;
    while (*link != session)
        link = &(*link)->next;
    *link = session->next;
    core->peers[session->peer].session = NULL;

    zt_session_t *moved = s_take_out (&core->sessions, session->place);
    if (moved)
        moved->place = session->place;
    if (session->receives) {
        moved = s_take_out (&core->receivers, session->receiver);
        if (moved)
            moved->receiver = session->receiver;
    }
    if (zt_session_is_present (session)) {
        core->n_online -= --user->n_receiving == 0;
        zt_presence_forget (core, session);
        zt_presence_changed (core, user, now);
    }
    zt_log_answer_now (core, session);
    s_leave_state (core, session, now);
    free (session->flight);
    free (session);
    zt_people_sweep (core);
}

void zt_session_end (zt_core_t *core, zt_session_t *session, zt_reason_t reason, uint64_t now)
{
    uint32_t peer = session->peer;
    core->stats.ended[reason]++;
    zt_log_answer_now (core, session);
    zt_message_t bye = {.verb = ZT_VERB_GOODBYE, .word = {zt_bytes (zt_reason_word (reason))}};
    zt_output_message (core, peer, &bye);
    zt_output_line (core, ZT_LEVEL_INFO, peer, "%s left: %s", session->user->entity.name + 1,
                    zt_reason_what (reason));
    zt_session_close (core, session, now);
    zt_output_drop (core, peer);
}
