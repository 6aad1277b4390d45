/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/operator.h"

#include "broker/addresses.h"
#include "broker/console.h"
#include "broker/printer.h"
#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct zt_operator {
    zt_core_t *core;
    const zt_peers_t *peers;
    zt_printer_t out; /* answers */
    zt_printer_t log; /* what happened */
    zt_buffer_t typed;
    bool reads_stdin;
    bool has_console; /* as reads_stdin, and stays so at its end */
    bool is_terminal;
    bool ends; /* it was told to */
};

zt_operator_t *zt_operator_new (const zt_operator_config_t *config, zt_core_t *core,
                                const zt_peers_t *peers)
{
    zt_operator_t *self = zt_alloc (sizeof *self);
    self->core = core;
    self->peers = peers;
    self->reads_stdin = self->has_console = config->reads_stdin;
    self->is_terminal = config->is_terminal;
    zt_printer_open (&self->out, STDOUT_FILENO);
    zt_printer_open (&self->log, STDERR_FILENO);
    return self;
}

void zt_operator_destroy (zt_operator_t **self_p, int wait_ms)
{
    zt_operator_t *self = *self_p;
    if (!self)
        return;
    zt_printer_close (&self->out, wait_ms);
    zt_printer_close (&self->log, wait_ms);
    zt_buffer_free (&self->typed);
    free (self);
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    What happens */

/*  A date and a time of the clock on the wall, in when. */
enum { S_DATE = 11, S_WHEN = 32 }; /* so long is the date, with its space */

static const char *s_time (char when[S_WHEN], uint64_t ms)
{
    struct tm local;
    time_t seconds = (time_t) (ms / 1000);
    if (!localtime_r (&seconds, &local) ||
        strftime (when, S_WHEN, "%Y-%m-%d %H:%M:%S", &local) == 0)
        snprintf (when, S_WHEN, "0000-00-00 00:00:00");
    return when;
}

static void s_log (zt_operator_t *self, uint64_t now, const char *text)
{
    char when[S_WHEN];
    zt_printer_line (&self->log, "%s %s", s_time (when, now) + S_DATE, text);
}

void zt_operator_log (zt_operator_t *self, uint64_t now, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size >= 0)
        s_log (self, now, text);
}

void zt_operator_log_lines (zt_operator_t *self, uint64_t now)
{
    zt_bytes_t line;
    uint32_t number;
    while (zt_core_next_line (self->core, &line, &number)) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, number);
        zt_buffer_t text = {NULL, 0, 0};
        zt_text_clean (&text, line, ZT_TEXT_LINE);
        if (peer && peer->address)
            zt_buffer_put_format (&text, " (%s)", peer->address);
        s_log (self, now, zt_buffer_string (&text));
        zt_buffer_free (&text);
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
        s_log (self, now, text);
}

static void s_print_address (void *out, const char *endpoint, const char *where)
{
    char command[320];
    bool is_default = strcmp (endpoint, "tcp://127.0.0.1:" ZT_DEFAULT_PORT) == 0;
    snprintf (command, sizeof command, "ztalk%s%s", is_default ? "" : " ",
              is_default ? "" : endpoint);
    zt_printer_line (out, "    %-40s %s", command, where);
}

typedef struct {
    zt_operator_t *op;
    uint64_t now;
} s_telling_t;

static void s_log_address (void *telling_, const char *endpoint, const char *where)
{
    const s_telling_t *telling = telling_;
    zt_operator_log (telling->op, telling->now, "join with: ztalk %s  %s", endpoint, where);
}

void zt_operator_tell_endpoint (zt_operator_t *self, const char *bound, uint64_t now)
{
    if (!self->is_terminal) {
        zt_printer_line (&self->out, "ready %s -", bound);
        zt_addresses_each (bound, s_log_address, &(s_telling_t){self, now});
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

void zt_operator_tell_ready (zt_operator_t *self)
{
    if (self->has_console)
        zt_operator_greet (self, "Type 'users', 'kick NAME', 'help' or 'exit'.");
}

/*  ---------------------------------------------------------------------------
    Commands */

static void s_print_users (zt_operator_t *self)
{
    zt_session_info_t info;
    size_t n = 0;
    for (; zt_core_session (self->core, n, &info); n++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, info.peer);
        char when[S_WHEN];
        zt_buffer_t text = {NULL, 0, 0};
        zt_text_clean (&text, info.name, ZT_TEXT_LINE);
        zt_flag_put (&text, &info.flag);
        zt_buffer_put_string (&text, "  ");
        zt_text_clean (&text, info.device.size ? info.device : zt_bytes ("(sends only)"),
                       ZT_TEXT_LINE);
        zt_printer_line (&self->out, "%s  %s  since %s  behind %llu", zt_buffer_string (&text),
                         peer && peer->address ? peer->address : "?", s_time (when, info.since),
                         (unsigned long long) info.behind);
        zt_buffer_free (&text);
    }
    zt_printer_line (&self->out, n == 1 ? "1 session" : "%zu sessions", n);
}

static void s_print_help (zt_operator_t *self)
{
    for (unsigned verb = 0; verb < ZT_CONSOLE_COUNT; verb++) {
        const zt_console_row_t *row = zt_console_row ((zt_console_verb_t) verb);
        char typed[32];
        snprintf (typed, sizeof typed, "%s %s", row->typed, row->argument);
        zt_printer_line (&self->out, "  %-12s %s", typed, row->what);
    }
}

static void s_kick (zt_operator_t *self, zt_bytes_t name, uint64_t now)
{
    int n = zt_core_kick (self->core, name, now);
    if (n > 0)
        zt_printer_line (&self->out, n == 1 ? "1 session ended" : "%d sessions ended", n);
    else
        zt_printer_line (&self->out, "%.*s %s", (int) name.size, name.data,
                         n < 0 ? "is nobody's name" : "is not online");
}

static void s_command (zt_operator_t *self, zt_bytes_t line, uint64_t now)
{
    zt_bytes_t argument = {NULL, 0};
    const char *wrong;
    switch (zt_console_parse (line, &argument, &wrong)) {
    case ZT_CONSOLE_USERS:
        s_print_users (self);
        break;
    case ZT_CONSOLE_KICK:
        s_kick (self, argument, now);
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

static void s_stdin (zt_operator_t *self, uint64_t now)
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
        s_command (self, line, now);
        zt_buffer_consume (&self->typed, line.size + 1);
    }
    if (self->typed.size > S_LINE_MAX)
        zt_buffer_clear (&self->typed);
}

/*  ---------------------------------------------------------------------------
    A turn */

enum { S_STDIN, S_OUT, S_LOG };

void zt_operator_poll (const zt_operator_t *self, struct pollfd fds[ZT_OPERATOR_FDS])
{
    fds[S_STDIN] = (struct pollfd){self->reads_stdin ? STDIN_FILENO : -1, POLLIN, 0};
    fds[S_OUT] = (struct pollfd){zt_printer_fd (&self->out), POLLOUT, 0};
    fds[S_LOG] = (struct pollfd){zt_printer_fd (&self->log), POLLOUT, 0};
}

bool zt_operator_read (zt_operator_t *self, const struct pollfd fds[ZT_OPERATOR_FDS], uint64_t now)
{
    if (fds[S_STDIN].revents)
        s_stdin (self, now);
    return self->ends;
}

void zt_operator_flush (zt_operator_t *self)
{
    zt_printer_flush (&self->out);
    zt_printer_flush (&self->log);
}
