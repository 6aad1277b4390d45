/*  SPDX-License-Identifier: MPL-2.0

    The inside of zt_model, for the files that make it up: model.c (what is open, what is
    unread), model_list.c (the list of conversations), conversation.c (one of them),
    model_items.c (what the core shows), model_own.c (what became of what one has said),
    model_presence.c (who comes and goes) and model_found.c (older messages, and hits of a
    search). */

#ifndef ZT_CLIENT_MODEL_STATE_H
#define ZT_CLIENT_MODEL_STATE_H

#include "client/collation.h"
#include "client/model.h"
#include "client/people.h"
#include "client/posts.h"
#include "client/speakers.h"

#define ZT_GENERAL "#general" /* the conversation that is always there */

typedef enum {
    ZT_OLDER_WANTED, /* there may be some */
    ZT_OLDER_ASKED,
    ZT_OLDER_NONE
} zt_older_t;

struct zt_conversation_t {
    zt_buffer_t target; /* as it is written */
    zt_buffer_t key;    /* what the list is sorted by */
    zt_buffer_t flag;

    zt_posts_t posts;  /* that have their place: messages in the order of their ids */
    zt_posts_t unsent; /* below them: one's own without an id */
    int64_t first;     /* the place of the first one of posts */

    size_t unread, mentions;
    bool has_line; /* above what is new, at the place */
    int64_t line;
    uint64_t missed; /* the number of the time away that the line is for */

    uint64_t delivered; /* of a person: one's own up to this id have reached them */
    zt_older_t older;
    zt_speakers_t speakers;
    bool is_muted;
    void *data;
    void (*destroy_data) (void *data);
};

/*  What FOUND is, now. */
typedef enum { ZT_FINDING_ANY, ZT_FINDING_OLDER, ZT_FINDING_HITS } zt_finding_t;

enum { ZT_CALLS_MAX = 64, ZT_STATE_SIZE = 32 };

struct zt_model_t {
    zt_collation_t *collation;
    zt_buffer_t name;
    zt_folded_t folded; /* the name's */
    uint64_t version;

    char state[ZT_STATE_SIZE];
    zt_buffer_t state_words;
    uint64_t state_since;
    bool is_connected;
    zt_people_t people;

    zt_conversation_t **list; /* sorted by their keys; owned; the first one is #general */
    size_t count, capacity;
    size_t most_bytes; /* ZT_MODEL_BYTES; a test has less */
    zt_conversation_t *opened;
    bool is_watched;  /* the person is looking */
    uint64_t missed;  /* number of times that something was missed */
    bool is_catching; /* what comes was missed */

    struct {
        zt_conversation_t *conversation;
        uint64_t id;
    } calls[ZT_CALLS_MAX]; /* a ring */
    size_t calls_head, calls_count;

    zt_finding_t finding;
    zt_conversation_t *asking; /* whose older messages come */
    zt_posts_t found;          /* they are, while they come */
    zt_posts_t hits;
    zt_buffer_t query;
    bool more_hits;

    zt_buffer_t scratch, folding; /* empty between two calls; memory to use again */
};

/*  ---------------------------------------------------------------------------
    conversation.c: the model knows nothing of it, and frees it */

zt_conversation_t *zt_conversation_new (zt_bytes_t target, zt_bytes_t key);
void zt_conversation_destroy (zt_conversation_t **self_p);

/*  True for one with a person. */
bool zt_conversation_is_private (const zt_conversation_t *self);

/*  Puts a record, which is the conversation's from here on, to the posts that have their place:
    a message where its id belongs, anything else at the end. is_found: above the notices that
    stand there, as these are newer. Its place; false if the message is there already. */
bool zt_conversation_put (zt_conversation_t *self, zt_record_t record, bool is_found,
                          int64_t *place);

/*  Frees the oldest post that has its place; it can be fetched again. */
void zt_conversation_drop (zt_conversation_t *self);

/*  A message of somebody else is new, at the place. */
void zt_conversation_set_line (zt_conversation_t *self, int64_t place);

/*  One has said something. */
void zt_conversation_said (zt_conversation_t *self);

/*  ---------------------------------------------------------------------------
    model.c */

/*  True if that is one's own name, with or without '@'. */
bool zt_model_is_self (const zt_model_t *self, zt_bytes_t name);

/*  One's own name is written like this. */
void zt_model_rename (zt_model_t *self, zt_bytes_t name);

/*  True if the person is looking at it. */
bool zt_model_is_seen (const zt_model_t *self, const zt_conversation_t *conversation);

/*  A message of somebody else has come, and is at the place of the conversation. */
void zt_model_arrived (zt_model_t *self, zt_conversation_t *conversation, int64_t place);

/*  ---------------------------------------------------------------------------
    model_list.c */

/*  The conversation of what the core calls a target, with what is told of the name; it is made
    if it is not there, and a room that was entered by another spelling gets this one. NULL if it
    is none. */
zt_conversation_t *zt_model_need (zt_model_t *self, zt_bytes_t target, const zt_flag_t *flag);

/*  Frees all conversations. */
void zt_model_clear_list (zt_model_t *self);

/*  Lets the oldest posts go that are too many. */
void zt_model_trim (zt_model_t *self);

/*  ---------------------------------------------------------------------------
    model_items.c */

/*  A record: what post has beside its texts; its texts, which are cleaned here, from with or
    without '@'; what is told of from; and, for a hit, where it was said. flag and target may be
    NULL. The caller owns it. */
zt_record_t zt_model_record (zt_model_t *self, const zt_post_t *post, const zt_flag_t *flag,
                             const zt_bytes_t *target);

/*  The record of an item that is a message. */
zt_record_t zt_model_message (zt_model_t *self, const zt_item_t *item, uint64_t now,
                              const zt_bytes_t *target);

/*  The target of the conversation that a message belongs to, and what is told of it. */
zt_bytes_t zt_model_target (const zt_model_t *self, const zt_item_t *item, const zt_flag_t **flag);

/*  Puts a sentence of that kind into a conversation. */
void zt_model_post (zt_model_t *self, zt_conversation_t *conversation, zt_post_kind_t kind,
                    zt_bytes_t text, uint64_t now);

/*  ---------------------------------------------------------------------------
    The others: what to do with an item */

void zt_model_on_PENDING (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_SENDING (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_stored (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_refused (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_DELIVERED (zt_model_t *self, const zt_item_t *item, uint64_t now);
/*  The connection is lost: what was on its way waits. */
void zt_model_on_lost (zt_model_t *self);

void zt_model_on_ONLINE (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_HERE (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_LEFT (zt_model_t *self, const zt_item_t *item, uint64_t now);
void zt_model_on_JOINED (zt_model_t *self, const zt_item_t *item, uint64_t now);

void zt_model_on_FOUND (zt_model_t *self, const zt_item_t *item, uint64_t now);
/*  The conversation goes. */
void zt_model_found_closed (zt_model_t *self, const zt_conversation_t *conversation);

#endif
