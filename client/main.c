/*  SPDX-License-Identifier: MPL-2.0

    ztalk - the console client: who we are, where the broker is, and off it goes */

#include "client/command.h"
#include "client/home.h"
#include "client/shell.h"
#include "common/alloc.h"
#include "common/descriptor.h"
#include "common/endpoint.h"
#include "common/name.h"
#include "common/options.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { S_ENDPOINT, S_NAME, S_DEVICE, S_PLAIN, S_JSON, S_LINES };

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", "where the broker is (tcp://127.0.0.1:" ZT_DEFAULT_PORT ")",
     S_ENDPOINT},
    {'n', "name", "NAME", "who you are (your login name)", S_NAME},
    {0, "device", "DEVICE", "what this installation is called (the host's name)", S_DEVICE},
    {0, "plain", NULL, "the connection is not encrypted, and that is meant", S_PLAIN},
    {0, "json", NULL, "print everything as JSON, an object a line", S_JSON},
    {0, "lines", NULL, "print lines, without a full screen", S_LINES},
    {0, NULL, NULL, NULL, 0}};

typedef struct {
    zt_buffer_t endpoint;
    const char *name;
    const char *device;
    bool json;
} s_config_t;

static const char *s_name_wrong (const char *name)
{
    zt_folded_t folded;
    return zt_name_fold (zt_bytes (name), &folded);
}

static const char *s_set_endpoint (s_config_t *config, const char *value)
{
    zt_buffer_clear (&config->endpoint);
    return zt_endpoint_parse (zt_bytes (value), &config->endpoint);
}

static const char *s_option (void *config_, int id, const char *value)
{
    s_config_t *config = config_;
    switch (id) {
    case S_ENDPOINT:
    case ZT_WORD:
        return s_set_endpoint (config, value);
    case S_NAME:
        config->name = value;
        return s_name_wrong (value);
    case S_DEVICE:
        config->device = value;
        return s_name_wrong (value);
    case S_JSON:
        config->json = true;
        return NULL;
    default: /* --plain and --lines ask for what is always so in this version */
        return NULL;
    }
}

/*  What can be typed, for --help. */
static void s_epilogue (zt_buffer_t *text)
{
    zt_buffer_put_string (text, "Text that is typed goes to the open conversation, which is "
                                "#general at first.\n//x sends /x. Commands:\n\n");
    for (unsigned id = 0; id < ZT_COMMAND_COUNT; id++) {
        zt_buffer_put_string (text, "  ");
        zt_command_help ((zt_command_id_t) id, text);
        zt_buffer_put_char (text, '\n');
    }
}

/*  Asks who is there. Returns false at the end of input; an empty answer leaves
    *name as it is. The answer is read without stdio, which would keep what is
    typed after it. */
static bool s_ask_name (const char **name, char *answer, size_t size)
{
    for (;;) {
        fprintf (stderr, "Your name [%s]: ", *name);
        ssize_t used = read (STDIN_FILENO, answer, size - 1);
        if (used <= 0) {
            fputc ('\n', stderr);
            return false;
        }
        while (used > 0 && strchr ("\r\n \t", answer[used - 1]))
            used--;
        answer[used] = '\0';
        if (used == 0)
            return true;
        const char *wrong = s_name_wrong (answer);
        if (!wrong) {
            *name = answer;
            return true;
        }
        fprintf (stderr, "%s\n", wrong);
    }
}

static const char *s_login (void)
{
    const struct passwd *user = getpwuid (getuid ());
    const char *login = user ? user->pw_name : getenv ("LOGNAME");
    return login && !s_name_wrong (login) ? login : "guest";
}

/*  Fills device with the host's name, made into a name: its first part, with '-'
    for what no name can have. */
static void s_host_device (char *device, size_t size)
{
    if (gethostname (device, size) != 0)
        device[0] = '\0';
    device[size - 1] = '\0';
    device[strcspn (device, ".")] = '\0';
    if (strlen (device) > ZT_NAME_MAX)
        device[ZT_NAME_MAX] = '\0';
    for (char *at = device; *at; at++)
        if (!(*at >= 'a' && *at <= 'z') && !(*at >= 'A' && *at <= 'Z') &&
            !(*at >= '0' && *at <= '9') && *at != '_')
            *at = '-';
    if (s_name_wrong (device))
        snprintf (device, size, "console");
}

static int s_fail (int status, const char *what, const char *why)
{
    fprintf (stderr, "ztalk: %s%s%s\n", what, *what ? ": " : "", why);
    return status;
}

/*  Takes the token and the lock, and runs. */
static int s_run (const zt_shell_config_t *shell, zt_home_t *home, zt_buffer_t *why)
{
    zt_shell_config_t config = *shell;
    char token[ZT_TOKEN_SIZE];
    zt_buffer_t path = {NULL, 0, 0};
    bool known = zt_home_path (&path);
    if (!known)
        zt_buffer_put_string (why, "no home directory is known; ZTALK_HOME can name one");
    zt_home_result_t result = ZT_HOME_FAILED;
    if (known)
        result = zt_home_open (home, zt_buffer_string (&path), why);
    zt_buffer_free (&path);
    if (result == ZT_HOME_OK)
        result = zt_home_token (home, token, why);
    if (result == ZT_HOME_OK)
        result = zt_home_lock (home, config.endpoint, config.name, config.device, why);
    if (result == ZT_HOME_HELD) {
        fprintf (stderr,
                 "ztalk: %s is already here from the device %s. Take another name with -n NAME, "
                 "or\nbe the same person in a second window with --device NAME\n",
                 config.name, config.device);
        return ZT_EXIT_REFUSED;
    }
    if (result == ZT_HOME_FAILED)
        return s_fail (ZT_EXIT_FAILED, "", zt_buffer_string (why));
    config.token = token;
    return zt_shell_run (&config);
}

/*  Fills in what neither the command line nor the environment says. */
static int s_main (s_config_t *config)
{
    char answer[256];
    char host[256];
    bool interactive = isatty (STDIN_FILENO);
    if (!config->name) {
        config->name = s_login ();
        if (interactive && !s_ask_name (&config->name, answer, sizeof answer))
            return ZT_EXIT_OK;
    }
    const char *wrong = s_name_wrong (config->name);
    if (wrong)
        return s_fail (ZT_EXIT_USAGE, config->name, wrong);
    if (!config->device) {
        s_host_device (host, sizeof host);
        config->device = host;
    }
    zt_shell_config_t shell = {.endpoint = zt_buffer_string (&config->endpoint),
                               .name = config->name,
                               .device = config->device,
                               .interactive = interactive,
                               .json = config->json};
    zt_home_t home = {.fd = -1, .lock_fd = -1};
    zt_buffer_t why = {NULL, 0, 0};
    int status = s_run (&shell, &home, &why);
    zt_home_close (&home);
    zt_buffer_free (&why);
    return status;
}

static const char *s_environment (const char *name)
{
    const char *value = getenv (name);
    return value && *value ? value : NULL;
}

int main (int argc, char **argv)
{
    if (!zt_descriptor_fill_standard ())
        return ZT_EXIT_FAILED;
    tzset ();
    s_config_t config = {.name = s_environment ("ZTALK_NAME")};
    const char *endpoint = s_environment ("ZTALK_ENDPOINT");
    const char *wrong = s_set_endpoint (&config, endpoint ? endpoint : "127.0.0.1");
    zt_buffer_t epilogue = {NULL, 0, 0};
    s_epilogue (&epilogue);
    const zt_command_t command = {"ztalk", "[OPTIONS] [ENDPOINT]",
                                  "the console client of a messenger on ZeroMQ", s_options,
                                  zt_buffer_string (&epilogue)};
    int status = ZT_EXIT_OK;
    bool go_on = zt_options_parse (&command, argc, argv, s_option, &config, &status);
    zt_buffer_free (&epilogue);
    if (go_on && config.endpoint.size == 0)
        status = s_fail (ZT_EXIT_USAGE, endpoint, wrong);
    else if (go_on)
        status = s_main (&config);
    zt_buffer_free (&config.endpoint);
    return status;
}
