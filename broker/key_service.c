/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/key_service.h"

#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/system.h"
#include "common/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { S_BACKLOG = 128, S_A_TURN = 64, S_PORT_MOST = 65535 };

struct zt_key_service {
    char line[ZT_KEY_SIZE + 16];
    size_t size;
    zt_gate_t *gate;
    int spare; /* a descriptor that is given up when there are no others */
    int fds[ZT_KEY_SERVICE_FDS];
    size_t n_fds;
    char wrong[256];
};

zt_key_service_t *zt_key_service_new (const zt_key_t *key, zt_gate_t *gate)
{
    zt_key_service_t *self = zt_alloc (sizeof *self);
    int size = snprintf (self->line, sizeof self->line, "ZTALK/1 KEY %s\n", key->text);
    self->size = (size_t) size;
    self->gate = gate;
    self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    if (self->spare < 0)
        zt_key_service_destroy (&self);
    return self;
}

void zt_key_service_destroy (zt_key_service_t **self_p)
{
    zt_key_service_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_fds; i++)
        close (self->fds[i]);
    if (self->spare >= 0)
        close (self->spare);
    free (self);
    *self_p = NULL;
}

size_t zt_key_service_poll (const zt_key_service_t *self, struct pollfd fds[ZT_KEY_SERVICE_FDS])
{
    for (size_t i = 0; i < self->n_fds; i++)
        fds[i] = (struct pollfd){.fd = self->fds[i], .events = POLLIN};
    return self->n_fds;
}

/*  A socket that listens at the address; -1 with errno if there is none. */
static int s_listen (const struct addrinfo *address)
{
    static const int on = 1, off = 0;
    int fd = zt_system_socket (address->ai_family, SOCK_STREAM, false);
    if (fd < 0)
        return -1;
    bool is_well = setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (address->ai_family == AF_INET6) /* "*" is IPv4, too, as it is for libzmq */
        is_well = is_well && setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
    if (is_well && bind (fd, address->ai_addr, address->ai_addrlen) == 0 &&
        listen (fd, S_BACKLOG) == 0)
        return fd;
    int error = errno;
    close (fd);
    errno = error;
    return -1;
}

/*  Finds where to listen: a host, and a port as text. NULL, or what is wrong. */
static const char *s_where (const char *bound, unsigned port, char host[256], char service[8])
{
    zt_bytes_t host_view, port_view;
    uint64_t number = 0;
    if (!zt_endpoint_split (bound, &host_view, &port_view) || !zt_u64_read (port_view, &number))
        return "it is no tcp endpoint";
    number = port ? port : number + 1;
    if (number > S_PORT_MOST)
        return "there is no next port";
    snprintf (host, 256, "%.*s", (int) host_view.size, host_view.data);
    snprintf (service, 8, "%u", (unsigned) number);
    return NULL;
}

const char *zt_key_service_listen (zt_key_service_t *self, const char *bound, unsigned port)
{
    char host[256], service[8];
    const char *wrong = s_where (bound, port, host, service);
    if (!wrong && self->n_fds == ZT_KEY_SERVICE_FDS)
        wrong = "it is told beside 16 endpoints at most";
    if (wrong)
        return wrong;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    int rc = getaddrinfo (host, service, &hints, &found);
    int fd = rc == 0 ? s_listen (found) : -1;
    if (rc == 0)
        freeaddrinfo (found);
    if (fd >= 0) {
        self->fds[self->n_fds++] = fd;
        return NULL;
    }
    snprintf (self->wrong, sizeof self->wrong, "port %s: %s", service,
              rc != 0 ? gai_strerror (rc) : strerror (errno));
    return self->wrong;
}

/*  Takes a connection away that there is no descriptor for: it would be told of for ever. */
static void s_turn_away (zt_key_service_t *self, int listener)
{
    if (self->spare >= 0)
        close (self->spare);
    int fd = zt_system_accept (listener);
    if (fd >= 0)
        close (fd);
    self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*  Answers one who has connected. False if nobody has. */
static bool s_answer (zt_key_service_t *self, int listener, uint64_t now)
{
    int fd = zt_system_accept (listener);
    if (fd < 0) {
        int error = errno;
        if (error == EMFILE || error == ENFILE)
            s_turn_away (self, listener);
        return error == ECONNABORTED || error == EINTR;
    }
    /*  A line has room in the buffer of a new connection. If it has not, the other end
        gets nothing, and asks again. SIGPIPE is ignored by the broker. */
    if (!self->gate || zt_gate_admits (self->gate, fd, now)) {
        ssize_t sent = write (fd, self->line, self->size);
        (void) sent;
    }
    close (fd);
    return true;
}

void zt_key_service_serve (zt_key_service_t *self, const struct pollfd fds[ZT_KEY_SERVICE_FDS],
                           uint64_t now)
{
    for (size_t i = 0; i < self->n_fds; i++)
        for (int j = 0; j < S_A_TURN && fds[i].revents && s_answer (self, fds[i].fd, now); j++) {}
}
