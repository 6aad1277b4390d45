/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/router.h"

#include "broker/zap.h"
#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/limits.h"
#include "common/system.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    S_BACKLOG = 4096,
    S_HANDSHAKE_MS = 10000,
    S_SHARE_FROM = 64 /* bytes: below, copying is cheaper than sharing */
};

struct zt_router {
    zsock_t *sock;
    void *socket; /* the same, as libzmq has it */
    zsock_t *monitor;
    uint32_t first_id;   /* where the counter of routing ids began */
    uint64_t n_accepted; /* connections since */
    uint64_t n_bound;    /* endpoints */
    zmq_msg_t id;
    zmq_msg_t frame;
    zmq_msg_t shared; /* the part that was sent last, if it may be sent again */
    zt_bytes_t shared_part;
    bool is_encrypted; /* its tcp endpoints are */
    zt_keys_t keys;
    char bound[256];
    char error[512];
};

/*  A draft of libzmq: without somebody who answers for it, nobody is let in. */
enum { ZT_ZAP_ENFORCE_DOMAIN = 93 };

/*  ROUTER numbers its peers with a 32 bit counter, whose start libzmq takes from
    rand (). A peer that claims the number of another that is yet to come makes
    libzmq abort when the counter gets there, so the start must not be guessed:
    czmq, which seeds with the clock, goes first, then we seed properly. */
void zt_router_seed (void)
{
    zsys_init ();
    srandom (randombytes_random ());
}

/*  An unread monitor blocks libzmq's I/O thread and with it every peer, so the
    reading end takes any number of events, before it connects. */
static bool s_open_monitor (zt_router_t *self)
{
    static const char endpoint[] = "inproc://router-monitor";
    if (zmq_socket_monitor (self->socket, endpoint, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) !=
        0)
        return false;
    self->monitor = zsock_new (ZMQ_PAIR);
    if (!self->monitor)
        return false;
    zsock_set_rcvhwm (self->monitor, 0);
    zsock_set_linger (self->monitor, 0);
    return zsock_connect (self->monitor, "%s", endpoint) == 0;
}

/*  The number in a routing id that libzmq made. False if it did not. */
static bool s_id_number (zt_bytes_t id, uint32_t *number)
{
    if (id.size != 1 + sizeof *number || id.data[0] != 0)
        return false;
    const unsigned char *data = (const unsigned char *) id.data;
    *number = (uint32_t) data[1] << 24 | (uint32_t) data[2] << 16 | (uint32_t) data[3] << 8 |
              (uint32_t) data[4];
    return true;
}

/*  Learns where the counter of routing ids is, by being the first who gets one. */
static bool s_open_counter (zt_router_t *self)
{
    static const char endpoint[] = "inproc://router-counter";
    zsock_t *first = zsock_new (ZMQ_DEALER);
    zt_bytes_t id, frame;
    bool done = first && zmq_bind (self->socket, endpoint) == 0 &&
                zsock_connect (first, "%s", endpoint) == 0 && zstr_send (first, "") == 0 &&
                zt_router_receive (self, &id, &frame) == ZT_ROUTER_FRAME &&
                s_id_number (id, &self->first_id) && zmq_unbind (self->socket, endpoint) == 0;
    zsock_destroy (&first);
    return done;
}

bool zt_router_has_forged_id (const zt_router_t *self, zt_bytes_t id)
{
    /*  libzmq gives a connection to one thread before another one tells that it is accepted: the
        last one of each endpoint may be heard of from its peer first. */
    uint32_t number;
    return !s_id_number (id, &number) || number - self->first_id > self->n_accepted + self->n_bound;
}

/*  Nobody is let in unasked. It is read back, because it is no option of every libzmq. */
static bool s_enforce (zt_router_t *self)
{
    int on = 1, is_on = 0;
    size_t size = sizeof is_on;
    return zmq_setsockopt (self->socket, ZT_ZAP_ENFORCE_DOMAIN, &on, sizeof on) == 0 &&
           zmq_getsockopt (self->socket, ZT_ZAP_ENFORCE_DOMAIN, &is_on, &size) == 0 && is_on == 1;
}

zt_router_t *zt_router_new (const zt_keys_t *keys)
{
    zt_router_t *self = zt_alloc (sizeof *self);
    self->is_encrypted = keys != NULL;
    if (keys)
        self->keys = *keys;
    zmq_msg_init (&self->id);
    zmq_msg_init (&self->frame);
    zmq_msg_init (&self->shared);
    self->sock = zsock_new (ZMQ_ROUTER);
    if (self->sock) {
        self->socket = zsock_resolve (self->sock);
        /*  Never HANDOVER: it gives a connection to whoever claims its id. */
        zsock_set_router_mandatory (self->sock, 1);
        zsock_set_sndhwm (self->sock, ZT_ROUTER_SEND_HWM);
        zsock_set_rcvhwm (self->sock, ZT_ROUTER_RECEIVE_HWM);
        zsock_set_backlog (self->sock, S_BACKLOG);
        zsock_set_handshake_ivl (self->sock, S_HANDSHAKE_MS);
        zsock_set_tcp_keepalive (self->sock, 1);
    }
    if (!self->sock || !s_open_counter (self) || !s_open_monitor (self) || !s_enforce (self)) {
        int error = errno;
        zt_router_destroy (&self, 0);
        errno = error;
    }
    return self;
}

void zt_router_destroy (zt_router_t **self_p, int linger_ms)
{
    zt_router_t *self = *self_p;
    if (!self)
        return;
    zmq_msg_close (&self->id);
    zmq_msg_close (&self->frame);
    zmq_msg_close (&self->shared);
    if (self->sock) {
        zsock_set_linger (self->sock, linger_ms);
        zmq_socket_monitor (self->socket, NULL, 0);
    }
    zsock_destroy (&self->monitor);
    zsock_destroy (&self->sock);
    sodium_memzero (&self->keys, sizeof self->keys);
    free (self);
    *self_p = NULL;
}

/*  With ZMQ_IPV6 "127.0.0.1" would be bound as an address of IPv6, and "*" without
    it would be IPv4 alone: so it is set for each endpoint by itself. */
static bool s_try_bind (zt_router_t *self, const char *endpoint, int ipv6)
{
    /*  Likewise: what is set now is what holds for this endpoint. */
    bool is_curve = self->is_encrypted && zt_endpoint_is_tcp (endpoint);
    zsock_set_curve_server (self->sock, is_curve);
    if (is_curve)
        zsock_set_curve_secretkey (self->sock, self->keys.secret);
    /*  To ask for each connection whether it may stay takes 11 KiB of it for as long as it does. A
        broker that encrypts nothing has nothing to ask: there are no keys, and addresses are
        looked at when they connect. One that does must ask about unix sockets, too, lest a
        peer claims a key (zap.h). */
    if (self->is_encrypted)
        zsock_set_zap_domain (self->sock, is_curve ? ZT_ZAP_CURVE : ZT_ZAP_PLAIN);
    /*  libzmq measures a frame as it comes, with what CURVE puts around it. */
    zsock_set_maxmsgsize (self->sock, ZT_FRAME_MAX + (is_curve ? ZT_ROUTER_CURVE_AROUND : 0));
    zsock_set_ipv6 (self->sock, ipv6);
    return zmq_bind (self->socket, endpoint) == 0;
}

static const char *s_bind_error (zt_router_t *self, const char *endpoint)
{
    const char *hint = zmq_strerror (errno);
    if (errno == EADDRINUSE)
        hint = "it is taken; is another broker running? Choose another port with -e";
    else if (errno == EADDRNOTAVAIL || errno == ENODEV)
        hint = "this machine has no such address";
    else if (errno == EACCES)
        hint = "you are not allowed to; ports below 1024 are for root";
    snprintf (self->error, sizeof self->error, "cannot listen on %s: %s", endpoint, hint);
    return self->error;
}

/*  libzmq removes whatever is at an ipc path before it binds: a file of somebody,
    or the socket of a broker that runs. Returns NULL, or why not to. */
static const char *s_ipc_wrong (const char *endpoint)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = endpoint + strlen ("ipc://");
    struct stat status;
    if (path[0] == '@' || lstat (path, &status) != 0)
        return NULL; /* abstract, or not there; bind says what else is wrong */
    if (!S_ISSOCK (status.st_mode))
        return "there is a file, which is no socket";
    if (strlen (path) >= sizeof address.sun_path)
        return "the path is too long";
    memcpy (address.sun_path, path, strlen (path) + 1);
    int probe = zt_system_socket (AF_UNIX, SOCK_STREAM, false);
    if (probe < 0)
        return strerror (errno);
    bool is_dead = connect (probe, (const struct sockaddr *) &address, sizeof address) != 0 &&
                   errno == ECONNREFUSED;
    close (probe);
    return is_dead ? NULL : "it is taken; is another broker running?";
}

/*  A unix socket is for the user that runs the broker, and for root: by the rights of its
    file, and by what the kernel says of who connects. */
static bool s_bind_ipc (zt_router_t *self, const char *endpoint)
{
    uid_t users[] = {geteuid (), 0};
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
        if (zmq_setsockopt (self->socket, ZMQ_IPC_FILTER_UID, &users[i], sizeof users[i]) != 0)
            return false;
    mode_t mask = umask (077);
    bool bound = s_try_bind (self, endpoint, 0);
    int error = errno;
    umask (mask);
    errno = error;
    return bound;
}

const char *zt_router_bind (zt_router_t *self, const char *endpoint)
{
    bool ipc = strncmp (endpoint, "ipc://", 6) == 0;
    const char *wrong = ipc ? s_ipc_wrong (endpoint) : NULL;
    if (wrong) {
        snprintf (self->error, sizeof self->error, "cannot listen on %s: %s", endpoint, wrong);
        return self->error;
    }
    bool any = strncmp (endpoint, "tcp://*:", 8) == 0;
    /*  libzmq would look for an interface of that name. */
    static const char localhost[] = "tcp://localhost:";
    char loopback[sizeof "tcp://127.0.0.1:65535"];
    if (strncmp (endpoint, localhost, strlen (localhost)) == 0) {
        snprintf (loopback, sizeof loopback, "tcp://127.0.0.1:%s", endpoint + strlen (localhost));
        endpoint = loopback;
    }
    bool bound = ipc ? s_bind_ipc (self, endpoint)
                     : s_try_bind (self, endpoint, any || zt_endpoint_is_ipv6 (endpoint));
    if (!bound && any && errno != EADDRINUSE)
        bound = s_try_bind (self, endpoint, 0); /* a machine without IPv6 */
    size_t size = sizeof self->bound;
    if (!bound || zmq_getsockopt (self->socket, ZMQ_LAST_ENDPOINT, self->bound, &size) != 0)
        return s_bind_error (self, endpoint);
    self->n_bound++;
    return NULL;
}

void zt_router_unbind (zt_router_t *self, const char *bound)
{
    zmq_unbind (self->socket, bound);
}

const char *zt_router_bound (const zt_router_t *self)
{
    return self->bound;
}

/*  zmq_poll asks each socket twice, and each asking is a system call or more: ten
    for a message when messages come one by one. The bare descriptors take three. */
int zt_router_fd (const zt_router_t *self)
{
    return zsock_fd (self->sock);
}

int zt_router_event_fd (const zt_router_t *self)
{
    return zsock_fd (self->monitor);
}

bool zt_router_is_ready (zt_router_t *self)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

static zt_bytes_t s_bytes (zmq_msg_t *message)
{
    return (zt_bytes_t){zmq_msg_data (message), zmq_msg_size (message)};
}

zt_receipt_kind_t zt_router_receive (zt_router_t *self, zt_bytes_t *id, zt_bytes_t *frame)
{
    if (zmq_msg_recv (&self->id, self->socket, ZMQ_DONTWAIT) < 0)
        return ZT_ROUTER_NOTHING;
    *id = s_bytes (&self->id);
    /*  libzmq gives a message only when all of its parts are there. */
    unsigned parts = 0;
    bool more = zmq_msg_more (&self->id);
    while (more && zmq_msg_recv (&self->frame, self->socket, ZMQ_DONTWAIT) >= 0) {
        parts++;
        more = zmq_msg_more (&self->frame);
    }
    *frame = s_bytes (&self->frame);
    return parts == 1 ? ZT_ROUTER_FRAME : ZT_ROUTER_BAD;
}

int zt_router_peer_fd (zt_router_t *self)
{
    return zmq_msg_get (&self->frame, ZMQ_SRCFD);
}

const char *zt_router_peer_address (zt_router_t *self)
{
    /*  From the body: libzmq 4.3.4 crashes when it is asked of the id. */
    return zmq_msg_gets (&self->frame, "Peer-Address");
}

uint64_t zt_router_peer_serial (zt_router_t *self, zt_bytes_t *key)
{
    *key = (zt_bytes_t){NULL, 0};
    if (!self->is_encrypted)
        return (uint64_t) zt_router_peer_fd (self) + 1;
    const char *user = zmq_msg_gets (&self->frame, "User-Id");
    char *end = NULL;
    uint64_t serial = user ? strtoull (user, &end, 10) : 0;
    if (serial && *end == ' ' && strcmp (end + 1, ZT_ZAP_NOBODY) != 0)
        *key = zt_bytes (end + 1);
    return serial;
}

/*  Makes *message of the parts. */
static bool s_build (zmq_msg_t *message, const zt_bytes_t *parts, size_t n_parts, size_t size)
{
    if (zmq_msg_init_size (message, size) != 0)
        return false;
    char *to = zmq_msg_data (message);
    for (size_t i = 0; i < n_parts; i++) {
        memcpy (to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    return true;
}

/*  Makes *message of a part that others may be sent, too. */
static bool s_share (zt_router_t *self, zmq_msg_t *message, zt_bytes_t part)
{
    bool again = self->shared_part.data == part.data && self->shared_part.size == part.size;
    if (!again) {
        zmq_msg_close (&self->shared);
        if (!s_build (&self->shared, &part, 1, part.size)) {
            zmq_msg_init (&self->shared);
            self->shared_part = (zt_bytes_t){NULL, 0};
            return false;
        }
        self->shared_part = part;
    }
    zmq_msg_init (message);
    return zmq_msg_copy (message, &self->shared) == 0;
}

static zt_send_t s_failed (void)
{
    /*  EAGAIN is a peer that is full; anything else (EHOSTUNREACH) one that is gone. */
    return errno == EAGAIN ? ZT_SEND_FULL : ZT_SEND_GONE;
}

zt_send_t zt_router_send (zt_router_t *self, zt_bytes_t id, const zt_bytes_t *parts, size_t n_parts,
                          size_t size)
{
    zmq_msg_t address, body;
    if (!s_build (&address, &id, 1, id.size))
        return ZT_SEND_FULL;
    if (zmq_msg_send (&address, self->socket, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        zt_send_t failure = s_failed ();
        zmq_msg_close (&address);
        return failure;
    }
    bool built = n_parts == 1 && size >= S_SHARE_FROM ? s_share (self, &body, parts[0])
                                                      : s_build (&body, parts, n_parts, size);
    if (!built)
        zmq_msg_init (&body); /* out of memory: the peer gets an empty frame, and is ended */
    if (zmq_msg_send (&body, self->socket, ZMQ_DONTWAIT) < 0) {
        zt_send_t failure = s_failed ();
        zmq_msg_close (&body);
        return failure;
    }
    return built ? ZT_SEND_OK : ZT_SEND_FULL;
}

void zt_router_end_turn (zt_router_t *self)
{
    if (!self->shared_part.data)
        return;
    zmq_msg_close (&self->shared);
    zmq_msg_init (&self->shared);
    self->shared_part = (zt_bytes_t){NULL, 0};
}

zt_link_event_t zt_router_event (zt_router_t *self, int *fd)
{
    /*  Two frames: the event's number in 16 bits with its value in 32, and the
        endpoint, which is of no use here. */
    void *monitor = zsock_resolve (self->monitor);
    zmq_msg_t message;
    zmq_msg_init (&message);
    zt_link_event_t result = ZT_LINK_NONE;
    if (zmq_msg_recv (&message, monitor, ZMQ_DONTWAIT) >= 0) {
        uint16_t event = 0;
        int32_t value = -1;
        if (zmq_msg_size (&message) >= sizeof event + sizeof value) {
            const char *data = zmq_msg_data (&message);
            memcpy (&event, data, sizeof event);
            memcpy (&value, data + sizeof event, sizeof value);
        }
        *fd = value;
        self->n_accepted += event == ZMQ_EVENT_ACCEPTED;
        result = event == ZMQ_EVENT_ACCEPTED       ? ZT_LINK_UP
                 : event == ZMQ_EVENT_DISCONNECTED ? ZT_LINK_DOWN
                                                   : ZT_LINK_OTHER;
        while (zmq_msg_more (&message) && zmq_msg_recv (&message, monitor, ZMQ_DONTWAIT) >= 0) {}
    }
    zmq_msg_close (&message);
    return result;
}
