/*  SPDX-License-Identifier: MPL-2.0

    Attacks of peers who were let in, and the list of all. */

#include "tests/attack_rows.h"

#include "common/alloc.h"
#include "common/limits.h"
#include "common/wire.h"

#include <stdio.h>
#include <stdlib.h>

#include <zmq.h>

static void s_put_send (zt_buffer_t *frame, uint64_t ref, const char *target, size_t size)
{
    zt_buffer_t body = {NULL, 0, 0};
    zt_buffer_put_string (&body, "{\"text\":\"");
    while (body.size < size - 2)
        zt_buffer_put_char (&body, (char) ('a' + body.size % 26));
    zt_buffer_put_string (&body, "\"}");
    zt_wire_put (frame, &(zt_message_t){.verb = ZT_VERB_SEND,
                                        .number = {ref},
                                        .word = {{NULL, 0}, zt_bytes (target)},
                                        .body = zt_buffer_bytes (&body)});
    zt_buffer_free (&body);
}

static void s_report (zt_attack_t *self, uint64_t frames, const char *what)
{
    zt_buffer_put_format (&self->report,
                          "%.0f %s/s; %llu stored, %llu answered, %llu rate-limited, "
                          "%llu refused",
                          (double) frames / self->seconds, what, (unsigned long long) self->n_sent,
                          (unsigned long long) self->n_results,
                          (unsigned long long) self->n_limited,
                          (unsigned long long) self->n_refused);
}

/*  A budget lets a few through; to refuse the rest they have to be read, and opened. */
static void s_send_bodies (zt_attack_t *self, const char *target)
{
    enum { SENDERS = 4 };
    void *sockets[SENDERS];
    zt_buffer_t frame = {NULL, 0, 0};
    uint64_t frames = 0, ref = UINT64_C (100000000000); /* all refs have as many digits */
    for (unsigned i = 0; i < SENDERS; i++) {
        char name[16];
        snprintf (name, sizeof name, "large%u", i);
        sockets[i] = zt_attack_session (self, name, "{}");
    }
    s_put_send (&frame, ref, target, ZT_BODY_MAX);
    zt_attack_begin (self);
    while (zt_attack_goes_on (self)) {
        void *socket = sockets[ref % SENDERS];
        zt_u64_write (frame.data + strlen ("SEND "), ++ref);
        if (zmq_send (socket, frame.data, frame.size, ZMQ_DONTWAIT) >= 0)
            frames++;
        else
            zmq_poll (&(zmq_pollitem_t){socket, 0, ZMQ_POLLIN | ZMQ_POLLOUT, 0}, 1, 1);
        zt_attack_take (self, socket);
    }
    s_report (self, frames, "frames");
    zt_buffer_free (&frame);
}

void zt_attack_bodies (zt_attack_t *self)
{
    s_send_bodies (self, "@large0");
}

/*  Each that gets through is encrypted twenty times. */
void zt_attack_bodies_to_all (zt_attack_t *self)
{
    s_send_bodies (self, "#general");
}

/*  New sessions of old names on open connections: each is welcomed, seen by all, and
    gone. Every other HELLO is for a name of somebody else. */
void zt_attack_hellos (zt_attack_t *self)
{
    enum { PEERS = 4, NAMES = 8, PATIENCE_MS = 200 };
    static const int patience = PATIENCE_MS;
    void *sockets[PEERS];
    uint64_t n = 0;
    for (unsigned i = 0; i < PEERS; i++) {
        sockets[i] = zt_attack_dealer (self, 1);
        zmq_setsockopt (sockets[i], ZMQ_SNDTIMEO, &patience, sizeof patience);
    }
    zt_attack_begin (self);
    for (; zt_attack_goes_on (self); n++) {
        unsigned peer = (unsigned) (n % PEERS), name = (unsigned) (n / PEERS % NAMES);
        char own[96];
        static const char taken[] = "HELLO ZTALK/1 asks 14\n{\"device\":\"d\"}\n";
        int size =
            snprintf (own, sizeof own, "HELLO ZTALK/1 h%u-%u 14\n{\"device\":\"d\"}\n", peer, name);
        if (zmq_send (sockets[peer], own, (size_t) size, 0) >= 0 &&
            zmq_send (sockets[peer], "BYE\n", 4, 0) >= 0)
            zmq_send (sockets[peer], taken, sizeof taken - 1, 0);
        zt_attack_take (self, sockets[peer]);
    }
    zt_buffer_put_format (&self->report, "%.0f HELLOs/s; %llu were welcomed, %llu refused",
                          (double) (2 * n) / self->seconds, (unsigned long long) self->n_welcomed,
                          (unsigned long long) self->n_refused);
}

/*  One that reads nothing of what two others write to it, as fast as they may, and of what it
    asks; it says something all the time. */
void zt_attack_never_reads (zt_attack_t *self)
{
    enum { WRITERS = 2, A_TURN = 20 };
    static const int one = 1, small = 4096;
    static const char hello[] = "HELLO ZTALK/1 deaf 14\n{\"device\":\"d\"}\n";
    void *deaf = zt_attack_socket (self), *writers[WRITERS];
    uint64_t ref = 0;
    zmq_setsockopt (deaf, ZMQ_RCVHWM, &one, sizeof one);
    zmq_setsockopt (deaf, ZMQ_RCVBUF, &small, sizeof small);
    zt_attack_attach (self, deaf, 1);
    zmq_send (deaf, hello, sizeof hello - 1, 0);
    zmq_poll (&(zmq_pollitem_t){deaf, 0, ZMQ_POLLIN, 0}, 1, 20000);
    for (unsigned i = 0; i < WRITERS; i++) {
        char name[16];
        snprintf (name, sizeof name, "writer%u", i);
        writers[i] = zt_attack_session (self, name, "{\"sent\":\"last\"}");
    }
    zt_attack_begin (self);
    while (zt_attack_goes_on (self)) {
        zt_buffer_t frame = {NULL, 0, 0};
        for (unsigned i = 0; i < A_TURN; i++)
            s_put_send (&frame, ++ref, "@deaf", 900);
        for (unsigned i = 0; i < WRITERS; i++) {
            zmq_send (writers[i], frame.data, frame.size, ZMQ_DONTWAIT);
            zt_attack_take (self, writers[i]);
        }
        zmq_send (deaf, "PING x\nWHO 1\n", 13, ZMQ_DONTWAIT);
        zt_buffer_free (&frame);
        zt_attack_wait (zt_attack_now () + 20 * 1000000);
    }
    s_report (self, ref * WRITERS, "messages");
}

static void *s_asker (zt_attack_t *self, unsigned number)
{
    char name[16];
    snprintf (name, sizeof name, "asker%u", number);
    return zt_attack_session (self, name, "{\"sent\":\"last\"}");
}

/*  Asks at full rate through each of the sockets. Who was sent away comes back, as somebody
    else. Returns how many frames went out. */
static uint64_t s_ask (zt_attack_t *self, void **sockets, unsigned n, zt_bytes_t frame)
{
    enum { A_TURN = 16, PATIENCE_NS = 300000000 };
    int64_t *sent_at = zt_alloc (n * sizeof *sent_at);
    uint64_t frames = 0;
    for (unsigned i = 0, next = n; zt_attack_goes_on (self); i = (i + 1) % n) {
        zmq_pollitem_t item = {sockets[i], 0, ZMQ_POLLIN | ZMQ_POLLOUT, 0};
        int64_t now = zt_attack_now ();
        zmq_poll (&item, 1, i ? 0 : 1);
        for (int j = 0; j < A_TURN && (item.revents & ZMQ_POLLOUT) &&
                        zmq_send (sockets[i], frame.data, frame.size, ZMQ_DONTWAIT) >= 0;
             j++) {
            sent_at[i] = now;
            frames++;
        }
        zt_attack_take (self, sockets[i]);
        if (sent_at[i] && now - sent_at[i] > PATIENCE_NS) {
            zmq_close (sockets[i]);
            sockets[i] = s_asker (self, next++);
            sent_at[i] = 0;
        }
    }
    free (sent_at);
    return frames;
}

/*  The costliest that can be asked, by many at once, when there is something to find. */
void zt_attack_queries (zt_attack_t *self)
{
    enum { ASKERS = 16, MESSAGES = 1500, A_FRAME = 100 };
    static const char query[] = "{\"query\":\"a\"}";
    void *sockets[ASKERS];
    zt_buffer_t frame = {NULL, 0, 0};
    for (unsigned i = 0; i < ASKERS; i++)
        sockets[i] = s_asker (self, i);
    for (unsigned ref = 1; ref <= MESSAGES; ref++) {
        s_put_send (&frame, ref, "#general", 900);
        if (ref % A_FRAME == 0) {
            zmq_send (sockets[0], frame.data, frame.size, 0);
            zt_buffer_clear (&frame);
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        zt_buffer_put_format (&frame, "HISTORY %u #general 0 500\n", 2 * i + 1);
        zt_buffer_put_format (&frame, "SEARCH %u * 500 %zu\n%s\n", 2 * i + 2, sizeof query - 1,
                              query);
    }
    zt_attack_begin (self);
    uint64_t frames = s_ask (self, sockets, ASKERS, zt_buffer_bytes (&frame));
    s_report (self, frames * 16, "queries");
    zt_buffer_free (&frame);
}

const zt_attack_row_t *zt_attack_rows (void)
{
    static const zt_attack_row_t rows[] = {
        {"multipart", "endless messages of large parts", zt_attack_endless, 0, false},
        {"multipart-small", "and of small parts", zt_attack_endless_small, 0, false},
        {"multipart-ipc", "and through ipc", zt_attack_endless_ipc, 0, false},
        {"half-open", "5,000 connections that say nothing", zt_attack_half_open, 0, false},
        {"slow", "1,000 handshakes byte by byte", zt_attack_slow_handshakes, 0, false},
        {"bodies", "bodies of 64 KiB at full rate", zt_attack_bodies, 0, false},
        {"bodies-all", "the same to #general", zt_attack_bodies_to_all, 0, false},
        {"hellos", "HELLO after HELLO", zt_attack_hellos, 0, false},
        {"storm", "2,000 connections a second", zt_attack_connect_storm, 0, false},
        {"handshakes", "handshakes from one address", zt_attack_handshakes, 0, false},
        {"handshakes-32", "and from 32", zt_attack_many_handshakes, 0, false},
        {"deaf", "a receiver that never reads", zt_attack_never_reads, 0, false},
        {"forged", "forged routing ids", zt_attack_forged_ids, 0, false},
        {"garbage", "random ZMTP after a valid greeting", zt_attack_garbage, 0, false},
        {"descriptors", "more connections than descriptors", zt_attack_half_open, 256, false},
        {"queries", "HISTORY and SEARCH without end", zt_attack_queries, 0, false},
        {"queries-disk", "and with the log on disk", zt_attack_queries, 0, true},
        {NULL, NULL, NULL, 0, false}};
    return rows;
}
