/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/relay.h"

#include "tests/zmtp.h"

#include "common/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/*  Pairs of descriptors stand side by side: a client's, and ours to the broker. */
enum { S_FDS = 64, S_LISTENER = 0, S_STOP = 1, S_FIRST = 2 };

struct zt_relay {
    char *to;
    char endpoint[64];
    struct pollfd fds[S_FDS];
    nfds_t n;
    int stop[2]; /* a pipe: what closes it ends the thread */
    pthread_t thread;
    zt_buffer_t seen[2]; /* to the broker, and from it */
};

static void s_accept (zt_relay_t *self)
{
    int fd = accept4 (self->fds[S_LISTENER].fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || self->n + 2 > S_FDS) {
        close (fd);
        return;
    }
    self->fds[self->n++] = (struct pollfd){fd, POLLIN, 0};
    self->fds[self->n++] = (struct pollfd){zt_zmtp_connect (self->to), POLLIN, 0};
}

static void s_close (zt_relay_t *self, nfds_t at)
{
    nfds_t first = at - (at - S_FIRST) % 2;
    for (nfds_t i = first; i < first + 2; i++) {
        close (self->fds[i].fd);
        self->fds[i] = (struct pollfd){-1, 0, 0};
    }
}

/*  All of it; the other end has room, or makes some. */
static bool s_send (int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t sent = send (fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && poll (&(struct pollfd){fd, POLLOUT, 0}, 1, 10000) != 1)
            return false;
        data += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t) sent : 0;
    }
    return true;
}

static void s_pass_on (zt_relay_t *self, nfds_t at)
{
    enum { CHUNK = 65536 };
    char chunk[CHUNK];
    nfds_t side = (at - S_FIRST) % 2;
    ssize_t size = recv (self->fds[at].fd, chunk, sizeof chunk, 0);
    if (size > 0)
        zt_buffer_put (&self->seen[side], chunk, (size_t) size);
    if (size <= 0 || !s_send (self->fds[side ? at - 1 : at + 1].fd, chunk, (size_t) size))
        s_close (self, at);
}

static void *s_run (void *argument)
{
    zt_relay_t *self = argument;
    while (poll (self->fds, self->n, -1) > 0 && !self->fds[S_STOP].revents) {
        nfds_t n = self->n; /* whoever comes now was not polled */
        if (self->fds[S_LISTENER].revents)
            s_accept (self);
        for (nfds_t i = S_FIRST; i < n; i++)
            if (self->fds[i].revents)
                s_pass_on (self, i);
    }
    return NULL;
}

zt_relay_t *zt_relay_new (const char *endpoint)
{
    zt_relay_t *self = zt_alloc (sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    self->to = zt_strndup (endpoint, strlen (endpoint));
    assert_int_equal (bind (listener, (const struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal (listen (listener, S_FDS), 0);
    assert_int_equal (getsockname (listener, (struct sockaddr *) &address, &size), 0);
    snprintf (self->endpoint, sizeof self->endpoint, "tcp://127.0.0.1:%u",
              ntohs (address.sin_port));
    assert_int_equal (pipe (self->stop), 0);
    self->fds[S_LISTENER] = (struct pollfd){listener, POLLIN, 0};
    self->fds[S_STOP] = (struct pollfd){self->stop[0], POLLIN, 0};
    self->n = S_FIRST;
    assert_int_equal (pthread_create (&self->thread, NULL, s_run, self), 0);
    return self;
}

const char *zt_relay_endpoint (const zt_relay_t *self)
{
    return self->endpoint;
}

void zt_relay_end (zt_relay_t **self_p, zt_buffer_t *to, zt_buffer_t *from)
{
    zt_relay_t *self = *self_p;
    close (self->stop[1]);
    pthread_join (self->thread, NULL);
    for (nfds_t i = 0; i < self->n; i++)
        if (self->fds[i].fd >= 0)
            close (self->fds[i].fd);
    *to = self->seen[0];
    *from = self->seen[1];
    free (self->to);
    free (self);
    *self_p = NULL;
}
