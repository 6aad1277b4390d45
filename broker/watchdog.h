/*  SPDX-License-Identifier: MPL-2.0

    zt_watchdog - what a connection may make libzmq hold

    libzmq bounds a frame, and the number of messages in a queue. It does not bound a
    message of many frames, of which the broker sees nothing before the last one has
    come; nor the bytes that wait for a peer who does not read; nor the connections
    that say nothing, nor their number, so that descriptors run out. The watchdog does.

    It knows connections by their descriptors, from the monitor's events. What goes
    wrong is ended with shutdown (), which libzmq takes for the end of the connection.
    watchdog.c tells what it goes by, and why no honest peer is hit. */

#ifndef ZT_WATCHDOG_H
#define ZT_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct zt_watchdog zt_watchdog_t;

/*  queue: how many messages libzmq keeps of a connection before it reads no more of
    it. most: how many bytes it may hold of all connections together, both ways. To be
    called when the limit of descriptors has been set. */
zt_watchdog_t *zt_watchdog_new (unsigned queue, int64_t most);

/*  Changes how many. */
void zt_watchdog_configure (zt_watchdog_t *self, int64_t most);
void zt_watchdog_destroy (zt_watchdog_t **self_p);

/*  A connection was accepted; it is ended at once if there are too many. */
void zt_watchdog_opened (zt_watchdog_t *self, int fd, uint64_t now);

/*  A connection is gone, and its descriptor free. */
void zt_watchdog_closed (zt_watchdog_t *self, int fd);

/*  A whole message of so many bytes has come from the connection; fd may be -1, if it
    is not known. */
void zt_watchdog_received (zt_watchdog_t *self, int fd, size_t size);

/*  No whole message is waiting, of no connection. */
void zt_watchdog_drained (zt_watchdog_t *self);

/*  A frame of so many bytes, as it goes over the wire, is about to be sent. False if too much waits
   for that peer already; fd may be -1. */
bool zt_watchdog_may_send (zt_watchdog_t *self, int fd, size_t size);

/*  How many connections there are; and how many bytes libzmq held of all of them at the last look,
    which is had when the memory grows. */
unsigned zt_watchdog_connections (const zt_watchdog_t *self);
uint64_t zt_watchdog_held (const zt_watchdog_t *self);

/*  When to look next, in the caller's ms; UINT64_MAX if there is no connection. */
uint64_t zt_watchdog_deadline (const zt_watchdog_t *self);

/*  Looks, if it is time to. Returns how many connections it has ended. */
unsigned zt_watchdog_look (zt_watchdog_t *self, uint64_t now);

#endif
