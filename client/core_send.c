/*  SPDX-License-Identifier: MPL-2.0 */

/*  What goes out: all that is ready, in one frame. */

#include "client/core_state.h"

enum {
    S_FRAME_MOST = 98304, /* a composed frame: a larger one takes too long on a slow line */
    S_ANSWER_MS = 5000    /* for WELCOME, after HELLO */
};

static void s_put_member (zt_buffer_t *body, const char *name, const char *value)
{
    zt_buffer_put_format (body, "\"%s\":", name);
    zt_json_put_string (body, zt_bytes (value));
    zt_buffer_put_char (body, ',');
}

void zt_client_hello (zt_client_t *self, int64_t now)
{
    zt_buffer_t body = {NULL, 0, 0};
    zt_buffer_put_char (&body, '{');
    zt_job_kind_t job = zt_client_job (self);
    /*  Who only asks or follows takes over from nobody, and is not seen. */
    if (job == ZT_JOB_NONE || job == ZT_JOB_SEND)
        s_put_member (&body, "device", self->device);
    if (!self->key[0] || self->moves)
        s_put_member (&body, "token", self->token);
    /*  In each, lest what the broker has not got on disk when it dies is lost. It asks first who
        owns the name. */
    if (self->invite)
        s_put_member (&body, "invite", self->invite);
    if (self->pair)
        s_put_member (&body, "pair", self->pair);
    if (job == ZT_JOB_TAIL)
        zt_client_put_follow (self, &body);
    else
        zt_buffer_put_string (&body, job ? "\"receive\":false" : "\"receive\":true");
    bool has_receipts = job == ZT_JOB_NONE || (job == ZT_JOB_SEND && self->task->waits);
    zt_buffer_put_format (&body,
                          ",\"sent\":\"each\",\"receipts\":%s,"
                          "\"client\":\"ztalk " ZT_VERSION "\"}",
                          has_receipts ? "true" : "false");
    zt_message_t message = {.verb = ZT_VERB_HELLO, .body = zt_buffer_bytes (&body)};
    message.word[0] = zt_bytes ("ZTALK/1");
    message.word[1] = zt_bytes (self->name);
    zt_wire_put (&self->frame, &message);
    zt_buffer_free (&body);
    self->phase = ZT_PHASE_GREETING;
    self->timers[ZT_TIMER_ANSWER] = now + S_ANSWER_MS;
}

static void s_put_ack (zt_client_t *self)
{
    /*  What was seen in an earlier session may be beyond the log of a broker that was
        restored from a backup. */
    uint64_t id = self->displayed < self->arrived ? self->displayed : self->arrived;
    if (id <= self->acked)
        return;
    zt_message_t message = {.verb = ZT_VERB_ACK, .number = {id}};
    zt_wire_put (&self->frame, &message);
    self->acked = id;
    self->unacked = 0;
    self->ack_due = self->displayed < self->seen;
    self->timers[ZT_TIMER_ACK] = ZT_NEVER;
}

static void s_put_ping (zt_client_t *self)
{
    char token[ZT_U64_DIGITS];
    char *end = zt_u64_write (token, ++self->ping_number);
    zt_message_t message = {.verb = ZT_VERB_PING, .word = {{token, (size_t) (end - token)}}};
    zt_wire_put (&self->frame, &message);
    self->ping_due = false;
}

/*  True while the outbox may go. After a refusal for now a single message goes ahead: all
    of them, time and again, would be work for nothing, and if the broker took a later
    one and not the first, they would change places. */
static bool s_is_going (const zt_client_t *self)
{
    size_t window = self->probing ? 1 : self->window;
    return self->phase == ZT_PHASE_OPEN && self->timers[ZT_TIMER_HOLD] == ZT_NEVER &&
           !self->quitting && self->outbox.flying < window;
}

bool zt_client_is_sending (const zt_client_t *self)
{
    return s_is_going (self) && self->frame.size == 0;
}

/*  All that is ready goes into one frame. */
static void s_compose (zt_client_t *self)
{
    bool turns = self->task && self->task->turns;
    bool ends = self->quitting || turns || zt_client_is_done (self);
    if (ends)
        zt_client_end_missed (self);
    if (self->ack_due || ends)
        s_put_ack (self);
    if (self->ping_due)
        s_put_ping (self);
    while (s_is_going (self)) {
        size_t before = self->frame.size;
        zt_entry_t *entry =
            zt_outbox_put (&self->outbox, &self->frame, S_FRAME_MOST, &self->last_ref);
        if (!entry)
            break;
        zt_client_note_put (self, entry,
                            (zt_bytes_t){self->frame.data + before, self->frame.size - before});
    }
    if (ends) {
        zt_message_t message = {.verb = ZT_VERB_BYE};
        zt_wire_put (&self->frame, &message);
        self->bye_said = true;
    }
}

zt_bytes_t zt_client_frame (zt_client_t *self)
{
    if (self->phase == ZT_PHASE_OPEN && self->frame.size == 0)
        s_compose (self);
    return zt_buffer_bytes (&self->frame);
}

void zt_client_frame_sent (zt_client_t *self, int64_t now)
{
    self->sent_at = now;
    zt_buffer_clear (&self->frame);
    if (self->bye_said && self->task && self->task->turns && !self->quitting) {
        self->task->turns = self->bye_said = false;
        self->welcomed = false; /* the session to come is the first one for who looks on */
        zt_client_hello (self, now);
    } else if (self->bye_said) {
        if (self->interactive)
            zt_client_tell_kept (self);
        zt_client_end (self, zt_client_status (self));
    }
}
