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
#include "common/words.h"

/*  Who asked: comes back with the completion, and means nothing to the store. */
typedef struct {
    uint64_t session;
    uint64_t ref;
    uint32_t peer;
} zt_asker_t;

/*  ---------------------------------------------------------------------------
    Records: what the broker knows beside the log. They are saved as they change,
    and told again when the broker starts. */

typedef enum {
    ZT_RECORD_USER,            /* number, name: there is such a user */
    ZT_RECORD_CREDENTIAL,      /* owner (user), name: what the user belongs to, a text */
    ZT_RECORD_CREDENTIAL_GONE, /* owner, name: the user belongs to it no more */
    ZT_RECORD_DEVICE,          /* number, owner (user), name, id (cursor), ref (the last accepted):
                                  there is such a device. Saved again, it changes nothing */
    ZT_RECORD_CURSOR,          /* number (device), owner (user), id: its cursor */
    ZT_RECORD_ROOM,            /* number, name: there is such a room. #general has no record */
    ZT_RECORD_ROOM_GONE,       /* number: the room has ended, all have left it */
    ZT_RECORD_ENTER,           /* number (room), owner (user), id: since then they are in it */
    ZT_RECORD_LEAVE,           /* number (room), owner (user) */
    ZT_RECORD_RECEIPT          /* number (reader), owner (sender), id: up to it the sender's
                                  private messages have arrived */
} zt_record_kind_t;

typedef struct {
    zt_record_kind_t kind;
    uint64_t number;
    uint64_t owner;
    uint64_t id;
    uint64_t ref;
    char *name; /* without a sigil; NULL where the kind has none. On the heap */
} zt_record_t;

/*  A growing row of records, which owns their strings. */
typedef struct {
    zt_record_t *rows;
    uint32_t n;
    uint32_t capacity;
} zt_records_t;

/*  Appends a record; its strings are copied. */
void zt_records_add (zt_records_t *self, const zt_record_t *record);

/*  Frees the rows and their strings. */
void zt_records_clear (zt_records_t *self);

/*  ---------------------------------------------------------------------------
    Requests and completions */

/*  The most rooms that a query looks into, and the most bytes of words
    that it looks for. */
enum { ZT_QUERY_ROOMS = ZT_ROOMS_PER_USER + 1, ZT_QUERY_BYTES = ZT_WORDS_QUERY };

/*  Which messages of the log a user asks for. On the heap; see zt_request_t. */
typedef struct {
    uint64_t user;   /* who asks */
    uint64_t target; /* the conversation: a user, a room, or 0 for all of the user's */
    uint64_t before; /* only messages with a lower id; 0: no bound */
    uint64_t device; /* SKIP: not those that it has sent; 0: all */
    uint32_t count;  /* the newest so many, ZT_HISTORY_MAX at most but for SKIP */
    uint32_t n_rooms;
    uint64_t rooms[ZT_QUERY_ROOMS]; /* that the user is in, for target 0 */
    size_t needle_size;             /* 0: any text will do */
    char needle[ZT_QUERY_BYTES];    /* words to find, as zt_words_query gives them */
} zt_query_t;

typedef enum {
    ZT_STORE_COMMIT, /* put a slice at the end of the log, and save records: both or neither */
    ZT_STORE_READ,   /* give slices from an id on */
    ZT_STORE_QUERY,  /* give messages of a conversation */
    ZT_STORE_SKIP,   /* where the newest so many messages of a user begin */
    ZT_STORE_RECALL  /* what became of a ref */
} zt_store_kind_t;

typedef struct {
    zt_store_kind_t kind;
    zt_asker_t asker;     /* READ, QUERY, SKIP, RECALL */
    zt_slice_t *slice;    /* COMMIT: a reference that the store takes over; NULL: records alone */
    zt_records_t records; /* COMMIT: the store takes them over. They count before the slice */
    uint64_t last_number; /* COMMIT: the highest number that was given to anybody */
    uint64_t after;       /* READ, SKIP: only what comes after this id */
    uint64_t device;      /* RECALL: whose ref; the ref is the asker's */
    zt_query_t *query;    /* QUERY, SKIP: the store takes it over, and frees it */
} zt_request_t;

/*  A message that a query found: a range of bytes in a slice. */
typedef struct {
    zt_slice_t *slice; /* a reference of the completion's */
    uint32_t offset;
    uint32_t size;
} zt_hit_t;

/*  The most slices that one completion of READ brings. */
enum { ZT_READ_SLICES = 64 };

typedef enum {
    ZT_STORE_DONE,
    ZT_STORE_UNAVAILABLE, /* not now (a full disk): nothing of it is stored, and what is asked
                             for next may be done */
    ZT_STORE_BROKEN       /* nothing can be trusted any more (a disk that fails, a damaged
                             file): whoever runs the broker must end it */
} zt_store_result_t;

/*  What became of a request. Completions of COMMIT come in the order of their
    requests, and so do those of RECALL. */
typedef struct {
    zt_store_kind_t kind;
    zt_store_result_t result;
    bool more;  /* QUERY: there is more than the count asked for */
    uint32_t n; /* READ: slices, QUERY: hits */
    zt_asker_t asker;
    zt_slice_t *slice;    /* COMMIT: a reference, or NULL as in the request */
    zt_records_t records; /* COMMIT that was not done: those of the request, given back */
    zt_slice_t **slices;  /* READ: references, in order; the first may begin before the asked id */
    zt_hit_t *hits;       /* QUERY: newest first */
    uint64_t trimmed_to;  /* READ, SKIP: the log has lost what is up to this id; 0: nothing */
    uint64_t read_to;     /* READ: all up to this id has been looked at. SKIP: begin after it */
    uint64_t count;       /* SKIP: that many messages of the user, at most, lie between */
    uint64_t id;          /* RECALL: that it was stored under; 0: it was not stored */
    uint64_t time;        /* RECALL: ms */
} zt_completion_t;

/*  What a store holds at the start, beside the records. */
typedef struct {
    uint64_t last_id;     /* of the log; 0: it is empty and was never used */
    uint64_t last_number; /* the highest that was ever saved; 0: none */
} zt_store_start_t;

typedef void (zt_record_fn) (void *self, const zt_record_t *record);

typedef struct zt_store zt_store_t;

struct zt_store {
    /*  Tells what was saved, before the first request: users before what is theirs, rooms
        before who is in them; all in the order in which it was saved, or worked into one
        record for each thing that there is. Of a device, ref is that of its last message
        in the log. Records and strings are borrowed for the call. Waits for the disk. False if it
        cannot be read; see wrong. */
    bool (*load) (zt_store_t *self, zt_record_fn *fn, void *fn_self, zt_store_start_t *start);

    /*  Queues a request. */
    void (*submit) (zt_store_t *self, const zt_request_t *request);

    /*  Does a bounded piece of what work there is, and fetches the next
        completion. Returns false if none is ready. The caller gives it back
        with zt_completion_clear. */
    bool (*next) (zt_store_t *self, zt_completion_t *completion);

    /*  True if next should be called again without waiting for anything. To be asked
        before each wait, also when fd is waited for. */
    bool (*is_busy) (zt_store_t *self);

    /*  A descriptor that polls readable when a completion comes; -1 if there is none,
        since none comes by itself. */
    int (*fd) (zt_store_t *self);

    /*  A sentence about the last thing that went wrong, for the operator; borrowed until
        the next call. */
    const char *(*wrong) (zt_store_t *self);

    /*  A sentence that the operator should hear, once; NULL if there is none. Borrowed until
        the next call. */
    const char *(*news) (zt_store_t *self);

    /*  How many bytes of the log it has in memory. */
    size_t (*memory) (zt_store_t *self);

    /*  Does what was submitted and not done yet, if it can; ends the store and frees
        it. Sets *self_p to NULL. */
    void (*destroy) (zt_store_t **self_p);
};

/*  Gives back the references and the memory of a completion. */
void zt_completion_clear (zt_completion_t *self);

#endif
