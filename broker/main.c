/*  SPDX-License-Identifier: MPL-2.0

    ztalk-broker - the program. */

#include "broker/shell.h"
#include "common/alloc.h"
#include "common/descriptor.h"
#include "common/endpoint.h"
#include "common/limits.h"
#include "common/options.h"
#include "common/wire.h"

#include <stdlib.h>
#include <unistd.h>

enum { S_ENDPOINT = 1, S_EPHEMERAL, S_PLAIN, S_KEEP_MB, S_MOTD, S_CONSOLE };

enum { S_MOTD_MAX = 1024, S_KEEP_MB_MAX = 1024 * 1024, S_MB = 1024 * 1024 };

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", "where to listen; may be given several times", S_ENDPOINT},
    {0, "ephemeral", NULL, "keep the log in memory (this version always does)", S_EPHEMERAL},
    {0, "plain", NULL, "do not encrypt (this version never does)", S_PLAIN},
    {0, "keep-mb", "N", "how much of the newest messages to keep, in MiB (256)", S_KEEP_MB},
    {0, "motd", "TEXT", "a word to everybody who connects", S_MOTD},
    {0, "console", NULL, "read commands from stdin even if it is no terminal", S_CONSOLE},
    {0, NULL, NULL, NULL, 0}};

static const zt_command_t s_command = {
    "ztalk-broker", "[OPTION]...", "the broker of the ztalk messenger", s_options,
    "An ENDPOINT is tcp://HOST:PORT or ipc://PATH. HOST is * for all interfaces, PORT is *\n"
    "for a free one. Without -e it is tcp://127.0.0.1:5555: nothing is encrypted in this\n"
    "version, so the broker is for this machine unless you say otherwise.\n"
    "On a terminal it reads commands; 'help' lists them.\n"};

static const char *s_add_endpoint (zt_shell_config_t *config, const char *value)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    const char *wrong = zt_endpoint_parse (zt_bytes (value), &endpoint);
    if (wrong)
        return wrong;
    config->endpoints =
        zt_realloc (config->endpoints, config->n_endpoints + 1, sizeof *config->endpoints);
    config->endpoints[config->n_endpoints++] = zt_strndup (endpoint.data, endpoint.size);
    zt_buffer_free (&endpoint);
    return NULL;
}

static const char *s_take (void *self, int id, const char *value)
{
    zt_shell_config_t *config = self;
    unsigned long number;
    switch (id) {
    case S_ENDPOINT:
        return s_add_endpoint (config, value);
    case S_KEEP_MB:
        if (!zt_options_number (value, 1, S_KEEP_MB_MAX, &number))
            return "a number of MiB, 1 at least";
        config->log_bytes = number * S_MB;
        return NULL;
    case S_MOTD:
        if (strlen (value) > S_MOTD_MAX)
            return "at most 1024 bytes";
        config->motd = value;
        return NULL;
    case S_CONSOLE:
        config->has_console = true;
        return NULL;
    case S_EPHEMERAL: /* both say what is so in this version */
    case S_PLAIN:
        return NULL;
    default:
        return "the broker takes options only; an address is given with -e";
    }
}

int main (int argc, char **argv)
{
    zt_shell_config_t config = {.motd = "",
                                .log_bytes = ZT_LOG_BYTES,
                                .has_console = isatty (STDIN_FILENO) == 1,
                                .is_terminal = isatty (STDOUT_FILENO) == 1};
    int status = ZT_EXIT_FAILED;
    if (zt_options_parse (&s_command, argc, argv, s_take, &config, &status) &&
        zt_descriptor_fill_standard ()) {
        if (config.n_endpoints == 0)
            s_add_endpoint (&config, "tcp://127.0.0.1:" ZT_DEFAULT_PORT);
        status = zt_shell_run (&config);
    }
    for (size_t i = 0; i < config.n_endpoints; i++)
        free (config.endpoints[i]);
    free (config.endpoints);
    return status;
}
