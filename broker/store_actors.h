/*  SPDX-License-Identifier: MPL-2.0

    zt_store_actors - the threads of the store on disk

    The writer commits all that waits for it in one transaction, and forgets what is
    too old. The reader answers everything else, keeps the index up to date, and moves
    what was committed from the write-ahead log into the database, so that the writer
    need not. The two share what is in zt_store_shared_t. */

#ifndef ZT_STORE_ACTORS_H
#define ZT_STORE_ACTORS_H

#include "broker/store_index.h"
#include "broker/store_log.h"

#include "common/wake.h"

#include <czmq.h>
#include <stdatomic.h>

typedef struct {
    atomic_uint_fast64_t stored_id;  /* of the newest slice on disk */
    atomic_uint_fast64_t trimmed_to; /* up to it the log has forgotten */
    atomic_uint_fast64_t pending;    /* bytes in the write-ahead log */
    atomic_bool reader_rests;        /* and wants to be woken by the next commit */
    atomic_bool writer_finishes;     /* the reader has checkpointed: the writer's turn */
    atomic_bool breaks;              /* somebody is about to say why, and sets */
    atomic_bool ends;                /* what is only to be read is of no use any more */
    atomic_bool broken;              /* no commit may succeed any more */
    zt_wake_t done;                  /* for the loop: completions are in a pipe */
    zt_wake_t wake;                  /* for the reader */
    char wrong[400];                 /* why, once it is broken */
    atomic_bool has_news;            /* for the operator, which the reader has put */
    char news[400];                  /* here, once */
} zt_store_shared_t;

/*  Nothing can be trusted any more; the first one's sentence stays. */
void zt_store_break (zt_store_shared_t *self, const char *wrong);

/*  The argument of an actor. Both borrow `shared`, and close their log (and the index), which
    must not be used by anybody else meanwhile. */
typedef struct {
    zt_store_shared_t *shared;
    zt_store_log_t *log;
    uint64_t keep_ms;    /* 0: for ever */
    uint64_t keep_bytes; /* 0: no bound */
} zt_store_writer_t;

typedef struct {
    zt_store_shared_t *shared;
    zt_store_log_t *log;
    zt_index_t *index;
} zt_store_reader_t;

/*  How many bytes of slices one READ brings, about. */
enum { ZT_STORE_READ_BYTES = 256 * 1024 };

/*  For zactor_new, with the argument above. They take jobs from their pipe and give them
    back, answered. */
void zt_store_writer (zsock_t *pipe, void *argument);
void zt_store_reader (zsock_t *pipe, void *argument);

/*  For zt_slice_source_t, with a zt_store_log_t. */
int zt_store_source_read (void *log, uint64_t after, zt_slice_t **slices, int n, size_t bytes);

#endif
