/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/shell.h"

#include "broker/clock.h"
#include "broker/house.h"
#include "common/options.h"
#include "common/signals.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

enum {
    S_COMMIT_MS = 10000, /* for the store, at the end */
    S_FAREWELL_MS = 250, /* for the clients to hang up */
    S_LOOK_MS = 50       /* after what a command waits for */
};

/*  ---------------------------------------------------------------------------
    The loop */

/*  How long until those are to be served who go by the clock that nobody sets. */
static uint64_t s_wait_for_watchers (const zt_house_t *self)
{
    uint64_t deadline = zt_notify_deadline (&self->notify);
    if (self->exporter && zt_exporter_deadline (self->exporter) < deadline)
        deadline = zt_exporter_deadline (self->exporter);
    if (deadline == UINT64_MAX)
        return UINT64_MAX;
    uint64_t now = zt_clock_monotonic ();
    return deadline > now ? deadline - now : 0;
}

/*  Tells who watches the broker how it is. */
static void s_serve_watchers (zt_house_t *self, bool is_asked)
{
    if (!self->exporter && !zt_notify_is_wanted (&self->notify))
        return;
    uint64_t now = zt_clock_monotonic ();
    if (self->exporter && (is_asked || now >= zt_exporter_deadline (self->exporter)))
        zt_exporter_serve (self->exporter, now);
    zt_notify_turn (&self->notify, zt_core_sessions (self->core), now);
}

static int s_wait_ms (zt_house_t *self)
{
    if (self->store->is_busy (self->store) || zt_router_is_ready (self->router) ||
        zt_operator_is_busy (self->op) || zt_control_is_busy (self->control))
        return 0;
    uint64_t deadline = zt_core_deadline (self->core);
    if (zt_links_deadline (self->links) < deadline)
        deadline = zt_links_deadline (self->links);
    uint64_t wait = s_wait_for_watchers (self);
    if (wait > S_LOOK_MS &&
        (zt_operator_is_waiting (self->op) || zt_control_is_waiting (self->control)))
        wait = S_LOOK_MS;
    if (deadline == UINT64_MAX && wait == UINT64_MAX)
        return -1;
    uint64_t until = deadline > self->now ? deadline - self->now : 0;
    if (until < wait)
        wait = until;
    return wait < INT_MAX ? (int) wait : INT_MAX;
}

static const char *s_signal_name (int number)
{
    return number == SIGINT ? "SIGINT" : number == SIGHUP ? "SIGHUP" : "SIGTERM";
}

/*  A terminal that is gone ends the broker, and so does any SIGHUP there where it can mean nothing
    else. */
static bool s_is_end (const zt_house_t *self, const zt_signal_t *signal)
{
    return signal->number != SIGHUP ||
           (self->has_terminal && (!self->reload.source.file || signal->is_of_system));
}

/*  Does what a command does, in somebody's name, without an answer to anybody. */
static void s_do (zt_house_t *self, const char *command, const zt_who_t *who)
{
    zt_commands_t *commands = zt_operator_commands (self->op);
    zt_task_t task = {.is_running = false};
    zt_report_t report = {.n = 0};
    zt_commands_begin (commands, &task, zt_bytes (command), who);
    while (task.is_running)
        if (zt_commands_step (commands, &task, &report, self->now) == ZT_TASK_FAILED)
            zt_operator_log (self->op, ZT_LEVEL_ERROR, self->now, "%s",
                             zt_buffer_string (&task.wrong));
    zt_task_end (&task);
    zt_report_free (&report);
}

static void s_signal (zt_house_t *self)
{
    zt_signal_t signal;
    if (!zt_signals_take (self->signals, &signal))
        return;
    zt_who_t who = {ZT_WHO_SIGNAL, signal.is_known, signal.uid, signal.pid};
    if (!s_is_end (self, &signal)) {
        s_do (self, "reload", &who);
        return;
    }
    zt_deed_t deed = {
        .who = who, .command = zt_bytes (s_signal_name (signal.number)), .outcome = "done"};
    zt_commands_tell (zt_operator_commands (self->op), &deed, self->now);
    self->ends = true;
}

/*  What operators want done. fds are those of zt_operator_poll; NULL: they were looked at. */
static void s_serve_operators (zt_house_t *self, bool is_asked, const struct pollfd *fds)
{
    if (is_asked || zt_control_is_busy (self->control) || zt_control_is_waiting (self->control))
        zt_control_serve (self->control, self->now);
    if (zt_operator_read (self->op, fds, self->now))
        self->ends = true;
}

static bool s_has_come (const struct pollfd *fds, size_t n)
{
    bool has = false;
    for (size_t i = 0; i < n; i++)
        has = has || fds[i].revents;
    return has;
}

static void s_turn (zt_house_t *self)
{
    enum {
        S_EVENTS,
        S_ZAP,
        S_SIGNALS,
        S_ROUTER,
        S_STORE,
        S_CONTROL,
        S_OPERATOR,
        S_ENDPOINTS = S_OPERATOR + ZT_OPERATOR_FDS,
        S_COUNT = S_ENDPOINTS + ZT_ENDPOINTS_FDS + ZT_EXPORTER_FDS
    };
    /*  A descriptor of -1 is not looked at. */
    struct pollfd fds[S_COUNT] = {
        [S_EVENTS] = {zt_router_event_fd (self->router), POLLIN, 0},
        [S_ZAP] = {zt_zap_fd (self->zap), POLLIN, 0},
        [S_SIGNALS] = {self->signals, POLLIN, 0},
        [S_ROUTER] = {zt_router_fd (self->router), POLLIN, 0},
        [S_STORE] = {self->store->fd (self->store), POLLIN, 0},
        [S_CONTROL] = {zt_control_fd (self->control), POLLIN, 0},
    };
    zt_operator_poll (self->op, fds + S_OPERATOR);
    /*  No more rows than there are: a process may poll no more of them than it may have open. */
    struct pollfd *exporter = fds + S_ENDPOINTS;
    exporter += zt_endpoints_poll (self->endpoints, fds + S_ENDPOINTS);
    size_t n_exporter = self->exporter ? zt_exporter_poll (self->exporter, exporter) : 0;
    int rc = poll (fds, (nfds_t) (exporter + n_exporter - fds), s_wait_ms (self));
    uint64_t before = self->now;
    self->now = zt_clock_now ();
    if (rc < 0 && errno != EINTR) {
        zt_operator_log (self->op, ZT_LEVEL_ERROR, self->now, "%s", strerror (errno));
        self->ends = self->has_failed = true;
        return;
    }
    /*  What is rare first, so that a flood on the ROUTER delays none of it. */
    if (fds[S_SIGNALS].revents)
        s_signal (self);
    if (fds[S_EVENTS].revents)
        zt_links_events (self->links, self->now);
    if (fds[S_ZAP].revents)
        zt_zap_serve (self->zap);
    zt_endpoints_serve (self->endpoints, fds + S_ENDPOINTS, self->now);
    zt_house_stir (self);
    s_serve_operators (self, fds[S_CONTROL].revents != 0, fds + S_OPERATOR);
    zt_links_receive (self->links, self->now);
    bool is_set_back = self->now < before;
    if (is_set_back) /* the clock: look after all there is */
        zt_links_forget_times (self->links, self->now);
    if (is_set_back || self->now >= zt_core_deadline (self->core))
        zt_core_tick (self->core, self->now);
    zt_courier_carry (self->courier, self->now);
    if (zt_courier_is_broken (self->courier))
        self->ends = self->has_failed = true;
    if (zt_control_is_waiting (self->control) || zt_operator_is_waiting (self->op))
        s_serve_operators (self, false, NULL); /* what the store has answered */
    zt_links_send (self->links, self->now);
    zt_links_look_after (self->links, self->now);
    s_serve_watchers (self, s_has_come (exporter, n_exporter));
    zt_operator_flush (self->op);
}

/*  Lets the clients be the first to hang up: of a connection that ends with unread
    input libzmq drops that, and in it the BYE. */
static void s_wait_for_farewells (zt_house_t *self)
{
    uint64_t end = self->now + S_FAREWELL_MS;
    while (self->now < end && zt_links_has_any (self->links)) {
        struct pollfd events = {zt_router_event_fd (self->router), POLLIN, 0};
        if (poll (&events, 1, (int) (end - self->now)) < 0)
            return;
        self->now = zt_clock_now ();
        zt_links_events (self->links, self->now);
    }
}

/*  Has all stored that was accepted, and sends what is to be sent, SENT above all. False
    if that is not done at `end`, by the clock that nobody sets. */
static bool s_finish (zt_house_t *self, uint64_t end)
{
    enum { S_STORE, S_EVENTS, S_COUNT };
    for (;;) {
        zt_courier_carry (self->courier, self->now);
        zt_links_send (self->links, self->now);
        zt_operator_flush (self->op);
        uint64_t time = zt_clock_monotonic ();
        if (!zt_courier_is_waiting (self->courier) || time >= end)
            return !zt_courier_is_waiting (self->courier);
        struct pollfd fds[S_COUNT] = {
            [S_STORE] = {self->store->fd (self->store), POLLIN, 0},
            [S_EVENTS] = {zt_router_event_fd (self->router), POLLIN, 0},
        };
        bool is_busy = self->store->is_busy (self->store);
        if (poll (fds, S_COUNT, is_busy ? 0 : (int) (end - time)) < 0 && errno != EINTR)
            return false;
        self->now = zt_clock_now ();
        zt_links_events (self->links, self->now);
    }
}

/*  Says farewell to everybody, when what was accepted is stored. What is to be saved of
    those who leave is one more commit. */
static void s_end (zt_house_t *self)
{
    uint64_t end = zt_clock_monotonic () + S_COMMIT_MS;
    zt_notify_stopping (&self->notify);
    zt_exporter_destroy (&self->exporter);
    zt_links_receive (self->links, self->now);
    s_finish (self, end);
    zt_core_shutdown (self->core, self->now);
    bool is_stored = s_finish (self, end);
    if (!is_stored)
        zt_operator_log (self->op, ZT_LEVEL_ERROR, self->now,
                         "the store has not answered for %d s. What was not acknowledged stays "
                         "with the clients",
                         S_COMMIT_MS / 1000);
    else if (!zt_courier_is_broken (self->courier) && !zt_core_is_saved (self->core))
        zt_operator_log (self->op, ZT_LEVEL_ERROR, self->now,
                         "not all could be saved: keys and names that were invited, admitted or "
                         "revoked of late are as they were before, so give those commands again; "
                         "who has joined or left a room, or come for the first time, may have to "
                         "do so again");
    if (!is_stored || !zt_core_is_saved (self->core))
        self->has_failed = true;
    s_wait_for_farewells (self);
    zt_operator_log (self->op, ZT_LEVEL_NOTICE, self->now, "the broker ends");
}

int zt_shell_run (const zt_shell_config_t *config)
{
    zt_house_t self = {.now = zt_clock_now (), .began = zt_clock_monotonic (), .signals = -1};
    int status = ZT_EXIT_FAILED;
    if (zt_house_open (&self, config)) {
        while (!self.ends)
            s_turn (&self);
        s_end (&self);
        status = self.has_failed ? ZT_EXIT_FAILED : ZT_EXIT_OK;
    }
    zt_house_close (&self);
    zsys_shutdown ();
    return status;
}
