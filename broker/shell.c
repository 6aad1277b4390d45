/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/shell.h"

#include "broker/addresses.h"
#include "broker/console.h"
#include "broker/core.h"
#include "broker/peers.h"
#include "broker/printer.h"
#include "broker/router.h"
#include "broker/store_memory.h"
#include "broker/watchdog.h"
#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/limits.h"
#include "common/options.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*  A turn takes at most so many frames and bytes from the ROUTER before it looks
    at anything else; and so many completions from the store. */
enum { S_FRAMES_A_TURN = 256, S_BYTES_A_TURN = 512 * 1024, S_COMPLETIONS_A_TURN = 64 };

enum {
    S_PROBE_MS = 100,        /* after a sign that a connection is gone */
    S_IDLE_PROBE_MS = 15000, /* after the last frame of a peer without a session */
    S_DROP_MS = 500,         /* for a BYE to leave */
    S_HOUSE_MS = 1000,
    S_TRIM_MS = 1000, /* after the last one who came or went */
    S_LINGER_MS = 1000
};

typedef struct {
    zt_core_t *core;
    zt_store_t *store;
    zt_router_t *router;
    zt_peers_t *peers;
    zt_watchdog_t *watchdog;
    zt_printer_t out; /* to the operator */
    zt_printer_t log; /* what happened */
    zt_buffer_t typed;
    uint64_t now;      /* ms since the epoch */
    uint64_t house_at; /* ms: the next housekeeping; 0: nothing needs it */
    uint64_t trim_at;  /* ms: when to give back memory that is free; 0: none may be */
    int signals;       /* signalfd */
    bool reads_stdin;
    bool ends;
    bool has_failed;
} s_shell_t;

static uint64_t s_clock (void)
{
    struct timespec time;
    clock_gettime (CLOCK_REALTIME, &time);
    return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

/*  Ids of a log in memory begin where no earlier one can have come to: at the
    time in quarter microseconds, so that only a log that took four million
    messages a second all its life could have passed it. Below 2^53 until 2041. */
static uint64_t s_first_id (void)
{
    return s_clock () * 4000;
}

/*  ---------------------------------------------------------------------------
    Lines for the operator */

static void s_log (s_shell_t *self, const char *text)
{
    struct tm local;
    time_t seconds = (time_t) (self->now / 1000);
    char when[32] = "";
    if (localtime_r (&seconds, &local))
        strftime (when, sizeof when, "%H:%M:%S", &local);
    zt_printer_line (&self->log, "%s %s", when, text);
}

static void s_log_lines (s_shell_t *self)
{
    zt_bytes_t line;
    uint32_t number;
    while (zt_core_next_line (self->core, &line, &number)) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, number);
        zt_buffer_t text = {NULL, 0, 0};
        zt_text_clean (&text, line, ZT_TEXT_LINE);
        if (peer && peer->address)
            zt_buffer_put_format (&text, " (%s)", peer->address);
        s_log (self, zt_buffer_string (&text));
        zt_buffer_free (&text);
    }
}

/*  ---------------------------------------------------------------------------
    Peers that come and go */

static void s_needs_house (s_shell_t *self, uint64_t in_ms)
{
    if (!self->house_at || self->house_at > self->now + in_ms)
        self->house_at = self->now + in_ms;
}

static void s_gone (s_shell_t *self, zt_peer_link_t *peer)
{
    zt_core_gone (self->core, peer->number, self->now);
    s_log_lines (self);
    zt_peers_remove (self->peers, peer);
    self->trim_at = self->now + S_TRIM_MS;
}

static void s_monitor (s_shell_t *self)
{
    int fd = -1;
    for (zt_link_event_t event; (event = zt_router_event (self->router, &fd)) != ZT_LINK_NONE;) {
        zt_peer_link_t *peer = zt_peers_of_fd (self->peers, fd);
        if (event == ZT_LINK_UP)
            zt_watchdog_opened (self->watchdog, fd, self->now);
        else if (event == ZT_LINK_DOWN)
            zt_watchdog_closed (self->watchdog, fd);
        if (event != ZT_LINK_DOWN || !peer)
            continue;
        /*  The descriptor is free and may be another's at once. Frames of this
            connection may still wait to be read, so it is not forgotten before
            a probe finds that it is gone. */
        zt_peers_set_fd (self->peers, peer, -1);
        peer->probe_at = self->now + S_PROBE_MS;
        s_needs_house (self, S_PROBE_MS);
    }
}

/*  Sends what a client ignores, to learn whether the connection is still there. */
static void s_probe (s_shell_t *self, zt_peer_link_t *peer)
{
    static const zt_bytes_t pong = ZT_LITERAL ("PONG -\n");
    if (zt_router_send (self->router, peer->id, &pong, 1, pong.size) == ZT_SEND_GONE)
        s_gone (self, peer);
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

static void s_drop (s_shell_t *self, zt_peer_link_t *peer, uint64_t wait_ms)
{
    if (peer->is_ending)
        return;
    peer->is_ending = true;
    peer->drop_at = self->now + wait_ms;
    peer->probe_at = peer->drop_at + S_PROBE_MS;
    s_needs_house (self, S_PROBE_MS);
}

/*  A client that claims a routing id, which PROTOCOL.md forbids: see router.h. */
static void s_refuse (s_shell_t *self, zt_peer_link_t *peer)
{
    static const zt_bytes_t error = ZT_LITERAL (
        "ERROR - bad-request 48\n{\"message\":\"a client sets no routing id itself\"}\n");
    zt_router_send (self->router, peer->id, &error, 1, error.size);
    s_drop (self, peer, 0);
}

/*  The peer of the frame that was received last, which may be new. */
static zt_peer_link_t *s_peer (s_shell_t *self, zt_bytes_t id)
{
    zt_peer_link_t *peer = zt_peers_find (self->peers, id);
    if (!peer) {
        /*  What has become of the one who had the descriptor before was told before. */
        s_monitor (self);
        peer = zt_peers_add (self->peers, id, ZT_PEERS_MAX);
        if (!peer)
            return NULL;
        zt_peers_set_fd (self->peers, peer, zt_router_peer_fd (self->router));
        const char *address = zt_router_peer_address (self->router);
        peer->address = address ? zt_strndup (address, strlen (address)) : NULL;
        s_needs_house (self, S_HOUSE_MS);
        self->trim_at = self->now + S_TRIM_MS;
        if (zt_router_has_forged_id (self->router, id))
            s_refuse (self, peer);
    }
    /*  Another one may have been taken for the owner of its descriptor. */
    if (peer->fd < 0 && !peer->probe_at)
        zt_peers_set_fd (self->peers, peer, zt_router_peer_fd (self->router));
    peer->seen_at = self->now;
    return peer;
}

/*  What is to be done about a peer. Returns true if it needs looking after again
    soon. It may be gone then. */
static bool s_look_after (s_shell_t *self, zt_peer_link_t *peer)
{
    if (peer->drop_at && self->now >= peer->drop_at)
        s_end_connection (peer);
    if (!peer->probe_at && self->now > peer->seen_at + S_IDLE_PROBE_MS) {
        /*  A connection may have ended before its first frame was read: then no
            event told of it. */
        peer->probe_at = self->now;
        peer->seen_at = self->now;
    }
    if (peer->probe_at && self->now >= peer->probe_at) {
        s_probe (self, peer);
        return false;
    }
    return peer->probe_at != 0;
}

/*  When many have come or gone, the heap is full of holes that nobody needs. That
    is looked after once they have settled, since it takes milliseconds. */
static void s_trim (s_shell_t *self)
{
    if (!self->trim_at || self->now < self->trim_at)
        return;
    self->trim_at = 0;
    malloc_trim (0);
}

static void s_watch (s_shell_t *self)
{
    unsigned n = zt_watchdog_look (self->watchdog, self->now);
    if (!n)
        return;
    char line[96];
    snprintf (line, sizeof line, "ended %u connection%s that said nothing, or without end", n,
              n == 1 ? "" : "s");
    s_log (self, line);
    self->trim_at = self->now + S_TRIM_MS;
}

static void s_house (s_shell_t *self)
{
    if (!self->house_at || self->now < self->house_at)
        return;
    self->house_at = 0;
    for (uint32_t i = 0; i < zt_peers_end (self->peers); i++) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        if (peer)
            s_needs_house (self, s_look_after (self, peer) ? S_PROBE_MS : S_HOUSE_MS);
    }
}

/*  ---------------------------------------------------------------------------
    A turn */

static void s_receive (s_shell_t *self)
{
    zt_bytes_t id, frame;
    size_t bytes = 0;
    for (int i = 0; i < S_FRAMES_A_TURN && bytes < S_BYTES_A_TURN; i++) {
        zt_receipt_kind_t kind = zt_router_receive (self->router, &id, &frame);
        if (kind == ZT_ROUTER_NOTHING) {
            zt_watchdog_drained (self->watchdog);
            return;
        }
        zt_peer_link_t *peer = s_peer (self, id);
        zt_watchdog_received (self->watchdog, peer ? peer->fd : -1, frame.size);
        if (!peer || peer->is_ending)
            continue;
        if (kind == ZT_ROUTER_FRAME)
            zt_core_frame (self->core, peer->number, frame.data, frame.size, self->now);
        else
            zt_core_bad_frame (self->core, peer->number, self->now);
        bytes += frame.size;
    }
}

/*  Carries requests to the store and completions back. */
static void s_store (s_shell_t *self)
{
    zt_request_t request;
    zt_completion_t completion;
    zt_core_commit (self->core);
    for (int i = 0; i < S_COMPLETIONS_A_TURN; i++) {
        while (zt_core_next_request (self->core, &request))
            self->store->submit (self->store, &request);
        if (!self->store->next (self->store, &completion))
            return;
        zt_core_stored (self->core, &completion, self->now);
        zt_completion_clear (&completion);
        zt_core_commit (self->core);
    }
}

/*  A peer whose queue is full is not reading. Its connection is ended; with the
    next one it reads on from its cursor, so that it loses nothing. */
static void s_send_frame (s_shell_t *self, zt_peer_link_t *peer, const zt_frame_t *frame)
{
    zt_send_t result = ZT_SEND_FULL;
    if (zt_watchdog_may_send (self->watchdog, peer->fd, frame->size))
        result = zt_router_send (self->router, peer->id, frame->parts, frame->n_parts, frame->size);
    switch (result) {
    case ZT_SEND_OK:
        break;
    case ZT_SEND_GONE:
        if (!peer->probe_at)
            peer->probe_at = self->now;
        s_needs_house (self, 0);
        break;
    case ZT_SEND_FULL:
        zt_core_gone (self->core, peer->number, self->now);
        s_drop (self, peer, 0);
        break;
    }
}

static void s_send (s_shell_t *self)
{
    zt_frame_t frame;
    zt_core_flush (self->core, self->now);
    while (zt_core_next_frame (self->core, &frame)) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, frame.peer);
        if (peer)
            s_send_frame (self, peer, &frame);
    }
    zt_router_end_turn (self->router);
    uint32_t number;
    while (zt_core_next_drop (self->core, &number)) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, number);
        if (peer)
            s_drop (self, peer, S_DROP_MS);
    }
    s_log_lines (self);
}

/*  ---------------------------------------------------------------------------
    The console */

static void s_print_users (s_shell_t *self)
{
    zt_session_info_t info;
    size_t n = 0;
    for (; zt_core_session (self->core, n, &info); n++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, info.peer);
        struct tm local;
        time_t since = (time_t) (info.since / 1000);
        char when[32] = "";
        if (localtime_r (&since, &local))
            strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
        zt_buffer_t text = {NULL, 0, 0};
        zt_text_clean (&text, info.name, ZT_TEXT_LINE);
        zt_buffer_put_string (&text, "  ");
        zt_text_clean (&text, info.device.size ? info.device : zt_bytes ("(sends only)"),
                       ZT_TEXT_LINE);
        zt_printer_line (&self->out, "%s  %s  since %s  behind %llu", zt_buffer_string (&text),
                         peer && peer->address ? peer->address : "?", when,
                         (unsigned long long) info.behind);
        zt_buffer_free (&text);
    }
    zt_printer_line (&self->out, n == 1 ? "1 session" : "%zu sessions", n);
}

static void s_print_help (s_shell_t *self)
{
    for (unsigned verb = 0; verb < ZT_CONSOLE_COUNT; verb++) {
        const zt_console_row_t *row = zt_console_row ((zt_console_verb_t) verb);
        char typed[32];
        snprintf (typed, sizeof typed, "%s %s", row->typed, row->argument);
        zt_printer_line (&self->out, "  %-12s %s", typed, row->what);
    }
}

static void s_kick (s_shell_t *self, zt_bytes_t name)
{
    int n = zt_core_kick (self->core, name, self->now);
    if (n > 0)
        zt_printer_line (&self->out, n == 1 ? "1 session ended" : "%d sessions ended", n);
    else
        zt_printer_line (&self->out, "%.*s %s", (int) name.size, name.data,
                         n < 0 ? "is nobody's name" : "is not online");
}

static void s_command (s_shell_t *self, zt_bytes_t line)
{
    zt_bytes_t argument = {NULL, 0};
    const char *wrong;
    switch (zt_console_parse (line, &argument, &wrong)) {
    case ZT_CONSOLE_USERS:
        s_print_users (self);
        break;
    case ZT_CONSOLE_KICK:
        s_kick (self, argument);
        break;
    case ZT_CONSOLE_HELP:
        s_print_help (self);
        break;
    case ZT_CONSOLE_EXIT:
        self->ends = true;
        break;
    case ZT_CONSOLE_COUNT:
        if (wrong)
            zt_printer_line (&self->out, "%s", wrong);
        break;
    }
}

static void s_stdin (s_shell_t *self)
{
    enum { S_LINE_MAX = 4096 };
    ssize_t size = read (STDIN_FILENO, zt_buffer_reserve (&self->typed, S_LINE_MAX), S_LINE_MAX);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size <= 0) {
        self->reads_stdin = false; /* the console is over, the broker is not */
        return;
    }
    self->typed.size += (size_t) size;
    const char *end;
    while ((end = memchr (self->typed.data, '\n', self->typed.size))) {
        zt_bytes_t line = {self->typed.data, (size_t) (end - self->typed.data)};
        s_command (self, line);
        zt_buffer_consume (&self->typed, line.size + 1);
    }
    if (self->typed.size > S_LINE_MAX)
        zt_buffer_clear (&self->typed);
}

/*  ---------------------------------------------------------------------------
    The loop */

static int s_wait_ms (s_shell_t *self)
{
    if (self->store->is_busy (self->store) || zt_router_is_ready (self->router))
        return 0;
    uint64_t deadline = zt_core_deadline (self->core);
    if (self->house_at && self->house_at < deadline)
        deadline = self->house_at;
    if (self->trim_at && self->trim_at < deadline)
        deadline = self->trim_at;
    if (zt_watchdog_deadline (self->watchdog) < deadline)
        deadline = zt_watchdog_deadline (self->watchdog);
    if (deadline == UINT64_MAX)
        return -1;
    uint64_t wait = deadline > self->now ? deadline - self->now : 0;
    return wait < INT_MAX ? (int) wait : INT_MAX;
}

static void s_signal (s_shell_t *self)
{
    struct signalfd_siginfo info;
    if (read (self->signals, &info, sizeof info) == (ssize_t) sizeof info)
        self->ends = true;
}

/*  What was to be done about peers at times of a clock that was set back since is
    done at once. */
static void s_forget_times (s_shell_t *self)
{
    for (uint32_t i = 0; i < zt_peers_end (self->peers); i++) {
        zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        if (!peer)
            continue;
        peer->seen_at = self->now;
        peer->probe_at = peer->probe_at ? self->now : 0;
        peer->drop_at = peer->drop_at ? self->now : 0;
    }
    self->trim_at = self->trim_at ? self->now : 0;
}

static void s_turn (s_shell_t *self)
{
    enum { S_EVENTS, S_SIGNALS, S_STDIN, S_ROUTER, S_OUT, S_LOG, S_COUNT };
    /*  A descriptor of -1 is not looked at. A printer that has nothing to write is
        left out: a pipe whose reader is gone reports an error, asked or not. */
    struct pollfd fds[S_COUNT] = {
        [S_EVENTS] = {zt_router_event_fd (self->router), POLLIN, 0},
        [S_SIGNALS] = {self->signals, POLLIN, 0},
        [S_STDIN] = {self->reads_stdin ? STDIN_FILENO : -1, POLLIN, 0},
        [S_ROUTER] = {zt_router_fd (self->router), POLLIN, 0},
        [S_OUT] = {zt_printer_is_waiting (&self->out) ? self->out.fd : -1, POLLOUT, 0},
        [S_LOG] = {zt_printer_is_waiting (&self->log) ? self->log.fd : -1, POLLOUT, 0},
    };
    int rc = poll (fds, S_COUNT, s_wait_ms (self));
    uint64_t before = self->now;
    self->now = s_clock ();
    if (rc < 0 && errno != EINTR) {
        s_log (self, strerror (errno));
        self->ends = self->has_failed = true;
        return;
    }
    /*  What is rare first, so that a flood on the ROUTER delays none of it. */
    if (fds[S_SIGNALS].revents)
        s_signal (self);
    if (fds[S_EVENTS].revents)
        s_monitor (self);
    if (fds[S_STDIN].revents)
        s_stdin (self);
    s_receive (self);
    if (self->now < before) { /* the clock was set back: look after all there is */
        self->house_at = self->now;
        s_forget_times (self);
        zt_core_tick (self->core, self->now);
    } else if (self->now >= zt_core_deadline (self->core))
        zt_core_tick (self->core, self->now);
    s_store (self);
    s_send (self);
    s_house (self);
    s_watch (self);
    s_trim (self);
    zt_printer_flush (&self->out);
    zt_printer_flush (&self->log);
}

static bool s_anybody_left (const s_shell_t *self)
{
    bool left = false;
    for (uint32_t i = 0; i < zt_peers_end (self->peers) && !left; i++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        left = peer && peer->fd >= 0;
    }
    return left;
}

/*  Lets the clients be the first to hang up: of a connection that ends with unread
    input libzmq drops that, and in it the BYE. */
static void s_wait_for_farewells (s_shell_t *self)
{
    uint64_t end = self->now + S_DROP_MS / 2;
    while (self->now < end && s_anybody_left (self)) {
        struct pollfd events = {zt_router_event_fd (self->router), POLLIN, 0};
        if (poll (&events, 1, (int) (end - self->now)) < 0)
            return;
        self->now = s_clock ();
        s_monitor (self);
    }
}

/*  Says farewell to everybody. */
static void s_end (s_shell_t *self)
{
    s_receive (self);
    s_store (self);
    zt_core_shutdown (self->core, self->now);
    s_send (self);
    s_wait_for_farewells (self);
    s_log (self, "the broker ends");
}

/*  ---------------------------------------------------------------------------
    Beginning and end */

static void s_print_address (void *out, const char *endpoint, const char *where)
{
    char command[320];
    bool is_default = strcmp (endpoint, "tcp://127.0.0.1:" ZT_DEFAULT_PORT) == 0;
    snprintf (command, sizeof command, "ztalk%s%s", is_default ? "" : " ",
              is_default ? "" : endpoint);
    zt_printer_line (out, "    %-40s %s", command, where);
}

static void s_log_address (void *shell, const char *endpoint, const char *where)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (&text, "join with: ztalk %s  %s", endpoint, where);
    s_log (shell, zt_buffer_string (&text));
    zt_buffer_free (&text);
}

static void s_print_endpoint (s_shell_t *self, const zt_shell_config_t *config)
{
    const char *bound = zt_router_bound (self->router);
    if (!config->is_terminal) {
        zt_printer_line (&self->out, "ready %s -", bound);
        zt_addresses_each (bound, s_log_address, self);
        return;
    }
    zt_printer_line (&self->out, "Listening on %s. To join, type one of these:", bound);
    zt_addresses_each (bound, s_print_address, &self->out);
    const char *port = strrchr (bound, ':');
    if (!zt_endpoint_is_local (bound))
        zt_printer_line (&self->out, "    Not encrypted: who is on this network can read along.");
    else if (bound[0] == 't')
        zt_printer_line (&self->out,
                         "    From this machine only, since nothing is encrypted yet. "
                         "To let in others on a\n    network that you trust, start "
                         "with: ztalk-broker -e 'tcp://*%s'",
                         port);
}

static bool s_bind_all (s_shell_t *self, const zt_shell_config_t *config)
{
    if (config->is_terminal)
        zt_printer_line (&self->out, "ztalk-broker " ZT_VERSION);
    for (size_t i = 0; i < config->n_endpoints; i++) {
        const char *wrong = zt_router_bind (self->router, config->endpoints[i]);
        if (wrong) {
            fprintf (stderr, "ztalk-broker: %s\n", wrong);
            return false;
        }
        s_print_endpoint (self, config);
    }
    if (config->is_terminal && config->has_console)
        zt_printer_line (&self->out, "Type 'users', 'kick NAME', 'help' or 'exit'.");
    return true;
}

/*  Each connection is a descriptor: as many as the system allows. */
static void s_raise_limits (void)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
            perror ("ztalk-broker: cannot raise the limit of open connections");
    }
}

/*  Signals come through a descriptor. They are blocked before the first socket,
    so that libzmq's threads do not get them either. */
static int s_open_signals (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGHUP);
    signal (SIGPIPE, SIG_IGN);
    if (sigprocmask (SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/*  A descriptor to write to without waiting. A terminal that is stopped polls
    writable with room for a byte and then waits for the rest, so it is opened anew
    without blocking: to set that on the one we have would set it for the shell that
    started us, too. A pipe takes what it polls for. */
static int s_open_output (int fd)
{
    char path[32];
    if (!isatty (fd))
        return fd;
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    int own = open (path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own >= 0 ? own : fd;
}

static void s_close (s_shell_t *self)
{
    zt_router_destroy (&self->router, S_LINGER_MS);
    zt_core_destroy (&self->core);
    if (self->store)
        self->store->destroy (&self->store);
    zt_peers_destroy (&self->peers);
    zt_watchdog_destroy (&self->watchdog);
    zt_printer_close (&self->out, S_LINGER_MS);
    zt_printer_close (&self->log, S_LINGER_MS);
    zt_buffer_free (&self->typed);
    if (self->signals >= 0)
        close (self->signals);
}

int zt_shell_run (const zt_shell_config_t *config)
{
    s_shell_t self = {.out = {.fd = s_open_output (STDOUT_FILENO)},
                      .log = {.fd = s_open_output (STDERR_FILENO)},
                      .reads_stdin = config->has_console,
                      .now = s_clock ()};
    int status = ZT_EXIT_FAILED;
    s_raise_limits ();
    zsys_handler_set (NULL);
    self.signals = s_open_signals ();
    self.router = zt_router_new ();
    self.peers = zt_peers_new ();
    self.watchdog = zt_watchdog_new (ZT_ROUTER_RECEIVE_HWM);
    self.store = zt_store_memory_new (config->log_bytes);
    self.core = zt_core_new (
        &(zt_core_config_t){.motd = config->motd, .first_id = s_first_id (), .replay = ZT_REPLAY});
    if (self.signals < 0)
        perror ("ztalk-broker: cannot watch for signals");
    else if (self.router && s_bind_all (&self, config)) {
        while (!self.ends)
            s_turn (&self);
        s_end (&self);
        status = self.has_failed ? ZT_EXIT_FAILED : ZT_EXIT_OK;
    }
    s_close (&self);
    zsys_shutdown ();
    return status;
}
