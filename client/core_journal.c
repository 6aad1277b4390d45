/*  SPDX-License-Identifier: MPL-2.0 */

/*  What the client keeps over its own end: the journal, in the wire's own format.

        WELCOME name 0 {"last_ref":41,"cursor":715}   no ref up to 41 is used again; all
                                          up to 715 has been seen
        SEND 0 target body    typed, and not on the wire yet
        SEND 42 target body   about to go out with that ref; takes the place of the
                              oldest SEND 0, if there is one: refs are given in that order
        SENT 42 716 time      the broker has stored it, and that has been shown
        ERROR 42 busy {}      refused for now: it waits again, for a new ref
        ERROR 42 code {}      refused for good, and that has been shown
        ACK 717               all up to there has been seen
        MSG 718 0 me to {}    a private message of ours, whose receipt is to come
        RECEIPT 718 name      which has come, and has been shown
        GAP 719 719 1         a program has dealt with this one, though not with all before it

    The body of a SEND may tell what it answers ("re"). A program that is given messages one by one
    is not given that one again: whatever comes, the answer will be sent.

    A ref must never be used for two messages, or the broker takes the second one for
    a repetition of the first. A SEND is therefore written before it goes out. One that
    was typed without a session has no ref yet: refs must be above the broker's last_ref
    as well, which WELCOME tells (our journal may be a copy of last week's).
    So what is on the wire keeps its ref over restarts, and what is not gets one above
    all that either side knows. And as two endpoints may lead to one broker, and each has
    its journal, the refs of a run begin at the time by the wall clock: what waits in
    one journal is not taken for what was sent through the other. When it is the broker that has
   lost its state, refs go on above ours, and what it has never answered is sent again.

    What is piped in is not kept: a program that was not told of success does its
    work again. Its refs are taken in blocks, by a WELCOME record, before their use. */

#include "client/core_state.h"

#include "common/json.h"
#include "common/limits.h"

#include <stdio.h>

enum { S_REFS_A_BLOCK = 1024, S_LISTED = 10 };

static void s_put_position (const zt_client_t *self, zt_buffer_t *buffer)
{
    zt_buffer_t body = {NULL, 0, 0};
    uint64_t last_ref = self->claimed_ref > self->last_ref ? self->claimed_ref : self->last_ref;
    zt_buffer_put_string (&body, "{\"last_ref\":");
    zt_buffer_put_u64 (&body, last_ref);
    zt_buffer_put_string (&body, ",\"cursor\":");
    zt_buffer_put_u64 (&body, self->displayed);
    zt_buffer_put_char (&body, '}');
    zt_message_t record = {
        .verb = ZT_VERB_WELCOME, .word = {zt_bytes (self->name)}, .body = zt_buffer_bytes (&body)};
    zt_wire_put (buffer, &record);
    zt_buffer_free (&body);
}

static void s_put_send (zt_buffer_t *buffer, zt_entry_t *entry)
{
    zt_buffer_t body = {NULL, 0, 0};
    zt_outbox_put_body (&body, entry);
    zt_message_t record = {.verb = ZT_VERB_SEND,
                           .number = {entry->ref},
                           .word = {{NULL, 0}, zt_bytes (entry->target)},
                           .body = zt_buffer_bytes (&body)};
    zt_wire_put (buffer, &record);
    zt_buffer_free (&body);
    entry->kept = true;
    entry->kept_ref = entry->ref != 0;
}

/*  Records a refusal: at once, or when it has been displayed. */
static void s_refusal (zt_client_t *self, uint64_t ref, zt_error_t error, bool at_once)
{
    char digits[ZT_U64_DIGITS];
    char *end = zt_u64_write (digits, ref);
    zt_message_t record = {
        .verb = ZT_VERB_ERROR,
        .word = {{digits, (size_t) (end - digits)}, zt_bytes (zt_error_code (error))},
        .body = ZT_LITERAL ("{}")};
    if (at_once)
        zt_wire_put (&self->journal, &record);
    else
        zt_due_add_record (&self->due, self->shown, &record);
}

void zt_client_note_put (zt_client_t *self, zt_entry_t *entry, zt_bytes_t record)
{
    if (entry->verb != ZT_VERB_SEND)
        return;
    zt_item_t item = {.kind = ZT_ITEM_SENDING,
                      .ref = entry->ref,
                      .ref_before = entry->shown,
                      .to = zt_bytes (entry->target),
                      .text = entry->text};
    zt_client_show (self, &item);
    entry->shown = entry->ref;
    if (entry->kept_ref)
        return;
    if (self->keeps || entry->kept) {
        zt_buffer_put_bytes (&self->journal, record);
        entry->kept = entry->kept_ref = true;
    } else if (entry->ref > self->claimed_ref) {
        self->claimed_ref = entry->ref + S_REFS_A_BLOCK;
        s_put_position (self, &self->journal);
    }
}

/*  A private message of ours is stored: its receipt will be news. */
static void s_expect_receipt (zt_client_t *self, const char *target, uint64_t id)
{
    if (target[0] == '@')
        zt_receipts_sent (&self->receipts, zt_bytes (target + 1), id);
}

static zt_message_t s_private_record (const char *from, const char *to, uint64_t id)
{
    return (zt_message_t){.verb = ZT_VERB_MSG,
                          .number = {id},
                          .word = {{NULL, 0}, {NULL, 0}, zt_bytes (from), zt_bytes (to)},
                          .body = ZT_LITERAL ("{}")};
}

void zt_client_note_sent (zt_client_t *self, const zt_entry_t *entry, uint64_t id, uint64_t time)
{
    s_expect_receipt (self, entry->target, id);
    if (entry->kept_ref) {
        zt_message_t record = {.verb = ZT_VERB_SENT, .number = {entry->ref, id, time}};
        zt_due_add_record (&self->due, self->shown, &record);
    } else if (entry->target[0] == '@') {
        char from[ZT_TARGET_SIZE];
        snprintf (from, sizeof from, "@%s", self->name);
        zt_message_t record = s_private_record (from, entry->target, id);
        zt_due_add_record (&self->due, self->shown, &record);
    }
}

void zt_client_note_refused (zt_client_t *self, const zt_entry_t *entry)
{
    if (entry->kept_ref)
        s_refusal (self, entry->ref, ZT_ERROR_FORBIDDEN, false);
}

void zt_client_note_retry (zt_client_t *self, zt_entry_t *entry)
{
    /*  Before the record of the new ref, so that they are one message. */
    if (entry->kept_ref)
        s_refusal (self, entry->ref, ZT_ERROR_BUSY, true);
    entry->kept_ref = false;
}

void zt_client_note_receipt (zt_client_t *self, uint64_t id, zt_bytes_t name)
{
    char to[ZT_TARGET_SIZE];
    snprintf (to, sizeof to, "@%.*s", ZT_ARGS (name));
    zt_message_t record = {
        .verb = ZT_VERB_RECEIPT, .number = {id}, .word = {{NULL, 0}, zt_bytes (to)}};
    zt_due_add_record (&self->due, self->shown, &record);
}

uint64_t zt_client_shown (const zt_client_t *self)
{
    return self->shown;
}

void zt_client_displayed (zt_client_t *self, uint64_t item)
{
    uint64_t before = self->displayed;
    zt_due_take (&self->due, item, &self->journal, &self->displayed);
    if (self->displayed == before || self->task)
        return;
    zt_message_t record = {.verb = ZT_VERB_ACK, .number = {self->displayed}};
    zt_wire_put (&self->journal, &record);
}

static zt_message_t s_done_record (uint64_t id)
{
    return (zt_message_t){.verb = ZT_VERB_GAP, .number = {id, id, 1}};
}

void zt_client_advance (zt_client_t *self)
{
    uint64_t id = zt_marks_settle (&self->marks, self->seen);
    if (id <= self->displayed)
        return;
    self->displayed = id;
    zt_message_t record = {.verb = ZT_VERB_ACK, .number = {id}};
    zt_wire_put (&self->journal, &record);
}

void zt_client_acknowledge (zt_client_t *self, uint64_t id)
{
    if (id <= self->displayed || zt_marks_find (&self->marks, id) == ZT_MARK_NONE)
        return;
    zt_marks_set (&self->marks, id, ZT_MARK_DONE);
    zt_client_advance (self);
    if (id <= self->displayed)
        return;
    zt_message_t record = s_done_record (id);
    zt_wire_put (&self->journal, &record);
}

zt_bytes_t zt_client_journal (zt_client_t *self)
{
    /*  What goes out in this turn gets its record with its ref. */
    if (self->keeps && !zt_client_is_sending (self)) {
        zt_entry_t *entry = self->outbox.tail;
        while (entry && entry->prev && !entry->prev->kept && !entry->prev->ref)
            entry = entry->prev;
        for (; entry; entry = entry->next)
            if (entry->verb == ZT_VERB_SEND && !entry->kept)
                s_put_send (&self->journal, entry);
    }
    return zt_buffer_bytes (&self->journal);
}

void zt_client_journal_written (zt_client_t *self)
{
    zt_buffer_clear (&self->journal);
}

bool zt_client_is_settled (const zt_client_t *self)
{
    return zt_due_is_empty (&self->due);
}

void zt_client_snapshot (zt_client_t *self, zt_buffer_t *snapshot)
{
    s_put_position (self, snapshot);
    for (zt_entry_t *entry = self->outbox.head; entry; entry = entry->next)
        if (entry->verb == ZT_VERB_SEND && (self->keeps || entry->kept))
            s_put_send (snapshot, entry);
    uint64_t id;
    for (size_t i = 0; (id = zt_marks_done (&self->marks, i)) != 0; i++) {
        zt_message_t record = s_done_record (id);
        zt_wire_put (snapshot, &record);
    }
    char from[ZT_TARGET_SIZE], to[ZT_TARGET_SIZE];
    snprintf (from, sizeof from, "@%s", self->name);
    for (size_t i = 0; i < self->receipts.count; i++) {
        const zt_receipt_t *row = &self->receipts.rows[i];
        uint64_t ids[] = {row->open, row->sent};
        for (size_t j = row->open ? 0 : 2; j < (row->open == row->sent ? 1 : 2); j++) {
            snprintf (to, sizeof to, "@%.*s", (int) row->shown_size, row->shown);
            zt_message_t record = s_private_record (from, to, ids[j]);
            zt_wire_put (snapshot, &record);
        }
    }
    zt_buffer_clear (&self->journal);
}

/*  Reading */

static bool s_recall_send (zt_client_t *self, const zt_message_t *record)
{
    char target[ZT_TARGET_SIZE];
    zt_bytes_t word = record->word[1];
    cJSON *body = zt_json_parse (record->body);
    zt_entry_t *entry = NULL;
    if (body && (word.data[0] == '@' || word.data[0] == '#') && !zt_client_target (word, target) &&
        record->number[0] < ZT_NUMBER_END)
        entry = zt_outbox_restore (&self->outbox, record->number[0], target, record->body);
    cJSON_Delete (body);
    if (!entry)
        return false;
    if (record->number[0] > self->last_ref)
        self->last_ref = record->number[0];
    if (entry->re && zt_marks_find (&self->marks, entry->re) == ZT_MARK_NONE)
        zt_marks_set (&self->marks, entry->re, ZT_MARK_ANSWERED);
    return true;
}

static bool s_recall_position (zt_client_t *self, const zt_message_t *record)
{
    cJSON *body = zt_json_parse (record->body);
    uint64_t last_ref = zt_client_number (body, "last_ref", 0);
    uint64_t cursor = zt_client_number (body, "cursor", 0);
    bool good = body != NULL;
    cJSON_Delete (body);
    if (last_ref > self->last_ref)
        self->last_ref = last_ref;
    if (cursor > self->displayed)
        self->displayed = cursor;
    return good;
}

static void s_recall_answer (zt_client_t *self, uint64_t ref, uint64_t id, bool again)
{
    zt_entry_t *entry = ref ? zt_outbox_find (&self->outbox, ref) : NULL;
    if (!entry)
        return;
    if (id)
        s_expect_receipt (self, entry->target, id);
    if (entry->re && !again)
        zt_marks_set (&self->marks, entry->re, id ? ZT_MARK_DONE : ZT_MARK_NONE);
    if (again) {
        zt_outbox_retry (&self->outbox, entry);
        entry->kept_ref = false;
    } else
        zt_outbox_remove (&self->outbox, entry);
}

/*  Does what a record says; false if it is not one of ours. */
static bool s_recall (zt_client_t *self, const zt_message_t *record)
{
    uint64_t ref;
    zt_bytes_t name = record->word[record->verb == ZT_VERB_MSG ? 3 : 1];
    bool is_private = name.size > 1 && name.data[0] == '@';
    zt_bytes_t who = is_private ? (zt_bytes_t){name.data + 1, name.size - 1} : name;
    switch (record->verb) {
    case ZT_VERB_WELCOME:
        return s_recall_position (self, record);
    case ZT_VERB_SEND:
        return s_recall_send (self, record);
    case ZT_VERB_SENT:
        s_recall_answer (self, record->number[0], record->number[1], false);
        return true;
    case ZT_VERB_ERROR:
        if (!zt_u64_read (record->word[0], &ref))
            return false;
        s_recall_answer (self, ref, 0, zt_error_find (record->word[1]) == ZT_ERROR_BUSY);
        return true;
    case ZT_VERB_ACK:
        if (record->number[0] > self->displayed)
            self->displayed = record->number[0];
        return true;
    case ZT_VERB_MSG:
        if (is_private)
            zt_receipts_sent (&self->receipts, who, record->number[0]);
        return is_private;
    case ZT_VERB_GAP:
        zt_marks_set (&self->marks, record->number[0], ZT_MARK_DONE);
        return true;
    case ZT_VERB_RECEIPT:
        if (is_private)
            zt_receipts_received (&self->receipts, who, record->number[0]);
        return is_private;
    default:
        return false;
    }
}

/*  The next record, which may be of either side. */
static bool s_next_record (zt_bytes_t *rest, zt_message_t *record)
{
    static const zt_side_t sides[] = {ZT_FROM_CLIENT, ZT_FROM_BROKER};
    for (size_t i = 0; i < 2; i++) {
        zt_reader_t reader = zt_reader (rest->data, rest->size, sides[i]);
        *record = (zt_message_t){.verb = ZT_VERB_COUNT};
        if (zt_reader_next (&reader, record) != ZT_WIRE_MESSAGE)
            continue;
        size_t used = (size_t) (reader.at - rest->data);
        *rest = (zt_bytes_t){rest->data + used, rest->size - used};
        return true;
    }
    return false;
}

/*  Tells what is left from last time: the first ones of it, and how many. */
static void s_list_kept (zt_client_t *self)
{
    size_t count = self->outbox.count;
    if (count == 0)
        return;
    zt_client_say (self, "kept",
                   zt_translate_many ("%zu message from last time is waiting to be sent",
                                      "%zu messages from last time are waiting to be sent", count),
                   count);
    size_t listed = 0;
    for (zt_entry_t *entry = self->outbox.head; entry; entry = entry->next) {
        if (listed++ < S_LISTED)
            zt_client_show_pending (self, entry);
        entry->pending = true; /* also what is told only as one of so many */
    }
    if (count > S_LISTED)
        zt_client_say (self, NULL, "and %zu more", count - S_LISTED);
}

size_t zt_client_recall (zt_client_t *self, zt_bytes_t journal)
{
    zt_bytes_t rest = journal;
    size_t left = rest.size;
    zt_message_t record;
    while (s_next_record (&rest, &record) && s_recall (self, &record))
        left = rest.size;
    zt_outbox_rewind (&self->outbox);
    self->seen = self->displayed;
    zt_marks_forget (&self->marks, self->displayed);
    zt_bytes_t name;
    uint64_t id;
    while (zt_receipts_news (&self->receipts, &name, &id)) /* told before */
        continue;
    if (left)
        zt_client_say (self, "damaged",
                       "the end of what was kept from last time cannot be read; what was typed "
                       "last may be lost");
    s_list_kept (self);
    return journal.size - left;
}
