/*  SPDX-License-Identifier: MPL-2.0

    zt_link - the DEALER, and the monitor that tells whether it is connected

    The socket reconnects by itself when its connection breaks, but not when who is there
    breaks the protocol of ZeroMQ. Then, and when the connection is dead without breaking, the
    link is to be made anew.

    With a key of the broker it is encrypted (CURVE), and only who has that key can answer. */

#ifndef ZT_CLIENT_LINK_H
#define ZT_CLIENT_LINK_H

#include "common/secret.h"

typedef struct zt_link_t zt_link_t;

/*  A link that begins to connect. broker is the broker's key, or empty: then nothing is
    encrypted, and our keys may be NULL. All are copied. context is one of ZeroMQ, which must
    live longer. NULL if ZeroMQ does not take the endpoint; *why (static) says what it has
    against it. */
zt_link_t *zt_link_new (const char *endpoint, const zt_key_t *broker, const zt_keys_t *keys,
                        void *context, const char **why);

/*  Closes the link. What was sent may take up to 1 s to go out; the end of the context waits
    for that. */
void zt_link_destroy (zt_link_t **self_p);

/*  Closes the socket, with all that is in it, and connects anew. False if that
    is not possible, for want of memory or sockets. */
bool zt_link_remake (zt_link_t *self);

/*  The same with another key of the broker. */
bool zt_link_rekey (zt_link_t *self, const zt_key_t *broker);

typedef enum {
    ZT_LINK_NOTHING,
    ZT_LINK_UP,
    ZT_LINK_DOWN,
    ZT_LINK_RETRIES,  /* it could not connect, and tries again after zt_link_retry_ms */
    ZT_LINK_BANNED,   /* the broker refuses our key; the socket will not try again */
    ZT_LINK_FAILED,   /* no handshake: the broker has another key, or drops us */
    ZT_LINK_MECHANISM /* no handshake, because one side encrypts, and the other does not; the
                         socket may not try again */
} zt_link_event_t;

/*  The next thing that has happened to the connection. */
zt_link_event_t zt_link_event (zt_link_t *self);

/*  Of the event RETRIES: so many milliseconds it is to the next try. */
int64_t zt_link_retry_ms (const zt_link_t *self);

/*  Sends a frame; false if it cannot be sent now. */
bool zt_link_send (zt_link_t *self, zt_bytes_t frame);

typedef enum {
    ZT_LINK_EMPTY,    /* nothing has come */
    ZT_LINK_FRAME,    /* *frame is what has come; it lives until the next call */
    ZT_LINK_MALFORMED /* a message of several frames has come, and is gone */
} zt_link_received_t;

/*  Takes what has come. */
zt_link_received_t zt_link_receive (zt_link_t *self, zt_bytes_t *frame);

/*  What is to be polled for input, -1 where there is nothing. They are others after the link was
    made anew. As ZeroMQ has it, they tell only that something may have changed: what has come
    before, and is not taken, they do not tell of. zt_link_is_ready does; ask it before each
    poll, and do not wait if it says so. */
enum { ZT_LINK_FDS = 2 };
void zt_link_fds (const zt_link_t *self, int fds[ZT_LINK_FDS]);

/*  The sockets of these descriptors, for who polls with ZeroMQ. */
void zt_link_sockets (const zt_link_t *self, void *sockets[ZT_LINK_FDS]);
bool zt_link_is_ready (const zt_link_t *self);

#endif
