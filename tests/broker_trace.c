/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/broker_trace.h"

#include "broker/core.h"
#include "broker/store_memory.h"
#include "common/alloc.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_PEERS = 512, S_BEGIN_MS = 1000, S_LOG_BYTES = 1 << 24 };

/*  Messages to a peer that the transcript has not come to yet: a line each, "|"
    where a frame begins. */
typedef struct {
    char name[64];
    zt_buffer_t inbox;
    bool dropped;
} s_peer_t;

typedef struct {
    zt_core_t *core;
    zt_store_t *store;
    s_peer_t peers[S_PEERS];
    uint32_t n_peers;
    uint64_t now;
    bool holds;
    bool fails;
    bool has_held;
    zt_request_t held;
    zt_core_config_t config;
    unsigned char chance; /* what the next code is made of */
    /*  What a store on disk would have, beside the log. */
    zt_records_t saved;
    zt_store_start_t end;
    const char *line; /* of the transcript */
    size_t line_size;
} s_trace_t;

static void s_fail (const s_trace_t *self, const char *what, const char *got)
{
    fail_msg ("\n  transcript: %.*s\n  %s: %s", (int) self->line_size, self->line, what, got);
}

static uint32_t s_peer (s_trace_t *self, const char *name, size_t size)
{
    uint32_t i = 0;
    while (i < self->n_peers &&
           (strlen (self->peers[i].name) != size || memcmp (self->peers[i].name, name, size) != 0))
        i++;
    if (i == self->n_peers) {
        assert_true (self->n_peers < S_PEERS && size < sizeof self->peers[i].name);
        memcpy (self->peers[i].name, name, size);
        self->n_peers++;
    }
    return i;
}

/*  ---------------------------------------------------------------------------
    What comes out */

/*  A message as a transcript has it: the body's length left out, on one line. */
static void s_put_message (zt_buffer_t *inbox, const zt_message_t *message)
{
    const zt_verb_row_t *row = zt_verb_row (message->verb);
    zt_buffer_put_string (inbox, row->name);
    for (size_t i = 0; row->fields[i]; i++) {
        zt_buffer_put_char (inbox, ' ');
        if (row->fields[i] == 'u')
            zt_buffer_put_u64 (inbox, message->number[i]);
        else
            zt_buffer_put_bytes (inbox, message->word[i]);
    }
    if (row->has_body) {
        zt_buffer_put_char (inbox, ' ');
        zt_buffer_put_bytes (inbox, message->body);
    }
    zt_buffer_put_char (inbox, '\n');
}

static void s_take_frame (s_trace_t *self, const zt_frame_t *frame)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    for (uint32_t i = 0; i < frame->n_parts; i++)
        zt_buffer_put_bytes (&bytes, frame->parts[i]);
    assert_int_equal (bytes.size, frame->size);
    assert_true (frame->size <= ZT_FRAME_MAX);
    assert_true (frame->peer < self->n_peers);

    zt_buffer_t *inbox = &self->peers[frame->peer].inbox;
    zt_buffer_put_string (inbox, "|\n");
    zt_reader_t reader = zt_reader (bytes.data, bytes.size, ZT_FROM_BROKER);
    zt_message_t message;
    zt_wire_result_t result;
    while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE)
        s_put_message (inbox, &message);
    assert_int_equal (result, ZT_WIRE_END);
    zt_buffer_free (&bytes);
}

/*  Notes what a device has sent in its record, as a store on disk does. */
static void s_save_ref (s_trace_t *self, const zt_run_t *run)
{
    for (uint32_t i = 0; i < self->saved.n; i++) {
        zt_record_t *record = &self->saved.rows[i];
        if (record->kind == ZT_RECORD_DEVICE && record->number == run->device)
            record->ref = run->first_ref + run->count - 1;
    }
}

static void s_save (s_trace_t *self, const zt_request_t *request)
{
    for (uint32_t i = 0; i < request->records.n; i++)
        zt_records_add (&self->saved, &request->records.rows[i]);
    self->end.last_number = request->last_number;
    if (!request->slice)
        return;
    self->end.last_id = request->slice->last_id;
    for (uint32_t i = 0; i < request->slice->n_runs; i++)
        s_save_ref (self, &request->slice->runs[i]);
}

static void s_refuse (s_trace_t *self, const zt_request_t *request)
{
    zt_completion_t completion = {.kind = ZT_STORE_COMMIT,
                                  .result = ZT_STORE_UNAVAILABLE,
                                  .slice = request->slice,
                                  .records = request->records};
    zt_core_stored (self->core, &completion, self->now);
    zt_completion_clear (&completion);
}

/*  Does the commit that was held, or refuses it. */
static void s_let_go (s_trace_t *self)
{
    if (!self->has_held)
        return;
    self->has_held = false;
    if (self->fails)
        s_refuse (self, &self->held);
    else {
        s_save (self, &self->held);
        self->store->submit (self->store, &self->held);
    }
}

/*  Hands what the core asks for to the store. */
static void s_submit (s_trace_t *self)
{
    zt_request_t request;
    zt_core_commit (self->core);
    while (zt_core_next_request (self->core, &request)) {
        if (request.kind != ZT_STORE_COMMIT) {
            self->store->submit (self->store, &request);
            continue;
        }
        self->held = request; /* there is never more than one under way */
        self->has_held = true;
        if (!self->holds)
            s_let_go (self);
    }
}

/*  A code is so many times the same letter, and the next one is of the next letter. */
static void s_stir (s_trace_t *self, size_t size)
{
    unsigned char bytes[ZT_RANDOM_POOL];
    memset (bytes, self->chance++, sizeof bytes);
    zt_core_stir (self->core, bytes, size);
}

/*  A turn of the shell. */
static void s_turn (s_trace_t *self)
{
    zt_completion_t completion;
    if (!self->holds)
        s_let_go (self);
    s_submit (self);
    while (!self->holds && self->store->next (self->store, &completion)) {
        zt_core_stored (self->core, &completion, self->now);
        zt_completion_clear (&completion);
        s_submit (self);
    }
    zt_frame_t frame;
    uint32_t peer;
    zt_line_t line;
    zt_core_flush (self->core, self->now);
    while (zt_core_next_frame (self->core, &frame))
        s_take_frame (self, &frame);
    while (zt_core_next_drop (self->core, &peer))
        self->peers[peer].dropped = true;
    while (zt_core_next_line (self->core, &line))
        assert_true (line.text.size > 0);
}

/*  Lets time go by, tick by tick. */
static void s_wait (s_trace_t *self, uint64_t ms)
{
    uint64_t end = self->now + ms;
    for (;;) {
        uint64_t deadline = zt_core_deadline (self->core);
        self->now = deadline < end ? (deadline > self->now ? deadline : self->now) : end;
        zt_core_tick (self->core, self->now);
        s_turn (self);
        if (self->now >= end)
            return;
        assert_true (zt_core_deadline (self->core) > self->now);
    }
}

/*  The next message to a peer, cut off its inbox; "" if there is none. A frame's
    beginning is passed over unless it is asked for. */
static void s_next_message (s_trace_t *self, uint32_t peer, bool wants_frame, zt_buffer_t *line)
{
    zt_buffer_t *inbox = &self->peers[peer].inbox;
    zt_buffer_clear (line);
    while (inbox->size && line->size == 0) {
        char *end = memchr (inbox->data, '\n', inbox->size);
        size_t size = (size_t) (end - inbox->data);
        if (inbox->data[0] != '|' || wants_frame)
            zt_buffer_put (line, inbox->data, size);
        zt_buffer_consume (inbox, size + 1);
    }
}

/*  Does the message match, where "*" stands for a word or all that follows? */
static bool s_matches (const char *pattern, size_t pattern_size, const char *text)
{
    const char *end = pattern + pattern_size;
    while (pattern < end) {
        if (*pattern == '*' && pattern + 1 == end)
            return true;
        if (*pattern == '*' && pattern[-1] == ' ') {
            while (*text && *text != ' ')
                text++;
            pattern++;
        } else if (*pattern++ != *text++)
            return false;
    }
    return *text == '\0';
}

static void s_expect (s_trace_t *self, uint32_t peer, const char *pattern, size_t size)
{
    zt_buffer_t line = {NULL, 0, 0};
    s_next_message (self, peer, size == 1 && pattern[0] == '|', &line);
    const char *got = zt_buffer_string (&line);
    bool as_expected = size == 0 ? line.size == 0 : s_matches (pattern, size, got);
    if (!as_expected)
        s_fail (self, "but got", line.size ? got : "nothing");
    zt_buffer_free (&line);
}

/*  ---------------------------------------------------------------------------
    What goes in */

/*  "SEND 1 @ivan {…}" becomes what goes over the wire. */
static void s_put_spoken (zt_buffer_t *frame, const char *text, size_t size)
{
    const char *body = memmem (text, size, " {", 2);
    size_t header = body ? (size_t) (body - text) : size;
    zt_buffer_put (frame, text, header);
    if (body) {
        size_t body_size = size - header - 1;
        zt_buffer_put_format (frame, " %zu\n", body_size);
        zt_buffer_put (frame, body + 1, body_size);
    }
    zt_buffer_put_char (frame, '\n');
}

/*  raw bytes, with \n and \xHH. */
static void s_put_raw (zt_buffer_t *frame, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\' && i + 1 < size && text[i + 1] == 'n') {
            zt_buffer_put_char (frame, '\n');
            i++;
        } else if (text[i] == '\\' && i + 3 < size && text[i + 1] == 'x') {
            char hex[3] = {text[i + 2], text[i + 3], '\0'};
            zt_buffer_put_char (frame, (char) strtol (hex, NULL, 16));
            i += 3;
        } else
            zt_buffer_put_char (frame, text[i]);
    }
}

static void s_say (s_trace_t *self, uint32_t peer, const char *text, size_t size)
{
    zt_buffer_t frame = {NULL, 0, 0};
    if (size >= 4 && memcmp (text, "raw ", 4) == 0)
        s_put_raw (&frame, text + 4, size - 4);
    else
        while (size) {
            const char *bar = memmem (text, size, " | ", 3);
            size_t part = bar ? (size_t) (bar - text) : size;
            s_put_spoken (&frame, text, part);
            size_t eaten = bar ? part + 3 : part;
            text += eaten;
            size -= eaten;
        }
    /*  A copy of just its size, so that a sanitizer sees what is read beyond it. */
    char *exact = zt_alloc (frame.size);
    if (frame.size)
        memcpy (exact, frame.data, frame.size);
    zt_core_frame (self->core, peer, exact, frame.size, self->now);
    free (exact);
    zt_buffer_free (&frame);
    s_turn (self);
}

static bool s_is (const s_trace_t *self, const char *text)
{
    return self->line_size == strlen (text) && memcmp (self->line, text, self->line_size) == 0;
}

static zt_key_t s_key (char letter)
{
    zt_key_t key;
    memset (key.text, letter, ZT_KEY_CHARS);
    key.text[ZT_KEY_CHARS] = '\0';
    assert_true (zt_key_read (zt_bytes (key.text), &key));
    return key;
}

/*  "admit olena a", "revoke olena a", "invite olena", "ban a"; with "refused: " in front it
    cannot be done. */
static bool s_let_in (s_trace_t *self)
{
    static const char refused[] = "refused: ";
    char verb[16], name[64], letter = ' ';
    char line[256], code[ZT_INVITE_SIZE];
    snprintf (line, sizeof line, "%.*s", (int) self->line_size, self->line);
    bool is_refused = strncmp (line, refused, strlen (refused)) == 0;
    int n =
        sscanf (line + (is_refused ? strlen (refused) : 0), "%15s %63s %c", verb, name, &letter);
    zt_key_t key = n == 3 ? s_key (letter) : (zt_key_t){""};
    const char *wrong = NULL;
    if (n == 3 && strcmp (verb, "admit") == 0)
        wrong = zt_core_admit (self->core, zt_bytes (name), &key);
    else if (n == 3 && strcmp (verb, "revoke") == 0)
        wrong = zt_core_revoke (self->core, zt_bytes (name), &key, self->now);
    else if (n == 2 && strcmp (verb, "ban") == 0) {
        key = s_key (name[0]);
        zt_core_kick_key (self->core, &key, self->now);
    } else if (n == 2 && strcmp (verb, "invite") == 0) {
        wrong = zt_core_invite (self->core, zt_bytes (name), code);
        s_stir (self, wrong ? 0 : ZT_INVITE_LETTERS);
    } else
        return false;
    if (is_refused ? !wrong : wrong != NULL)
        s_fail (self, "but the core says", wrong ? wrong : "that it is done");
    s_turn (self);
    return true;
}

/*  "mute olena 5000", "unmute olena", "say {...}". */
static bool s_operate (s_trace_t *self)
{
    char line[256], name[64];
    unsigned long long ms;
    uint64_t id;
    const char *wrong = NULL;
    snprintf (line, sizeof line, "%.*s", (int) self->line_size, self->line);
    if (sscanf (line, "mute %63s %llu", name, &ms) == 2)
        wrong = zt_core_mute (self->core, zt_bytes (name), self->now + ms, self->now);
    else if (sscanf (line, "unmute %63s", name) == 1)
        wrong = zt_core_unmute (self->core, zt_bytes (name)) ? NULL : "was not muted";
    else if (strncmp (line, "say ", 4) == 0)
        wrong = zt_core_say (self->core, zt_bytes (line + 4), self->now, &id);
    else
        return false;
    if (wrong)
        s_fail (self, "but the core says", wrong);
    s_turn (self);
    return true;
}

/*  A line about a peer that is neither said nor heard: "olena gone". */
static void s_happen (s_trace_t *self)
{
    if (s_let_in (self) || s_operate (self))
        return;
    const char *space = memchr (self->line, ' ', self->line_size);
    assert_non_null (space);
    size_t name_size = (size_t) (space - self->line);
    zt_bytes_t rest = {space + 1, self->line_size - name_size - 1};
    if (zt_bytes_equal (rest, zt_bytes ("gone"))) {
        uint32_t peer = s_peer (self, self->line, name_size);
        zt_core_gone (self->core, peer, self->now);
        s_turn (self);
        zt_buffer_clear (&self->peers[peer].inbox);
        self->peers[peer].dropped = false;
    } else if (rest.size == 9 && memcmp (rest.data, "has key ", 8) == 0) {
        zt_key_t key = s_key (rest.data[8]);
        zt_core_came (self->core, s_peer (self, self->line, name_size), &key);
    } else if (zt_bytes_equal (rest, zt_bytes ("dropped"))) {
        uint32_t peer = s_peer (self, self->line, name_size);
        if (!self->peers[peer].dropped)
            s_fail (self, "but it is", "not dropped");
    } else if (name_size == 4 && memcmp (self->line, "kick", 4) == 0) {
        zt_core_kick (self->core, rest, self->now);
        s_turn (self);
    } else
        s_fail (self, "this line is", "not understood");
}

static void s_store_line (s_trace_t *self)
{
    self->holds = s_is (self, "store holds");
    self->fails = s_is (self, "store fails");
    if (!self->holds && !self->fails && !s_is (self, "store goes on"))
        s_fail (self, "this line is", "not understood");
    s_turn (self);
}

static void s_begin (s_trace_t *self, uint32_t replay)
{
    self->config.motd = "";
    self->config.own_name = "Broker";
    self->config.first_id = 1;
    self->config.replay = replay;
    self->core = zt_core_new (&self->config);
    self->chance = 0;
    /*  In pieces of a whole code: a code is made of the end of the pool. */
    s_stir (self, zt_core_wants_random (self->core));
    for (uint32_t i = 0; i < self->saved.n; i++)
        zt_core_restore (self->core, &self->saved.rows[i]);
    zt_core_start (self->core, &self->end);
}

/*  The broker dies and begins again. What was under way is stored, but nobody has
    been told; all connections are gone. */
static void s_crash (s_trace_t *self, uint32_t replay)
{
    zt_completion_t completion;
    self->holds = self->fails = false;
    s_let_go (self);
    while (self->store->next (self->store, &completion))
        zt_completion_clear (&completion);
    zt_core_destroy (&self->core);
    s_begin (self, replay);
}

/*  "registration invite", "at most 10 a second, 20 at once". */
static bool s_configure (s_trace_t *self)
{
    char line[256], word[16];
    snprintf (line, sizeof line, "%.*s", (int) self->line_size, self->line);
    if (sscanf (line, "registration %15s", word) == 1)
        self->config.registration = strcmp (word, "invite") == 0   ? ZT_REGISTRATION_INVITE
                                    : strcmp (word, "closed") == 0 ? ZT_REGISTRATION_CLOSED
                                                                   : ZT_REGISTRATION_OPEN;
    else if (sscanf (line, "at most %u a second, %u at once", &self->config.messages_per_s,
                     &self->config.messages_burst) != 2)
        return false;
    s_crash (self, ZT_REPLAY);
    return true;
}

/*  The counter or gauge of that name; false if there is none. */
static bool s_find_count (s_trace_t *self, const char *name, uint64_t *count)
{
    static const char refused[] = "refused/", ended[] = "sessions_ended/";
    const zt_stats_t *stats = zt_core_stats (self->core);
    bool found = false;
    if (strncmp (name, refused, strlen (refused)) == 0) {
        zt_error_t error = zt_error_find (zt_bytes (name + strlen (refused)));
        found = error < ZT_ERROR_COUNT;
        *count = found ? stats->refused[error] : 0;
    } else if (strncmp (name, ended, strlen (ended)) == 0) {
        zt_reason_t reason = zt_reason_find (zt_bytes (name + strlen (ended)));
        found = reason < ZT_REASON_COUNT;
        *count = found ? stats->ended[reason] : 0;
    }
    for (unsigned i = 0; i < ZT_STAT_COUNT && !found; i++) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_stat_put_name ((zt_stat_t) i, &text);
        found = strcmp (zt_buffer_string (&text), name) == 0;
        *count = stats->value[i];
        zt_buffer_free (&text);
    }
    return found;
}

/*  "counts deliveries 2". */
static bool s_count (s_trace_t *self)
{
    char line[256], name[64], is[32];
    unsigned long long expected;
    uint64_t count;
    snprintf (line, sizeof line, "%.*s", (int) self->line_size, self->line);
    if (sscanf (line, "counts %63s %llu", name, &expected) != 2)
        return false;
    zt_core_measure (self->core);
    if (!s_find_count (self, name, &count))
        s_fail (self, "there is", "no such counter");
    snprintf (is, sizeof is, "%llu", (unsigned long long) count);
    if (count != expected)
        s_fail (self, "but it is", is);
    return true;
}

static void s_line (s_trace_t *self)
{
    const char *line = self->line;
    size_t size = self->line_size;
    const char *space = memchr (line, ' ', size);
    size_t word = space ? (size_t) (space - line) : size;
    char last = line[word - 1];
    if (s_configure (self) || s_count (self))
        return;
    if (line[0] == '-') {
        self->now -= strtoull (line + 1, NULL, 10);
        zt_core_tick (self->core, self->now);
        s_turn (self);
    } else if (line[0] == '+')
        s_wait (self, strtoull (line + 1, NULL, 10));
    else if (size > 6 && memcmp (line, "store ", 6) == 0)
        s_store_line (self);
    else if (size >= 5 && memcmp (line, "crash", 5) == 0)
        s_crash (self, space ? (uint32_t) strtoul (space + 1, NULL, 10) : ZT_REPLAY);
    else if (s_is (self, "shutdown")) {
        zt_core_shutdown (self->core, self->now);
        s_turn (self);
    } else if (size >= 2 && memcmp (line + size - 2, "<|", 2) == 0)
        s_expect (self, s_peer (self, line, size - 2), "|", 1);
    else if (last == '>')
        s_say (self, s_peer (self, line, word - 1), line + word + 1, size - word - 1);
    else if (last == '<')
        s_expect (self, s_peer (self, line, word - 1), space ? space + 1 : "",
                  space ? size - word - 1 : 0);
    else
        s_happen (self);
}

void zt_broker_trace_with (const char *transcript, size_t log_bytes)
{
    s_trace_t *self = zt_alloc (sizeof *self);
    self->now = S_BEGIN_MS;
    self->store = zt_store_memory_new (log_bytes);
    s_begin (self, ZT_REPLAY);
    for (const char *at = transcript; *at;) {
        const char *end = strchr (at, '\n');
        self->line = at;
        self->line_size = end ? (size_t) (end - at) : strlen (at);
        if (self->line_size && *at != '#')
            s_line (self);
        at = end ? end + 1 : at + self->line_size;
    }
    self->line = "(the end)";
    self->line_size = strlen (self->line);
    zt_buffer_t left = {NULL, 0, 0};
    for (uint32_t i = 0; i < self->n_peers; i++) {
        s_next_message (self, i, false, &left);
        if (left.size)
            s_fail (self, self->peers[i].name, zt_buffer_string (&left));
        zt_buffer_free (&self->peers[i].inbox);
    }
    zt_buffer_free (&left);
    self->holds = self->fails = false;
    s_let_go (self);
    zt_core_destroy (&self->core);
    self->store->destroy (&self->store);
    zt_records_clear (&self->saved);
    free (self);
}

void zt_broker_trace (const char *transcript)
{
    zt_broker_trace_with (transcript, S_LOG_BYTES);
}
