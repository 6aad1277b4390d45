/*  SPDX-License-Identifier: MPL-2.0 */

/*  Who comes and goes. Most of it concerns nobody: it is told where they have just talked, and
    in the private conversation with them. */

#include "client/model_state.h"

#include "common/alloc.h"
#include "common/translate.h"

#include <stdlib.h>

enum {
    S_NAMES_SHOWN = 8,
    S_NAMES_LISTED = 500 /* to who has asked */
};

/*  Names that are told in one sentence. */
typedef struct {
    zt_buffer_t text;
    size_t count;
    size_t most; /* that are told; beyond, how many there are */
} s_names_t;

static void s_put_name (s_names_t *self, const zt_item_t *item, size_t i)
{
    if (self->count++ >= self->most)
        return;
    if (self->count > 1)
        zt_buffer_put_string (&self->text, ", ");
    zt_collation_clean (zt_bytes (item->names[i]), &self->text);
    if (item->flags)
        zt_collation_put_flag (&item->flags[i], &self->text);
}

static void s_put_rest (s_names_t *self, bool more)
{
    if (self->count > self->most)
        zt_buffer_put_format (&self->text, more ? _ (" and %zu+ more") : _ (" and %zu more"),
                              self->count - self->most);
    else if (more)
        zt_buffer_put_string (&self->text, _ (" and more"));
}

/*  Tells of the names, if there are any, in a conversation; frees them. */
static void s_tell (zt_model_t *self, zt_conversation_t *conversation, zt_item_kind_t kind,
                    s_names_t *names, uint64_t now)
{
    s_put_rest (names, false);
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (&text,
                          kind == ZT_ITEM_LEFT
                              ? zt_translate_many ("%s left", "%s left", names->count)
                              : zt_translate_many ("%s is here", "%s are here", names->count),
                          zt_buffer_string (&names->text));
    if (names->count)
        zt_model_post (self, conversation, ZT_POST_NOTICE, zt_buffer_bytes (&text), now);
    zt_buffer_free (&text);
    zt_buffer_free (&names->text);
}

/*  Who has come and has spoken before it was told is seen to be here. */
static bool s_is_late (zt_conversation_t *conversation, const zt_item_t *item, uint64_t hash,
                       uint64_t now)
{
    return item->kind == ZT_ITEM_HERE && zt_speakers_was_ahead (&conversation->speakers, hash, now);
}

/*  Tells of those who have talked in a room. */
static void s_tell_room (zt_model_t *self, zt_conversation_t *room, const zt_item_t *item,
                         const uint64_t *hashes, uint64_t now)
{
    s_names_t names = {.most = S_NAMES_SHOWN};
    if (room->speakers.count == 0)
        return;
    for (size_t i = 0; i < item->names_count; i++)
        if (hashes[i] && zt_speakers_has (&room->speakers, hashes[i], now) &&
            !s_is_late (room, item, hashes[i], now))
            s_put_name (&names, item, i);
    s_tell (self, room, item->kind, &names, now);
}

/*  True if there is a private conversation: they are the last ones. */
static bool s_has_private (const zt_model_t *self)
{
    return zt_conversation_is_private (self->list[self->count - 1]);
}

/*  Tells the one with a person, if there is one. */
static void s_tell_private (zt_model_t *self, const zt_item_t *item, size_t i, uint64_t hash,
                            uint64_t now)
{
    zt_buffer_t target = {NULL, 0, 0};
    zt_buffer_put_char (&target, '@');
    zt_buffer_put_string (&target, item->names[i]);
    zt_conversation_t *conversation = zt_model_find (self, zt_buffer_bytes (&target));
    zt_buffer_free (&target);
    if (!conversation)
        return;
    zt_buffer_clear (&conversation->flag);
    if (item->flags)
        zt_collation_put_flag (&item->flags[i], &conversation->flag);
    if (s_is_late (conversation, item, hash, now))
        return;
    s_names_t names = {.most = S_NAMES_SHOWN};
    s_put_name (&names, item, i);
    s_tell (self, conversation, item->kind, &names, now);
}

static void s_tell_all (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    uint64_t *hashes = zt_alloc (item->names_count * sizeof *hashes);
    for (size_t i = 0; i < item->names_count; i++) {
        zt_folded_t folded;
        zt_collation_fold (zt_bytes (item->names[i]), &folded);
        if (zt_model_is_self (self, zt_bytes (item->names[i])))
            continue; /* another device of ours */
        hashes[i] = zt_speakers_hash (&folded);
        if (s_has_private (self))
            s_tell_private (self, item, i, hashes[i], now);
    }
    for (size_t i = 0; i < self->count; i++)
        if (!zt_conversation_is_private (self->list[i]))
            s_tell_room (self, self->list[i], item, hashes, now);
    free (hashes);
}

/*  Somebody has asked: where the pane is folded away, there is no other list. */
static void s_tell_online (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    s_names_t names = {.most = S_NAMES_LISTED};
    zt_buffer_put_format (&names.text, _ ("online (%zu)"), item->names_count);
    zt_buffer_put_string (&names.text, ": ");
    for (size_t i = 0; i < item->names_count; i++)
        s_put_name (&names, item, i);
    s_put_rest (&names, item->more);
    zt_model_notice (self, zt_buffer_bytes (&names.text), now);
    zt_buffer_free (&names.text);
}

void zt_model_on_ONLINE (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    if (item->order)
        s_tell_online (self, item, now);
    if (!item->more) /* a part of the list tells nothing of the others */
        zt_people_clear (&self->people);
    zt_people_add (&self->people, self->collation, item);
    /*  It has our own name as the broker writes it. */
    size_t i;
    if (zt_people_find (&self->people, self->collation, zt_model_name (self), &i))
        zt_model_rename (self, zt_people_name (&self->people, i));
}

void zt_model_on_HERE (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    zt_people_add (&self->people, self->collation, item);
    s_tell_all (self, item, now);
}

void zt_model_on_LEFT (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    zt_people_remove (&self->people, self->collation, item);
    s_tell_all (self, item, now);
}

void zt_model_on_JOINED (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    zt_conversation_t *room = zt_model_need (self, item->to, &item->to_flag);
    if (!room)
        return;
    zt_model_open (self, room);
    s_names_t names = {.most = S_NAMES_SHOWN};
    zt_bytes_t target = zt_conversation_target (room);
    zt_buffer_put_format (
        &names.text, item->names_count ? _ ("you are in %.*s; online: ") : _ ("you are in %.*s"),
        (int) target.size, target.data);
    for (size_t i = 0; i < item->names_count; i++)
        s_put_name (&names, item, i);
    s_put_rest (&names, item->more);
    zt_model_post (self, room, ZT_POST_NOTICE, zt_buffer_bytes (&names.text), now);
    zt_buffer_free (&names.text);
}
