/*  SPDX-License-Identifier: MPL-2.0 */

/*  The rooms that the user is in, each as the broker writes it. */

#include "client/core_state.h"

#include "common/json.h"

#include <stdio.h>

/*  Of what is joined again; no request has that ref. */
static const uint64_t s_nobodys_ref = ZT_NUMBER_END - 1;

static bool s_fold (const char *room, zt_folded_t *folded)
{
    return room[0] == '#' && zt_name_fold (zt_bytes (room + 1), folded) == NULL;
}

static bool s_is_same (const char *room, const zt_folded_t *folded)
{
    zt_folded_t other;
    return s_fold (room, &other) && other.size == folded->size &&
           memcmp (other.data, folded->data, other.size) == 0;
}

const char *zt_client_room (const zt_client_t *self, const char *room)
{
    static const char general[] = "#general";
    zt_folded_t folded;
    /*  Nearly always it is written so already, and nothing is to be folded. */
    if (strcmp (room, general) == 0 || zt_roster_has (&self->rooms, room) ||
        !s_fold (room, &folded))
        return room;
    if (s_is_same (general, &folded))
        return general;
    for (size_t i = 0; i < self->rooms.count; i++)
        if (s_is_same (self->rooms.names[i], &folded))
            return self->rooms.names[i];
    return room;
}

bool zt_client_is_in (const zt_client_t *self, const char *room)
{
    const char *known = zt_client_room (self, room);
    return strcmp (known, "#general") == 0 || zt_roster_has (&self->rooms, known);
}

void zt_client_settle (const zt_client_t *self, char *target)
{
    const char *room = zt_client_room (self, target);
    if (room != target)
        snprintf (target, ZT_TARGET_SIZE, "%s", room);
}

/*  A room by this name is the one that was known by another spelling. */
static void s_take (zt_client_t *self, const char *room)
{
    const char *known = zt_client_room (self, room);
    if (known != room)
        zt_roster_remove (&self->rooms, known);
    zt_roster_add (&self->rooms, room);
    zt_client_settle (self, self->open);
}

/*  Copies how an answer writes the room it is about; false if it does not tell. */
static bool s_told (const cJSON *body, char name[ZT_TARGET_SIZE])
{
    zt_bytes_t told = zt_json_string (body, "room");
    if (told.size == 0 || told.size >= ZT_TARGET_SIZE)
        return false;
    memcpy (name, told.data, told.size);
    name[told.size] = '\0';
    return true;
}

const char *zt_client_take_room (zt_client_t *self, const cJSON *body, const char *room)
{
    zt_folded_t folded;
    char told[ZT_TARGET_SIZE];
    bool is_told = s_fold (room, &folded) && s_told (body, told) && s_is_same (told, &folded);
    s_take (self, is_told ? told : room);
    return zt_client_room (self, room);
}

bool zt_client_took_room (zt_client_t *self, uint64_t ref, zt_bytes_t answer)
{
    if (ref != s_nobodys_ref)
        return false;
    cJSON *body = zt_json_parse (answer);
    char room[ZT_TARGET_SIZE];
    if (s_told (body, room) && zt_client_room (self, room) != room) /* one that was joined again */
        s_take (self, room);
    cJSON_Delete (body);
    return true;
}

/*  True for '#' with something behind it. */
static bool s_is_room (const char *name)
{
    return name[0] == '#' && name[1] && strlen (name) < ZT_TARGET_SIZE;
}

void zt_client_keep_rooms (zt_client_t *self, const cJSON *rooms)
{
    zt_roster_t known = {NULL, 0, 0};
    const cJSON *name;
    cJSON_ArrayForEach (name, rooms)
    {
        if (cJSON_IsString (name) && strcmp (name->valuestring, "#general") != 0 &&
            s_is_room (name->valuestring))
            zt_roster_add (&known, name->valuestring);
    }
    for (size_t i = 0; i < self->rooms.count; i++)
        if (!zt_roster_has (&known, self->rooms.names[i]))
            zt_wire_put (&self->frame,
                         &(zt_message_t){.verb = ZT_VERB_JOIN,
                                         .number = {s_nobodys_ref},
                                         .word = {{NULL, 0}, zt_bytes (self->rooms.names[i])}});
    for (size_t i = 0; i < known.count && self->rooms.count < ZT_ROOMS_PER_USER; i++)
        s_take (self, known.names[i]);
    zt_roster_clear (&known);
    /*  Those who joined from here know it already. */
    if (!self->again && self->rooms.count)
        zt_client_show_names (self, ZT_ITEM_ROOMS, NULL, (const char *const *) self->rooms.names,
                              self->rooms.count, false);
}
