/*  SPDX-License-Identifier: MPL-2.0

    ztalk - the console client: who we are, where the broker is, and off it goes */

#include "client/command.h"
#include "client/core.h"
#include "client/home.h"
#include "client/journal.h"
#include "client/shell.h"
#include "common/alloc.h"
#include "common/descriptor.h"
#include "common/endpoint.h"
#include "common/name.h"
#include "common/options.h"
#include "common/utf8.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { S_ENDPOINT, S_NAME, S_DEVICE, S_PLAIN, S_JSON, S_LINES, S_COUNT, S_BEFORE, S_IN };
enum { S_COUNT_USUAL = 20, S_COUNT_MOST = 1000000 };

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", "where the broker is (tcp://127.0.0.1:" ZT_DEFAULT_PORT ")",
     S_ENDPOINT},
    {'n', "name", "NAME", "who you are (your login name)", S_NAME},
    {0, "device", "DEVICE", "what this installation is called (the host's name)", S_DEVICE},
    {0, "plain", NULL, "the connection is not encrypted, and that is meant", S_PLAIN},
    {0, "json", NULL, "print everything as JSON, an object a line", S_JSON},
    {0, "lines", NULL, "print lines, without a full screen", S_LINES},
    {'c', "count", "COUNT", "of history and search: how many messages at most (20)", S_COUNT},
    {0, "before", "ID", "of history: only messages before this one", S_BEFORE},
    {0, "in", "TARGET", "of search: only in this conversation", S_IN},
    {0, NULL, NULL, NULL, 0}};

/*  The subcommands, by the first word; anything else that stands there is an endpoint. */
typedef enum { S_NONE, S_HISTORY, S_SEARCH } s_subcommand_t;
static const char *const s_subcommands[] = {[S_HISTORY] = "history", [S_SEARCH] = "search"};

typedef struct {
    zt_buffer_t endpoint;
    const char *name;
    const char *device;
    bool json;
    const char *word;  /* the first one, or NULL */
    bool has_endpoint; /* -e is given */
    s_subcommand_t subcommand;
    char target[ZT_TARGET_SIZE]; /* of history, or of --in; or empty */
    zt_buffer_t words;           /* of search */
    unsigned long count, before; /* 0: not given */
    bool in;                     /* --in is given */
} s_config_t;

static const char *s_name_wrong (const char *name)
{
    zt_folded_t folded;
    return zt_name_fold (zt_bytes (name), &folded);
}

static const char *s_set_endpoint (s_config_t *config, const char *value)
{
    zt_buffer_clear (&config->endpoint);
    return zt_endpoint_parse (zt_bytes (value), &config->endpoint, NULL);
}

static const char *s_set_target (s_config_t *config, const char *value)
{
    return zt_client_target (zt_bytes (value), config->target);
}

static const char *s_set_number (unsigned long *number, const char *value, unsigned long most)
{
    bool good = zt_options_number (value, 1, most, number);
    return good ? NULL : "it is a number, and 1 or more";
}

/*  How many bytes must be put in, taken out or replaced to make one word of the other. */
static size_t s_distance (const char *one, const char *other)
{
    enum { S_LONGEST = 16 };
    size_t row[S_LONGEST + 1];
    size_t size = strlen (other);
    if (size > S_LONGEST)
        return SIZE_MAX;
    for (size_t i = 0; i <= size; i++)
        row[i] = i;
    for (size_t line = 1; *one; one++, line++) {
        size_t left_above = row[0];
        row[0] = line;
        for (size_t i = 1; i <= size; i++) {
            size_t above = row[i];
            size_t best = left_above + (*one != other[i - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[i - 1] + 1 < best)
                best = row[i - 1] + 1;
            row[i] = best;
            left_above = above;
        }
    }
    return row[size];
}

/*  What is wrong with words that are more than an endpoint: mostly the first one was to
    be a subcommand. */
static const char *s_too_many (const char *first, const char *otherwise)
{
    static const char *const meant[] = {
        [S_HISTORY] = "did you mean 'ztalk history'?", [S_SEARCH] = "did you mean 'ztalk search'?"};
    for (s_subcommand_t i = S_HISTORY; i <= S_SEARCH; i++)
        if (strlen (first) > 2 && (strncmp (s_subcommands[i], first, strlen (first)) == 0 ||
                                   s_distance (first, s_subcommands[i]) <= 2))
            return meant[i];
    return otherwise;
}

static const char *s_word (s_config_t *config, const char *value)
{
    bool is_first = !config->word;
    if (is_first)
        config->word = value;
    for (s_subcommand_t i = S_HISTORY; is_first && i <= S_SEARCH; i++) {
        if (strcmp (value, s_subcommands[i]) != 0)
            continue;
        config->subcommand = i;
        return NULL;
    }
    if (config->subcommand == S_NONE && !is_first)
        return s_too_many (config->word, "one endpoint is enough");
    if (config->subcommand == S_NONE && config->has_endpoint)
        return s_too_many (value, "the endpoint is given already, with -e");
    if (config->subcommand == S_NONE)
        return s_set_endpoint (config, value);
    if (config->subcommand == S_HISTORY)
        return config->target[0] ? "one target is enough" : s_set_target (config, value);
    if (config->words.size) /* words of one query, if they are not quoted */
        zt_buffer_put_char (&config->words, ' ');
    zt_buffer_put_string (&config->words, value);
    return NULL;
}

static const char *s_option (void *config_, int id, const char *value)
{
    s_config_t *config = config_;
    switch (id) {
    case ZT_WORD:
        return s_word (config, value);
    case S_ENDPOINT:
        config->has_endpoint = true;
        if (config->word && config->subcommand == S_NONE)
            return s_too_many (config->word, "the endpoint is given already");
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
    case S_COUNT:
        return s_set_number (&config->count, value, S_COUNT_MOST);
    case S_BEFORE:
        return s_set_number (&config->before, value, ULONG_MAX);
    case S_IN:
        config->in = true;
        return s_set_target (config, value);
    default: /* --plain and --lines ask for what is always so in this version */
        return NULL;
    }
}

/*  What is wrong with the words and options together; NULL if nothing is. */
static const char *s_wrong_together (const s_config_t *config)
{
    bool is_history = config->subcommand == S_HISTORY, is_search = config->subcommand == S_SEARCH;
    if (config->before && !is_history)
        return "--before is for history";
    if (config->in && !is_search)
        return "--in is for search";
    if (config->count && config->subcommand == S_NONE)
        return "--count is for history and search";
    if (is_history && !config->target[0])
        return "whose history? a name or a #room is missing";
    if (is_search && !config->words.size)
        return "search for what? a query is missing";
    if (is_search && !zt_utf8_valid (zt_buffer_bytes (&config->words)))
        return "the query is not UTF-8";
    return is_search && config->words.size > ZT_CLIENT_QUERY_MOST ? ZT_CLIENT_QUERY_TOO_LONG : NULL;
}

/*  What can be typed, for --help. */
static void s_epilogue (zt_buffer_t *text)
{
    zt_buffer_put_string (text, "Instead of an endpoint:\n\n"
                                "  history TARGET            print older messages, and end\n"
                                "  search QUERY              print messages that contain the "
                                "query, and end\n\n");
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

/*  Takes the lock and the journal. */
static zt_home_result_t s_open_device (zt_shell_config_t *shell, zt_home_t *home, zt_buffer_t *kept,
                                       zt_buffer_t *why)
{
    zt_home_result_t result = zt_home_lock (home, shell->endpoint, shell->name, shell->device, why);
    if (result == ZT_HOME_OK && !zt_journal_open (shell->journal, home, shell->endpoint,
                                                  shell->name, shell->device, kept, why))
        result = ZT_HOME_FAILED;
    shell->kept = zt_buffer_bytes (kept);
    return result;
}

/*  Takes the token, and what belongs to the device, and runs. */
static int s_run (zt_shell_config_t *shell, zt_home_t *home, zt_buffer_t *kept, zt_buffer_t *why)
{
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
    if (result == ZT_HOME_OK && shell->journal)
        result = s_open_device (shell, home, kept, why);
    if (result == ZT_HOME_HELD) {
        fprintf (stderr,
                 "ztalk: %s is already here from the device %s. Take another name with -n NAME, "
                 "or\nbe the same person in a second window with --device NAME\n",
                 shell->name, shell->device);
        return ZT_EXIT_REFUSED;
    }
    if (result == ZT_HOME_FAILED)
        return s_fail (ZT_EXIT_FAILED, "", zt_buffer_string (why));
    shell->token = token;
    return zt_shell_run (shell);
}

/*  Fills in what neither the command line nor the environment says. */
static int s_main (s_config_t *config)
{
    char answer[256];
    char host[256];
    bool asks = config->subcommand != S_NONE;
    bool interactive = !asks && isatty (STDIN_FILENO);
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
    zt_query_t query = {.target = config->target[0] ? config->target : NULL,
                        .words = config->words.size ? zt_buffer_string (&config->words) : NULL,
                        .before = config->before,
                        .count = config->count ? config->count : S_COUNT_USUAL};
    zt_journal_t journal = {.fd = -1};
    zt_shell_config_t shell = {.endpoint = zt_buffer_string (&config->endpoint),
                               .name = config->name,
                               .device = config->device,
                               .interactive = interactive,
                               .json = config->json,
                               .query = asks ? &query : NULL,
                               .journal = asks ? NULL : &journal};
    zt_home_t home = {.fd = -1, .lock_fd = -1};
    zt_buffer_t kept = {NULL, 0, 0}, why = {NULL, 0, 0};
    int status = s_run (&shell, &home, &kept, &why);
    zt_journal_close (&journal);
    zt_home_close (&home);
    zt_buffer_free (&kept);
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
    const zt_command_t command = {"ztalk", "[OPTIONS] [ENDPOINT | history TARGET | search QUERY]",
                                  "the console client of a messenger on ZeroMQ", s_options,
                                  zt_buffer_string (&epilogue)};
    int status = ZT_EXIT_OK;
    bool go_on = zt_options_parse (&command, argc, argv, s_option, &config, &status);
    zt_buffer_free (&epilogue);
    const char *together = go_on ? s_wrong_together (&config) : NULL;
    if (together)
        status = s_fail (ZT_EXIT_USAGE, together, "see ztalk --help");
    else if (go_on && config.endpoint.size == 0)
        status = s_fail (ZT_EXIT_USAGE, endpoint, wrong);
    else if (go_on)
        status = s_main (&config);
    zt_buffer_free (&config.endpoint);
    zt_buffer_free (&config.words);
    return status;
}
