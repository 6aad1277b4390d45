/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/attack.h"

#include "common/wire.h"

#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/*  In Linux all of 127.0.0.0/8 is this machine. */
enum { S_FIRST_SOURCE = 2, S_A_TURN = 16 };

/*  An attacker that cannot attack is a test that tests nothing. */
static void s_check (bool is_well, const char *what)
{
    if (is_well)
        return;
    fprintf (stderr, "attack: %s: %s\n", what, zmq_strerror (errno));
    exit (1);
}

int64_t zt_attack_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

void zt_attack_begin (zt_attack_t *self)
{
    printf ("begun\n");
    fflush (stdout);
    self->end = zt_attack_now () + (int64_t) (self->seconds * 1e9);
}

bool zt_attack_goes_on (const zt_attack_t *self)
{
    return zt_attack_now () < self->end;
}

void zt_attack_wait (int64_t until)
{
    struct timespec time = {(time_t) (until / 1000000000), until % 1000000000};
    while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
}

unsigned zt_attack_source (zt_attack_t *self, unsigned sources)
{
    return S_FIRST_SOURCE + (unsigned) (self->n_sources++ % sources);
}

/*  ---------------------------------------------------------------------------
    Bare connections */

int zt_attack_connect (zt_attack_t *self, unsigned sources)
{
    static const int on = 1;
    const char *port = strrchr (self->endpoint, ':');
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons ((uint16_t) strtoul (port + 1, NULL, 10)),
                             .sin_addr = {htonl (INADDR_LOOPBACK)}};
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr = {htonl (0x7F000000 | zt_attack_source (self, sources))}};
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /*  The port is chosen with the other end in sight: there are more of them. */
    setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind (fd, (const struct sockaddr *) &from, sizeof from) == 0 &&
        (connect (fd, (const struct sockaddr *) &to, sizeof to) == 0 || errno == EINPROGRESS))
        return fd;
    close (fd);
    return -1;
}

void zt_attack_reset (int fd)
{
    static const struct linger reset = {1, 0};
    setsockopt (fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close (fd);
}

/*  ---------------------------------------------------------------------------
    DEALERs */

void *zt_attack_socket (zt_attack_t *self)
{
    char public[ZT_KEY_SIZE], secret[ZT_KEY_SIZE];
    static const int linger = 0, hwm = 16, never = -1;
    if (!self->context) {
        self->context = zmq_ctx_new ();
        zmq_ctx_set (self->context, ZMQ_MAX_SOCKETS, 8192);
    }
    void *socket = zmq_socket (self->context, ZMQ_DEALER);
    s_check (socket && zmq_curve_keypair (public, secret) == 0, "no socket");
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt (socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
    zmq_setsockopt (socket, ZMQ_RECONNECT_IVL, &never, sizeof never);
    zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, self->key.text, ZT_KEY_CHARS);
    zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, public, ZT_KEY_CHARS);
    zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret, ZT_KEY_CHARS);
    return socket;
}

void zt_attack_attach (zt_attack_t *self, void *socket, unsigned sources)
{
    char endpoint[128];
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.%u:0;%s", zt_attack_source (self, sources),
              self->endpoint + strlen ("tcp://"));
    s_check (zmq_connect (socket, endpoint) == 0, endpoint);
}

void *zt_attack_dealer (zt_attack_t *self, unsigned sources)
{
    void *socket = zt_attack_socket (self);
    zt_attack_attach (self, socket, sources);
    return socket;
}

static void s_count (zt_attack_t *self, const zt_message_t *message)
{
    switch (message->verb) {
    case ZT_VERB_WELCOME:
        self->n_welcomed++;
        break;
    case ZT_VERB_SENT:
        self->n_sent++;
        break;
    case ZT_VERB_RESULT:
        self->n_results++;
        break;
    case ZT_VERB_MSG:
        self->n_messages++;
        break;
    case ZT_VERB_ERROR:
        if (zt_bytes_equal (message->word[1], zt_bytes ("rate-limited")))
            self->n_limited++;
        else
            self->n_refused++;
        break;
    default:
        break;
    }
}

void zt_attack_take (zt_attack_t *self, void *socket)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    for (int i = 0; i < S_A_TURN && zmq_msg_recv (&frame, socket, ZMQ_DONTWAIT) >= 0; i++) {
        zt_reader_t reader =
            zt_reader (zmq_msg_data (&frame), zmq_msg_size (&frame), ZT_FROM_BROKER);
        for (zt_message_t message; zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE;)
            s_count (self, &message);
    }
    zmq_msg_close (&frame);
}

void *zt_attack_session (zt_attack_t *self, const char *name, const char *body)
{
    enum { PATIENCE_MS = 20000 };
    zt_buffer_t hello = {NULL, 0, 0};
    void *socket = zt_attack_dealer (self, 1);
    uint64_t before = self->n_welcomed;
    zt_wire_put (&hello, &(zt_message_t){.verb = ZT_VERB_HELLO,
                                         .word = {zt_bytes ("ZTALK/1"), zt_bytes (name)},
                                         .body = zt_bytes (body)});
    s_check (zmq_send (socket, hello.data, hello.size, 0) >= 0, "HELLO");
    zt_buffer_free (&hello);
    zmq_poll (&(zmq_pollitem_t){socket, 0, ZMQ_POLLIN, 0}, 1, PATIENCE_MS);
    zt_attack_take (self, socket);
    s_check (self->n_welcomed > before, "no WELCOME");
    return socket;
}
