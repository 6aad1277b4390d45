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

/*  When what the file says counts: at once, when it is read again; or when the broker is started.
 */
typedef enum { ZT_CONFIG_NOW, ZT_CONFIG_START } zt_config_when_t;

/*  A number has a range, a word is one of several, a text has a form.

     X:  enum, section, name, words (NULL: it is a number), least, most, default, when, what it is
     T:  enum, section, name, form, default, when, what it is */
#define ZT_CONFIG_KEYS(X, T)                                                                       \
    T (ENDPOINT, "listen", "endpoint", ENDPOINTS, "tcp://*:5555", START,                           \
       "where to listen; a line for each. With plain = local it is "                               \
       "tcp://127.0.0.1:5555 when none is there")                                                  \
    X (PLAIN, "listen", "plain", "no local anywhere", 0, 2, 0, START,                              \
       "whether nothing is encrypted, on this machine or anywhere")                                \
    X (KEY_SERVICE, "listen", "key_service", "no yes", 0, 1, 1, START,                             \
       "whether the public key is told to who asks, beside each endpoint of tcp")                  \
    X (KEY_PORT, "listen", "key_port", NULL, 0, 65535, 0, START,                                   \
       "on which port; 0: on the next one after that of each")                                     \
    T (DIRECTORY, "store", "directory", PATH, "", START,                                           \
       "where messages, the broker's key and the like are kept; none: in the usual place")         \
    X (EPHEMERAL, "store", "ephemeral", "no yes", 0, 1, 0, START,                                  \
       "whether messages are kept in memory, and forgotten at the end")                            \
    X (SYNC, "store", "sync", "power process", 0, 1, ZT_SYNC_POWER, START,                         \
       "what a message survives when its sender is told that it is stored: a power cut, or only "  \
       "the end of the process (which is faster)")                                                 \
    X (KEEP_DAYS, "store", "keep_days", NULL, 0, 36500, 0, START,                                  \
       "for how many days a message is kept on disk; 0: for ever")                                 \
    X (KEEP_MB, "store", "keep_mb", NULL, 0, 1048576, 0, START,                                    \
       "how many MiB of the newest messages are kept, about; 0: all of them, or 256 in memory")    \
    X (REPLAY, "store", "replay", NULL, 1, 1000000, ZT_REPLAY, NOW,                                \
       "how many of the messages that a device has missed it is sent; it is told how many were "   \
       "left out")                                                                                 \
    X (REGISTRATION, "access", "registration", "open invite closed", 0, 2, ZT_REGISTRATION_OPEN,   \
       NOW, "who may take a new name: everybody, who has an invitation, or nobody")                \
    T (MOTD, "access", "motd", MOTD, "", NOW, "a word to everybody who connects")                  \
    T (SAY_AS, "access", "say_as", NAME, "broker", START,                                          \
       "the name that the broker itself speaks as, and nobody can take")                           \
    X (ANNOUNCE, "announce", "lan", "no yes", 0, 1, 1, START,                                      \
       "whether clients that ask the network for brokers are answered, over UDP port 5555")        \
    T (INTERFACES, "announce", "interfaces", INTERFACES, "", START,                                \
       "on which interfaces they are answered, such as eth0,wlan0; none: on all")                  \
    T (ANNOUNCE_AS, "announce", "name", ANNOUNCED, "", START,                                      \
       "what the broker calls itself to them; none: the host's name")                              \
    X (HTTP_PORT, "http", "port", NULL, 0, 65535, 0, START,                                        \
       "on which port what the broker counts is told over HTTP; 0: on none")                       \
    T (HTTP_ADDRESS, "http", "address", ADDRESS, "127.0.0.1", START,                               \
       "the address of it: who gets there may read how much is said")                              \
    X (LOG_LEVEL, "log", "level", "error warning notice info debug", 0, 4, ZT_LEVEL_INFO, NOW,     \
       "the least important lines that are logged: who comes and goes is info")                    \
    X (LOG_FORMAT, "log", "format", "text json", 0, 1, ZT_LOG_TEXT, START,                         \
       "whether the log is written for people, or as an object of JSON a line")                    \
    X (CONSOLE, "operators", "console", "terminal yes no", 0, 2, 0, START,                         \
       "whether commands are read from stdin: if it is a terminal, always or never")               \
    T (CONTROL, "operators", "control", PATH, "", START,                                           \
       "the socket of ztalk-ctl; none: control in the directory; or no: there is not one")         \
    X (MESSAGES_PER_S, "limits", "messages_per_s", NULL, 0, 10000000, ZT_MESSAGES_PER_S, NOW,      \
       "how many messages a user may send a second, for long; 0: as many as they like")            \
    X (MESSAGES_BURST, "limits", "messages_burst", NULL, 1, 1000000, ZT_MESSAGES_BURST, NOW,       \
       "how many they may send at once, when they have been quiet before")                         \
    X (CONNECTIONS_PER_S, "limits", "connections_per_s", NULL, 0, 1000000, ZT_CONNECTIONS_PER_S,   \
       NOW, "how many connections an address may open a second, for long; 0: as many as it likes") \
    X (CONNECTIONS_BURST, "limits", "connections_burst", NULL, 1, 1000000, ZT_CONNECTIONS_BURST,   \
       NOW, "how many it may open at once, when it has been quiet before")                         \
    X (PEERS_MB, "limits", "peers_mb", NULL, 16, 1048576, ZT_PEERS_MB, NOW,                        \
       "how many MiB all connections together may make the broker hold that they have not read, "  \
       "or not sent to the end")

#define S_NUMBER(name, section, key, words, least, most, otherwise, when, what) ZT_CONFIG_##name,
#define S_TEXT(name, section, key, form, otherwise, when, what)                 ZT_CONFIG_##name,
typedef enum { ZT_CONFIG_KEYS (S_NUMBER, S_TEXT) ZT_CONFIG_COUNT } zt_config_key_t;
#undef S_NUMBER
#undef S_TEXT

/*  The same for texts alone: where they stand in zt_config_t. */
#define S_NUMBER(name, section, key, words, least, most, otherwise, when, what)
#define S_TEXT(name, section, key, form, otherwise, when, what) ZT_CONFIG_TEXT_##name,
typedef enum { ZT_CONFIG_KEYS (S_NUMBER, S_TEXT) ZT_CONFIG_TEXTS } zt_config_text_t;
#undef S_NUMBER
#undef S_TEXT

typedef enum {
    ZT_FORM_NUMBER, /* or a word, which is one, too */
    ZT_FORM_MOTD,
    ZT_FORM_NAME,
    ZT_FORM_PATH,
    ZT_FORM_INTERFACES,
    ZT_FORM_ANNOUNCED,
    ZT_FORM_ADDRESS,
    ZT_FORM_ENDPOINTS /* several, with a LF between them */
} zt_config_form_t;

typedef struct {
    const char *section;
    const char *name;
    zt_config_form_t form;
    const char *words; /* that it may be, with a space between them */
    uint64_t least;    /* of a number, or of a word's place */
    uint64_t most;
    uint64_t otherwise;         /* the default */
    zt_config_text_t place;     /* of a text */
    const char *otherwise_text; /* its default */
    zt_config_when_t when;
    const char *what; /* it is, without a final stop */
} zt_config_row_t;

const zt_config_row_t *zt_config_row (zt_config_key_t key);

/*  A word's value is its place, from 0; texts end with a NUL. It can be copied. */
enum { ZT_CONFIG_TEXT_SIZE = 2048 };
typedef struct {
    uint64_t value[ZT_CONFIG_COUNT];
    char text[ZT_CONFIG_TEXTS][ZT_CONFIG_TEXT_SIZE];
    bool is_set[ZT_CONFIG_COUNT];    /* by somebody, to whatever */
    unsigned line[ZT_CONFIG_COUNT];  /* of the file, that says so last; 0: it does not */
    bool overrides[ZT_CONFIG_COUNT]; /* the command line says this, and the file something else */
} zt_config_t;

/*  All as it is by default. */
zt_config_t zt_config_default (void);

/*  A text; it lives as long as self. */
const char *zt_config_text (const zt_config_t *self, zt_config_key_t key);

/*  Sets a value, as it is written in the file; where there may be several, adds one, but the first
    takes the place of the default. Returns false if it cannot be that: then
    what it can be has been appended to wrong, and nothing is changed. */
bool zt_config_set (zt_config_t *self, zt_config_key_t key, zt_bytes_t value, zt_buffer_t *wrong);

/*  Appends a value as it is written, texts in quotes; and what it may be: "power or process", "0 to
    9". */
void zt_config_put (const zt_config_t *self, zt_config_key_t key, zt_buffer_t *text);
void zt_config_put_range (zt_config_key_t key, zt_buffer_t *text);

/*  Sets a value that is given as "section/key=value". Returns false with a sentence in wrong;
    nothing is changed then. */
bool zt_config_set_named (zt_config_t *self, zt_bytes_t assignment, zt_buffer_t *wrong);

/*  Takes what the text of a file says. Returns false with a sentence in wrong that begins
    with the name of the file and the line; self is then as it was. */
bool zt_config_read (zt_config_t *self, zt_bytes_t text, const char *file, zt_buffer_t *wrong);

/*  Takes what the other one has there. */
void zt_config_take (zt_config_t *self, const zt_config_t *other, zt_config_key_t key);

/*  Are the two the same there? */
bool zt_config_is_same (const zt_config_t *one, const zt_config_t *other, zt_config_key_t key);

/*  Where a configuration comes from: a file, NULL if there is none, and what the command line says,
    which goes before it: section/key=value, a NUL behind each. All of it is borrowed. */
typedef struct {
    const char *file;
    zt_bytes_t line;
} zt_config_source_t;

/*  All that they say together, and the default for the rest. False with a sentence in wrong; *self
   is then as it was. */
bool zt_config_gather (zt_config_t *self, const zt_config_source_t *source, zt_buffer_t *wrong);

/*  Reads the file, and takes what it says. As zt_config_read. */
bool zt_config_load (zt_config_t *self, const char *file, zt_buffer_t *wrong);

#endif
