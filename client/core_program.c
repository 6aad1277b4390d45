/*  SPDX-License-Identifier: MPL-2.0 */

/*  What a program does in place of a person: it sends whole bodies, asks, is told by numbers
    what comes of it, and acknowledges messages one by one, in any order.

    A message that it answers is dealt with when the answer is stored. Until then its mark
    holds the cursor back, so that the broker still has it, but it is not given to the program
    again: the journal has the answer, which tells what it answers. The core has the message
    then, for the case that the answer of an earlier run is refused. */

#include "client/core_state.h"

static bool s_takes (const zt_client_t *self)
{
    return self->phase != ZT_PHASE_OVER && !self->finishing && !self->quitting;
}

uint64_t zt_client_post (zt_client_t *self, const char *target, zt_bytes_t body)
{
    if (!s_takes (self) || body.size > self->max_body)
        return 0;
    const zt_entry_t *entry = zt_outbox_add_body (&self->outbox, target, body);
    if (zt_marks_find (&self->marks, entry->re) == ZT_MARK_SHOWN)
        zt_marks_set (&self->marks, entry->re, ZT_MARK_ANSWERED);
    return entry->order;
}

uint64_t zt_client_request (zt_client_t *self, zt_verb_t verb, const char *target, zt_bytes_t words,
                            uint64_t before, uint64_t count)
{
    if (!s_takes (self))
        return 0;
    zt_entry_t *entry = zt_outbox_add (&self->outbox, verb, target, words, count);
    entry->before = before;
    entry->quiet = true;
    return entry->order;
}

size_t zt_client_body_most (const zt_client_t *self)
{
    return self->max_body;
}

const char *zt_client_name (const zt_client_t *self)
{
    return self->name;
}

bool zt_client_arrived (zt_client_t *self, const zt_message_t *message)
{
    uint64_t id = message->number[0];
    zt_mark_t mark = zt_marks_find (&self->marks, id);
    if (mark == ZT_MARK_NONE || mark == ZT_MARK_RETURNED) {
        zt_marks_set (&self->marks, id, ZT_MARK_SHOWN);
        return true;
    }
    if (mark == ZT_MARK_ANSWERED) {
        zt_buffer_t copy = {NULL, 0, 0};
        zt_wire_put (&copy, message);
        zt_marks_keep (&self->marks, id, zt_buffer_bytes (&copy));
        zt_buffer_free (&copy);
    }
    return false;
}

/*  A message that was kept is the program's after all. False if none was. */
static bool s_show_kept (zt_client_t *self, uint64_t id)
{
    zt_buffer_t kept = zt_marks_take (&self->marks, id);
    zt_reader_t reader = zt_reader (kept.data, kept.size, ZT_FROM_BROKER);
    zt_message_t message;
    bool was_kept = kept.size && zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE;
    if (was_kept) {
        zt_item_t item = zt_client_item_of (&message);
        zt_client_show_message (self, &item);
    }
    zt_buffer_free (&kept);
    return was_kept;
}

void zt_client_answered (zt_client_t *self, const zt_entry_t *entry, bool is_stored)
{
    zt_mark_t mark = zt_marks_find (&self->marks, entry->re);
    if (is_stored && mark != ZT_MARK_NONE)
        zt_client_acknowledge (self, entry->re);
    if (is_stored || mark != ZT_MARK_ANSWERED)
        return;
    /*  It is the program's again; what an earlier run has answered it has not had. */
    bool is_here = entry->re <= self->seen;
    bool was_kept = s_show_kept (self, entry->re);
    zt_marks_set (&self->marks, entry->re, is_here || was_kept ? ZT_MARK_SHOWN : ZT_MARK_RETURNED);
}
