/*  SPDX-License-Identifier: MPL-2.0

    zt_store - where the log is kept

    The interface between the broker and what keeps its log: memory here, a
    database elsewhere. It is asynchronous: a request is queued, and its
    completion is fetched later. The broker's core makes requests without
    knowing which store it has; the shell carries them over. No call waits. */

#ifndef ZT_STORE_H
#define ZT_STORE_H

#include "broker/slice.h"
#include "common/limits.h"

/*  Who asked: comes back with the completion, and means nothing to the store. */
typedef struct {
    uint64_t session;
    uint64_t ref;
    uint32_t peer;
} zt_asker_t;

/*  The most rooms that a query looks into, and the most bytes of folded text
    that it looks for. */
enum { ZT_QUERY_ROOMS = ZT_ROOMS_PER_USER + 1, ZT_QUERY_BYTES = 512 };

/*  Which messages of the log a user asks for. On the heap; see zt_request_t. */
typedef struct {
    uint64_t user;   /* who asks */
    uint64_t target; /* the conversation: a user, a room, or 0 for all of the user's */
    uint64_t before; /* only messages with a lower id; 0: no bound */
    uint32_t count;  /* the newest so many, ZT_HISTORY_MAX at most */
    uint32_t n_rooms;
    uint64_t rooms[ZT_QUERY_ROOMS]; /* that the user is in, for target 0 */
    size_t needle_size;             /* 0: any text will do */
    char needle[ZT_QUERY_BYTES];    /* NFKC case folded */
} zt_query_t;

typedef enum {
    ZT_STORE_APPEND, /* put a slice at the end of the log */
    ZT_STORE_READ,   /* give slices from an id on */
    ZT_STORE_QUERY   /* give messages of a conversation */
} zt_store_kind_t;

typedef struct {
    zt_store_kind_t kind;
    zt_asker_t asker;  /* READ, QUERY */
    zt_slice_t *slice; /* APPEND: a reference that the store takes over */
    uint64_t after;    /* READ: only what comes after this id */
    zt_query_t *query; /* QUERY: the store takes it over, and frees it */
} zt_request_t;

/*  A message that a query found: a range of bytes in a slice. */
typedef struct {
    zt_slice_t *slice; /* a reference of the completion's */
    uint32_t offset;
    uint32_t size;
} zt_hit_t;

/*  The most slices that one completion of READ brings. */
enum { ZT_READ_SLICES = 64 };

/*  What became of a request. Completions of APPEND come in the order of their
    requests. */
typedef struct {
    zt_store_kind_t kind;
    bool failed; /* APPEND: nothing of the slice is in the log */
    bool more;   /* QUERY: there is more than the count asked for */
    uint32_t n;  /* READ: slices, QUERY: hits */
    zt_asker_t asker;
    zt_slice_t *slice;   /* APPEND: a reference */
    zt_slice_t **slices; /* READ: references, in order; the first may begin before the asked id */
    zt_hit_t *hits;      /* QUERY: newest first */
    uint64_t trimmed_to; /* READ: the log has lost what is up to this id; 0: nothing */
    uint64_t read_to;    /* READ: all up to this id has been looked at */
} zt_completion_t;

typedef struct zt_store zt_store_t;

struct zt_store {
    /*  Queues a request. */
    void (*submit) (zt_store_t *self, const zt_request_t *request);

    /*  Does a bounded piece of what work there is, and fetches the next
        completion. Returns false if none is ready. The caller gives it back
        with zt_completion_clear. */
    bool (*next) (zt_store_t *self, zt_completion_t *completion);

    /*  True if next should be called again without waiting for anything. */
    bool (*is_busy) (const zt_store_t *self);

    /*  Ends the store and frees it. Sets *self_p to NULL. */
    void (*destroy) (zt_store_t **self_p);
};

/*  Gives back the references and the memory of a completion. */
void zt_completion_clear (zt_completion_t *self);

#endif
