/*  SPDX-License-Identifier: MPL-2.0

    zt_waiter - the one place where the console client waits: a zpoller, over sockets of ZeroMQ and
    what else there is

    zpoller knows sockets and descriptors that can be read. Of a terminal, or of what is in its
   place, more is to be known: that it takes output again, that a pipe has no reader any more. So it
   is given one descriptor that stands for all of them (zt_system_gather_open), and poll tells what
    it was. */

#ifndef ZT_CLIENT_WAITER_H
#define ZT_CLIENT_WAITER_H

#include <poll.h>

typedef struct zt_waiter zt_waiter_t;

/*  At most so many sockets, and so many descriptors. */
enum { ZT_WAITER_SOCKETS = 2, ZT_WAITER_FDS = 5 };

/*  The caller destroys it. */
zt_waiter_t *zt_waiter_new (void);
void zt_waiter_destroy (zt_waiter_t **self_p);

/*  Waits until a descriptor has what its events ask for, one of the sockets can be read, or wait_ms
    are over (-1: for ever), and sets the revents of all descriptors, as poll does. There are always
    ZT_WAITER_SOCKETS, of which NULL is none, and ZT_WAITER_FDS, of which -1 is none; they may be
    others each time. */
void zt_waiter_wait (zt_waiter_t *self, void *const sockets[ZT_WAITER_SOCKETS],
                     struct pollfd fds[ZT_WAITER_FDS], int wait_ms);

#endif
