/*  SPDX-License-Identifier: MPL-2.0

    zt_store_sqlite - the log on disk

    A zt_store_t that keeps the log in an SQLite database. Two threads wait for the
    disk, so that the caller's never does; the newest slices are in memory, too.
    To be opened after the process's first ZeroMQ socket was made: its threads
    get sockets of the same context. They block all signals. */

#ifndef ZT_STORE_SQLITE_H
#define ZT_STORE_SQLITE_H

#include "broker/store.h"

typedef struct {
    const char *dir;     /* is made if it is missing; borrowed for the call */
    bool power;          /* what was acknowledged survives a power cut, too: each commit is
                            synced. Otherwise kill -9 */
    uint64_t keep_ms;    /* messages that are older are forgotten; 0: none */
    uint64_t keep_bytes; /* the oldest are forgotten when there are more; 0: none */
    uint64_t most_bytes; /* when the log's file has so many, the disk counts as full; 0: when
                            it is */
    void (*progress) (void *self, const char *line); /* a line for the operator about what
                            takes long in opening; NULL: none is told */
    void *progress_self;
} zt_store_config_t;

/*  Opens the store in the directory, once it has looked through the log for damage. NULL
    with a sentence in `wrong` that says what to do. The caller ends it with
    (*store->destroy) (&store). */
zt_store_t *zt_store_sqlite_open (const zt_store_config_t *config, char *wrong, size_t wrong_size);

/*  Writes a copy of the log in the directory into the new file, also while a broker (of
    another process) is using it, and looks through it for damage. False with a sentence;
    there is no such file then. Waits for the disk. Blocks SIGINT and SIGTERM, which then
    end it in order. */
bool zt_store_sqlite_backup (const char *dir, const char *file, char *wrong, size_t wrong_size);

#endif
