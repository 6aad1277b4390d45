/*  SPDX-License-Identifier: MPL-2.0

    The broker's core against up to eight peers who say what they like, a store
    that takes its time or fails, and connections that end at any moment.

    The input is a row of events: a byte for the peer (its low 3 bits) and what
    happens (the others, see s_event), then the bytes that this takes. Most of it
    is what clients say, made with our own encoder so that the fuzzer need not find
    out how a HELLO is spelled; the rest is any bytes. At the end the store catches
    up, everybody acknowledges everything, and nothing may be missing. */

#include "tests/fuzz.h"

#include "broker/store_memory.h"
#include "common/alloc.h"
#include "common/limits.h"
#include "common/wire.h"
#include "tests/broker_model.h"

#include <assert.h>
#include <stdlib.h>

enum { S_BUDGET = 8 << 20, S_COMPLETIONS = 64 };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    zt_core_t *core;
    zt_store_t *store;
    zt_model_t *model;
    bool has_failed;
    zt_request_t failed; /* a COMMIT that is not going to be stored */
    uint64_t now;
    uint64_t refs[ZT_MODEL_PEERS]; /* the last one said */
    size_t budget;                 /* bytes that may still be said */
    bool fails;                    /* the next APPEND does */
    bool store_waits;
    bool turn_waits;
    zt_buffer_t frame;
    zt_buffer_t body;
} s_fuzz_t;

static uint8_t s_byte (s_fuzz_t *self)
{
    return self->at < self->end ? *self->at++ : 0;
}

/*  ---------------------------------------------------------------------------
    What the shell does */

static void s_take_requests (s_fuzz_t *self)
{
    for (zt_request_t request; zt_core_next_request (self->core, &request);) {
        if (request.kind == ZT_STORE_COMMIT && self->fails) {
            self->fails = false;
            self->has_failed = true;
            self->failed = request;
        } else
            self->store->submit (self->store, &request);
    }
}

/*  Brings one completion. False if there is none. */
static bool s_complete (s_fuzz_t *self)
{
    zt_completion_t completion;
    zt_core_commit (self->core);
    s_take_requests (self);
    if (self->has_failed) {
        completion = (zt_completion_t){.kind = ZT_STORE_COMMIT,
                                       .result = ZT_STORE_UNAVAILABLE,
                                       .slice = self->failed.slice,
                                       .records = self->failed.records};
        self->has_failed = false;
    } else if (!self->store->next (self->store, &completion))
        return self->store->is_busy (self->store);
    if (completion.kind == ZT_STORE_COMMIT && completion.slice &&
        completion.result == ZT_STORE_DONE)
        zt_model_stored (self->model, completion.slice);
    zt_core_stored (self->core, &completion, self->now);
    zt_completion_clear (&completion);
    return true;
}

static void s_store (s_fuzz_t *self)
{
    for (int i = 0; i < S_COMPLETIONS && s_complete (self); i++) {}
    zt_core_commit (self->core);
    s_take_requests (self);
}

static void s_send (s_fuzz_t *self)
{
    zt_frame_t frame;
    zt_line_t line;
    uint32_t peer;
    zt_core_flush (self->core, self->now);
    while (zt_core_next_frame (self->core, &frame))
        zt_model_receives (self->model, &frame);
    zt_model_turn_over (self->model);
    while (zt_core_next_line (self->core, &line))
        assert (line.text.size > 0 && !memchr (line.text.data, '\n', line.text.size));
    while (zt_core_next_drop (self->core, &peer)) {
        zt_core_gone (self->core, peer, self->now);
        zt_model_gone (self->model, peer);
    }
}

static void s_turn (s_fuzz_t *self)
{
    if (self->now >= zt_core_deadline (self->core))
        zt_core_tick (self->core, self->now);
    if (!self->store_waits)
        s_store (self);
    if (!self->turn_waits)
        s_send (self);
}

/*  ---------------------------------------------------------------------------
    What peers say */

/*  Gives the frame to the core, as bytes that end where they end. */
static void s_say (s_fuzz_t *self, uint32_t peer)
{
    zt_bytes_t said = zt_buffer_bytes (&self->frame);
    if (said.size <= self->budget) {
        char *copy = zt_realloc (NULL, said.size, 1);
        if (said.size)
            memcpy (copy, said.data, said.size);
        self->budget -= said.size;
        zt_model_sends (self->model, peer, (zt_bytes_t){copy, said.size});
        zt_core_frame (self->core, peer, copy, said.size, self->now);
        free (copy);
    }
    zt_buffer_clear (&self->frame);
}

static void s_put (s_fuzz_t *self, zt_verb_t verb, uint64_t a, const char *word, uint64_t b,
                   uint64_t c)
{
    zt_wire_put (&self->frame, &(zt_message_t){.verb = verb,
                                               .number = {a, 0, b, c},
                                               .word = {zt_bytes (word), zt_bytes (word)},
                                               .body = zt_buffer_bytes (&self->body)});
}

/*  The first of the last two is Cyrillic, and the other looks like it. */
static const char *s_user (uint8_t which)
{
    static const char *const names[] = {"olena", "Olena", "ivan", "taras", "оля", "b", "а", "a"};
    return names[which & 7];
}

static const char *s_target (uint8_t which)
{
    static const char *const names[] = {"#general", "@olena",  "@ivan", "@taras",  "@оля", "#dev",
                                        "#Dev",     "@nobody", "@a",    "#b",      "@b",   "#",
                                        "olena",    "@а",      "*",     "#General"};
    return names[which & 15];
}

static void s_hello (s_fuzz_t *self, uint32_t peer)
{
    uint8_t who = s_byte (self), how = s_byte (self);
    zt_buffer_clear (&self->body);
    zt_buffer_put_string (&self->body, "{\"client\":\"fuzz\"");
    if (how & 3)
        zt_buffer_put_format (&self->body, ",\"device\":\"d%d\"", how & 3);
    if (how & 12)
        zt_buffer_put_format (&self->body, ",\"token\":\"t%d\"", how & 12);
    if (how & 16)
        zt_buffer_put_string (&self->body, ",\"sent\":\"last\"");
    if (how & 32)
        zt_buffer_put_string (&self->body, ",\"receipts\":true");
    if ((how & 192) == 192)
        zt_buffer_put_string (&self->body, ",\"receive\":false");
    if ((how & 192) == 64)
        zt_buffer_put_string (&self->body, ",\"follow\":true");
    if ((how & 192) == 128)
        zt_buffer_put_format (&self->body, ",\"follow\":%llu,\"replay\":%d",
                              (unsigned long long) zt_model_last_id (self->model, peer) / 2,
                              how & 48);
    zt_buffer_put_char (&self->body, '}');
    zt_wire_put (&self->frame,
                 &(zt_message_t){.verb = ZT_VERB_HELLO,
                                 .word = {zt_bytes ("ZTALK/1"), zt_bytes (s_user (who))},
                                 .body = zt_buffer_bytes (&self->body)});
    zt_buffer_clear (&self->body);
    s_say (self, peer);
}

/*  A body of about that size, in some of the shapes that clients can think of. */
static void s_make_body (s_fuzz_t *self, uint8_t size)
{
    enum { S_DEEP = 64 };
    zt_buffer_clear (&self->body);
    if (size % 16 == 15) /* deep */
        for (int i = 1; i < S_DEEP; i++)
            zt_buffer_put_string (&self->body, "{\"a\":");
    zt_buffer_put_string (&self->body, "{\"text\":\"x");
    size_t n = (size_t) size * size; /* up to 65025 */
    memset (zt_buffer_reserve (&self->body, n), 'y', n);
    self->body.size += n;
    zt_buffer_put_string (&self->body, "\"}");
    if (size % 16 == 15)
        for (int i = 1; i < S_DEEP; i++)
            zt_buffer_put_char (&self->body, '}');
    if (size % 16 == 14) /* broken */
        self->body.data[2] = '"';
}

/*  Some SENDs in one frame. */
static void s_sends (s_fuzz_t *self, uint32_t peer)
{
    uint8_t target = s_byte (self), count = s_byte (self), step = s_byte (self);
    s_make_body (self, s_byte (self));
    size_t n = 1u + count % 64;
    for (size_t i = 0; i < n && self->frame.size + self->body.size + 64 < ZT_FRAME_MAX; i++) {
        self->refs[peer] += step > 250 ? 2 : 1;
        s_put (self, ZT_VERB_SEND, self->refs[peer], s_target (target), 0, 0);
    }
    zt_buffer_clear (&self->body);
    s_say (self, peer);
}

static void s_repeat (s_fuzz_t *self, uint32_t peer)
{
    uint8_t target = s_byte (self), back = s_byte (self);
    s_make_body (self, 1);
    s_put (self, ZT_VERB_SEND, self->refs[peer] > back ? self->refs[peer] - back : back,
           s_target (target), 0, 0);
    zt_buffer_clear (&self->body);
    s_say (self, peer);
}

static void s_ack (s_fuzz_t *self, uint32_t peer, uint64_t id)
{
    s_put (self, ZT_VERB_ACK, id, "", 0, 0);
    s_say (self, peer);
}

static void s_query (s_fuzz_t *self, uint32_t peer, zt_verb_t verb)
{
    uint8_t target = s_byte (self), count = s_byte (self);
    uint64_t before = s_byte (self);
    if (verb == ZT_VERB_SEARCH) {
        zt_buffer_put_string (&self->body, count & 1 ? "{\"query\":\"Y\"}" : "{\"query\":\"\"}");
        s_put (self, verb, before, s_target (target), count * 4u, 0);
    } else
        s_put (self, verb, 1, s_target (target),
               before ? zt_model_last_id (self->model, peer) + before : 0, count * 4u);
    zt_buffer_clear (&self->body);
    s_say (self, peer);
}

static void s_raw (s_fuzz_t *self, uint32_t peer, size_t size)
{
    size_t left = (size_t) (self->end - self->at);
    size = size < left ? size : left;
    zt_buffer_put (&self->frame, self->at, size);
    self->at += size;
    s_say (self, peer);
}

/*  ---------------------------------------------------------------------------
    Events */

static void s_gone (s_fuzz_t *self, uint32_t peer)
{
    zt_core_gone (self->core, peer, self->now);
    zt_model_gone (self->model, peer);
}

static void s_event (s_fuzz_t *self)
{
    uint8_t kind = s_byte (self);
    uint32_t peer = kind & 7;
    uint64_t last = zt_model_last_id (self->model, peer);
    switch (kind >> 3) {
    case 0:
        s_hello (self, peer);
        break;
    case 1:
    case 2:
        s_sends (self, peer);
        break;
    case 3:
        s_repeat (self, peer);
        break;
    case 4:
        s_ack (self, peer, last);
        break;
    case 5:
        s_ack (self, peer, last > s_byte (self) ? last - self->at[-1] : 0);
        break;
    case 6:
        s_ack (self, peer, last + s_byte (self) * 8u);
        break;
    case 7:
        s_query (self, peer, ZT_VERB_HISTORY);
        break;
    case 8:
        s_query (self, peer, ZT_VERB_SEARCH);
        break;
    case 9:
        s_query (self, peer, ZT_VERB_JOIN);
        break;
    case 10:
        s_query (self, peer, ZT_VERB_LEAVE);
        break;
    case 11:
        s_query (self, peer, self->now & 1 ? ZT_VERB_WHO : ZT_VERB_ROOMS);
        break;
    case 12:
        zt_buffer_put_string (&self->frame, "BYE\n");
        s_say (self, peer);
        break;
    case 13:
    case 14:
        s_raw (self, peer, s_byte (self));
        break;
    case 15:
        zt_core_bad_frame (self->core, peer, self->now);
        break;
    case 16:
        s_gone (self, peer);
        break;
    case 17:
        self->now += s_byte (self);
        break;
    case 18:
        self->now += s_byte (self) * 100u;
        break;
    case 19:
        self->store_waits = !self->store_waits;
        break;
    case 20:
        self->turn_waits = !self->turn_waits;
        break;
    case 21:
        s_complete (self);
        break;
    case 22:
        self->fails = true;
        break;
    case 23:
        zt_core_kick (self->core, zt_bytes (s_user (s_byte (self))), self->now);
        break;
    case 24: /* the clock goes back */
        self->now -= self->now > 5000 ? 1000 : 0;
        zt_core_tick (self->core, self->now);
        break;
    case 25:
        if (s_byte (self) == 0)
            zt_core_shutdown (self->core, self->now);
        break;
    case 26:
        zt_buffer_put_string (&self->frame, "PING x\nPING y\n");
        s_say (self, peer);
        break;
    default:
        break;
    }
    s_turn (self);
}

/*  Everything that is on its way arrives. */
static void s_settle (s_fuzz_t *self)
{
    bool more = true;
    self->store_waits = self->turn_waits = self->fails = false;
    self->budget = SIZE_MAX;
    while (more) {
        do
            s_turn (self);
        while (self->store->is_busy (self->store));
        more = false;
        for (uint32_t peer = 0; peer < ZT_MODEL_PEERS; peer++)
            if (zt_model_unacknowledged (self->model, peer)) {
                more = true;
                s_ack (self, peer, zt_model_last_id (self->model, peer));
            }
    }
    zt_model_check_all (self->model);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const size_t logs[] = {64 << 20, 1 << 20, 1 << 16, 1};
    s_fuzz_t fuzz = {.at = data, .end = data + size, .now = 1000000, .budget = S_BUDGET};
    fuzz.store = zt_store_memory_new (logs[s_byte (&fuzz) & 3]);
    fuzz.core =
        zt_core_new (&(zt_core_config_t){.motd = "hello", .first_id = 1000, .replay = ZT_REPLAY});
    fuzz.model = zt_model_new (fuzz.core);
    while (fuzz.at < fuzz.end)
        s_event (&fuzz);
    s_settle (&fuzz);
    zt_model_destroy (&fuzz.model);
    zt_core_destroy (&fuzz.core);
    fuzz.store->destroy (&fuzz.store);
    zt_buffer_free (&fuzz.frame);
    zt_buffer_free (&fuzz.body);
    return 0;
}
