/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/shell.h"

#include "broker/core.h"
#include "broker/links.h"
#include "broker/operator.h"
#include "broker/peers.h"
#include "broker/router.h"
#include "broker/store_memory.h"
#include "common/limits.h"
#include "common/options.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/*  A turn takes at most so many completions from the store. */
enum { S_COMPLETIONS_A_TURN = 64 };

enum {
    S_FAREWELL_MS = 250, /* for the clients to hang up */
    S_LINGER_MS = 1000
};

typedef struct {
    zt_core_t *core;
    zt_store_t *store;
    zt_router_t *router;
    zt_peers_t *peers;
    zt_links_t *links;
    zt_operator_t *op;
    uint64_t now; /* ms since the epoch */
    int signals;  /* signalfd */
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
    The loop */

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

static int s_wait_ms (s_shell_t *self)
{
    if (self->store->is_busy (self->store) || zt_router_is_ready (self->router))
        return 0;
    uint64_t deadline = zt_core_deadline (self->core);
    if (zt_links_deadline (self->links) < deadline)
        deadline = zt_links_deadline (self->links);
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

static void s_turn (s_shell_t *self)
{
    enum { S_EVENTS, S_SIGNALS, S_ROUTER, S_OPERATOR, S_COUNT = S_OPERATOR + ZT_OPERATOR_FDS };
    /*  A descriptor of -1 is not looked at. */
    struct pollfd fds[S_COUNT] = {
        [S_EVENTS] = {zt_router_event_fd (self->router), POLLIN, 0},
        [S_SIGNALS] = {self->signals, POLLIN, 0},
        [S_ROUTER] = {zt_router_fd (self->router), POLLIN, 0},
    };
    zt_operator_poll (self->op, fds + S_OPERATOR);
    int rc = poll (fds, S_COUNT, s_wait_ms (self));
    uint64_t before = self->now;
    self->now = s_clock ();
    if (rc < 0 && errno != EINTR) {
        zt_operator_log (self->op, self->now, "%s", strerror (errno));
        self->ends = self->has_failed = true;
        return;
    }
    /*  What is rare first, so that a flood on the ROUTER delays none of it. */
    if (fds[S_SIGNALS].revents)
        s_signal (self);
    if (fds[S_EVENTS].revents)
        zt_links_events (self->links, self->now);
    if (zt_operator_read (self->op, fds + S_OPERATOR, self->now))
        self->ends = true;
    zt_links_receive (self->links, self->now);
    bool is_set_back = self->now < before;
    if (is_set_back) /* the clock: look after all there is */
        zt_links_forget_times (self->links, self->now);
    if (is_set_back || self->now >= zt_core_deadline (self->core))
        zt_core_tick (self->core, self->now);
    s_store (self);
    zt_links_send (self->links, self->now);
    zt_links_look_after (self->links, self->now);
    zt_operator_flush (self->op);
}

/*  Lets the clients be the first to hang up: of a connection that ends with unread
    input libzmq drops that, and in it the BYE. */
static void s_wait_for_farewells (s_shell_t *self)
{
    uint64_t end = self->now + S_FAREWELL_MS;
    while (self->now < end && zt_links_has_any (self->links)) {
        struct pollfd events = {zt_router_event_fd (self->router), POLLIN, 0};
        if (poll (&events, 1, (int) (end - self->now)) < 0)
            return;
        self->now = s_clock ();
        zt_links_events (self->links, self->now);
    }
}

/*  Says farewell to everybody. */
static void s_end (s_shell_t *self)
{
    zt_links_receive (self->links, self->now);
    s_store (self);
    zt_core_shutdown (self->core, self->now);
    zt_links_send (self->links, self->now);
    s_wait_for_farewells (self);
    zt_operator_log (self->op, self->now, "the broker ends");
}

/*  ---------------------------------------------------------------------------
    Beginning and end */

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

static bool s_bind_all (s_shell_t *self, const zt_shell_config_t *config)
{
    for (size_t i = 0; i < config->n_endpoints; i++) {
        const char *wrong = zt_router_bind (self->router, config->endpoints[i]);
        if (wrong) {
            fprintf (stderr, "ztalk-broker: %s\n", wrong);
            return false;
        }
        zt_operator_tell_endpoint (self->op, zt_router_bound (self->router), self->now);
    }
    return true;
}

/*  Makes all there is, in the order in which one needs the other. False if that cannot
    be done: why has been printed. s_close is to be called in any case. */
static bool s_open (s_shell_t *self, const zt_shell_config_t *config)
{
    s_raise_limits ();
    zsys_handler_set (NULL);
    self->signals = s_open_signals ();
    if (self->signals < 0) {
        perror ("ztalk-broker: cannot watch for signals");
        return false;
    }
    self->router = zt_router_new ();
    if (!self->router)
        return false;
    self->peers = zt_peers_new ();
    self->core = zt_core_new (
        &(zt_core_config_t){.motd = config->motd, .first_id = s_first_id (), .replay = ZT_REPLAY});
    self->op = zt_operator_new (&(zt_operator_config_t){.reads_stdin = config->has_console,
                                                        .is_terminal = config->is_terminal},
                                self->core, self->peers);
    self->links = zt_links_new (self->router, self->core, self->peers, self->op);
    self->store = zt_store_memory_new (config->log_bytes);
    zt_operator_greet (self->op, "ztalk-broker " ZT_VERSION);
    if (!s_bind_all (self, config))
        return false;
    zt_operator_tell_ready (self->op);
    return true;
}

static void s_close (s_shell_t *self)
{
    zt_router_destroy (&self->router, S_LINGER_MS);
    zt_core_destroy (&self->core);
    if (self->store)
        self->store->destroy (&self->store);
    zt_peers_destroy (&self->peers);
    zt_links_destroy (&self->links);
    zt_operator_destroy (&self->op, S_LINGER_MS);
    if (self->signals >= 0)
        close (self->signals);
}

int zt_shell_run (const zt_shell_config_t *config)
{
    s_shell_t self = {.now = s_clock (), .signals = -1};
    int status = ZT_EXIT_FAILED;
    if (s_open (&self, config)) {
        while (!self.ends)
            s_turn (&self);
        s_end (&self);
        status = self.has_failed ? ZT_EXIT_FAILED : ZT_EXIT_OK;
    }
    s_close (&self);
    zsys_shutdown ();
    return status;
}
