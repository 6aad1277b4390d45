/*  SPDX-License-Identifier: MPL-2.0

    zt_item - something to show, before it has a form

    The core gives items; what draws them (lines of text, lines of JSON, a
    screen) is another matter. All bytes in an item may come from a peer: they
    are shown through zt_text_clean or zt_json_put_string, never as they are. */

#ifndef ZT_CLIENT_ITEM_H
#define ZT_CLIENT_ITEM_H

#include "common/lookalike.h"

#include <stdint.h>

/*    enum      type in JSON   what it tells, and which members it has */
#define ZT_ITEMS(X)                                                                                \
    X (MESSAGE, "message", "a message: id time from to text body own; ref if own")                 \
    X (FOUND, "found", "an older message, from /history or /search: as message, or omitted")       \
    X (PENDING, "pending", "typed while it cannot be sent, and kept: to text")                     \
    X (SENDING, "sending", "goes out to the broker: ref to text")                                  \
    X (DELIVERED, "delivered", "private messages up to id have reached somebody: id to")           \
    X (ONLINE, "online", "who is online: names more")                                              \
    X (HERE, "presence", "who came online: names")                                                 \
    X (LEFT, "presence", "who went offline: names")                                                \
    X (OLDER, "older", "what follows was fetched: to")                                             \
    X (OLDER_END, "older-end", "that was all that came of it: to more; code if it was refused")    \
    X (HITS, "hits", "what follows was searched for: text")                                        \
    X (HITS_END, "hits-end", "that was all that was found: text more; code if it was refused")     \
    X (USER, "user", "somebody who is online: from")                                               \
    X (ROOM, "room", "a room that there is: to, count of users; own if one is in it")              \
    X (ROOMS, "rooms", "the rooms that you are in, when the session begins: names")                \
    X (JOINED, "joined", "you are in a room now, and who of it is online: to names")               \
    X (PARTED, "parted", "you are in a room no more: to")                                          \
    X (GAP, "gap", "messages that are not replayed: from_id to_id count")                          \
    X (MISSED, "missed", "what follows was said while you were away, since then: time")            \
    X (CAUGHT_UP, "caught-up", "that was what you missed: count")                                  \
    X (STATE, "state", "the connection: code text")                                                \
    X (ERROR, "error", "what could not be done: code to text message ref")                         \
    X (NOTICE, "notice", "anything else, in words: text; code, of /pair")

#define S_ENUM(id, type, what) ZT_ITEM_##id,
typedef enum { ZT_ITEMS (S_ENUM) ZT_ITEM_COUNT } zt_item_kind_t;
#undef S_ENUM

/*  An item. All views live only for the call that the item is given to. What a
    kind has no use for is zero. */
typedef struct {
    zt_item_kind_t kind;
    uint64_t ref;        /* of what this device sends, or 0 */
    uint64_t order;      /* of what was sent or asked, if it tells of that: as zt_client_post and
                            zt_client_request have returned it; or 0 */
    uint64_t ref_before; /* of what was shown as SENDING: the ref that it had, or 0 */
    uint64_t id;         /* of a message; the end of the range of a gap */
    uint64_t from_id;    /* the beginning of the range of a gap */
    uint64_t count;      /* of a gap, or of what was missed */
    uint64_t time;       /* ms since the epoch, by the broker's clock */
    zt_bytes_t from;     /* a name with its '@' */
    zt_bytes_t to;       /* '@' and a name, or '#' and a room */
    zt_bytes_t text;     /* of a message; or a sentence, without a final stop */
    zt_bytes_t body;     /* of a message: a JSON object that zt_json_valid has approved, or empty */
    zt_bytes_t message;  /* of an error: the broker's words, or ours */
    const char *code;    /* of a state or an error: a word for programs, or NULL */
    zt_flag_t from_flag; /* what is told of who is in from, and in to */
    zt_flag_t to_flag;
    const char *const *names; /* without '@' */
    size_t names_count;       /* how many names there are */
    const zt_flag_t *flags;   /* what is told of each of the names; NULL: of none */
    bool has_text;            /* false for a message whose body has nothing that can be shown */
    bool omitted;             /* of a message: the broker has left its body out of an answer */
    bool own;                 /* this device has sent the message */
    bool where;               /* the conversation is told even if it is that of all */
    bool more;                /* there are more names than these */
} zt_item_t;

/*  Shows an item. */
typedef void (zt_show_fn) (void *self, const zt_item_t *item);

#endif
