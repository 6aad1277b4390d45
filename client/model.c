/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/model_state.h"

#include "common/alloc.h"
#include "common/text.h"

#include <stdlib.h>

zt_model_t *zt_model_new (const char *name)
{
    zt_model_t *self = zt_alloc (sizeof *self);
    self->collation = zt_collation_new ();
    self->most_bytes = ZT_MODEL_BYTES;
    self->is_watched = true;
    zt_model_rename (self, zt_bytes (name));
    self->opened = zt_model_need (self, zt_bytes (ZT_GENERAL), NULL);
    return self;
}

void zt_model_destroy (zt_model_t **self_p)
{
    zt_model_t *self = *self_p;
    if (!self)
        return;
    zt_model_clear_list (self);
    zt_people_clear (&self->people);
    zt_posts_clear (&self->found);
    zt_posts_clear (&self->hits);
    zt_buffer_free (&self->name);
    zt_buffer_free (&self->state_words);
    zt_buffer_free (&self->query);
    zt_buffer_free (&self->scratch);
    zt_buffer_free (&self->folding);
    zt_collation_destroy (&self->collation);
    free (self);
    *self_p = NULL;
}

uint64_t zt_model_version (const zt_model_t *self)
{
    return self->version;
}

/*  ---------------------------------------------------------------------------
    One's own name, the connection, who is online */

zt_bytes_t zt_model_name (const zt_model_t *self)
{
    return zt_buffer_bytes (&self->name);
}

/*  A name without '@'. */
static zt_bytes_t s_bare (zt_bytes_t name)
{
    if (name.size && name.data[0] == '@')
        return (zt_bytes_t){name.data + 1, name.size - 1};
    return name;
}

void zt_model_rename (zt_model_t *self, zt_bytes_t name)
{
    zt_buffer_clear (&self->name);
    zt_collation_clean (s_bare (name), &self->name);
    zt_collation_fold (zt_buffer_bytes (&self->name), &self->folded);
}

bool zt_model_is_self (const zt_model_t *self, zt_bytes_t name)
{
    zt_folded_t folded;
    zt_collation_fold (s_bare (name), &folded);
    return folded.size && folded.size == self->folded.size &&
           memcmp (folded.data, self->folded.data, folded.size) == 0;
}

const char *zt_model_state (const zt_model_t *self, zt_bytes_t *words, uint64_t *since)
{
    *words = zt_buffer_bytes (&self->state_words);
    *since = self->state_since;
    return self->state;
}

bool zt_model_is_connected (const zt_model_t *self)
{
    return self->is_connected;
}

size_t zt_model_online_count (const zt_model_t *self)
{
    return self->people.count;
}

zt_bytes_t zt_model_online (const zt_model_t *self, size_t i)
{
    return zt_people_name (&self->people, i);
}

zt_bytes_t zt_model_online_flag (const zt_model_t *self, size_t i)
{
    return zt_people_flag (&self->people, i);
}

bool zt_model_is_online (const zt_model_t *self, zt_bytes_t name)
{
    size_t i;
    return zt_people_find (&self->people, self->collation, name, &i);
}

/*  ---------------------------------------------------------------------------
    What is before the person's eyes */

zt_conversation_t *zt_model_opened (const zt_model_t *self)
{
    return self->opened;
}

/*  All of it counts as read. */
static void s_read (zt_conversation_t *conversation)
{
    conversation->unread = conversation->mentions = 0;
}

void zt_model_open (zt_model_t *self, zt_conversation_t *conversation)
{
    conversation->has_line = conversation->has_line && conversation->unread > 0;
    if (self->is_watched)
        s_read (conversation);
    self->opened = conversation;
    self->version++;
}

void zt_model_set_attention (zt_model_t *self, bool is_there)
{
    if (is_there == self->is_watched)
        return;
    self->is_watched = is_there;
    if (is_there)
        s_read (self->opened);
    self->version++;
}

bool zt_model_is_seen (const zt_model_t *self, const zt_conversation_t *conversation)
{
    return self->is_watched && conversation == self->opened;
}

size_t zt_model_unread (const zt_model_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++)
        count += self->list[i]->is_muted ? 0 : self->list[i]->unread;
    return count;
}

size_t zt_model_mentions (const zt_model_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++)
        count += self->list[i]->is_muted ? 0 : self->list[i]->mentions;
    return count;
}

void zt_conversation_mute (zt_model_t *model, zt_conversation_t *self, bool is_muted)
{
    self->is_muted = is_muted;
    model->version++;
}

static void s_call (zt_model_t *self, zt_conversation_t *conversation, uint64_t id)
{
    if (self->calls_count == ZT_CALLS_MAX) {
        self->calls_head = (self->calls_head + 1) % ZT_CALLS_MAX;
        self->calls_count--;
    }
    size_t at = (self->calls_head + self->calls_count++) % ZT_CALLS_MAX;
    self->calls[at].conversation = conversation;
    self->calls[at].id = id;
}

bool zt_model_next_call (zt_model_t *self, zt_call_t *call)
{
    while (self->calls_count) {
        zt_conversation_t *conversation = self->calls[self->calls_head].conversation;
        uint64_t id = self->calls[self->calls_head].id;
        self->calls_head = (self->calls_head + 1) % ZT_CALLS_MAX;
        self->calls_count--;
        int64_t place;
        zt_post_t post;
        /*  The conversation may have been closed, and the post may have gone. */
        if (!conversation || !zt_conversation_find_id (conversation, id, &place) ||
            !zt_conversation_post (conversation, place, &post))
            continue;
        *call = (zt_call_t){post.from, zt_conversation_target (conversation), post.text};
        return true;
    }
    return false;
}

/*  What was missed gets its line even where the person is looking: above the first of it. */
static void s_draw_line (zt_model_t *self, zt_conversation_t *conversation, int64_t place,
                         bool is_seen)
{
    bool begins = self->is_catching && conversation->missed != self->missed;
    if (is_seen ? begins : conversation->unread == 0)
        zt_conversation_set_line (conversation, place);
    if (self->is_catching)
        conversation->missed = self->missed;
}

void zt_model_arrived (zt_model_t *self, zt_conversation_t *conversation, int64_t place)
{
    zt_post_t post;
    bool is_seen = zt_model_is_seen (self, conversation);
    s_draw_line (self, conversation, place, is_seen);
    if (is_seen || !zt_conversation_post (conversation, place, &post))
        return;
    bool is_call = post.is_mention || zt_conversation_is_private (conversation);
    conversation->unread++;
    conversation->mentions += is_call;
    if (is_call && !conversation->is_muted)
        s_call (self, conversation, post.id);
}
