/*  SPDX-License-Identifier: MPL-2.0 */

/*  What the core shows, and where it goes. */

#include "client/core.h"
#include "client/mention.h"
#include "client/model_state.h"

#include "common/text.h"
#include "common/translate.h"

#include <stdio.h>

/*  ---------------------------------------------------------------------------
    Records */

/*  Appends a clean piece to the buffer; its size. */
static size_t s_clean (zt_buffer_t *buffer, zt_bytes_t text, bool is_name)
{
    size_t before = buffer->size;
    if (is_name)
        zt_collation_clean (text, buffer);
    else
        zt_text_clean (buffer, text, ZT_TEXT_LINES);
    return buffer->size - before;
}

static size_t s_put_flag (zt_buffer_t *buffer, const zt_flag_t *flag)
{
    size_t before = buffer->size;
    zt_collation_put_flag (flag, buffer);
    return buffer->size - before;
}

static zt_bytes_t s_cut (const char **at, size_t size)
{
    zt_bytes_t piece = {*at, size};
    *at += size;
    return piece;
}

zt_record_t zt_model_record (zt_model_t *self, const zt_post_t *post, const zt_flag_t *flag,
                             const zt_bytes_t *target)
{
    zt_bytes_t from = post->from;
    if (from.size && from.data[0] == '@')
        from = (zt_bytes_t){from.data + 1, from.size - 1};
    zt_buffer_t *clean = &self->scratch;
    /*  One after the other, in the order of a record's block. */
    size_t to_size = target ? s_clean (clean, *target, true) : 0;
    size_t from_size = s_clean (clean, from, true);
    size_t flag_size = s_put_flag (clean, flag);
    size_t text_size = s_clean (clean, post->text, false);
    size_t note_size = s_clean (clean, post->note, false);
    const char *at = zt_buffer_string (clean); /* not NULL, even if it is empty */
    zt_post_t cleaned = *post;
    zt_bytes_t to = s_cut (&at, to_size);
    cleaned.from = s_cut (&at, from_size);
    cleaned.flag = s_cut (&at, flag_size);
    cleaned.text = s_cut (&at, text_size);
    cleaned.note = s_cut (&at, note_size);
    cleaned.is_mention = post->kind == ZT_POST_MESSAGE && !post->is_own && post->has_text &&
                         zt_mention_find (cleaned.text, &self->folded, &self->folding);
    zt_record_t record = zt_record_new (&cleaned, target ? &to : NULL);
    zt_buffer_clear (clean);
    return record;
}

zt_record_t zt_model_message (zt_model_t *self, const zt_item_t *item, uint64_t now,
                              const zt_bytes_t *target)
{
    zt_bytes_t unknown =
        zt_bytes (item->omitted ? _ ("sent something that is too long to be shown here, or no JSON")
                                : _ ("sent something that this client cannot show"));
    zt_post_t post = {.kind = ZT_POST_MESSAGE,
                      .id = item->id,
                      .time = item->time ? item->time : now,
                      .from = item->from,
                      .text = item->has_text ? item->text : unknown,
                      .state = ZT_POST_SENT,
                      .has_text = item->has_text,
                      .is_own = item->own || zt_model_is_self (self, item->from)};
    return zt_model_record (self, &post, &item->from_flag, target);
}

zt_bytes_t zt_model_target (const zt_model_t *self, const zt_item_t *item, const zt_flag_t **flag)
{
    bool is_to_us = item->to.size && item->to.data[0] == '@' && !item->own &&
                    !zt_model_is_self (self, item->from);
    *flag = is_to_us ? &item->from_flag : &item->to_flag;
    return is_to_us ? item->from : item->to;
}

void zt_model_post (zt_model_t *self, zt_conversation_t *conversation, zt_post_kind_t kind,
                    zt_bytes_t text, uint64_t now)
{
    zt_post_t post = {.kind = kind, .time = now, .text = text, .has_text = true};
    int64_t place;
    zt_conversation_put (conversation, zt_model_record (self, &post, NULL, NULL), false, &place);
    zt_model_trim (self);
    self->version++;
}

void zt_model_notice (zt_model_t *self, zt_bytes_t text, uint64_t now)
{
    zt_model_post (self, self->opened, ZT_POST_NOTICE, text, now);
}

/*  ---------------------------------------------------------------------------
    Messages */

/*  When somebody has spoken, by our clock: the broker's may be wrong, and it is their being
    here since then that counts. */
static void s_note_speaker (zt_model_t *self, zt_conversation_t *conversation,
                            const zt_item_t *item, uint64_t now)
{
    zt_folded_t folded;
    zt_bytes_t name = {item->from.data + 1, item->from.size - 1};
    zt_collation_fold (name, &folded);
    uint64_t time = item->time && item->time < now ? item->time : now;
    zt_speakers_note (&conversation->speakers, zt_speakers_hash (&folded), time,
                      zt_model_is_online (self, name), now);
}

static void s_on_MESSAGE (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    if (item->own) {
        zt_model_on_stored (self, item, now);
        return;
    }
    const zt_flag_t *flag;
    zt_bytes_t target = zt_model_target (self, item, &flag);
    zt_conversation_t *conversation = zt_model_need (self, target, flag);
    if (!conversation || item->from.size == 0)
        return;
    int64_t place;
    zt_conversation_put (conversation, zt_model_message (self, item, now, NULL), false, &place);
    /*  What was found before it comes is there already, but nobody was called for it. */
    zt_record_t *record =
        zt_posts_at (&conversation->posts, (size_t) (place - conversation->first));
    bool is_news = !record->is_live && !record->is_own;
    record->is_live = true;
    if (is_news) {
        s_note_speaker (self, conversation, item, now);
        zt_model_arrived (self, conversation, place);
    }
    zt_model_trim (self);
}

/*  ---------------------------------------------------------------------------
    The connection */

typedef enum {
    S_UP,
    S_DOWN,
    S_ELSE /* it is not about the connection */
} s_link_t;

/*  What a code means. One that is not here is of the end, or of something new: it is told. */
typedef struct {
    const char *code;
    s_link_t link;
    bool is_told;
} s_state_row_t;

static const s_state_row_t s_states[] = {
    {"connecting", S_DOWN, false}, {"waiting", S_DOWN, true},      {"connected", S_UP, false},
    {"reconnected", S_UP, true},   {"name-taken", S_DOWN, true},   {"plain", S_ELSE, true},
    {"kept", S_ELSE, true},        {"more", S_ELSE, true},         {"unanswered", S_ELSE, true},
    {"busy", S_ELSE, true},        {"rate-limited", S_ELSE, true}, {"unavailable", S_ELSE, true},
    {NULL, S_DOWN, true},
};

static void s_on_STATE (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    const char *code = item->code ? item->code : "";
    const s_state_row_t *row = s_states;
    while (row->code && strcmp (row->code, code) != 0)
        row++;
    if (row->is_told)
        zt_model_notice (self, item->text, now);
    if (row->link == S_ELSE)
        return;
    snprintf (self->state, sizeof self->state, "%s", code);
    zt_buffer_clear (&self->state_words);
    zt_text_clean (&self->state_words, item->text, ZT_TEXT_LINE);
    if (self->state_since == 0 || self->is_connected != (row->link == S_UP))
        self->state_since = now;
    self->is_connected = row->link == S_UP;
    if (!self->is_connected)
        zt_model_on_lost (self);
}

/*  ---------------------------------------------------------------------------
    Everything else */

static void s_on_ROOMS (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    (void) now;
    for (size_t i = 0; i < item->names_count; i++)
        zt_model_need (self, zt_bytes (item->names[i]), NULL);
}

static void s_on_PARTED (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    (void) now;
    zt_conversation_t *conversation = zt_model_find (self, item->to);
    if (conversation)
        zt_model_close (self, conversation);
}

static void s_on_GAP (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    zt_buffer_t text = {NULL, 0, 0};
    if (item->count)
        zt_buffer_put_format (&text,
                              zt_translate_many ("%llu message was not sent again",
                                                 "%llu messages were not sent again", item->count),
                              (unsigned long long) item->count);
    else
        zt_buffer_put_string (&text, _ ("some messages were not sent again"));
    zt_model_notice (self, zt_buffer_bytes (&text), now);
    zt_buffer_free (&text);
}

static void s_on_MISSED (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    (void) item;
    (void) now;
    self->missed++;
    self->is_catching = true;
}

static void s_on_CAUGHT_UP (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    (void) item;
    (void) now;
    self->is_catching = false;
}

static void s_on_ERROR (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    if (item->text.size || item->ref) {
        zt_model_on_refused (self, item, now);
        return;
    }
    zt_buffer_t text = {NULL, 0, 0};
    if (item->to.size) {
        zt_collation_clean (item->to, &text);
        zt_collation_put_flag (&item->to_flag, &text);
        zt_buffer_put_string (&text, ": ");
    }
    zt_buffer_put_bytes (&text, item->message);
    zt_model_post (self, self->opened, ZT_POST_ERROR, zt_buffer_bytes (&text), now);
    zt_buffer_free (&text);
}

static void s_on_NOTICE (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    /*  Where text goes is seen: it is what is open. */
    zt_bytes_t opened = zt_bytes (_ (ZT_CLIENT_OPENED));
    if (item->text.size < opened.size || memcmp (item->text.data, opened.data, opened.size) != 0)
        zt_model_notice (self, item->text, now);
}

void zt_model_show (zt_model_t *self, const zt_item_t *item, uint64_t now)
{
    static void (*const functions[ZT_ITEM_COUNT]) (zt_model_t *, const zt_item_t *, uint64_t) = {
        [ZT_ITEM_MESSAGE] = s_on_MESSAGE,
        [ZT_ITEM_FOUND] = zt_model_on_FOUND,
        [ZT_ITEM_PENDING] = zt_model_on_PENDING,
        [ZT_ITEM_SENDING] = zt_model_on_SENDING,
        [ZT_ITEM_DELIVERED] = zt_model_on_DELIVERED,
        [ZT_ITEM_ONLINE] = zt_model_on_ONLINE,
        [ZT_ITEM_HERE] = zt_model_on_HERE,
        [ZT_ITEM_LEFT] = zt_model_on_LEFT,
        [ZT_ITEM_ROOMS] = s_on_ROOMS,
        [ZT_ITEM_JOINED] = zt_model_on_JOINED,
        [ZT_ITEM_PARTED] = s_on_PARTED,
        [ZT_ITEM_GAP] = s_on_GAP,
        [ZT_ITEM_MISSED] = s_on_MISSED,
        [ZT_ITEM_CAUGHT_UP] = s_on_CAUGHT_UP,
        [ZT_ITEM_STATE] = s_on_STATE,
        [ZT_ITEM_ERROR] = s_on_ERROR,
        [ZT_ITEM_NOTICE] = s_on_NOTICE,
    };
    if (!functions[item->kind]) /* what frames an answer is its asker's */
        return;
    functions[item->kind](self, item, now);
    self->version++;
}
