/*  SPDX-License-Identifier: MPL-2.0 */

/*  The list of conversations, and how much is kept in them. */

#include "client/model_state.h"

#include "common/alloc.h"

#include <stdlib.h>

size_t zt_model_count (const zt_model_t *self)
{
    return self->count;
}

zt_conversation_t *zt_model_get (const zt_model_t *self, size_t i)
{
    return self->list[i];
}

/*  Appends the key of a target that is clean, by which #general is the first one and rooms
    come before people; false if it is none. */
static bool s_put_key (const zt_model_t *self, zt_bytes_t target, zt_buffer_t *key)
{
    if (target.size < 2 || (target.data[0] != '#' && target.data[0] != '@'))
        return false;
    bool is_room = target.data[0] == '#';
    zt_folded_t folded;
    zt_collation_fold ((zt_bytes_t){target.data + 1, target.size - 1}, &folded);
    if (folded.size == 0)
        return false;
    bool is_general = is_room && zt_bytes_equal ((zt_bytes_t){folded.data, folded.size},
                                                 zt_bytes (&ZT_GENERAL[1]));
    zt_buffer_put_char (key, is_general ? 'a' : is_room ? 'b' : 'c');
    zt_collation_key (self->collation, &folded, key);
    return true;
}

/*  The place of the first conversation whose key is not below; true if it is the key's. */
static bool s_place (const zt_model_t *self, zt_bytes_t key, size_t *place)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zt_collation_compare (zt_buffer_bytes (&self->list[middle]->key), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *place = low;
    return low < self->count && zt_bytes_equal (zt_buffer_bytes (&self->list[low]->key), key);
}

static zt_conversation_t *s_insert (zt_model_t *self, size_t place, zt_bytes_t target,
                                    zt_bytes_t key)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        self->list = zt_realloc (self->list, self->capacity, sizeof (zt_conversation_t *));
    }
    memmove (self->list + place + 1, self->list + place,
             (self->count - place) * sizeof (zt_conversation_t *));
    self->list[place] = zt_conversation_new (target, key);
    self->count++;
    self->version++;
    return self->list[place];
}

/*  Cleans a target, and appends the key of what is left; false if it is none. The caller frees
    both, whatever comes back. */
static bool s_read (const zt_model_t *self, zt_bytes_t target, zt_buffer_t *clean, zt_buffer_t *key)
{
    zt_collation_clean (target, clean);
    return s_put_key (self, zt_buffer_bytes (clean), key);
}

zt_conversation_t *zt_model_find (const zt_model_t *self, zt_bytes_t target)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_buffer_t key = {NULL, 0, 0};
    size_t place;
    bool found =
        s_read (self, target, &clean, &key) && s_place (self, zt_buffer_bytes (&key), &place);
    zt_buffer_free (&key);
    zt_buffer_free (&clean);
    return found ? self->list[place] : NULL;
}

/*  The conversation of a target; a room that is told of is written so from now on. */
static zt_conversation_t *s_need (zt_model_t *self, zt_bytes_t target, bool is_told)
{
    zt_conversation_t *found = NULL;
    zt_buffer_t clean = {NULL, 0, 0};
    zt_buffer_t key = {NULL, 0, 0};
    size_t place;
    if (s_read (self, target, &clean, &key)) {
        bool is_there = s_place (self, zt_buffer_bytes (&key), &place);
        found = is_there ? self->list[place]
                         : s_insert (self, place, zt_buffer_bytes (&clean), zt_buffer_bytes (&key));
        if (is_told && clean.data[0] == '#') {
            zt_buffer_clear (&found->target);
            zt_buffer_put_bytes (&found->target, zt_buffer_bytes (&clean));
        }
    }
    zt_buffer_free (&key);
    zt_buffer_free (&clean);
    return found;
}

zt_conversation_t *zt_model_enter (zt_model_t *self, zt_bytes_t target)
{
    zt_folded_t folded;
    if (target.size == 0 || zt_name_fold ((zt_bytes_t){target.data + 1, target.size - 1}, &folded))
        return NULL;
    return s_need (self, target, false);
}

zt_conversation_t *zt_model_need (zt_model_t *self, zt_bytes_t target, const zt_flag_t *flag)
{
    zt_conversation_t *found = s_need (self, target, true);
    if (found && flag) {
        zt_buffer_clear (&found->flag);
        zt_collation_put_flag (flag, &found->flag);
    }
    return found;
}

size_t zt_model_opened_index (const zt_model_t *self)
{
    size_t place = 0;
    s_place (self, zt_buffer_bytes (&self->opened->key), &place);
    return place;
}

void zt_model_close (zt_model_t *self, zt_conversation_t *conversation)
{
    size_t place;
    if (!s_place (self, zt_buffer_bytes (&conversation->key), &place) || place == 0)
        return;
    if (conversation == self->opened)
        zt_model_open (self, self->list[0]);
    for (size_t i = 0; i < ZT_CALLS_MAX; i++)
        if (self->calls[i].conversation == conversation)
            self->calls[i].conversation = NULL;
    zt_model_found_closed (self, conversation);
    zt_conversation_destroy (&conversation);
    self->count--;
    memmove (self->list + place, self->list + place + 1,
             (self->count - place) * sizeof (zt_conversation_t *));
    self->version++;
}

void zt_model_clear_list (zt_model_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        zt_conversation_destroy (&self->list[i]);
    free (self->list);
    self->list = NULL;
    self->count = self->capacity = 0;
}

/*  ---------------------------------------------------------------------------
    How much is kept */

static size_t s_bytes (const zt_conversation_t *conversation)
{
    return conversation->posts.bytes;
}

static size_t s_posts (const zt_conversation_t *conversation)
{
    return conversation->posts.count;
}

/*  Drops posts while the sum of what size tells is above the most, always the oldest of the
    conversation that has the most. What is not sent yet is the outbox's to bound. */
static void s_trim (zt_model_t *self, size_t (*size) (const zt_conversation_t *), size_t most)
{
    for (;;) {
        size_t sum = 0;
        zt_conversation_t *largest = self->list[0];
        for (size_t i = 0; i < self->count; i++) {
            sum += size (self->list[i]);
            if (size (self->list[i]) > size (largest))
                largest = self->list[i];
        }
        if (sum <= most)
            return;
        zt_conversation_drop (largest);
    }
}

void zt_model_trim (zt_model_t *self)
{
    s_trim (self, s_posts, ZT_MODEL_POSTS);
    s_trim (self, s_bytes, self->most_bytes);
}
