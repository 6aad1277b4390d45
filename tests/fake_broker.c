/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/fake_broker.h"

#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <netinet/in.h>
#include <setjmp.h>
#include <zmq.h>

#include <cmocka.h>

/*  The process. It is killed in the end, and frees nothing. */
typedef struct {
    void *router, *zap;
    bool bans;
} s_process_t;

static void s_authorise (const s_process_t *self)
{
    char part[2][256], rest[256];
    int size[2] = {0, 0}, more = 1;
    size_t more_size = sizeof more;
    for (int i = 0; more; i++) {
        int got = zmq_recv (self->zap, i < 2 ? part[i] : rest, sizeof rest, 0);
        if (i < 2)
            size[i] = got;
        zmq_getsockopt (self->zap, ZMQ_RCVMORE, &more, &more_size);
    }
    zmq_send (self->zap, part[0], (size_t) size[0], ZMQ_SNDMORE);
    zmq_send (self->zap, part[1], (size_t) size[1], ZMQ_SNDMORE);
    zmq_send (self->zap, self->bans ? "400" : "200", 3, ZMQ_SNDMORE);
    zmq_send (self->zap, "", 0, ZMQ_SNDMORE);
    zmq_send (self->zap, "user", 4, ZMQ_SNDMORE);
    zmq_send (self->zap, "", 0, 0);
}

/*  Says WELCOME to a HELLO, and stores whatever is sent. */
static void s_reply (const s_process_t *self)
{
    char id[256], frame[4096], answer[512], name[128], body[256];
    int id_size = zmq_recv (self->router, id, sizeof id, 0);
    int size = zmq_recv (self->router, frame, sizeof frame - 1, 0);
    unsigned long ref;
    if (id_size < 0 || size < 0 || size >= (int) sizeof frame)
        _exit (1);
    frame[size] = '\0';
    if (sscanf (frame, "HELLO ZTALK/1 %127s", name) == 1) {
        snprintf (body, sizeof body, "{\"broker\":\"fake\",\"version\":\"1\",\"motd\":\"%s, %s\"}",
                  strstr (frame, "\"token\":") ? "a token" : "no token",
                  strstr (frame, "\"invite\":\"please\"") ? "invited" : "not invited");
        snprintf (answer, sizeof answer, "WELCOME %s 1 %zu\n%s\n", name, strlen (body), body);
    } else if (sscanf (frame, "SEND %lu", &ref) == 1)
        snprintf (answer, sizeof answer, "SENT %lu %lu 1000\n", ref, ref);
    else
        return;
    zmq_send (self->router, id, (size_t) id_size, ZMQ_SNDMORE);
    zmq_send (self->router, answer, strlen (answer), 0);
}

static void s_bind (const zt_fake_t *fake, s_process_t *self, zt_fake_kind_t kind)
{
    int yes = 1;
    void *context = zmq_ctx_new ();
    self->zap = zmq_socket (context, ZMQ_REP);
    self->router = zmq_socket (context, ZMQ_ROUTER);
    if (zmq_bind (self->zap, "inproc://zeromq.zap.01") != 0)
        _exit (1);
    if (kind != ZT_FAKE_PLAIN) {
        zmq_setsockopt (self->router, ZMQ_CURVE_SERVER, &yes, sizeof yes);
        zmq_setsockopt (self->router, ZMQ_CURVE_SECRETKEY, fake->keys.secret, ZT_KEY_SIZE);
    }
    zmq_setsockopt (self->router, ZMQ_ZAP_DOMAIN, "fake", 4);
    if (zmq_bind (self->router, fake->endpoint) != 0)
        _exit (1);
}

/*  A socket at that port, 0 for any; -1 if it is taken. As long as it does not listen, it only
    keeps the port: another one, which listens, may be bound to it as well. */
static int s_hold (uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons (*port),
                                  .sin_addr = {.s_addr = htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int yes = 1, fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind (fd, (struct sockaddr *) &address, size) != 0 ||
        getsockname (fd, (struct sockaddr *) &address, &size) != 0) {
        close (fd);
        return -1;
    }
    *port = ntohs (address.sin_port);
    return fd;
}

static void s_tell (int service, const char *text)
{
    int fd = accept (service, NULL, NULL);
    if (fd >= 0)
        send (fd, text, strlen (text), MSG_NOSIGNAL);
    close (fd);
}

/*  A socket at which whoever comes is told something. */
static int s_listen (uint16_t port)
{
    int fd = s_hold (&port);
    if (fd < 0 || listen (fd, 16) != 0)
        _exit (1);
    return fd;
}

static uint16_t s_port (const zt_fake_t *fake)
{
    return (uint16_t) atoi (strrchr (fake->endpoint, ':') + 1);
}

/*  Runs in the child. It closes ready when it is. */
static void s_run (const zt_fake_t *fake, zt_fake_kind_t kind, const char *answer, int ready)
{
    s_process_t self = {.bans = kind == ZT_FAKE_BANS};
    zmq_pollitem_t items[3];
    int count = 0, service = -1, stranger = -1;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (kind == ZT_FAKE_STRANGE) {
        stranger = s_listen (s_port (fake));
        items[count++] = (zmq_pollitem_t){NULL, stranger, ZMQ_POLLIN, 0};
    } else if (kind != ZT_FAKE_ABSENT) {
        s_bind (fake, &self, kind);
        items[count++] = (zmq_pollitem_t){self.zap, 0, ZMQ_POLLIN, 0};
        items[count++] = (zmq_pollitem_t){self.router, 0, ZMQ_POLLIN, 0};
    }
    if (answer) {
        service = s_listen ((uint16_t) (s_port (fake) + 1));
        items[count++] = (zmq_pollitem_t){NULL, service, ZMQ_POLLIN, 0};
    }
    if (write (ready, "", 1) != 1)
        _exit (1);
    for (;;) {
        zmq_poll (items, count, -1);
        for (int i = 0; i < count; i++) {
            if (!(items[i].revents & ZMQ_POLLIN))
                continue;
            if (!items[i].socket && items[i].fd == stranger)
                s_tell (stranger,
                        "SSH-2.0-what is not ZMTP is much too short to be a greeting, or not\r\n");
            else if (!items[i].socket)
                s_tell (service, answer);
            else if (items[i].socket == self.zap)
                s_authorise (&self);
            else
                s_reply (&self);
        }
    }
}

void zt_fake_open (zt_fake_t *self)
{
    *self = (zt_fake_t){.pid = 0};
    assert_int_equal (zmq_curve_keypair (self->keys.public.text, self->keys.secret), 0);
    do {
        uint16_t port = 0, next;
        self->held[0] = s_hold (&port);
        assert_true (self->held[0] >= 0 && port < UINT16_MAX);
        next = (uint16_t) (port + 1);
        self->held[1] = s_hold (&next);
        snprintf (self->endpoint, sizeof self->endpoint, "tcp://127.0.0.1:%u", (unsigned) port);
        if (self->held[1] < 0)
            close (self->held[0]);
    } while (self->held[1] < 0);
}

void zt_fake_start (zt_fake_t *self, zt_fake_kind_t kind, const char *answer)
{
    int ready[2];
    char byte;
    assert_int_equal (pipe (ready), 0);
    self->pid = fork ();
    assert_true (self->pid >= 0);
    if (self->pid == 0)
        s_run (self, kind, answer, ready[1]);
    close (ready[1]);
    assert_int_equal (read (ready[0], &byte, 1), 1);
    close (ready[0]);
}

void zt_fake_start_honest (zt_fake_t *self, zt_fake_kind_t kind)
{
    char answer[128];
    snprintf (answer, sizeof answer, "ZTALK/1 KEY %s\n", self->keys.public.text);
    zt_fake_start (self, kind, answer);
}

void zt_fake_stop (zt_fake_t *self)
{
    if (self->pid > 0) {
        kill (self->pid, SIGKILL);
        waitpid (self->pid, NULL, 0);
    }
    self->pid = 0;
}

void zt_fake_close (zt_fake_t *self)
{
    zt_fake_stop (self);
    for (int i = 0; i < 2; i++)
        if (self->held[i] >= 0)
            close (self->held[i]);
}
