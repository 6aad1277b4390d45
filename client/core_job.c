/*  SPDX-License-Identifier: MPL-2.0 */

/*  The jobs: what a client does that is nobody's device. One that asks is in core_query.c.

    TAIL follows (PROTOCOL.md, 5.1): behind the last id that it has had, after each reconnect, so
    that nothing is left out or comes twice. What was said to a target before it begins is asked
    for as HISTORY, up to the end of the log that WELCOME tells, and then the same connection gets
    a session that follows from there.

    SEND has a device of its own to send with, so that what is sent again after a reconnect is
    known by its ref, and stored once. */

#include "client/core_state.h"

#include "common/alloc.h"
#include "common/limits.h"
#include "common/utf8.h"

#include <stdio.h>
#include <stdlib.h>

zt_job_kind_t zt_client_job (const zt_client_t *self)
{
    return self->task ? self->task->kind : ZT_JOB_NONE;
}

void zt_client_job_begin (zt_client_t *self, const zt_job_t *job, int64_t now)
{
    zt_task_t *task = zt_alloc (sizeof *task);
    self->task = task;
    task->kind = job->kind;
    snprintf (task->target, sizeof task->target, "%s", job->target ? job->target : "");
    task->words = job->words ? zt_strndup (job->words, strlen (job->words)) : NULL;
    task->since = job->since;
    task->count = job->count;
    task->waits = job->waits;
    task->patience_ms = job->patience_ms;
    if (task->target[0])
        zt_name_fold (zt_bytes (task->target + 1), &task->folded);
    bool has_since = task->since.id || task->since.time;
    task->left = task->count ? task->count : has_since ? UINT64_MAX : 1;
    if (job->kind == ZT_JOB_SEND)
        self->timers[ZT_TIMER_START] = zt_client_patience (self, now);
    else if (job->kind == ZT_JOB_TAIL)
        task->is_gathering = task->target[0] != '\0';
    else {
        zt_client_ask (self, job->before);
        zt_client_finish (self, now);
    }
}

void zt_client_job_end (zt_client_t *self)
{
    if (!self->task)
        return;
    zt_client_forget_pages (self);
    free (self->task->pages);
    free (self->task->words);
    free (self->task);
    self->task = NULL;
}

bool zt_client_is_done (const zt_client_t *self)
{
    const zt_task_t *task = self->task;
    bool has_arrived = !task || !task->waits || task->reached_id >= task->stored_id;
    return self->finishing && self->outbox.count == 0 && (has_arrived || self->refused);
}

/*  ---------------------------------------------------------------------------
    TAIL */

/*  Behind which id it goes on. */
static uint64_t s_place (const zt_client_t *self)
{
    return self->seen ? self->seen : self->task->begin;
}

void zt_client_put_follow (const zt_client_t *self, zt_buffer_t *body)
{
    const zt_task_t *task = self->task;
    if (task->is_gathering)
        zt_buffer_put_string (body, "\"receive\":false");
    else if (task->has_begun)
        zt_buffer_put_format (body, "\"follow\":%llu", (unsigned long long) s_place (self));
    else if (task->since.id || task->since.time)
        zt_buffer_put_format (body, "\"follow\":%llu", (unsigned long long) task->since.id);
    else if (task->count)
        zt_buffer_put_format (body, "\"follow\":0,\"replay\":%llu",
                              (unsigned long long) task->count);
    else
        zt_buffer_put_string (body, "\"follow\":true");
}

void zt_client_tail_welcome (zt_client_t *self, const cJSON *body)
{
    zt_task_t *task = self->task;
    bool begins = !task->has_end;
    const char *where = task->is_gathering ? "cursor" : "follow";
    if (!cJSON_GetObjectItemCaseSensitive (body, where)) {
        zt_client_refuse (self, "refused",
                          _ ("this broker does not let anybody follow: it is too old"));
        return;
    }
    if (begins)
        task->end = zt_client_number (body, where, 0);
    task->has_end = true;
    if (task->is_gathering) {
        if (begins)
            zt_client_ask (self, task->end + 1);
    } else if (!task->has_begun) {
        task->has_begun = true;
        task->begin = task->since.id ? task->since.id : task->since.time ? 0 : task->end;
    }
}

void zt_client_tail_begin (zt_client_t *self)
{
    self->task->is_gathering = false;
    self->task->has_begun = true;
    self->task->begin = self->task->end;
    self->task->turns = true;
}

static bool s_is_name (const zt_task_t *task, zt_bytes_t address)
{
    zt_folded_t folded;
    return !zt_name_fold ((zt_bytes_t){address.data + 1, address.size - 1}, &folded) &&
           folded.size == task->folded.size &&
           memcmp (folded.data, task->folded.data, folded.size) == 0;
}

/*  True for a message of the conversation that is followed. */
static bool s_is_of_target (const zt_task_t *task, const zt_item_t *item)
{
    if (!task->target[0])
        return true;
    if (item->to.data[0] != task->target[0])
        return false;
    return s_is_name (task, item->to) || (task->target[0] == '@' && s_is_name (task, item->from));
}

static void s_tell_gap (zt_client_t *self, uint64_t count)
{
    if (count)
        zt_client_say (self, "gap",
                       zt_translate_many ("up to %llu message is left out, because the broker "
                                          "replays no more; 'ztalk history' may show it",
                                          "up to %llu messages are left out, because the broker "
                                          "replays no more; 'ztalk history' may show them",
                                          count),
                       (unsigned long long) count);
    else
        zt_client_say (self, "gap",
                       "messages, nobody knows how many, are left out, because the broker keeps "
                       "no more of them");
}

bool zt_client_tail_takes (zt_client_t *self, const zt_item_t *item)
{
    zt_task_t *task = self->task;
    /*  What was left out matters only if it was not older than what is wanted. */
    if (task->has_gap && item->time >= task->since.time)
        s_tell_gap (self, task->gap_count);
    task->has_gap = false;
    return item->time >= task->since.time && s_is_of_target (task, item);
}

void zt_client_tail_gap (zt_client_t *self, uint64_t to, uint64_t count)
{
    zt_task_t *task = self->task;
    bool is_old = to <= task->end;
    if (to <= self->seen)
        return;
    self->seen = to;
    if (to > self->arrived)
        self->arrived = to;
    if (is_old && task->since.time) {
        task->has_gap = true;
        task->gap_count = count;
    } else if (!is_old || !task->count) /* else no more than these were asked for */
        s_tell_gap (self, count);
    zt_due_add_seen (&self->due, self->shown, to);
}

/*  ---------------------------------------------------------------------------
    SEND */

int64_t zt_client_patience (const zt_client_t *self, int64_t now)
{
    int64_t patience = self->task->patience_ms;
    return patience == ZT_NEVER ? ZT_NEVER : now + patience;
}

/*  Why it cannot be a message; NULL if it can. */
static const char *s_wrong_with (const zt_client_t *self, zt_bytes_t text)
{
    zt_buffer_t body = {NULL, 0, 0};
    if (text.size <= ZT_BODY_MAX)
        zt_outbox_body (&body, ZT_VERB_SEND, text);
    bool fits = text.size <= ZT_BODY_MAX && body.size <= self->max_body;
    zt_buffer_free (&body);
    if (!fits)
        return _ ("it is too long");
    if (!zt_utf8_valid (text))
        return _ ("it is not UTF-8");
    return memchr (text.data, '\0', text.size) ? _ ("there is a NUL in it") : NULL;
}

static void s_say_wrong (zt_client_t *self, const char *wrong, uint64_t line)
{
    zt_buffer_t sentence = {NULL, 0, 0};
    if (line)
        zt_buffer_put_format (&sentence,
                              _ ("line %llu of the input cannot be sent: %s; nothing from there on "
                                 "is sent"),
                              (unsigned long long) line, wrong);
    else
        zt_buffer_put_format (&sentence, _ ("this cannot be sent: %s"), wrong);
    zt_client_say_error (self, "not-text", NULL, (zt_bytes_t){NULL, 0},
                         zt_buffer_bytes (&sentence));
    zt_buffer_free (&sentence);
}

bool zt_client_offer (zt_client_t *self, zt_bytes_t text, uint64_t line, int64_t now)
{
    if (self->phase == ZT_PHASE_OVER || self->finishing || self->quitting)
        return false;
    if (text.size == 0)
        return true;
    const char *wrong = s_wrong_with (self, text);
    self->task->posted++;
    if (wrong) {
        self->failed = true;
        s_say_wrong (self, wrong, line);
        zt_client_finish (self, now);
        return false;
    }
    zt_outbox_add (&self->outbox, ZT_VERB_SEND, self->task->target, text, 0);
    if (self->outbox.count == 1)
        zt_client_progress (self, now);
    return true;
}

void zt_client_job_sent (zt_client_t *self, uint64_t id)
{
    self->task->sent++;
    if (id > self->task->stored_id)
        self->task->stored_id = id;
}

void zt_client_job_reached (zt_client_t *self, uint64_t id, zt_bytes_t name, int64_t now)
{
    if (!s_is_name (self->task, name) || id <= self->task->reached_id)
        return;
    self->task->reached_id = id;
    zt_client_progress (self, now);
}

bool zt_client_job_refused (zt_client_t *self, int64_t now)
{
    bool is_first = !self->refused;
    self->refused = true;
    /*  What has no ref has never been on the wire. */
    zt_entry_t *entry = self->outbox.head;
    while (self->task->kind == ZT_JOB_SEND && entry) {
        zt_entry_t *next = entry->next;
        if (!entry->ref)
            zt_outbox_remove (&self->outbox, entry);
        entry = next;
    }
    zt_client_finish (self, now);
    return is_first;
}

void zt_client_job_tell (zt_client_t *self)
{
    const zt_task_t *task = self->task;
    if (task->kind != ZT_JOB_SEND || task->posted < 2 || task->sent >= task->posted)
        return;
    zt_client_say (
        self, "sent",
        self->outbox.count ? _ ("%llu of %llu messages were sent; of %zu more it is not known")
                           : _ ("%llu of %llu messages were sent"),
        (unsigned long long) task->sent, (unsigned long long) task->posted, self->outbox.count);
}

void zt_client_job_gives_up (zt_client_t *self)
{
    const char *target = self->task->target;
    if (self->phase != ZT_PHASE_OPEN) {
        zt_client_say (self, "unreachable", "no broker answers at %s any more", self->endpoint);
        zt_client_end (self, ZT_EXIT_UNREACHABLE);
        return;
    }
    if (self->outbox.count)
        zt_client_say (self, "unanswered",
                       "the broker has not taken the rest in time (--timeout waits longer)");
    else
        zt_client_say (self, "undelivered",
                       "sent, but not delivered to %s in time (--timeout waits longer)",
                       target + 1);
    zt_client_end (self, ZT_EXIT_FAILED);
}
