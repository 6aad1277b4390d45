/*  SPDX-License-Identifier: MPL-2.0

    The dialect of ztalk, as PROTOCOL.md has it: all that is ready goes into one
    frame, one ACK for half a window, one SENT for a commit. */

#include "tools/bench_load.h"

#include "common/json.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/wire.h"

#include <stdio.h>

enum {
    S_ACK_MS = 50,
    S_HEADER_MOST = 128 /* bytes of a SEND's header: a verb, two numbers, a target of ours */
};

/*  Notes when the SENDs that are being flushed have left. */
static void s_note_leaving (zt_bench_link_t *link)
{
    uint64_t now_ns = link->left < link->ref ? zt_bench_now_ns () : 0;
    while (link->left < link->ref)
        link->left_ns[++link->left % link->window] = now_ns;
}

static bool s_flush (zt_bench_link_t *link)
{
    if (link->out.size == 0)
        return true;
    if (link->acks)
        s_note_leaving (link);
    bool ok = zt_bench_link_send (link, zt_buffer_bytes (&link->out), zt_bytes (NULL));
    zt_buffer_clear (&link->out);
    return ok;
}

static bool s_hello (zt_bench_link_t *link)
{
    char body[160];
    int size = snprintf (body, sizeof body,
                         "{\"device\":\"bench\",\"receive\":%s,\"sent\":\"last\","
                         "\"receipts\":false,\"client\":\"ztalk-bench " ZT_VERSION "\"}",
                         link->receives ? "true" : "false");
    zt_message_t hello = {.verb = ZT_VERB_HELLO, .body = {body, (size_t) size}};
    hello.word[0] = zt_bytes ("ZTALK/1");
    hello.word[1] = zt_bytes (link->target + 1);
    zt_wire_put (&link->out, &hello);
    return s_flush (link);
}

static size_t s_room (const zt_bench_link_t *link)
{
    return (size_t) (link->window - (link->ref - link->answered));
}

static bool s_put (zt_bench_link_t *link, const zt_bench_link_t *to, zt_bytes_t body)
{
    if (link->out.size + S_HEADER_MOST + body.size > ZT_FRAME_MAX && !s_flush (link))
        return false;
    zt_message_t send = {.verb = ZT_VERB_SEND, .number = {++link->ref}, .body = body};
    send.word[1] = zt_bytes (to ? to->target : "#general");
    zt_wire_put (&link->out, &send);
    return true;
}

static bool s_acknowledge (zt_bench_link_t *link)
{
    zt_wire_put (&link->out, &(zt_message_t){.verb = ZT_VERB_ACK, .number = {link->last_id}});
    link->owed = 0;
    link->owed_ms = 0;
    return s_flush (link);
}

static bool s_take_msg (zt_bench_link_t *link, const zt_message_t *message, zt_bench_sink_fn *fn,
                        void *self)
{
    if (message->number[0] <= link->last_id)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got a message twice", link->target);
    link->last_id = message->number[0];
    link->owed++;
    return fn (self, link, message->body);
}

/*  An answer to all refs up to this one. */
static void s_note_answer (zt_bench_link_t *link, uint64_t ref)
{
    zt_bench_acks_t *acks = link->acks;
    if (!acks->measures || ref == link->answered)
        return;
    acks->answers++;
    acks->messages += ref - link->answered;
    uint64_t now_ns = zt_bench_now_ns ();
    for (uint64_t each = link->answered + 1; each <= ref; each++)
        zt_bench_histogram_add (&acks->latencies, now_ns - link->left_ns[each % link->window]);
}

static bool s_take_sent (zt_bench_link_t *link, const zt_message_t *message)
{
    if (message->number[0] < link->answered || message->number[0] > link->ref)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got a SENT for no SEND",
                              link->target);
    if (link->acks)
        s_note_answer (link, message->number[0]);
    link->answered = message->number[0];
    return true;
}

/*  A number in WELCOME, or what the protocol gives it. */
static unsigned long s_number (const cJSON *object, const char *name, unsigned long otherwise)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, name);
    return cJSON_IsNumber (member) && member->valueint > 0 ? (unsigned long) member->valueint
                                                           : otherwise;
}

static bool s_take_welcome (zt_bench_link_t *link, const zt_message_t *message)
{
    cJSON *body = zt_json_parse (message->body);
    if (!body)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "WELCOME has no body");
    link->window = s_number (body, "window", ZT_WINDOW);
    link->heartbeat_ms = s_number (body, "heartbeat_ms", ZT_HEARTBEAT_MS);
    link->ref = link->answered = s_number (body, "last_ref", 0);
    link->open = true;
    cJSON_Delete (body);
    return true;
}

/*  ERROR or BYE: it is over. The broker's words go to a terminal, so they are cleaned. */
static bool s_refuse (zt_bench_link_t *link, zt_bytes_t word, zt_bytes_t body)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_text_clean (&text, word, ZT_TEXT_LINE);
    zt_buffer_put_char (&text, ' ');
    zt_text_clean (&text, body, ZT_TEXT_LINE);
    zt_bench_fail (link->error, link->open ? ZT_EXIT_FAILED : ZT_EXIT_REFUSED,
                   "the broker said to %s: %s", link->target, zt_buffer_string (&text));
    zt_buffer_free (&text);
    return false;
}

static bool s_take_message (zt_bench_link_t *link, const zt_message_t *message,
                            zt_bench_sink_fn *fn, void *self)
{
    switch (message->verb) {
    case ZT_VERB_MSG:
        return s_take_msg (link, message, fn, self);
    case ZT_VERB_SENT:
        return s_take_sent (link, message);
    case ZT_VERB_WELCOME:
        return s_take_welcome (link, message);
    case ZT_VERB_ERROR:
        return s_refuse (link, message->word[1], message->body);
    case ZT_VERB_GOODBYE:
        return s_refuse (link, message->word[0], zt_bytes (NULL));
    case ZT_VERB_GAP:
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got a GAP", link->target);
    default: /* PRESENCE, PONG */
        return true;
    }
}

static bool s_take (zt_bench_link_t *link, zt_bytes_t frame, zt_bench_sink_fn *fn, void *self)
{
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_BROKER);
    zt_message_t message;
    zt_wire_result_t result;
    while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE)
        if (!s_take_message (link, &message, fn, self))
            return false;
    if (result != ZT_WIRE_END)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got what is no message",
                              link->target);
    return link->owed < link->window / 2 || link->owed == 0 || s_acknowledge (link);
}

static bool s_tick (zt_bench_link_t *link, uint64_t now_ms)
{
    if (link->owed && link->owed_ms == 0)
        link->owed_ms = now_ms;
    if (link->owed && now_ms - link->owed_ms >= S_ACK_MS && !s_acknowledge (link))
        return false;
    if (!zt_bench_link_silent (link, now_ms))
        return true;
    zt_message_t ping = {.verb = ZT_VERB_PING};
    ping.word[0] = zt_bytes ("bench");
    zt_wire_put (&link->out, &ping);
    return s_flush (link);
}

static void s_bye (zt_bench_link_t *link)
{
    zt_wire_put (&link->out, &(zt_message_t){.verb = ZT_VERB_BYE});
    s_flush (link);
}

const zt_bench_dialect_t zt_bench_ztalk = {"ztalk", s_hello, s_room, s_put,
                                           s_flush, s_take,  s_tick, s_bye};
