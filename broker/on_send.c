/*  SPDX-License-Identifier: MPL-2.0

    SEND and ACK: the two that count for speed. */

#include "broker/core_state.h"

#include <stdio.h>

/*  Ids, refs and times stay exact in JSON libraries that know only doubles. */
static const uint64_t s_number_end = UINT64_C (1) << 53;

static void s_refuse (zt_core_t *core, const zt_session_t *session, uint64_t ref, zt_error_t error,
                      const char *sentence)
{
    zt_output_error (core, session->peer, ref, error, 0, sentence);
}

/*  Finds the target, and remembers it for the next message. False if the
    message cannot go there; the sender has been told then. */
static bool s_look_up (zt_core_t *core, zt_session_t *session, uint64_t ref, zt_bytes_t target)
{
    zt_folded_t folded;
    zt_bytes_t name = {target.data + 1, target.size - 1};
    bool is_room = target.data[0] == '#';
    session->to = NULL;
    if (!is_room && target.data[0] != '@') {
        s_refuse (core, session, ref, ZT_ERROR_BAD_REQUEST, "a target begins with @ or #");
        return false;
    }
    const char *wrong = zt_name_fold (name, &folded);
    zt_room_t *room = is_room && !wrong ? zt_room_find (core, &folded) : NULL;
    zt_user_t *user = !is_room && !wrong ? zt_user_find (core, &folded) : NULL;
    if (!room && !user) {
        char sentence[128 + ZT_HEADER_MAX];
        snprintf (sentence, sizeof sentence,
                  is_room ? "there is no room %.*s; join it to make it"
                          : "nobody has the name %.*s",
                  (int) (is_room ? target.size : name.size), is_room ? target.data : name.data);
        s_refuse (core, session, ref, is_room ? ZT_ERROR_NO_SUCH_ROOM : ZT_ERROR_NO_SUCH_USER,
                  sentence);
        return false;
    }
    if (room && !zt_room_is_general (core, room) &&
        !zt_user_membership (session->user, room->entity.number)) {
        s_refuse (core, session, ref, ZT_ERROR_FORBIDDEN, "join the room before you write to it");
        return false;
    }
    session->to = room ? &room->entity : &user->entity;
    session->to_is_room = room != NULL;
    session->to_epoch = core->epoch;
    return true;
}

static bool s_is_remembered (const zt_core_t *core, const zt_session_t *session, zt_bytes_t target)
{
    return session->to && session->to_epoch == core->epoch &&
           zt_bytes_equal (target, (zt_bytes_t){session->to->name, session->to->name_size});
}

static void s_refuse_ref (zt_core_t *core, const zt_session_t *session, uint64_t ref)
{
    s_refuse (core, session, ref, ZT_ERROR_BAD_REQUEST,
              "this ref was refused before, or is too old; send with a new one");
}

/*  A ref of an earlier start, or one that is too old to be remembered: the store knows more. A
   client has no more than a window of them; what is above that is not answered, lest it heaps up
   here. It is not refused either: that would say that it is not stored. */
static void s_recall (zt_core_t *core, const zt_session_t *session, uint64_t ref)
{
    if (session->device->n_recalls == ZT_WINDOW)
        return;
    session->device->n_recalls++;
    zt_output_request (core, &(zt_request_t){.kind = ZT_STORE_RECALL,
                                             .asker = {session->number, ref, session->peer},
                                             .device = session->device->number});
}

void zt_on_recalled (zt_core_t *core, const zt_completion_t *completion)
{
    zt_session_t *session = zt_session_of (core, completion->asker.peer);
    if (!session || session->number != completion->asker.session)
        return;
    session->device->n_recalls--;
    if (completion->id)
        zt_output_sent (core, session->peer, completion->asker.ref, completion->id,
                        completion->time);
    else
        s_refuse_ref (core, session, completion->asker.ref);
}

/*  A ref at or below the last accepted one. */
static void s_repeat (zt_core_t *core, zt_session_t *session, uint64_t ref)
{
    uint64_t id, time;
    if (!zt_device_recall (session->device, ref, &id, &time)) {
        if (ref <= session->device->restored_ref ||
            (core->config.recalls && zt_device_has_forgotten (session->device, ref)))
            s_recall (core, session, ref);
        else
            s_refuse_ref (core, session, ref);
    } else if (id > core->stored_id) /* it will be answered when it is stored */
        session->repeated_ref = ref;
    else if (session->sent_last && session->device->n_recalls)
        s_recall (core, session, ref); /* a SENT stands for the refs before it, too */
    else
        zt_output_sent (core, session->peer, ref, id, time);
}

/*  Takes a message of that size out of what the user may send: it counts once for each KiB. False
    if there is not so much left. A message that is larger than a burst takes all of one. Who is
    new has a part of a burst: a new name costs nothing. */
static bool s_take_allowance (zt_core_t *core, zt_session_t *session, size_t size, uint64_t now)
{
    enum { S_COUNTED = 1024 };
    static const uint64_t second = 1000000000, ms = 1000000; /* ns */
    uint64_t each = second / core->config.messages_per_s;
    uint64_t most = each * core->config.messages_burst;
    uint64_t step = each * (size > S_COUNTED ? (size + S_COUNTED - 1) / S_COUNTED : 1);
    zt_budget_t *budget = &session->user->sends;
    if (budget->full_at == 0 && core->config.messages_burst > ZT_MESSAGES_NEW)
        budget->full_at = now * ms + most - each * ZT_MESSAGES_NEW;
    bool taken = zt_budget_take (budget, now * ms, step < most ? step : most, most);
    core->peers[session->peer].sends = *budget;
    return taken;
}

/*  Why the message cannot be taken now: the store is full, or has no room for more, or the
    sender is too fast, or that was so for one before it. ZT_ERROR_COUNT if it can. */
static zt_error_t s_obstacle (zt_core_t *core, zt_session_t *session, size_t size, uint64_t now)
{
    if (!zt_log_takes (core))
        return core->waits_until ? ZT_ERROR_UNAVAILABLE : ZT_ERROR_BUSY;
    if (now < session->held_until)
        return session->held_for;
    if (core->config.messages_per_s && !s_take_allowance (core, session, size, now))
        return ZT_ERROR_RATE_LIMITED;
    return ZT_ERROR_COUNT;
}

static bool s_is_held (zt_core_t *core, zt_session_t *session, uint64_t ref, size_t size,
                       uint64_t now)
{
    zt_error_t error = s_obstacle (core, session, size, now);
    if (error == ZT_ERROR_COUNT)
        return false;
    /*  A store that takes messages again is no longer unavailable. */
    zt_log_hold (session, error == ZT_ERROR_UNAVAILABLE ? ZT_ERROR_BUSY : error, now);
    zt_output_error (core, session->peer, ref, error, ZT_RETRY_MS, NULL);
    if (error == ZT_ERROR_RATE_LIMITED && !session->is_held_told)
        zt_output_line (core, ZT_LEVEL_NOTICE, session->peer,
                        "%s sends too much at once, and was told to wait",
                        session->user->entity.name + 1);
    session->is_held_told = error == ZT_ERROR_RATE_LIMITED;
    return true;
}

/*  An operator said that this user is to be silent for a while. */
static bool s_is_muted (zt_core_t *core, const zt_session_t *session, uint64_t ref, uint64_t now)
{
    uint64_t until = session->user->muted_until;
    if (now >= until)
        return false;
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_string (&sentence, "whoever runs this broker has muted you");
    if (until != ZT_MUTED_FOR_EVER) {
        zt_buffer_put_string (&sentence, " until ");
        zt_mutes_put_time (&sentence, until + 59999); /* at the end of its minute it is over */
    }
    s_refuse (core, session, ref, ZT_ERROR_FORBIDDEN, zt_buffer_string (&sentence));
    zt_buffer_free (&sentence);
    return true;
}

void zt_on_send (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    uint64_t ref = message->number[0];
    zt_bytes_t body = message->body;
    if (ref == 0 || ref >= s_number_end)
        s_refuse (core, session, ref, ZT_ERROR_BAD_REQUEST, "a ref is from 1 to 2^53 - 1");
    else if (ref <= session->device->last_ref)
        s_repeat (core, session, ref);
    else if (s_is_muted (core, session, ref, now) || s_is_held (core, session, ref, body.size, now))
        return;
    else if (body.size < 2 || body.data[0] != '{' || body.data[body.size - 1] != '}')
        s_refuse (core, session, ref, ZT_ERROR_BAD_REQUEST, "the body is a JSON object");
    else if (s_is_remembered (core, session, message->word[1]) ||
             s_look_up (core, session, ref, message->word[1]))
        zt_log_append (core, session, ref, session->to, session->to_is_room, body, now);
}

void zt_on_ack (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    /*  A store may show what it reads before it has told that it is stored. */
    if (message->number[0] > core->stored_id && message->number[0] > session->position)
        zt_bad_request (core, session->peer, "ACK of an id that was not sent", now);
    else
        zt_feed_acknowledge (core, session, message->number[0], now);
}
