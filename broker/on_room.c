/*  SPDX-License-Identifier: MPL-2.0

    JOIN, LEAVE and ROOMS. */

#include "broker/core_state.h"
#include "common/json.h"
#include "common/tree.h"

/*  Reads the name of a room. False if it is none; the client has been told then. */
static bool s_read_room (zt_core_t *core, const zt_session_t *session, const zt_message_t *message,
                         zt_bytes_t *name, zt_folded_t *folded)
{
    zt_bytes_t room = message->word[1];
    *name = (zt_bytes_t){room.data + 1, room.size - 1};
    const char *wrong =
        room.data[0] == '#' ? zt_name_fold (*name, folded) : "the name of a room begins with #";
    if (wrong)
        zt_output_error (core, session->peer, message->number[0], ZT_ERROR_BAD_NAME, 0, wrong);
    return !wrong;
}

/*  {"room":"#dev" and, for JOIN, ,"users":[…]} */
static void s_answer (zt_core_t *core, const zt_session_t *session, uint64_t ref,
                      const zt_entity_t *entity, const zt_room_t *users_of)
{
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"room\":");
    zt_json_put_string (&json, (zt_bytes_t){entity->name, entity->name_size});
    if (users_of) {
        zt_buffer_put_string (&json, ",\"users\":[");
        bool all = zt_presence_names (core, zt_room_is_general (core, users_of) ? NULL : users_of,
                                      &json, ZT_BODY_MAX - 512);
        zt_buffer_put_string (&json, all ? "]" : "],\"more\":true");
    }
    zt_buffer_put_char (&json, '}');
    zt_output_result (core, session->peer, ref, &json);
    zt_buffer_free (&json);
}

void zt_on_join (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    zt_folded_t folded;
    zt_bytes_t name;
    uint64_t ref = message->number[0];
    zt_user_t *user = session->user;
    if (!zt_may_query (core, session, ref, now) ||
        !s_read_room (core, session, message, &name, &folded))
        return;
    zt_room_t *room = zt_room_find (core, &folded);
    bool is_in =
        room && (zt_room_is_general (core, room) || zt_user_membership (user, room->entity.number));
    if (!is_in) {
        if (!zt_log_takes (core)) {
            zt_output_error (core, session->peer, ref, ZT_ERROR_UNAVAILABLE, ZT_RETRY_MS, NULL);
            return;
        }
        if (user->n_rooms == ZT_ROOMS_PER_USER) {
            zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0,
                             "you are in 32 rooms already; leave one first");
            return;
        }
        if (!room && core->n_rooms == ZT_ROOMS_MAX) {
            zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0,
                             "this broker has as many rooms as it can keep");
            return;
        }
        if (!room) {
            room = zt_room_add (core, 0, name, &folded);
            zt_save_room (core, room);
        }
        zt_save_enter (core, user, zt_room_enter (room, user, core->last_id));
        core->epoch++;
    }
    s_answer (core, session, ref, &room->entity, room);
}

void zt_on_leave (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    zt_folded_t folded;
    zt_bytes_t name;
    uint64_t ref = message->number[0];
    if (!zt_may_query (core, session, ref, now) ||
        !s_read_room (core, session, message, &name, &folded))
        return;
    zt_room_t *room = zt_room_find (core, &folded);
    if (!room)
        zt_output_error (core, session->peer, ref, ZT_ERROR_NO_SUCH_ROOM, 0, NULL);
    else if (zt_room_is_general (core, room))
        zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0,
                         "everybody is in #general");
    else if (!zt_user_membership (session->user, room->entity.number))
        zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0,
                         "you are not in this room");
    else if (!zt_log_takes (core))
        zt_output_error (core, session->peer, ref, ZT_ERROR_UNAVAILABLE, ZT_RETRY_MS, NULL);
    else {
        s_answer (core, session, ref, &room->entity, NULL);
        zt_room_leave (room, session->user);
        zt_save_leave (core, session->user, room);
        core->epoch++;
        if (room->n_members == 0)
            zt_room_end (core, room);
        zt_people_sweep (core);
    }
}

/*  A page of the list. */
typedef struct {
    const zt_core_t *core;
    const zt_user_t *user;     /* who asks */
    const zt_folded_t *behind; /* the page begins behind this name; NULL: with the first one */
    zt_buffer_t json;
    bool more;
} s_page_t;

/*  The order of the tree of names (people.c). */
static bool s_is_behind (const zt_entity_t *entity, const zt_folded_t *name)
{
    if (entity->folded_size != name->size)
        return entity->folded_size > name->size;
    return memcmp (entity->folded, name->data, name->size) > 0;
}

static void s_put_room (void *self_, void *room_)
{
    enum { S_MOST = ZT_BODY_MAX - ZT_NAME_BYTES - 128 };
    s_page_t *self = self_;
    const zt_room_t *room = room_;
    if (self->behind && !s_is_behind (&room->entity, self->behind))
        return;
    if (self->json.size > S_MOST) {
        self->more = true;
        return;
    }
    bool is_general = zt_room_is_general (self->core, room);
    bool joined = is_general || zt_user_membership (self->user, room->entity.number);
    zt_buffer_put_string (&self->json, self->json.size ? "," : "");
    zt_buffer_put_string (&self->json, "{\"room\":");
    zt_json_put_string (&self->json, (zt_bytes_t){room->entity.name, room->entity.name_size});
    zt_buffer_put_format (&self->json, ",\"users\":%u,\"joined\":%s}",
                          is_general ? self->core->n_users : room->n_members,
                          joined ? "true" : "false");
}

void zt_on_rooms (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    zt_folded_t folded;
    zt_bytes_t name;
    uint64_t ref = message->number[0];
    bool from_the_first = zt_bytes_equal (message->word[1], zt_bytes ("*"));
    if (!zt_may_query (core, session, ref, now) ||
        (!from_the_first && !s_read_room (core, session, message, &name, &folded)))
        return;
    s_page_t page = {
        .core = core, .user = session->user, .behind = from_the_first ? NULL : &folded};
    zt_tree_each (core->rooms_by_name, s_put_room, &page);
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"rooms\":[");
    zt_buffer_put_bytes (&json, zt_buffer_bytes (&page.json));
    zt_buffer_put_string (&json, page.more ? "],\"more\":true}" : "],\"more\":false}");
    zt_output_result (core, session->peer, ref, &json);
    zt_buffer_free (&json);
    zt_buffer_free (&page.json);
}
