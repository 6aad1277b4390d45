/*  SPDX-License-Identifier: MPL-2.0 */

/*  What a program does in place of a person: it sends whole bodies, asks, is told by numbers
    what comes of it, and acknowledges messages one by one, in any order.

    A message that it answers is dealt with when the answer is stored. Until then its mark
    holds the cursor back, so that the broker still has it, but it is not given to the program
    again: the journal has the answer, which tells what it answers. */

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

bool zt_client_arrived (zt_client_t *self, uint64_t id)
{
    bool is_new = zt_marks_find (&self->marks, id) == ZT_MARK_NONE;
    if (is_new)
        zt_marks_set (&self->marks, id, ZT_MARK_SHOWN);
    return is_new;
}

void zt_client_answered (zt_client_t *self, const zt_entry_t *entry, bool is_stored)
{
    if (zt_marks_find (&self->marks, entry->re) != ZT_MARK_ANSWERED)
        return;
    if (is_stored)
        zt_client_acknowledge (self, entry->re);
    else /* it is the program's again */
        zt_marks_set (&self->marks, entry->re, ZT_MARK_SHOWN);
}
