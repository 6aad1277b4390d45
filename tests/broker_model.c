/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/broker_model.h"

#include "broker/core_state.h"
#include "common/alloc.h"
#include "common/json.h"

#include <assert.h>
#include <stdlib.h>

/*  Ids, or bytes of messages, that only grow in number. */
typedef struct {
    uint64_t *items;
    size_t n;
    size_t capacity;
} s_list_t;

static void s_list_add (s_list_t *self, uint64_t item)
{
    if (self->n == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 64;
        self->items = zt_realloc (self->items, self->capacity, sizeof *self->items);
    }
    self->items[self->n++] = item;
}

static bool s_list_has (const s_list_t *self, uint64_t item)
{
    size_t low = 0, high = self->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->items[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->n && self->items[low] == item;
}

/*  What one peer knows of its session. */
typedef struct {
    bool is_open;    /* between WELCOME and the end */
    uint64_t cursor; /* of WELCOME */
    s_list_t got;    /* ids of MSG, growing */
    s_list_t sizes;  /* and their bytes */
    size_t first_unacked;
    uint64_t unacked_bytes;
    uint64_t excused; /* it acknowledged up to here what it never got */
    s_list_t gaps;    /* from, to, from, to */
} s_peer_t;

/*  A message of the log. */
typedef struct {
    uint64_t id, from, target, device, ref;
    bool is_room;
} s_entry_t;

/*  A device that has been here: up to where it has had everything, as far as it knows. */
typedef struct {
    uint64_t number;
    uint64_t had;
} s_device_t;

struct zt_model {
    const zt_core_t *core;
    s_peer_t peers[ZT_MODEL_PEERS];
    bool said_bye[ZT_MODEL_PEERS];  /* in this turn: what is on its way still comes */
    uint64_t acked[ZT_MODEL_PEERS]; /* in this turn, by a session whose WELCOME is on its way */
    s_entry_t *log;
    size_t n_log;
    size_t log_capacity;
    s_device_t *devices;
    size_t n_devices;
};

zt_model_t *zt_model_new (const zt_core_t *core)
{
    zt_model_t *self = zt_alloc (sizeof *self);
    self->core = core;
    return self;
}

static void s_peer_reset (s_peer_t *peer)
{
    free (peer->got.items);
    free (peer->sizes.items);
    free (peer->gaps.items);
    *peer = (s_peer_t){.is_open = false};
}

void zt_model_destroy (zt_model_t **self_p)
{
    for (uint32_t i = 0; i < ZT_MODEL_PEERS; i++)
        s_peer_reset (&(*self_p)->peers[i]);
    free ((*self_p)->log);
    free ((*self_p)->devices);
    free (*self_p);
    *self_p = NULL;
}

static s_peer_t *s_peer (zt_model_t *self, uint32_t peer)
{
    assert (peer < ZT_MODEL_PEERS);
    return &self->peers[peer];
}

void zt_model_gone (zt_model_t *self, uint32_t peer)
{
    s_peer_reset (s_peer (self, peer));
}

/*  The device of a session that is open still; NULL if it has no name. */
static s_device_t *s_device (zt_model_t *self, uint32_t peer)
{
    const zt_session_t *session = zt_session_of (self->core, peer);
    if (!session || !session->device->number)
        return NULL;
    for (size_t i = 0; i < self->n_devices; i++)
        if (self->devices[i].number == session->device->number)
            return &self->devices[i];
    self->devices = zt_realloc (self->devices, self->n_devices + 1, sizeof *self->devices);
    self->devices[self->n_devices] = (s_device_t){session->device->number, 0};
    return &self->devices[self->n_devices++];
}

static void s_has_had (zt_model_t *self, uint32_t peer, uint64_t id)
{
    s_device_t *device = s_device (self, peer);
    if (device && id > device->had)
        device->had = id;
}

/*  ---------------------------------------------------------------------------
    What goes in */

static void s_acknowledge (s_peer_t *peer, uint64_t id)
{
    uint64_t last = peer->got.n ? peer->got.items[peer->got.n - 1] : 0;
    if (id > last && id > peer->excused)
        peer->excused = id;
    while (peer->first_unacked < peer->got.n && peer->got.items[peer->first_unacked] <= id)
        peer->unacked_bytes -= peer->sizes.items[peer->first_unacked++];
}

void zt_model_sends (zt_model_t *self, uint32_t number, zt_bytes_t frame)
{
    s_peer_t *peer = s_peer (self, number);
    const zt_session_t *session = zt_session_of (self->core, number);
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_CLIENT);
    zt_message_t message;
    while (session && zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE) {
        if (message.verb == ZT_VERB_ACK && message.number[0] <= self->core->stored_id) {
            s_acknowledge (peer, self->acked[number] = message.number[0]);
            s_has_had (self, number, message.number[0]);
        }
        if (message.verb == ZT_VERB_BYE)
            self->said_bye[number] = true;
    }
}

void zt_model_stored (zt_model_t *self, const zt_slice_t *slice)
{
    uint64_t last = self->n_log ? self->log[self->n_log - 1].id : 0;
    for (uint32_t i = 0; i < slice->n_runs; i++) {
        const zt_run_t *run = &slice->runs[i];
        for (uint32_t j = 0; j < run->count; j++) {
            if (self->n_log == self->log_capacity) {
                self->log_capacity = self->log_capacity ? self->log_capacity * 2 : 64;
                self->log = zt_realloc (self->log, self->log_capacity, sizeof *self->log);
            }
            self->log[self->n_log++] =
                (s_entry_t){run->first_id + j, run->from,          run->target,
                            run->device,       run->first_ref + j, run->is_room};
            assert (run->first_id + j > last);
            last = run->first_id + j;
        }
    }
}

/*  ---------------------------------------------------------------------------
    Who is to get what */

typedef enum { S_NOT, S_MAY, S_MUST } s_must_t;

static s_must_t s_must_have (const zt_model_t *self, const s_peer_t *peer,
                             const zt_session_t *session, const s_entry_t *entry)
{
    uint64_t user = session->user->entity.number;
    if (entry->id <= peer->cursor || (entry->device && entry->device == session->device->number))
        return S_NOT;
    if (!entry->is_room && entry->target != user && entry->from != user)
        return S_NOT;
    /*  Who was when in a room is not modelled. */
    if (entry->is_room && entry->target != self->core->general->entity.number)
        return S_MAY;
    if (entry->id <= peer->excused)
        return S_MAY;
    /*  What a follower has sent by itself it gets back only when it reads on. */
    if (session->follows && !entry->device && entry->from == user)
        return S_MAY;
    for (size_t i = 0; i < peer->gaps.n; i += 2)
        if (entry->id >= peer->gaps.items[i] && entry->id <= peer->gaps.items[i + 1])
            return S_MAY;
    return S_MUST;
}

/*  ---------------------------------------------------------------------------
    What comes out */

static const s_entry_t *s_entry (const zt_model_t *self, uint64_t id)
{
    size_t low = 0, high = self->n_log;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->log[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->n_log && self->log[low].id == id ? &self->log[low] : NULL;
}

/*  A session of a device that was here before begins where it has had everything. */
static void s_check_cursor (zt_model_t *self, uint32_t number)
{
    const zt_session_t *session = zt_session_of (self->core, number);
    const s_peer_t *peer = &self->peers[number];
    const s_device_t *device = s_device (self, number);
    const s_peer_t before = {.cursor = 0};
    for (size_t i = 0; device && device->had && i < self->n_log; i++) {
        const s_entry_t *entry = &self->log[i];
        if (entry->id > device->had && entry->id <= peer->cursor)
            assert (s_must_have (self, &before, session, entry) != S_MUST);
    }
    if (device && !device->had)
        s_has_had (self, number, peer->cursor);
}

static void s_welcome (s_peer_t *peer, const zt_message_t *message)
{
    s_peer_reset (peer);
    cJSON *json = zt_json_parse (message->body);
    const cJSON *cursor = cJSON_GetObjectItemCaseSensitive (json, "cursor");
    assert (cJSON_IsNumber (cursor));
    peer->is_open = true;
    peer->cursor = (uint64_t) cursor->valuedouble;
    cJSON_Delete (json);
}

static void s_msg (const zt_model_t *self, s_peer_t *peer, const zt_message_t *message, size_t size)
{
    uint64_t id = message->number[0];
    const s_entry_t *entry = s_entry (self, id);
    assert (entry && entry->is_room == (message->word[3].data[0] == '#'));
    assert (id > peer->cursor);
    assert (peer->got.n == 0 || id > peer->got.items[peer->got.n - 1]);
    s_list_add (&peer->got, id);
    s_list_add (&peer->sizes, size);
    if (id <= peer->excused) /* acknowledged before it came */
        peer->first_unacked = peer->got.n;
    else
        peer->unacked_bytes += size;
    assert (peer->got.n - peer->first_unacked <= ZT_WINDOW);
    assert (peer->unacked_bytes <= ZT_WINDOW_BYTES);
}

static void s_message (zt_model_t *self, s_peer_t *peer, const zt_message_t *message, size_t size)
{
    /*  What the broker says in JSON must be readable with our own means. */
    if (message->verb != ZT_VERB_MSG && zt_verb_row (message->verb)->has_body)
        assert (zt_json_valid (message->body));
    switch (message->verb) {
    case ZT_VERB_WELCOME:
        assert (!peer->is_open || self->said_bye[peer - self->peers]);
        s_welcome (peer, message);
        peer->excused = self->acked[peer - self->peers];
        s_check_cursor (self, (uint32_t) (peer - self->peers));
        return;
    case ZT_VERB_PONG: /* also what a probe looks like */
    case ZT_VERB_ERROR:
        return;
    case ZT_VERB_GOODBYE:
        assert (peer->is_open);
        peer->is_open = false;
        return;
    case ZT_VERB_MSG:
        assert (peer->is_open);
        s_msg (self, peer, message, size);
        return;
    case ZT_VERB_SENT: {
        const s_entry_t *entry = s_entry (self, message->number[1]);
        assert (peer->is_open && entry && entry->ref == message->number[0]);
        return;
    }
    case ZT_VERB_GAP:
        assert (peer->is_open && message->number[0] <= message->number[1]);
        s_list_add (&peer->gaps, message->number[0]);
        s_list_add (&peer->gaps, message->number[1]);
        s_has_had (self, (uint32_t) (peer - self->peers), message->number[1]);
        return;
    default:
        assert (peer->is_open);
    }
}

void zt_model_receives (zt_model_t *self, const zt_frame_t *frame)
{
    assert (frame->size > 0 && frame->size <= ZT_FRAME_MAX);
    char *copy = zt_realloc (NULL, frame->size, 1);
    size_t size = 0;
    for (uint32_t i = 0; i < frame->n_parts; i++) {
        assert (frame->parts[i].size > 0 && frame->parts[i].size <= frame->size - size);
        memcpy (copy + size, frame->parts[i].data, frame->parts[i].size);
        size += frame->parts[i].size;
    }
    assert (size == frame->size);
    zt_reader_t reader = zt_reader (copy, size, ZT_FROM_BROKER);
    zt_message_t message;
    zt_wire_result_t result;
    const char *at = copy;
    for (; (result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE; at = reader.at)
        s_message (self, s_peer (self, frame->peer), &message, (size_t) (reader.at - at));
    assert (result == ZT_WIRE_END);
    free (copy);
}

void zt_model_turn_over (zt_model_t *self)
{
    for (uint32_t i = 0; i < ZT_MODEL_PEERS; i++) {
        s_peer_t *peer = &self->peers[i];
        if (self->said_bye[i] && !zt_session_of (self->core, i))
            s_peer_reset (peer);
        self->said_bye[i] = false;
        self->acked[i] = 0;
        /*  Both sides agree on who has a session. */
        assert (peer->is_open == (zt_session_of (self->core, i) != NULL));
    }
}

uint64_t zt_model_last_id (const zt_model_t *self, uint32_t peer)
{
    const s_list_t *got = &self->peers[peer].got;
    return got->n ? got->items[got->n - 1] : 0;
}

uint32_t zt_model_unacknowledged (const zt_model_t *self, uint32_t peer)
{
    return (uint32_t) (self->peers[peer].got.n - self->peers[peer].first_unacked);
}

/*  ---------------------------------------------------------------------------
    Everything */

void zt_model_check_all (const zt_model_t *self)
{
    for (uint32_t i = 0; i < ZT_MODEL_PEERS; i++) {
        const s_peer_t *peer = &self->peers[i];
        const zt_session_t *session = zt_session_of (self->core, i);
        if (!session)
            continue;
        assert (session->receives || peer->got.n == 0);
        for (size_t j = 0; session->receives && j < self->n_log; j++) {
            s_must_t must = s_must_have (self, peer, session, &self->log[j]);
            bool has = s_list_has (&peer->got, self->log[j].id);
            assert (has ? must != S_NOT : must != S_MUST);
        }
    }
}
