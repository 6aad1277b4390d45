/*  SPDX-License-Identifier: MPL-2.0

    zt_console - what the operator types, in one table */

#ifndef ZT_CONSOLE_H
#define ZT_CONSOLE_H

#include "common/bytes.h"

/*    enum    typed     arguments  what it does */
#define ZT_CONSOLE_COMMANDS(X)                                                                     \
    X (USERS, "users", "", "who is online: device, address, since when, how far behind")           \
    X (KICK, "kick", "NAME", "end the sessions of a user")                                         \
    X (KEYS, "keys", "NAME", "the keys that a name belongs to, with their fingerprints")           \
    X (INVITE, "invite", "NAME", "make an invitation: who uses it first owns the name")            \
    X (ADMIT, "admit", "NAME KEY", "let a name belong to a key, which 'ztalk key' tells")          \
    X (REVOKE, "revoke", "NAME KEY", "let a name belong to a key no more: a device that was lost") \
    X (BAN, "ban", "WHO", "end and refuse a user's keys, a key, an address or 192.0.2.0/24")       \
    X (UNBAN, "unban", "WHO", "let them in again")                                                 \
    X (BANS, "bans", "", "who is banned")                                                          \
    X (KEY, "key", "", "the broker's own key, and its fingerprint")                                \
    X (HELP, "help", "", "this list")                                                              \
    X (EXIT, "exit", "", "tell everybody, and end the broker")

#define S_ENUM(name, typed, argument, what) ZT_CONSOLE_##name,
typedef enum { ZT_CONSOLE_COMMANDS (S_ENUM) ZT_CONSOLE_COUNT } zt_console_verb_t;
#undef S_ENUM

typedef struct {
    const char *typed;
    const char *arguments; /* what they are called, with a space between them, or "" */
    const char *what;
} zt_console_row_t;

const zt_console_row_t *zt_console_row (zt_console_verb_t verb);

/*  Reads a line, without its LF. Returns the verb with its arguments, views into
    the line; or ZT_CONSOLE_COUNT: then *wrong is a static sentence, or NULL for
    a line without anything in it. */
enum { ZT_CONSOLE_ARGUMENTS = 2 };
zt_console_verb_t zt_console_parse (zt_bytes_t line, zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS],
                                    const char **wrong);

#endif
