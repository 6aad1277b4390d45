/*  SPDX-License-Identifier: MPL-2.0

    The core's entry points: what came is taken apart and given to the function
    of its verb. */

#include "broker/core.h"

#include "broker/core_state.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

typedef void (s_handler_t) (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                            uint64_t now);

/*  HELLO is not here: it comes without a session. */
static s_handler_t *const s_handlers[ZT_CLIENT_VERBS_END] = {
    [ZT_VERB_SEND] = zt_on_send, [ZT_VERB_ACK] = zt_on_ack,         [ZT_VERB_PING] = zt_on_ping,
    [ZT_VERB_WHO] = zt_on_who,   [ZT_VERB_HISTORY] = zt_on_history, [ZT_VERB_SEARCH] = zt_on_search,
    [ZT_VERB_JOIN] = zt_on_join, [ZT_VERB_LEAVE] = zt_on_leave,     [ZT_VERB_ROOMS] = zt_on_rooms,
    [ZT_VERB_PAIR] = zt_on_pair, [ZT_VERB_BYE] = zt_on_bye,
};

zt_core_t *zt_core_new (const zt_core_config_t *config)
{
    zt_core_t *self = zt_alloc (sizeof *self);
    self->config = *config;
    assert (config->first_id > 0);
    self->last_id = self->begun_id = config->first_id - 1;
    self->stored_id = self->empty_to = self->last_id;
    self->looks = zt_looks_new ();
    self->mutes = zt_mutes_new ();
    zt_core_set_motd (self, config->motd);
    if (zt_looks_trouble (self->looks))
        zt_output_line (self, ZT_LEVEL_WARNING, ZT_NO_PEER,
                        "names that look alike are not told: ICU says %s",
                        zt_looks_trouble (self->looks));

    zt_folded_t folded;
    zt_bytes_t general = ZT_LITERAL ("general");
    const char *wrong = zt_name_fold (general, &folded);
    assert (!wrong);
    self->general = wrong ? NULL : zt_room_add (self, 0, general, &folded);
    zt_say_init (self);
    return self;
}

void zt_core_destroy (zt_core_t **self_p)
{
    zt_core_t *self = *self_p;
    if (!self)
        return;
    while (self->sessions.n) {
        zt_session_t *session = self->sessions.items[self->sessions.n - 1];
        zt_session_close (self, session, self->seen_at);
    }
    zt_log_destroy (self);
    zt_say_destroy (self);
    zt_people_destroy (self);
    zt_looks_destroy (&self->looks);
    zt_mutes_destroy (&self->mutes);
    free (self->motd);
    zt_output_destroy (self);
    free (self->sessions.items);
    free (self->receivers.items);
    free (self->changed.items);
    free (self->marked_devices.items);
    free (self->marked_users.items);
    zt_records_clear (&self->records);
    for (uint32_t i = 0; i < self->n_peers; i++)
        free (self->peers[i].key);
    free (self->peers);
    free (self);
    *self_p = NULL;
}

void zt_core_came (zt_core_t *core, uint32_t peer, const zt_key_t *key)
{
    zt_peer_t *place = zt_peer (core, peer);
    if (!place->key)
        place->key = zt_alloc (sizeof *place->key);
    *place->key = *key;
}

bool zt_core_has_session (const zt_core_t *core, uint32_t peer)
{
    return zt_session_of (core, peer) != NULL;
}

/*  An ERROR without a ref: once a second, lest a peer makes us talk. */
static void s_error (zt_core_t *core, uint32_t peer, zt_error_t error, const char *sentence,
                     uint64_t *told_at, uint64_t now)
{
    enum { S_PAUSE_MS = 1000 };
    if (now < *told_at)
        return;
    *told_at = now + S_PAUSE_MS;
    zt_output_error (core, peer, 0, error, 0, sentence);
}

int zt_core_kick_peer (zt_core_t *core, uint32_t peer, uint64_t now)
{
    zt_session_t *session = zt_session_of (core, peer);
    if (session)
        zt_session_end (core, session, ZT_REASON_KICKED, now);
    else
        zt_output_drop (core, peer);
    return session != NULL;
}

void zt_bad_request (zt_core_t *core, uint32_t peer, const char *sentence, uint64_t now)
{
    enum { S_STEP_MS = 1000, S_MOST_MS = (ZT_BAD_REQUESTS_MAX - 1) * S_STEP_MS };
    zt_peer_t *place = zt_peer (core, peer);
    if (zt_budget_take (&place->bad, now, S_STEP_MS, S_MOST_MS)) { /* one is forgiven a second */
        s_error (core, peer, ZT_ERROR_BAD_REQUEST, sentence, &place->bad_told_at, now);
        return;
    }
    zt_core_kick_peer (core, peer, now);
}

/*  One message. Returns false if the rest of its frame is not to be read. */
static bool s_message (zt_core_t *core, uint32_t peer, const zt_message_t *message, bool alone,
                       uint64_t now)
{
    zt_session_t *session = zt_session_of (core, peer);
    if (session && message->verb != ZT_VERB_HELLO) {
        s_handlers[message->verb](core, session, message, now);
        return true;
    }
    if (session)
        zt_bad_request (core, peer, "this session has begun already", now);
    else if (message->verb != ZT_VERB_HELLO)
        s_error (core, peer, ZT_ERROR_HELLO_FIRST, NULL, &zt_peer (core, peer)->hello_told_at, now);
    else if (!alone)
        zt_bad_request (core, peer, "HELLO is alone in its frame", now);
    else {
        zt_on_hello (core, peer, message, now);
        return true;
    }
    return false;
}

static void s_too_large (zt_core_t *core, uint32_t peer, const zt_message_t *message, uint64_t now)
{
    bool has_ref = message->verb == ZT_VERB_SEND || message->verb == ZT_VERB_SEARCH;
    if (zt_session_of (core, peer) && has_ref)
        zt_output_error (core, peer, message->number[0], ZT_ERROR_TOO_LARGE, 0,
                         "a body has at most 65536 bytes");
    else
        zt_bad_request (core, peer, "a body has at most 65536 bytes", now);
}

/*  What is due at a time of the old clock is due now, lest it waits as long as the
    clock was set back. */
static void s_clock_went_back (zt_core_t *core, uint64_t now)
{
    uint64_t *const due[] = {&core->scan_at,    &core->changes_at, &core->presence_at,
                             &core->answers_at, &core->save_at,    &core->save_all_at,
                             &core->waits_until};
    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++)
        if (*due[i])
            *due[i] = now;
    for (uint32_t i = 0; i < core->sessions.n; i++) {
        zt_session_t *session = core->sessions.items[i];
        session->heard = now;
        session->held_until = 0;
    }
    zt_admission_forget_all (core, NULL); /* a code would be good for longer than was said */
    for (uint32_t i = 0; i < core->n_peers; i++) {
        zt_peer_t *place = &core->peers[i];
        place->bad_told_at = place->hello_told_at = 0; /* a budget sees for itself */
    }
}

/*  Any event tells the time: a clock that was set back is noticed by the first one, and also
    when there was no tick for long. */
static void s_see_time (zt_core_t *core, uint64_t now)
{
    if (now < core->seen_at)
        s_clock_went_back (core, now);
    core->seen_at = now;
}

void zt_core_frame (zt_core_t *core, uint32_t peer, const char *data, size_t size, uint64_t now)
{
    s_see_time (core, now);
    core->stats.value[ZT_STAT_FRAMES_IN]++;
    core->stats.value[ZT_STAT_BYTES_IN] += size;
    if (zt_peer (core, peer)->dropped)
        return;
    zt_session_t *session = zt_session_of (core, peer);
    if (session)
        session->heard = now;
    if (size == 0) {
        zt_bad_request (core, peer, "a frame holds one message at least", now);
        return;
    }
    zt_reader_t reader = zt_reader (data, size, ZT_FROM_CLIENT);
    zt_message_t message;
    for (;;) {
        bool first = reader.at == data;
        switch (zt_reader_next (&reader, &message)) {
        case ZT_WIRE_END:
            return;
        case ZT_WIRE_MALFORMED:
            zt_bad_request (core, peer, "a message of this frame cannot be read", now);
            return;
        case ZT_WIRE_TOO_LARGE:
            s_too_large (core, peer, &message, now);
            break;
        case ZT_WIRE_MESSAGE:
            if (!s_message (core, peer, &message, first && reader.at == reader.end, now))
                return;
            break;
        }
        if (core->peers[peer].is_deaf)
            zt_core_kick_peer (core, peer, now);
        if (core->peers[peer].dropped)
            return;
    }
}

void zt_core_bad_frame (zt_core_t *core, uint32_t peer, uint64_t now)
{
    if (!zt_peer (core, peer)->dropped)
        zt_bad_request (core, peer, "a frame is a single part", now);
}

void zt_core_gone (zt_core_t *core, uint32_t peer, uint64_t now)
{
    zt_session_t *session = zt_session_of (core, peer);
    if (session) {
        zt_output_line (core, ZT_LEVEL_INFO, peer, "%s left: the connection is gone",
                        session->user->entity.name + 1);
        zt_session_close (core, session, now);
    }
    zt_output_forget (core, peer);
    zt_peer_t *place = zt_peer (core, peer);
    free (place->key);
    *place = (zt_peer_t){.dirty = place->dirty};
}

/*  Ends the sessions of which nothing was heard for three heartbeats. */
static void s_scan (zt_core_t *core, uint64_t now)
{
    uint64_t most = (uint64_t) ZT_SILENT_BEATS * ZT_HEARTBEAT_MS;
    for (uint32_t i = core->sessions.n; i-- > 0;) {
        zt_session_t *session = core->sessions.items[i];
        if (now > session->heard + most)
            zt_session_end (core, session, ZT_REASON_IDLE, now);
    }
    core->scan_at = core->sessions.n ? now + ZT_HEARTBEAT_MS / 6 : 0;
}

void zt_core_tick (zt_core_t *core, uint64_t now)
{
    /*  If we were stopped ourselves (a laptop that slept), nobody is to blame
        for the silence: what was said meanwhile is still in the sockets. */
    if (core->scan_at && now > core->scan_at + ZT_HEARTBEAT_MS)
        for (uint32_t i = 0; i < core->sessions.n; i++)
            ((zt_session_t *) core->sessions.items[i])->heard = now;
    s_see_time (core, now);
    if (core->scan_at && now >= core->scan_at)
        s_scan (core, now);
    zt_presence_tick (core, now);
    zt_log_tick (core, now);
    zt_save_tick (core, now);
}

uint64_t zt_core_deadline (const zt_core_t *core)
{
    const uint64_t due[] = {core->scan_at, core->presence_at, core->answers_at, core->save_at,
                            core->waits_until};
    uint64_t deadline = UINT64_MAX;
    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++)
        if (due[i] && due[i] < deadline)
            deadline = due[i];
    return deadline;
}

void zt_core_stored (zt_core_t *core, const zt_completion_t *completion, uint64_t now)
{
    s_see_time (core, now);
    switch (completion->kind) {
    case ZT_STORE_COMMIT:
        zt_log_stored (core, completion, now);
        break;
    case ZT_STORE_READ:
        zt_feed_read_done (core, completion);
        break;
    case ZT_STORE_QUERY:
        zt_on_queried (core, completion);
        break;
    case ZT_STORE_SKIP:
        zt_feed_skipped (core, completion);
        break;
    case ZT_STORE_RECALL:
        zt_on_recalled (core, completion);
        break;
    }
}

void zt_core_shutdown (zt_core_t *core, uint64_t now)
{
    while (core->sessions.n)
        zt_session_end (core, core->sessions.items[core->sessions.n - 1], ZT_REASON_SHUTDOWN, now);
    zt_save_now (core, now);
    core->waits_until = 0; /* a last try */
}

uint64_t zt_core_saving (const zt_core_t *core)
{
    return core->open_number;
}

/*  What a commit could not save goes with the next one. */
zt_kept_t zt_core_saved (const zt_core_t *core, uint64_t number)
{
    if (core->saved_to > number)
        return ZT_KEPT_STORED;
    return core->failed_to > number ? ZT_KEPT_LOST : ZT_KEPT_PENDING;
}

bool zt_core_is_saved (const zt_core_t *core)
{
    return !core->is_committing && core->open.n_runs == 0 && core->records.n == 0;
}

int zt_core_kick (zt_core_t *core, zt_bytes_t name, uint64_t now)
{
    zt_folded_t folded;
    if (name.size && name.data[0] == '@')
        name = (zt_bytes_t){name.data + 1, name.size - 1};
    zt_user_t *user = zt_name_fold (name, &folded) ? NULL : zt_user_find (core, &folded);
    if (!user)
        return -1;
    zt_admission_forget (user);
    int n = 0;
    for (uint32_t i = core->sessions.n; i-- > 0;) {
        zt_session_t *session = core->sessions.items[i];
        if (session->user == user) {
            zt_session_end (core, session, ZT_REASON_KICKED, now);
            n++;
        }
    }
    return n;
}

zt_stats_t *zt_core_stats (zt_core_t *core)
{
    return &core->stats;
}

void zt_core_measure (zt_core_t *core)
{
    uint64_t lagging = 0, sum = 0, most = 0;
    for (uint32_t i = 0; i < core->sessions.n; i++) {
        const zt_session_t *session = core->sessions.items[i];
        uint64_t behind = zt_session_behind (core, session);
        lagging += session->lagging;
        sum += behind;
        if (most < behind)
            most = behind;
    }
    core->stats.value[ZT_STAT_SESSIONS] = core->sessions.n;
    core->stats.value[ZT_STAT_USERS] = core->n_online;
    core->stats.value[ZT_STAT_LAGGING] = lagging;
    core->stats.value[ZT_STAT_LAG] = sum;
    core->stats.value[ZT_STAT_LAG_MOST] = most;
}

size_t zt_core_sessions (const zt_core_t *core)
{
    return core->sessions.n;
}

void zt_core_status (const zt_core_t *core, zt_core_status_t *status)
{
    *status = (zt_core_status_t){.sessions = core->sessions.n,
                                 .users = core->n_users,
                                 .rooms = core->n_rooms,
                                 .last_id = core->stored_id};
}

bool zt_core_session (const zt_core_t *core, size_t i, zt_session_info_t *info)
{
    if (i >= core->sessions.n)
        return false;
    const zt_session_t *session = core->sessions.items[i];
    *info = (zt_session_info_t){.peer = session->peer,
                                .name = zt_user_name (session->user),
                                .flag = zt_user_flag (core, session->user),
                                .device = zt_bytes (session->device->name),
                                .follows = session->follows,
                                .since = session->since,
                                .behind = zt_session_behind (core, session)};
    return true;
}
