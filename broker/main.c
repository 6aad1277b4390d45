/*  SPDX-License-Identifier: MPL-2.0

    ztalk-broker - the program. */

#include "broker/announcer.h"
#include "broker/exporter.h"
#include "broker/place.h"
#include "broker/shell.h"
#include "broker/store_sqlite.h"
#include "common/alloc.h"
#include "common/beacon.h"
#include "common/descriptor.h"
#include "common/directory.h"
#include "common/endpoint.h"
#include "common/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    S_ENDPOINT = 1,
    S_DIRECTORY,
    S_EPHEMERAL,
    S_CONFIG,
    S_KEEP_MB,
    S_SET,
    S_BACKUP,
    S_PLAIN,
    S_REGISTRATION,
    S_KEY_PORT,
    S_ANNOUNCE,
    S_ANNOUNCE_AS,
    S_NO_ANNOUNCE,
    S_METRICS,
    S_LOG_LEVEL,
    S_MOTD,
    S_CONSOLE
};

enum { S_MOTD_MAX = 1024 };

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", "where to listen; may be given several times", S_ENDPOINT},
    {'d', "directory", "DIR", "where to keep messages and the key (~/.local/state/ztalk)",
     S_DIRECTORY},
    {0, "ephemeral", NULL, "keep messages in memory, and forget them at the end", S_EPHEMERAL},
    {'c', "config", "FILE", "take settings from a file; ztalk-broker(1) lists them", S_CONFIG},
    {0, "keep-mb", "N", "how much of the newest messages to keep, in MiB; 0 is all", S_KEEP_MB},
    {'s', "set", "SETTING", "set section/key=value, as the file of --config does", S_SET},
    {0, "backup", "FILE", "copy what is kept to a file, and end; a broker may run", S_BACKUP},
    {0, "plain", "[=anywhere]", "do not encrypt; for this machine, unless you say anywhere",
     S_PLAIN},
    {0, "registration", "open|invite|closed", "who may take a new name", S_REGISTRATION},
    {0, "key-port", "PORT|none", "where the key is told to who asks (the next port)", S_KEY_PORT},
    {0, "announce", "INTERFACES", "be found by who asks the network, on these only: eth0,wlan0",
     S_ANNOUNCE},
    {0, "announce-as", "NAME", "what it calls itself to them (the host's name)", S_ANNOUNCE_AS},
    {0, "no-announce", NULL, "be found by nobody who asks the network for brokers", S_NO_ANNOUNCE},
    {0, "metrics", "PORT", "tell over HTTP, on this PORT or ADDRESS:PORT, what is counted",
     S_METRICS},
    {0, "log-level", "error|warning|notice|info|debug", "the least important lines to log",
     S_LOG_LEVEL},
    {0, "motd", "TEXT", "a word to everybody who connects", S_MOTD},
    {0, "console", NULL, "read commands from stdin even if it is no terminal", S_CONSOLE},
    {0, NULL, NULL, NULL, 0}};

static const zt_command_t s_command = {
    .program = "ztalk-broker",
    .usage = "[OPTION]...",
    .summary = "the broker of the ztalk messenger",
    .options = s_options,
    .epilogue =
        "An ENDPOINT is tcp://HOST:PORT or ipc://PATH. HOST is * for all interfaces, PORT is *\n"
        "for a free one. Without -e it is tcp://*:5555, or with --plain tcp://127.0.0.1:5555.\n"
        "What goes over tcp is encrypted; a unix socket is for your own programs.\n"
        "On a terminal it reads commands; 'help' lists them.\n"};

/*  What the command line says, beside what the shell is told. */
typedef struct {
    zt_shell_config_t shell;
    const char *directory;
    const char *config;   /* NULL: none */
    zt_buffer_t found;    /* its path, if nobody has given it */
    zt_buffer_t settings; /* section/key=value, each with a NUL */
    zt_buffer_t wrong;    /* a sentence */
    zt_buffer_t metrics;  /* of zt_exporter_parse */
    const char *backup;
    bool is_ephemeral;
    bool is_plain;
    bool is_plain_anywhere;
} s_line_t;

static const char *s_add_endpoint (zt_shell_config_t *config, const char *value)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    const char *wrong = zt_endpoint_parse (zt_bytes (value), &endpoint, NULL);
    if (wrong)
        return wrong;
    config->endpoints =
        zt_realloc (config->endpoints, config->n_endpoints + 1, sizeof *config->endpoints);
    config->endpoints[config->n_endpoints++] = zt_strndup (endpoint.data, endpoint.size);
    zt_buffer_free (&endpoint);
    return NULL;
}

/*  What the command line sets goes before what the file says, so it is only checked at first. */
static const char *s_take_setting (s_line_t *line, const char *key, const char *value)
{
    zt_config_t config = zt_config_default ();
    zt_buffer_t assignment = {NULL, 0, 0};
    zt_buffer_put_format (&assignment, "%s%s", key, value);
    zt_buffer_clear (&line->wrong);
    if (!zt_config_set_named (&config, zt_buffer_bytes (&assignment), &line->wrong)) {
        zt_buffer_free (&assignment);
        return zt_buffer_string (&line->wrong);
    }
    zt_buffer_put_string (&line->settings, zt_buffer_string (&assignment));
    zt_buffer_put_char (&line->settings, '\0');
    zt_buffer_free (&assignment);
    return NULL;
}

static const char *s_take_key_port (s_line_t *line, const char *value)
{
    unsigned long port = 0;
    line->shell.has_key_service = strcmp (value, "none") != 0;
    if (line->shell.has_key_service && !zt_options_number (value, 1, 65535, &port))
        return "it is a port from 1 to 65535, or none";
    line->shell.key_port = (unsigned) port;
    return NULL;
}

static const char *s_take (void *self, int id, const char *value)
{
    s_line_t *line = self;
    const char *wrong;
    switch (id) {
    case S_ENDPOINT:
        return s_add_endpoint (&line->shell, value);
    case S_DIRECTORY:
        line->directory = value;
        return *value ? NULL : "a directory has a name";
    case S_EPHEMERAL:
        line->is_ephemeral = true;
        return NULL;
    case S_CONFIG:
        line->config = value;
        return NULL;
    case S_KEEP_MB:
        return s_take_setting (line, "store/keep_mb=", value);
    case S_SET:
        return s_take_setting (line, "", value);
    case S_BACKUP:
        line->backup = value;
        return *value ? NULL : "a file has a name";
    case S_ANNOUNCE:
        line->shell.interfaces = value;
        wrong = zt_announcer_list_wrong (value);
        return wrong ? wrong : s_take_setting (line, "announce/lan=", "yes");
    case S_ANNOUNCE_AS:
        line->shell.announced_name = value;
        return zt_beacon_name_valid (zt_bytes (value)) ? NULL : "a name has 1 to 64 bytes of text";
    case S_NO_ANNOUNCE:
        return s_take_setting (line, "announce/lan=", "no");
    case S_METRICS:
        zt_buffer_clear (&line->metrics);
        return zt_exporter_parse (value, &line->metrics);
    case S_LOG_LEVEL:
        return s_take_setting (line, "log/level=", value);
    case S_MOTD:
        line->shell.motd = value;
        return strlen (value) > S_MOTD_MAX ? "at most 1024 bytes" : NULL;
    case S_CONSOLE:
        line->shell.has_console = true;
        return NULL;
    case S_PLAIN:
        line->is_plain = true;
        line->is_plain_anywhere = value != NULL;
        return !value || strcmp (value, "anywhere") == 0 ? NULL
                                                         : "it is --plain or --plain=anywhere";
    case S_REGISTRATION:
        return s_take_setting (line, "access/registration=", value);
    case S_KEY_PORT:
        return s_take_key_port (line, value);
    default:
        return "the broker takes options only; an address is given with -e";
    }
}

static int s_usage (const char *why)
{
    fprintf (stderr, "ztalk-broker: %s\nTry 'ztalk-broker --help'.\n", why);
    return ZT_EXIT_USAGE;
}

static int s_fail (const char *why)
{
    fprintf (stderr, "ztalk-broker: %s\n", why);
    return ZT_EXIT_FAILED;
}

/*  Copies the log that is in the directory, beside a broker that may use it. */
static int s_backup (const char *directory, const char *file)
{
    char wrong[512] = "";
    struct stat status;
    umask (077); /* as private as the log */
    if (!zt_store_sqlite_backup (directory, file, wrong, sizeof wrong))
        return s_fail (wrong);
    if (stat (file, &status) != 0)
        return s_fail (strerror (errno));
    printf ("%s: what is kept in %s, %.1f MiB\n", file, directory,
            (double) status.st_size / (1024 * 1024));
    return ZT_EXIT_OK;
}

/*  Without encryption others may only be let in by who knows it. */
static bool s_is_plain_wanted (const s_line_t *line)
{
    bool is_wanted = !line->is_plain || line->is_plain_anywhere;
    for (size_t i = 0; i < line->shell.n_endpoints; i++)
        if (!is_wanted && !zt_endpoint_is_local (line->shell.endpoints[i]))
            return false;
    return true;
}

/*  Without --config it is the file in the directory that systemd tells (the first of a list), if
    there is one. */
static void s_find_config (s_line_t *line)
{
    const char *directory = getenv ("CONFIGURATION_DIRECTORY");
    if (line->config || !directory || *directory != '/')
        return;
    zt_buffer_put (&line->found, directory, strcspn (directory, ":"));
    zt_buffer_put_string (&line->found, "/ztalk-broker.zpl");
    const char *path = zt_buffer_string (&line->found);
    line->config = access (path, F_OK) == 0 || errno != ENOENT ? path : NULL;
}

/*  Takes the configuration, and what the command line says against it. Returns a status,
    -1 if all is well. */
static int s_configure (s_line_t *line)
{
    zt_config_t *settings = &line->shell.settings;
    zt_buffer_t wrong = {NULL, 0, 0};
    int status = -1;
    s_find_config (line);
    if (!s_is_plain_wanted (line))
        status =
            s_usage ("--plain is for this machine: listen with -e tcp://127.0.0.1:PORT, or say "
                     "--plain=anywhere if everybody on the way may read along");
    else if (line->is_ephemeral && line->backup)
        status = s_usage ("--ephemeral keeps nothing: there is nothing to --backup");
    else if (line->config && !zt_config_load (settings, line->config, &wrong)) {
        fprintf (stderr, "ztalk-broker: %s\n", zt_buffer_string (&wrong));
        status = ZT_EXIT_USAGE;
    }
    for (size_t at = 0; at < line->settings.size; at += strlen (line->settings.data + at) + 1)
        zt_config_set_named (settings, zt_bytes (line->settings.data + at), &wrong);
    zt_buffer_free (&wrong);
    return status;
}

/*  Where the numbers can be asked for; NULL: nowhere. */
static const char *s_metrics (s_line_t *line)
{
    uint64_t port = line->shell.settings.value[ZT_CONFIG_HTTP_PORT];
    if (line->metrics.size == 0 && port)
        zt_buffer_put_format (&line->metrics, "tcp://127.0.0.1:%u", (unsigned) port);
    return line->metrics.size ? zt_buffer_string (&line->metrics) : NULL;
}

static int s_run (s_line_t *line)
{
    int status = s_configure (line);
    if (status >= 0)
        return status;
    zt_buffer_t directory = {NULL, 0, 0};
    bool needs_none = line->is_ephemeral && line->is_plain && !line->directory;
    if (!needs_none && !zt_place_directory (line->directory, &directory))
        return s_usage ("no home directory is known; say with -d where to keep messages");
    if (line->backup)
        status = s_backup (zt_buffer_string (&directory), line->backup);
    else {
        if (line->shell.n_endpoints == 0)
            s_add_endpoint (&line->shell, line->is_plain && !line->is_plain_anywhere
                                              ? "tcp://127.0.0.1:" ZT_DEFAULT_PORT
                                              : "tcp://*:" ZT_DEFAULT_PORT);
        line->shell.is_encrypted = !line->is_plain;
        line->shell.metrics = s_metrics (line);
        line->shell.home = needs_none ? NULL : zt_buffer_string (&directory);
        /*  An ephemeral broker is one of several, maybe, that have nothing but a key. */
        line->shell.has_control = !line->is_ephemeral || line->directory;
        line->shell.directory = line->is_ephemeral ? NULL : zt_buffer_string (&directory);
        status = zt_shell_run (&line->shell);
    }
    zt_buffer_free (&directory);
    return status;
}

int main (int argc, char **argv)
{
    s_line_t line = {.shell = {.motd = "",
                               .own_name = "broker",
                               .settings = zt_config_default (),
                               .has_key_service = true,
                               .has_console = isatty (STDIN_FILENO) == 1,
                               .is_terminal = isatty (STDOUT_FILENO) == 1}};
    int status = ZT_EXIT_FAILED;
    if (zt_options_parse (&s_command, argc, argv, s_take, &line, &status) &&
        zt_descriptor_fill_standard ())
        status = s_run (&line);
    for (size_t i = 0; i < line.shell.n_endpoints; i++)
        free (line.shell.endpoints[i]);
    free (line.shell.endpoints);
    zt_buffer_free (&line.found);
    zt_buffer_free (&line.settings);
    zt_buffer_free (&line.wrong);
    zt_buffer_free (&line.metrics);
    return status;
}
