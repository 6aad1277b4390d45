/*  SPDX-License-Identifier: MPL-2.0

    zt_slice - a piece of the log: what one group commit wrote

    A slice holds messages in the wire's own format (`MSG …` after `MSG …`), as
    they are sent to clients, and a table of runs. A run is a row of messages
    that go from one device to one target, with consecutive ids and consecutive
    refs: whom to deliver to is decided once a run, not once a message, and what
    is delivered is a range of bytes.

    Slices do not change once they are made. They are counted references, for
    one thread. */

#ifndef ZT_SLICE_H
#define ZT_SLICE_H

#include "common/buffer.h"

#include <stdint.h>

/*  Users, rooms and devices are numbers in a run: a name may go to somebody
    else one day, a number never does. */
typedef struct {
    uint64_t first_id;  /* of its messages; the last is first_id + count - 1 */
    uint64_t first_ref; /* the sender's ref of the first message, and so on */
    uint64_t time;      /* of all of them, ms since the epoch */
    uint64_t device;    /* that sent it; 0 for a session without one */
    uint64_t from;      /* user */
    uint64_t target;    /* user or room: their numbers are never the same */
    uint32_t count;     /* messages */
    uint32_t offset;    /* of its first byte in the slice */
    uint32_t size;      /* bytes */
    uint32_t is_room;   /* 1 if the target is a room */
} zt_run_t;

/*  A run ends at these, so that one fits into a frame and an empty window. */
enum { ZT_RUN_COUNT = 256, ZT_RUN_BYTES = 32 * 1024 };

typedef struct {
    uint64_t first_id;
    uint64_t last_id;
    uint32_t refs; /* references */
    uint32_t n_runs;
    uint32_t size; /* bytes of messages */
    const zt_run_t *runs;
    const char *data;
} zt_slice_t;

/*  A slice with a copy of these runs (1 at least) and bytes, and one reference,
    the caller's. */
zt_slice_t *zt_slice_new (const zt_run_t *runs, size_t n_runs, zt_bytes_t messages);

/*  The same with `size` bytes that the caller puts into *data before anything else. */
zt_slice_t *zt_slice_new_empty (const zt_run_t *runs, size_t n_runs, size_t size, char **data);

/*  One reference more; returns self. */
zt_slice_t *zt_slice_ref (zt_slice_t *self);

/*  One reference less; the last one frees the slice. Sets *self_p to NULL. */
void zt_slice_unref (zt_slice_t **self_p);

/*  What a slice costs in memory, in bytes. */
size_t zt_slice_memory (const zt_slice_t *self);

/*  A part of a run. */
typedef struct {
    uint64_t first_id;
    uint32_t count;
    uint32_t offset; /* in the slice */
    uint32_t size;
} zt_part_t;

/*  The part of the run that comes after the id `after`, at most `count` messages
    and `bytes` bytes, but one message at least if there is one. A part of 0
    messages if the run ends at or before `after`. */
zt_part_t zt_slice_part (const zt_slice_t *self, const zt_run_t *run, uint64_t after,
                         uint32_t count, uint32_t bytes);

#endif
