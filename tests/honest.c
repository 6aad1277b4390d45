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

/*  The names of a pair have a number, but for those of the first. */
enum { S_NAME = 24, S_AHEAD_MOST = 16 };

typedef struct s_pair_t s_pair_t;

typedef struct {
    s_pair_t *pair;
    void *socket;
    char name[S_NAME];
    char to[S_NAME];  /* with its @ */
    uint64_t sent;    /* the last number, which is the ref, too */
    uint64_t got;     /* the last number */
    uint64_t last_id; /* of a MSG */
    uint64_t acked;   /* and the one that was acknowledged */
    bool is_open;
} s_client_t;

struct s_pair_t {
    s_client_t asks;
    s_client_t answers;
    int64_t asked_at[S_AHEAD_MOST]; /* ns */
    int64_t heard_at;
};

struct zt_honest {
    pthread_t thread;
    void *context;
    zt_honest_options_t options;
    s_pair_t *pairs;
    zmq_pollitem_t *items; /* who asks and who answers, of each pair */

    pthread_mutex_t lock;
    pthread_cond_t turn;
    bool stops;
    uint64_t *answered; /* of each pair */
    zt_times_t times;
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
                  (unsigned long long) client->pair->asks.got, what,
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

static void s_ask (zt_honest_t *self, s_pair_t *pair)
{
    uint64_t number = pair->asks.sent + 1;
    pair->asked_at[number % self->options.ahead] = s_now ();
    s_send (self, &pair->asks, number);
}

/*  A MSG: the next number. */
static void s_got (zt_honest_t *self, s_client_t *client, const zt_message_t *message)
{
    s_pair_t *pair = client->pair;
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
    if (client == &pair->answers) {
        s_send (self, client, client->got);
        return;
    }
    int64_t took = s_now () - pair->asked_at[client->got % self->options.ahead];
    pthread_mutex_lock (&self->lock);
    self->answered[pair - self->pairs]++;
    zt_times_add (&self->times, took);
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

/*  What is due to a pair, after what there was to receive. */
static void s_go_on (zt_honest_t *self, s_pair_t *pair, uint64_t got_before)
{
    const int64_t ms = 1000000;
    int64_t now = s_now ();
    bool is_open = pair->asks.is_open && pair->answers.is_open;
    s_acknowledge (self, &pair->asks);
    s_acknowledge (self, &pair->answers);
    if (pair->asks.got > got_before || (is_open && pair->asks.sent == 0))
        pair->heard_at = now;
    if (is_open && pair->asks.got == pair->asks.sent &&
        now - pair->asked_at[0] >= self->options.pace_ms * ms)
        for (unsigned i = 0; i < self->options.ahead; i++)
            s_ask (self, pair);
    if (now - pair->heard_at > self->options.deadline_ms * ms)
        s_wrong (self, &pair->asks, "got no answer", (zt_bytes_t){NULL, 0});
}

static void *s_run (void *argument)
{
    zt_honest_t *self = argument;
    for (unsigned i = 0; i < self->options.pairs; i++)
        self->pairs[i].heard_at = s_now ();
    while (!s_stops (self)) {
        zmq_poll (self->items, (int) self->options.pairs * 2, 1);
        for (unsigned i = 0; i < self->options.pairs; i++) {
            s_pair_t *pair = &self->pairs[i];
            uint64_t before = pair->asks.got;
            if (self->items[2 * i].revents)
                s_receive (self, &pair->asks);
            if (self->items[2 * i + 1].revents)
                s_receive (self, &pair->answers);
            s_go_on (self, pair, before);
        }
    }
    return NULL;
}

static void s_encrypt (void *socket, const zt_key_t *broker_key)
{
    char public[ZT_KEY_SIZE], secret[ZT_KEY_SIZE];
    assert_int_equal (zmq_curve_keypair (public, secret), 0);
    zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, broker_key->text, ZT_KEY_CHARS);
    zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, public, ZT_KEY_CHARS);
    zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret, ZT_KEY_CHARS);
}

static void s_open (zt_honest_t *self, s_client_t *client, s_pair_t *pair, const char *name,
                    const char *to)
{
    int linger = 0;
    char body[96], number[8] = "";
    if (pair > self->pairs)
        snprintf (number, sizeof number, "%u", (unsigned) (pair - self->pairs) % 1000);
    snprintf (client->name, sizeof client->name, "%s%s", name, number);
    snprintf (client->to, sizeof client->to, "@%s%s", to, number);
    snprintf (body, sizeof body, "{\"device\":\"d\",\"token\":\"honest%s\"}", number);
    client->pair = pair;
    client->socket = zmq_socket (self->context, ZMQ_DEALER);
    assert_non_null (client->socket);
    zmq_setsockopt (client->socket, ZMQ_LINGER, &linger, sizeof linger);
    if (self->options.broker_key)
        s_encrypt (client->socket, self->options.broker_key);
    assert_int_equal (zmq_connect (client->socket, self->options.endpoint), 0);
    s_say (self, client,
           &(zt_message_t){.verb = ZT_VERB_HELLO,
                           .word = {zt_bytes ("ZTALK/1"), zt_bytes (client->name)},
                           .body = zt_bytes (body)});
}

static void s_open_pairs (zt_honest_t *self)
{
    unsigned n = self->options.pairs;
    self->pairs = zt_alloc (n * sizeof *self->pairs);
    self->items = zt_alloc (2 * n * sizeof *self->items);
    self->answered = zt_alloc (n * sizeof *self->answered);
    for (unsigned i = 0; i < n; i++) {
        s_pair_t *pair = &self->pairs[i];
        s_open (self, &pair->asks, pair, "asks", "answers");
        s_open (self, &pair->answers, pair, "answers", "asks");
        self->items[2 * i] = (zmq_pollitem_t){pair->asks.socket, 0, ZMQ_POLLIN, 0};
        self->items[2 * i + 1] = (zmq_pollitem_t){pair->answers.socket, 0, ZMQ_POLLIN, 0};
    }
}

zt_honest_t *zt_honest_new (const zt_honest_options_t *options)
{
    zt_honest_t *self = zt_alloc (sizeof *self);
    assert_true (options->pairs && options->ahead && options->ahead <= S_AHEAD_MOST);
    self->options = *options;
    self->context = zmq_ctx_new ();
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->turn, &attributes);
    pthread_condattr_destroy (&attributes);
    s_open_pairs (self);
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
    for (unsigned i = 0; i < 2 * self->options.pairs; i++)
        zmq_close (self->items[i].socket);
    zmq_ctx_term (self->context);
    pthread_cond_destroy (&self->turn);
    pthread_mutex_destroy (&self->lock);
    free (self->pairs);
    free (self->items);
    free (self->answered);
    free (self);
    *self_p = NULL;
}

void zt_honest_check (zt_honest_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool wrong = self->wrong[0] != '\0';
    pthread_mutex_unlock (&self->lock);
    if (wrong) /* it does not change any more */
        fail_msg ("the honest clients: %s", self->wrong);
}

void zt_honest_expect (zt_honest_t *self, uint64_t messages)
{
    uint64_t *wanted = zt_alloc (self->options.pairs * sizeof *wanted);
    pthread_mutex_lock (&self->lock);
    for (unsigned i = 0; i < self->options.pairs; i++)
        wanted[i] = self->answered[i] + messages;
    /*  The thread itself ends the wait when no answer comes. */
    for (unsigned i = 0; i < self->options.pairs; i++)
        while (self->answered[i] < wanted[i] && !self->stops)
            pthread_cond_wait (&self->turn, &self->lock);
    pthread_mutex_unlock (&self->lock);
    free (wanted);
    zt_honest_check (self);
}

zt_times_t zt_honest_times (zt_honest_t *self)
{
    pthread_mutex_lock (&self->lock);
    zt_times_t times = self->times;
    self->times = (zt_times_t){.n = 0};
    pthread_mutex_unlock (&self->lock);
    return times;
}
