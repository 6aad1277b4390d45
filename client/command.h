/*  SPDX-License-Identifier: MPL-2.0

    zt_command - what can be typed, in one table

    /help, the completion of prefixes, the dispatch, the end of --help and the
    check of the man page are all made from it. */

#ifndef ZT_CLIENT_COMMAND_H
#define ZT_CLIENT_COMMAND_H

#include "common/buffer.h"
#include "common/translate.h"

/*    enum     name       arguments             what it does */
#define ZT_COMMANDS(X)                                                                             \
    X (MSG, "msg", "NAME TEXT", N_ ("send a private message"))                                     \
    X (TO, "to", "[TARGET]", N_ ("open a conversation: NAME or #room; alone, tell which is open")) \
    X (WHO, "who", "", N_ ("tell who is online"))                                                  \
    X (HISTORY, "history", "[TARGET] [COUNT]",                                                     \
       N_ ("show older messages of a conversation; typed again, still older ones"))                \
    X (SEARCH, "search", "QUERY", N_ ("find messages by the beginnings of their words"))           \
    X (JOIN, "join", "#ROOM", N_ ("enter a room, and open it"))                                    \
    X (LEAVE, "leave", "[#ROOM]",                                                                  \
       N_ ("leave a room, the open one if none is named; an empty one is gone"))                   \
    X (PAIR, "pair", "", N_ ("get a code with which another device becomes you, too"))             \
    X (QUIET, "quiet", "[TARGET]", N_ ("full screen: let a conversation call no more, or again"))  \
    X (CLOSE, "close", "[TARGET]",                                                                 \
       N_ ("full screen: take a conversation off the list, but no room that you are in"))          \
    X (THEME, "theme", "NAME",                                                                     \
       N_ ("full screen: colours for a dark or a light terminal, or none"))                        \
    X (HELP, "help", "", N_ ("list what can be typed"))                                            \
    X (EXIT, "exit", "", N_ ("end, when all that was typed has been sent"))

#define S_ENUM(id, name, arguments, help) ZT_COMMAND_##id,
typedef enum { ZT_COMMANDS (S_ENUM) ZT_COMMAND_COUNT } zt_command_id_t;
#undef S_ENUM

/*  The row of a command; all static. */
typedef struct {
    const char *name;      /* without the slash */
    const char *arguments; /* "" if it takes none; [] may be left out */
    const char *help;      /* one line */
} zt_command_row_t;

const zt_command_row_t *zt_command_row (zt_command_id_t id);

/*  Finds the command that word (without the slash) is the name, or the beginning
    of the name, of. Returns how many it could be; *id is the first of them, and
    with 1 the one that is meant. A whole name is always meant itself. */
size_t zt_command_find (zt_bytes_t word, zt_command_id_t *id);

/*  Appends the commands that word can become, as "/help, /history". */
void zt_command_candidates (zt_bytes_t word, zt_buffer_t *buffer);

/*  Appends a line of help for a command: "/to [TARGET]   open a ...", without LF. */
void zt_command_help (zt_command_id_t id, zt_buffer_t *buffer);

#endif
