/*  SPDX-License-Identifier: MPL-2.0

    zt_link - the DEALER, and the monitor that tells whether it is connected

    The socket reconnects by itself when its connection breaks. When the
    connection is dead without breaking, the link is made anew. */

#ifndef ZT_CLIENT_LINK_H
#define ZT_CLIENT_LINK_H

#include "common/buffer.h"

#include <czmq.h>

typedef struct zt_link_t zt_link_t;

/*  A link that begins to connect, and puts its sockets into the poller, which
    must live longer. NULL if ZeroMQ does not take the endpoint; *why (static)
    says what it has against it. */
zt_link_t *zt_link_new (const char *endpoint, zpoller_t *poller, const char **why);

/*  Closes the link. What was sent may take up to 1 s (in the background, until
    the process ends) to go out. */
void zt_link_destroy (zt_link_t **self_p);

/*  Closes the socket, with all that is in it, and connects anew. False if that
    is not possible, for want of memory or sockets. */
bool zt_link_remake (zt_link_t *self);

typedef enum { ZT_LINK_NOTHING, ZT_LINK_UP, ZT_LINK_DOWN } zt_link_event_t;

/*  The next thing that has happened to the connection. */
zt_link_event_t zt_link_event (zt_link_t *self);

/*  Sends a frame; false if it cannot be sent now. */
bool zt_link_send (zt_link_t *self, zt_bytes_t frame);

typedef enum {
    ZT_LINK_EMPTY,    /* nothing has come */
    ZT_LINK_FRAME,    /* *frame is what has come; it lives until the next call */
    ZT_LINK_MALFORMED /* a message of several frames has come, and is gone */
} zt_link_received_t;

/*  Takes what has come. */
zt_link_received_t zt_link_receive (zt_link_t *self, zt_bytes_t *frame);

#endif
