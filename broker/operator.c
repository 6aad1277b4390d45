/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/operator.h"

#include "broker/addresses.h"
#include "broker/clock.h"
#include "broker/printer.h"
#include "broker/prompt.h"
#include "common/alloc.h"
#include "common/budget.h"
#include "common/endpoint.h"
#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*  What peers do is told in so many lines at once, and so many a second, at most; and when that
    was too much, not at all for a while: who says HELLO and BYE in turns shall not fill a disk
    with it. */
enum { S_LINES_BURST = 200, S_LINES_PER_S = 5, S_QUIET_MS = 30000 };

struct zt_operator {
    zt_core_t *core;
    const zt_peers_t *peers;
    zt_commands_t commands;
    zt_prompt_t *prompt; /* NULL: nobody types */
    char *join;          /* how somebody elsewhere connects */
    zt_printer_t out;    /* answers */
    zt_logger_t *log;    /* what happened */
    bool is_terminal;
    bool is_key_told;
    bool is_any, is_network; /* what join is */
    zt_budget_t lines;       /* ms */
    uint64_t quiet_until;    /* ms */
    uint64_t n_left_out;
};

static void s_log_of_commands (void *self, zt_level_t level, uint64_t now, const char *line)
{
    zt_operator_log (self, level, now, "%s", line);
}

zt_operator_t *zt_operator_new (const zt_operator_config_t *config, zt_core_t *core,
                                const zt_peers_t *peers)
{
    zt_operator_t *self = zt_alloc (sizeof *self);
    self->core = core;
    self->peers = peers;
    self->is_terminal = config->is_terminal;
    zt_printer_open (&self->out, STDOUT_FILENO);
    self->log = config->log;
    self->join = zt_strndup ("ENDPOINT", strlen ("ENDPOINT"));
    self->commands = (zt_commands_t){.core = core,
                                     .peers = peers,
                                     .bans = config->bans,
                                     .key = config->key,
                                     .home = config->home,
                                     .directory = config->directory,
                                     .since = config->now,
                                     .join = self->join,
                                     .audit = zt_audit_new (config->home),
                                     .log = s_log_of_commands,
                                     .log_self = self};
    if (config->reads_stdin)
        self->prompt = zt_prompt_new (&self->commands, &self->out);
    return self;
}

void zt_operator_destroy (zt_operator_t **self_p, int wait_ms)
{
    zt_operator_t *self = *self_p;
    if (!self)
        return;
    zt_prompt_destroy (&self->prompt);
    zt_printer_close (&self->out, wait_ms);
    zt_audit_destroy (&self->commands.audit);
    zt_buffer_free (&self->commands.bound);
    free (self->join);
    free (self);
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    What happens */

void zt_operator_log (zt_operator_t *self, zt_level_t level, uint64_t now, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!zt_logger_takes (self->log, level))
        return;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size >= 0)
        zt_logger_put (self->log, level, now, zt_bytes (text), NULL);
}

bool zt_operator_logs (const zt_operator_t *self, zt_level_t level)
{
    return zt_logger_takes (self->log, level);
}

/*  May one more line about what peers do be told? */
static bool s_may_log (zt_operator_t *self, uint64_t now)
{
    enum { S_STEP_MS = 1000 / S_LINES_PER_S, S_MOST_MS = S_STEP_MS * S_LINES_BURST };
    bool is_quiet = now < self->quiet_until && self->quiet_until <= now + S_QUIET_MS;
    if (is_quiet || !zt_budget_take (&self->lines, now, S_STEP_MS, S_MOST_MS)) {
        if (!is_quiet)
            self->quiet_until = now + S_QUIET_MS;
        self->n_left_out++;
        return false;
    }
    if (self->n_left_out)
        zt_operator_log (self, ZT_LEVEL_NOTICE, now,
                         "(%llu lines about who came and went were left out)",
                         (unsigned long long) self->n_left_out);
    self->n_left_out = 0;
    return true;
}

void zt_operator_log_lines (zt_operator_t *self, uint64_t now)
{
    zt_line_t line;
    while (zt_core_next_line (self->core, &line)) {
        if (!zt_logger_takes (self->log, line.level) || !s_may_log (self, now))
            continue;
        const zt_peer_link_t *peer = zt_peers_get (self->peers, line.peer);
        zt_logger_put (self->log, line.level, now, line.text, peer ? peer->address : NULL);
    }
}

/*  ---------------------------------------------------------------------------
    The beginning */

void zt_operator_greet (zt_operator_t *self, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size >= 0 && self->is_terminal)
        zt_printer_line (&self->out, "%s", text);
}

void zt_operator_tell (zt_operator_t *self, uint64_t now, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size < 0)
        return;
    if (self->is_terminal)
        zt_printer_line (&self->out, "%s", text);
    else
        zt_logger_put (self->log, ZT_LEVEL_NOTICE, now, zt_bytes (text), NULL);
}

/*  An endpoint as others type it. What a program reads has no quotes; a key has letters that
    mean something to a shell. */
static void s_put_join (zt_buffer_t *text, const zt_operator_t *self, const char *endpoint,
                        const char *quote)
{
    const zt_key_t *key = zt_endpoint_is_tcp (endpoint) ? self->commands.key : NULL;
    bool is_plain = !key && !zt_endpoint_is_local (endpoint);
    zt_buffer_put_format (text, "%s%s%s%s%s%s", key ? quote : "", endpoint, key ? "/" : "",
                          key ? key->text : "", key ? quote : "", is_plain ? " --plain" : "");
}

typedef struct {
    zt_operator_t *op;
    uint64_t now;
} s_telling_t;

/*  Remembers the first address of a network, or if there is none, any. */
static void s_remember (zt_operator_t *self, const char *endpoint)
{
    zt_buffer_t join = {NULL, 0, 0};
    if (self->is_network || (self->is_any && zt_endpoint_is_local (endpoint)))
        return;
    self->is_any = true;
    self->is_network = !zt_endpoint_is_local (endpoint);
    s_put_join (&join, self, endpoint, "'");
    free (self->join);
    self->join = zt_strndup (join.data, join.size);
    self->commands.join = self->join;
    zt_buffer_free (&join);
}

static void s_print_address (void *telling_, const char *endpoint, const char *where)
{
    const s_telling_t *telling = telling_;
    zt_operator_t *self = telling->op;
    zt_buffer_t command = {NULL, 0, 0};
    bool is_default = strcmp (endpoint, "tcp://127.0.0.1:" ZT_DEFAULT_PORT) == 0;
    zt_buffer_put_string (&command, "ztalk");
    if (!is_default) {
        zt_buffer_put_char (&command, ' ');
        /*  Who is on this machine knows the key. */
        if (zt_endpoint_is_local (endpoint))
            zt_buffer_put_string (&command, endpoint);
        else
            s_put_join (&command, self, endpoint, "'");
    }
    zt_printer_line (&self->out, "    %-40s %s", zt_buffer_string (&command), where);
    zt_buffer_free (&command);
    s_remember (self, endpoint);
}

static void s_log_address (void *telling_, const char *endpoint, const char *where)
{
    const s_telling_t *telling = telling_;
    zt_buffer_t join = {NULL, 0, 0};
    s_put_join (&join, telling->op, endpoint, "'");
    zt_operator_log (telling->op, ZT_LEVEL_INFO, telling->now, "join with: ztalk %s  %s",
                     zt_buffer_string (&join), where);
    zt_buffer_free (&join);
    s_remember (telling->op, endpoint);
}

/*  What whoever is asked for the fingerprint reads out. */
static void s_tell_key (zt_operator_t *self, uint64_t now)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    if (self->is_key_told || !self->commands.key)
        return;
    self->is_key_told = true;
    zt_key_fingerprint (self->commands.key, fingerprint);
    if (self->is_terminal)
        zt_printer_line (&self->out, "    The fingerprint of its key, for who asks: %s",
                         fingerprint);
    else
        zt_operator_log (self, ZT_LEVEL_INFO, now, "fingerprint of the key: %s", fingerprint);
}

void zt_operator_tell_endpoint (zt_operator_t *self, const char *bound, uint64_t now)
{
    bool is_tcp = zt_endpoint_is_tcp (bound);
    const zt_key_t *key = is_tcp ? self->commands.key : NULL;
    s_telling_t telling = {self, now};
    zt_buffer_put_format (&self->commands.bound, "%s%s", self->commands.bound.size ? " " : "",
                          bound);
    if (!self->is_terminal) {
        zt_printer_line (&self->out, "ready %s %s", bound, key ? key->text : "-");
        zt_addresses_each (bound, s_log_address, &telling);
        if (key)
            s_tell_key (self, now);
        return;
    }
    zt_printer_line (&self->out, "Listening on %s%s. To join, type one of these:", bound,
                     key ? ", encrypted" : "");
    zt_addresses_each (bound, s_print_address, &telling);
    if (key)
        s_tell_key (self, now);
    else if (is_tcp && !zt_endpoint_is_local (bound))
        zt_printer_line (&self->out, "    Not encrypted: who is on this network can read along.");
    else if (is_tcp)
        zt_printer_line (&self->out, "    Not encrypted, and for this machine only.");
}

void zt_operator_tell_ready (zt_operator_t *self)
{
    if (self->prompt)
        zt_operator_greet (self, "Type 'users', 'invite NAME', 'kick NAME', 'help' or 'exit'.");
}

/*  ---------------------------------------------------------------------------
    Commands */

zt_commands_t *zt_operator_commands (zt_operator_t *self)
{
    return &self->commands;
}

/*  ---------------------------------------------------------------------------
    A turn */

enum { S_STDIN, S_OUT, S_LOG };

void zt_operator_poll (const zt_operator_t *self, struct pollfd fds[ZT_OPERATOR_FDS])
{
    fds[S_STDIN] = (struct pollfd){self->prompt ? zt_prompt_fd (self->prompt) : -1, POLLIN, 0};
    fds[S_OUT] = (struct pollfd){zt_printer_fd (&self->out), POLLOUT, 0};
    fds[S_LOG] = (struct pollfd){zt_logger_fd (self->log), POLLOUT, 0};
}

bool zt_operator_read (zt_operator_t *self, const struct pollfd *fds, uint64_t now)
{
    if (self->prompt)
        zt_prompt_serve (self->prompt, fds && fds[S_STDIN].revents, now);
    return self->commands.ends;
}

bool zt_operator_is_busy (const zt_operator_t *self)
{
    return self->prompt && zt_prompt_is_busy (self->prompt);
}

bool zt_operator_is_waiting (const zt_operator_t *self)
{
    return self->prompt && zt_prompt_is_waiting (self->prompt);
}

void zt_operator_flush (zt_operator_t *self)
{
    zt_logger_flush (self->log); /* first: who reads that we are ready finds it all there */
    zt_printer_flush (&self->out);
}
