/*  SPDX-License-Identifier: MPL-2.0

    Users, rooms, devices: who there is, whether somebody is here or not. */

#include "broker/core_state.h"
#include "common/alloc.h"
#include "common/tree.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>

/*  ---------------------------------------------------------------------------
    The trees */

static int s_by_name (const void *a, const void *b)
{
    const zt_entity_t *left = a, *right = b;
    if (left->folded_size != right->folded_size)
        return left->folded_size < right->folded_size ? -1 : 1;
    return memcmp (left->folded, right->folded, left->folded_size);
}

static int s_by_number (const void *a, const void *b)
{
    const zt_entity_t *left = a, *right = b;
    return left->number < right->number ? -1 : left->number > right->number;
}

/*  tfind gives a pointer to a node, whose first member is the pointer to ours. */
static void *s_node (void *node)
{
    return node ? *(void **) node : NULL;
}

static void *s_find_name (void *const *root, const zt_folded_t *folded)
{
    zt_entity_t key = {.folded = (char *) (uintptr_t) folded->data,
                       .folded_size = (uint16_t) folded->size};
    return s_node (tfind (&key, root, s_by_name));
}

static void s_insert (void *what, void **root, int (*compare) (const void *, const void *))
{
    void *node = tsearch (what, root, compare);
    if (!node)
        abort (); /* out of memory, as in alloc.c */
    assert (s_node (node) == what);
}

static void s_entity_init (zt_core_t *core, zt_entity_t *entity, uint64_t number, char sigil,
                           zt_bytes_t name, const zt_folded_t *folded)
{
    static_assert (ZT_NAME_BYTES < UINT16_MAX && ZT_FOLDED_BYTES < UINT16_MAX, "they fit");
    entity->number = number ? number : ++core->last_number;
    entity->name_size = (uint16_t) (name.size + 1);
    entity->folded_size = (uint16_t) folded->size;
    entity->name = zt_alloc (name.size + 2 + folded->size);
    entity->name[0] = sigil;
    memcpy (entity->name + 1, name.data, name.size);
    entity->folded = entity->name + name.size + 2;
    memcpy (entity->folded, folded->data, folded->size);
}

static zt_bytes_t s_folded (const zt_entity_t *entity)
{
    return (zt_bytes_t){entity->folded, entity->folded_size};
}

static void s_entity_free (zt_entity_t *entity)
{
    free (entity->name);
}

/*  ---------------------------------------------------------------------------
    The buried */

void zt_people_bury (zt_core_t *core, void *what, void (*destroy) (void *))
{
    if (core->n_graves == core->graves_capacity) {
        core->graves_capacity = core->graves_capacity ? core->graves_capacity * 2 : 16;
        core->graves = zt_realloc (core->graves, core->graves_capacity, sizeof *core->graves);
    }
    core->graves[core->n_graves++] = (zt_grave_t){what, destroy, core->open_number};
    core->epoch++;
}

/*  Frees those that were buried while a slice before this one was open. */
static void s_sweep (zt_core_t *core, uint64_t before)
{
    uint32_t n = 0;
    for (; n < core->n_graves && core->graves[n].open_number < before; n++)
        core->graves[n].destroy (core->graves[n].what);
    core->n_graves -= n;
    if (n)
        memmove (core->graves, core->graves + n, core->n_graves * sizeof *core->graves);
}

/*  A route that points to the buried is in the slice that was open then, or in one
    before. */
void zt_people_sweep (zt_core_t *core)
{
    if (core->is_committing)
        s_sweep (core, core->open_number - 1);
    else
        s_sweep (core, core->open.n_runs ? core->open_number : UINT64_MAX);
}

/*  ---------------------------------------------------------------------------
    Users */

zt_user_t *zt_user_find (zt_core_t *core, const zt_folded_t *folded)
{
    return s_find_name (&core->users_by_name, folded);
}

zt_bytes_t zt_user_name (const zt_user_t *user)
{
    return (zt_bytes_t){user->entity.name + 1, user->entity.name_size - 1};
}

zt_flag_t zt_user_flag (const zt_core_t *core, const zt_user_t *user)
{
    return zt_looks_flag (core->looks, zt_user_name (user), s_folded (&user->entity));
}

zt_user_t *zt_user_by_number (zt_core_t *core, uint64_t number)
{
    zt_entity_t key = {.number = number};
    return s_node (tfind (&key, &core->users_by_number, s_by_number));
}

zt_user_t *zt_user_add (zt_core_t *core, uint64_t number, zt_bytes_t name,
                        const zt_folded_t *folded)
{
    zt_user_t *user = zt_alloc (sizeof *user);
    s_entity_init (core, &user->entity, number, '@', name, folded);
    s_insert (user, &core->users_by_name, s_by_name);
    s_insert (user, &core->users_by_number, s_by_number);
    core->n_users++;
    user->muted_until = zt_mutes_until (core->mutes, s_folded (&user->entity));
    return user;
}

zt_user_t *zt_user_make (zt_core_t *core, zt_bytes_t name, const zt_folded_t *folded)
{
    zt_user_t *user = zt_alloc (sizeof *user);
    s_entity_init (core, &user->entity, 0, '@', name, folded);
    return user;
}

zt_user_t *zt_user_register (zt_core_t *core, zt_bytes_t name, const zt_folded_t *folded,
                             const char **wrong)
{
    if (zt_say_is_own (core, folded)) {
        *wrong = "this name is the broker's own; choose another one";
        return NULL;
    }
    zt_looks_result_t result =
        zt_looks_enter (core->looks, name, (zt_bytes_t){folded->data, folded->size});
    if (result == ZT_LOOKS_FULL) {
        *wrong = "this name looks like another one, and there are too many of such already";
        return NULL;
    }
    zt_user_t *user = zt_user_add (core, 0, name, folded);
    if (result == ZT_LOOKS_NEWS)
        zt_presence_tell_lookalike (core, core->seen_at);
    return user;
}

static void s_user_free (void *what)
{
    zt_user_t *user = what;
    while (user->devices) {
        zt_device_t *device = user->devices;
        user->devices = device->next;
        zt_device_destroy (device);
    }
    s_entity_free (&user->entity);
    free (user->credentials);
    free (user->pairing);
    free (user->rooms);
    free (user->receipts);
    free (user);
}

void zt_user_unmake (zt_user_t *user)
{
    s_user_free (user);
}

void zt_user_remove (zt_core_t *core, zt_user_t *user)
{
    assert (!user->sessions && !user->n_credentials);
    while (user->n_rooms) {
        zt_room_t *room = user->rooms[0].room;
        zt_room_leave (room, user);
        if (room->n_members == 0)
            zt_room_end (core, room);
    }
    zt_looks_leave (core->looks, zt_user_name (user), s_folded (&user->entity));
    tdelete (user, &core->users_by_name, s_by_name);
    tdelete (user, &core->users_by_number, s_by_number);
    core->n_users--;
    user->removed = true;
    if (!user->changed)
        zt_user_bury (core, user);
}

void zt_user_bury (zt_core_t *core, zt_user_t *user)
{
    zt_people_bury (core, user, s_user_free);
}

zt_receipt_t *zt_user_receipt (zt_user_t *user, uint64_t to)
{
    uint32_t i = 0;
    while (i < user->n_receipts && user->receipts[i].to != to)
        i++;
    if (i < user->n_receipts)
        return &user->receipts[i];
    if (i == ZT_RECEIPT_PAIRS)
        memmove (user->receipts, user->receipts + 1, --i * sizeof *user->receipts);
    else
        user->receipts = zt_realloc (user->receipts, i + 1, sizeof *user->receipts);
    user->n_receipts = i + 1;
    user->receipts[i] = (zt_receipt_t){.to = to};
    return &user->receipts[i];
}

/*  ---------------------------------------------------------------------------
    Rooms */

zt_room_t *zt_room_find (zt_core_t *core, const zt_folded_t *folded)
{
    return s_find_name (&core->rooms_by_name, folded);
}

zt_room_t *zt_room_add (zt_core_t *core, uint64_t number, zt_bytes_t name,
                        const zt_folded_t *folded)
{
    zt_room_t *room = zt_alloc (sizeof *room);
    s_entity_init (core, &room->entity, number, '#', name, folded);
    s_insert (room, &core->rooms_by_name, s_by_name);
    core->n_rooms++;
    return room;
}

bool zt_room_is_general (const zt_core_t *core, const zt_room_t *room)
{
    return room == core->general;
}

zt_membership_t *zt_user_membership (const zt_user_t *user, uint64_t room)
{
    for (uint32_t i = 0; i < user->n_rooms; i++)
        if (user->rooms[i].room->entity.number == room)
            return &user->rooms[i];
    return NULL;
}

zt_membership_t *zt_room_enter (zt_room_t *room, zt_user_t *user, uint64_t since)
{
    user->rooms = zt_realloc (user->rooms, user->n_rooms + 1, sizeof *user->rooms);
    user->rooms[user->n_rooms++] = (zt_membership_t){room, since};
    if (room->n_members == room->capacity) {
        room->capacity = room->capacity ? room->capacity * 2 : 4;
        room->members = zt_realloc (room->members, room->capacity, sizeof *room->members);
    }
    room->members[room->n_members++] = user;
    return &user->rooms[user->n_rooms - 1];
}

static void s_room_free (void *what)
{
    zt_room_t *room = what;
    s_entity_free (&room->entity);
    free (room->members);
    free (room);
}

void zt_room_end (zt_core_t *core, zt_room_t *room)
{
    tdelete (room, &core->rooms_by_name, s_by_name);
    core->n_rooms--;
    zt_save_room_gone (core, room);
    zt_people_bury (core, room, s_room_free);
}

void zt_room_leave (zt_room_t *room, zt_user_t *user)
{
    zt_membership_t *membership = zt_user_membership (user, room->entity.number);
    assert (membership);
    *membership = user->rooms[--user->n_rooms];
    uint32_t i = 0;
    while (room->members[i] != user)
        i++;
    room->members[i] = room->members[--room->n_members];
}

/*  ---------------------------------------------------------------------------
    Devices */

/*  A user has few devices, and they are looked for at HELLO alone: their names are
    folded then, rather than kept folded. */
zt_device_t *zt_device_find (const zt_user_t *user, const zt_folded_t *folded)
{
    zt_device_t *device = user->devices;
    for (; device; device = device->next) {
        zt_folded_t own;
        zt_name_fold (zt_bytes (device->name), &own);
        if (own.size == folded->size && memcmp (own.data, folded->data, own.size) == 0)
            break;
    }
    return device;
}

zt_device_t *zt_device_add (zt_core_t *core, zt_user_t *user, uint64_t number, zt_bytes_t name)
{
    zt_device_t *device = zt_alloc (sizeof *device);
    device->user = user;
    device->cursor = core->stored_id;
    if (name.size) {
        device->name = zt_strndup (name.data, name.size);
        device->number = number ? number : ++core->last_number;
        device->next = user->devices;
        user->devices = device;
        user->n_devices++;
    }
    return device;
}

void zt_device_destroy (zt_device_t *device)
{
    free (device->name);
    free (device->accepted);
    free (device);
}

static zt_accepted_t *s_accepted (const zt_device_t *device, uint32_t i)
{
    return &device->accepted[(device->accepted_first + i) % device->accepted_capacity];
}

static void s_accepted_grow (zt_device_t *device)
{
    uint32_t capacity = device->accepted_capacity ? device->accepted_capacity * 2 : 4;
    zt_accepted_t *ring = zt_alloc (capacity * sizeof *ring);
    for (uint32_t i = 0; i < device->n_accepted; i++)
        ring[i] = *s_accepted (device, i);
    free (device->accepted);
    device->accepted = ring;
    device->accepted_capacity = capacity;
    device->accepted_first = 0;
}

void zt_device_accept (zt_device_t *device, uint64_t ref, uint64_t id, uint64_t time)
{
    device->last_ref = ref;
    if (device->n_accepted) {
        zt_accepted_t *last = s_accepted (device, device->n_accepted - 1);
        if (last->ref + last->count == ref && last->id + last->count == id && last->time == time) {
            last->count++;
            return;
        }
    }
    if (device->n_accepted == ZT_WINDOW) {
        device->accepted_first = (device->accepted_first + 1) % device->accepted_capacity;
        device->n_accepted--;
    }
    if (device->n_accepted == device->accepted_capacity)
        s_accepted_grow (device);
    *s_accepted (device, device->n_accepted++) = (zt_accepted_t){ref, id, time, 1};
}

bool zt_device_recall (const zt_device_t *device, uint64_t ref, uint64_t *id, uint64_t *time)
{
    uint32_t low = 0, high = device->n_accepted;
    while (low < high) { /* the first row that begins above ref */
        uint32_t middle = (low + high) / 2;
        if (s_accepted (device, middle)->ref > ref)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0)
        return false;
    const zt_accepted_t *row = s_accepted (device, low - 1);
    if (ref - row->ref >= row->count)
        return false;
    *id = row->id + (ref - row->ref);
    *time = row->time;
    return true;
}

bool zt_device_has_accepted (const zt_device_t *device, uint64_t id)
{
    for (uint32_t i = 0; i < device->n_accepted; i++) {
        const zt_accepted_t *row = s_accepted (device, i);
        if (id >= row->id && id - row->id < row->count)
            return true;
    }
    return false;
}

bool zt_device_has_forgotten (const zt_device_t *device, uint64_t ref)
{
    return device->n_accepted == ZT_WINDOW && ref < s_accepted (device, 0)->ref;
}

void zt_device_forget (zt_device_t *device, uint64_t id)
{
    uint64_t lowest = device->last_ref + 1;
    while (device->n_accepted) {
        zt_accepted_t *last = s_accepted (device, device->n_accepted - 1);
        if (last->id + last->count <= id)
            break;
        lowest = last->id < id ? last->ref + (id - last->id) : last->ref;
        if (last->id < id)
            last->count = id - last->id;
        else
            device->n_accepted--;
    }
    device->last_ref = lowest - 1;
}

/*  ---------------------------------------------------------------------------
    The end */

void zt_people_destroy (zt_core_t *core)
{
    for (uint32_t i = 0; i < core->changed.n; i++) {
        zt_user_t *user = core->changed.items[i];
        if (user->removed)
            zt_user_bury (core, user);
    }
    s_sweep (core, UINT64_MAX);
    free (core->graves);
    zt_tree_free (core->users_by_number, NULL);
    zt_tree_free (core->users_by_name, s_user_free);
    zt_tree_free (core->rooms_by_name, s_room_free);
    zt_owners_destroy (core);
}
