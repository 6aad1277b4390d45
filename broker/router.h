/*  SPDX-License-Identifier: MPL-2.0

    zt_router - the broker's ROUTER socket and its monitor

    All that libzmq does to the unwary is dealt with in here. Frames are raw
    zmq_msg_t: with zframe and zmsg the same work costs three times as much. */

#ifndef ZT_ROUTER_H
#define ZT_ROUTER_H

#include "common/bytes.h"
#include "common/secret.h"

#include <czmq.h>

typedef struct zt_router zt_router_t;

/*  How many messages wait for a peer, and of a peer, at most. A frame to a session is at
    most ZT_WINDOW messages ahead, and what else it is sent are answers to what it sends:
    a peer with so many frames unread is not reading at all. What comes is read at once
    unless the broker is busy, and then a queue of large frames would only be memory. */
enum { ZT_ROUTER_SEND_HWM = 4096, ZT_ROUTER_RECEIVE_HWM = 32 };

/*  Bytes that CURVE puts around a frame: a name, a nonce, a MAC and flags. */
enum { ZT_ROUTER_CURVE_AROUND = 33 };

/*  Before the first socket of the process: see router.c for why. */
void zt_router_seed (void);

/*  A router that is bound to nothing yet. With keys, which are copied, its tcp endpoints are
    encrypted; NULL: none is. Who answers for whom it may let in (zap.h) must be there
    already. NULL with errno if it cannot be made. */
zt_router_t *zt_router_new (const zt_keys_t *keys);

/*  Unbinds, gives what was sent at most linger_ms to leave, and closes. */
void zt_router_destroy (zt_router_t **self_p, int linger_ms);

/*  Binds to an endpoint of zt_endpoint_parse. Returns NULL, or what went wrong, a
    sentence that lives until the next call. */
const char *zt_router_bind (zt_router_t *self, const char *endpoint);

/*  Takes back a bind: bound is what zt_router_bound has told of it. */
void zt_router_unbind (zt_router_t *self, const char *bound);

/*  The endpoint that was bound last, with its real port; borrowed until the next bind. */
const char *zt_router_bound (const zt_router_t *self);

/*  Descriptors to poll for input, of frames and of events. They are edge-triggered:
    when one has polled readable, receive (or take events) until there is nothing;
    and before waiting for frames, after anything else was done with the router,
    ask zt_router_is_ready whether one is there already. */
int zt_router_fd (const zt_router_t *self);
int zt_router_event_fd (const zt_router_t *self);
bool zt_router_is_ready (zt_router_t *self);

typedef enum {
    ZT_ROUTER_NOTHING, /* no frame is waiting */
    ZT_ROUTER_FRAME,   /* a frame */
    ZT_ROUTER_BAD      /* a message of several parts, which is left out; only id is valid */
} zt_receipt_kind_t;

/*  Takes the next frame, without waiting. id and frame are borrowed until the
    next call. */
zt_receipt_kind_t zt_router_receive (zt_router_t *self, zt_bytes_t *id, zt_bytes_t *frame);

/*  About the frame that was received last: the descriptor of its connection, -1 if
    unknown, and the address of the other end, borrowed until the next receive. */
int zt_router_peer_fd (zt_router_t *self);
const char *zt_router_peer_address (zt_router_t *self);

/*  Which connection it came over, see zap.h: a number that is never given twice. The key
    that its peer has proved to have is a view until the next receive, and empty where it
    is not encrypted. A router that encrypts nothing knows connections by their descriptors
    alone, which are used again. 0: it cannot be told. */
uint64_t zt_router_peer_serial (zt_router_t *self, zt_bytes_t *key);

/*  Has the peer chosen this routing id itself? ROUTER counts those who do not, and
    libzmq aborts when the counter comes to an id that somebody has claimed: a peer with
    many connections that claim numbers all over the range needs a minute for that. So
    they may not stay; see also watchdog.h for those that say nothing. All events
    must have been taken. */
bool zt_router_has_forged_id (const zt_router_t *self, zt_bytes_t id);

typedef enum {
    ZT_SEND_OK,
    ZT_SEND_GONE, /* there is no such connection any more */
    ZT_SEND_FULL  /* it takes no more: it does not read */
} zt_send_t;

/*  Sends the parts, put together, as one frame. Never waits. Sending one and the
    same part to one peer after the other shares the memory of it. */
zt_send_t zt_router_send (zt_router_t *self, zt_bytes_t id, const zt_bytes_t *parts, size_t n_parts,
                          size_t size);

/*  Forgets the shared part: its bytes are about to go. */
void zt_router_end_turn (zt_router_t *self);

typedef enum { ZT_LINK_NONE, ZT_LINK_UP, ZT_LINK_DOWN, ZT_LINK_OTHER } zt_link_event_t;

/*  The next event of a connection, without waiting. */
zt_link_event_t zt_router_event (zt_router_t *self, int *fd);

#endif
