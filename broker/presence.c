/*  SPDX-License-Identifier: MPL-2.0

    Who is online. Changes are gathered, and told to everybody at once: the cost
    is a message for each session and tick, not for each pair of sessions. */

#include "broker/core_state.h"
#include "common/json.h"

/*  The shortest time between two PRESENCEs; for changes, which everybody gets, it
    grows with the sessions: with 10,000 of them it is a second. */
enum { S_TICK_MS = 100, S_SESSIONS_PER_MS = 10 };

static void s_arm (zt_core_t *core, uint64_t at)
{
    if (!core->presence_at || core->presence_at > at)
        core->presence_at = at;
}

static void s_arm_changes (zt_core_t *core, uint64_t now)
{
    uint64_t wait = core->sessions.n / S_SESSIONS_PER_MS;
    if (!core->changes_at)
        core->changes_at = now + (wait > S_TICK_MS ? wait : S_TICK_MS);
    s_arm (core, core->changes_at);
}

void zt_presence_changed (zt_core_t *core, zt_user_t *user, uint64_t now)
{
    if (!user->changed) {
        user->changed = true;
        zt_vector_add (&core->changed, user);
    }
    s_arm_changes (core, now);
}

void zt_presence_list_for (zt_core_t *core, zt_session_t *session, uint64_t now)
{
    session->is_listing = true;
    session->listed = 0;
    core->n_listing++;
    s_arm (core, now + S_TICK_MS);
}

void zt_presence_forget (zt_core_t *core, const zt_session_t *session)
{
    if (session->is_listing)
        core->n_listing--;
}

/*  ---------------------------------------------------------------------------
    The order of coming online */

static void s_come (zt_core_t *core, zt_user_t *user)
{
    user->announced = ++core->last_announced;
    user->previous_online = core->last_online;
    user->next_online = NULL;
    *(core->last_online ? &core->last_online->next_online : &core->first_online) = user;
    core->last_online = user;
}

static void s_go (zt_core_t *core, zt_user_t *user)
{
    zt_user_t *next = user->next_online, *previous = user->previous_online;
    *(previous ? &previous->next_online : &core->first_online) = next;
    *(next ? &next->previous_online : &core->last_online) = previous;
    user->announced = 0;
}

/*  ---------------------------------------------------------------------------
    Writing PRESENCE */

static void s_put_name (zt_buffer_t *names, const zt_user_t *user)
{
    if (names->size)
        zt_buffer_put_char (names, ',');
    zt_json_put_string (names, zt_user_name (user));
}

/*  Puts a PRESENCE with these names into core->control; `more` is what the body
    ends with. */
static void s_put_presence (zt_core_t *core, const zt_buffer_t *online, const zt_buffer_t *offline,
                            const char *more, uint64_t now)
{
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"online\":[");
    zt_buffer_put_bytes (&json, zt_buffer_bytes (online));
    zt_buffer_put_string (&json, "],\"offline\":[");
    zt_buffer_put_bytes (&json, zt_buffer_bytes (offline));
    zt_buffer_put_char (&json, ']');
    zt_buffer_put_string (&json, more);
    zt_buffer_put_char (&json, '}');
    zt_wire_put (&core->control, &(zt_message_t){.verb = ZT_VERB_PRESENCE,
                                                 .number = {now},
                                                 .body = zt_buffer_bytes (&json)});
    zt_buffer_free (&json);
}

/*  How many names are told in one tick: a few at a time, so that a thousand who
    come at once do not make each connection touch buffers of libzmq that it never
    needs again (all of them in one frame cost 4 KiB for each); and a part of what
    there is, so that it never takes long. */
static uint32_t s_most_names (const zt_core_t *core)
{
    enum { S_AT_ONCE = 80, S_TICKS = 12 };
    uint32_t n = core->changed.n > core->receivers.n ? core->changed.n : core->receivers.n;
    return n / S_TICKS > S_AT_ONCE ? n / S_TICKS : S_AT_ONCE;
}

/*  What has changed since the last tick, in PRESENCEs of bodies that are not too
    large: the room in one for names, what is around them left out. */
enum { S_NAMES_MAX = ZT_BODY_MAX - 64, S_NAME_MOST = ZT_NAME_BYTES + 3 };

static void s_put_changes (zt_core_t *core, uint64_t now)
{
    zt_buffer_t online = {NULL, 0, 0}, offline = {NULL, 0, 0};
    uint32_t most = s_most_names (core), told = 0, left = 0;
    for (uint32_t i = 0; i < core->changed.n; i++) {
        zt_user_t *user = core->changed.items[i];
        bool is_online = user->n_receiving > 0 && !user->removed;
        bool is_news = is_online != (user->announced != 0);
        if (is_news && told == most) {
            core->changed.items[left++] = user;
            continue;
        }
        user->changed = false;
        if (user->removed)
            zt_user_bury (core, user); /* not before a sweep it is gone */
        if (!is_news)
            continue;
        told++;
        if (online.size + offline.size + S_NAME_MOST > S_NAMES_MAX) {
            s_put_presence (core, &online, &offline, "", now);
            zt_buffer_clear (&online);
            zt_buffer_clear (&offline);
        }
        s_put_name (is_online ? &online : &offline, user);
        if (is_online)
            s_come (core, user);
        else
            s_go (core, user);
    }
    core->changed.n = left;
    if (online.size + offline.size)
        s_put_presence (core, &online, &offline, "", now);
    zt_buffer_free (&online);
    zt_buffer_free (&offline);
}

/*  ---------------------------------------------------------------------------
    The list for who has just come

    It is told in pieces, one a tick: a thousand sessions that begin at once would
    else touch, for each connection, buffers of libzmq that they never need again.
    A piece goes on behind the place to which the list has been told. Who comes
    meanwhile is behind that place, too; who goes is among the changes, which
    everybody gets. */

/*  A piece of the list in core->control, for all who are at the same place. */
typedef struct {
    uint64_t from;
    uint64_t to;
    size_t offset;
    size_t size;
    bool more;
} s_part_t;

enum { S_PARTS = 64 };

/*  Whom the list goes on with behind a place. */
static const zt_user_t *s_behind (const zt_core_t *core, uint64_t place)
{
    const zt_user_t *user = core->first_online;
    while (user && user->announced <= place)
        user = user->next_online;
    return user;
}

static s_part_t s_put_part (zt_core_t *core, uint64_t from, uint64_t now)
{
    static const zt_buffer_t nobody = {NULL, 0, 0};
    zt_buffer_t online = {NULL, 0, 0};
    uint32_t most = s_most_names (core);
    s_part_t part = {.from = from, .to = from, .offset = core->control.size};
    const zt_user_t *user = s_behind (core, from);
    for (uint32_t n = 0; user && n < most && online.size + S_NAME_MOST <= S_NAMES_MAX; n++) {
        s_put_name (&online, user);
        part.to = user->announced;
        user = user->next_online;
    }
    part.more = user != NULL;
    s_put_presence (core, &online, &nobody, part.more ? ",\"more\":true" : ",\"more\":false", now);
    part.size = core->control.size - part.offset;
    zt_buffer_free (&online);
    return part;
}

/*  The piece of this tick that begins at a place. */
static const s_part_t *s_part (zt_core_t *core, s_part_t *parts, uint32_t *n, uint64_t from,
                               uint64_t now)
{
    for (uint32_t i = 0; i < *n; i++)
        if (parts[i].from == from)
            return &parts[i];
    if (*n == S_PARTS)
        *n = 0;
    parts[*n] = s_put_part (core, from, now);
    return &parts[(*n)++];
}

static void s_list (zt_core_t *core, uint64_t now)
{
    s_part_t parts[S_PARTS];
    uint32_t n_parts = 0;
    for (uint32_t i = 0; i < core->receivers.n && core->n_listing; i++) {
        zt_session_t *session = core->receivers.items[i];
        if (!session->is_listing)
            continue;
        const s_part_t *part = s_part (core, parts, &n_parts, session->listed, now);
        zt_output_control (core, session->peer, part->offset, part->size);
        session->listed = part->to;
        if (!part->more) {
            session->is_listing = false;
            core->n_listing--;
        }
    }
    if (core->n_listing)
        s_arm (core, now + S_TICK_MS);
}

/*  Everybody gets the changes, but who has not begun with the list yet. */
static void s_tell_changes (zt_core_t *core, uint64_t now)
{
    size_t offset = core->control.size;
    s_put_changes (core, now);
    size_t size = core->control.size - offset;
    for (uint32_t i = 0; size && i < core->receivers.n; i++) {
        const zt_session_t *session = core->receivers.items[i];
        if (!session->follows && (!session->is_listing || session->listed))
            zt_output_control (core, session->peer, offset, size);
    }
}

void zt_presence_tick (zt_core_t *core, uint64_t now)
{
    if (!core->presence_at || now < core->presence_at)
        return;
    core->presence_at = 0;
    if (core->changes_at && now >= core->changes_at) {
        core->changes_at = 0;
        s_tell_changes (core, now);
    }
    if (core->changed.n)
        s_arm_changes (core, now);
    s_list (core, now);
    zt_people_sweep (core);
}

/*  ---------------------------------------------------------------------------
    Lookalikes

    A name that looks like an older one is told the moment it comes, and not with the next
    changes: it has to be known before a message of theirs is there. */

/*  A PRESENCE that changes nothing but that, for who knows the list already, or, with
    `more`, as a part of the list. */
static void s_put_lookalike (zt_core_t *core, bool more, uint64_t now)
{
    zt_buffer_t nobody = {NULL, 0, 0}, rest = {NULL, 0, 0};
    zt_buffer_put_string (&rest, ",\"lookalikes\":");
    zt_looks_put (core->looks, zt_looks_pairs (core->looks) - 1, &rest);
    zt_buffer_put_string (&rest, more ? ",\"more\":true" : "");
    s_put_presence (core, &nobody, &nobody, zt_buffer_string (&rest), now);
    zt_buffer_free (&rest);
}

void zt_presence_tell_lookalike (zt_core_t *core, uint64_t now)
{
    size_t change = core->control.size;
    s_put_lookalike (core, false, now);
    size_t part = core->control.size;
    s_put_lookalike (core, true, now);
    for (uint32_t i = 0; i < core->receivers.n; i++) {
        const zt_session_t *session = core->receivers.items[i];
        if (session->is_listing)
            zt_output_control (core, session->peer, part, core->control.size - part);
        else
            zt_output_control (core, session->peer, change, part - change);
    }
}

/*  ---------------------------------------------------------------------------
    Who is online, for who asks */

/*  True for one session of each user who is online. */
static bool s_stands_for_user (const zt_session_t *session)
{
    const zt_session_t *first = session->user->sessions;
    while (first && !zt_session_is_present (first))
        first = first->next;
    return first == session;
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
        zt_json_put_string (json, zt_user_name (user));
    }
    return true;
}
