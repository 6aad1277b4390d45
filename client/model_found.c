/*  SPDX-License-Identifier: MPL-2.0 */

/*  What was found: older messages of a conversation, and hits of a search. */

#include "client/model_state.h"

#include "common/limits.h"

#include <assert.h>

/*  Adds a record to those that are sorted by their ids; the same id only once. */
static void s_collect (zt_posts_t *posts, zt_record_t record)
{
    record.order = record.id;
    size_t i = zt_posts_place (posts, record.id);
    bool is_there = i < posts->count && zt_posts_at (posts, i)->id == record.id;
    /*  An answer has ZT_HISTORY_MAX at most: what is more is somebody's mistake. */
    if (is_there || posts->count == ZT_HISTORY_MAX)
        zt_record_free (&record);
    else
        zt_posts_insert (posts, i, record);
}

void zt_model_on_FOUND (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    const zt_flag_t *flag;
    zt_bytes_t target = zt_model_target (self, item, &flag);
    if (item->id == 0)
        return;
    if (self->finding == ZT_FINDING_HITS) {
        s_collect (&self->hits, zt_model_message (self, item, now, &target));
        return;
    }
    bool is_older = self->finding == ZT_FINDING_OLDER;
    zt_conversation_t *conversation =
        is_older ? zt_model_find (self, target) : zt_model_need (self, target, flag);
    if (!conversation || (is_older && conversation != self->asking))
        return;
    zt_record_t record = zt_model_message (self, item, now, NULL);
    int64_t place;
    if (is_older)
        s_collect (&self->found, record);
    else
        zt_conversation_put (conversation, record, true, &place);
    zt_model_trim (self);
}

/*  ---------------------------------------------------------------------------
    Older messages */

void zt_model_older_begin (zt_model_t *self, zt_conversation_t *conversation)
{
    assert (self->finding == ZT_FINDING_ANY);
    self->finding = ZT_FINDING_OLDER;
    self->asking = conversation;
}

void zt_model_older_end (zt_model_t *self, bool more)
{
    zt_conversation_t *conversation = self->asking;
    if (self->finding != ZT_FINDING_OLDER) /* it was closed meanwhile */
        return;
    uint64_t before, after;
    zt_conversation_wants_older (conversation, &before);
    /*  From the newest to the oldest: each goes above the one before at once. */
    while (self->found.count) {
        int64_t place;
        zt_conversation_put (conversation, zt_posts_take (&self->found, self->found.count - 1),
                             true, &place);
    }
    conversation->older = more ? ZT_OLDER_WANTED : ZT_OLDER_NONE;
    int64_t first = conversation->first;
    zt_model_trim (self);
    zt_conversation_wants_older (conversation, &after);
    /*  An answer that leads no further back, or that there is no room for, would be asked for
        for ever. */
    if (conversation->first != first || after == 0 || (before && after >= before))
        conversation->older = ZT_OLDER_NONE;
    self->finding = ZT_FINDING_ANY;
    self->asking = NULL;
    self->version++;
}

void zt_model_found_closed (zt_model_t *self, const zt_conversation_t *conversation)
{
    if (self->asking != conversation)
        return;
    zt_posts_clear (&self->found);
    self->finding = ZT_FINDING_ANY;
    self->asking = NULL;
}

/*  ---------------------------------------------------------------------------
    Hits of a search */

void zt_model_hits_begin (zt_model_t *self, zt_bytes_t query)
{
    assert (self->finding == ZT_FINDING_ANY);
    zt_posts_clear (&self->hits);
    zt_buffer_clear (&self->query);
    zt_buffer_put_bytes (&self->query, query);
    self->more_hits = false;
    self->finding = ZT_FINDING_HITS;
    self->version++;
}

void zt_model_hits_end (zt_model_t *self, bool more)
{
    assert (self->finding == ZT_FINDING_HITS);
    self->finding = ZT_FINDING_ANY;
    self->more_hits = more;
    self->version++;
}

size_t zt_model_hits (const zt_model_t *self, zt_bytes_t *query, bool *more)
{
    *query = zt_buffer_bytes (&self->query);
    *more = self->more_hits;
    return self->hits.count;
}

bool zt_model_hit (const zt_model_t *self, size_t i, zt_bytes_t *target, zt_post_t *post)
{
    if (i >= self->hits.count)
        return false;
    const zt_record_t *record = zt_posts_at (&self->hits, self->hits.count - 1 - i);
    *target = zt_record_target (record);
    zt_record_view (record, post);
    return true;
}
