/*  SPDX-License-Identifier: MPL-2.0

    zt_model - what a person has before their eyes: conversations and who is here

    Items of the core and what the person does go in; what is to be drawn is asked for. It
    knows no terminal, no colours and no widths: texts are clean (zt_text_clean), in NFC, and
    whoever draws them breaks them into rows.

    Posts are what a conversation consists of: messages and notices, in the order in which
    they are shown. Each has a place, a number that grows downwards; older posts that are
    fetched get lower ones. So a place says where one has scrolled to, whatever comes and goes
    meanwhile.

    Messages stand in the order of their ids. What one has said and the broker has not
    stored yet has none, and stands below all that has: nobody can have answered it. As others
    come its place grows; once it is stored it stays where it is, above what still waits. Any
    other post keeps its place for as long as it is there, but for one case: a message that
    comes out of its turn (found, or one's own whose answer was lost with a connection) goes
    where its id belongs, and of the posts above it and those below it the fewer make room. */

#ifndef ZT_CLIENT_MODEL_H
#define ZT_CLIENT_MODEL_H

#include "client/item.h"

typedef struct zt_model_t zt_model_t;
typedef struct zt_conversation_t zt_conversation_t;

/*  So many posts are kept, of all conversations together; beyond, the oldest ones of the
    largest go. They can be fetched again. */
enum { ZT_MODEL_POSTS = 100000 };

/*  And so many bytes of memory, about: a hundred thousand of the longest messages would be
    gigabytes. Beyond, the oldest of those that take the most go. */
enum { ZT_MODEL_BYTES = 64 * 1024 * 1024 };

/*  What became of what one has said oneself. */
typedef enum {
    ZT_POST_PENDING,   /* it waits for a connection, or until the broker takes it */
    ZT_POST_SENDING,   /* it is on its way */
    ZT_POST_SENT,      /* it is stored */
    ZT_POST_DELIVERED, /* in private: it has reached a device of theirs */
    ZT_POST_REFUSED    /* it was not sent; note says why */
} zt_post_state_t;

typedef enum {
    ZT_POST_MESSAGE,
    ZT_POST_NOTICE, /* who came and went, answers, gaps: text alone */
    ZT_POST_ERROR   /* likewise */
} zt_post_kind_t;

/*  A post. All views live until the model changes. */
typedef struct {
    int64_t place;
    zt_post_kind_t kind;
    uint64_t id;     /* of a message; 0: it has none yet, or is none */
    uint64_t time;   /* ms since the epoch; of what has none from the broker: when it was shown */
    zt_bytes_t from; /* without '@' */
    zt_bytes_t flag; /* " (looks like olena)" or nothing: to be shown behind the name */
    zt_bytes_t text; /* lines are separated by LF */
    zt_bytes_t note; /* of one that was refused, else empty */
    zt_post_state_t state;
    bool has_text;   /* false: a message of which nothing can be shown; text says so */
    bool is_own;     /* from any of one's own devices */
    bool is_mention; /* somebody else says one's name in it */
} zt_post_t;

/*  ---------------------------------------------------------------------------
    The model */

/*  name: one's own, until the core says how it is written. The caller destroys it. */
zt_model_t *zt_model_new (const char *name);
void zt_model_destroy (zt_model_t **self_p);

/*  Takes an item of the core. now is in ms since the epoch, here and below. */
void zt_model_show (zt_model_t *self, const zt_item_t *item, uint64_t now);

/*  A sentence of ours, which need not be clean, in the open conversation. */
void zt_model_notice (zt_model_t *self, zt_bytes_t text, uint64_t now);

/*  Grows with every change, so that who has drawn one knows whether to draw again. */
uint64_t zt_model_version (const zt_model_t *self);

/*  One's own name. */
zt_bytes_t zt_model_name (const zt_model_t *self);

/*  The connection, as the last item of the kind STATE that is about it had it ("busy" and "plain"
    are not): its code, and its words, until the model changes; and since when it is up, or down.
   The code is "" at first. */
const char *zt_model_state (const zt_model_t *self, zt_bytes_t *words, uint64_t *since);
bool zt_model_is_connected (const zt_model_t *self);

/*  Who is online, sorted as people sort names (case and accents apart), without '@'. */
size_t zt_model_online_count (const zt_model_t *self);
zt_bytes_t zt_model_online (const zt_model_t *self, size_t i);
/*  " (looks like olena)" or nothing. */
zt_bytes_t zt_model_online_flag (const zt_model_t *self, size_t i);
bool zt_model_is_online (const zt_model_t *self, zt_bytes_t name);

/*  ---------------------------------------------------------------------------
    Conversations */

/*  In the order in which they are listed: #general, rooms by name, people by name. A
    conversation lives until it is closed: by zt_model_close, or by an item PARTED. */
size_t zt_model_count (const zt_model_t *self);
zt_conversation_t *zt_model_get (const zt_model_t *self, size_t i);

/*  The one of a target ("#dev", "@olena"; names are compared by their folds), or NULL. */
zt_conversation_t *zt_model_find (const zt_model_t *self, zt_bytes_t target);

/*  The same, which is made if it is not there; NULL if target is none. */
zt_conversation_t *zt_model_enter (zt_model_t *self, zt_bytes_t target);

/*  Takes it out of the list, and frees it; #general stays. If it was open, #general is. */
void zt_model_close (zt_model_t *self, zt_conversation_t *conversation);

/*  The one that is open, and its place in the list. */
zt_conversation_t *zt_model_opened (const zt_model_t *self);
size_t zt_model_opened_index (const zt_model_t *self);

/*  Opens a conversation: what is in it counts as read, and the line above what was new stays
    where it is until it is opened the next time, or one says something in it oneself. */
void zt_model_open (zt_model_t *self, zt_conversation_t *conversation);

/*  Is the person looking? While not (the window has no focus), what comes in the open
    conversation is new, too. */
void zt_model_set_attention (zt_model_t *self, bool is_there);

/*  Of all conversations that are not muted: unread messages, and those of them that mention one
    or are private. */
size_t zt_model_unread (const zt_model_t *self);
size_t zt_model_mentions (const zt_model_t *self);

/*  What a person should be called for, once for each message: a mention, or a private one, in
    a conversation that is not muted and not before their eyes. Of many that nobody asks for
    the oldest are forgotten. False if there is none. Views until the model changes. */
typedef struct {
    zt_bytes_t from;
    zt_bytes_t target;
    zt_bytes_t text;
} zt_call_t;
bool zt_model_next_call (zt_model_t *self, zt_call_t *call);

/*  With its sign, as people write it. */
zt_bytes_t zt_conversation_target (const zt_conversation_t *self);
/*  " (looks like olena)" or nothing. */
zt_bytes_t zt_conversation_flag (const zt_conversation_t *self);
size_t zt_conversation_unread (const zt_conversation_t *self);
size_t zt_conversation_mentions (const zt_conversation_t *self);
bool zt_conversation_is_muted (const zt_conversation_t *self);
void zt_conversation_mute (zt_model_t *model, zt_conversation_t *self, bool is_muted);

/*  Anything that the owner of the model keeps beside the conversation (a draft, where one has
    scrolled to); NULL at first. The model does not look at it, and calls destroy (unless it is
    NULL) for it when the conversation goes, or other data takes its place. */
void *zt_conversation_data (const zt_conversation_t *self);
void zt_conversation_set_data (zt_conversation_t *self, void *data, void (*destroy) (void *data));

/*  ---------------------------------------------------------------------------
    Posts */

/*  The first and the last place; false if there are no posts. All places between are used. */
bool zt_conversation_range (const zt_conversation_t *self, int64_t *first, int64_t *last);

/*  The post at a place; false if it is not there any more. */
bool zt_conversation_post (const zt_conversation_t *self, int64_t place, zt_post_t *post);

/*  The first post that is not read, or of one that is open: was not read when it was opened, or
    was missed. False if all were. */
bool zt_conversation_first_new (const zt_conversation_t *self, int64_t *place);

/*  The post of a message, by a binary search; false if it is not there. */
bool zt_conversation_find_id (const zt_conversation_t *self, uint64_t id, int64_t *place);

/*  Where older messages are asked for: below this id, 0 for the newest. False if there are no
    older ones, as far as is known, or they have been asked for already. */
bool zt_conversation_wants_older (const zt_conversation_t *self, uint64_t *before);

/*  They have been asked for. What the core finds then comes as items FOUND, between two calls
    of these by the owner, and is put above all that is there, the duplicates left out. more:
    there are still older ones. When all memory for posts is taken, and by this conversation
    the most, what is found goes at once, and no older ones are wanted. */
void zt_conversation_asked (zt_conversation_t *self);
void zt_model_older_begin (zt_model_t *self, zt_conversation_t *conversation);
void zt_model_older_end (zt_model_t *self, bool more);
/*  Or the answer will not come. */
void zt_conversation_asked_in_vain (zt_conversation_t *self);

/*  ---------------------------------------------------------------------------
    Hits of a search */

/*  Items FOUND between these are hits; the list is made anew. Any other FOUND is put where its
    id belongs in its conversation, as read. */
void zt_model_hits_begin (zt_model_t *self, zt_bytes_t query);
void zt_model_hits_end (zt_model_t *self, bool more);

/*  The hits, the newest first; *target is its conversation's. */
size_t zt_model_hits (const zt_model_t *self, zt_bytes_t *query, bool *more);
bool zt_model_hit (const zt_model_t *self, size_t i, zt_bytes_t *target, zt_post_t *post);

#endif
