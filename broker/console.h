/*  SPDX-License-Identifier: MPL-2.0

    zt_console - what the operator can say, in one table

    The broker's console and ztalk-ctl read the same lines. */

#ifndef ZT_CONSOLE_H
#define ZT_CONSOLE_H

#include "common/buffer.h"

/*  The bytes of a line, at most. */
enum { ZT_CONSOLE_LINE_MAX = 8192 };

/*  Arguments stand there as they are called, with a space between them; those in brackets may be
    left out, and TEXT and FILE take all the rest of the line, spaces and all. What is QUIET is
    not told to the audit log: it changes nothing, and tells nothing about anybody, or of a few
    that they are behind. What WAITS is not done at once, but when the disk has done its part.

         enum      typed       arguments       quiet  waits  what it does */
#define ZT_CONSOLE_COMMANDS(X)                                                                     \
    X (STATUS, "status", "", false, false,                                                         \
       "how the broker is: since when, where, how many are here")                                  \
    X (STATS, "stats", "", true, false,                                                            \
       "what the broker counts and measures, and who is most behind")                              \
    X (USERS, "users", "", false, false,                                                           \
       "who is online: device, address, since when, how far behind")                               \
    X (KICK, "kick", "NAME", false, false, "end the sessions of a user")                           \
    X (KEYS, "keys", "NAME", false, false,                                                         \
       "the keys that a name belongs to, with their fingerprints")                                 \
    X (INVITE, "invite", "NAME", false, true,                                                      \
       "make an invitation: who uses it first owns the name")                                      \
    X (ADMIT, "admit", "NAME KEY", false, true,                                                    \
       "let a name belong to a key, which 'ztalk key' tells")                                      \
    X (REVOKE, "revoke", "NAME KEY", false, true,                                                  \
       "let a name belong to a key no more: a device that was lost")                               \
    X (BAN, "ban", "WHO", false, false,                                                            \
       "end and refuse a user's keys, a key, an address or 192.0.2.0/24")                          \
    X (UNBAN, "unban", "WHO", false, false, "let them in again")                                   \
    X (BANS, "bans", "", false, false, "who is banned")                                            \
    X (MUTE, "mute", "NAME [TIME]", false, false,                                                  \
       "refuse what a user writes, for 10m, 2h, 3d or until they are let write again")             \
    X (UNMUTE, "unmute", "NAME", false, false, "let them write again")                             \
    X (MUTES, "mutes", "", false, false, "who is muted, and until when")                           \
    X (MOTD, "motd", "[TEXT]", false, false,                                                       \
       "the word to everybody who connects: tell or change it")                                    \
    X (SAY, "say", "TEXT", false, true, "say something to #general, in the broker's name")         \
    X (BACKUP, "backup", "FILE", false, true,                                                      \
       "copy what is kept to a new file, while the broker runs")                                   \
    X (RELOAD, "reload", "", false, false,                                                         \
       "read the configuration, bans and mutes again; nobody is disconnected")                     \
    X (KEY, "key", "", true, false, "the broker's own key, and its fingerprint")                   \
    X (SHUTDOWN, "shutdown", "", false, false, "tell everybody, and end the broker")               \
    X (EXIT, "exit", "", false, false, "the same")                                                 \
    X (HELP, "help", "", true, false, "this list")

#define S_ENUM(name, typed, argument, quiet, waits, what) ZT_CONSOLE_##name,
typedef enum { ZT_CONSOLE_COMMANDS (S_ENUM) ZT_CONSOLE_COUNT } zt_console_verb_t;
#undef S_ENUM

typedef struct {
    const char *typed;
    const char *arguments;
    bool is_quiet;
    bool waits;
    const char *what;
} zt_console_row_t;

const zt_console_row_t *zt_console_row (zt_console_verb_t verb);

/*  Appends a line of the list of commands, without its LF. */
void zt_console_put_line (zt_buffer_t *text, const char *typed, const char *arguments,
                          const char *what);

/*  Reads a line, without its LF. Returns the verb with its arguments, views into
    the line, empty where they were left out; or ZT_CONSOLE_COUNT: then *wrong is a static
    sentence, or NULL for a line without anything in it. */
enum { ZT_CONSOLE_ARGUMENTS = 2 };
zt_console_verb_t zt_console_parse (zt_bytes_t line, zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS],
                                    const char **wrong);

#endif
