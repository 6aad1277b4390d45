/*  SPDX-License-Identifier: MPL-2.0

    zt_store_log - the log in an SQLite database

    A connection to the database, for one thread at a time; every call waits for
    the disk. A slice is a row, and what a row's commit changes beside it (the
    last refs of devices, records, the last id) is in the same transaction. One
    connection writes; others read, each with a snapshot of its own. */

#ifndef ZT_STORE_LOG_H
#define ZT_STORE_LOG_H

#include "broker/store.h"

typedef struct zt_store_log zt_store_log_t;

/*  Whether what was committed survives a power cut, or only the end of the process. */
typedef enum { ZT_SURVIVES_KILL, ZT_SURVIVES_POWER_CUT } zt_survives_t;

/*  Opens the database in the file `path` for writing: makes it if it is missing, and brings
    it to this program's schema. NULL with a sentence in `wrong` if it is none of ours, is
    newer, or cannot be used. The caller closes it. */
zt_store_log_t *zt_store_log_open (const char *path, zt_survives_t survives, char *wrong,
                                   size_t wrong_size);

/*  Opens a database that is there, to read and to checkpoint; otherwise the same. */
zt_store_log_t *zt_store_log_open_reader (const char *path, char *wrong, size_t wrong_size);

/*  Opens it so that nothing of it is changed; otherwise the same. */
zt_store_log_t *zt_store_log_open_copier (const char *path, char *wrong, size_t wrong_size);

/*  Closes it; the last one to be closed empties the write-ahead log, unless something has
    failed: then nothing is synced again. Sets *self_p to NULL. */
void zt_store_log_close (zt_store_log_t **self_p);

/*  Another connection has found that nothing can be trusted any more: as after
    ZT_STORE_BROKEN here. */
void zt_store_log_give_up (zt_store_log_t *self);

/*  Looks through the whole file for damage. False with a sentence if there is some, or if a
    signal to end is pending. Tells of its progress every few seconds, if progress is not NULL. */
bool zt_store_log_check (zt_store_log_t *self, void (*progress) (void *, const char *line),
                         void *progress_self, char *wrong, size_t wrong_size);

/*  Tells the records and what else a store tells at the start. */
zt_store_result_t zt_store_log_load (zt_store_log_t *self, zt_record_fn *fn, void *fn_self,
                                     zt_store_start_t *start);

/*  Puts what n requests of COMMIT bring into the database, all of it or nothing. After
    ZT_STORE_BROKEN every later commit is broken, too. */
zt_store_result_t zt_store_log_commit (zt_store_log_t *self, const zt_request_t *const *requests,
                                       size_t n);

/*  What a read has seen of the log. */
typedef struct {
    uint64_t trimmed_to; /* up to this id it is lost; 0: nothing is */
    uint64_t read_to;    /* up to this id there is nothing but the slices that were given */
} zt_store_bounds_t;

/*  Puts the slices from the one on that holds the lowest id above `after` into the array, at
    most n, and about `bytes` bytes but one slice at least, if there is one. Returns how
    many, or -1 if they cannot be read. The references are the caller's.
    *bounds is set to what the log was then. */
int zt_store_log_read (zt_store_log_t *self, uint64_t after, zt_slice_t **slices, int n,
                       size_t bytes, zt_store_bounds_t *bounds);

/*  After which id the slices of the log's end begin that have about so many bytes; the
    whole log if it has less. */
uint64_t zt_store_log_newest (zt_store_log_t *self, uint64_t bytes);

/*  Forgets slices whose newest message is older than the time `before` (ms since the epoch),
    and the oldest while all together have more than `bytes` bytes (UINT64_MAX: no bound), but
    never the newest slice. A call takes about 10 ms; *more says that it has not come
    to the end. */
zt_store_result_t zt_store_log_trim (zt_store_log_t *self, uint64_t before, uint64_t bytes,
                                     bool *more);

/*  Gives a piece of what is free in the file back to the file system, if much is. Returns
    true if there is more. */
bool zt_store_log_shrink (zt_store_log_t *self);

/*  Moves what it can from the write-ahead log into the database, without waiting for anybody,
    so that the next commit may begin the write-ahead log anew. *is_busy says that it did
    nothing, because another connection is at it. */
zt_store_result_t zt_store_log_checkpoint (zt_store_log_t *self, bool *is_busy);

/*  How many bytes the write-ahead log had after the last commit of this connection. */
uint64_t zt_store_log_pending (const zt_store_log_t *self);

uint64_t zt_store_log_last_id (const zt_store_log_t *self);    /* of a writer's log */
uint64_t zt_store_log_bytes (const zt_store_log_t *self);      /* of its slices */
uint64_t zt_store_log_trimmed_to (const zt_store_log_t *self); /* 0: nothing is lost */

/*  Writes a copy of the database into the empty file `path`. A pending signal to end
    stops it. */
bool zt_store_log_copy (zt_store_log_t *self, const char *path);

/*  True after ZT_STORE_BROKEN, or when something could not be read. */
bool zt_store_log_is_broken (const zt_store_log_t *self);

/*  A sentence about the last thing that went wrong; borrowed until the next call. */
const char *zt_store_log_wrong (const zt_store_log_t *self);

/*  The file counts as full when it has so many bytes; 0: when the disk is. */
void zt_store_log_bound (zt_store_log_t *self, uint64_t bytes);

#endif
