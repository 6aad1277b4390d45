/*  SPDX-License-Identifier: MPL-2.0

    zt_events - items of the core as events of the library (ztalk.h), in a queue of copies */

#ifndef ZT_CLIENT_EVENT_H
#define ZT_CLIENT_EVENT_H

#include "client/item.h"
#include "client/ztalk.h"

/*  Zeroed memory is an empty queue. */
typedef struct {
    struct zt_event_t *head, *tail;
    struct zt_event_t *taken; /* what was returned last */
    size_t bytes;             /* of memory, about */
} zt_events_t;

/*  Appends what the item of that number says, if it is an event. */
void zt_events_put (zt_events_t *self, const zt_item_t *item, uint64_t number);

/*  Appends an event; what it points to is copied. */
void zt_events_put_event (zt_events_t *self, const ztalk_event_t *event, uint64_t number);

/*  Takes the oldest event; it lives until the next call of this or of zt_events_clear. NULL: there
    is none. *number (unless NULL) is the number of its item. */
const ztalk_event_t *zt_events_take (zt_events_t *self, uint64_t *number);

bool zt_events_is_empty (const zt_events_t *self);

void zt_events_clear (zt_events_t *self);

#endif
