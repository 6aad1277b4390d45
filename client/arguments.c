/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/arguments.h"

#include "client/command.h"
#include "client/since.h"
#include "client/theme.h"
#include "common/alloc.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/limits.h"
#include "common/options.h"
#include "common/translate.h"
#include "common/utf8.h"
#include "common/wire.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    S_ENDPOINT,
    S_NAME,
    S_DEVICE,
    S_BROKER_KEY,
    S_TRUST,
    S_KEY_PORT,
    S_PLAIN,
    S_INVITE,
    S_PAIR,
    S_JSON,
    S_LINES,
    S_THEME,
    S_COUNT,
    S_BEFORE,
    S_SINCE,
    S_IN,
    S_WHOLE,
    S_WAIT,
    S_TIMEOUT
};
enum { S_COUNT_MOST = 1000000, S_TIMEOUT_MOST = 31536000 };

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", N_ ("where the broker is (what is found)"), S_ENDPOINT},
    {'n', "name", "NAME", N_ ("who you are (your login name)"), S_NAME},
    {0, "device", "DEVICE", N_ ("what this installation is called (the host's name)"), S_DEVICE},
    {'k', "broker-key", "KEY", N_ ("the broker's key; takes the place of one that was known"),
     S_BROKER_KEY},
    {0, "trust", NULL, N_ ("believe a broker of which nothing is known, without a question"),
     S_TRUST},
    {0, "key-port", "PORT", N_ ("where the broker tells its key (the port behind its own)"),
     S_KEY_PORT},
    {0, "plain", NULL, N_ ("the connection is not encrypted, and that is meant"), S_PLAIN},
    {0, "invite", "TOKEN", N_ ("an invitation to a broker where not everybody may come"), S_INVITE},
    {0, "pair", "CODE", N_ ("become who has got the code with /pair, on another device"), S_PAIR},
    {0, "json", NULL, N_ ("print everything as JSON, an object a line"), S_JSON},
    {0, "lines", NULL, N_ ("print lines, without a full screen"), S_LINES},
    {0, "theme", "dark|light|none|own", N_ ("colours of the full screen"), S_THEME},
    {'c', "count", "COUNT",
     N_ ("how many messages at most (20); of tail: begin with the last so many"), S_COUNT},
    {0, "before", "ID", N_ ("of history: only messages before this one"), S_BEFORE},
    {0, "since", "ID|TIME", N_ ("of history and tail: begin behind this id, or at this time"),
     S_SINCE},
    {0, "in", "TARGET", N_ ("of search and bot: only in this conversation"), S_IN},
    {0, "whole", NULL, N_ ("of send: all of stdin is one message"), S_WHOLE},
    {0, "wait-delivered", NULL, N_ ("of send: end when a device of TARGET has got it all"), S_WAIT},
    {0, "timeout", "SECONDS",
     N_ ("of send: give up when nothing goes on for so long (30; 0: never)"), S_TIMEOUT},
    {0, NULL, NULL, NULL, 0}};

/*  In the order of zt_subcommand_t. */
#define S_WORD(id, name, arguments, help, options, text) {name, arguments, help},
static const zt_option_word_t s_words[] = {ZT_SUBCOMMANDS (S_WORD){NULL, NULL, NULL}};
#undef S_WORD
#define S_SCOPE(id, name, arguments, help, options, text) {name, options, text},
static const zt_option_scope_t s_scopes[] = {ZT_SUBCOMMANDS (S_SCOPE){NULL, NULL, NULL}};
#undef S_SCOPE

static const char *s_set_endpoint (zt_arguments_t *self, const char *value)
{
    self->is_endpoint_given = true;
    zt_buffer_clear (&self->endpoint);
    return zt_translate (zt_endpoint_parse (zt_bytes (value), &self->endpoint, &self->in_endpoint));
}

#define S_NO_KEY                                                                                   \
    _ ("a key has 40 characters (the shell eats some of them, unless it is in single quotes)")

/*  An invitation, or a code. */
static const char *s_token_wrong (const char *value)
{
    zt_bytes_t token = zt_bytes (value);
    return zt_word_valid (token) && token.size <= ZT_TOKEN_MAX
               ? NULL
               : _ ("this cannot be what you were given");
}

static const char *s_set_target (zt_arguments_t *self, const char *value)
{
    return zt_client_target (zt_bytes (value), self->target);
}

static const char *s_set_number (unsigned long *number, const char *value, unsigned long most)
{
    bool good = zt_options_number (value, 1, most, number);
    return good ? NULL : _ ("it is a number, and 1 or more");
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
static const char *s_too_many (zt_arguments_t *self, const char *first, const char *otherwise)
{
    for (const zt_option_word_t *row = s_words; row->name; row++) {
        size_t most = strlen (row->name) > 4 ? 2 : 1; /* letters that are wrong */
        if (strlen (first) < 3 || (strncmp (row->name, first, strlen (first)) != 0 &&
                                   s_distance (first, row->name) > most))
            continue;
        snprintf (self->hint, sizeof self->hint, _ ("did you mean 'ztalk %s'?"), row->name);
        return self->hint;
    }
    return otherwise;
}

/*  The first word. */
static const char *s_first (zt_arguments_t *self, const char *value)
{
    self->word = value;
    for (size_t i = 0; s_words[i].name; i++)
        if (strcmp (value, s_words[i].name) == 0) {
            self->subcommand = (zt_subcommand_t) i;
            return NULL;
        }
    if (self->has_endpoint)
        return s_too_many (self, value, _ ("the endpoint is given already, with -e"));
    return s_set_endpoint (self, value);
}

/*  A word of a text that need not be quoted. */
static const char *s_add (zt_arguments_t *self, const char *value)
{
    if (self->words.size)
        zt_buffer_put_char (&self->words, ' ');
    zt_buffer_put_string (&self->words, value);
    return NULL;
}

static const char *s_word (zt_arguments_t *self, const char *value)
{
    if (!self->word)
        return s_first (self, value);
    switch (self->subcommand) {
    case ZT_SUB_SEND:
        if (!self->target[0])
            return s_set_target (self, value);
        self->has_text = true;
        return s_add (self, value);
    case ZT_SUB_BOT:
        self->command = zt_realloc (self->command, self->command_count + 2, sizeof (char *));
        self->command[self->command_count++] = value;
        self->command[self->command_count] = NULL;
        return NULL;
    case ZT_SUB_TAIL:
    case ZT_SUB_HISTORY:
        return self->target[0] ? _ ("one target is enough") : s_set_target (self, value);
    case ZT_SUB_SEARCH:
        return s_add (self, value);
    case ZT_NO_SUBCOMMAND:
        return s_too_many (self, self->word, _ ("one endpoint is enough"));
    default:
        return _ ("nothing stands behind this subcommand");
    }
}

static const char *s_option (void *self_, int id, const char *value)
{
    zt_arguments_t *self = self_;
    switch (id) {
    case ZT_WORD:
        return s_word (self, value);
    case S_ENDPOINT:
        self->has_endpoint = true;
        if (self->word && self->subcommand == ZT_NO_SUBCOMMAND)
            return s_too_many (self, self->word, _ ("the endpoint is given already"));
        return s_set_endpoint (self, value);
    case S_NAME:
        self->name = value;
        return zt_arguments_name_wrong (value);
    case S_DEVICE:
        self->device = value;
        return zt_arguments_name_wrong (value);
    case S_JSON:
        self->json = true;
        return NULL;
    case S_COUNT:
        return s_set_number (&self->count, value, S_COUNT_MOST);
    case S_BEFORE:
        return s_set_number (&self->before, value, ULONG_MAX);
    case S_SINCE:
        return zt_since_read (value, zt_clock_now (), &self->since);
    case S_WHOLE:
        self->whole = true;
        return NULL;
    case S_WAIT:
        self->waits = true;
        return NULL;
    case S_TIMEOUT:
        return zt_options_number (value, 0, S_TIMEOUT_MOST, &self->timeout)
                   ? NULL
                   : _ ("it is a number of seconds");
    case S_IN:
        self->in = true;
        return s_set_target (self, value);
    case S_BROKER_KEY:
        return zt_key_read (zt_bytes (value), &self->broker_key) ? NULL : S_NO_KEY;
    case S_TRUST:
        self->trusts = true;
        return NULL;
    case S_KEY_PORT:
        return zt_options_number (value, 1, UINT16_MAX, &self->key_port)
                   ? NULL
                   : _ ("a port is a number from 1 to 65535");
    case S_PLAIN:
        self->plain = true;
        return NULL;
    case S_INVITE:
        self->invite = value;
        return s_token_wrong (value);
    case S_PAIR:
        self->pair = value;
        return s_token_wrong (value);
    case S_LINES:
        self->lines = true;
        return NULL;
    case S_THEME:
        self->theme = value;
        return zt_theme_is_name (zt_bytes (value)) ? NULL
                                                   : _ ("there are dark, light, none and own");
    default:
        return NULL;
    }
}

/*  What is wrong with what is to be sent. */
static const char *s_wrong_send (const zt_arguments_t *self)
{
    if (!self->target[0])
        return _ ("send to whom? a name or a #room is missing");
    if (self->has_text && !self->words.size)
        return _ ("the text is empty");
    if (self->has_text && self->whole)
        return _ ("--whole is for what comes from stdin, and there is a TEXT");
    if (self->waits && self->target[0] == '#')
        return _ ("--wait-delivered is for a person: nobody tells what has reached a room");
    return NULL;
}

static const char *s_wrong_search (const zt_arguments_t *self)
{
    if (!self->words.size)
        return _ ("search for what? a query is missing");
    if (!zt_utf8_valid (zt_buffer_bytes (&self->words)))
        return _ ("the query is not UTF-8");
    return self->words.size > ZT_CLIENT_QUERY_MOST ? _ (ZT_CLIENT_QUERY_TOO_LONG) : NULL;
}

/*  What is wrong with the words and options together; NULL if nothing is. */
static const char *s_wrong_together (zt_arguments_t *self)
{
    bool has_key = self->broker_key.text[0] || self->in_endpoint.text[0];
    if (self->plain && has_key)
        return _ ("with --plain there is no key");
    if (self->broker_key.text[0] && self->endpoint.size &&
        !zt_endpoint_is_tcp (zt_buffer_string (&self->endpoint)))
        return _ ("a key is for an address that begins with tcp://");
    if (self->subcommand == ZT_SUB_BOT && !self->command)
        return _ ("which command is to answer? it stands behind --");
    if (self->subcommand == ZT_SUB_BOT && (self->json || self->lines || self->theme))
        return _ ("a bot has JSON and no screen: --json, --lines and --theme are not for it");
    if (self->subcommand == ZT_SUB_BOT && !self->name)
        return _ ("who is the bot? -n NAME says so: it would answer in your name");
    if (self->subcommand == ZT_SUB_SEND)
        return s_wrong_send (self);
    if (self->subcommand == ZT_SUB_HISTORY && !self->target[0])
        return _ ("whose history? a name or a #room is missing");
    bool has_since = self->since.id || self->since.time;
    if (self->subcommand == ZT_SUB_TAIL && has_since && self->count)
        return _ ("--since and --count both say where tail begins");
    return self->subcommand == ZT_SUB_SEARCH ? s_wrong_search (self) : NULL;
}

/*  What can be typed, for --help. */
static void s_epilogue (zt_buffer_t *text)
{
    zt_buffer_put_string (text, _ ("Text that is typed goes to the open conversation, which is "
                                   "#general at first.\n//x sends /x. Commands:\n\n"));
    for (unsigned id = 0; id < ZT_COMMAND_COUNT; id++) {
        zt_buffer_put_string (text, "  ");
        zt_command_help ((zt_command_id_t) id, text);
        zt_buffer_put_char (text, '\n');
    }
}

static const char *s_environment (const char *name)
{
    const char *value = getenv (name);
    return value && *value ? value : NULL;
}

static bool s_usage (const char *what, const char *why, int *status)
{
    fprintf (stderr, "ztalk: %s: %s\n", what, why);
    *status = ZT_EXIT_USAGE;
    return false;
}

bool zt_arguments_read (zt_arguments_t *self, int argc, char **argv, int *status)
{
    self->subcommand = ZT_NO_SUBCOMMAND;
    self->timeout = ULONG_MAX;
    self->name = s_environment ("ZTALK_NAME");
    const char *endpoint = s_environment ("ZTALK_ENDPOINT");
    const char *wrong = s_set_endpoint (self, endpoint ? endpoint : "127.0.0.1");
    self->is_endpoint_given = endpoint != NULL;
    zt_buffer_t epilogue = {NULL, 0, 0};
    s_epilogue (&epilogue);
    const zt_command_t command = {.program = "ztalk",
                                  .usage = "[OPTIONS] [ENDPOINT | SUBCOMMAND ...]",
                                  .summary = N_ ("the console client of a messenger on ZeroMQ"),
                                  .options = s_options,
                                  .epilogue = zt_buffer_string (&epilogue),
                                  .words_title = N_ ("Instead of an endpoint"),
                                  .words = s_words,
                                  .scopes = s_scopes};
    bool go_on = zt_options_parse (&command, argc, argv, s_option, self, status);
    zt_buffer_free (&epilogue);
    if (!go_on)
        return false;
    const char *together = s_wrong_together (self);
    if (together) {
        bool is_alone = self->subcommand == ZT_NO_SUBCOMMAND;
        char see[64];
        snprintf (see, sizeof see, _ ("see ztalk%s%s --help"), is_alone ? "" : " ",
                  is_alone ? "" : s_words[self->subcommand].name);
        return s_usage (together, see, status);
    }
    if (self->name && zt_arguments_name_wrong (self->name))
        return s_usage (self->name, zt_arguments_name_wrong (self->name), status);
    return self->endpoint.size || s_usage (endpoint, wrong, status);
}

void zt_arguments_free (zt_arguments_t *self)
{
    zt_buffer_free (&self->endpoint);
    zt_buffer_free (&self->words);
    free (self->command);
}

const char *zt_arguments_name_wrong (const char *name)
{
    zt_folded_t folded;
    return zt_translate (zt_name_fold (zt_bytes (name), &folded));
}
