/*  SPDX-License-Identifier: MPL-2.0

    zt_verb - the verbs of ZTALK/1, in one table

    The enum, the names, the checks that the decoder makes, the broker's and the
    client's dispatch, the fuzz dictionary and the check of PROTOCOL.md are all
    made from it. The grammar of the fields, one letter each:

        u   a decimal, unsigned 64 bit number: "0", or digits without a leading 0
        w   a word: UTF-8 without spaces and controls

    A verb with a body has one field more, the body's length; the decoder eats it. */

#ifndef ZT_VERB_H
#define ZT_VERB_H

#include "common/bytes.h"
#include "common/translate.h"

/*    enum      verb        fields  body   what it is for */
#define ZT_CLIENT_VERBS(X)                                                                         \
    X (SEND, "SEND", "uw", true, "ref target: append a message to the log")                        \
    X (ACK, "ACK", "u", false, "id: all up to id has arrived")                                     \
    X (PING, "PING", "w", false, "token: a sign of life that is answered")                         \
    X (HELLO, "HELLO", "ww", true, "version name: begins a session")                               \
    X (WHO, "WHO", "u", false, "ref: who is online")                                               \
    X (HISTORY, "HISTORY", "uwuu", false, "ref target before count: older messages")               \
    X (SEARCH, "SEARCH", "uwu", true, "ref target count: messages with the words of the query")    \
    X (JOIN, "JOIN", "uw", false, "ref room: enter a room")                                        \
    X (LEAVE, "LEAVE", "uw", false, "ref room: leave a room")                                      \
    X (ROOMS, "ROOMS", "uw", false, "ref after: which rooms there are, behind this one")           \
    X (PAIR, "PAIR", "u", false, "ref: a code with which another device joins the user")           \
    X (BYE, "BYE", "", false, "ends the session in order")

#define ZT_BROKER_VERBS(X)                                                                         \
    X (MSG, "MSG", "uuww", true, "id time from target: a message")                                 \
    X (SENT, "SENT", "uuu", false, "ref id time: the message is stored")                           \
    X (PONG, "PONG", "w", false, "token: the answer to PING")                                      \
    X (WELCOME, "WELCOME", "wu", true, "name time: the session has begun")                         \
    X (RECEIPT, "RECEIPT", "uw", false, "id name: your messages up to id have reached name")       \
    X (PRESENCE, "PRESENCE", "u", true, "time: who came and who went")                             \
    X (RESULT, "RESULT", "u", true, "ref: the answer to a request")                                \
    X (GAP, "GAP", "uuu", false, "from to count: messages that are not replayed")                  \
    X (ERROR, "ERROR", "ww", true, "ref code: why something was not done")                         \
    X (GOODBYE, "BYE", "w", false, "reason: the broker ends the session")

#define S_ENUM(name, verb, fields, body, what) ZT_VERB_##name,
typedef enum {
    ZT_CLIENT_VERBS (S_ENUM) ZT_CLIENT_VERBS_END,
    ZT_BROKER_VERBS_BEGIN = ZT_CLIENT_VERBS_END - 1,
    ZT_BROKER_VERBS (S_ENUM) ZT_VERB_COUNT
} zt_verb_t;
#undef S_ENUM

/*  Who speaks: a verb is known only in its direction. */
typedef enum { ZT_FROM_CLIENT, ZT_FROM_BROKER } zt_side_t;

/*  The most fields that a verb has beside the length of its body. */
enum { ZT_FIELDS_MAX = 4 };

/*  Why the broker ends a session: the field of its BYE. */
#define ZT_REASONS(X)                                                                              \
    X (SHUTDOWN, "shutdown", N_ ("the broker is going down"))                                      \
    X (KICKED, "kicked", N_ ("the broker or its operator ended the session"))                      \
    X (REPLACED, "replaced", N_ ("the same device has connected again"))                           \
    X (IDLE, "idle", N_ ("nothing was heard from the client for three heartbeats"))

#define S_ENUM(name, word, what) ZT_REASON_##name,
typedef enum { ZT_REASONS (S_ENUM) ZT_REASON_COUNT } zt_reason_t;
#undef S_ENUM

/*  The row of a verb. Static. */
typedef struct {
    const char *name;   /* as on the wire */
    const char *fields; /* a letter each, see above */
    bool has_body;
    zt_side_t from;
    const char *what; /* one line: the fields' names and what it is for */
} zt_verb_row_t;

const zt_verb_row_t *zt_verb_row (zt_verb_t verb);

/*  The verb of that name which this side may say, or ZT_VERB_COUNT. */
zt_verb_t zt_verb_find (zt_bytes_t name, zt_side_t from);

/*  The word of a reason, and what it means; static. */
const char *zt_reason_word (zt_reason_t reason);
const char *zt_reason_what (zt_reason_t reason);

/*  The reason of that word, or ZT_REASON_COUNT. */
zt_reason_t zt_reason_find (zt_bytes_t word);

#endif
