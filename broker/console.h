/*  SPDX-License-Identifier: MPL-2.0

    zt_console - what the operator types, in one table */

#ifndef ZT_CONSOLE_H
#define ZT_CONSOLE_H

#include "common/bytes.h"

/*    enum    typed     argument  what it does */
#define ZT_CONSOLE_COMMANDS(X)                                                                     \
    X (USERS, "users", "", "who is online: device, address, since when, how far behind")           \
    X (KICK, "kick", "NAME", "end the sessions of a user")                                         \
    X (HELP, "help", "", "this list")                                                              \
    X (EXIT, "exit", "", "tell everybody, and end the broker")

#define S_ENUM(name, typed, argument, what) ZT_CONSOLE_##name,
typedef enum { ZT_CONSOLE_COMMANDS (S_ENUM) ZT_CONSOLE_COUNT } zt_console_verb_t;
#undef S_ENUM

typedef struct {
    const char *typed;
    const char *argument; /* what it is called, or "" */
    const char *what;
} zt_console_row_t;

const zt_console_row_t *zt_console_row (zt_console_verb_t verb);

/*  Reads a line, without its LF. Returns the verb with its argument, a view into
    the line; or ZT_CONSOLE_COUNT: then *wrong is a static sentence, or NULL for
    a line without anything in it. */
zt_console_verb_t zt_console_parse (zt_bytes_t line, zt_bytes_t *argument, const char **wrong);

#endif
