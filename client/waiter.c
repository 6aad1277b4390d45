/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/waiter.h"

#include "common/alloc.h"
#include "common/system.h"

#include <assert.h>
#include <czmq.h>

enum {
    S_READERS = ZT_WAITER_SOCKETS + ZT_WAITER_FDS,
    S_BLIND_MS = 50 /* where no descriptor can stand for others, and zpoller does not see enough */
};

/*  zpoller takes the address of a descriptor, and czmq reads past it to see whether it is a
    socket: hence the room. */
typedef union {
    int fd;
    char room[2048];
} s_fd_t;

struct zt_waiter {
    zpoller_t *poller;
    void *sockets[ZT_WAITER_SOCKETS]; /* that it has */
    int gather;                       /* stands for all descriptors; -1: each is in the poller */
    struct pollfd gathered[ZT_WAITER_FDS];
    s_fd_t fds[ZT_WAITER_FDS]; /* that the poller has; the first is the gather, if there is one */
};

zt_waiter_t *zt_waiter_new (void)
{
    zt_waiter_t *self = zt_alloc (sizeof *self);
    self->gather = zt_system_gather_open ();
    for (size_t i = 0; i < ZT_WAITER_FDS; i++) {
        self->gathered[i] = (struct pollfd){.fd = -1};
        self->fds[i].fd = -1;
    }
    return self;
}

void zt_waiter_destroy (zt_waiter_t **self_p)
{
    zt_waiter_t *self = *self_p;
    if (!self)
        return;
    zpoller_destroy (&self->poller);
    if (self->gather >= 0)
        close (self->gather);
    free (self);
    *self_p = NULL;
}

/*  The poller is made anew when what it is to have has changed: one may not take a socket out of
    it that is closed. That is when a link is made, and where there is no gather. */
static void s_set (zt_waiter_t *self, void *const sockets[ZT_WAITER_SOCKETS],
                   const int fds[ZT_WAITER_FDS])
{
    bool is_same = self->poller != NULL;
    for (size_t i = 0; i < ZT_WAITER_SOCKETS; i++)
        is_same = is_same && self->sockets[i] == sockets[i];
    for (size_t i = 0; i < ZT_WAITER_FDS; i++)
        is_same = is_same && self->fds[i].fd == fds[i];
    if (is_same)
        return;
    zpoller_destroy (&self->poller);
    self->poller = zpoller_new (NULL);
    assert (self->poller); /* czmq ends the process when memory is out */
    zpoller_set_nonstop (self->poller, true);
    for (size_t i = 0; i < ZT_WAITER_SOCKETS; i++) {
        self->sockets[i] = sockets[i];
        if (sockets[i])
            zpoller_add (self->poller, sockets[i]);
    }
    for (size_t i = 0; i < ZT_WAITER_FDS; i++) {
        self->fds[i].fd = fds[i];
        if (fds[i] >= 0)
            zpoller_add (self->poller, &self->fds[i].fd);
    }
}

/*  What the poller sees of the descriptors; and for how long it may, since that is not all. */
static int s_see (zt_waiter_t *self, const struct pollfd fds[ZT_WAITER_FDS],
                  int seen[ZT_WAITER_FDS], int wait_ms)
{
    for (size_t i = 0; i < ZT_WAITER_FDS; i++)
        seen[i] = -1;
    if (self->gather >= 0) {
        zt_system_gather_set (self->gather, self->gathered, fds, ZT_WAITER_FDS);
        memcpy (self->gathered, fds, sizeof self->gathered);
        seen[0] = self->gather;
        return wait_ms;
    }
    for (size_t i = 0; i < ZT_WAITER_FDS; i++) {
        if (fds[i].events == POLLIN)
            seen[i] = fds[i].fd;
        else if (fds[i].fd >= 0 && (wait_ms < 0 || wait_ms > S_BLIND_MS))
            wait_ms = S_BLIND_MS;
    }
    return wait_ms;
}

static bool s_poll (struct pollfd fds[ZT_WAITER_FDS])
{
    int count = poll (fds, ZT_WAITER_FDS, 0);
    for (size_t i = 0; count < 0 && i < ZT_WAITER_FDS; i++)
        fds[i].revents = 0;
    return count > 0;
}

void zt_waiter_wait (zt_waiter_t *self, void *const sockets[ZT_WAITER_SOCKETS],
                     struct pollfd fds[ZT_WAITER_FDS], int wait_ms)
{
    /*  A file is always ready, and epoll does not take it. */
    if (s_poll (fds) || wait_ms == 0)
        return;
    int seen[ZT_WAITER_FDS];
    wait_ms = s_see (self, fds, seen, wait_ms);
    s_set (self, sockets, seen);
    zpoller_wait (self->poller, wait_ms);
    s_poll (fds);
}
