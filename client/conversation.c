/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/model_state.h"

#include "common/alloc.h"

#include <stdlib.h>

zt_conversation_t *zt_conversation_new (zt_bytes_t target, zt_bytes_t key)
{
    zt_conversation_t *self = zt_alloc (sizeof *self);
    zt_buffer_put_bytes (&self->target, target);
    zt_buffer_put_bytes (&self->key, key);
    return self;
}

void zt_conversation_destroy (zt_conversation_t **self_p)
{
    zt_conversation_t *self = *self_p;
    if (!self)
        return;
    zt_conversation_set_data (self, NULL, NULL);
    zt_posts_clear (&self->posts);
    zt_posts_clear (&self->unsent);
    zt_speakers_clear (&self->speakers);
    zt_buffer_free (&self->target);
    zt_buffer_free (&self->key);
    zt_buffer_free (&self->flag);
    free (self);
    *self_p = NULL;
}

bool zt_conversation_is_private (const zt_conversation_t *self)
{
    return self->target.data[0] == '@';
}

zt_bytes_t zt_conversation_target (const zt_conversation_t *self)
{
    return zt_buffer_bytes (&self->target);
}

zt_bytes_t zt_conversation_flag (const zt_conversation_t *self)
{
    return zt_buffer_bytes (&self->flag);
}

size_t zt_conversation_unread (const zt_conversation_t *self)
{
    return self->unread;
}

size_t zt_conversation_mentions (const zt_conversation_t *self)
{
    return self->mentions;
}

bool zt_conversation_is_muted (const zt_conversation_t *self)
{
    return self->is_muted;
}

void *zt_conversation_data (const zt_conversation_t *self)
{
    return self->data;
}

void zt_conversation_set_data (zt_conversation_t *self, void *data, void (*destroy) (void *data))
{
    if (self->data && self->destroy_data)
        self->destroy_data (self->data);
    self->data = data;
    self->destroy_data = destroy;
}

/*  ---------------------------------------------------------------------------
    Posts */

bool zt_conversation_range (const zt_conversation_t *self, int64_t *first, int64_t *last)
{
    size_t count = self->posts.count + self->unsent.count;
    *first = self->first;
    *last = self->first + (int64_t) count - 1;
    return count > 0;
}

bool zt_conversation_post (const zt_conversation_t *self, int64_t place, zt_post_t *post)
{
    int64_t first, last;
    if (!zt_conversation_range (self, &first, &last) || place < first || place > last)
        return false;
    size_t i = (size_t) (place - first);
    size_t stored = self->posts.count;
    zt_record_view (
        i < stored ? zt_posts_at (&self->posts, i) : zt_posts_at (&self->unsent, i - stored), post);
    post->place = place;
    /*  A receipt is for all up to an id, so no post need be told of it. */
    if (post->is_own && post->state == ZT_POST_SENT && post->id <= self->delivered)
        post->state = ZT_POST_DELIVERED;
    return true;
}

bool zt_conversation_first_new (const zt_conversation_t *self, int64_t *place)
{
    if (self->has_line)
        *place = self->line;
    return self->has_line;
}

bool zt_conversation_find_id (const zt_conversation_t *self, uint64_t id, int64_t *place)
{
    size_t i;
    bool found = zt_posts_find (&self->posts, id, &i);
    if (found)
        *place = self->first + (int64_t) i;
    return found;
}

/*  Where a message that was found belongs: above the notices that a search for its id leads
    below. Their order is raised to its own, so that the next older one finds them passed. */
static size_t s_above_notices (zt_conversation_t *self, size_t i, uint64_t id)
{
    while (i > 0 && zt_posts_at (&self->posts, i - 1)->id == 0)
        zt_posts_at (&self->posts, --i)->order = id;
    return i;
}

/*  The order of what stands at the end. */
static uint64_t s_last_order (const zt_posts_t *posts)
{
    return posts->count ? zt_posts_at (posts, posts->count - 1)->order : 0;
}

bool zt_conversation_put (zt_conversation_t *self, zt_record_t record, bool is_found,
                          int64_t *place)
{
    size_t i = self->posts.count;
    record.order = record.id ? record.id : s_last_order (&self->posts);
    if (record.id && zt_posts_find (&self->posts, record.id, &i)) {
        *place = self->first + (int64_t) i;
        zt_record_free (&record);
        return false;
    }
    if (record.id && is_found)
        i = s_above_notices (self, i, record.id);
    int64_t before = self->first + (int64_t) i;
    bool moved_beginning = zt_posts_insert (&self->posts, i, record);
    if (moved_beginning)
        self->first--;
    *place = self->first + (int64_t) i;
    if (self->has_line)
        self->line += moved_beginning ? -(self->line < before) : self->line >= before;
    return true;
}

void zt_conversation_drop (zt_conversation_t *self)
{
    zt_record_t record = zt_posts_take (&self->posts, 0);
    zt_record_free (&record);
    self->first++;
    if (self->has_line && self->line < self->first)
        self->line = self->first;
    if (self->older == ZT_OLDER_NONE)
        self->older = ZT_OLDER_WANTED;
}

void zt_conversation_set_line (zt_conversation_t *self, int64_t place)
{
    self->has_line = true;
    self->line = place;
}

void zt_conversation_said (zt_conversation_t *self)
{
    if (self->unread == 0)
        self->has_line = false;
}

/*  ---------------------------------------------------------------------------
    Older messages */

/*  The lowest id. A notice at the beginning may have the order of a message that has gone. */
static uint64_t s_lowest_id (const zt_posts_t *posts)
{
    if (posts->count == 0)
        return 0;
    const zt_record_t *record = zt_posts_at (posts, 0);
    size_t i = record->id ? 0 : zt_posts_place (posts, record->order + 1);
    return i < posts->count ? zt_posts_at (posts, i)->id : 0;
}

bool zt_conversation_wants_older (const zt_conversation_t *self, uint64_t *before)
{
    *before = s_lowest_id (&self->posts);
    return self->older == ZT_OLDER_WANTED;
}

void zt_conversation_asked (zt_conversation_t *self)
{
    self->older = ZT_OLDER_ASKED;
}

void zt_conversation_asked_in_vain (zt_conversation_t *self)
{
    if (self->older == ZT_OLDER_ASKED)
        self->older = ZT_OLDER_WANTED;
}
