/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/link.h"

#include "client/dial.h"
#include "common/alloc.h"
#include "common/limits.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum {
    S_RECONNECT_MS = 200,
    S_RECONNECT_MOST_MS = 2000, /* back within 5 s of the broker's return */
    S_CONNECT_MS = 3000,        /* for a host that does not answer at all */
    S_HANDSHAKE_MS = 3000,      /* for a port where somebody else listens */
    S_LINGER_MS = 1000,
    S_RCVHWM = 256,
    S_EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
               ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_CONNECT_RETRIED
};

struct zt_link_t {
    char *endpoint;
    zt_key_t broker; /* empty: nothing is encrypted */
    zt_keys_t keys;
    bool is_ipv6, is_family_known;
    void *context;
    void *dealer;
    void *monitor;     /* PAIR */
    uint32_t retry_ms; /* of the last event RETRIES */
    unsigned made;     /* times: the monitor's address must be a new one each time */
    zmq_msg_t message;
};

static bool s_set (void *socket, int option, int value)
{
    return zmq_setsockopt (socket, option, &value, sizeof value) == 0;
}

/*  The monitor has to be there before the first connection is. */
static bool s_monitor (zt_link_t *self)
{
    char address[64];
    snprintf (address, sizeof address, "inproc://ztalk-monitor-%p-%u", (void *) self, self->made++);
    if (zmq_socket_monitor (self->dealer, address, S_EVENTS) != 0)
        return false;
    self->monitor = zmq_socket (self->context, ZMQ_PAIR);
    /*  A monitor that is not read blocks the I/O thread at the mark, so there is none. */
    return self->monitor && s_set (self->monitor, ZMQ_RCVHWM, 0) &&
           s_set (self->monitor, ZMQ_LINGER, 0) && zmq_connect (self->monitor, address) == 0;
}

/*  False with an errno of ZeroMQ if the keys are none that it takes. */
static bool s_encrypt (zt_link_t *self)
{
    const zt_key_t *broker = &self->broker, *public = &self->keys.public;
    return !broker->text[0] ||
           (zmq_setsockopt (self->dealer, ZMQ_CURVE_SERVERKEY, broker->text, ZT_KEY_SIZE) == 0 &&
            zmq_setsockopt (self->dealer, ZMQ_CURVE_PUBLICKEY, public->text, ZT_KEY_SIZE) == 0 &&
            zmq_setsockopt (self->dealer, ZMQ_CURVE_SECRETKEY, self->keys.secret, ZT_KEY_SIZE) ==
                0);
}

static bool s_set_up (zt_link_t *self)
{
    const struct {
        int option, value;
    } rows[] = {
        /*  Without IMMEDIATE what was meant for an old session would reach a restarted
            broker before any HELLO. */
        {ZMQ_IMMEDIATE, 1},
        {ZMQ_SNDTIMEO, 0},
        {ZMQ_LINGER, S_LINGER_MS},
        {ZMQ_RECONNECT_IVL, S_RECONNECT_MS},
        {ZMQ_RECONNECT_IVL_MAX, S_RECONNECT_MOST_MS},
        {ZMQ_CONNECT_TIMEOUT, S_CONNECT_MS},
        {ZMQ_HANDSHAKE_IVL, S_HANDSHAKE_MS},
        {ZMQ_RCVHWM, S_RCVHWM},
        {ZMQ_IPV6, self->is_ipv6},
    };
    int64_t most = ZT_FRAME_MAX;
    bool is_set = zmq_setsockopt (self->dealer, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0;
    for (size_t i = 0; is_set && i < sizeof rows / sizeof rows[0]; i++)
        is_set = s_set (self->dealer, rows[i].option, rows[i].value);
    return is_set;
}

static bool s_open (zt_link_t *self)
{
    /*  Asked until it is told, and not again: the resolver takes its time where nothing answers,
        which is when a link is made anew. */
    if (!self->is_family_known)
        self->is_ipv6 = zt_dial_is_ipv6 (self->endpoint, &self->is_family_known);
    self->dealer = zmq_socket (self->context, ZMQ_DEALER);
    return self->dealer && s_monitor (self) && s_encrypt (self) && s_set_up (self) &&
           zmq_connect (self->dealer, self->endpoint) == 0;
}

static void s_close (zt_link_t *self)
{
    if (self->dealer) {
        zmq_socket_monitor (self->dealer, NULL, 0);
        zmq_close (self->dealer);
    }
    if (self->monitor)
        zmq_close (self->monitor);
    self->dealer = self->monitor = NULL;
}

zt_link_t *zt_link_new (const char *endpoint, const zt_key_t *broker, const zt_keys_t *keys,
                        void *context, const char **why)
{
    zt_link_t *self = zt_alloc (sizeof *self);
    self->endpoint = zt_strndup (endpoint, strlen (endpoint));
    self->broker = *broker;
    if (keys)
        self->keys = *keys;
    self->context = context;
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
    sodium_memzero (&self->keys, sizeof self->keys);
    free (self);
    *self_p = NULL;
}

bool zt_link_remake (zt_link_t *self)
{
    if (self->dealer)
        s_set (self->dealer, ZMQ_LINGER, 0);
    s_close (self);
    return s_open (self);
}

bool zt_link_rekey (zt_link_t *self, const zt_key_t *broker)
{
    self->broker = *broker;
    return zt_link_remake (self);
}

/*  What an event of the monitor, with its value, means. */
static zt_link_event_t s_meaning (uint16_t number, uint32_t value)
{
    switch (number) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return ZT_LINK_UP;
    case ZMQ_EVENT_DISCONNECTED:
        return ZT_LINK_DOWN;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return ZT_LINK_BANNED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        return value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? ZT_LINK_MECHANISM
                                                                   : ZT_LINK_FAILED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        return ZT_LINK_FAILED;
    case ZMQ_EVENT_CONNECT_RETRIED:
        return ZT_LINK_RETRIES;
    default:
        return ZT_LINK_NOTHING;
    }
}

zt_link_event_t zt_link_event (zt_link_t *self)
{
    /*  Two frames: the event's number in 16 bits and its value in 32, and the address. */
    zt_link_event_t event = ZT_LINK_NOTHING;
    void *monitor = self->monitor;
    zmq_msg_t part;
    zmq_msg_init (&part);
    while (event == ZT_LINK_NOTHING && zmq_msg_recv (&part, monitor, ZMQ_DONTWAIT) >= 0) {
        uint16_t number = 0;
        uint32_t value = 0;
        if (zmq_msg_size (&part) >= sizeof number + sizeof value) {
            const char *data = zmq_msg_data (&part);
            memcpy (&number, data, sizeof number);
            memcpy (&value, data + sizeof number, sizeof value);
        }
        while (zmq_msg_more (&part) && zmq_msg_recv (&part, monitor, 0) >= 0)
            continue;
        event = s_meaning (number, value);
        if (event == ZT_LINK_RETRIES)
            self->retry_ms = value;
    }
    zmq_msg_close (&part);
    return event;
}

int64_t zt_link_retry_ms (const zt_link_t *self)
{
    return self->retry_ms;
}

bool zt_link_send (zt_link_t *self, zt_bytes_t frame)
{
    return zmq_send (self->dealer, frame.data, frame.size, ZMQ_DONTWAIT) >= 0;
}

zt_link_received_t zt_link_receive (zt_link_t *self, zt_bytes_t *frame)
{
    void *dealer = self->dealer;
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

static int s_fd (void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    return zmq_getsockopt (socket, ZMQ_FD, &fd, &size) == 0 ? fd : -1;
}

void zt_link_fds (const zt_link_t *self, int fds[ZT_LINK_FDS])
{
    fds[0] = s_fd (self->dealer);
    fds[1] = s_fd (self->monitor);
}

void zt_link_sockets (const zt_link_t *self, void *sockets[ZT_LINK_FDS])
{
    sockets[0] = self->dealer;
    sockets[1] = self->monitor;
}

static bool s_has_input (void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt (socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

bool zt_link_is_ready (const zt_link_t *self)
{
    /*  Both are asked: that is what makes their descriptors quiet again. */
    bool has_frames = s_has_input (self->dealer);
    return s_has_input (self->monitor) || has_frames;
}
