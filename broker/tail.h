/*  SPDX-License-Identifier: MPL-2.0

    zt_tail - the newest slices of the log, in memory

    A row of slices without a gap, bounded in bytes: whoever keeps up, or nearly,
    is served from it without a look at the disk. Without a disk it is the log. */

#ifndef ZT_TAIL_H
#define ZT_TAIL_H

#include "broker/store.h"

typedef struct {
    size_t most;         /* bytes */
    size_t bytes;        /* now */
    uint64_t after;      /* all slices of the log that come after this id are here */
    zt_slice_t **slices; /* a ring: from first, n of them */
    size_t capacity;
    size_t first;
    size_t n;
} zt_tail_t;

/*  An empty tail of a log that ends with this id. */
void zt_tail_init (zt_tail_t *self, size_t most, uint64_t last_id);
void zt_tail_clear (zt_tail_t *self);

/*  Adds a reference to the newest slice; the oldest go while there are too many bytes, but
    one stays. */
void zt_tail_add (zt_tail_t *self, zt_slice_t *slice);

/*  Forgets what the log has lost up to this id. */
void zt_tail_trim (zt_tail_t *self, uint64_t trimmed_to);

/*  The slice at this index below n, the oldest first; borrowed. */
zt_slice_t *zt_tail_slice (const zt_tail_t *self, size_t index);

/*  The index of the first slice that holds an id above `after`; n if there is none. */
size_t zt_tail_find (const zt_tail_t *self, uint64_t after);

/*  Answers a READ: slices (ZT_READ_SLICES at most, and about `bytes` bytes) and read_to. False
    if what comes after the id is not all here. */
bool zt_tail_read (const zt_tail_t *self, uint64_t after, size_t bytes,
                   zt_completion_t *completion);

#endif
