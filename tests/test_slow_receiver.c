/*  SPDX-License-Identifier: MPL-2.0

    One of 200 receivers is a process that is stopped while messages come: the others
    get theirs, the broker keeps no queue for it, and when it goes on it gets everything,
    once and in order. How long the others waited is printed, not judged: on a machine
    that does other things, too, it would be luck. */

#include "tests/victim.h"

#include "common/alloc.h"
#include "common/wire.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/*  Rounds of messages while all receive, and while one is stopped. A round is more than
    a window of messages, and of bytes. */
enum { RECEIVERS = 199, ROUNDS = 2, MESSAGES = 1200, BODY = 2000, ACK_EVERY = 256 };

typedef struct {
    void *socket;
    uint64_t got;   /* the number of the last message */
    uint64_t id;    /* and its id */
    uint64_t acked; /* the number that was acknowledged */
    bool is_open;
    bool is_wrong;
} s_receiver_t;

static void s_say (void *socket, const zt_message_t *message)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_wire_put (&frame, message);
    zmq_send (socket, frame.data, frame.size, 0);
    zt_buffer_free (&frame);
}

static void *s_join (void *context, const char *endpoint, const char *name, const char *body)
{
    int linger = 0;
    void *socket = zmq_socket (context, ZMQ_DEALER);
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_connect (socket, endpoint);
    s_say (socket, &(zt_message_t){.verb = ZT_VERB_HELLO,
                                   .word = {zt_bytes ("ZTALK/1"), zt_bytes (name)},
                                   .body = zt_bytes (body)});
    return socket;
}

static void s_got (s_receiver_t *self, const zt_message_t *message)
{
    uint64_t number = 0;
    for (size_t i = strlen ("{\"n\":"); i < message->body.size; i++) {
        if (message->body.data[i] < '0' || message->body.data[i] > '9')
            break;
        number = number * 10 + (uint64_t) (message->body.data[i] - '0');
    }
    self->is_wrong |= number != self->got + 1 || message->number[0] <= self->id;
    self->got = number;
    self->id = message->number[0];
}

/*  Takes what is there. */
static void s_receive (s_receiver_t *self)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    while (zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) >= 0) {
        zt_reader_t reader =
            zt_reader (zmq_msg_data (&frame), zmq_msg_size (&frame), ZT_FROM_BROKER);
        for (zt_message_t message; zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE;) {
            self->is_open |= message.verb == ZT_VERB_WELCOME;
            self->is_wrong |= message.verb == ZT_VERB_GOODBYE || message.verb == ZT_VERB_ERROR ||
                              message.verb == ZT_VERB_GAP;
            if (message.verb == ZT_VERB_MSG)
                s_got (self, &message);
        }
        if (self->got - self->acked >= ACK_EVERY) {
            s_say (self->socket, &(zt_message_t){.verb = ZT_VERB_ACK, .number = {self->id}});
            self->acked = self->got;
        }
    }
    zmq_msg_close (&frame);
}

static int64_t s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

/*  ---------------------------------------------------------------------------
    The one that is stopped */

/*  Its process: tells through a pipe what it has got. Ends with its parent's end. */
static void s_child (const char *endpoint, int to, pid_t parent)
{
    enum { BEAT_MS = 1000 };
    prctl (PR_SET_PDEATHSIG, SIGKILL); /* also when it is stopped */
    s_receiver_t self = {NULL, 0, 0, 0, false, false};
    void *context = zmq_ctx_new ();
    int64_t beat = 0;
    self.socket = s_join (context, endpoint, "stopped", "{\"device\":\"d\"}");
    while (getppid () == parent) {
        uint64_t said = self.got;
        bool was_open = self.is_open;
        zmq_poll (&(zmq_pollitem_t){self.socket, 0, ZMQ_POLLIN, 0}, 1, BEAT_MS);
        s_receive (&self);
        if (s_now () - beat > (int64_t) BEAT_MS * 1000000) {
            s_say (self.socket, &(zt_message_t){.verb = ZT_VERB_ACK, .number = {self.id}});
            beat = s_now ();
        }
        uint64_t tell = self.is_wrong ? UINT64_MAX : self.got;
        if ((self.got != said || self.is_open != was_open || self.is_wrong) &&
            write (to, &tell, sizeof tell) != (ssize_t) sizeof tell)
            break;
    }
    _exit (0);
}

/*  Waits until it has told that it has got so many. */
static void s_expect (zt_victim_t *victim, int from, uint64_t number)
{
    for (uint64_t told = UINT64_MAX; told != number;) {
        struct pollfd poll_fd = {from, POLLIN, 0};
        if (poll (&poll_fd, 1, zt_harness_deadline (victim->harness)) != 1 ||
            read (from, &told, sizeof told) != (ssize_t) sizeof told)
            fail_msg ("who was stopped has not got message %llu", (unsigned long long) number);
        if (told == UINT64_MAX)
            fail_msg ("who was stopped got what it should not");
    }
}

/*  ---------------------------------------------------------------------------
    The others */

typedef struct {
    zt_victim_t *victim;
    void *context;
    s_receiver_t writer;
    s_receiver_t receivers[RECEIVERS];
    zmq_pollitem_t items[RECEIVERS];
    uint64_t number;
    int64_t beat_at; /* when all of them give a sign of life again */
} s_room_t;

static void s_beat (s_room_t *self)
{
    enum { BEAT_NS = 2000000000 };
    static const zt_message_t ping = {.verb = ZT_VERB_PING, .word = {ZT_LITERAL ("x")}};
    if (s_now () < self->beat_at)
        return;
    self->beat_at = s_now () + BEAT_NS;
    s_say (self->writer.socket, &ping);
    for (unsigned i = 0; i < RECEIVERS; i++)
        s_say (self->receivers[i].socket, &ping);
}

/*  Takes what comes until all others have got the last message, and are there. */
static void s_wait (s_room_t *self)
{
    int64_t deadline = s_now () + (int64_t) zt_harness_deadline (self->victim->harness) * 1000000;
    for (unsigned left = RECEIVERS; left;) {
        assert_true (s_now () < deadline);
        s_beat (self);
        zmq_poll (self->items, RECEIVERS, 100);
        left = 0;
        for (unsigned i = 0; i < RECEIVERS; i++) {
            s_receiver_t *receiver = &self->receivers[i];
            if (self->items[i].revents)
                s_receive (receiver);
            assert_false (receiver->is_wrong);
            left += !receiver->is_open || receiver->got != self->number;
        }
    }
    s_receive (&self->writer);
    assert_false (self->writer.is_wrong);
}

static int s_compare (const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/*  Writes messages, each when the one before has come to all. Returns the 99th
    percentile of the times that this took, in ms. */
static double s_write (s_room_t *self)
{
    static double times[MESSAGES];
    char body[BODY];
    unsigned n = zt_victim_rounds (MESSAGES);
    for (unsigned i = 0; i < n; i++) {
        int size = snprintf (body, sizeof body, "{\"n\":%llu,\"text\":\"",
                             (unsigned long long) ++self->number);
        memset (body + size, 'x', sizeof body - (size_t) size);
        memcpy (body + sizeof body - 2, "\"}", 2);
        int64_t start = s_now ();
        s_say (self->writer.socket, &(zt_message_t){.verb = ZT_VERB_SEND,
                                                    .number = {self->number},
                                                    .word = {{NULL, 0}, zt_bytes ("#general")},
                                                    .body = {body, sizeof body}});
        s_wait (self);
        times[i] = (double) (s_now () - start) / 1e6;
    }
    qsort (times, n, sizeof *times, s_compare);
    return times[n * 99 / 100];
}

static void s_enter (s_room_t *self)
{
    self->context = zmq_ctx_new ();
    self->writer.socket = s_join (self->context, self->victim->endpoint, "writer", "{}");
    for (unsigned i = 0; i < RECEIVERS; i++) {
        char name[16];
        snprintf (name, sizeof name, "r%u", i);
        self->receivers[i].socket =
            s_join (self->context, self->victim->endpoint, name, "{\"device\":\"d\"}");
        self->items[i] = (zmq_pollitem_t){self->receivers[i].socket, 0, ZMQ_POLLIN, 0};
    }
    self->beat_at = s_now () + 1000000000;
    s_wait (self);
}

static void s_leave (s_room_t *self)
{
    for (unsigned i = 0; i < RECEIVERS; i++)
        zmq_close (self->receivers[i].socket);
    zmq_close (self->writer.socket);
    zmq_ctx_term (self->context);
}

static void s_one_of_200_is_stopped (void **state)
{
    enum { MOST_MIB = 64 };
    zt_victim_t *victim = *state;
    s_room_t *room = zt_alloc (sizeof *room);
    room->victim = victim;
    int told[2];
    assert_int_equal (pipe (told), 0);
    pid_t parent = getpid (), child = fork ();
    if (child == 0)
        s_child (victim->endpoint, told[1], parent);
    assert_true (child > 0);
    s_expect (victim, told[0], 0);
    s_enter (room);
    s_write (room); /* so that all is warm */
    s_expect (victim, told[0], room->number);

    for (unsigned i = 0; i < ROUNDS; i++) {
        double all = s_write (room);
        s_expect (victim, told[0], room->number);
        kill (child, SIGSTOP);
        double one_stopped = s_write (room);
        kill (child, SIGCONT);
        s_expect (victim, told[0], room->number);
        printf ("99 of 100 messages came to %d receivers within %.2f ms, with one more stopped "
                "within %.2f ms\n",
                RECEIVERS, all, one_stopped);
    }
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
    close (told[0]);
    close (told[1]);
    s_leave (room);
    free (room);
    zt_victim_survives (victim, "one of 200 stopped", MOST_MIB);
}

static int s_setup (void **state)
{
    *state = zt_victim_new (0);
    return 0;
}

static int s_teardown (void **state)
{
    zt_victim_destroy ((zt_victim_t **) state);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_one_of_200_is_stopped, s_setup, s_teardown)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
