/*  SPDX-License-Identifier: MPL-2.0

    zt_guard - watches over the link: who answers at its other end

    It has the link, tells the core of its ups and downs, and finds out what it means when
    there is no handshake: whether the broker has another key, and whether that can be
    believed. All of it without waiting, but for the resolver. */

#ifndef ZT_CLIENT_GUARD_H
#define ZT_CLIENT_GUARD_H

#include "client/core.h"
#include "client/key_query.h"
#include "client/link.h"
#include "client/trust.h"

typedef struct {
    zt_trust_t *trust;
    const zt_keys_t *keys;
    zt_client_t *core;
    void *context; /* of ZeroMQ */
    unsigned jitter_ms;
    zt_link_t *link; /* NULL as long as it is not decided (ZT_TRUST_LATER) */

    bool is_asking; /* query runs, at one of both ports */
    bool is_at_broker;
    zt_key_query_t query;
    struct addrinfo
        *addresses;        /* of the broker's host, as the resolver has told them last; or NULL */
    int64_t looked_up_at;  /* when it was asked for them; or 0 */
    int64_t ask_at;        /* not again before */
    int64_t look_at;       /* when to look for a broker of this machine, or ZT_NEVER */
    bool is_stuck;         /* the link is to be made anew then, unless it is up before */
    bool was_up;           /* with this key */
    unsigned failures;     /* of the handshake, since it was up */
    int64_t failing_since; /* the first of them */
    int64_t mismatched_since; /* only one side encrypts, and it has been so for as long */
    int64_t mismatched_at;    /* for the last time; or 0 */
} zt_guard_t;

/*  Begins: makes the link, if it is decided with which key. All pointers are borrowed. jitter_ms
    is a number below 1000 that other clients have another of. False if ZeroMQ does not take the
   endpoint; *why (static) says what it has against it. */
bool zt_guard_begin (zt_guard_t *self, zt_trust_t *trust, const zt_keys_t *keys, zt_client_t *core,
                     void *context, unsigned jitter_ms, int64_t now, const char **why);

/*  Takes what has happened, and does what is due. False if ZeroMQ fails. */
bool zt_guard_serve (zt_guard_t *self, int64_t now);

/*  Makes the link anew. False if ZeroMQ fails. */
bool zt_guard_relink (zt_guard_t *self);

/*  What is to be waited for beside the link: a descriptor (or -1; it may be another one after
    each call of zt_guard_serve), the events of poll, and a time, or ZT_NEVER. */
int zt_guard_fd (const zt_guard_t *self);
short zt_guard_events (const zt_guard_t *self);
int64_t zt_guard_deadline (const zt_guard_t *self);

/*  Asks nobody any more. */
void zt_guard_rest (zt_guard_t *self);

/*  Closes the link, as zt_link_destroy does. */
void zt_guard_end (zt_guard_t *self);

#endif
