/*  SPDX-License-Identifier: MPL-2.0

    zt_session - all that a client is without a terminal

    It has the core, the link and who watches over it, the secrets of the installation, the lock
    of the device and the journal. A program has the loop: it waits for what zt_session_poll and
    zt_session_wait_ms tell, or for something of its own, and then does a turn:

        zt_session_serve    takes what has come; items come out through the core's show
        zt_session_keep     before they are shown to anybody
        zt_session_done     for what is out of its hands: that is acknowledged
        zt_session_send     sends all that is ready

    What is typed goes into the core itself, at any time between. Nothing here waits, but for the
    resolver, prints, or has threads or signals of its own (ZeroMQ has threads). Nothing is shared
    between sessions but rand (3), from which ZeroMQ takes the jitter of its reconnects: a program
    of which there are many seeds it. */

#ifndef ZT_CLIENT_SESSION_H
#define ZT_CLIENT_SESSION_H

#include "client/core.h"
#include "client/keeper.h"
#include "client/trust.h"

#include <poll.h>

typedef struct zt_session_t zt_session_t;

/*  Strings and pointers are borrowed for as long as the session lives. */
typedef struct {
    zt_client_config_t core; /* name, device, invite, pair, interactive, job, show, show_self;
                                what else it has is known here */
    zt_trust_t *trust;       /* decided (zt_trust_decide); may learn more */
    zt_home_t *home;         /* open */
    bool keeps;              /* the device is locked, and has its journal; not with a job */
    bool (*is_full) (void *show_self); /* no more items are taken for now; NULL: always some */
    zt_complain_fn *complain;          /* with show_self */
} zt_session_config_t;

/*  Takes what belongs to the installation: its secrets and, with keeps, the lock and the journal.
    NULL if that is not possible: *result is ZT_HOME_HELD if another program is this device, or
    ZT_HOME_FAILED, and why says what went wrong. */
zt_session_t *zt_session_new (const zt_session_config_t *config, zt_home_result_t *result,
                              zt_buffer_t *why);

/*  Says no more, and closes everything. What was sent has up to 1 s to go out. If the core is
    over the journal is left with no more than what is needed. */
void zt_session_destroy (zt_session_t **self_p);

/*  Makes the core, which the session owns; it shows that it connects. Call it once. */
zt_client_t *zt_session_begin (zt_session_t *self);

/*  Takes up what an earlier run has kept, and begins to connect. Call it once, after that. False
    if ZeroMQ does not take the endpoint; *why (static) says what it has against it. */
bool zt_session_connect (zt_session_t *self, const char **why);

/*  The time of the core: ms of a clock that only goes forward. */
int64_t zt_session_now (void);

/*  What to poll, with its events; -1 where there is nothing. It may be something else after each
    turn. Call zt_session_wait_ms after it. */

enum { ZT_SESSION_FDS = 3, ZT_SESSION_SOCKETS = ZT_SESSION_FDS - 1 };
void zt_session_poll (const zt_session_t *self, struct pollfd fds[ZT_SESSION_FDS]);

/*  The same for who polls with ZeroMQ: its sockets, NULL where there is none, and what else there
    is. They may be closed in the next turn. */
void zt_session_sockets (const zt_session_t *self, void *sockets[ZT_SESSION_SOCKETS],
                         struct pollfd *other);

/*  How long to wait at most, in ms, if the program has something to do at deadline (or
    ZT_NEVER); -1 is for ever, 0: there is something to do at once. */
int zt_session_wait_ms (const zt_session_t *self, int64_t deadline);

/*  Takes what has come, and does what is due. False if ZeroMQ fails, with zmq_errno. */
bool zt_session_serve (zt_session_t *self);

/*  Writes what must survive us. */
void zt_session_keep (zt_session_t *self);

/*  All items up to that number (zt_client_shown) have been dealt with, and that is kept. */
void zt_session_done (zt_session_t *self, uint64_t item);

/*  Sends what is ready, having kept it. */
void zt_session_send (zt_session_t *self);

/*  The program will not serve it for a while, or not any more: closes what would wait for it. */
void zt_session_rest (zt_session_t *self);

#endif
