/*  SPDX-License-Identifier: MPL-2.0

    Who is online. Changes are gathered, and told to everybody at once: the cost
    is a message for each session and tick, not for each pair of sessions. */

#include "broker/core_state.h"
#include "common/json.h"

/*  The shortest time between two PRESENCEs, and how it grows: with 10,000
    sessions, each of which gets one, it is a second. */
enum { S_TICK_MS = 100, S_SESSIONS_PER_MS = 10 };

static void s_arm (zt_core_t *core, uint64_t now)
{
    uint64_t wait = core->sessions.n / S_SESSIONS_PER_MS;
    if (!core->presence_at)
        core->presence_at = now + (wait > S_TICK_MS ? wait : S_TICK_MS);
}

void zt_presence_changed (zt_core_t *core, zt_user_t *user, uint64_t now)
{
    if (!user->changed) {
        user->changed = true;
        zt_vector_add (&core->changed, user);
    }
    s_arm (core, now);
}

void zt_presence_list_for (zt_core_t *core, zt_session_t *session, uint64_t now)
{
    session->needs_list = true;
    s_arm (core, now);
}

static bool s_is_online (const zt_user_t *user)
{
    return user->n_receiving > 0 && !user->removed;
}

/*  PRESENCEs in the making: they go into core->control, and begin anew when a
    body is full. */
typedef struct {
    zt_core_t *core;
    zt_buffer_t names[2]; /* offline, online */
    uint64_t now;
} s_writer_t;

/*  What is around the names in a body. */
#define S_FRAME_TEXT "{\"online\":[],\"offline\":[]}"

static void s_flush (s_writer_t *writer, bool even_if_empty)
{
    zt_buffer_t *offline = &writer->names[false], *online = &writer->names[true];
    if (!even_if_empty && !offline->size && !online->size)
        return;
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"online\":[");
    zt_buffer_put_bytes (&json, zt_buffer_bytes (online));
    zt_buffer_put_string (&json, "],\"offline\":[");
    zt_buffer_put_bytes (&json, zt_buffer_bytes (offline));
    zt_buffer_put_string (&json, "]}");
    zt_wire_put (&writer->core->control, &(zt_message_t){.verb = ZT_VERB_PRESENCE,
                                                         .number = {writer->now},
                                                         .body = zt_buffer_bytes (&json)});
    zt_buffer_free (&json);
    zt_buffer_clear (online);
    zt_buffer_clear (offline);
}

static void s_put_name (zt_buffer_t *names, const zt_user_t *user)
{
    if (names->size)
        zt_buffer_put_char (names, ',');
    zt_json_put_string (names, (zt_bytes_t){user->entity.name + 1, user->entity.name_size - 1});
}

static void s_write (s_writer_t *writer, const zt_user_t *user, bool online)
{
    enum { S_NAME_MOST = ZT_NAME_BYTES + 3 };
    if (writer->names[0].size + writer->names[1].size + S_NAME_MOST + sizeof S_FRAME_TEXT >
        ZT_BODY_MAX)
        s_flush (writer, false);
    s_put_name (&writer->names[online], user);
}

static void s_free (s_writer_t *writer)
{
    zt_buffer_free (&writer->names[0]);
    zt_buffer_free (&writer->names[1]);
}

/*  Writes what has changed since the last time. */
static void s_write_changes (zt_core_t *core, uint64_t now)
{
    s_writer_t writer = {.core = core, .now = now};
    for (uint32_t i = 0; i < core->changed.n; i++) {
        zt_user_t *user = core->changed.items[i];
        bool online = s_is_online (user);
        user->changed = false;
        if (online != user->announced)
            s_write (&writer, user, online);
        user->announced = online;
    }
    core->changed.n = 0;
    s_flush (&writer, false);
    s_free (&writer);
}

/*  True for one session of each user who is online. */
static bool s_stands_for_user (const zt_session_t *session)
{
    const zt_session_t *first = session->user->sessions;
    while (!first->receives)
        first = first->next;
    return first == session;
}

static void s_write_list (zt_core_t *core, uint64_t now)
{
    s_writer_t writer = {.core = core, .now = now};
    for (uint32_t i = 0; i < core->receivers.n; i++) {
        const zt_session_t *session = core->receivers.items[i];
        if (s_stands_for_user (session))
            s_write (&writer, session->user, true);
    }
    s_flush (&writer, true);
    s_free (&writer);
}

/*  Sends what is in core->control between two places to the sessions that need
    the list, or to those that do not. */
static void s_send (zt_core_t *core, size_t from, bool needs_list)
{
    if (core->control.size == from)
        return;
    for (uint32_t i = 0; i < core->receivers.n; i++) {
        const zt_session_t *session = core->receivers.items[i];
        if (session->needs_list == needs_list)
            zt_output_control (core, session->peer, from);
    }
}

void zt_presence_tick (zt_core_t *core, uint64_t now)
{
    if (!core->presence_at || now < core->presence_at)
        return;
    core->presence_at = 0;
    size_t from = core->control.size;
    s_write_changes (core, now);
    s_send (core, from, false);

    bool wanted = false;
    for (uint32_t i = 0; i < core->receivers.n && !wanted; i++)
        wanted = ((const zt_session_t *) core->receivers.items[i])->needs_list;
    if (wanted) {
        from = core->control.size;
        s_write_list (core, now);
        s_send (core, from, true);
        for (uint32_t i = 0; i < core->receivers.n; i++)
            ((zt_session_t *) core->receivers.items[i])->needs_list = false;
    }
    zt_people_sweep (core);
}

bool zt_presence_names (zt_core_t *core, const zt_room_t *room, zt_buffer_t *json, size_t most)
{
    size_t start = json->size;
    for (uint32_t i = 0; i < core->receivers.n; i++) {
        const zt_session_t *session = core->receivers.items[i];
        const zt_user_t *user = session->user;
        if (!s_stands_for_user (session) ||
            (room && !zt_user_membership (user, room->entity.number)))
            continue;
        if (json->size - start + user->entity.name_size + 3 > most)
            return false;
        if (json->size > start)
            zt_buffer_put_char (json, ',');
        zt_json_put_string (json, (zt_bytes_t){user->entity.name + 1, user->entity.name_size - 1});
    }
    return true;
}
