/*  SPDX-License-Identifier: MPL-2.0

    zt_config - what can be configured, in one table

    The reading of the file, the check of the man page and that of the example come
    from it. */

#ifndef ZT_CONFIG_H
#define ZT_CONFIG_H

#include "broker/core.h"
#include "broker/logger.h"
#include "common/buffer.h"
#include "common/limits.h"

/*  sync: what a message that was acknowledged survives. The order is that of its words
    in the table, as it is for registration (core.h), and for the log (level.h, logger.h). */
typedef enum { ZT_SYNC_POWER, ZT_SYNC_PROCESS } zt_sync_t;

/*    enum       section  name         words or range              default      what it is */
#define ZT_CONFIG_KEYS(X)                                                                          \
    X (SYNC, "store", "sync", "power process", 0, 1, ZT_SYNC_POWER,                                \
       "what a message survives when its sender is told that it is stored: a power cut, or only "  \
       "the end of the process (which is faster)")                                                 \
    X (KEEP_DAYS, "store", "keep_days", NULL, 0, 36500, 0,                                         \
       "for how many days a message is kept on disk; 0: for ever")                                 \
    X (KEEP_MB, "store", "keep_mb", NULL, 0, 1048576, 0,                                           \
       "how many MiB of the newest messages are kept, about; 0: all of them, or 256 in memory")    \
    X (REPLAY, "store", "replay", NULL, 1, 1000000, ZT_REPLAY,                                     \
       "how many of the messages that a device has missed it is sent; it is told how many were "   \
       "left out")                                                                                 \
    X (REGISTRATION, "access", "registration", "open invite closed", 0, 2, ZT_REGISTRATION_OPEN,   \
       "who may take a new name: everybody, who has an invitation, or nobody")                     \
    X (ANNOUNCE, "announce", "lan", "no yes", 0, 1, 1,                                             \
       "whether clients that ask the network for brokers are answered, over UDP port 5555")        \
    X (HTTP_PORT, "http", "port", NULL, 0, 65535, 0,                                               \
       "on which port of this machine what the broker counts is told over HTTP; 0: on none")       \
    X (LOG_LEVEL, "log", "level", "error warning notice info debug", 0, 4, ZT_LEVEL_INFO,          \
       "the least important lines that are logged: who comes and goes is info")                    \
    X (LOG_FORMAT, "log", "format", "text json", 0, 1, ZT_LOG_TEXT,                                \
       "whether the log is written for people, or as an object of JSON a line")                    \
    X (MESSAGES_PER_S, "limits", "messages_per_s", NULL, 0, 10000000, ZT_MESSAGES_PER_S,           \
       "how many messages a user may send a second, for long; 0: as many as they like")            \
    X (MESSAGES_BURST, "limits", "messages_burst", NULL, 1, 1000000, ZT_MESSAGES_BURST,            \
       "how many they may send at once, when they have been quiet before")                         \
    X (CONNECTIONS_PER_S, "limits", "connections_per_s", NULL, 0, 1000000, ZT_CONNECTIONS_PER_S,   \
       "how many connections an address may open a second, for long; 0: as many as it likes")      \
    X (CONNECTIONS_BURST, "limits", "connections_burst", NULL, 1, 1000000, ZT_CONNECTIONS_BURST,   \
       "how many it may open at once, when it has been quiet before")                              \
    X (PEERS_MB, "limits", "peers_mb", NULL, 16, 1048576, ZT_PEERS_MB,                             \
       "how many MiB all connections together may make the broker hold that they have not read, "  \
       "or not sent to the end")

#define S_ENUM(name, section, key, words, least, most, otherwise, what) ZT_CONFIG_##name,
typedef enum { ZT_CONFIG_KEYS (S_ENUM) ZT_CONFIG_COUNT } zt_config_key_t;
#undef S_ENUM

typedef struct {
    const char *section;
    const char *name;
    const char *words; /* that it may be, with a space between them; NULL: it is a number */
    uint64_t least;    /* of a number, or of a word's place */
    uint64_t most;
    uint64_t otherwise; /* the default */
    const char *what;   /* it is, without a final stop */
} zt_config_row_t;

const zt_config_row_t *zt_config_row (zt_config_key_t key);

/*  A word's value is its place, from 0. */
typedef struct {
    uint64_t value[ZT_CONFIG_COUNT];
} zt_config_t;

/*  All as it is by default. */
zt_config_t zt_config_default (void);

/*  Sets a value, as it is written in the file. Returns false if it cannot be that: then
    what it can be has been appended to wrong, and nothing is changed. */
bool zt_config_set (zt_config_t *self, zt_config_key_t key, zt_bytes_t value, zt_buffer_t *wrong);

/*  Appends a value as it is written, and what it may be: "power or process", "0 to 9". */
void zt_config_put_value (zt_config_key_t key, uint64_t value, zt_buffer_t *text);
void zt_config_put_range (zt_config_key_t key, zt_buffer_t *text);

/*  Sets a value that is given as "section/key=value". Returns false with a sentence in wrong;
    nothing is changed then. */
bool zt_config_set_named (zt_config_t *self, zt_bytes_t assignment, zt_buffer_t *wrong);

/*  Takes what the text of a file says. Returns false with a sentence in wrong that begins
    with the name of the file and the line; self is then as it was. */
bool zt_config_read (zt_config_t *self, zt_bytes_t text, const char *file, zt_buffer_t *wrong);

/*  Reads the file, and takes what it says. As zt_config_read. */
bool zt_config_load (zt_config_t *self, const char *file, zt_buffer_t *wrong);

#endif
