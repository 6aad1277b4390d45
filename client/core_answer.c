/*  SPDX-License-Identifier: MPL-2.0 */

/*  The broker's answers to what was asked: SENT, RESULT and ERROR. */

#include "client/core_state.h"

#include "common/alloc.h"
#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    S_RETRY_MS = 1000, /* when the broker says "later" and not when */
    S_RETRY_LEAST_MS = 50,
    S_RETRY_MOST_MS = 60000,
    S_RETURN_MS = 5000, /* the time that everybody has to come back after a restart */
    S_TAKEN_MS = 15000  /* how long a name that was ours may be refused after a reconnect */
};

void zt_client_on_SENT (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_entry_t *entry = zt_outbox_find (&self->outbox, message->number[0]);
    if (!entry || entry->verb != ZT_VERB_SEND)
        return;
    zt_client_progress (self, now);
    char from[ZT_TARGET_SIZE];
    snprintf (from, sizeof from, "@%s", self->name);
    zt_buffer_t body = {NULL, 0, 0};
    zt_outbox_body (&body, ZT_VERB_SEND, entry->text);
    zt_item_t item = {.kind = ZT_ITEM_MESSAGE,
                      .id = message->number[1],
                      .time = message->number[2],
                      .from = zt_bytes (from),
                      .to = zt_bytes (entry->target),
                      .text = entry->text,
                      .body = zt_buffer_bytes (&body),
                      .has_text = true,
                      .own = true};
    self->show (self->show_self, &item);
    zt_buffer_free (&body);
    if (entry->target[0] == '@')
        zt_receipts_sent (&self->receipts, zt_bytes (entry->target + 1), item.id);
    zt_outbox_remove (&self->outbox, entry);
}

/*  Shows the messages of an answer; returns how many there were. */
static size_t s_show_found (zt_client_t *self, const cJSON *messages)
{
    size_t count = 0;
    zt_buffer_t body = {NULL, 0, 0};
    const cJSON *message;
    cJSON_ArrayForEach (message, messages)
    {
        zt_buffer_clear (&body);
        const cJSON *inner = cJSON_GetObjectItemCaseSensitive (message, "body");
        if (cJSON_IsObject (inner))
            zt_json_print (&body, inner);
        zt_item_t item = {.kind = ZT_ITEM_FOUND,
                          .id = zt_client_number (message, "id", 0),
                          .time = zt_client_number (message, "time", 0),
                          .from = zt_json_string (message, "from"),
                          .to = zt_json_string (message, "to"),
                          .body = zt_buffer_bytes (&body)};
        if (!zt_client_has_addresses (&item))
            continue;
        zt_client_show_message (self, &item);
        count++;
    }
    zt_buffer_free (&body);
    return count;
}

/*  Shows the names that an answer has, for a room or for all. */
static void s_show_users (zt_client_t *self, const cJSON *body, zt_item_kind_t kind, const char *to)
{
    const cJSON *users = cJSON_GetObjectItemCaseSensitive (body, "users");
    int most = cJSON_IsArray (users) ? cJSON_GetArraySize (users) : 0;
    const char **names = zt_alloc (((size_t) (most > 0 ? most : 0) + 1) * sizeof *names);
    size_t count = 0;
    const cJSON *name;
    cJSON_ArrayForEach (name, users)
    {
        if (cJSON_IsString (name))
            names[count++] = name->valuestring;
    }
    zt_client_show_names (self, kind, to, names, count, zt_json_bool (body, "more", false));
    free (names);
}

void zt_client_on_RESULT (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_entry_t *entry = zt_outbox_find (&self->outbox, message->number[0]);
    if (!entry || entry->verb == ZT_VERB_SEND)
        return;
    cJSON *body = zt_json_parse (message->body);
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive (body, "messages");
    const char *older = zt_json_bool (body, "more", false) ? "; there are older ones" : "";
    zt_client_progress (self, now);
    switch (entry->verb) {
    case ZT_VERB_WHO:
        s_show_users (self, body, ZT_ITEM_ONLINE, NULL);
        break;
    case ZT_VERB_JOIN:
        zt_roster_add (&self->rooms, entry->target);
        s_show_users (self, body, ZT_ITEM_JOINED, entry->target);
        break;
    case ZT_VERB_LEAVE:
        zt_roster_remove (&self->rooms, entry->target);
        zt_client_show_names (self, ZT_ITEM_PARTED, entry->target, NULL, 0, false);
        break;
    default:
        if (entry->verb == ZT_VERB_HISTORY)
            zt_client_say (self, NULL, "history of %s:", entry->target);
        else
            zt_client_say (self, NULL, "search for %.*s:", ZT_ARGS (entry->text));
        zt_client_say (self, NULL, "that was all (%zu)%s", s_show_found (self, messages), older);
        break;
    }
    cJSON_Delete (body);
    zt_outbox_remove (&self->outbox, entry);
}

/*  HELLO was refused. Some refusals pass; the others are the end. */
static void s_refused_hello (zt_client_t *self, zt_error_t error, int64_t retry_ms,
                             zt_bytes_t sentence, int64_t now)
{
    bool passes =
        error == ZT_ERROR_BUSY || error == ZT_ERROR_UNAVAILABLE || error == ZT_ERROR_RATE_LIMITED;
    if (error == ZT_ERROR_HELLO_FIRST)
        return; /* about what was said before this HELLO */
    /*  A broker that was restarted without a store may have given our name to
        somebody else: they may only be passing. */
    if (error == ZT_ERROR_NAME_TAKEN && self->welcomed) {
        if (!self->taken_since) {
            self->taken_since = now;
            zt_client_say (self, "name-taken", "the name %s is taken; still trying", self->name);
        }
        passes = now - self->taken_since < S_TAKEN_MS;
    }
    if (passes) {
        self->phase = ZT_PHASE_UP;
        self->timers[ZT_TIMER_ANSWER] = ZT_NEVER;
        self->timers[ZT_TIMER_HELLO] = now + retry_ms + self->jitter_ms;
        return;
    }
    const char *code = error < ZT_ERROR_COUNT ? zt_error_code (error) : "refused";
    zt_client_say (self, "refused", "the broker refused (%s): %.*s%s", code, ZT_ARGS (sentence),
                   error == ZT_ERROR_NAME_TAKEN ? "; -n NAME takes another one" : "");
    zt_client_end (self, ZT_EXIT_REFUSED);
}

/*  A request was refused: now, or altogether. */
static void s_refused (zt_client_t *self, zt_entry_t *entry, zt_error_t error, int64_t retry_ms,
                       zt_bytes_t sentence, int64_t now)
{
    zt_client_progress (self, now);
    /*  A broker without a store knows after a restart only those who are back
        already: give the others as much time as we may need ourselves. */
    bool returning =
        error == ZT_ERROR_NO_SUCH_USER && self->again && now - self->welcomed_at < S_RETURN_MS;
    if (error == ZT_ERROR_BUSY || error == ZT_ERROR_RATE_LIMITED || returning) {
        zt_outbox_retry (&self->outbox, entry);
        self->timers[ZT_TIMER_HOLD] = now + retry_ms;
        return;
    }
    bool is_send = entry->verb == ZT_VERB_SEND;
    const char *code = error < ZT_ERROR_COUNT ? zt_error_code (error) : "error";
    zt_bytes_t what = is_send ? entry->text : (zt_bytes_t){NULL, 0};
    zt_client_say_error (self, code, entry->target, what, sentence);
    self->failed = self->failed || is_send;
    if (entry->verb == ZT_VERB_JOIN && strcmp (self->open, entry->target) == 0)
        zt_client_open (self, "#general");
    zt_outbox_remove (&self->outbox, entry);
}

void zt_client_on_ERROR (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_error_t error = zt_error_find (message->word[1]);
    cJSON *body = zt_json_parse (message->body);
    zt_bytes_t sentence = zt_json_string (body, "message");
    if (sentence.size == 0)
        sentence = error < ZT_ERROR_COUNT ? zt_bytes (zt_error_what (error)) : message->word[1];
    int64_t retry_ms =
        zt_client_number_within (body, "retry_ms", S_RETRY_MS, S_RETRY_LEAST_MS, S_RETRY_MOST_MS);

    uint64_t ref;
    if (zt_u64_read (message->word[0], &ref)) { /* nothing is found of an older session */
        zt_entry_t *entry = zt_outbox_find (&self->outbox, ref);
        if (entry)
            s_refused (self, entry, error, retry_ms, sentence, now);
    } else if (self->phase == ZT_PHASE_GREETING)
        s_refused_hello (self, error, retry_ms, sentence, now);
    else if (error == ZT_ERROR_HELLO_FIRST) {
        /*  The broker was restarted behind the connection, or had ended the session. */
        zt_client_lose (self, now);
        if (self->phase != ZT_PHASE_OVER) {
            self->phase = ZT_PHASE_UP;
            self->timers[ZT_TIMER_HELLO] = now + S_RETRY_LEAST_MS;
        }
    } else
        zt_client_say_error (self, error < ZT_ERROR_COUNT ? zt_error_code (error) : "error", NULL,
                             (zt_bytes_t){NULL, 0}, sentence);
    cJSON_Delete (body);
}
