/*  SPDX-License-Identifier: MPL-2.0

    zt_work - the messages that a bot has not dealt with, and how far each is

    It is waiting, until the command is given it; given, until the command answers or declines;
    answered, until the broker has stored the answer. Then it is gone. */

#ifndef ZT_CLIENT_WORK_H
#define ZT_CLIENT_WORK_H

#include "common/buffer.h"

typedef enum { ZT_WORK_WAITING, ZT_WORK_GIVEN, ZT_WORK_ANSWERED } zt_work_state_t;

typedef struct {
    uint64_t id;
    uint64_t ref; /* of the answer */
    zt_work_state_t state;
    size_t size; /* bytes of it, about, to the broker */
    char *back;  /* where an answer goes that does not say where */
    char *line;  /* what the command is given, with its LF */
} zt_work_item_t;

/*  Zeroed memory is empty. */
typedef struct {
    zt_work_item_t *items; /* with growing ids */
    size_t count, capacity;
    size_t given;
    size_t bytes; /* of those that have no answer */
} zt_work_t;

/*  Adds a message that has come, above all others. The strings are copied. */
void zt_work_add (zt_work_t *self, uint64_t id, size_t size, const char *back, zt_bytes_t line);

/*  The message of that id, or whose answer has that ref, or the first that waits; or NULL. It lives
    until the next call. */
zt_work_item_t *zt_work_find (const zt_work_t *self, uint64_t id);
zt_work_item_t *zt_work_find_ref (const zt_work_t *self, uint64_t ref);
zt_work_item_t *zt_work_waiting (const zt_work_t *self);

void zt_work_set (zt_work_t *self, zt_work_item_t *item, zt_work_state_t state);
void zt_work_remove (zt_work_t *self, zt_work_item_t *item);

/*  The command is gone: what it was given waits again. */
void zt_work_take_back (zt_work_t *self);

void zt_work_clear (zt_work_t *self);

#endif
