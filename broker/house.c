/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/house.h"

#include "broker/clock.h"
#include "broker/mutes_file.h"
#include "broker/store_open.h"
#include "common/directory.h"
#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { S_LINGER_MS = 1000 };

/*  Ids of a log in memory begin where no earlier one can have come to: at the
    time in quarter microseconds, so that only a log that took four million
    messages a second all its life could have passed it. Below 2^53 until 2041. */
static uint64_t s_first_id (void)
{
    return zt_clock_now () * 4000;
}

void zt_house_stir (zt_house_t *self)
{
    unsigned char bytes[ZT_RANDOM_POOL];
    size_t size = zt_core_wants_random (self->core);
    if (size == 0)
        return;
    randombytes_buf (bytes, size);
    zt_core_stir (self->core, bytes, size);
}

/*  Tells why the broker cannot begin. False. */
static bool s_cannot (zt_house_t *self, const char *what, const char *why)
{
    zt_logger_line (self->log, ZT_LEVEL_ERROR, self->now, "%s%s%s", what, *what ? ": " : "", why);
    return false;
}

/*  Each connection is a descriptor: as many as the system allows. */
static void s_raise_limits (zt_house_t *self)
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
    zt_house_t *self = self_;
    bool is_banned = zt_bans_has (self->bans, address, key);
    zt_core_stats (self->core)->value[ZT_STAT_BANNED] += is_banned;
    return !is_banned;
}

/*  The broker's key and the bans, from its directory. False if that cannot be: why has been
    printed. */
static bool s_open_home (zt_house_t *self, const zt_shell_config_t *config, zt_buffer_t *why)
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

static bool s_open_access (zt_house_t *self, const zt_shell_config_t *config)
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
static bool s_open_store (zt_house_t *self, const zt_shell_config_t *config)
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
static bool s_open_exporter (zt_house_t *self, const zt_shell_config_t *config)
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
static void s_open_control (zt_house_t *self, const zt_shell_config_t *config)
{
    if (!config->control)
        return;
    zt_buffer_t wrong = {NULL, 0, 0};
    self->control = zt_control_new (config->control, zt_operator_commands (self->op), &wrong);
    if (!self->control)
        zt_operator_log (self->op, ZT_LEVEL_WARNING, self->now, "%s", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
}

static void s_prepare_reload (zt_house_t *self, const zt_shell_config_t *config)
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

static void s_announce (zt_house_t *self, const zt_config_t *settings)
{
    const char *interfaces = zt_config_text (settings, ZT_CONFIG_INTERFACES);
    const char *name = zt_config_text (settings, ZT_CONFIG_ANNOUNCE_AS);
    zt_endpoints_announce (self->endpoints, zt_announcer_new (*interfaces ? interfaces : NULL,
                                                              zt_bytes (name), self->key != NULL));
}

/*  Signals, the logger and the process' limits. */
static bool s_open_process (zt_house_t *self, const zt_shell_config_t *config)
{
    const uint64_t *value = config->settings.value;
    self->log = zt_logger_new (STDERR_FILENO, (zt_level_t) value[ZT_CONFIG_LOG_LEVEL],
                               (zt_log_format_t) value[ZT_CONFIG_LOG_FORMAT]);
    zt_notify_open (&self->notify, self->began);
    s_raise_limits (self);
    zsys_handler_set (NULL);
    zsys_set_logstream (stderr); /* stdout, where it would go, is read by programs */
    self->signals = s_open_signals ();
    return self->signals >= 0 || s_cannot (self, "cannot watch for signals", strerror (errno));
}

/*  The core, who operates it, and the links between it and the sockets. */
static void s_open_core (zt_house_t *self, const zt_shell_config_t *config)
{
    const zt_config_t *settings = &config->settings;
    const uint64_t *value = settings->value;
    self->peers = zt_peers_new ();
    zt_core_config_t core_config = zt_reload_core_config (settings);
    core_config.first_id = s_first_id ();
    core_config.recalls = config->directory != NULL;
    self->core = zt_core_new (&core_config);
    zt_house_stir (self);
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
}

/*  What stands beside the endpoints, before there are any. */
static bool s_open_endpoints (zt_house_t *self, const zt_shell_config_t *config)
{
    const uint64_t *value = config->settings.value;
    self->endpoints = zt_endpoints_new (self->router, self->gate, self->key, self->op);
    if (config->is_encrypted && value[ZT_CONFIG_KEY_SERVICE] &&
        !zt_endpoints_tell_key (self->endpoints, (unsigned) value[ZT_CONFIG_KEY_PORT]))
        return s_cannot (self, "the key service", strerror (errno));
    if (value[ZT_CONFIG_ANNOUNCE])
        s_announce (self, &config->settings);
    return true;
}

bool zt_house_open (zt_house_t *self, const zt_shell_config_t *config)
{
    if (!s_open_process (self, config))
        return false;
    /*  Encryption is most of the work, and libzmq's threads do it. Without it a second one
        only takes the processor from the others. */
    zsys_set_io_threads (config->is_encrypted ? 2 : 1);
    zt_router_seed ();
    if (!s_open_access (self, config))
        return false;
    self->router = zt_router_new (config->is_encrypted ? &self->keys : NULL);
    if (!self->router)
        return s_cannot (self, "cannot make a socket", zmq_strerror (errno));
    s_open_core (self, config);
    if (!s_open_endpoints (self, config))
        return false;
    /*  The store goes first: whoever is told an endpoint finds a broker there. */
    if (!s_open_store (self, config) || !s_open_exporter (self, config) ||
        !zt_endpoints_bind (self->endpoints, config->endpoints, config->n_endpoints, self->now))
        return false;
    s_open_control (self, config);
    zt_operator_tell_ready (self->op);
    zt_notify_ready (&self->notify, zt_clock_monotonic ());
    return true;
}

void zt_house_close (zt_house_t *self)
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
