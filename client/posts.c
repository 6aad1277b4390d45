/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/posts.h"

#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

enum { S_LEAST = 16 };

/*  The size of a name or a flag, which a record has little room for. */
static uint16_t s_size (zt_bytes_t bytes)
{
    assert (bytes.size <= UINT16_MAX);
    return (uint16_t) bytes.size;
}

static char *s_put (char *to, zt_bytes_t bytes)
{
    if (bytes.size)
        memcpy (to, bytes.data, bytes.size);
    return to + bytes.size;
}

zt_record_t zt_record_new (const zt_post_t *post, const zt_bytes_t *target)
{
    zt_bytes_t nothing = {NULL, 0};
    zt_bytes_t to = target ? *target : nothing;
    assert (post->text.size <= UINT32_MAX && post->note.size <= UINT32_MAX);
    zt_record_t self = {.id = post->id,
                        .time = post->time,
                        .text_size = (uint32_t) post->text.size,
                        .note_size = (uint32_t) post->note.size,
                        .target_size = s_size (to),
                        .from_size = s_size (post->from),
                        .flag_size = s_size (post->flag),
                        .kind = post->kind & 3u,
                        .state = post->state & 7u,
                        .is_own = post->is_own,
                        .is_mention = post->is_mention,
                        .has_text = post->has_text};
    size_t size = to.size + post->from.size + post->flag.size + post->text.size + post->note.size;
    self.block = zt_realloc (NULL, size, 1);
    char *at = s_put (self.block, to);
    at = s_put (at, post->from);
    at = s_put (at, post->flag);
    at = s_put (at, post->text);
    s_put (at, post->note);
    return self;
}

void zt_record_free (zt_record_t *self)
{
    free (self->block);
    *self = (zt_record_t){.id = 0};
}

zt_bytes_t zt_record_target (const zt_record_t *self)
{
    return (zt_bytes_t){self->block, self->target_size};
}

void zt_record_view (const zt_record_t *self, zt_post_t *post)
{
    *post = (zt_post_t){.kind = (zt_post_kind_t) self->kind,
                        .id = self->id,
                        .time = self->time,
                        .state = (zt_post_state_t) self->state,
                        .is_own = self->is_own,
                        .is_mention = self->is_mention,
                        .has_text = self->has_text};
    const char *at = self->block + self->target_size;
    post->from = (zt_bytes_t){at, self->from_size};
    at += self->from_size;
    post->flag = (zt_bytes_t){at, self->flag_size};
    at += self->flag_size;
    post->text = (zt_bytes_t){at, self->text_size};
    post->note = (zt_bytes_t){at + self->text_size, self->note_size};
}

zt_bytes_t zt_record_text (const zt_record_t *self)
{
    zt_post_t post;
    zt_record_view (self, &post);
    return post.text;
}

size_t zt_record_bytes (const zt_record_t *self)
{
    enum { S_HEAP = 16 }; /* what a piece of memory costs beside itself */
    return sizeof *self + S_HEAP + self->target_size + self->from_size + self->flag_size +
           self->text_size + self->note_size;
}

static size_t s_slot (const zt_posts_t *self, size_t i)
{
    return (self->head + i) & (self->capacity - 1);
}

zt_record_t *zt_posts_at (const zt_posts_t *self, size_t i)
{
    assert (i < self->count);
    return &self->ring[s_slot (self, i)];
}

static void s_resize (zt_posts_t *self, size_t capacity)
{
    zt_record_t *ring = zt_alloc (capacity * sizeof *ring);
    for (size_t i = 0; i < self->count; i++)
        ring[i] = *zt_posts_at (self, i);
    free (self->ring);
    self->ring = ring;
    self->capacity = capacity;
    self->head = 0;
}

bool zt_posts_insert (zt_posts_t *self, size_t i, zt_record_t record)
{
    assert (i <= self->count);
    if (self->count == self->capacity)
        s_resize (self, self->capacity ? self->capacity * 2 : S_LEAST);
    bool moves_beginning = i < self->count - i;
    self->count++;
    self->bytes += zt_record_bytes (&record);
    if (moves_beginning) {
        self->head = (self->head - 1) & (self->capacity - 1);
        for (size_t j = 0; j < i; j++)
            *zt_posts_at (self, j) = *zt_posts_at (self, j + 1);
    } else
        for (size_t j = self->count - 1; j > i; j--)
            *zt_posts_at (self, j) = *zt_posts_at (self, j - 1);
    *zt_posts_at (self, i) = record;
    return moves_beginning;
}

zt_record_t zt_posts_take (zt_posts_t *self, size_t i)
{
    zt_record_t record = *zt_posts_at (self, i);
    if (i < self->count - i) {
        for (size_t j = i; j > 0; j--)
            *zt_posts_at (self, j) = *zt_posts_at (self, j - 1);
        self->head = s_slot (self, 1);
    } else
        for (size_t j = i; j + 1 < self->count; j++)
            *zt_posts_at (self, j) = *zt_posts_at (self, j + 1);
    self->count--;
    self->bytes -= zt_record_bytes (&record);
    if (self->capacity > S_LEAST && self->count < self->capacity / 4)
        s_resize (self, self->capacity / 2);
    return record;
}

size_t zt_posts_place (const zt_posts_t *self, uint64_t id)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zt_posts_at (self, middle)->order < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool zt_posts_find (const zt_posts_t *self, uint64_t id, size_t *i)
{
    /*  What has the order of a message and is none stands below it. But when the message has
        gone, such a one may be the first. */
    *i = zt_posts_place (self, id);
    return id && *i < self->count && zt_posts_at (self, *i)->id == id;
}

void zt_posts_clear (zt_posts_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (zt_posts_at (self, i)->block);
    free (self->ring);
    *self = (zt_posts_t){.ring = NULL};
}
