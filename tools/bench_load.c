/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_load.h"

#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define S_TICK_NS  UINT64_C (10000000)
#define S_STUCK_NS UINT64_C (10000000000)

enum {
    S_TICK_MS = 10,
    S_CONNECT_MS = 10000,
    S_LINGER_MS = 1000,
    S_EVENTS = 256,
    S_FRAMES = 256 /* that one link may give in a turn */
};

uint64_t zt_bench_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

/*  One for all loads of the process, since its signals are. */
static int s_signals = -1;

bool zt_bench_load_take_signals (zt_bench_error_t *error)
{
    static const int ends[] = {SIGINT, SIGTERM};
    s_signals = zt_signals_open (ends, sizeof ends / sizeof ends[0]);
    return s_signals >= 0 || zt_bench_fail_errno (error, "signals");
}

/*  Clients encrypt on machines of their own. With one I/O thread to do it for all of them
    the load would be what is measured: broker and limit wait for it, and cores are idle. */
static bool s_size_context (zt_bench_load_t *self, size_t most)
{
    enum { SPARE = 16, THREADS_PLAIN = 1, THREADS_CURVE = 2 };
    int threads = zt_bench_peer_encrypts (self->peer) ? THREADS_CURVE : THREADS_PLAIN;
    return (zmq_ctx_set (self->context, ZMQ_MAX_SOCKETS, (int) most + SPARE) == 0 &&
            zmq_ctx_set (self->context, ZMQ_IO_THREADS, threads) == 0) ||
           zt_bench_fail_errno (self->error, "so many sockets");
}

bool zt_bench_load_begin (zt_bench_load_t *self, const zt_bench_peer_t *peer,
                          const zt_bench_dialect_t *dialect, const char *suffix, size_t most,
                          zt_bench_error_t *error)
{
    *self = (zt_bench_load_t){.peer = peer,
                              .dialect = dialect,
                              .suffix = suffix,
                              .error = error,
                              .watch = zt_bench_watch_new (),
                              .context = zmq_ctx_new (),
                              .wait_ms = S_TICK_MS,
                              .now_ns = zt_bench_now_ns ()};
    self->progress_ns = self->now_ns;
    if (!self->watch || !self->context ||
        (s_signals >= 0 && !zt_bench_watch_add (self->watch, s_signals, NULL)))
        return zt_bench_fail_errno (error, "the load");
    return s_size_context (self, most);
}

static bool s_set (void *socket, int option, int value)
{
    return zmq_setsockopt (socket, option, &value, sizeof value) == 0;
}

/*  Under CURVE every link has a key of its own, as clients do: a broker lets a key have few names.
 */
static bool s_encrypt (const zt_bench_load_t *self, void *socket)
{
    char key[ZT_KEY_SIZE], secret[ZT_KEY_SIZE];
    return !zt_bench_peer_encrypts (self->peer) ||
           (zmq_curve_keypair (key, secret) == 0 &&
            zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, self->peer->key.text, ZT_KEY_SIZE) == 0 &&
            zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, key, sizeof key) == 0 &&
            zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret, sizeof secret) == 0);
}

/*  A DEALER that is being connected and that epoll watches. */
static bool s_connect (zt_bench_load_t *self, zt_bench_link_t *link)
{
    int fd;
    size_t size = sizeof fd;
    link->socket = zmq_socket (self->context, ZMQ_DEALER);
    /*  The windows bound what is under way, so the queues need no bound of their
        own; and a link that breaks is the end of the run. */
    if (!link->socket || !s_set (link->socket, ZMQ_SNDHWM, 0) ||
        !s_set (link->socket, ZMQ_RCVHWM, 0) || !s_set (link->socket, ZMQ_IMMEDIATE, 1) ||
        !s_set (link->socket, ZMQ_LINGER, S_LINGER_MS) ||
        !s_set (link->socket, ZMQ_SNDTIMEO, S_CONNECT_MS) ||
        !s_set (link->socket, ZMQ_IPV6, zt_endpoint_is_ipv6 (self->peer->endpoint)) ||
        !s_encrypt (self, link->socket) || zmq_connect (link->socket, self->peer->endpoint) != 0 ||
        zmq_getsockopt (link->socket, ZMQ_FD, &fd, &size) != 0)
        return zt_bench_fail_errno (self->error, "a connection");
    return zt_bench_watch_add (self->watch, fd, link) ||
           zt_bench_fail_errno (self->error, "a connection");
}

static bool s_add (zt_bench_load_t *self, bool receives)
{
    zt_bench_link_t *link = zt_alloc (sizeof *link);
    self->links = zt_realloc (self->links, self->count + 1, sizeof *self->links);
    self->links[self->count] = link;
    link->dialect = self->dialect;
    link->error = self->error;
    link->index = (uint32_t) self->count++;
    link->receives = receives;
    snprintf (link->target, sizeof link->target, "@u%u%s", (unsigned) link->index, self->suffix);
    return s_connect (self, link) && self->dialect->hello (link);
}

static bool s_sink_none (void *self, zt_bench_link_t *link, zt_bytes_t body)
{
    (void) self;
    (void) body;
    return zt_bench_fail (link->error, ZT_EXIT_FAILED,
                          "%s got a message that nobody of the load has sent", link->target);
}

bool zt_bench_load_add (zt_bench_load_t *self, size_t count, bool receives)
{
    /*  Some at a time: a broker accepts no faster than it shakes hands. */
    enum { AT_ONCE = 64 };
    size_t open = self->count;
    for (size_t end = open + count; open < end;) {
        for (size_t i = 0; i < AT_ONCE && self->count < end; i++)
            if (!s_add (self, receives))
                return false;
        for (; open < self->count; open++)
            while (!self->links[open]->open)
                if (!zt_bench_load_turn (self, s_sink_none, NULL))
                    return false;
        zt_bench_load_progress (self);
    }
    return true;
}

/*  Takes what a link has got, to the end: ZMQ_FD tells only of what is new. */
static bool s_drain (zt_bench_load_t *self, zt_bench_link_t *link, zt_bench_sink_fn *fn,
                     void *owner)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    bool ok = true;
    int left = S_FRAMES;
    link->look = false;
    for (; ok && left; left--) {
        if (zmq_msg_recv (&frame, link->socket, ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR)
                continue;
            ok = errno == EAGAIN || zt_bench_fail_errno (self->error, "receiving");
            break;
        }
        self->frames++;
        ok = !zmq_msg_more (&frame)
                 ? link->dialect->take (
                       link, (zt_bytes_t){zmq_msg_data (&frame), zmq_msg_size (&frame)}, fn, owner)
                 : zt_bench_fail (self->error, ZT_EXIT_FAILED, "a message of several frames");
    }
    link->look |= left == 0;
    zmq_msg_close (&frame);
    return ok;
}

static bool s_tick (zt_bench_load_t *self)
{
    if (self->now_ns - self->ticked_ns < S_TICK_NS)
        return true;
    self->ticked_ns = self->now_ns;
    for (size_t i = 0; i < self->count; i++)
        if (!self->dialect->tick (self->links[i], self->now_ns / 1000000))
            return false;
    if (self->now_ns - self->progress_ns < S_STUCK_NS)
        return true;
    return zt_bench_fail (
        self->error, self->count && self->links[0]->open ? ZT_EXIT_FAILED : ZT_EXIT_UNREACHABLE,
        "%s: no progress for 10 s", self->dialect->name);
}

bool zt_bench_load_turn (zt_bench_load_t *self, zt_bench_sink_fn *fn, void *owner)
{
    int wait = self->wait_ms;
    self->now_ns = zt_bench_now_ns ();
    for (size_t i = 0; i < self->count; i++) {
        if (!self->links[i]->look)
            continue;
        uint64_t before = self->frames;
        if (!s_drain (self, self->links[i], fn, owner))
            return false;
        if (self->frames != before || self->links[i]->look)
            wait = 0; /* the caller has to hear of it */
    }
    void *owners[S_EVENTS];
    int count = zt_bench_watch_wait (self->watch, owners, S_EVENTS, wait);
    if (count < 0 && errno != EINTR)
        return zt_bench_fail_errno (self->error, "waiting");
    self->now_ns = zt_bench_now_ns ();
    for (int i = 0; i < count; i++) {
        if (!owners[i])
            return zt_bench_fail (self->error, ZT_EXIT_FAILED, "interrupted");
        if (!s_drain (self, owners[i], fn, owner))
            return false;
    }
    return s_tick (self);
}

void zt_bench_load_progress (zt_bench_load_t *self)
{
    self->progress_ns = self->now_ns;
}

void zt_bench_load_end (zt_bench_load_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        zt_bench_link_t *link = self->links[i];
        if (link->socket && link->open && self->error->status == ZT_EXIT_OK)
            self->dialect->bye (link);
        if (link->socket)
            zmq_close (link->socket);
        zt_buffer_free (&link->out);
        free (link->left_ns);
        free (link);
    }
    free (self->links);
    if (self->context)
        while (zmq_ctx_term (self->context) != 0 && errno == EINTR)
            ;
    zt_bench_watch_destroy (&self->watch);
}
