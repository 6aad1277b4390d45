/*  SPDX-License-Identifier: MPL-2.0

    ztalk-broker - the program. */

#include "broker/announcer.h"
#include "broker/check.h"
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
    S_CHECK,
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

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", "where to listen; may be given several times", S_ENDPOINT},
    {'d', "directory", "DIR", "where to keep messages and the key (~/.local/state/ztalk)",
     S_DIRECTORY},
    {0, "ephemeral", NULL, "keep messages in memory, and forget them at the end", S_EPHEMERAL},
    {'c', "config", "FILE", "take settings from a file; ztalk-broker(1) lists them", S_CONFIG},
    {0, "check", NULL, "say whether options and settings are right, and end", S_CHECK},
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

#define S_NUMBER(name, section, key, words, least, most, otherwise, when, what)                    \
    {"set", section "/" key "="},
#define S_TEXT(name, section, key, form, otherwise, when, what) {"set", section "/" key "="},
static const zt_option_value_t s_values[] = {ZT_CONFIG_KEYS (S_NUMBER, S_TEXT){NULL, NULL}};
#undef S_NUMBER
#undef S_TEXT

static const zt_command_t s_command = {
    .program = "ztalk-broker",
    .usage = "[OPTION]...",
    .summary = "the broker of the ztalk messenger",
    .options = s_options,
    .values = s_values,
    .epilogue =
        "An ENDPOINT is tcp://HOST:PORT or ipc://PATH. HOST is * for all interfaces, PORT is *\n"
        "for a free one. Without -e it is tcp://*:5555, or with --plain tcp://127.0.0.1:5555.\n"
        "What goes over tcp is encrypted; a unix socket is for your own programs.\n"
        "On a terminal it reads commands; 'help' lists them.\n"};

/*  What the command line says, beside what the shell is told. */
typedef struct {
    zt_shell_config_t shell;
    const char *config;   /* NULL: none */
    zt_buffer_t found;    /* its path, if nobody has given it */
    zt_buffer_t settings; /* section/key=value, each with a NUL */
    zt_buffer_t wrong;    /* a sentence */
    zt_buffer_t metrics;  /* of zt_exporter_parse */
    zt_buffer_t directory;
    zt_buffer_t control;
    const char *backup;
    bool is_check;
} s_line_t;

static void s_add_endpoint (zt_shell_config_t *config, zt_bytes_t value)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    zt_endpoint_parse (value, &endpoint, NULL); /* it was checked before */
    config->endpoints =
        zt_realloc (config->endpoints, config->n_endpoints + 1, sizeof *config->endpoints);
    config->endpoints[config->n_endpoints++] = zt_strndup (endpoint.data, endpoint.size);
    zt_buffer_free (&endpoint);
}

static const char *s_take_setting (s_line_t *line, const char *key, const char *value);

/*  It says what is wrong better than the configuration would. */
static const char *s_take_endpoint (s_line_t *line, const char *value)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    const char *wrong = zt_endpoint_parse (zt_bytes (value), &endpoint, NULL);
    zt_buffer_free (&endpoint);
    return wrong ? wrong : s_take_setting (line, "listen/endpoint=", value);
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
    if (strcmp (value, "none") == 0)
        return s_take_setting (line, "listen/key_service=", "no");
    if (!zt_options_number (value, 1, 65535, &port))
        return "it is a port from 1 to 65535, or none";
    return s_take_setting (line, "listen/key_port=", value);
}

static const char *s_take_plain (s_line_t *line, const char *value)
{
    if (value && strcmp (value, "anywhere") != 0)
        return "it is --plain or --plain=anywhere";
    return s_take_setting (line, "listen/plain=", value ? value : "local");
}

static const char *s_take_announce (s_line_t *line, const char *value)
{
    const char *wrong = zt_announcer_list_wrong (value);
    if (!wrong)
        wrong = s_take_setting (line, "announce/interfaces=", value);
    return wrong ? wrong : s_take_setting (line, "announce/lan=", "yes");
}

/*  Options that set one thing, whatever it is. */
static const struct {
    int id;
    const char *key;
    const char *value; /* NULL: the option's */
} s_settings[] = {
    {S_EPHEMERAL, "store/ephemeral=", "yes"},
    {S_KEEP_MB, "store/keep_mb=", NULL},
    {S_SET, "", NULL},
    {S_NO_ANNOUNCE, "announce/lan=", "no"},
    {S_LOG_LEVEL, "log/level=", NULL},
    {S_CONSOLE, "operators/console=", "yes"},
    {S_REGISTRATION, "access/registration=", NULL},
};

static const char *s_take (void *self, int id, const char *value)
{
    s_line_t *line = self;
    for (size_t i = 0; i < sizeof s_settings / sizeof s_settings[0]; i++)
        if (s_settings[i].id == id)
            return s_take_setting (line, s_settings[i].key,
                                   s_settings[i].value ? s_settings[i].value : value);
    switch (id) {
    case S_ENDPOINT:
        return s_take_endpoint (line, value);
    case S_DIRECTORY:
        return *value ? s_take_setting (line, "store/directory=", value) : "a directory has a name";
    case S_CONFIG:
        line->config = value;
        return NULL;
    case S_CHECK:
        line->is_check = true;
        return NULL;
    case S_BACKUP:
        line->backup = value;
        return *value ? NULL : "a file has a name";
    case S_ANNOUNCE:
        return s_take_announce (line, value);
    case S_ANNOUNCE_AS:
        return zt_beacon_name_valid (zt_bytes (value))
                   ? s_take_setting (line, "announce/name=", value)
                   : "a name has 1 to 64 bytes of text";
    case S_METRICS:
        zt_buffer_clear (&line->metrics);
        return zt_exporter_parse (value, &line->metrics);
    case S_MOTD:
        return s_take_setting (line, "access/motd=", value);
    case S_PLAIN:
        return s_take_plain (line, value);
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

static bool s_is (const s_line_t *line, zt_config_key_t key)
{
    return line->shell.settings.value[key] != 0;
}

/*  Where to listen. Without encryption it is for this machine, if nobody says more. */
static void s_take_endpoints (s_line_t *line)
{
    enum { S_LOCAL = 1 }; /* of listen/plain */
    const zt_config_t *settings = &line->shell.settings;
    if (settings->value[ZT_CONFIG_PLAIN] == S_LOCAL && !settings->is_set[ZT_CONFIG_ENDPOINT]) {
        s_add_endpoint (&line->shell, zt_bytes ("tcp://127.0.0.1:" ZT_DEFAULT_PORT));
        return;
    }
    const char *at = zt_config_text (settings, ZT_CONFIG_ENDPOINT);
    for (size_t size; *at; at += size + (at[size] == '\n')) {
        size = strcspn (at, "\n");
        s_add_endpoint (&line->shell, (zt_bytes_t){at, size});
    }
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
    zt_buffer_t wrong = {NULL, 0, 0};
    int status = -1;
    s_find_config (line);
    line->shell.source = (zt_config_source_t){line->config, zt_buffer_bytes (&line->settings)};
    if (!zt_config_gather (&line->shell.settings, &line->shell.source, &wrong)) {
        fprintf (stderr, "ztalk-broker: %s\n", zt_buffer_string (&wrong));
        status = ZT_EXIT_USAGE;
    } else if (s_is (line, ZT_CONFIG_EPHEMERAL) && line->backup)
        status = s_usage ("--ephemeral keeps nothing: there is nothing to --backup");
    else
        s_take_endpoints (line);
    zt_buffer_free (&wrong);
    return status;
}

/*  Where the numbers can be asked for; NULL: nowhere. */
static const char *s_metrics (s_line_t *line)
{
    uint64_t port = line->shell.settings.value[ZT_CONFIG_HTTP_PORT];
    if (line->metrics.size == 0 && port) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_buffer_put_format (&text, "%s:%u",
                              zt_config_text (&line->shell.settings, ZT_CONFIG_HTTP_ADDRESS),
                              (unsigned) port);
        zt_exporter_parse (zt_buffer_string (&text), &line->metrics); /* checked before */
        zt_buffer_free (&text);
    }
    return line->metrics.size ? zt_buffer_string (&line->metrics) : NULL;
}

/*  Where ztalk-ctl finds the broker; NULL: nowhere. An ephemeral broker is one of several, maybe,
    that have nothing but a key: it has a place of its own where a directory was given. */
static const char *s_control (s_line_t *line)
{
    const zt_config_t *settings = &line->shell.settings;
    const char *path = zt_config_text (settings, ZT_CONFIG_CONTROL);
    bool has_place =
        !s_is (line, ZT_CONFIG_EPHEMERAL) || *zt_config_text (settings, ZT_CONFIG_DIRECTORY);
    if (strcmp (path, "no") == 0 || (!*path && !has_place))
        return NULL;
    if (*path)
        zt_buffer_put_string (&line->control, path);
    else
        zt_buffer_put_format (&line->control, "%s/" ZT_PLACE_CONTROL, line->shell.home);
    return zt_buffer_string (&line->control);
}

/*  What the shell is to do, from what is set. False if no directory is known. */
static bool s_take_settings (s_line_t *line)
{
    enum { S_TERMINAL, S_ALWAYS }; /* of operators/console */
    zt_shell_config_t *shell = &line->shell;
    const zt_config_t *settings = &shell->settings;
    const char *directory = zt_config_text (settings, ZT_CONFIG_DIRECTORY);
    bool is_ephemeral = s_is (line, ZT_CONFIG_EPHEMERAL), is_plain = s_is (line, ZT_CONFIG_PLAIN);
    bool needs_none = is_ephemeral && is_plain && !*directory;
    if (!needs_none && !zt_place_directory (*directory ? directory : NULL, &line->directory))
        return false;
    uint64_t console = settings->value[ZT_CONFIG_CONSOLE];
    shell->has_console =
        console == S_ALWAYS || (console == S_TERMINAL && isatty (STDIN_FILENO) == 1);
    shell->is_encrypted = !is_plain;
    shell->metrics = s_metrics (line);
    shell->home = needs_none ? NULL : zt_buffer_string (&line->directory);
    shell->directory = is_ephemeral ? NULL : shell->home;
    shell->control = s_control (line);
    return true;
}

/*  Does all that is set go together, and with this machine? What the broker would begin without it
    tells itself, when it begins. */
static bool s_check (s_line_t *line)
{
    zt_buffer_t wrong = {NULL, 0, 0}, warnings = {NULL, 0, 0};
    bool is_right = zt_check (&line->shell, &wrong, &warnings);
    for (const char *at = zt_buffer_string (&warnings); line->is_check && *at;) {
        int size = (int) strcspn (at, "\n");
        fprintf (stderr, "ztalk-broker: %.*s\n", size, at);
        at += size + 1;
    }
    if (!is_right)
        fprintf (stderr, "ztalk-broker: %s\n", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
    zt_buffer_free (&warnings);
    return is_right;
}

static int s_run (s_line_t *line)
{
    int status = s_configure (line);
    if (status >= 0)
        return status;
    if (!s_take_settings (line))
        return s_usage ("no home directory is known; say with -d where to keep messages");
    if (!line->backup && !s_check (line))
        return ZT_EXIT_USAGE;
    if (line->is_check) {
        puts ("The configuration is right.");
        return ZT_EXIT_OK;
    }
    return line->backup ? s_backup (line->shell.home, line->backup) : zt_shell_run (&line->shell);
}

int main (int argc, char **argv)
{
    s_line_t line = {
        .shell = {.settings = zt_config_default (), .is_terminal = isatty (STDOUT_FILENO) == 1}};
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
    zt_buffer_free (&line.directory);
    zt_buffer_free (&line.control);
    return status;
}
