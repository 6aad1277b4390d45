/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/shell.h"

#include "broker/clock.h"
#include "broker/control.h"
#include "broker/core.h"
#include "broker/courier.h"
#include "broker/endpoints.h"
#include "broker/exporter.h"
#include "broker/links.h"
#include "broker/logger.h"
#include "broker/meter.h"
#include "broker/mutes_file.h"
#include "broker/notify.h"
#include "broker/operator.h"
#include "broker/peers.h"
#include "broker/reload.h"
#include "broker/router.h"
#include "broker/store_open.h"
#include "broker/zap.h"
#include "common/alloc.h"
#include "common/directory.h"
#include "common/endpoint.h"
#include "common/options.h"
#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    S_COMMIT_MS = 10000, /* for the store, at the end */
    S_FAREWELL_MS = 250, /* for the clients to hang up */
    S_LINGER_MS = 1000,
    S_LOOK_MS = 50 /* after what a command waits for */
};

typedef struct {
    zt_core_t *core;
    zt_store_t *store;
    zt_router_t *router;
    zt_peers_t *peers;
    zt_links_t *links;
    zt_courier_t *courier;
    zt_logger_t *log;
    zt_operator_t *op;
    zt_control_t *control;
    zt_gate_t *gate;
    zt_bans_t *bans;
    zt_zap_t *zap;
    zt_endpoints_t *endpoints;
    zt_meter_t meter;
    zt_exporter_t *exporter; /* NULL: nobody may ask */
    zt_notify_t notify;
    zt_keys_t keys;      /* if it encrypts */
    const zt_key_t *key; /* of them, the public one; NULL: it does not */
    uint64_t now;        /* ms since the epoch */
    uint64_t began;      /* ms of zt_clock_monotonic */
    int signals;         /* descriptor */
    zt_reload_t reload;
    bool has_terminal; /* the process was started from one */
    bool ends;
    bool has_failed;
} s_shell_t;

/*  Ids of a log in memory begin where no earlier one can have come to: at the
    time in quarter microseconds, so that only a log that took four million
    messages a second all its life could have passed it. Below 2^53 until 2041. */
static uint64_t s_first_id (void)
{
    return zt_clock_now () * 4000;
}

/*  ---------------------------------------------------------------------------
    The loop */

/*  How long until those are to be served who go by the clock that nobody sets. */
static uint64_t s_wait_for_watchers (const s_shell_t *self)
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
static void s_serve_watchers (s_shell_t *self, bool is_asked)
{
    if (!self->exporter && !zt_notify_is_wanted (&self->notify))
        return;
    uint64_t now = zt_clock_monotonic ();
    if (self->exporter && (is_asked || now >= zt_exporter_deadline (self->exporter)))
        zt_exporter_serve (self->exporter, now);
    zt_notify_turn (&self->notify, zt_core_sessions (self->core), now);
}

static int s_wait_ms (s_shell_t *self)
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
static bool s_is_end (const s_shell_t *self, const zt_signal_t *signal)
{
    return signal->number != SIGHUP ||
           (self->has_terminal && (!self->reload.source.file || signal->is_of_system));
}

/*  Does what a command does, in somebody's name, without an answer to anybody. */
static void s_do (s_shell_t *self, const char *command, const zt_who_t *who)
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

static void s_signal (s_shell_t *self)
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

/*  The core makes codes of what it is given here, and asks for it when it has made some. */
static void s_stir (s_shell_t *self)
{
    unsigned char bytes[ZT_RANDOM_POOL];
    size_t size = zt_core_wants_random (self->core);
    if (size == 0)
        return;
    randombytes_buf (bytes, size);
    zt_core_stir (self->core, bytes, size);
}

/*  What operators want done. fds are those of zt_operator_poll; NULL: they were looked at. */
static void s_serve_operators (s_shell_t *self, bool is_asked, const struct pollfd *fds)
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

static void s_turn (s_shell_t *self)
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
    s_stir (self);
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
static void s_wait_for_farewells (s_shell_t *self)
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
static bool s_finish (s_shell_t *self, uint64_t end)
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
static void s_end (s_shell_t *self)
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

/*  ---------------------------------------------------------------------------
    Beginning and end */

/*  Tells why the broker cannot begin. False. */
static bool s_cannot (s_shell_t *self, const char *what, const char *why)
{
    zt_logger_line (self->log, ZT_LEVEL_ERROR, self->now, "%s%s%s", what, *what ? ": " : "", why);
    return false;
}

/*  Each connection is a descriptor: as many as the system allows. */
static void s_raise_limits (s_shell_t *self)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
            zt_logger_line (self->log, ZT_LEVEL_WARNING, self->now,
                            "cannot raise the limit of open connections: %s", strerror (errno));
    }
}

/*  Signals come through a descriptor. They are blocked before the first socket,
    so that libzmq's threads do not get them either. */
static int s_open_signals (void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    signal (SIGPIPE, SIG_IGN);
    signal (SIGTTIN, SIG_IGN); /* a shell's background job must not stop: its console just ends */
    return zt_signals_open (ends, sizeof ends / sizeof ends[0]);
}

/*  ---------------------------------------------------------------------------
    Who may connect */

static bool s_may_connect (void *self_, const char *address, const zt_key_t *key)
{
    s_shell_t *self = self_;
    bool is_banned = zt_bans_has (self->bans, address, key);
    zt_core_stats (self->core)->value[ZT_STAT_BANNED] += is_banned;
    return !is_banned;
}

/*  The broker's key and the bans, from its directory. False if that cannot be: why has been
    printed. */
static bool s_open_home (s_shell_t *self, const zt_shell_config_t *config, zt_buffer_t *why)
{
    int fd = -1;
    if (config->home && zt_directory_make (config->home))
        fd = open (config->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (config->home && fd < 0) {
        zt_buffer_put_format (why, "cannot keep %s in %s: %s; choose another directory with -d",
                              config->directory ? "messages" : "the key", config->home,
                              strerror (errno));
        return false;
    }
    bool is_well =
        !config->is_encrypted || zt_secret_keys (fd, config->home, "broker.key", &self->keys, why);
    if (fd >= 0)
        close (fd);
    self->bans = is_well ? zt_bans_new (config->home, why) : NULL;
    return self->bans != NULL;
}

static bool s_open_access (s_shell_t *self, const zt_shell_config_t *config)
{
    const uint64_t *value = config->settings.value;
    zt_buffer_t why = {NULL, 0, 0};
    bool is_well = s_open_home (self, config, &why);
    self->gate = zt_gate_new ((uint32_t) value[ZT_CONFIG_CONNECTIONS_PER_S],
                              (uint32_t) value[ZT_CONFIG_CONNECTIONS_BURST],
                              config->is_encrypted ? NULL : self->bans);
    if (!is_well)
        s_cannot (self, "", zt_buffer_string (&why));
    zt_buffer_free (&why);
    self->key = config->is_encrypted ? &self->keys.public : NULL;
    self->zap = is_well ? zt_zap_new (s_may_connect, self) : NULL;
    if (is_well && !self->zap)
        s_cannot (self, "cannot answer who may connect", zmq_strerror (errno));
    return self->zap != NULL;
}

static void s_restore (void *core, const zt_record_t *record)
{
    zt_core_restore (core, record);
}

/*  The store, and what it remembers, told to the core. False if it cannot be opened: why
    has been printed. */
static bool s_open_store (s_shell_t *self, const zt_shell_config_t *config)
{
    self->store = zt_store_open (config->directory, &config->settings, self->op, &self->notify);
    if (!self->store)
        return false;
    zt_store_start_t start = {0, 0};
    if (!self->store->load (self->store, s_restore, self->core, &start))
        return s_cannot (self, "", self->store->wrong (self->store));
    zt_core_start (self->core, &start);
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_mutes_t *mutes = zt_mutes_load (config->home, self->now, &wrong);
    if (mutes)
        zt_core_take_mutes (self->core, mutes);
    else
        s_cannot (self, "", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
    if (!mutes)
        return false;
    self->courier = zt_courier_new (self->core, self->store, self->op);
    self->now = zt_clock_now (); /* that may have taken a while */
    return true;
}

/*  Where the numbers can be asked for. False if that cannot be: why has been printed. */
static bool s_open_exporter (s_shell_t *self, const zt_shell_config_t *config)
{
    self->meter = (zt_meter_t){.core = self->core,
                               .store = self->store,
                               .courier = self->courier,
                               .links = self->links,
                               .gate = self->gate,
                               .bans = self->bans,
                               .directory = config->directory,
                               .began = self->began};
    zt_operator_commands (self->op)->meter = &self->meter;
    if (!config->metrics)
        return true;
    zt_buffer_t wrong = {NULL, 0, 0};
    self->exporter = zt_exporter_new (config->metrics, &self->meter, &wrong);
    if (!self->exporter)
        s_cannot (self, "", zt_buffer_string (&wrong));
    else {
        zt_operator_log (self->op, ZT_LEVEL_NOTICE, self->now, "metrics: %s/metrics",
                         zt_exporter_url (self->exporter));
        if (zt_exporter_is_open (self->exporter))
            zt_operator_log (self->op, ZT_LEVEL_WARNING, self->now,
                             "everybody who gets to %s can read how much is said here, unencrypted "
                             "and without a password",
                             zt_exporter_url (self->exporter));
    }
    zt_buffer_free (&wrong);
    return self->exporter != NULL;
}

/*  Where ztalk-ctl finds the broker. Without it the broker runs all the same. */
static void s_open_control (s_shell_t *self, const zt_shell_config_t *config)
{
    if (!config->control)
        return;
    zt_buffer_t wrong = {NULL, 0, 0};
    self->control = zt_control_new (config->control, zt_operator_commands (self->op), &wrong);
    if (!self->control)
        zt_operator_log (self->op, ZT_LEVEL_WARNING, self->now, "%s", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
}

static void s_prepare_reload (s_shell_t *self, const zt_shell_config_t *config)
{
    int terminal = open ("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    self->has_terminal = terminal >= 0;
    if (terminal >= 0)
        close (terminal);
    self->reload = (zt_reload_t){.running = config->settings,
                                 .source = config->source,
                                 .home = config->home,
                                 .core = self->core,
                                 .gate = self->gate,
                                 .links = self->links,
                                 .log = self->log,
                                 .bans = self->bans,
                                 .notify = &self->notify};
    zt_operator_commands (self->op)->reload = &self->reload;
}

static void s_announce (s_shell_t *self, const zt_config_t *settings)
{
    const char *interfaces = zt_config_text (settings, ZT_CONFIG_INTERFACES);
    const char *name = zt_config_text (settings, ZT_CONFIG_ANNOUNCE_AS);
    zt_endpoints_announce (self->endpoints, zt_announcer_new (*interfaces ? interfaces : NULL,
                                                              zt_bytes (name), self->key != NULL));
}

/*  Makes all there is, in the order in which one needs the other. False if that cannot
    be done: why has been printed. s_close is to be called in any case. */
static bool s_open (s_shell_t *self, const zt_shell_config_t *config)
{
    const zt_config_t *settings = &config->settings;
    const uint64_t *value = settings->value;
    self->log = zt_logger_new (STDERR_FILENO, (zt_level_t) value[ZT_CONFIG_LOG_LEVEL],
                               (zt_log_format_t) value[ZT_CONFIG_LOG_FORMAT]);
    zt_notify_open (&self->notify, self->began);
    s_raise_limits (self);
    zsys_handler_set (NULL);
    zsys_set_logstream (stderr); /* stdout, where it would go, is read by programs */
    self->signals = s_open_signals ();
    if (self->signals < 0)
        return s_cannot (self, "cannot watch for signals", strerror (errno));
    /*  Encryption is most of the work, and libzmq's threads do it. Without it a second one
        only takes the processor from the others. */
    zsys_set_io_threads (config->is_encrypted ? 2 : 1);
    zt_router_seed ();
    if (!s_open_access (self, config))
        return false;
    self->router = zt_router_new (config->is_encrypted ? &self->keys : NULL);
    if (!self->router)
        return s_cannot (self, "cannot make a socket", zmq_strerror (errno));
    self->peers = zt_peers_new ();
    zt_core_config_t core_config = zt_reload_core_config (settings);
    core_config.first_id = s_first_id ();
    core_config.recalls = config->directory != NULL;
    self->core = zt_core_new (&core_config);
    s_stir (self);
    self->op = zt_operator_new (&(zt_operator_config_t){.reads_stdin = config->has_console,
                                                        .is_terminal = config->is_terminal,
                                                        .log = self->log,
                                                        .bans = self->bans,
                                                        .key = self->key,
                                                        .home = config->home,
                                                        .directory = config->directory,
                                                        .now = self->now},
                                self->core, self->peers);
    self->links = zt_links_new (self->router, self->core, self->peers, self->gate, self->bans,
                                self->op, value[ZT_CONFIG_PEERS_MB]);
    s_prepare_reload (self, config);
    zt_operator_greet (self->op, "ztalk-broker " ZT_VERSION);
    self->endpoints = zt_endpoints_new (self->router, self->gate, self->key, self->op);
    if (config->is_encrypted && value[ZT_CONFIG_KEY_SERVICE] &&
        !zt_endpoints_tell_key (self->endpoints, (unsigned) value[ZT_CONFIG_KEY_PORT]))
        return s_cannot (self, "the key service", strerror (errno));
    if (value[ZT_CONFIG_ANNOUNCE])
        s_announce (self, settings);
    /*  The store goes first: whoever is told an endpoint finds a broker there. */
    if (!s_open_store (self, config) || !s_open_exporter (self, config) ||
        !zt_endpoints_bind (self->endpoints, config->endpoints, config->n_endpoints, self->now))
        return false;
    s_open_control (self, config);
    zt_operator_tell_ready (self->op);
    zt_notify_ready (&self->notify, zt_clock_monotonic ());
    return true;
}

static void s_close (s_shell_t *self)
{
    zt_exporter_destroy (&self->exporter);
    zt_control_destroy (&self->control, S_LINGER_MS);
    zt_endpoints_destroy (&self->endpoints);
    zt_router_destroy (&self->router, S_LINGER_MS);
    zt_zap_destroy (&self->zap);
    zt_courier_destroy (&self->courier);
    zt_core_destroy (&self->core);
    if (self->store)
        self->store->destroy (&self->store);
    zt_peers_destroy (&self->peers);
    zt_links_destroy (&self->links);
    zt_operator_destroy (&self->op, S_LINGER_MS);
    zt_logger_destroy (&self->log, S_LINGER_MS);
    zt_gate_destroy (&self->gate);
    zt_bans_destroy (&self->bans);
    zt_notify_close (&self->notify);
    sodium_memzero (&self->keys, sizeof self->keys);
    zt_signals_close (self->signals);
}

int zt_shell_run (const zt_shell_config_t *config)
{
    s_shell_t self = {.now = zt_clock_now (), .began = zt_clock_monotonic (), .signals = -1};
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
