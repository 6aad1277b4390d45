/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/honest.h"

#include "common/alloc.h"
#include "common/buffer.h"
#include "common/wire.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <pthread.h>
#include <time.h>
#include <zmq.h>

/*  So many messages are ahead of the answers; when all are there the next ones go, but
    not before so many ms have gone by. */
enum { S_AHEAD = 16, S_PACE_MS = 4 };

typedef struct {
    void *socket;
    const char *name;
    const char *to;
    uint64_t sent;    /* the last number, which is the ref, too */
    uint64_t got;     /* the last number */
    uint64_t last_id; /* of a MSG */
    uint64_t acked;   /* and the one that was acknowledged */
    bool is_open;
} s_client_t;

struct zt_honest {
    pthread_t thread;
    void *context;
    s_client_t asks;
    s_client_t answers;
    int deadline_ms;
    int64_t asked_at[S_AHEAD]; /* ns */

    pthread_mutex_t lock;
    pthread_cond_t turn;
    bool stops;
    uint64_t answered;
    int64_t worst;
    char wrong[256]; /* what the first thing was */
};

static int64_t s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void s_wrong (zt_honest_t *self, const s_client_t *client, const char *what,
                     zt_bytes_t bytes)
{
    pthread_mutex_lock (&self->lock);
    if (!self->wrong[0])
        snprintf (self->wrong, sizeof self->wrong, "%s after %llu answers: %s %.*s", client->name,
                  (unsigned long long) self->answered, what,
                  (int) (bytes.size < 128 ? bytes.size : 128), bytes.size ? bytes.data : "");
    self->stops = true;
    pthread_cond_broadcast (&self->turn);
    pthread_mutex_unlock (&self->lock);
}

static void s_say (zt_honest_t *self, s_client_t *client, const zt_message_t *message)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_wire_put (&frame, message);
    if (zmq_send (client->socket, frame.data, frame.size, ZMQ_DONTWAIT) < 0)
        s_wrong (self, client, "cannot send", zt_buffer_bytes (&frame));
    zt_buffer_free (&frame);
}

static void s_send (zt_honest_t *self, s_client_t *client, uint64_t number)
{
    char body[64];
    snprintf (body, sizeof body, "{\"text\":\"%llu\"}", (unsigned long long) number);
    client->sent = number;
    s_say (self, client,
           &(zt_message_t){.verb = ZT_VERB_SEND,
                           .number = {number},
                           .word = {{NULL, 0}, zt_bytes (client->to)},
                           .body = zt_bytes (body)});
}

static void s_ask (zt_honest_t *self)
{
    self->asked_at[(self->asks.sent + 1) % S_AHEAD] = s_now ();
    s_send (self, &self->asks, self->asks.sent + 1);
}

/*  A MSG: the next number. */
static void s_got (zt_honest_t *self, s_client_t *client, const zt_message_t *message)
{
    char expected[64];
    snprintf (expected, sizeof expected, "{\"text\":\"%llu\"}",
              (unsigned long long) client->got + 1);
    if (!zt_bytes_equal (message->body, zt_bytes (expected)) ||
        message->number[0] <= client->last_id) {
        s_wrong (self, client, "did not expect", message->body);
        return;
    }
    client->got++;
    client->last_id = message->number[0];
    if (client == &self->answers) {
        s_send (self, client, client->got);
        return;
    }
    int64_t took = s_now () - self->asked_at[client->got % S_AHEAD];
    pthread_mutex_lock (&self->lock);
    self->answered++;
    self->worst = took > self->worst ? took : self->worst;
    pthread_cond_broadcast (&self->turn);
    pthread_mutex_unlock (&self->lock);
}

static void s_frame (zt_honest_t *self, s_client_t *client, zt_bytes_t frame)
{
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_BROKER);
    zt_message_t message;
    zt_wire_result_t result;
    while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE)
        switch (message.verb) {
        case ZT_VERB_WELCOME:
            client->is_open = true;
            break;
        case ZT_VERB_MSG:
            /*  What strangers say is acknowledged and else ignored. */
            if (zt_bytes_equal (message.word[2], zt_bytes (client->to)))
                s_got (self, client, &message);
            else
                client->last_id = message.number[0];
            break;
        case ZT_VERB_SENT:
        case ZT_VERB_PRESENCE:
        case ZT_VERB_PONG:
            break;
        default:
            s_wrong (self, client, "was told", frame);
        }
    if (result != ZT_WIRE_END)
        s_wrong (self, client, "cannot read", frame);
}

static void s_receive (zt_honest_t *self, s_client_t *client)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (zmq_msg_recv (&message, client->socket, ZMQ_DONTWAIT) >= 0)
        s_frame (self, client, (zt_bytes_t){zmq_msg_data (&message), zmq_msg_size (&message)});
    zmq_msg_close (&message);
}

static void s_acknowledge (zt_honest_t *self, s_client_t *client)
{
    if (client->last_id > client->acked)
        s_say (self, client, &(zt_message_t){.verb = ZT_VERB_ACK, .number = {client->last_id}});
    client->acked = client->last_id;
}

static bool s_stops (zt_honest_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool stops = self->stops;
    pthread_mutex_unlock (&self->lock);
    return stops;
}

static void *s_run (void *argument)
{
    zt_honest_t *self = argument;
    int64_t heard = s_now ();
    while (!s_stops (self)) {
        zmq_pollitem_t items[] = {{self->asks.socket, 0, ZMQ_POLLIN, 0},
                                  {self->answers.socket, 0, ZMQ_POLLIN, 0}};
        uint64_t before = self->asks.got;
        zmq_poll (items, 2, 1);
        s_receive (self, &self->asks);
        s_receive (self, &self->answers);
        s_acknowledge (self, &self->asks);
        s_acknowledge (self, &self->answers);
        bool open = self->asks.is_open && self->answers.is_open;
        if (self->asks.got > before || (open && self->asks.sent == 0))
            heard = s_now ();
        if (open && self->asks.got == self->asks.sent &&
            s_now () - self->asked_at[0] >= (int64_t) S_PACE_MS * 1000000)
            for (int i = 0; i < S_AHEAD; i++)
                s_ask (self);
        if (s_now () - heard > (int64_t) self->deadline_ms * 1000000)
            s_wrong (self, &self->asks, "got no answer", (zt_bytes_t){NULL, 0});
    }
    return NULL;
}

static void s_open (zt_honest_t *self, s_client_t *client, const char *endpoint, const char *name,
                    const char *to)
{
    int linger = 0;
    client->name = name;
    client->to = to;
    client->socket = zmq_socket (self->context, ZMQ_DEALER);
    assert_non_null (client->socket);
    zmq_setsockopt (client->socket, ZMQ_LINGER, &linger, sizeof linger);
    assert_int_equal (zmq_connect (client->socket, endpoint), 0);
    s_say (self, client,
           &(zt_message_t){.verb = ZT_VERB_HELLO,
                           .word = {zt_bytes ("ZTALK/1"), zt_bytes (name)},
                           .body = zt_bytes ("{\"device\":\"d\",\"token\":\"honest\"}")});
}

zt_honest_t *zt_honest_new (const char *endpoint, int deadline_ms)
{
    zt_honest_t *self = zt_alloc (sizeof *self);
    self->deadline_ms = deadline_ms;
    self->context = zmq_ctx_new ();
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->turn, &attributes);
    pthread_condattr_destroy (&attributes);
    s_open (self, &self->asks, endpoint, "asks", "@answers");
    s_open (self, &self->answers, endpoint, "answers", "@asks");
    assert_int_equal (pthread_create (&self->thread, NULL, s_run, self), 0);
    return self;
}

void zt_honest_destroy (zt_honest_t **self_p)
{
    zt_honest_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->stops = true;
    pthread_mutex_unlock (&self->lock);
    pthread_join (self->thread, NULL);
    zmq_close (self->asks.socket);
    zmq_close (self->answers.socket);
    zmq_ctx_term (self->context);
    pthread_cond_destroy (&self->turn);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

void zt_honest_check (zt_honest_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool wrong = self->wrong[0] != '\0';
    pthread_mutex_unlock (&self->lock);
    if (wrong) /* it does not change any more */
        fail_msg ("the honest pair: %s", self->wrong);
}

void zt_honest_expect (zt_honest_t *self, uint64_t messages)
{
    pthread_mutex_lock (&self->lock);
    uint64_t wanted = self->answered + messages;
    /*  The thread itself ends the wait when no answer comes. */
    while (self->answered < wanted && !self->stops)
        pthread_cond_wait (&self->turn, &self->lock);
    pthread_mutex_unlock (&self->lock);
    zt_honest_check (self);
}

double zt_honest_worst_ms (zt_honest_t *self)
{
    pthread_mutex_lock (&self->lock);
    double worst = (double) self->worst / 1e6;
    self->worst = 0;
    pthread_mutex_unlock (&self->lock);
    return worst;
}

uint64_t zt_honest_answered (zt_honest_t *self)
{
    pthread_mutex_lock (&self->lock);
    uint64_t answered = self->answered;
    pthread_mutex_unlock (&self->lock);
    return answered;
}
