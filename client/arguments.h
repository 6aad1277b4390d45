/*  SPDX-License-Identifier: MPL-2.0

    zt_arguments - what the command line and the environment ask the client for */

#ifndef ZT_CLIENT_ARGUMENTS_H
#define ZT_CLIENT_ARGUMENTS_H

#include "client/core.h"
#include "common/key.h"

#include <stdint.h>

/*  The subcommands, by the first word; anything else that stands there is an endpoint. In one
    table: the enum, what can stand behind it, one line of help, the options that are for it
    alone (or for the others that name them), and what its own help tells beside. */
#define ZT_SUBCOMMANDS(X)                                                                          \
    X (SEND, "send", "TARGET [TEXT]", N_ ("send a message, or each line of stdin"),                \
       "whole wait-delivered timeout",                                                             \
       N_ ("TARGET is a name, @name or #room. Without TEXT each line of stdin is a message;\n"     \
           "empty lines are not sent. It ends with 0 when all is stored by the broker, once,\n"    \
           "whatever breaks between. At a line that cannot be sent it ends, and tells which.\n"))  \
    X (TAIL, "tail", "[TARGET]", N_ ("print messages as they come"), "count since",                \
       N_ ("Of TARGET (a name, @name or #room), or of all that you may read. It goes on after\n"   \
           "the broker was away, where it was. --since takes an id, a time (2026-11-24,\n"         \
           "2026-11-24T18:30, with Z or +02:00), or how long ago (10m, 2h, 1d).\n"))               \
    X (WHO, "who", "", N_ ("print who is online, a name a line"), "", NULL)                        \
    X (ROOMS, "rooms", "",                                                                         \
       N_ ("print which rooms there are, how many are in each, and which you are in"), "", NULL)   \
    X (HISTORY, "history", "TARGET", N_ ("print older messages, and end"), "count before since",   \
       N_ ("TARGET is a name, @name or #room. With --since all from there on are printed, if\n"    \
           "--count does not say otherwise; it takes what it takes for 'ztalk tail'.\n"))          \
    X (SEARCH, "search", "QUERY", N_ ("print messages that contain the query, and end"),           \
       "count in", NULL)                                                                           \
    X (SHOW_KEY, "key", "", N_ ("print the key of this installation, and end"), "", NULL)          \
    X (FIND, "find", "",                                                                           \
       N_ ("print the brokers of this network, and those that are known, and end"), "", NULL)      \
    X (BOT, "bot", "-- COMMAND", N_ ("run a command that answers messages, in JSON"), "in",        \
       N_ ("It reads a line for each message: "                                                    \
           "{\"id\":...,\"time\":...,\"from\":...,\"to\":...,\"text\":...,\n"                      \
           "\"body\":{...}}, and prints a line for each: {\"re\":ID,\"text\":TEXT} answers it, "   \
           "and\n"                                                                                 \
           "{\"re\":ID,\"decline\":true} does not; {\"to\":TARGET,\"text\":TEXT} says something\n" \
           "unasked. -n NAME has to be given; the device is \"bot\". BOTS in the man page tells\n" \
           "what holds when something is killed.\n"))

#define S_ENUM(id, name, arguments, help, options, text) ZT_SUB_##id,
typedef enum { ZT_SUBCOMMANDS (S_ENUM) ZT_NO_SUBCOMMAND } zt_subcommand_t;
#undef S_ENUM

/*  Strings are those of argv and the environment, or static. */
typedef struct {
    zt_buffer_t endpoint;      /* of zt_endpoint_parse */
    bool is_endpoint_given;    /* else it is the usual one */
    zt_key_t in_endpoint;      /* the key that it carries, or empty */
    zt_key_t broker_key;       /* -k, or empty */
    unsigned long key_port;    /* 0: not given */
    const char *name;          /* NULL: not given */
    const char *device;        /* NULL: not given */
    const char *invite, *pair; /* NULL: not given */
    const char *theme;         /* NULL: not given */
    bool json, lines, plain, trusts;
    zt_subcommand_t subcommand;
    char target[ZT_TARGET_SIZE]; /* of send, tail and history, or of --in; or empty */
    zt_buffer_t words;           /* the query of search, or the text of send */
    bool has_text;               /* of send */
    const char **command;        /* of bot: ends with NULL; or NULL */
    size_t command_count;
    unsigned long count, before; /* 0: not given */
    zt_since_t since;
    bool whole, waits;
    unsigned long timeout; /* in s; ULONG_MAX: not given, 0: for ever */

    const char *word;  /* the first one, or NULL */
    char hint[128];    /* a sentence that was made of it */
    bool has_endpoint; /* -e is given */
    bool in;           /* --in is given */
} zt_arguments_t;

/*  Reads them; self is zeroed memory. Returns true when the program is to go on; else *status
    is what it is to exit with, and what was wrong has been printed. Call zt_arguments_free in
    any case. */
bool zt_arguments_read (zt_arguments_t *self, int argc, char **argv, int *status);

void zt_arguments_free (zt_arguments_t *self);

/*  What is wrong with a name that was typed: NULL, or a static sentence. */
const char *zt_arguments_name_wrong (const char *name);

#endif
