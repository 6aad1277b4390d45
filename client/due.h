/*  SPDX-License-Identifier: MPL-2.0

    zt_due - what is settled once it has been displayed

    What a person has not seen is not acknowledged, and stays in the journal. So what
    follows from showing an item waits here until the item has left our hands: the id
    up to which messages have been seen, or records for the journal. */

#ifndef ZT_CLIENT_DUE_H
#define ZT_CLIENT_DUE_H

#include "common/wire.h"

/*  Zeroed memory is empty. */
typedef struct {
    struct zt_due_entry_t *entries; /* a queue: those from first on */
    size_t first, count, capacity;
    zt_buffer_t records; /* of all of them, in their order */
} zt_due_t;

/*  When the item of that number is out, messages up to id have been seen. */
void zt_due_add_seen (zt_due_t *self, uint64_t item, uint64_t id);

/*  When the item of that number is out, the record goes into the journal. */
void zt_due_add_record (zt_due_t *self, uint64_t item, const zt_message_t *record);

/*  All items up to that number are out: appends their records to the journal, and
    raises *seen. Numbers of items grow. */
void zt_due_take (zt_due_t *self, uint64_t item, zt_buffer_t *journal, uint64_t *seen);

/*  True if nothing waits. */
bool zt_due_is_empty (const zt_due_t *self);

/*  Frees all. */
void zt_due_clear (zt_due_t *self);

#endif
