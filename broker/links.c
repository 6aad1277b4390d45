/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/links.h"

#include "broker/watchdog.h"
#include "common/alloc.h"
#include "common/system.h"

#include <stdlib.h>
#include <sys/socket.h>

/*  A turn takes at most so many frames and bytes from the ROUTER before the broker
    looks at anything else. */
enum { S_FRAMES_A_TURN = 256, S_BYTES_A_TURN = 512 * 1024 };

enum {
    S_PROBE_MS = 100,        /* after a sign that a connection is gone */
    S_IDLE_PROBE_MS = 15000, /* after the last frame of a peer without a session */
    S_HELLO_MS = 60000,      /* that a peer may be without one, whatever it says */
    S_DROP_MS = 500,         /* for a BYE to leave */
    S_HOUSE_MS = 1000,
    S_TRIM_MS = 1000, /* after the last one who came or went */
    S_TELL_MS = 10000 /* between two lines about who was turned away */
};

struct zt_links {
    zt_router_t *router;
    zt_core_t *core;
    zt_peers_t *peers;
    zt_gate_t *gate;
    const zt_bans_t *bans;
    zt_operator_t *op;
    zt_watchdog_t *watchdog;
    uint64_t told_at;  /* ms: when the operator heard of who was turned away */
    uint64_t house_at; /* ms: the next housekeeping; 0: nothing needs it */
    uint64_t trim_at;  /* ms: when to give back memory that is free; 0: none may be */
};

zt_links_t *zt_links_new (zt_router_t *router, zt_core_t *core, zt_peers_t *peers, zt_gate_t *gate,
                          const zt_bans_t *bans, zt_operator_t *op, uint64_t peers_mb)
{
    zt_links_t *self = zt_alloc (sizeof *self);
    self->router = router;
    self->core = core;
    self->peers = peers;
    self->gate = gate;
    self->bans = bans;
    self->op = op;
    self->watchdog = zt_watchdog_new (ZT_ROUTER_RECEIVE_HWM, (int64_t) peers_mb << 20);
    return self;
}

void zt_links_configure (zt_links_t *self, uint64_t peers_mb)
{
    zt_watchdog_configure (self->watchdog, (int64_t) peers_mb << 20);
}

void zt_links_destroy (zt_links_t **self_p)
{
    zt_links_t *self = *self_p;
    if (!self)
        return;
    zt_watchdog_destroy (&self->watchdog);
    free (self);
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    Peers that come and go */

static void s_needs_house (zt_links_t *self, uint64_t now, uint64_t in_ms)
{
    if (!self->house_at || self->house_at > now + in_ms)
        self->house_at = now + in_ms;
}

static void s_gone (zt_links_t *self, uint64_t now, zt_peer_link_t *peer)
{
    zt_core_gone (self->core, peer->number, now);
    zt_operator_log_lines (self->op, now);
    zt_peers_remove (self->peers, peer);
    self->trim_at = now + S_TRIM_MS;
}

void zt_links_events (zt_links_t *self, uint64_t now)
{
    int fd = -1;
    for (zt_link_event_t event; (event = zt_router_event (self->router, &fd)) != ZT_LINK_NONE;) {
        zt_peer_link_t *peer = zt_peers_of_fd (self->peers, fd);
        if (event != ZT_LINK_OTHER)
            zt_operator_log (self->op, ZT_LEVEL_DEBUG, now, "connection %d %s", fd,
                             event == ZT_LINK_UP ? "has opened" : "is gone");
        if (event == ZT_LINK_UP) {
            zt_core_stats (self->core)->value[ZT_STAT_ACCEPTED]++;
            zt_watchdog_opened (self->watchdog, fd, now);
            if (!zt_gate_admits (self->gate, fd, now))
                shutdown (fd, SHUT_RDWR);
        } else if (event == ZT_LINK_DOWN)
            zt_watchdog_closed (self->watchdog, fd);
        if (event != ZT_LINK_DOWN || !peer)
            continue;
        /*  The descriptor is free and may be another's at once, and so may the routing id.
            Frames of this connection may still wait to be read, so it is not forgotten
            before they were. */
        zt_peers_set_fd (self->peers, peer, -1);
        peer->is_gone = true;
        peer->probe_at = now + S_PROBE_MS;
        s_needs_house (self, now, S_PROBE_MS);
    }
}

/*  Sends what a client ignores, to learn whether the connection is still there. */
static void s_probe (zt_links_t *self, uint64_t now, zt_peer_link_t *peer)
{
    static const zt_bytes_t pong = ZT_LITERAL ("PONG -\n");
    if (peer->is_gone ||
        zt_router_send (self->router, peer->id, &pong, 1, pong.size) == ZT_SEND_GONE)
        s_gone (self, now, peer);
    else
        peer->probe_at = 0;
}

/*  shutdown lets libzmq see the end of the connection; it closes the descriptor. */
static void s_end_connection (zt_peer_link_t *peer)
{
    peer->drop_at = 0;
    if (peer->fd >= 0)
        shutdown (peer->fd, SHUT_RDWR);
}

static void s_drop (zt_links_t *self, uint64_t now, zt_peer_link_t *peer, uint64_t wait_ms)
{
    if (peer->is_ending)
        return;
    peer->is_ending = true;
    peer->drop_at = now + wait_ms;
    peer->probe_at = peer->drop_at + S_PROBE_MS;
    s_needs_house (self, now, S_PROBE_MS);
}

/*  A client that claims a routing id, which PROTOCOL.md forbids: see router.h. */
static void s_refuse (zt_links_t *self, uint64_t now, zt_peer_link_t *peer)
{
    static const zt_bytes_t error = ZT_LITERAL (
        "ERROR - bad-request 48\n{\"message\":\"a client sets no routing id itself\"}\n");
    zt_router_send (self->router, peer->id, &error, 1, error.size);
    s_drop (self, now, peer, 0);
}

/*  A peer that has just sent its first frame. */
static zt_peer_link_t *s_welcome (zt_links_t *self, uint64_t now, zt_bytes_t id, uint64_t serial,
                                  zt_bytes_t key_text)
{
    zt_key_t key;
    /*  What has become of the one who had the descriptor before was told before. */
    zt_links_events (self, now);
    zt_peer_link_t *peer = zt_peers_add (self->peers, id, ZT_PEERS_MAX);
    if (!peer)
        return NULL;
    zt_peers_set_fd (self->peers, peer, zt_router_peer_fd (self->router));
    const char *address = zt_router_peer_address (self->router);
    static const char mapped[] = "::ffff:"; /* an IPv4 address, on a socket for both */
    if (address && strncmp (address, mapped, strlen (mapped)) == 0 && strchr (address, '.'))
        address += strlen (mapped);
    peer->address = address ? zt_strndup (address, strlen (address)) : NULL;
    peer->welcome_at = now;
    peer->serial = serial;
    peer->is_encrypted = zt_key_read (key_text, &key);
    if (peer->is_encrypted)
        zt_core_came (self->core, peer->number, &key);
    s_needs_house (self, now, S_HOUSE_MS);
    self->trim_at = now + S_TRIM_MS;
    if (zt_router_has_forged_id (self->router, id))
        s_refuse (self, now, peer);
    /*  It may have been banned since it was let in. */
    bool is_banned = address && zt_bans_has (self->bans, address, peer->is_encrypted ? &key : NULL);
    if (serial == 0 || is_banned)
        s_drop (self, now, peer, 0);
    return peer;
}

/*  Another connection than the one that had the routing id claims it: what was said to this id
    was meant for somebody else, and so is the session. */
static void s_impostor (zt_links_t *self, uint64_t now, zt_peer_link_t *peer)
{
    zt_core_gone (self->core, peer->number, now);
    zt_peers_set_fd (self->peers, peer, zt_router_peer_fd (self->router));
    s_drop (self, now, peer, 0);
}

/*  The peer of the frame that was received last, which may be new. */
static zt_peer_link_t *s_peer (zt_links_t *self, uint64_t now, zt_bytes_t id)
{
    zt_bytes_t key;
    uint64_t serial = zt_router_peer_serial (self->router, &key);
    zt_peer_link_t *peer = zt_peers_find (self->peers, id);
    if (!peer)
        peer = s_welcome (self, now, id, serial, key);
    else if (serial != peer->serial && !peer->is_ending)
        s_impostor (self, now, peer);
    if (!peer)
        return NULL;
    /*  Another one may have been taken for the owner of its descriptor. */
    if (peer->fd < 0 && !peer->probe_at)
        zt_peers_set_fd (self->peers, peer, zt_router_peer_fd (self->router));
    peer->seen_at = now;
    return peer;
}

/*  What is to be done about a peer. Returns true if it needs looking after again
    soon. It may be gone then. */
static bool s_look_after (zt_links_t *self, uint64_t now, zt_peer_link_t *peer)
{
    if (peer->drop_at && now >= peer->drop_at)
        s_end_connection (peer);
    if (zt_core_has_session (self->core, peer->number))
        peer->welcome_at = now;
    else if (now > peer->welcome_at + S_HELLO_MS)
        s_drop (self, now, peer, 0);
    if (!peer->probe_at && now > peer->seen_at + S_IDLE_PROBE_MS) {
        /*  A connection may have ended before its first frame was read: then no
            event told of it. */
        peer->probe_at = now;
        peer->seen_at = now;
    }
    if (peer->probe_at && now >= peer->probe_at) {
        s_probe (self, now, peer);
        return false;
    }
    return peer->probe_at != 0;
}

/*  ---------------------------------------------------------------------------
    What is due */

/*  When many have come or gone, the heap is full of holes that nobody needs. That
    is looked after once they have settled, since it takes milliseconds. */
static void s_trim (zt_links_t *self, uint64_t now)
{
    if (!self->trim_at || now < self->trim_at)
        return;
    self->trim_at = 0;
    zt_system_trim ();
}

static void s_tell_of_gate (zt_links_t *self, uint64_t now)
{
    uint64_t n;
    if (now < self->told_at + S_TELL_MS && now >= self->told_at)
        return;
    const char *address = zt_gate_refused (self->gate, &n);
    if (!address)
        return;
    self->told_at = now;
    zt_operator_log (self->op, ZT_LEVEL_NOTICE, now,
                     "turned away %llu connection%s that came too fast after one another, one of "
                     "them from %s",
                     (unsigned long long) n, n == 1 ? "" : "s", address);
}

static void s_watch (zt_links_t *self, uint64_t now)
{
    s_tell_of_gate (self, now);
    unsigned n = zt_watchdog_look (self->watchdog, now);
    if (!n)
        return;
    zt_core_stats (self->core)->value[ZT_STAT_ENDED] += n;
    zt_operator_log (self->op, ZT_LEVEL_NOTICE, now,
                     "ended %u connection%s: nothing was said, or no end came, or nothing was read",
                     n, n == 1 ? "" : "s");
    self->trim_at = now + S_TRIM_MS;
}

static void s_house (zt_links_t *self, uint64_t now)
{
    if (!self->house_at || now < self->house_at)
        return;
    self->house_at = 0;
    for (uint32_t i = 0; i < zt_peers_end (self->peers); i++) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        if (peer)
            s_needs_house (self, now, s_look_after (self, now, peer) ? S_PROBE_MS : S_HOUSE_MS);
    }
}

void zt_links_look_after (zt_links_t *self, uint64_t now)
{
    s_house (self, now);
    s_watch (self, now);
    s_trim (self, now);
}

uint64_t zt_links_deadline (const zt_links_t *self)
{
    uint64_t deadline = zt_watchdog_deadline (self->watchdog);
    if (self->house_at && self->house_at < deadline)
        deadline = self->house_at;
    if (self->trim_at && self->trim_at < deadline)
        deadline = self->trim_at;
    return deadline;
}

void zt_links_measure (const zt_links_t *self, zt_stats_t *stats)
{
    stats->value[ZT_STAT_CONNECTIONS] = zt_watchdog_connections (self->watchdog);
    stats->value[ZT_STAT_MEMORY_PEERS] = zt_watchdog_held (self->watchdog);
}

void zt_links_forget_times (zt_links_t *self, uint64_t now)
{
    for (uint32_t i = 0; i < zt_peers_end (self->peers); i++) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        if (!peer)
            continue;
        peer->seen_at = now;
        peer->welcome_at = now;
        peer->probe_at = peer->probe_at ? now : 0;
        peer->drop_at = peer->drop_at ? now : 0;
    }
    self->house_at = now;
    self->trim_at = self->trim_at ? now : 0;
}

bool zt_links_has_any (const zt_links_t *self)
{
    bool left = false;
    for (uint32_t i = 0; i < zt_peers_end (self->peers) && !left; i++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        left = peer && peer->fd >= 0;
    }
    return left;
}

/*  ---------------------------------------------------------------------------
    Frames */

void zt_links_receive (zt_links_t *self, uint64_t now)
{
    zt_bytes_t id, frame;
    size_t bytes = 0;
    for (int i = 0; i < S_FRAMES_A_TURN && bytes < S_BYTES_A_TURN; i++) {
        zt_receipt_kind_t kind = zt_router_receive (self->router, &id, &frame);
        if (kind == ZT_ROUTER_NOTHING) {
            zt_watchdog_drained (self->watchdog);
            return;
        }
        zt_peer_link_t *peer = s_peer (self, now, id);
        zt_watchdog_received (self->watchdog, peer ? peer->fd : -1, frame.size);
        if (!peer || peer->is_ending)
            continue;
        if (kind == ZT_ROUTER_FRAME)
            zt_core_frame (self->core, peer->number, frame.data, frame.size, now);
        else
            zt_core_bad_frame (self->core, peer->number, now);
        bytes += frame.size;
    }
}

/*  A peer whose queue is full is not reading. Its connection is ended; with the
    next one it reads on from its cursor, so that it loses nothing. */
static void s_send_frame (zt_links_t *self, uint64_t now, zt_peer_link_t *peer,
                          const zt_frame_t *frame)
{
    zt_send_t result = ZT_SEND_FULL;
    if (peer->is_gone)
        return;
    size_t size = frame->size + (peer->is_encrypted ? ZT_ROUTER_CURVE_AROUND : 0);
    if (zt_watchdog_may_send (self->watchdog, peer->fd, size))
        result = zt_router_send (self->router, peer->id, frame->parts, frame->n_parts, frame->size);
    switch (result) {
    case ZT_SEND_OK:
        break;
    case ZT_SEND_GONE:
        if (!peer->probe_at)
            peer->probe_at = now;
        s_needs_house (self, now, 0);
        break;
    case ZT_SEND_FULL:
        zt_core_gone (self->core, peer->number, now);
        s_drop (self, now, peer, 0);
        break;
    }
}

void zt_links_send (zt_links_t *self, uint64_t now)
{
    zt_frame_t frame;
    zt_core_flush (self->core, now);
    zt_links_events (self, now); /* who has gone meanwhile is sent nothing */
    while (zt_core_next_frame (self->core, &frame)) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, frame.peer);
        if (peer)
            s_send_frame (self, now, peer, &frame);
    }
    zt_router_end_turn (self->router);
    uint32_t number;
    while (zt_core_next_drop (self->core, &number)) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, number);
        if (peer)
            s_drop (self, now, peer, S_DROP_MS);
    }
    zt_operator_log_lines (self->op, now);
}
