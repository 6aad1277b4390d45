/*  SPDX-License-Identifier: MPL-2.0

    The inside of libztalk (ztalk.h), for the files that make it up: ztalk.c (options, and the
    beginning), ztalk_turn.c (what happens) and ztalk_do.c (what is done). */

#ifndef ZT_CLIENT_ZTALK_STATE_H
#define ZT_CLIENT_ZTALK_STATE_H

#include "client/event.h"
#include "client/session.h"
#include "client/ztalk.h"

enum { ZT_ZTALK_OPTIONS = ZTALK_IMPATIENT + 1 };

struct ztalk {
    char *options[ZT_ZTALK_OPTIONS];
    ztalk_trust_fn *asks;
    void *asks_arg;

    char code[32]; /* of the last failure */
    zt_buffer_t why;

    zt_home_t home;
    zt_buffer_t endpoint;
    zt_trust_t trust;
    zt_session_t *session; /* NULL: not connected yet */
    zt_client_t *core;
    int gather; /* descriptor, or -1 */
    struct pollfd fds[ZT_SESSION_FDS];

    zt_events_t events;
    uint64_t taken; /* the number of the item of the event that the program has */
    bool is_over;   /* and that is told */
    bool is_due;    /* something was done that a turn has to go on with */
    char last_code[32];
    zt_buffer_t last; /* what was told last of the connection */
    zt_key_t unknown; /* a key that nobody has agreed to */
};

/*  Remembers why something has failed; returns the status. */
ztalk_status_t zt_ztalk_fail (ztalk_t *self, ztalk_status_t status, const char *code,
                              const char *why);

/*  What the session shows, what it cannot do, and whether there is room for more. */
void zt_ztalk_show (void *self, const zt_item_t *item);
void zt_ztalk_complain (void *self, const char *sentence);
bool zt_ztalk_is_full (void *self);

/*  Tells the descriptor what it stands for now. */
void zt_ztalk_gather (ztalk_t *self);

#endif
