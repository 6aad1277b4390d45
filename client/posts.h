/*  SPDX-License-Identifier: MPL-2.0

    zt_posts - posts in their order, to which more are added at both ends

    A ring: a post is found by its index at once, and by its id with a binary search. Each
    post is a row of 64 bytes and one piece of memory with all its texts. */

#ifndef ZT_CLIENT_POSTS_H
#define ZT_CLIENT_POSTS_H

#include "client/model.h"
#include "common/buffer.h"

/*  A post as it is kept. Zeroed memory is an empty one. */
typedef struct {
    uint64_t id;
    uint64_t order; /* its id, or that of the message above it: what is searched by */
    uint64_t ref;   /* of one's own that is not stored yet, or 0 */
    uint64_t time;
    char *block; /* the texts, one behind the other in this order; owned */
    uint32_t text_size, note_size;
    uint16_t target_size, from_size, flag_size;
    unsigned kind : 2;
    unsigned state : 3;
    unsigned is_own : 1;
    unsigned is_mention : 1;
    unsigned has_text : 1;
    unsigned is_live : 1; /* it has come as it was said, or was missed: not only found */
} zt_record_t;

/*  A record of what post has beside its texts, and of them: clean, and in the order of the
    record's block. The sizes of names and flags are below 64 KiB. The caller frees it. */
zt_record_t zt_record_new (const zt_post_t *post, const zt_bytes_t *target);
void zt_record_free (zt_record_t *self);

/*  Views of a record, until it is freed. */
void zt_record_view (const zt_record_t *self, zt_post_t *post);
zt_bytes_t zt_record_target (const zt_record_t *self);
zt_bytes_t zt_record_text (const zt_record_t *self);

/*  Bytes of memory that it takes, about. */
size_t zt_record_bytes (const zt_record_t *self);

/*  Zeroed memory is empty. */
typedef struct {
    zt_record_t *ring;
    size_t capacity; /* 0 or a power of two */
    size_t head;     /* where the first one is in the ring */
    size_t count;
    size_t bytes; /* of all records */
} zt_posts_t;

/*  The record at an index below count; it lives until one is added or taken. */
zt_record_t *zt_posts_at (const zt_posts_t *self, size_t i);

/*  Puts a record, which is ours from here on, before the one at the index, or at the end.
    The shorter side makes room: true if it is that of the beginning. */
bool zt_posts_insert (zt_posts_t *self, size_t i, zt_record_t record);

/*  Takes a record out; it is the caller's from here on. */
zt_record_t zt_posts_take (zt_posts_t *self, size_t i);

/*  The first record whose order is not below the id, or count. */
size_t zt_posts_place (const zt_posts_t *self, uint64_t id);

/*  The record of a message. False if it is not there. */
bool zt_posts_find (const zt_posts_t *self, uint64_t id, size_t *i);

/*  Frees the records. */
void zt_posts_clear (zt_posts_t *self);

#endif
