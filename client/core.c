/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/core_state.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    S_BACKOFF_MS = 200,       /* before the first relink; doubles up to the most */
    S_BACKOFF_MOST_MS = 2000, /* with jitter: back well within 5 s of a broker's return */
    S_SETTLED_MS = 5000,      /* a session that lived so long resets the backoff */
    S_SLOW_MS = 3000,
    S_START_MS = 10000,
    S_FINISH_MS = 10000,
    S_QUIT_MS = 1000,
    S_PINGS_MAX = 2,         /* this many without anything heard, and the link is dead */
    S_OUTBOX_ENTRIES = 4096, /* above either, typed lines wait */
    S_OUTBOX_BYTES = 4194304
};

zt_flag_t zt_client_flag (const zt_client_t *self, zt_bytes_t address)
{
    bool is_room = address.size && address.data[0] == '#';
    if (is_room || (address.size && address.data[0] == '@'))
        address = (zt_bytes_t){address.data + 1, address.size - 1};
    zt_flag_t flag = zt_flags_find (self->flags, address);
    if (is_room) /* the broker compares users */
        flag.like = zt_bytes (NULL);
    return flag;
}

void zt_client_put_address (const zt_client_t *self, zt_buffer_t *text, const char *address)
{
    zt_flag_t flag = zt_client_flag (self, zt_bytes (address));
    zt_buffer_put_string (text, address[0] == '@' ? address + 1 : address);
    zt_flag_put (text, &flag);
}

/*  The flags of the names of an item, which the caller frees; NULL if they have none. */
static zt_flag_t *s_flags (const zt_client_t *self, const zt_item_t *item)
{
    zt_flag_t *flags = NULL;
    for (size_t i = 0; i < item->names_count; i++) {
        zt_flag_t flag = zt_flags_find (self->flags, zt_bytes (item->names[i]));
        if (!flags && (flag.like.size || flag.mixes))
            flags = zt_alloc (item->names_count * sizeof *flags);
        if (flags)
            flags[i] = flag;
    }
    return flags;
}

/*  All that is shown passes here, so that no name is without its flag. */
void zt_client_show (zt_client_t *self, const zt_item_t *item)
{
    zt_flag_t *flags = s_flags (self, item);
    zt_item_t flagged = *item;
    char to[ZT_TARGET_SIZE];
    if (item->to.size > 0 && item->to.data[0] == '#' && item->to.size < sizeof to) {
        snprintf (to, sizeof to, "%.*s", ZT_ARGS (item->to));
        flagged.to = zt_bytes (zt_client_room (self, to));
    }
    flagged.from_flag = zt_client_flag (self, item->from);
    flagged.to_flag = zt_client_flag (self, flagged.to);
    flagged.flags = flags;
    if (!item->order)
        flagged.order = self->answering;
    self->shown++;
    self->show (self->show_self, &flagged);
    free (flags);
}

void zt_client_say (zt_client_t *self, const char *code, const char *format, ...)
{
    va_list args, again;
    va_start (args, format);
    va_copy (again, args);
    int size = vsnprintf (NULL, 0, zt_translate (format), args);
    va_end (args);
    if (size >= 0) {
        char *text = zt_alloc ((size_t) size + 1);
        vsnprintf (text, (size_t) size + 1, zt_translate (format), again);
        zt_client_say_text (self, code, (zt_bytes_t){text, (size_t) size});
        free (text);
    }
    va_end (again);
}

void zt_client_say_text (zt_client_t *self, const char *code, zt_bytes_t text)
{
    zt_item_t item = {.kind = code ? ZT_ITEM_STATE : ZT_ITEM_NOTICE, .code = code, .text = text};
    zt_client_show (self, &item);
}

void zt_client_say_error (zt_client_t *self, const char *code, const char *to, zt_bytes_t text,
                          zt_bytes_t message)
{
    zt_item_t item = {
        .kind = ZT_ITEM_ERROR, .code = code, .to = zt_bytes (to), .text = text, .message = message};
    zt_client_show (self, &item);
}

static char *s_copy (const char *string)
{
    return string ? zt_strndup (string, strlen (string)) : NULL;
}

zt_client_t *zt_client_new (const zt_client_config_t *config, int64_t now)
{
    zt_client_t *self = zt_alloc (sizeof *self);
    self->endpoint = zt_strndup (config->endpoint, strlen (config->endpoint));
    self->name = zt_strndup (config->name, strlen (config->name));
    self->device = zt_strndup (config->device, strlen (config->device));
    self->token = zt_strndup (config->token, strlen (config->token));
    self->invite = s_copy (config->invite);
    self->pair = s_copy (config->pair);
    zt_client_encrypt (self, config->key);
    self->interactive = config->interactive;
    self->patient = config->interactive || config->patient;
    self->keeps = config->interactive || config->keeps;
    self->by_id = config->by_id;
    self->jitter_ms = config->jitter_ms;
    self->show = config->show;
    self->show_self = config->show_self;
    self->last_ref = config->ref_floor;
    self->backoff_ms = S_BACKOFF_MS;
    self->busy_told_at = INT64_MIN;
    self->lag = -1;
    self->retry_at = ZT_NEVER;
    self->heartbeat_ms = ZT_HEARTBEAT_MS;
    self->window = ZT_WINDOW;
    self->max_body = ZT_BODY_MAX;
    self->flags = zt_flags_new ();
    memcpy (self->open, "#general", sizeof "#general");
    for (size_t i = 0; i < ZT_TIMER_COUNT; i++)
        self->timers[i] = ZT_NEVER;
    self->timers[ZT_TIMER_SLOW] = now + S_SLOW_MS;
    if (!self->patient)
        self->timers[ZT_TIMER_START] = now + S_START_MS;

    zt_client_say (self, "connecting", "connecting to %s", self->endpoint);
    if (config->exposed)
        zt_client_say (self, "plain",
                       "not encrypted: everybody on the way to %s can read and change what is said",
                       self->endpoint);
    if (zt_flags_trouble (self->flags))
        zt_client_say (self, NULL, "names that mix scripts are not marked: ICU says %s",
                       zt_flags_trouble (self->flags));
    if (config->job)
        zt_client_job_begin (self, config->job, now);
    return self;
}

void zt_client_destroy (zt_client_t **self_p)
{
    zt_client_t *self = *self_p;
    if (!self)
        return;
    zt_client_job_end (self);
    zt_outbox_clear (&self->outbox);
    zt_due_clear (&self->due);
    zt_marks_clear (&self->marks);
    zt_buffer_free (&self->journal);
    zt_flags_destroy (&self->flags);
    zt_roster_clear (&self->rooms);
    zt_roster_clear (&self->roster);
    zt_roster_clear (&self->arriving);
    zt_receipts_clear (&self->receipts);
    zt_buffer_free (&self->frame);
    free (self->endpoint);
    free (self->name);
    free (self->device);
    free (self->token);
    free (self->invite);
    free (self->pair);
    free (self);
    *self_p = NULL;
}

void zt_client_end (zt_client_t *self, int status)
{
    zt_client_end_missed (self);
    if (self->task && self->phase != ZT_PHASE_OVER)
        zt_client_job_tell (self);
    self->phase = ZT_PHASE_OVER;
    self->status = status;
}

int zt_client_status (const zt_client_t *self)
{
    if (self->refused)
        return ZT_EXIT_REFUSED;
    return self->failed || self->outbox.count ? ZT_EXIT_FAILED : ZT_EXIT_OK;
}

/*  Forgets what belonged to the session. */
static void s_forget_session (zt_client_t *self)
{
    zt_buffer_clear (&self->frame);
    zt_outbox_rewind (&self->outbox);
    if (self->task && self->task->turns) /* the next session follows anyway */
        self->task->turns = self->bye_said = false;
    zt_roster_clear (&self->arriving);
    self->roster_arriving = self->roster_goes_on = false;
    self->ping_due = self->ack_due = false;
    self->pings = 0;
    self->probing = false;
    self->unacked = 0;
    self->missed = 0;
    self->arrived = 0;
    self->acked = 0; /* an ACK may have been lost; what comes again is acknowledged again */
    static const zt_timer_t timers[] = {ZT_TIMER_HELLO, ZT_TIMER_ANSWER, ZT_TIMER_RELINK,
                                        ZT_TIMER_BEAT,  ZT_TIMER_ACK,    ZT_TIMER_HOLD,
                                        ZT_TIMER_QUIET};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++)
        self->timers[timers[i]] = ZT_NEVER;
}

void zt_client_lose (zt_client_t *self, int64_t now)
{
    if (self->phase == ZT_PHASE_OVER)
        return;
    bool was_open = self->phase == ZT_PHASE_OPEN;
    zt_client_end_missed (self);
    self->phase = ZT_PHASE_DOWN;
    s_forget_session (self);
    if (!was_open)
        return;
    if (now - self->welcomed_at >= S_SETTLED_MS)
        self->backoff_ms = S_BACKOFF_MS;
    if (self->quitting || zt_client_is_done (self))
        zt_client_end (self, zt_client_status (self));
    else
        zt_client_say (self, "lost",
                       self->task ? _ ("connection lost; trying again")
                                  : _ ("connection lost; trying again. What you type is kept"));
}

void zt_client_lose_and_relink (zt_client_t *self, int64_t now)
{
    zt_client_lose (self, now);
    self->timers[ZT_TIMER_RELINK] = now + self->backoff_ms + self->jitter_ms;
    self->backoff_ms *= 2;
    if (self->backoff_ms > S_BACKOFF_MOST_MS)
        self->backoff_ms = S_BACKOFF_MOST_MS;
}

void zt_client_encrypt (zt_client_t *self, const char *key)
{
    snprintf (self->key, sizeof self->key, "%s", key ? key : "");
}

void zt_client_doubt (zt_client_t *self, const char *sentence)
{
    if (self->phase == ZT_PHASE_OVER || self->doubted)
        return;
    self->doubted = true;
    self->timers[ZT_TIMER_SLOW] = ZT_NEVER; /* this tells more */
    zt_client_say_text (self, "untrusted", zt_bytes (sentence));
}

void zt_client_refuse (zt_client_t *self, const char *code, const char *sentence)
{
    if (self->phase == ZT_PHASE_OVER)
        return;
    zt_client_say_text (self, code, zt_bytes (sentence));
    zt_client_end (self, ZT_EXIT_REFUSED);
}

void zt_client_tell (zt_client_t *self, const char *sentence)
{
    if (self->phase != ZT_PHASE_OVER)
        zt_client_say_text (self, NULL, zt_bytes (sentence));
}

void zt_client_retrying (zt_client_t *self, int64_t at)
{
    self->retry_at = at;
}

void zt_client_up (zt_client_t *self, int64_t now)
{
    self->retry_at = ZT_NEVER;
    zt_client_lose (self, now); /* if the connection before went without a word */
    if (self->phase == ZT_PHASE_OVER)
        return;
    self->doubted = false;
    self->phase = ZT_PHASE_UP;
    self->timers[ZT_TIMER_RELINK] = ZT_NEVER;
    self->timers[ZT_TIMER_HELLO] = now;
}

void zt_client_down (zt_client_t *self, int64_t now)
{
    zt_client_lose (self, now);
    self->timers[ZT_TIMER_RELINK] = ZT_NEVER; /* the socket itself reconnects */
}

void zt_client_progress (zt_client_t *self, int64_t now)
{
    if (zt_client_job (self) == ZT_JOB_SEND && !self->quitting)
        self->timers[ZT_TIMER_FINISH] =
            self->finishing || self->outbox.count ? zt_client_patience (self, now) : ZT_NEVER;
    else if (self->finishing && !self->quitting)
        self->timers[ZT_TIMER_FINISH] = now + S_FINISH_MS;
}

void zt_client_finish (zt_client_t *self, int64_t now)
{
    if (self->finishing || self->quitting)
        return;
    self->finishing = true;
    zt_client_progress (self, now);
    /*  Without a session nobody is there to say BYE to. A pipe's first
        connection is waited for: its exit status tells whether a broker is there. */
    bool waits = !zt_client_is_done (self) || !(self->welcomed || self->patient);
    if (self->phase != ZT_PHASE_OPEN && self->phase != ZT_PHASE_OVER && !waits)
        zt_client_end (self, zt_client_status (self));
}

/*  What a person has said, and is not sent yet. */
static size_t s_unsent (const zt_client_t *self)
{
    size_t count = 0;
    for (const zt_entry_t *entry = self->outbox.head; entry; entry = entry->next)
        count += entry->verb == ZT_VERB_SEND;
    return count;
}

bool zt_client_tell_kept (zt_client_t *self)
{
    unsigned long unsent = self->keeps ? (unsigned long) s_unsent (self) : 0;
    zt_buffer_t sentence = {NULL, 0, 0};
    if (!unsent)
        return false;
    zt_buffer_put_format (
        &sentence,
        zt_translate_many ("%lu message is kept, and is sent at the next start",
                           "%lu messages are kept, and are sent at the next start", unsent),
        unsent);
    zt_client_say_text (self, "unanswered", zt_buffer_bytes (&sentence));
    zt_buffer_free (&sentence);
    return true;
}

void zt_client_quit (zt_client_t *self, int64_t now)
{
    if (self->phase == ZT_PHASE_OVER)
        return;
    self->quitting = true;
    if (self->phase == ZT_PHASE_OPEN)
        self->timers[ZT_TIMER_FINISH] = now + S_QUIT_MS;
    else {
        if (self->interactive)
            zt_client_tell_kept (self);
        zt_client_end (self, zt_client_status (self));
    }
}

/*  The timers' functions. Each finds its timer switched off. */

static void s_answer (zt_client_t *self, int64_t now)
{
    zt_client_lose_and_relink (self, now);
}

static void s_relink (zt_client_t *self, int64_t now)
{
    (void) now;
    self->relink = true;
}

static int64_t s_later (int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*  A PING is due when nothing was said for a heartbeat, lest the broker calls us
    dead, and when nothing was heard for one, lest we miss that the broker is. */
static void s_beat (zt_client_t *self, int64_t now)
{
    int64_t said = s_later (self->sent_at, self->ping_at);
    int64_t heard = s_later (self->heard_at, self->ping_at);
    int64_t due = (said < heard ? said : heard) + self->heartbeat_ms;
    if (now < due) {
        self->timers[ZT_TIMER_BEAT] = due;
        return;
    }
    if (self->pings == S_PINGS_MAX) {
        zt_client_lose_and_relink (self, now);
        return;
    }
    self->pings++;
    self->ping_due = true;
    self->ping_at = now;
    self->timers[ZT_TIMER_BEAT] = now + self->heartbeat_ms;
}

static void s_ack (zt_client_t *self, int64_t now)
{
    (void) now;
    self->ack_due = true;
}

static void s_hold (zt_client_t *self, int64_t now)
{
    (void) self; /* that the timer is off is what lets the outbox go */
    (void) now;
}

static void s_quiet (zt_client_t *self, int64_t now)
{
    (void) now;
    zt_client_end_missed (self);
}

static void s_slow (zt_client_t *self, int64_t now)
{
    (void) now;
    zt_client_say (self, "waiting", "no answer from %s yet; still trying", self->endpoint);
}

static void s_start (zt_client_t *self, int64_t now)
{
    (void) now;
    zt_client_say (self, "unreachable",
                   self->doubted ? _ ("no broker that can be believed answers at %s")
                                 : _ ("no broker answers at %s"),
                   self->endpoint);
    zt_client_end (self, self->doubted ? ZT_EXIT_REFUSED : ZT_EXIT_UNREACHABLE);
}

static void s_finish (zt_client_t *self, int64_t now)
{
    if (!self->quitting && !self->welcomed) {
        s_start (self, now);
        return;
    }
    if (!self->quitting && zt_client_job (self) == ZT_JOB_SEND) {
        zt_client_job_gives_up (self);
        return;
    }
    zt_client_end_missed (self);
    if (self->outbox.count && !zt_client_tell_kept (self))
        zt_client_say (self, "unanswered", "ended with %zu unanswered", self->outbox.count);
    zt_client_end (self, zt_client_status (self));
}

void zt_client_tick (zt_client_t *self, int64_t now)
{
    static void (*const functions[ZT_TIMER_COUNT]) (zt_client_t *, int64_t) = {
        [ZT_TIMER_HELLO] = zt_client_hello,
        [ZT_TIMER_ANSWER] = s_answer,
        [ZT_TIMER_RELINK] = s_relink,
        [ZT_TIMER_BEAT] = s_beat,
        [ZT_TIMER_ACK] = s_ack,
        [ZT_TIMER_HOLD] = s_hold,
        [ZT_TIMER_QUIET] = s_quiet,
        [ZT_TIMER_SLOW] = s_slow,
        [ZT_TIMER_START] = s_start,
        [ZT_TIMER_FINISH] = s_finish,
    };
    for (size_t i = 0; i < ZT_TIMER_COUNT && self->phase != ZT_PHASE_OVER; i++) {
        if (now < self->timers[i])
            continue;
        self->timers[i] = ZT_NEVER;
        functions[i](self, now);
    }
}

int64_t zt_client_deadline (const zt_client_t *self)
{
    int64_t deadline = ZT_NEVER;
    for (size_t i = 0; i < ZT_TIMER_COUNT; i++)
        if (self->timers[i] < deadline)
            deadline = self->timers[i];
    return deadline;
}

int64_t zt_client_lag (const zt_client_t *self)
{
    return self->lag;
}

int64_t zt_client_retry_at (const zt_client_t *self)
{
    int64_t relink = self->timers[ZT_TIMER_RELINK];
    return relink < self->retry_at ? relink : self->retry_at;
}

bool zt_client_relink (zt_client_t *self)
{
    bool relink = self->relink && self->phase != ZT_PHASE_OVER;
    self->relink = false;
    return relink;
}

bool zt_client_takes_lines (const zt_client_t *self)
{
    return self->phase != ZT_PHASE_OVER && !self->quitting && !(self->task && self->finishing) &&
           self->outbox.count < S_OUTBOX_ENTRIES && self->outbox.bytes < S_OUTBOX_BYTES;
}

bool zt_client_over (const zt_client_t *self, int *status)
{
    if (self->phase == ZT_PHASE_OVER)
        *status = self->status;
    return self->phase == ZT_PHASE_OVER;
}
