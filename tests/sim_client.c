/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/sim_client.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/limits.h"

#include <assert.h>
#include <stdlib.h>

enum { S_HELLO_MS = 4000, S_RETRY_MS = 200, S_ACK_MS = 50, S_FRAME_MESSAGES = 8 };

/*  A message that is not answered. */
typedef struct {
    uint32_t tag;
    uint64_t ref; /* 0: it gets one when it is first sent */
    bool flying;  /* was sent in this session */
} s_entry_t;

struct zt_sim_client {
    zt_scene_t *scene;
    zt_ledger_t *ledger;
    zt_sim_net_t *net;
    const zt_role_t *role;
    uint32_t number;
    size_t padding;
    bool calm;

    /*  The journal. */
    s_entry_t entries[ZT_SIM_MESSAGES]; /* as they were wanted */
    uint32_t n_entries;
    uint64_t last_ref;
    uint64_t seen;
    bool wants_room;
    bool may_ask; /* for the room; one client of each user does */

    uint64_t connect_at; /* ms */
    uint32_t connection;
    uint64_t connected_at;

    /*  The session. */
    bool is_open;
    bool in_room;
    uint64_t room_ref; /* of a JOIN or LEAVE that is not answered; 0: none is */
    uint64_t got;      /* the last id in this session */
    uint64_t ack_at;   /* ms; 0: nothing to acknowledge */
    uint64_t hold_until;
    uint64_t spoke;
    uint64_t heard;
    uint32_t n_pings; /* since something was heard */
    zt_buffer_t frame;
    zt_buffer_t body;
};

zt_sim_client_t *zt_sim_client_new (zt_scene_t *scene, uint32_t number, zt_ledger_t *ledger,
                                    zt_sim_net_t *net, size_t padding)
{
    zt_sim_client_t *self = zt_alloc (sizeof *self);
    *self = (zt_sim_client_t){.scene = scene,
                              .ledger = ledger,
                              .net = net,
                              .role = &scene->roles[number],
                              .number = number,
                              .padding = padding,
                              .connection = ZT_SIM_NOT_CONNECTED};
    return self;
}

void zt_sim_client_destroy (zt_sim_client_t **self_p)
{
    zt_buffer_free (&(*self_p)->frame);
    zt_buffer_free (&(*self_p)->body);
    free (*self_p);
    *self_p = NULL;
}

void zt_sim_client_say (zt_sim_client_t *self, uint32_t target)
{
    assert (self->n_entries < ZT_SIM_MESSAGES);
    uint32_t tag = zt_ledger_want (self->ledger, self->number, target);
    self->entries[self->n_entries++] = (s_entry_t){.tag = tag};
    zt_scene_tell (self->scene, "%s wants m%u to %s", zt_scene_client (self->scene, self->number),
                   tag, zt_scene_target (target));
}

void zt_sim_client_want_room (zt_sim_client_t *self, bool wants)
{
    self->wants_room = wants;
    self->may_ask = true;
}

uint32_t zt_sim_client_connection (const zt_sim_client_t *self)
{
    return self->connection;
}

void zt_sim_client_calm (zt_sim_client_t *self)
{
    self->calm = true;
    if (self->connect_at > self->scene->now)
        self->connect_at = self->scene->now;
}

/*  ---------------------------------------------------------------------------
    The session's end */

static void s_remove (zt_sim_client_t *self, uint32_t i)
{
    self->n_entries--;
    memmove (&self->entries[i], &self->entries[i + 1],
             (self->n_entries - i) * sizeof self->entries[0]);
}

/*  What flies is to be sent again; without a device nobody could tell it from new. */
static void s_session_over (zt_sim_client_t *self, uint64_t connect_at)
{
    for (uint32_t i = self->n_entries; i-- > 0;) {
        s_entry_t *entry = &self->entries[i];
        if (entry->flying && !self->role->device[0]) {
            zt_ledger_unknown (self->ledger, entry->tag);
            s_remove (self, i);
        } else
            entry->flying = false;
    }
    self->is_open = self->in_room = false;
    self->room_ref = self->got = self->ack_at = self->hold_until = 0;
    self->n_pings = 0;
    self->connection = ZT_SIM_NOT_CONNECTED;
    self->connect_at = connect_at;
}

static uint64_t s_soon (const zt_sim_client_t *self)
{
    uint32_t most = self->calm ? 20 : zt_dice_one_in (&self->scene->dice, 6) ? 8000 : 300;
    return self->scene->now + zt_dice_below (&self->scene->dice, most);
}

static void s_leave (zt_sim_client_t *self, uint64_t connect_at)
{
    if (self->connection != ZT_SIM_NOT_CONNECTED)
        zt_sim_net_leave (self->net, self->connection, self->scene->now);
    s_session_over (self, connect_at);
}

void zt_sim_client_crash (zt_sim_client_t *self, uint64_t back_at)
{
    zt_scene_tell (self->scene, "%s crashes", zt_scene_client (self->scene, self->number));
    s_leave (self, back_at);
}

/*  ---------------------------------------------------------------------------
    What it hears */

static s_entry_t *s_find (zt_sim_client_t *self, uint64_t ref)
{
    for (uint32_t i = 0; i < self->n_entries; i++)
        if (self->entries[i].ref == ref)
            return &self->entries[i];
    return NULL;
}

static void s_on_welcome (zt_sim_client_t *self, const zt_message_t *message)
{
    cJSON *json = zt_json_parse (message->body);
    const cJSON *last_ref = cJSON_GetObjectItemCaseSensitive (json, "last_ref");
    const cJSON *rooms = cJSON_GetObjectItemCaseSensitive (json, "rooms");
    const cJSON *room;
    if (!cJSON_IsNumber (last_ref) || last_ref->valuedouble > (double) self->last_ref)
        zt_scene_fail (self->scene, "%s is told a last_ref that it has never used",
                       zt_scene_client (self->scene, self->number));
    cJSON_ArrayForEach (room, rooms)
    {
        if (strcmp (room->valuestring, zt_scene_target (ZT_SIM_ROOM)) == 0)
            self->in_room = true;
    }
    cJSON_Delete (json);
    self->is_open = true;
}

static void s_answered (zt_sim_client_t *self, s_entry_t *entry, uint64_t id, uint64_t time)
{
    zt_ledger_sent (self->ledger, entry->tag, entry->ref, id, time);
    s_remove (self, (uint32_t) (entry - self->entries));
}

static void s_on_sent (zt_sim_client_t *self, const zt_message_t *message)
{
    uint64_t ref = message->number[0];
    s_entry_t *entry = s_find (self, ref);
    if (entry)
        s_answered (self, entry, message->number[1], message->number[2]);
    if (!self->role->sent_last)
        return;
    for (uint32_t i = self->n_entries; i-- > 0;)
        if (self->entries[i].flying && self->entries[i].ref < ref)
            s_answered (self, &self->entries[i], 0, 0);
}

static void s_on_msg (zt_sim_client_t *self, const zt_message_t *message)
{
    uint64_t id = message->number[0];
    bool is_new = id > self->seen;
    if (id <= self->got)
        zt_scene_fail (self->scene, "%s gets MSG %llu after a later one",
                       zt_scene_client (self->scene, self->number), (unsigned long long) id);
    self->got = id;
    if (is_new)
        self->seen = id;
    zt_ledger_shown (self->ledger, self->number, message, is_new);
    if (!self->ack_at)
        self->ack_at = self->scene->now +
                       (self->calm ? 1 : 1 + zt_dice_below (&self->scene->dice, S_ACK_MS * 8));
}

static uint64_t s_retry_ms (const zt_message_t *message)
{
    cJSON *json = zt_json_parse (message->body);
    const cJSON *retry = cJSON_GetObjectItemCaseSensitive (json, "retry_ms");
    uint64_t ms = cJSON_IsNumber (retry) ? (uint64_t) retry->valuedouble : S_RETRY_MS;
    cJSON_Delete (json);
    return ms;
}

static void s_on_error (zt_sim_client_t *self, const zt_message_t *message)
{
    uint64_t ref = 0;
    zt_error_t error = zt_error_find (message->word[1]);
    zt_u64_read (message->word[0], &ref);
    s_entry_t *entry = ref ? s_find (self, ref) : NULL;
    if (ref && ref == self->room_ref) {
        self->room_ref = 0; /* and asks again after a while */
        self->hold_until = self->scene->now + s_retry_ms (message);
    } else if (!entry)
        return; /* of an entry that was answered before */
    else if (error == ZT_ERROR_NO_SUCH_USER || error == ZT_ERROR_NO_SUCH_ROOM ||
             error == ZT_ERROR_FORBIDDEN) {
        zt_ledger_refused (self->ledger, entry->tag, true);
        s_remove (self, (uint32_t) (entry - self->entries));
    } else if (error == ZT_ERROR_BAD_REQUEST && zt_ledger_forgets (self->ledger)) {
        zt_ledger_unknown (self->ledger, entry->tag);
        s_remove (self, (uint32_t) (entry - self->entries));
    } else { /* it waits before what was wanted later, and gets a new ref */
        zt_ledger_refused (self->ledger, entry->tag, false);
        entry->ref = 0;
        entry->flying = false;
        self->hold_until = self->scene->now + s_retry_ms (message);
    }
}

static void s_on_result (zt_sim_client_t *self, const zt_message_t *message)
{
    if (message->number[0] != self->room_ref)
        return;
    self->in_room = memmem (message->body.data, message->body.size, "\"users\"", 7) != NULL;
    self->room_ref = 0;
}

static void s_on_gap (zt_sim_client_t *self, const zt_message_t *message)
{
    uint64_t to = message->number[1];
    if (message->number[0] > to || message->number[0] <= self->got)
        zt_scene_fail (self->scene, "%s is told a GAP of what it got in this session",
                       zt_scene_client (self->scene, self->number));
    self->got = to;
    zt_ledger_gap (self->ledger, self->number, message->number[0], to);
    if (self->seen < to)
        self->seen = to;
}

static void s_hears (zt_sim_client_t *self, const zt_message_t *message)
{
    switch (message->verb) {
    case ZT_VERB_WELCOME:
        s_on_welcome (self, message);
        break;
    case ZT_VERB_SENT:
        s_on_sent (self, message);
        break;
    case ZT_VERB_MSG:
        s_on_msg (self, message);
        break;
    case ZT_VERB_ERROR:
        s_on_error (self, message);
        break;
    case ZT_VERB_RESULT:
        s_on_result (self, message);
        break;
    case ZT_VERB_GAP:
        s_on_gap (self, message);
        break;
    case ZT_VERB_RECEIPT:
        zt_ledger_receipt (self->ledger, self->number, message->number[0], message->word[1]);
        break;
    default:
        break;
    }
}

void zt_sim_client_arrives (zt_sim_client_t *self, const zt_arrival_t *arrival)
{
    if (arrival->connection != self->connection)
        return;
    if (arrival->is_end) {
        zt_scene_tell (self->scene, "%s has lost its connection",
                       zt_scene_client (self->scene, self->number));
        s_session_over (self, s_soon (self));
        return;
    }
    zt_scene_tell_frame (self->scene, self->number, "<", arrival->frame, ZT_FROM_BROKER);
    self->heard = self->scene->now;
    self->n_pings = 0;
    zt_reader_t reader = zt_reader (arrival->frame.data, arrival->frame.size, ZT_FROM_BROKER);
    zt_message_t message;
    while (zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE) {
        if (message.verb == ZT_VERB_GOODBYE) {
            s_leave (self, s_soon (self));
            return;
        }
        s_hears (self, &message);
    }
}

/*  ---------------------------------------------------------------------------
    What it says */

static void s_put_frame (zt_sim_client_t *self)
{
    if (self->frame.size == 0)
        return;
    zt_sim_net_to_broker (self->net, self->connection, zt_buffer_bytes (&self->frame),
                          self->scene->now);
    zt_buffer_clear (&self->frame);
    self->spoke = self->scene->now;
}

static void s_connect (zt_sim_client_t *self)
{
    const zt_role_t *role = self->role;
    self->connection = zt_sim_net_connect (self->net, self->number);
    if (self->connection == ZT_SIM_NOT_CONNECTED)
        return;
    self->connected_at = self->heard = self->scene->now;
    zt_buffer_clear (&self->body);
    zt_buffer_put_format (&self->body, "{\"token\":\"of %s\"", zt_scene_user (role->user));
    if (role->device[0])
        zt_buffer_put_format (&self->body, ",\"device\":\"%s\"", role->device);
    if (role->device[0] && !role->receives)
        zt_buffer_put_string (&self->body, ",\"receive\":false");
    if (role->sent_last)
        zt_buffer_put_string (&self->body, ",\"sent\":\"last\"");
    if (role->wants_receipts)
        zt_buffer_put_string (&self->body, ",\"receipts\":true");
    zt_buffer_put_char (&self->body, '}');
    zt_wire_put (&self->frame, &(zt_message_t){.verb = ZT_VERB_HELLO,
                                               .word = {zt_bytes ("ZTALK/1"),
                                                        zt_bytes (zt_scene_user (role->user))},
                                               .body = zt_buffer_bytes (&self->body)});
    s_put_frame (self);
}

/*  What goes on the wire next: what has a ref, in the order of refs; then the rest. */
static s_entry_t *s_next_entry (zt_sim_client_t *self)
{
    s_entry_t *next = NULL;
    for (uint32_t i = 0; i < self->n_entries; i++) {
        s_entry_t *entry = &self->entries[i];
        if (!entry->flying && entry->ref && (!next || entry->ref < next->ref))
            next = entry;
    }
    for (uint32_t i = 0; i < self->n_entries && !next; i++)
        if (self->entries[i].ref == 0 && self->scene->now >= self->hold_until)
            next = &self->entries[i];
    return next;
}

static void s_put_send (zt_sim_client_t *self, s_entry_t *entry)
{
    if (!entry->ref) {
        self->last_ref += zt_dice_one_in (&self->scene->dice, 10) ? 3 : 1;
        entry->ref = self->last_ref;
        zt_ledger_try (self->ledger, entry->tag, entry->ref);
    }
    entry->flying = true;
    zt_buffer_clear (&self->body);
    zt_ledger_body (&self->body, entry->tag, entry->ref, self->padding);
    zt_wire_put (&self->frame,
                 &(zt_message_t){.verb = ZT_VERB_SEND,
                                 .number = {entry->ref},
                                 .word = {{NULL, 0},
                                          zt_bytes (zt_scene_target (
                                              zt_ledger_target (self->ledger, entry->tag)))},
                                 .body = zt_buffer_bytes (&self->body)});
}

static void s_put_sends (zt_sim_client_t *self)
{
    uint32_t most = zt_dice_from (&self->scene->dice, 1, S_FRAME_MESSAGES);
    s_entry_t *entry;
    while (most-- && self->frame.size + self->padding + 512 < ZT_FRAME_MAX &&
           (entry = s_next_entry (self)))
        s_put_send (self, entry);
}

static void s_put_room (zt_sim_client_t *self)
{
    if (!self->may_ask || self->room_ref || self->in_room == self->wants_room ||
        self->scene->now < self->hold_until)
        return;
    self->room_ref = ++self->last_ref;
    zt_wire_put (&self->frame,
                 &(zt_message_t){.verb = self->wants_room ? ZT_VERB_JOIN : ZT_VERB_LEAVE,
                                 .number = {self->room_ref},
                                 .word = {{NULL, 0}, zt_bytes (zt_scene_target (ZT_SIM_ROOM))}});
}

static void s_put_ack (zt_sim_client_t *self)
{
    if (!self->ack_at || self->scene->now < self->ack_at)
        return;
    self->ack_at = 0;
    zt_ledger_acked (self->ledger, self->number, self->got);
    zt_wire_put (&self->frame, &(zt_message_t){.verb = ZT_VERB_ACK, .number = {self->got}});
}

static void s_speak (zt_sim_client_t *self)
{
    uint64_t now = self->scene->now;
    s_put_room (self);
    s_put_ack (self);
    s_put_sends (self);
    if (self->frame.size == 0 &&
        (now > self->spoke + ZT_HEARTBEAT_MS || now > self->heard + ZT_HEARTBEAT_MS)) {
        zt_wire_put (&self->frame, &(zt_message_t){.verb = ZT_VERB_PING, .word = {zt_bytes ("x")}});
        self->n_pings++;
        self->heard = now > self->heard + ZT_HEARTBEAT_MS ? now : self->heard;
    }
    s_put_frame (self);
}

void zt_sim_client_turn (zt_sim_client_t *self, bool is_up)
{
    uint64_t now = self->scene->now;
    if (self->connection == ZT_SIM_NOT_CONNECTED) {
        if (is_up && now >= self->connect_at)
            s_connect (self);
    } else if (!self->is_open) {
        if (now > self->connected_at + S_HELLO_MS)
            s_leave (self, now);
    } else if (self->n_pings > 2)
        s_leave (self, now);
    else
        s_speak (self);
}
