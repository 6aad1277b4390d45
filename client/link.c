/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/link.h"

#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/limits.h"

#include <zmq.h>

enum {
    S_RECONNECT_MS = 200,
    S_RECONNECT_MOST_MS = 2000, /* back within 5 s of the broker's return */
    S_CONNECT_MS = 3000,        /* for a host that does not answer at all */
    S_HANDSHAKE_MS = 3000,      /* for a port where somebody else listens */
    S_LINGER_MS = 1000,
    S_RCVHWM = 256,
    S_EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
};

struct zt_link_t {
    char *endpoint;
    zpoller_t *poller;
    zsock_t *dealer;
    zsock_t *monitor; /* PAIR */
    unsigned made;    /* times: the monitor's address must be a new one each time */
    zmq_msg_t message;
};

/*  The monitor has to be there before the first connection is. */
static bool s_monitor (zt_link_t *self)
{
    char address[64];
    snprintf (address, sizeof address, "inproc://ztalk-monitor-%p-%u", (void *) self, self->made++);
    void *dealer = zsock_resolve (self->dealer);
    if (zmq_socket_monitor (dealer, address, S_EVENTS) != 0)
        return false;
    self->monitor = zsock_new (ZMQ_PAIR);
    if (!self->monitor)
        return false;
    /*  A monitor that is not read blocks the I/O thread at the mark, so there is none. */
    zsock_set_rcvhwm (self->monitor, 0);
    zsock_set_linger (self->monitor, 0);
    return zsock_connect (self->monitor, "%s", address) == 0;
}

static bool s_open (zt_link_t *self)
{
    self->dealer = zsock_new (ZMQ_DEALER);
    if (!self->dealer || !s_monitor (self))
        return false;
    /*  Without IMMEDIATE what was meant for an old session would reach a restarted
        broker before any HELLO. */
    zsock_set_immediate (self->dealer, 1);
    zsock_set_sndtimeo (self->dealer, 0);
    zsock_set_linger (self->dealer, S_LINGER_MS);
    zsock_set_reconnect_ivl (self->dealer, S_RECONNECT_MS);
    zsock_set_reconnect_ivl_max (self->dealer, S_RECONNECT_MOST_MS);
    zsock_set_connect_timeout (self->dealer, S_CONNECT_MS);
    zsock_set_handshake_ivl (self->dealer, S_HANDSHAKE_MS);
    zsock_set_maxmsgsize (self->dealer, ZT_FRAME_MAX);
    zsock_set_rcvhwm (self->dealer, S_RCVHWM);
    zsock_set_ipv6 (self->dealer, zt_endpoint_is_ipv6 (self->endpoint));
    return zsock_connect (self->dealer, "%s", self->endpoint) == 0 &&
           zpoller_add (self->poller, self->dealer) == 0 &&
           zpoller_add (self->poller, self->monitor) == 0;
}

static void s_close (zt_link_t *self)
{
    if (self->monitor)
        zpoller_remove (self->poller, self->monitor);
    if (self->dealer) {
        zpoller_remove (self->poller, self->dealer);
        zmq_socket_monitor (zsock_resolve (self->dealer), NULL, 0);
    }
    zsock_destroy (&self->monitor);
    zsock_destroy (&self->dealer);
}

zt_link_t *zt_link_new (const char *endpoint, zpoller_t *poller, const char **why)
{
    zt_link_t *self = zt_alloc (sizeof *self);
    self->endpoint = zt_strndup (endpoint, strlen (endpoint));
    self->poller = poller;
    zmq_msg_init (&self->message);
    if (!s_open (self)) {
        *why = zmq_strerror (zmq_errno ());
        zt_link_destroy (&self);
    }
    return self;
}

void zt_link_destroy (zt_link_t **self_p)
{
    zt_link_t *self = *self_p;
    if (!self)
        return;
    s_close (self);
    zmq_msg_close (&self->message);
    free (self->endpoint);
    free (self);
    *self_p = NULL;
}

bool zt_link_remake (zt_link_t *self)
{
    zsock_set_linger (self->dealer, 0);
    s_close (self);
    return s_open (self);
}

zt_link_event_t zt_link_event (zt_link_t *self)
{
    /*  Two frames: the event's number in 16 bits (and its value), and the address. */
    zt_link_event_t event = ZT_LINK_NOTHING;
    void *monitor = zsock_resolve (self->monitor);
    zmq_msg_t part;
    zmq_msg_init (&part);
    while (event == ZT_LINK_NOTHING && zmq_msg_recv (&part, monitor, ZMQ_DONTWAIT) >= 0) {
        uint16_t number = 0;
        if (zmq_msg_size (&part) >= sizeof number)
            memcpy (&number, zmq_msg_data (&part), sizeof number);
        while (zmq_msg_more (&part) && zmq_msg_recv (&part, monitor, 0) >= 0)
            continue;
        if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            event = ZT_LINK_UP;
        else if (number == ZMQ_EVENT_DISCONNECTED)
            event = ZT_LINK_DOWN;
    }
    zmq_msg_close (&part);
    return event;
}

bool zt_link_send (zt_link_t *self, zt_bytes_t frame)
{
    return zmq_send (zsock_resolve (self->dealer), frame.data, frame.size, ZMQ_DONTWAIT) >= 0;
}

zt_link_received_t zt_link_receive (zt_link_t *self, zt_bytes_t *frame)
{
    void *dealer = zsock_resolve (self->dealer);
    if (zmq_msg_recv (&self->message, dealer, ZMQ_DONTWAIT) < 0)
        return ZT_LINK_EMPTY;
    if (!zmq_msg_more (&self->message)) {
        *frame = (zt_bytes_t){zmq_msg_data (&self->message), zmq_msg_size (&self->message)};
        return ZT_LINK_FRAME;
    }
    /*  libzmq gives a message whole: all its frames are here. */
    while (zmq_msg_more (&self->message) &&
           zmq_msg_recv (&self->message, dealer, ZMQ_DONTWAIT) >= 0)
        continue;
    return ZT_LINK_MALFORMED;
}
