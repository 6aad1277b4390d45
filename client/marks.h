/*  SPDX-License-Identifier: MPL-2.0

    zt_marks - which messages a program has dealt with, where it does so in any order

    A cursor tells up to where all is dealt with. Above it each message has its mark. */

#ifndef ZT_CLIENT_MARKS_H
#define ZT_CLIENT_MARKS_H

#include "common/buffer.h"

#include <stdint.h>

typedef enum {
    ZT_MARK_NONE,     /* nothing is known of it */
    ZT_MARK_SHOWN,    /* the program has it */
    ZT_MARK_ANSWERED, /* its answer is on its way to the broker, and kept */
    ZT_MARK_RETURNED, /* an earlier run's answer was refused, and it has not come yet */
    ZT_MARK_DONE
} zt_mark_t;

/*  Zeroed memory is empty. */
typedef struct {
    struct zt_marks_row_t *rows; /* sorted by their ids */
    size_t count, capacity;
} zt_marks_t;

zt_mark_t zt_marks_find (const zt_marks_t *self, uint64_t id);

/*  Sets the mark of a message; ZT_MARK_NONE takes it away. */
void zt_marks_set (zt_marks_t *self, uint64_t id, zt_mark_t mark);

/*  Keeps a message that the program does not get as long as it is answered; the bytes are copied,
    and there is a mark of it. They are dropped when the mark is another one. */
void zt_marks_keep (zt_marks_t *self, uint64_t id, zt_bytes_t message);

/*  Takes what was kept of the message: the caller frees it. Empty: nothing was. */
zt_buffer_t zt_marks_take (zt_marks_t *self, uint64_t id);

/*  Drops the marks of what is done, up to the first message that is not, or has not arrived (of
    what has returned, and does not come though all up to there has arrived, too).
    Returns the id of the last one that was dropped: all up to there is done; or 0. */
uint64_t zt_marks_settle (zt_marks_t *self, uint64_t arrived);

/*  Drops the marks of all up to that id. */
void zt_marks_forget (zt_marks_t *self, uint64_t id);

/*  The id of the i-th message that is done, though not all before it; 0 when there are no more. */
uint64_t zt_marks_done (const zt_marks_t *self, size_t i);

/*  Frees all. */
void zt_marks_clear (zt_marks_t *self);

#endif
