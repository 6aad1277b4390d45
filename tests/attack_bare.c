/*  SPDX-License-Identifier: MPL-2.0

    Attacks of peers who are not let in: bare connections, and handshakes. */

#include "tests/attack_rows.h"

#include "tests/mutant.h"
#include "tests/zmtp.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <stdio.h>
#include <stdlib.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

enum { S_SECOND = 1000000000, S_SOURCES = 8 };

/*  Has the other end closed, or refused? What has come is thrown away. */
static bool s_is_over (int fd)
{
    char chunk[4096];
    for (;;) {
        ssize_t size = recv (fd, chunk, sizeof chunk, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN))
            return true;
        if (size < 0)
            return false;
    }
}

static void s_try (int fd, zt_bytes_t bytes)
{
    ssize_t size = send (fd, bytes.data, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void) size;
}

/*  ---------------------------------------------------------------------------
    Silent connections */

/*  Opens as many connections as that and keeps them; those that were ended come back, so many
    a second at most. Whoever is there is sent the next byte of bytes at each turn. */
static void s_crowd (zt_attack_t *self, unsigned n, unsigned per_s, zt_bytes_t bytes)
{
    enum { TURN_NS = 50 * 1000000 };
    int *fds = zt_alloc (n * sizeof *fds);
    size_t *at = zt_alloc (n * sizeof *at);
    uint64_t opened = 0, ended = 0;
    for (unsigned i = 0; i < n; i++)
        fds[i] = -1;
    zt_attack_begin (self);
    for (int64_t turn = zt_attack_now (); zt_attack_goes_on (self); turn += TURN_NS) {
        /*  All at once at first. */
        unsigned budget = opened < n ? n : per_s / (unsigned) (S_SECOND / TURN_NS);
        for (unsigned i = 0; i < n; i++) {
            if (fds[i] >= 0 && s_is_over (fds[i])) {
                zt_attack_reset (fds[i]);
                fds[i] = -1;
                ended++;
            }
            if (fds[i] < 0 && budget) {
                budget--;
                at[i] = 0;
                fds[i] = zt_attack_connect (self, S_SOURCES);
                opened += fds[i] >= 0;
            }
            if (fds[i] >= 0 && at[i] < bytes.size)
                s_try (fds[i], (zt_bytes_t){bytes.data + at[i]++, 1});
        }
        zt_attack_wait (turn + TURN_NS);
    }
    zt_buffer_put_format (&self->report, "%llu connected, %llu were ended",
                          (unsigned long long) opened, (unsigned long long) ended);
    free (fds);
    free (at);
}

void zt_attack_half_open (zt_attack_t *self)
{
    s_crowd (self, 5000, 500, (zt_bytes_t){NULL, 0});
}

/*  As CURVE has it to the first command, which would cost us, and is never whole. */
void zt_attack_slow_handshakes (zt_attack_t *self)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    char hello[200] = "\5HELLO\1";
    zt_zmtp_put_greeting_of (&bytes, "CURVE");
    zt_zmtp_put_frame (&bytes, ZT_ZMTP_COMMAND, (zt_bytes_t){hello, sizeof hello});
    s_crowd (self, 1000, 500, zt_buffer_bytes (&bytes));
    zt_buffer_free (&bytes);
}

/*  ---------------------------------------------------------------------------
    Storms */

typedef void (s_stroke_fn) (zt_attack_t *self, void *with);

/*  Strokes so many times a second until the end; a stroke that came late is made up for. */
static uint64_t s_strokes (zt_attack_t *self, unsigned per_s, s_stroke_fn *stroke, void *with)
{
    uint64_t n = 0;
    zt_attack_begin (self);
    for (int64_t at = zt_attack_now (); zt_attack_goes_on (self); at += S_SECOND / per_s, n++) {
        if (at > zt_attack_now ())
            zt_attack_wait (at);
        stroke (self, with);
    }
    return n;
}

/*  From one address, and each stays for as long as ten others come. Every other one ends
    as is proper, the rest with a reset. */
enum { S_STAYING = 10 };

typedef struct {
    int fds[S_STAYING];
    uint64_t n;
    uint64_t failed;
} s_storm_t;

static void s_come_and_go (zt_attack_t *self, void *with)
{
    s_storm_t *storm = with;
    int *fd = &storm->fds[storm->n++ % S_STAYING];
    if (*fd >= 0 && storm->n % 2)
        close (*fd);
    else if (*fd >= 0)
        zt_attack_reset (*fd);
    *fd = zt_attack_connect (self, 1);
    storm->failed += *fd < 0;
}

void zt_attack_connect_storm (zt_attack_t *self)
{
    s_storm_t storm = {.n = 0};
    for (unsigned i = 0; i < S_STAYING; i++)
        storm.fds[i] = -1;
    uint64_t n = s_strokes (self, 2000, s_come_and_go, &storm);
    zt_buffer_put_format (&self->report, "%.0f/s came and went",
                          (double) (n - storm.failed) / self->seconds);
}

/*  Random bytes in frames that begin well: behind CURVE's greeting a command of HELLO's size or
    any, and through the unix socket, where no handshake is in the way, anything. */
static void s_stroke_garbage (zt_attack_t *self, void *with)
{
    zt_mutant_t *mutant = with;
    static uint64_t n;
    bool is_ipc = n++ % 4 == 0;
    zt_buffer_t bytes = {NULL, 0, 0}, frame = {NULL, 0, 0};
    if (!is_ipc) {
        zt_zmtp_put_greeting_of (&bytes, "CURVE");
        zt_buffer_put (&frame, "\5HELLO\1", 8);
    }
    zt_mutant_put_garbage (mutant, &frame, n % 2 ? 200 - frame.size : n * 37 % 3000);
    zt_zmtp_put_frame (&bytes, n % 3 ? ZT_ZMTP_COMMAND : 0, zt_buffer_bytes (&frame));
    zt_mutant_put_garbage (mutant, &bytes, n % 512);
    int fd = is_ipc ? zt_zmtp_open (self->ipc, (zt_bytes_t){"", 0})
                    : zt_attack_connect (self, S_SOURCES);
    if (fd >= 0) {
        s_try (fd, zt_buffer_bytes (&bytes));
        close (fd);
    }
    zt_buffer_free (&bytes);
    zt_buffer_free (&frame);
}

void zt_attack_garbage (zt_attack_t *self)
{
    zt_mutant_t *mutant = zt_mutant_new (7);
    uint64_t n = s_strokes (self, 1000, s_stroke_garbage, mutant);
    zt_buffer_put_format (&self->report, "%.0f/s tried it", (double) n / self->seconds);
    zt_mutant_destroy (&mutant);
}

/*  Claimed ids: what ROUTER's counter could come to, through the unix socket, where libzmq
    does not stand in between. Each has a while to be ended in. */
enum { S_FORGERS = 128 };

typedef struct {
    zt_mutant_t *mutant;
    int fds[S_FORGERS];
    uint64_t n;
} s_forgers_t;

static void s_stroke_forged (zt_attack_t *self, void *with)
{
    s_forgers_t *forgers = with;
    int *fd = &forgers->fds[forgers->n++ % S_FORGERS];
    zt_buffer_t id = {NULL, 0, 0}, bytes = {NULL, 0, 0};
    zt_buffer_put_char (&id, '\0');
    zt_mutant_put_garbage (forgers->mutant, &id, 4);
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("HELLO ZTALK/1 asks 2\n{}\n"));
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("SEND 1 @asks 2\n{}\n"));
    if (*fd >= 0) {
        self->n_refused += s_is_over (*fd);
        close (*fd);
    }
    *fd = zt_zmtp_open (self->ipc, zt_buffer_bytes (&id));
    s_try (*fd, zt_buffer_bytes (&bytes));
    zt_buffer_free (&id);
    zt_buffer_free (&bytes);
}

/*  And names that others may have, through the front door. */
void zt_attack_forged_ids (zt_attack_t *self)
{
    static const char *const ids[] = {"asks", "answers", "x", "x", "\xFF\xFF", "0"};
    enum { IDS = sizeof ids / sizeof ids[0] };
    s_forgers_t forgers = {.mutant = zt_mutant_new (8)};
    for (unsigned i = 0; i < S_FORGERS; i++)
        forgers.fds[i] = -1;
    for (unsigned i = 0; i < IDS; i++) {
        void *socket = zt_attack_socket (self);
        zmq_setsockopt (socket, ZMQ_ROUTING_ID, ids[i], strlen (ids[i]));
        zt_attack_attach (self, socket, S_SOURCES);
        zmq_send (socket, "PING x\n", 7, ZMQ_DONTWAIT);
    }
    uint64_t n = s_strokes (self, 500, s_stroke_forged, &forgers);
    zt_buffer_put_format (&self->report, "%.0f/s claimed an id, %llu of %llu were ended soon",
                          (double) n / self->seconds, (unsigned long long) self->n_refused,
                          (unsigned long long) n);
    zt_mutant_destroy (&forgers.mutant);
}

/*  Whole handshakes of CURVE, as many as we can make: each costs us as much as the broker. */
static void s_handshakes (zt_attack_t *self, unsigned sources)
{
    enum { AT_ONCE = 64 };
    static const char ping[] = "PING x\n";
    zmq_pollitem_t items[AT_ONCE];
    int64_t since[AT_ONCE];
    uint64_t done = 0, given_up = 0;
    memset (items, 0, sizeof items);
    zt_attack_begin (self);
    while (zt_attack_goes_on (self)) {
        for (unsigned i = 0; i < AT_ONCE; i++) {
            bool is_done = items[i].socket && (items[i].revents & ZMQ_POLLIN);
            bool is_late = items[i].socket && zt_attack_now () - since[i] > S_SECOND;
            if (is_done || is_late)
                zmq_close (items[i].socket);
            done += is_done;
            given_up += is_late && !is_done;
            if (!items[i].socket || is_done || is_late) {
                items[i] = (zmq_pollitem_t){zt_attack_dealer (self, sources), 0, ZMQ_POLLIN, 0};
                since[i] = zt_attack_now ();
                zmq_send (items[i].socket, ping, sizeof ping - 1, ZMQ_DONTWAIT);
            }
        }
        zmq_poll (items, AT_ONCE, 10);
    }
    zt_buffer_put_format (&self->report, "%.0f/s were made, %llu not within a second",
                          (double) done / self->seconds, (unsigned long long) given_up);
}

void zt_attack_handshakes (zt_attack_t *self)
{
    s_handshakes (self, 1);
}

void zt_attack_many_handshakes (zt_attack_t *self)
{
    enum { SOURCES = 32 };
    s_handshakes (self, SOURCES);
}

/*  ---------------------------------------------------------------------------
    Endless messages */

static void s_keep (void *data, void *hint)
{
    (void) data;
    (void) hint;
}

/*  libzmq sends nothing of a message before its last part is there, so it is not quite
    endless, but its parts share their memory: it is as large as one likes. */
static void s_endless (zt_attack_t *self, size_t size, unsigned parts)
{
    static char part[ZT_FRAME_MAX];
    uint64_t rounds = 0;
    zt_attack_begin (self);
    while (zt_attack_goes_on (self)) {
        void *socket = zt_attack_dealer (self, S_SOURCES);
        void *monitor = zmq_socket (self->context, ZMQ_PAIR);
        zmq_msg_t shared, message;
        zmq_msg_init_data (&shared, part, size, s_keep, NULL);
        char name[64]; /* which is not free at once when it was used */
        snprintf (name, sizeof name, "inproc://over-%llu", (unsigned long long) rounds);
        zmq_socket_monitor (socket, name, ZMQ_EVENT_DISCONNECTED);
        zmq_connect (monitor, name);
        for (unsigned i = 0; i < parts; i++) {
            zmq_msg_init (&message);
            zmq_msg_copy (&message, &shared);
            zmq_msg_send (&message, socket, i + 1 < parts ? ZMQ_SNDMORE : 0);
        }
        int64_t left = (self->end - zt_attack_now ()) / 1000000;
        zmq_pollitem_t over = {monitor, 0, ZMQ_POLLIN, 0};
        rounds += left > 0 && zmq_poll (&over, 1, (long) left) == 1;
        zmq_socket_monitor (socket, NULL, 0);
        zmq_close (monitor);
        zmq_close (socket);
        zmq_msg_close (&shared);
    }
    zt_buffer_put_format (&self->report, "%llu messages of %zu MiB, none was heard to its end",
                          (unsigned long long) rounds, parts * size >> 20);
}

void zt_attack_endless (zt_attack_t *self)
{
    s_endless (self, ZT_FRAME_MAX, 4096);
}

void zt_attack_endless_small (zt_attack_t *self)
{
    s_endless (self, 2, 2 << 20);
}

void zt_attack_endless_ipc (zt_attack_t *self)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    char *part = calloc (1, ZT_FRAME_MAX);
    uint64_t rounds = 0, mib = 0;
    zt_zmtp_put_frame (&bytes, ZT_ZMTP_MORE, (zt_bytes_t){part, ZT_FRAME_MAX});
    zt_attack_begin (self);
    while (zt_attack_goes_on (self)) {
        int fd = zt_zmtp_open (self->ipc, (zt_bytes_t){"", 0});
        while (zt_attack_goes_on (self) && zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)))
            mib++;
        close (fd);
        rounds++;
    }
    zt_buffer_put_format (&self->report, "%llu messages, %.0f MiB/s", (unsigned long long) rounds,
                          (double) (mib / 4) / self->seconds);
    zt_buffer_free (&bytes);
    free (part);
}
