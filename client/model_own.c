/*  SPDX-License-Identifier: MPL-2.0 */

/*  What became of what one has said: it waits, is on its way, is stored or refused. Each of
    these may be missing. Until it is stored it is one of unsent, in the order in which it was
    typed. */

#include "client/model_state.h"

/*  The one that was shown with that ref (0: none was). */
static bool s_by_ref (const zt_posts_t *unsent, uint64_t ref, size_t *i)
{
    for (*i = 0; ref && *i < unsent->count; (*i)++)
        if (zt_posts_at (unsent, *i)->ref == ref)
            return true;
    return false;
}

/*  The oldest one with the same text that has never been on its way. */
static bool s_by_text (const zt_posts_t *unsent, const zt_record_t *record, size_t *i)
{
    for (*i = 0; *i < unsent->count; (*i)++) {
        const zt_record_t *at = zt_posts_at (unsent, *i);
        if (at->ref == 0 && zt_bytes_equal (zt_record_text (at), zt_record_text (record)))
            return true;
    }
    return false;
}

/*  The record of an item that is not stored. The caller owns it. */
static zt_record_t s_record (zt_model_t *self, const zt_item_t *item, zt_post_state_t state,
                             uint64_t now)
{
    zt_post_t post = {.kind = ZT_POST_MESSAGE,
                      .time = now,
                      .from = zt_model_name (self),
                      .text = item->text,
                      .note = state == ZT_POST_REFUSED ? item->message : zt_bytes (NULL),
                      .state = state,
                      .has_text = true,
                      .is_own = true};
    return zt_model_record (self, &post, NULL, NULL);
}

static void s_on_its_way (zt_model_t *self, const zt_item_t *item, zt_post_state_t state,
                          uint64_t now)
{
    zt_conversation_t *conversation = zt_model_need (self, item->to, &item->to_flag);
    if (!conversation)
        return;
    zt_posts_t *unsent = &conversation->unsent;
    zt_record_t record = s_record (self, item, state, now);
    size_t i;
    bool found = s_by_ref (unsent, item->ref, &i) || s_by_ref (unsent, item->ref_before, &i) ||
                 (item->ref && s_by_text (unsent, &record, &i));
    if (found)
        zt_record_free (&record);
    else {
        i = unsent->count;
        zt_posts_insert (unsent, i, record);
        zt_conversation_said (conversation);
    }
    zt_posts_at (unsent, i)->state = state & 7u;
    if (item->ref)
        zt_posts_at (unsent, i)->ref = item->ref;
}

void zt_model_on_PENDING (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    s_on_its_way (self, item, ZT_POST_PENDING, now);
}

void zt_model_on_SENDING (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    s_on_its_way (self, item, ZT_POST_SENDING, now);
}

/*  Puts what has come of an unsent one to the posts that have their place, and takes that out.
    If it is the first of them, it stands there already. */
static void s_settle (zt_model_t *self, const zt_item_t *item, zt_record_t record)
{
    zt_conversation_t *conversation = zt_model_need (self, item->to, &item->to_flag);
    if (!conversation)
        conversation = self->opened; /* a target that is none, and was refused */
    size_t i;
    int64_t place;
    if (s_by_ref (&conversation->unsent, item->ref, &i) ||
        (item->ref && s_by_text (&conversation->unsent, &record, &i))) {
        zt_record_t unsent = zt_posts_take (&conversation->unsent, i);
        if (record.id == 0)
            record.time = unsent.time; /* refused: it was typed then */
        zt_record_free (&unsent);
    } else
        zt_conversation_said (conversation);
    zt_conversation_put (conversation, record, false, &place);
    zt_model_trim (self);
}

void zt_model_on_stored (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    zt_model_rename (self, item->from);
    s_settle (self, item, zt_model_message (self, item, now, NULL));
}

void zt_model_on_refused (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    s_settle (self, item, s_record (self, item, ZT_POST_REFUSED, now));
}

void zt_model_on_DELIVERED (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    (void) now;
    zt_conversation_t *conversation = zt_model_find (self, item->to);
    if (conversation && item->id > conversation->delivered)
        conversation->delivered = item->id;
}

void zt_model_on_lost (zt_model_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        zt_posts_t *unsent = &self->list[i]->unsent;
        for (size_t j = 0; j < unsent->count; j++)
            zt_posts_at (unsent, j)->state = ZT_POST_PENDING;
    }
}
