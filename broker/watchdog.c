/*  SPDX-License-Identifier: MPL-2.0

    What comes in. The kernel counts the bytes that it has received for a connection
    (zt_system_tcp), and tells how many of them libzmq has not read (FIONREAD). We count those
    of whole messages that the broker has got. The rest is what libzmq holds: messages in
    the queue, so many at most as we were told, and the beginning of one more. So:

    - more than a full queue of the largest frames is no queue of frames: it is ended at
      once (queue_bytes);
    - more than two of the largest frames must hold a whole message, if the peer sends
      single frames, as the protocol has it, for libzmq puts what it has read in one go,
      a frame at most, into the queue before it reads on. If the broker gets none from
      this connection although it has been through all queues since, there is none
      (s_frames_bytes). ROUTER serves those who have something in turn, so it has been through
      all of them when nothing is left, or when it has served as many as there are twice.
      If that cannot be told, because of a flood of others, we wait for a second.

    What stands around a message on the wire is not known exactly (encryption, commands of
    ZMTP), so each message is taken for S_AROUND bytes more than it has. What that is too
    much does not help a peer: the sum is set right whenever it is above the truth.

    To ask the kernel costs 1 us for each connection, so it is asked only while our own
    memory grows: nothing that is harmless to that is looked for. The growth is measured
    often, since libzmq can be filled with 1.5 GB a second through ipc, and an endless message of
    the smallest parts takes 64 bytes for 2. What one has filled is free when it was
    ended, but still ours, so that the next one makes nothing grow: for a while after an end
    all are looked at without that.

    What goes out. We count what is given to libzmq for a connection, and ask the kernel
    how much the other end has taken, each time that it might be S_UNREAD behind. A session
    is never sent more than ZT_WINDOW_BYTES of messages ahead of its acknowledgements; the
    rest is for answers and presence. Who leaves more than that unread does not read.

    Who says nothing does not stay: the descriptor is wanted by others, and it may be there
    to claim a routing id (router.h). An honest client says HELLO as soon as the connection
    stands, so there are few who have not yet: when there are many, the eldest go at once.
    And at a distance from the limit of descriptors nobody is let in, since libzmq spins
    when they have run out.

    All together. What is held of all connections, and waits for them, has a bound of its own,
    lest a thousand of them hold a little less than each may. Beyond it those go that hold
    most. It is looked at whenever the memory has grown.

    A unix socket has no such counts, nor has any on a system that does not tell them. All that is
   told is whether bytes wait to be read, and libzmq reads on as long as a queue is not full: so
   they wait only while it is at it, and of a peer that is slower than we are they are seldom seen.
   So who was seen to send, and has said nothing whole since, goes when that was so at a few looks,
   or was so once and the memory has grown by S_BLIND_GROWTH meanwhile. An honest peer is not at the
   middle of a frame for as long as that. When the memory has grown by half of what all may make us
   hold, and it is not of TCP, those go as well who were not seen to send, but have said nothing
   whole for as long: each honest session says something every 3 s, and comes back. Unread answers
   are bounded there by the queue alone, which is ZT_ROUTER_SEND_HWM frames: who may open the
   socket's file is trusted not to do that. */

#include "broker/watchdog.h"

#include "common/alloc.h"
#include "common/limits.h"
#include "common/system.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    S_LOOK_MS = 100,          /* how often the memory is measured */
    S_SUSPECT_MS = 10,        /* and connections are looked at, once one is suspect */
    S_WAIT_MS = 1000,         /* for a round through all queues */
    S_SILENT_MS = 15000,      /* for the first message of a connection */
    S_SILENT_MOST = 512,      /* connections that have said nothing */
    S_GROWTH = 16 << 20,      /* of the memory, that makes us look */
    S_AROUND = 1024,          /* bytes, see above */
    S_UNREAD = 8 << 20,       /* bytes, see above */
    S_RESERVE = 256,          /* descriptors that are kept free, or a quarter of them */
    S_ALERT_MS = 2000,        /* for which all are looked at after somebody was ended */
    S_ALERT_LINKS = 100,      /* a look at so many is worth one more ms until the next, */
    S_ALERT_MOST_MS = 500,    /* but not more than that */
    S_STRIKES = 3,            /* looks at which a connection is suspect, and out */
    S_STRIKES_BLIND = 5,      /* the same for a unix socket */
    S_BLIND_GROWTH = 64 << 20 /* bytes, see above */
};

static const int64_t s_frames_bytes = 2 * ZT_FRAME_MAX + 65536;

typedef struct {
    bool is_open;
    uint64_t opened_at;   /* ms */
    uint64_t messages;    /* that the broker has got */
    int64_t received;     /* bytes of them */
    int64_t sent;         /* bytes that libzmq was given */
    int64_t taken;        /* of them, by the other end, as far as we know */
    int64_t load;         /* bytes that libzmq holds because of it, at the last look */
    unsigned strikes;     /* looks at which it was suspect, one after another */
    uint64_t messages_at; /* what messages was at the first of them */
    int64_t memory_at;    /* and the memory; of a unix socket */
    bool is_blind;        /* no TCP: the kernel does not count */
    bool is_silent;       /* in the list of those who have said nothing, the eldest first */
    int next_silent;      /* descriptors, -1: none */
    int previous_silent;
} s_link_t;

struct zt_watchdog {
    s_link_t *links; /* by descriptor */
    int end;
    unsigned n_open;
    int most_fds;
    int64_t queue_bytes; /* a full queue of the largest frames, and two more */
    int64_t most;        /* bytes that all may make us hold */
    int64_t held;        /* bytes that they did at this look, */
    int64_t held_before; /* and at the one before */
    int64_t memory;      /* at the last look at all connections, or less */
    int64_t memory_now;  /* at this one */
    uint64_t look_at;
    uint64_t alert_until; /* ms */
    unsigned n_suspects;
    unsigned n_silent;
    unsigned n_ended; /* and not told of yet */
    int first_silent;
    int last_silent;

    /*  A round through all queues. */
    bool drained;
    uint64_t n_received;
    uint64_t round_from;
    uint64_t round_at; /* ms: when it began */
};

void zt_watchdog_configure (zt_watchdog_t *self, int64_t most)
{
    self->most = most;
}

zt_watchdog_t *zt_watchdog_new (unsigned queue, int64_t most)
{
    zt_watchdog_t *self = zt_alloc (sizeof *self);
    self->most = most;
    struct rlimit limit;
    self->queue_bytes = (int64_t) (queue + 2) * (ZT_FRAME_MAX + 64);
    self->first_silent = self->last_silent = -1;
    self->most_fds = INT32_MAX;
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < INT32_MAX) {
        int all = (int) limit.rlim_cur;
        self->most_fds = all - (all / 4 < S_RESERVE ? all / 4 : S_RESERVE);
    }
    self->memory = self->memory_now = (int64_t) zt_system_memory ();
    return self;
}

void zt_watchdog_destroy (zt_watchdog_t **self_p)
{
    zt_watchdog_t *self = *self_p;
    if (!self)
        return;
    free (self->links);
    free (self);
    *self_p = NULL;
}

/*  The connection, or NULL if it is not known. */
static s_link_t *s_link (const zt_watchdog_t *self, int fd)
{
    return fd >= 0 && fd < self->end && self->links[fd].is_open ? &self->links[fd] : NULL;
}

/*  ---------------------------------------------------------------------------
    Who says nothing */

static void s_silent_add (zt_watchdog_t *self, int fd)
{
    s_link_t *link = &self->links[fd];
    link->is_silent = true;
    link->next_silent = -1;
    link->previous_silent = self->last_silent;
    *(self->last_silent >= 0 ? &self->links[self->last_silent].next_silent : &self->first_silent) =
        fd;
    self->last_silent = fd;
    self->n_silent++;
}

static void s_silent_remove (zt_watchdog_t *self, int fd)
{
    s_link_t *link = &self->links[fd];
    if (!link->is_silent)
        return;
    int next = link->next_silent, previous = link->previous_silent;
    *(previous >= 0 ? &self->links[previous].next_silent : &self->first_silent) = next;
    *(next >= 0 ? &self->links[next].previous_silent : &self->last_silent) = previous;
    link->is_silent = false;
    self->n_silent--;
}

/*  Ends who has been silent for too long, or is one of too many. */
static unsigned s_end_silent (zt_watchdog_t *self, uint64_t now)
{
    unsigned ended = 0;
    while (self->n_silent > S_SILENT_MOST ||
           (self->n_silent && now > self->links[self->first_silent].opened_at + S_SILENT_MS)) {
        shutdown (self->first_silent, SHUT_RDWR);
        s_silent_remove (self, self->first_silent);
        ended++;
    }
    return ended;
}

/*  ---------------------------------------------------------------------------
    Connections */

void zt_watchdog_opened (zt_watchdog_t *self, int fd, uint64_t now)
{
    if (fd < 0)
        return;
    if (fd >= self->end) {
        int end = self->end ? self->end : 64;
        while (end <= fd)
            end *= 2;
        self->links = zt_realloc (self->links, (size_t) end, sizeof *self->links);
        memset (self->links + self->end, 0, (size_t) (end - self->end) * sizeof *self->links);
        self->end = end;
    }
    zt_watchdog_closed (self, fd);
    self->links[fd] = (s_link_t){.is_open = true, .opened_at = now, .memory_at = self->memory_now};
    self->n_open++;
    s_silent_add (self, fd);
    self->n_ended += s_end_silent (self, now);
    if (!self->look_at)
        self->look_at = now + S_LOOK_MS;
    if (fd >= self->most_fds)
        shutdown (fd, SHUT_RDWR);
}

void zt_watchdog_closed (zt_watchdog_t *self, int fd)
{
    s_link_t *link = s_link (self, fd);
    if (!link)
        return;
    s_silent_remove (self, fd);
    link->is_open = false;
    self->n_open--;
}

void zt_watchdog_received (zt_watchdog_t *self, int fd, size_t size)
{
    s_link_t *link = s_link (self, fd);
    self->n_received++;
    if (!link)
        return;
    s_silent_remove (self, fd);
    link->messages++;
    link->received += (int64_t) size + S_AROUND;
}

void zt_watchdog_drained (zt_watchdog_t *self)
{
    self->drained = true;
}

bool zt_watchdog_may_send (zt_watchdog_t *self, int fd, size_t size)
{
    s_link_t *link = s_link (self, fd);
    if (!link)
        return true;
    link->sent += (int64_t) size + (size > UINT8_MAX ? 9 : 2);
    if (link->sent - link->taken <= S_UNREAD)
        return true;
    zt_tcp_t tcp;
    link->taken = zt_system_tcp (fd, &tcp) ? (int64_t) tcp.taken : link->sent;
    if (link->sent < link->taken)
        link->sent = link->taken;
    return link->sent - link->taken <= S_UNREAD;
}

/*  Whether libzmq holds more of a connection than it should. */
typedef enum { S_FINE, S_SUSPECT, S_GUILTY } s_verdict_t;

static s_verdict_t s_judge (const zt_watchdog_t *self, s_link_t *link, int fd)
{
    zt_tcp_t tcp;
    int unread = 0;
    /*  In this order: what comes between the two is taken for unread. */
    link->is_blind = !zt_system_tcp (fd, &tcp);
    if (ioctl (fd, FIONREAD, &unread) != 0)
        return S_FINE;
    if (link->is_blind)
        return unread ? S_SUSPECT : S_FINE;
    int64_t read = (int64_t) tcp.received - unread;
    if (link->received > read)
        link->received = read;
    int64_t held = read - link->received;
    link->taken = (int64_t) tcp.taken;
    link->load = held + (link->sent > link->taken ? link->sent - link->taken : 0);
    return held > self->queue_bytes ? S_GUILTY : held > s_frames_bytes ? S_SUSPECT : S_FINE;
}

/*  Has a connection to go, of which it is known at most that bytes of it wait to be read? They
    do not always; so the strikes stay until it has said something whole. */
static bool s_look_at_blind (zt_watchdog_t *self, s_link_t *link, bool is_sending, bool round)
{
    if (link->messages != link->messages_at) {
        link->messages_at = link->messages;
        link->memory_at = self->memory_now;
        link->strikes = 0;
    }
    if (link->memory_at > self->memory_now)
        link->memory_at = self->memory_now;
    self->n_suspects += is_sending;
    link->strikes += is_sending && (link->strikes == 0 || round);
    int64_t growth = self->memory_now - link->memory_at;
    return link->strikes >= S_STRIKES_BLIND || (link->strikes && growth > S_BLIND_GROWTH) ||
           growth - self->held_before > self->most / 2;
}

/*  Looks at a connection; a round through all queues has been made since the last
    time, or not. True if it has to go. */
static bool s_look_at (zt_watchdog_t *self, int fd, bool round)
{
    s_link_t *link = &self->links[fd];
    s_verdict_t verdict = s_judge (self, link, fd);
    if (link->is_blind)
        return s_look_at_blind (self, link, verdict == S_SUSPECT, round);
    if (verdict == S_GUILTY)
        return true;
    if (verdict == S_FINE || (link->strikes && link->messages != link->messages_at)) {
        link->strikes = 0;
        return false;
    }
    self->n_suspects++;
    if (link->strikes == 0 || round) {
        link->messages_at = link->messages;
        link->strikes++;
    }
    return link->strikes >= S_STRIKES;
}

/*  Has the broker been through all queues since the round began? If so, the next begins. */
static bool s_round (zt_watchdog_t *self, uint64_t now)
{
    if (!self->drained && self->n_received - self->round_from < 2 * (uint64_t) self->n_open &&
        now < self->round_at + S_WAIT_MS)
        return false;
    self->drained = false;
    self->round_from = self->n_received;
    self->round_at = now;
    return true;
}

/*  Ends those that hold most, until all together hold no more than they may. */
static unsigned s_end_largest (zt_watchdog_t *self)
{
    unsigned ended = 0;
    while (self->held > self->most) {
        int largest = -1;
        for (int fd = 0; fd < self->end; fd++)
            if (self->links[fd].is_open &&
                (largest < 0 || self->links[fd].load > self->links[largest].load))
                largest = fd;
        if (largest < 0 || self->links[largest].load <= 0)
            return ended;
        shutdown (largest, SHUT_RDWR);
        self->held -= self->links[largest].load;
        self->links[largest].load = 0;
        ended++;
    }
    return ended;
}

static unsigned s_look (zt_watchdog_t *self, uint64_t now)
{
    unsigned ended = 0;
    bool round = s_round (self, now);
    self->n_suspects = 0;
    self->held_before = self->held;
    self->held = 0;
    for (int fd = 0; fd < self->end; fd++) {
        if (!self->links[fd].is_open)
            continue;
        self->links[fd].load = 0;
        if (s_look_at (self, fd, round)) {
            shutdown (fd, SHUT_RDWR);
            self->links[fd].load = 0;
            ended++;
        }
        self->held += self->links[fd].load;
    }
    return ended + s_end_largest (self);
}

unsigned zt_watchdog_connections (const zt_watchdog_t *self)
{
    return self->n_open;
}

uint64_t zt_watchdog_held (const zt_watchdog_t *self)
{
    return self->held > 0 ? (uint64_t) self->held : 0;
}

uint64_t zt_watchdog_deadline (const zt_watchdog_t *self)
{
    return self->n_open ? self->look_at : UINT64_MAX;
}

unsigned zt_watchdog_look (zt_watchdog_t *self, uint64_t now)
{
    if (now < self->look_at && self->look_at < now + S_WAIT_MS) /* the clock may go back */
        return 0;
    int64_t memory = self->memory_now = (int64_t) zt_system_memory ();
    unsigned silent = self->n_ended + s_end_silent (self, now), ended = 0;
    self->n_ended = 0;
    if (memory < self->memory)
        self->memory = memory;
    bool is_alert = now < self->alert_until && self->alert_until <= now + S_ALERT_MS;
    if (memory > self->memory + S_GROWTH || self->n_suspects || is_alert) {
        ended = s_look (self, now);
        self->memory = memory;
    }
    if (ended)
        self->alert_until = now + S_ALERT_MS;
    unsigned pause = self->n_open / S_ALERT_LINKS;
    bool is_soon = ended || is_alert || self->n_suspects;
    self->look_at =
        now +
        (is_soon ? S_SUSPECT_MS + (pause < S_ALERT_MOST_MS ? pause : S_ALERT_MOST_MS) : S_LOOK_MS);
    return silent + ended;
}
