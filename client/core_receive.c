/*  SPDX-License-Identifier: MPL-2.0 */

/*  What the broker says. All of it may be wrong, and some brokers may mean it. */

#include "client/core_state.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/limits.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    S_ACK_MS = 50,
    S_QUIET_MS = 2000, /* nothing for so long, and what was missed has come */
    S_HEARTBEAT_LEAST_MS = 100,
    S_HEARTBEAT_MOST_MS = 3600000,
    S_WINDOW_MOST = 65536
};

uint64_t zt_client_number (const cJSON *object, const char *name, uint64_t fallback)
{
    uint64_t number = fallback;
    zt_json_number (object, name, &number);
    return number;
}

int64_t zt_client_number_within (const cJSON *object, const char *name, int64_t fallback,
                                 int64_t least, int64_t most)
{
    int64_t number = (int64_t) zt_client_number (object, name, (uint64_t) fallback);
    return number < least ? least : number > most ? most : number;
}

/*  True for '@' or '#' with something behind it. */
static bool s_is_address (zt_bytes_t word, char sign)
{
    return word.size > 1 && word.data[0] == sign;
}

bool zt_client_has_addresses (const zt_item_t *item)
{
    return s_is_address (item->from, '@') &&
           (s_is_address (item->to, '@') || s_is_address (item->to, '#'));
}

/*  A name of a peer as a string, in a buffer of ZT_NAME_BYTES + 1. */
static bool s_copy_name (zt_bytes_t word, char *name)
{
    if (word.size == 0 || word.size > ZT_NAME_BYTES)
        return false;
    memcpy (name, word.data, word.size);
    name[word.size] = '\0';
    return true;
}

void zt_client_show_message (zt_client_t *self, zt_item_t *item)
{
    zt_buffer_t text = {NULL, 0, 0};
    if (!zt_json_valid (item->body))
        item->body = (zt_bytes_t){NULL, 0};
    item->has_text = zt_json_unescape (&text, zt_json_member (item->body, "text"));
    item->text = (zt_bytes_t){zt_buffer_string (&text), text.size};
    zt_client_show (self, item);
    zt_buffer_free (&text);
}

void zt_client_end_missed (zt_client_t *self)
{
    zt_item_t item = {.kind = ZT_ITEM_CAUGHT_UP, .count = self->missed};
    if (self->missed)
        zt_client_show (self, &item);
    self->missed = 0;
    self->timers[ZT_TIMER_QUIET] = ZT_NEVER;
}

/*  What is older than the session was missed. The protocol does not tell where that
    ends, so it ends with the first that is not (or with one of ours that the broker
    stores meanwhile), when for a while nothing comes, or with the session. */
static void s_look_whether_missed (zt_client_t *self, uint64_t time, int64_t now)
{
    if (time >= self->welcome_time) {
        zt_client_end_missed (self);
        return;
    }
    zt_item_t item = {.kind = ZT_ITEM_MISSED, .time = time};
    if (self->missed++ == 0)
        zt_client_show (self, &item);
    self->timers[ZT_TIMER_QUIET] = now + S_QUIET_MS;
}

zt_item_t zt_client_item_of (const zt_message_t *message)
{
    return (zt_item_t){.kind = ZT_ITEM_MESSAGE,
                       .id = message->number[0],
                       .time = message->number[1],
                       .from = message->word[2],
                       .to = message->word[3],
                       .body = message->body};
}

void zt_client_on_MSG (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_item_t item = zt_client_item_of (message);
    if (!zt_client_has_addresses (&item)) {
        zt_client_malformed (self, now);
        return;
    }
    if (item.id > self->arrived)
        self->arrived = item.id;
    /*  A repetition is not shown, but counts: the broker waits for its ACK. */
    if (item.id > self->seen && self->task) {
        self->seen = item.id;
        if (zt_client_tail_takes (self, &item))
            zt_client_show_message (self, &item);
        zt_due_add_seen (&self->due, self->shown, item.id);
    } else if (item.id > self->seen) {
        bool is_new = !self->by_id || zt_client_arrived (self, message);
        self->seen = item.id;
        if (is_new) {
            s_look_whether_missed (self, item.time, now);
            zt_client_show_message (self, &item);
        }
        if (self->by_id)
            zt_client_advance (self);
        else
            zt_due_add_seen (&self->due, self->shown, item.id);
    }
    if (++self->unacked >= self->window / 2)
        self->ack_due = true;
    else if (self->timers[ZT_TIMER_ACK] == ZT_NEVER)
        self->timers[ZT_TIMER_ACK] = now + S_ACK_MS;
}

void zt_client_on_PONG (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    /*  Like any frame it was a sign of life. */
    uint64_t number;
    if (zt_u64_read (message->word[0], &number) && number == self->ping_number)
        self->lag = now - self->ping_at;
}

/*  Takes up which names look like older ones. */
static void s_take_lookalikes (zt_client_t *self, const cJSON *body)
{
    const cJSON *pair;
    cJSON_ArrayForEach (pair, cJSON_GetObjectItemCaseSensitive (body, "lookalikes"))
    {
        if (pair->string && cJSON_IsString (pair))
            zt_flags_add (self->flags, pair->string, pair->valuestring);
    }
}

/*  Who is taken for somebody else should know why. */
static void s_tell_own_flag (zt_client_t *self)
{
    zt_flag_t flag = zt_flags_find (self->flags, zt_bytes (self->name));
    if (flag.like.size)
        zt_client_say (self, NULL,
                       "your name looks like %.*s, which is older: others see it marked so",
                       ZT_ARGS (flag.like));
    else if (flag.mixes)
        zt_client_say (self, NULL, "your name mixes scripts: others see it marked so");
}

void zt_client_on_WELCOME (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    cJSON *body = zt_json_parse (message->body);
    char name[ZT_TARGET_SIZE];
    if (!body || !s_copy_name (message->word[0], name)) {
        cJSON_Delete (body);
        zt_client_malformed (self, now);
        return;
    }
    free (self->name);
    self->name = zt_strndup (name, strlen (name));
    self->heartbeat_ms = zt_client_number_within (body, "heartbeat_ms", ZT_HEARTBEAT_MS,
                                                  S_HEARTBEAT_LEAST_MS, S_HEARTBEAT_MOST_MS);
    self->window = (size_t) zt_client_number_within (body, "window", ZT_WINDOW, 1, S_WINDOW_MOST);
    self->max_body =
        (size_t) zt_client_number_within (body, "max_body", ZT_BODY_MAX, 1, ZT_BODY_MAX);
    uint64_t last_ref = zt_client_number (body, "last_ref", 0);
    if (last_ref > self->last_ref)
        self->last_ref = last_ref;
    self->welcome_ref = last_ref;
    self->welcome_time = message->number[1];

    self->phase = ZT_PHASE_OPEN;
    self->welcomed_at = self->sent_at = self->heard_at = self->ping_at = now;
    self->taken_since = 0;
    self->timers[ZT_TIMER_ANSWER] = self->timers[ZT_TIMER_SLOW] = ZT_NEVER;
    self->timers[ZT_TIMER_START] = ZT_NEVER;
    self->timers[ZT_TIMER_BEAT] = now + self->heartbeat_ms;
    zt_client_progress (self, now);
    zt_flags_clear (self->flags);
    s_take_lookalikes (self, body);
    self->again = self->welcomed;
    if (self->again)
        zt_client_say (self, "reconnected", "connected again");
    else {
        zt_bytes_t broker = zt_json_string (body, "broker");
        zt_bytes_t version = zt_json_string (body, "version");
        zt_client_say (self, "connected",
                       self->key[0] ? _ ("connected to %.*s %.*s at %s as %s, encrypted")
                                    : _ ("connected to %.*s %.*s at %s as %s"),
                       ZT_ARGS (broker), ZT_ARGS (version), self->endpoint, self->name);
        zt_bytes_t motd = zt_json_string (body, "motd");
        if (motd.size)
            zt_client_say_text (self, NULL, motd);
        s_tell_own_flag (self);
    }
    self->welcomed = true;
    self->moves = false;
    self->roster_arriving = true;
    if (zt_client_job (self) == ZT_JOB_TAIL)
        zt_client_tail_welcome (self, body);
    zt_client_keep_rooms (self, cJSON_GetObjectItemCaseSensitive (body, "rooms"));
    cJSON_Delete (body);
}

void zt_client_on_RECEIPT (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_bytes_t name = message->word[1];
    if (s_is_address (name, '@') && zt_client_job (self) == ZT_JOB_SEND)
        zt_client_job_reached (self, message->number[0], name, now);
    if (s_is_address (name, '@'))
        zt_receipts_received (&self->receipts, (zt_bytes_t){name.data + 1, name.size - 1},
                              message->number[0]);
}

void zt_client_show_names (zt_client_t *self, zt_item_kind_t kind, const char *to,
                           const char *const *names, size_t count, bool more)
{
    zt_item_t item = {
        .kind = kind, .to = zt_bytes (to), .names = names, .names_count = count, .more = more};
    zt_client_show (self, &item);
}

/*  The list that begins a session is complete: shows all of it the first time,
    and after a reconnect what is not as it was. */
static void s_take_roster (zt_client_t *self)
{
    zt_roster_t *old = &self->roster;
    zt_roster_t *new = &self->arriving;
    size_t most = old->count + new->count;
    const char **names = zt_alloc ((most ? most : 1) * sizeof *names);
    if (!self->roster_known)
        zt_client_show_names (self, ZT_ITEM_ONLINE, NULL, names,
                              zt_roster_without (new, &(zt_roster_t){NULL, 0, 0}, names), false);
    else {
        size_t count = zt_roster_without (new, old, names);
        if (count)
            zt_client_show_names (self, ZT_ITEM_HERE, NULL, names, count, false);
        count = zt_roster_without (old, new, names);
        if (count)
            zt_client_show_names (self, ZT_ITEM_LEFT, NULL, names, count, false);
    }
    free (names);
    zt_roster_clear (old);
    *old = *new;
    *new = (zt_roster_t){NULL, 0, 0};
    self->roster_known = true;
    self->roster_arriving = self->roster_goes_on = false;
}

/*  Applies a list of names with apply, and shows those that it changed something for. */
static void s_change_roster (zt_client_t *self, const cJSON *list, zt_item_kind_t kind,
                             bool (*apply) (zt_roster_t *, const char *))
{
    int most = cJSON_IsArray (list) ? cJSON_GetArraySize (list) : 0;
    if (most <= 0)
        return;
    const char **names = zt_alloc ((size_t) most * sizeof *names);
    size_t count = 0;
    const cJSON *name;
    cJSON_ArrayForEach (name, list)
    {
        if (cJSON_IsString (name) && apply (&self->roster, name->valuestring))
            names[count++] = name->valuestring;
    }
    if (count)
        zt_client_show_names (self, kind, NULL, names, count, false);
    free (names);
}

/*  Takes a part of the list, or a change that comes between its parts. Parts have a
    member `more`; a list of one part may be without, but has us in it. */
static void s_gather_roster (zt_client_t *self, const cJSON *online, const cJSON *offline,
                             const cJSON *more)
{
    const cJSON *name;
    cJSON_ArrayForEach (name, offline)
    {
        if (cJSON_IsString (name))
            zt_roster_remove (&self->arriving, name->valuestring);
    }
    cJSON_ArrayForEach (name, online)
    {
        if (cJSON_IsString (name))
            zt_roster_add (&self->arriving, name->valuestring);
    }
    bool is_whole = !self->roster_goes_on && cJSON_GetArraySize (online) > 0;
    if (cJSON_IsTrue (more))
        self->roster_goes_on = true;
    else if (cJSON_IsFalse (more) || is_whole)
        s_take_roster (self);
}

void zt_client_on_PRESENCE (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    cJSON *body = zt_json_parse (message->body);
    if (!body) {
        zt_client_malformed (self, now);
        return;
    }
    const cJSON *online = cJSON_GetObjectItemCaseSensitive (body, "online");
    const cJSON *offline = cJSON_GetObjectItemCaseSensitive (body, "offline");
    s_take_lookalikes (self, body);
    if (self->roster_arriving)
        s_gather_roster (self, online, offline, cJSON_GetObjectItemCaseSensitive (body, "more"));
    else {
        s_change_roster (self, offline, ZT_ITEM_LEFT, zt_roster_remove);
        s_change_roster (self, online, ZT_ITEM_HERE, zt_roster_add);
    }
    cJSON_Delete (body);
}

void zt_client_on_GAP (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    (void) now;
    if (self->task) {
        zt_client_tail_gap (self, message->number[1], message->number[2]);
        return;
    }
    zt_item_t item = {.kind = ZT_ITEM_GAP,
                      .from_id = message->number[0],
                      .id = message->number[1],
                      .count = message->number[2]};
    zt_client_show (self, &item);
}

void zt_client_on_GOODBYE (zt_client_t *self, const zt_message_t *message, int64_t now)
{
    zt_reason_t reason = zt_reason_find (message->word[0]);
    zt_client_end_missed (self);
    if (reason != ZT_REASON_COUNT)
        zt_client_say_text (self, zt_reason_word (reason), zt_bytes (_ (zt_reason_what (reason))));
    if (reason == ZT_REASON_KICKED || reason == ZT_REASON_REPLACED)
        zt_client_end (self, ZT_EXIT_REFUSED);
    else
        zt_client_lose_and_relink (self, now);
}

void zt_client_malformed (zt_client_t *self, int64_t now)
{
    if (self->phase == ZT_PHASE_OVER)
        return;
    /*  What stood behind it in the frame is lost to us, and an ACK of what comes
        next would stand for it: a new session begins where we have acknowledged. */
    zt_client_say_error (self, "malformed", NULL, (zt_bytes_t){NULL, 0},
                         zt_bytes (_ ("the broker said something that is not ZTALK/1; "
                                      "connecting anew")));
    zt_client_lose_and_relink (self, now);
}

/*  True if the broker may say it now. What is left of a session that is over is not read. */
static bool s_is_expected (const zt_client_t *self, zt_verb_t verb)
{
    if (self->phase == ZT_PHASE_GREETING)
        return verb == ZT_VERB_WELCOME || verb == ZT_VERB_ERROR || verb == ZT_VERB_GOODBYE;
    return self->phase == ZT_PHASE_OPEN && verb != ZT_VERB_WELCOME;
}

void zt_client_receive (zt_client_t *self, zt_bytes_t frame, int64_t now)
{
#define S_ROW(name, verb, fields, body, what) [ZT_VERB_##name] = zt_client_on_##name,
    static void (*const functions[]) (zt_client_t *, const zt_message_t *,
                                      int64_t) = {ZT_BROKER_VERBS (S_ROW)};
#undef S_ROW
    self->heard_at = now;
    self->pings = 0;
    if (frame.size == 0) {
        zt_client_malformed (self, now);
        return;
    }
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_BROKER);
    zt_wire_result_t result;
    zt_message_t message;
    while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE ||
           result == ZT_WIRE_TOO_LARGE)
        if (s_is_expected (self, message.verb))
            functions[message.verb](self, &message, now);
    if (result == ZT_WIRE_MALFORMED && self->phase >= ZT_PHASE_GREETING)
        zt_client_malformed (self, now);

    zt_bytes_t name;
    uint64_t id;
    while (zt_receipts_news (&self->receipts, &name, &id)) {
        char to[ZT_TARGET_SIZE];
        snprintf (to, sizeof to, "@%.*s", ZT_ARGS (name));
        zt_item_t item = {.kind = ZT_ITEM_DELIVERED, .id = id, .to = zt_bytes (to)};
        zt_client_show (self, &item);
        zt_client_note_receipt (self, id, name);
    }
}
