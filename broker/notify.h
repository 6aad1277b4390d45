/*  SPDX-License-Identifier: MPL-2.0

    zt_notify - tells the service manager how the broker is (sd_notify(3))

    A datagram to the socket that $NOTIFY_SOCKET names. It is not libsystemd that sends it: that
    would bring a handful of libraries (compression, encryption) into a process that strangers
    talk to, for what is a few lines here, and it is not there on other systems, where service
    managers speak the same protocol. Without the variable all of this does nothing. */

#ifndef ZT_NOTIFY_H
#define ZT_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un address;
    socklen_t size;
    uint64_t ping_ms; /* how often the watchdog wants to hear; 0: it does not */
    uint64_t ping_at; /* ms */
    uint64_t told_at; /* ms: of the number of sessions */
    uint64_t sessions;
    uint64_t told;      /* sessions */
    bool is_ready_owed; /* that it is ready did not get there */
} zt_notify_t;

/*  Takes $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID from the environment. Times are ms of
    zt_clock_monotonic, here and below. */
void zt_notify_open (zt_notify_t *self, uint64_t now);
void zt_notify_close (zt_notify_t *self);

/*  Has anybody asked to be told? */
bool zt_notify_is_wanted (const zt_notify_t *self);

/*  The broker can be connected to: at the beginning, and when it has read its configuration
    anew, which zt_notify_reloading tells. When there is no room for it, zt_notify_turn tells it
    again. */
void zt_notify_ready (zt_notify_t *self, uint64_t now);
void zt_notify_reloading (zt_notify_t *self);
void zt_notify_stopping (zt_notify_t *self);

/*  What the broker is at, a sentence. It is given wait_ms more, from now on, to begin or to end;
    0: no more than it has. */
void zt_notify_status (zt_notify_t *self, const char *what, uint64_t wait_ms);

/*  To be called in each turn of the loop: it is alive, and has so many sessions, which is told
    once a second at most. */
void zt_notify_turn (zt_notify_t *self, uint64_t sessions, uint64_t now);

/*  When the next turn is due; UINT64_MAX: none is. */
uint64_t zt_notify_deadline (const zt_notify_t *self);

#endif
