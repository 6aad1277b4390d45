/*  SPDX-License-Identifier: MPL-2.0

    What is saved beside the log, and restored: users, devices and their cursors,
    rooms and who is in them, receipts.

    Whatever changes becomes a record, which leaves with the next commit. Cursors
    and receipts change with every ACK, so they are only marked, and written once
    a second, both in one commit: a cursor that is saved without the receipts that
    go with it would lose them, while one that is saved late only makes the broker
    deliver again what the client has seen. Users without a token, and what belongs
    to them, end with their session and leave no record. */

#include "broker/core_state.h"
#include "common/alloc.h"
#include "common/tree.h"

#include <search.h>
#include <stdlib.h>

enum {
    S_PAUSE_MS = 1000,
    /*  A session that nothing is sent to acknowledges nothing, yet its cursor moves on
        with the log: so all are saved now and then, lest a crash makes the broker look
        through all that was said since. */
    S_ALL_MS = 60000
};

static void s_put (zt_core_t *core, zt_record_t record)
{
    zt_records_add (&core->records, &record);
}

static void s_put_credential (zt_core_t *core, zt_record_kind_t kind, const zt_user_t *user,
                              const char *credential)
{
    s_put (core, (zt_record_t){.kind = kind,
                               .owner = user->entity.number,
                               .name = (char *) (uintptr_t) credential});
}

void zt_save_credential (zt_core_t *core, const zt_user_t *user, const char *credential)
{
    s_put_credential (core, ZT_RECORD_CREDENTIAL, user, credential);
}

void zt_save_credential_gone (zt_core_t *core, const zt_user_t *user, const char *credential)
{
    s_put_credential (core, ZT_RECORD_CREDENTIAL_GONE, user, credential);
}

void zt_save_user (zt_core_t *core, const zt_user_t *user)
{
    if (user->n_credentials)
        s_put (core, (zt_record_t){.kind = ZT_RECORD_USER,
                                   .number = user->entity.number,
                                   .name = user->entity.name + 1});
    for (uint32_t i = 0; i < user->n_credentials; i++)
        zt_save_credential (core, user, user->credentials[i]->text);
}

void zt_save_device (zt_core_t *core, const zt_device_t *device)
{
    if (device->number && device->user->n_credentials)
        s_put (core, (zt_record_t){.kind = ZT_RECORD_DEVICE,
                                   .number = device->number,
                                   .owner = device->user->entity.number,
                                   .id = device->cursor,
                                   .ref = device->last_ref,
                                   .name = device->name});
}

void zt_save_room (zt_core_t *core, const zt_room_t *room)
{
    s_put (core, (zt_record_t){.kind = ZT_RECORD_ROOM,
                               .number = room->entity.number,
                               .name = room->entity.name + 1});
}

void zt_save_room_gone (zt_core_t *core, const zt_room_t *room)
{
    s_put (core, (zt_record_t){.kind = ZT_RECORD_ROOM_GONE, .number = room->entity.number});
}

void zt_save_enter (zt_core_t *core, const zt_user_t *user, const zt_membership_t *membership)
{
    if (user->n_credentials)
        s_put (core, (zt_record_t){.kind = ZT_RECORD_ENTER,
                                   .number = membership->room->entity.number,
                                   .owner = user->entity.number,
                                   .id = membership->since});
}

void zt_save_leave (zt_core_t *core, const zt_user_t *user, const zt_room_t *room)
{
    if (user->n_credentials)
        s_put (core, (zt_record_t){.kind = ZT_RECORD_LEAVE,
                                   .number = room->entity.number,
                                   .owner = user->entity.number});
}

/*  ---------------------------------------------------------------------------
    Cursors and receipts */

static void s_arm (zt_core_t *core, uint64_t now)
{
    if (!core->save_at)
        core->save_at = now + S_PAUSE_MS;
}

void zt_save_cursor (zt_core_t *core, zt_device_t *device, uint64_t now)
{
    if (!device->number || !device->user->n_credentials)
        return;
    s_arm (core, now);
    if (device->is_marked)
        return;
    device->is_marked = true;
    zt_vector_add (&core->marked_devices, device);
}

void zt_save_receipts (zt_core_t *core, zt_user_t *user, uint64_t now)
{
    if (!user->n_credentials)
        return;
    s_arm (core, now);
    if (user->is_marked)
        return;
    user->is_marked = true;
    zt_vector_add (&core->marked_users, user);
}

static void s_put_cursor (zt_core_t *core, zt_device_t *device)
{
    device->is_marked = false;
    uint64_t cursor = device->session ? zt_session_cursor (core, device->session) : device->cursor;
    if (cursor == device->saved_cursor)
        return;
    device->saved_cursor = cursor;
    s_put (core, (zt_record_t){.kind = ZT_RECORD_CURSOR,
                               .number = device->number,
                               .owner = device->user->entity.number,
                               .id = cursor});
}

static void s_put_receipts (zt_core_t *core, zt_user_t *user)
{
    user->is_marked = false;
    for (uint32_t i = 0; i < user->n_receipts; i++) {
        zt_receipt_t *receipt = &user->receipts[i];
        const zt_user_t *to = zt_user_by_number (core, receipt->to);
        if (receipt->is_saved || !to || !to->n_credentials)
            continue;
        receipt->is_saved = true;
        s_put (core, (zt_record_t){.kind = ZT_RECORD_RECEIPT,
                                   .number = receipt->to,
                                   .owner = user->entity.number,
                                   .id = receipt->id});
    }
}

/*  Marks the devices whose cursor has moved without an ACK. */
static void s_mark_all (zt_core_t *core, uint64_t now)
{
    for (uint32_t i = 0; i < core->sessions.n; i++) {
        zt_session_t *session = core->sessions.items[i];
        if (zt_session_cursor (core, session) != session->device->saved_cursor)
            zt_save_cursor (core, session->device, now);
    }
    core->save_all_at = now + S_ALL_MS;
}

void zt_save_now (zt_core_t *core, uint64_t now)
{
    if (now >= core->save_all_at)
        s_mark_all (core, now);
    for (uint32_t i = 0; i < core->marked_devices.n; i++)
        s_put_cursor (core, core->marked_devices.items[i]);
    core->marked_devices.n = 0;
    for (uint32_t i = 0; i < core->marked_users.n; i++)
        s_put_receipts (core, core->marked_users.items[i]);
    core->marked_users.n = 0;
    core->save_at = 0;
}

void zt_save_tick (zt_core_t *core, uint64_t now)
{
    if (!core->save_at || now < core->save_at)
        return;
    if (core->records.n) /* the store takes nothing now: no more is heaped up */
        core->save_at = now + S_PAUSE_MS;
    else
        zt_save_now (core, now);
}

/*  ---------------------------------------------------------------------------
    Restoring */

static int s_by_number (const void *a, const void *b)
{
    const zt_room_t *left = a, *right = b;
    return left->entity.number < right->entity.number ? -1
                                                      : left->entity.number > right->entity.number;
}

static zt_room_t *s_room (const zt_core_t *core, uint64_t number)
{
    zt_room_t key = {.entity = {.number = number}};
    void *node = tfind (&key, &core->restored_rooms, s_by_number);
    return node ? *(zt_room_t **) node : NULL;
}

/*  The fold of a saved name. False if it is no name, which no broker has saved. */
static bool s_fold (zt_core_t *core, const zt_record_t *record, zt_folded_t *folded)
{
    const char *wrong =
        record->name ? zt_name_fold (zt_bytes (record->name), folded) : "it is empty";
    if (wrong)
        zt_output_line (core, ZT_LEVEL_WARNING, ZT_NO_PEER,
                        "the saved name of %llu is left out: %s",
                        (unsigned long long) record->number, wrong);
    return !wrong;
}

static void s_restore_user (zt_core_t *core, const zt_record_t *record)
{
    zt_folded_t folded;
    if (zt_user_by_number (core, record->number) || !s_fold (core, record, &folded) ||
        zt_user_find (core, &folded))
        return;
    /*  The store has them in the order of their numbers, in which they came. More lookalikes than
        may be told were taken by a broker that knew fewer letters that look alike. */
    if (zt_looks_enter (core->looks, zt_bytes (record->name),
                        (zt_bytes_t){folded.data, folded.size}) == ZT_LOOKS_FULL)
        zt_output_line (core, ZT_LEVEL_WARNING, ZT_NO_PEER,
                        "%s looks like another name, but there are too many to tell", record->name);
    zt_user_add (core, record->number, zt_bytes (record->name), &folded);
}

static void s_restore_credential (zt_core_t *core, const zt_record_t *record)
{
    zt_user_t *user = zt_user_by_number (core, record->owner);
    if (user && record->name && record->kind == ZT_RECORD_CREDENTIAL)
        zt_user_give (core, user, record->name);
    else if (user && record->name)
        zt_user_take (core, user, record->name);
}

static void s_restore_device (zt_core_t *core, const zt_record_t *record)
{
    zt_folded_t folded;
    zt_user_t *user = zt_user_by_number (core, record->owner);
    if (!user || !s_fold (core, record, &folded))
        return;
    zt_device_t *device = zt_device_find (user, &folded);
    if (!device)
        device = zt_device_add (core, user, record->number, zt_bytes (record->name));
    device->cursor = record->id;
    device->saved_cursor = record->id;
    device->last_ref = record->ref;
    device->restored_ref = record->ref;
}

static void s_restore_room (zt_core_t *core, const zt_record_t *record)
{
    zt_folded_t folded;
    if (s_room (core, record->number) || !s_fold (core, record, &folded) ||
        zt_room_find (core, &folded))
        return;
    zt_room_t *room = zt_room_add (core, record->number, zt_bytes (record->name), &folded);
    if (!tsearch (room, &core->restored_rooms, s_by_number))
        abort (); /* out of memory, as in alloc.c */
}

static void s_restore_enter (zt_core_t *core, const zt_record_t *record)
{
    zt_room_t *room = s_room (core, record->number);
    zt_user_t *user = zt_user_by_number (core, record->owner);
    if (room && user && !zt_user_membership (user, record->number))
        zt_room_enter (room, user, record->id);
}

static void s_restore_cursor (zt_core_t *core, const zt_record_t *record)
{
    const zt_user_t *user = zt_user_by_number (core, record->owner);
    for (zt_device_t *device = user ? user->devices : NULL; device; device = device->next)
        if (device->number == record->number)
            device->cursor = device->saved_cursor = record->id;
}

static void s_restore_leave (zt_core_t *core, const zt_record_t *record)
{
    zt_room_t *room = s_room (core, record->number);
    zt_user_t *user = zt_user_by_number (core, record->owner);
    if (room && user && zt_user_membership (user, record->number))
        zt_room_leave (room, user);
}

static void s_restore_room_gone (zt_core_t *core, const zt_record_t *record)
{
    zt_room_t *room = s_room (core, record->number);
    if (!room || room->n_members)
        return;
    tdelete (room, &core->restored_rooms, s_by_number);
    zt_room_end (core, room);
}

void zt_core_restore (zt_core_t *core, const zt_record_t *record)
{
    zt_user_t *user;
    if (core->restored_id < record->id)
        core->restored_id = record->id;
    switch (record->kind) {
    case ZT_RECORD_USER:
        s_restore_user (core, record);
        break;
    case ZT_RECORD_CREDENTIAL:
    case ZT_RECORD_CREDENTIAL_GONE:
        s_restore_credential (core, record);
        break;
    case ZT_RECORD_DEVICE:
        s_restore_device (core, record);
        break;
    case ZT_RECORD_ROOM:
        s_restore_room (core, record);
        break;
    case ZT_RECORD_ENTER:
        s_restore_enter (core, record);
        break;
    case ZT_RECORD_RECEIPT:
        user = zt_user_by_number (core, record->owner);
        if (user && zt_user_by_number (core, record->number))
            *zt_user_receipt (user, record->number) =
                (zt_receipt_t){record->number, record->id, true};
        break;
    case ZT_RECORD_CURSOR:
        s_restore_cursor (core, record);
        break;
    case ZT_RECORD_LEAVE:
        s_restore_leave (core, record);
        break;
    case ZT_RECORD_ROOM_GONE:
        s_restore_room_gone (core, record);
        break;
    }
}

/*  A room that only users without a token were in has nobody left. */
static void s_end_if_empty (void *core_p, void *room_)
{
    zt_room_t *room = room_;
    if (room->n_members == 0)
        zt_room_end (core_p, room);
}

void zt_core_start (zt_core_t *core, const zt_store_start_t *start)
{
    /*  The end of a log that was used is where it is, also if that is 0: a session below
        it would be read for, and nothing would be found. */
    if (start->last_id || start->last_number) {
        core->stored_id = start->last_id;
        core->empty_to = 0;
    }
    if (core->last_id < start->last_id)
        core->last_id = start->last_id;
    /*  A device that has never been sent anything, and who has just entered a room, wait for
        what comes after an id that may not be in the log; if the clock was set back since,
        config.first_id is below it. */
    if (core->last_id < core->restored_id)
        core->last_id = core->restored_id;
    core->begun_id = core->last_id;
    if (core->last_number < start->last_number)
        core->last_number = start->last_number;
    if (core->own.folded.size && zt_user_find (core, &core->own.folded))
        zt_output_line (core, ZT_LEVEL_WARNING, ZT_NO_PEER,
                        "the name %s belongs to a user, so that 'say' cannot use it; give the "
                        "broker another one (access/say_as)",
                        core->config.own_name);
    zt_tree_each (core->restored_rooms, s_end_if_empty, core);
    zt_tree_free (core->restored_rooms, NULL);
    core->restored_rooms = NULL;
    zt_people_sweep (core);
}
