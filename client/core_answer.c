/*  SPDX-License-Identifier: MPL-2.0 */

/*  The broker's answers to what was asked: SENT, RESULT and ERROR. */

#include "client/core_state.h"

#include "client/quote.h"
#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    S_RETRY_MS = 1000,       /* when the broker says "later" and not when */
    S_UNAVAILABLE_MS = 2000, /* a disk takes longer */
    S_BUSY_AGAIN_MS = 30000, /* before it is told again that it is so */
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
    self->probing = false;
    char from[ZT_TARGET_SIZE];
    snprintf (from, sizeof from, "@%s", self->name);
    zt_buffer_t body = {NULL, 0, 0};
    zt_outbox_put_body (&body, entry);
    zt_item_t item = {.kind = ZT_ITEM_MESSAGE,
                      .order = entry->order,
                      .ref = entry->ref,
                      .id = message->number[1],
                      .time = message->number[2],
                      .from = zt_bytes (from),
                      .to = zt_bytes (entry->target),
                      .body = zt_buffer_bytes (&body),
                      .own = true};
    if (item.time >= self->welcome_time)
        zt_client_end_missed (self);
    zt_client_show_message (self, &item);
    zt_buffer_free (&body);
    zt_client_note_sent (self, entry, item.id, item.time);
    zt_client_answered (self, entry, true);
    zt_outbox_remove (&self->outbox, entry);
    if (self->task)
        zt_client_job_sent (self, item.id);
    zt_client_progress (self, now);
}

zt_json_list_t zt_client_found (zt_bytes_t answer)
{
    return zt_json_list (zt_json_valid (answer) ? zt_json_member (answer, "messages")
                                                : (zt_bytes_t){NULL, 0});
}

bool zt_client_read_found (zt_bytes_t text, cJSON **message, zt_item_t *item)
{
    *message = zt_json_parse (text);
    *item = (zt_item_t){.kind = ZT_ITEM_FOUND,
                        .id = zt_client_number (*message, "id", 0),
                        .time = zt_client_number (*message, "time", 0),
                        .from = zt_json_string (*message, "from"),
                        .to = zt_json_string (*message, "to"),
                        .omitted = zt_json_bool (*message, "omitted", false)};
    if (!item->omitted)
        item->body = zt_json_member (text, "body");
    return zt_client_has_addresses (item);
}

size_t zt_client_show_found (zt_client_t *self, zt_bytes_t answer, bool where, uint64_t *oldest)
{
    size_t count = 0;
    zt_json_list_t list = zt_client_found (answer);
    zt_bytes_t name, text;
    while (zt_json_next (&list, &name, &text)) {
        cJSON *message;
        zt_item_t item;
        if (zt_client_read_found (text, &message, &item)) {
            item.where = where;
            zt_client_show_message (self, &item);
            if (oldest && (count == 0 || item.id < *oldest))
                *oldest = item.id;
            count++;
        }
        cJSON_Delete (message);
    }
    return count;
}

/*  Shows where an answer begins or ends that nobody has typed a question for. */
static void s_show_edge (zt_client_t *self, const zt_entry_t *entry, bool is_end, bool more,
                         const char *code)
{
    bool is_search = entry->verb == ZT_VERB_SEARCH;
    zt_item_t item = {.kind = is_search ? (is_end ? ZT_ITEM_HITS_END : ZT_ITEM_HITS)
                                        : (is_end ? ZT_ITEM_OLDER_END : ZT_ITEM_OLDER),
                      .order = entry->order,
                      .to = is_search ? zt_bytes (NULL) : zt_bytes (entry->target),
                      .text = is_search ? entry->text : zt_bytes (NULL),
                      .code = code,
                      .more = more};
    zt_client_show (self, &item);
}

static void s_show_quietly (zt_client_t *self, const zt_entry_t *entry, const cJSON *body,
                            zt_bytes_t answer)
{
    s_show_edge (self, entry, false, false, NULL);
    zt_client_show_found (self, answer, true, NULL);
    s_show_edge (self, entry, true, zt_json_bool (body, "more", false), NULL);
}

/*  Shows an answer to /history, and remembers where another one goes on. */
static void s_show_history (zt_client_t *self, const zt_entry_t *entry, const cJSON *body,
                            zt_bytes_t answer)
{
    uint64_t oldest = 0;
    bool more = zt_json_bool (body, "more", false);
    zt_flag_t flag = zt_client_flag (self, zt_bytes (entry->target));
    zt_buffer_t words = {NULL, 0, 0};
    zt_flag_put (&words, &flag);
    zt_client_say (self, NULL,
                   entry->before ? _ ("older history of %s%s:") : _ ("history of %s%s:"),
                   entry->target, zt_buffer_string (&words));
    zt_buffer_free (&words);
    size_t count = zt_client_show_found (self, answer, false, &oldest);
    if (more && count)
        zt_client_say (self, NULL,
                       entry->before ? _ ("the next %zu; /history again shows older ones")
                                     : _ ("the newest %zu; /history again shows older ones"),
                       count);
    else
        zt_client_say (self, NULL, "that was all (%zu)", count);
    snprintf (self->page.target, sizeof self->page.target, "%s", entry->target);
    self->page.before = more ? oldest : 0;
}

static void s_show_hits (zt_client_t *self, const zt_entry_t *entry, const cJSON *body,
                         zt_bytes_t answer)
{
    zt_client_say (self, NULL, "search for %.*s:", ZT_ARGS (entry->text));
    size_t count = zt_client_show_found (self, answer, true, NULL);
    if (count && zt_json_bool (body, "more", false))
        zt_client_say (self, NULL, "the newest %zu; there are older ones", count);
    else
        zt_client_say (self, NULL, "that was all (%zu)", count);
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

/*  True if it can be typed into a shell as it is: it comes from the broker, and is copied by
    a person. */
static bool s_is_code (zt_bytes_t code)
{
    enum { S_LONGEST = 32 };
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    if (code.size == 0 || code.size > S_LONGEST || code.data[0] == '-')
        return false;
    for (size_t i = 0; i < code.size; i++)
        if (!memchr (letters, code.data[i], sizeof letters - 1))
            return false;
    return true;
}

/*  Appends where the broker is for another device, as it is typed into a shell. */
static void s_put_place (const zt_client_t *self, zt_buffer_t *text)
{
    if (zt_endpoint_is_local (self->endpoint))
        zt_buffer_put_string (text, " ADDRESS-OF-THE-BROKER");
    else if (self->key[0]) {
        zt_buffer_t place = {NULL, 0, 0};
        zt_buffer_put_format (&place, "%s/%s", self->endpoint, self->key);
        zt_quote_put (text, zt_buffer_string (&place));
        zt_buffer_free (&place);
    } else
        zt_quote_put_option (text, "--plain", self->endpoint);
}

/*  Shows the code with which another device becomes one of this user. */
static void s_show_code (zt_client_t *self, const cJSON *body)
{
    enum { S_SECOND = 1000, S_MINUTE = 60 * S_SECOND };
    zt_bytes_t code = zt_json_string (body, "code");
    if (!s_is_code (code)) {
        zt_client_say (self, NULL, "the broker has answered without a code");
        return;
    }
    uint64_t ms = zt_client_number (body, "expires_ms", 0);
    uint64_t count = ms < S_MINUTE ? ms / S_SECOND : ms / S_MINUTE;
    zt_buffer_t text = {NULL, 0, 0};
    unsigned long n = (unsigned long) count;
    zt_buffer_put_format (&text,
                          ms < S_MINUTE
                              ? zt_translate_many ("on the new device type within %lu second:",
                                                   "on the new device type within %lu seconds:", n)
                              : zt_translate_many ("on the new device type within %lu minute:",
                                                   "on the new device type within %lu minutes:", n),
                          n);
    zt_buffer_put_string (&text, "\nztalk"); /* a row of its own can be copied */
    s_put_place (self, &text);
    zt_quote_put_option (&text, "-n", self->name);
    zt_quote_put_option (&text, "--pair", code.data);
    zt_item_t item = {.kind = ZT_ITEM_NOTICE, .code = code.data, .text = zt_buffer_bytes (&text)};
    zt_client_show (self, &item);
    zt_buffer_free (&text);
}

void zt_client_on_RESULT (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    if (zt_client_took_room (self, message->number[0], message->body))
        return;
    zt_entry_t *entry = zt_outbox_find (&self->outbox, message->number[0]);
    if (!entry || entry->verb == ZT_VERB_SEND)
        return;
    zt_client_progress (self, now);
    if (self->task) {
        zt_client_take_answer (self, entry, message->body);
        zt_outbox_remove (&self->outbox, entry);
        return;
    }
    cJSON *body = zt_json_parse (message->body);
    bool is_quiet =
        entry->quiet && (entry->verb == ZT_VERB_HISTORY || entry->verb == ZT_VERB_SEARCH);
    self->answering = entry->order;
    switch (is_quiet ? ZT_VERB_COUNT : entry->verb) {
    case ZT_VERB_COUNT:
        s_show_quietly (self, entry, body, message->body);
        break;
    case ZT_VERB_WHO:
        s_show_users (self, body, ZT_ITEM_ONLINE, NULL);
        break;
    case ZT_VERB_JOIN:
        s_show_users (self, body, ZT_ITEM_JOINED, zt_client_take_room (self, body, entry->target));
        break;
    case ZT_VERB_LEAVE:
        zt_client_show_names (self, ZT_ITEM_PARTED, entry->target, NULL, 0, false);
        zt_roster_remove (&self->rooms, zt_client_room (self, entry->target));
        break;
    case ZT_VERB_HISTORY:
        s_show_history (self, entry, body, message->body);
        break;
    case ZT_VERB_PAIR:
        s_show_code (self, body);
        break;
    default:
        s_show_hits (self, entry, body, message->body);
        break;
    }
    self->answering = 0;
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
    /*  It may be ours from the time before the broker encrypted. */
    if (error == ZT_ERROR_NAME_TAKEN && self->key[0] && !self->moves && !self->welcomed) {
        self->moves = true;
        self->phase = ZT_PHASE_UP;
        self->timers[ZT_TIMER_ANSWER] = ZT_NEVER;
        self->timers[ZT_TIMER_HELLO] = now;
        return;
    }
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
    zt_client_say (
        self, "refused",
        error == ZT_ERROR_NAME_TAKEN
            ? _ ("the broker refused (%s): %.*s; -n NAME takes another one; if it is yours on "
                 "another device, type /pair there")
            : _ ("the broker refused (%s): %.*s"),
        code, ZT_ARGS (sentence));
    zt_client_end (self, ZT_EXIT_REFUSED);
}

/*  True if it may be done later. */
static bool s_is_for_now (const zt_client_t *self, const zt_entry_t *entry, zt_error_t error,
                          int64_t now)
{
    if (error == ZT_ERROR_BUSY || error == ZT_ERROR_RATE_LIMITED || error == ZT_ERROR_UNAVAILABLE)
        return true;
    /*  A broker without a store knows after a restart only those who are back
        already: give the others as much time as we may need ourselves. */
    return error == ZT_ERROR_NO_SUCH_USER && (self->again || entry->repeated) &&
           now - self->welcomed_at < S_RETURN_MS;
}

/*  Tells that messages wait for the broker: once, and not for each message. */
static void s_tell_busy (zt_client_t *self, zt_error_t error, zt_bytes_t sentence, int64_t now)
{
    if (error == ZT_ERROR_NO_SUCH_USER ||
        (self->busy_told_at != INT64_MIN && now - self->busy_told_at < S_BUSY_AGAIN_MS))
        return;
    self->busy_told_at = now;
    if (error == ZT_ERROR_RATE_LIMITED) {
        zt_client_say (self, zt_error_code (error),
                       "the broker takes no more messages at once; the others are sent as it takes "
                       "them");
        return;
    }
    /*  The usual sentence of the code says the same in other words. */
    bool usual = zt_bytes_equal (sentence, zt_bytes (_ (zt_error_what (error))));
    zt_buffer_t why = {NULL, 0, 0};
    if (!usual)
        zt_buffer_put_format (&why, " (%.*s)", ZT_ARGS (sentence));
    /*  What stands for the first %s is empty, or what the broker says, in brackets. */
    zt_client_say (self, zt_error_code (error),
                   self->keeps
                       ? _ ("the broker cannot store messages now%s; yours are kept and sent when "
                            "it can")
                       : _ ("the broker cannot store messages now%s; yours wait until it can, but "
                            "not longer than 10 s after the end of the input"),
                   zt_buffer_string (&why));
    zt_buffer_free (&why);
}

/*  True for a question that is not about one conversation: it has no target to tell. */
static bool s_is_everywhere (const zt_entry_t *entry)
{
    return entry->target && strcmp (entry->target, "*") == 0;
}

/*  A request was refused: now, or altogether. */
static void s_refused (zt_client_t *self, zt_entry_t *entry, zt_error_t error, int64_t retry_ms,
                       zt_bytes_t sentence, int64_t now)
{
    bool is_send = entry->verb == ZT_VERB_SEND;
    bool is_for_now = s_is_for_now (self, entry, error, now);
    /*  A repetition that the broker does not know: its refusal was lost with an earlier
        session, or its ref was passed over. It was not stored: the broker remembers the
        refs of more messages than can be unanswered. */
    bool is_spent = is_send && error == ZT_ERROR_BAD_REQUEST && entry->repeated &&
                    entry->ref <= self->welcome_ref;
    if (is_for_now || is_spent) {
        if (is_send)
            zt_client_note_retry (self, entry);
        zt_outbox_retry (&self->outbox, entry);
        if (is_for_now)
            self->timers[ZT_TIMER_HOLD] = now + retry_ms;
        self->probing = self->probing || (is_for_now && is_send);
        if (is_for_now && is_send)
            s_tell_busy (self, error, sentence, now);
        if (is_for_now && is_send && self->interactive)
            zt_client_show_pending (self, entry);
        return;
    }
    zt_client_progress (self, now);
    self->probing = self->probing && !is_send;
    const char *code = error < ZT_ERROR_COUNT ? zt_error_code (error) : "error";
    zt_item_t item = {.kind = ZT_ITEM_ERROR,
                      .order = entry->order,
                      .ref = is_send ? entry->ref : 0,
                      .id = entry->re,
                      .code = code,
                      .to = s_is_everywhere (entry) ? zt_bytes (NULL) : zt_bytes (entry->target),
                      .text = is_send ? entry->text : (zt_bytes_t){NULL, 0},
                      .message = sentence};
    zt_client_answered (self, entry, false); /* shows what it answered, if nobody has seen it */
    if (!self->task || zt_client_job_refused (self, now))
        zt_client_show (self, &item);
    if (entry->quiet && (entry->verb == ZT_VERB_HISTORY || entry->verb == ZT_VERB_SEARCH))
        s_show_edge (self, entry, true, true, code);
    bool is_script = !self->interactive && !self->by_id; /* to a program it is told */
    self->failed = self->failed || (!self->task && (is_send || is_script));
    if (is_send)
        zt_client_note_refused (self, entry);
    if (entry->verb == ZT_VERB_JOIN && strcmp (self->open, entry->target) == 0)
        zt_client_open (self, "#general");
    zt_outbox_remove (&self->outbox, entry);
}

/*  What is told of an error. The broker's own words are told as they are; where it has none but
    the usual ones of the code, they are told in the person's language. */
static zt_bytes_t s_sentence (zt_bytes_t said, zt_error_t error, zt_bytes_t code)
{
    if (error >= ZT_ERROR_COUNT)
        return said.size ? said : code;
    const char *usual = zt_error_what (error);
    return said.size == 0 || zt_bytes_equal (said, zt_bytes (usual)) ? zt_bytes (_ (usual)) : said;
}

void zt_client_on_ERROR (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_error_t error = zt_error_find (message->word[1]);
    cJSON *body = zt_json_parse (message->body);
    zt_bytes_t sentence = zt_json_string (body, "message");
    sentence = s_sentence (sentence, error, message->word[1]);
    int64_t retry_ms = zt_client_number_within (
        body, "retry_ms", error == ZT_ERROR_UNAVAILABLE ? S_UNAVAILABLE_MS : S_RETRY_MS,
        S_RETRY_LEAST_MS, S_RETRY_MOST_MS);

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
    } else if (self->outbox.head && self->outbox.head->verb == ZT_VERB_ROOMS)
        zt_client_refuse (self, "refused",
                          _ ("this broker does not tell its rooms: it is too old"));
    else
        zt_client_say_error (self, error < ZT_ERROR_COUNT ? zt_error_code (error) : "error", NULL,
                             (zt_bytes_t){NULL, 0}, sentence);
    cJSON_Delete (body);
}
