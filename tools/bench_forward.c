/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_forward.h"

#include "common/alloc.h"
#include "common/key.h"
#include "common/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zmq.h>

enum {
    S_BATCH = 256,
    S_PEERS_MAX = 65536,
    /*  As it is fastest on two cores: a second I/O thread does nothing for plain
        frames, and much for encrypted ones when the load has two as well. */
    S_THREADS_PLAIN = 1,
    S_THREADS_CURVE = 2
};

typedef struct {
    void *router;
    zmq_msg_t *ids; /* by index: a routing id, empty if nobody has the index */
    size_t count;
} s_forwarder_t;

/*  Sends body to the owner of a routing id; what is left of it is the caller's.
    False with errno when ZeroMQ has failed, not when the peer is gone. */
static bool s_send (s_forwarder_t *self, zmq_msg_t *id, zmq_msg_t *body)
{
    zmq_msg_t to;
    zmq_msg_init (&to);
    if (zmq_msg_copy (&to, id) != 0)
        return false;
    if (zmq_msg_send (&to, self->router, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        return zmq_msg_send (body, self->router, ZMQ_DONTWAIT) >= 0;
    int error = errno;
    zmq_msg_close (&to);
    errno = error;
    return errno == EHOSTUNREACH || errno == EAGAIN;
}

static bool s_same (zmq_msg_t *a, zmq_msg_t *b)
{
    size_t size = zmq_msg_size (a);
    return size == zmq_msg_size (b) && memcmp (zmq_msg_data (a), zmq_msg_data (b), size) == 0;
}

static bool s_send_all (s_forwarder_t *self, zmq_msg_t *from, zmq_msg_t *body)
{
    bool ok = true;
    for (size_t i = 0; ok && i < self->count; i++) {
        if (zmq_msg_size (&self->ids[i]) == 0 || s_same (&self->ids[i], from))
            continue;
        zmq_msg_t copy;
        zmq_msg_init (&copy);
        ok = zmq_msg_copy (&copy, body) == 0 && s_send (self, &self->ids[i], &copy);
        zmq_msg_close (&copy); /* empty, unless it was not sent */
    }
    return ok;
}

/*  Gives the sender the index that it asks for, and tells it by an echo. */
static bool s_hello (s_forwarder_t *self, zmq_msg_t *from, zmq_msg_t *body)
{
    uint32_t index = S_PEERS_MAX;
    if (zmq_msg_size (body) == 2 * sizeof index)
        memcpy (&index, (const char *) zmq_msg_data (body) + sizeof index, sizeof index);
    if (index >= S_PEERS_MAX)
        return true;
    if (index >= self->count) {
        self->ids = zt_realloc (self->ids, index + 1, sizeof *self->ids);
        while (self->count <= index)
            zmq_msg_init (&self->ids[self->count++]);
    }
    return zmq_msg_copy (&self->ids[index], from) == 0 && s_send (self, from, body);
}

static bool s_forward (s_forwarder_t *self, zmq_msg_t *from, zmq_msg_t *body)
{
    int32_t to;
    if (zmq_msg_size (body) < sizeof to)
        return true;
    memcpy (&to, zmq_msg_data (body), sizeof to);
    if (to >= 0 && (size_t) to < self->count)
        return s_send (self, &self->ids[to], body);
    switch (to) {
    case ZT_BENCH_FORWARD_ALL:
        return s_send_all (self, from, body);
    case ZT_BENCH_FORWARD_HELLO:
        return s_hello (self, from, body);
    case ZT_BENCH_FORWARD_PING:
        return s_send (self, from, body);
    default:
        return true;
    }
}

/*  Forwards what has come, up to a batch. False with errno when ZeroMQ has failed. */
static bool s_drain (s_forwarder_t *self)
{
    zmq_msg_t from, body;
    zmq_msg_init (&from);
    zmq_msg_init (&body);
    bool ok = true;
    for (int i = 0; ok && i < S_BATCH; i++) {
        if (zmq_msg_recv (&from, self->router, ZMQ_DONTWAIT) < 0) {
            ok = errno == EAGAIN || errno == EINTR;
            break;
        }
        ok =
            zmq_msg_recv (&body, self->router, ZMQ_DONTWAIT) >= 0 && s_forward (self, &from, &body);
    }
    int error = errno;
    zmq_msg_close (&from);
    zmq_msg_close (&body);
    errno = error;
    return ok;
}

/*  Makes the socket a server under CURVE, with a key of this run. */
static bool s_encrypt (void *router, char key[ZT_KEY_SIZE])
{
    char secret[ZT_KEY_SIZE];
    int server = 1;
    return zmq_curve_keypair (key, secret) == 0 &&
           zmq_setsockopt (router, ZMQ_CURVE_SERVER, &server, sizeof server) == 0 &&
           zmq_setsockopt (router, ZMQ_CURVE_SECRETKEY, secret, sizeof secret) == 0;
}

static bool s_bind (void *router, bool curve)
{
    char key[ZT_KEY_SIZE] = "-";
    int mandatory = 1, unlimited = 0, backlog = 4096;
    char endpoint[256];
    size_t size = sizeof endpoint;
    if (zmq_setsockopt (router, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory) != 0 ||
        zmq_setsockopt (router, ZMQ_SNDHWM, &unlimited, sizeof unlimited) != 0 ||
        zmq_setsockopt (router, ZMQ_RCVHWM, &unlimited, sizeof unlimited) != 0 ||
        zmq_setsockopt (router, ZMQ_BACKLOG, &backlog, sizeof backlog) != 0 ||
        (curve && !s_encrypt (router, key)) || zmq_bind (router, "tcp://127.0.0.1:*") != 0 ||
        zmq_getsockopt (router, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
        return false;
    return printf ("ready %s %s\n", endpoint, key) > 0 && fflush (stdout) == 0;
}

static bool s_run (s_forwarder_t *self, bool curve)
{
    if (!s_bind (self->router, curve))
        return false;
    for (;;) {
        zmq_pollitem_t item = {self->router, 0, ZMQ_POLLIN, 0};
        if (zmq_poll (&item, 1, -1) < 0 && errno != EINTR)
            return false;
        if (!s_drain (self))
            return false;
    }
}

int zt_bench_forward (bool curve)
{
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit (RLIMIT_NOFILE, &files) != 0)
            perror ("ztalk-bench: the limit of open files");
    }
    void *context = zmq_ctx_new ();
    int threads = curve ? S_THREADS_CURVE : S_THREADS_PLAIN;
    bool ok = context && zmq_ctx_set (context, ZMQ_IO_THREADS, threads) == 0;
    s_forwarder_t self = {ok ? zmq_socket (context, ZMQ_ROUTER) : NULL, NULL, 0};
    if (!self.router || !s_run (&self, curve))
        fprintf (stderr, "ztalk-bench: the forwarder: %s\n", zmq_strerror (errno));
    return ZT_EXIT_FAILED;
}
