/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/outbox.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/limits.h"

#include <assert.h>
#include <stdlib.h>

/*  Links entry in before other, or at the end if other is NULL. */
static void s_link (zt_outbox_t *self, zt_entry_t *entry, zt_entry_t *other)
{
    entry->next = other;
    entry->prev = other ? other->prev : self->tail;
    *(entry->prev ? &entry->prev->next : &self->head) = entry;
    *(other ? &other->prev : &self->tail) = entry;
}

static void s_unlink (zt_outbox_t *self, zt_entry_t *entry)
{
    *(entry->prev ? &entry->prev->next : &self->head) = entry->next;
    *(entry->next ? &entry->next->prev : &self->tail) = entry->prev;
    if (self->waiting == entry)
        self->waiting = entry->next;
}

static size_t s_weight (const zt_entry_t *entry)
{
    return sizeof *entry + entry->text.size + entry->body.size +
           (entry->target ? strlen (entry->target) : 0);
}

static zt_bytes_t s_copy (zt_bytes_t bytes)
{
    return (zt_bytes_t){zt_strndup (bytes.data, bytes.size), bytes.size};
}

/*  A new entry, linked in before other, or at the end if other is NULL. */
static zt_entry_t *s_new (zt_outbox_t *self, zt_verb_t verb, const char *target, zt_bytes_t text,
                          uint64_t count, zt_entry_t *other)
{
    zt_entry_t *entry = zt_alloc (sizeof *entry);
    entry->order = ++self->order;
    entry->verb = verb;
    entry->count = count;
    entry->target = target ? zt_strndup (target, strlen (target)) : NULL;
    entry->text = s_copy (text);
    s_link (self, entry, other);
    self->count++;
    self->bytes += s_weight (entry);
    return entry;
}

zt_entry_t *zt_outbox_add (zt_outbox_t *self, zt_verb_t verb, const char *target, zt_bytes_t text,
                           uint64_t count)
{
    zt_entry_t *entry = s_new (self, verb, target, text, count, NULL);
    if (!self->waiting)
        self->waiting = entry;
    return entry;
}

void zt_outbox_body (zt_buffer_t *body, zt_verb_t verb, zt_bytes_t text)
{
    zt_buffer_put_string (body, verb == ZT_VERB_SEND ? "{\"text\":" : "{\"query\":");
    zt_json_put_string (body, text);
    zt_buffer_put_char (body, '}');
}

void zt_outbox_put_body (zt_buffer_t *body, const zt_entry_t *entry)
{
    if (entry->body.size)
        zt_buffer_put_bytes (body, entry->body);
    else
        zt_outbox_body (body, entry->verb, entry->text);
}

/*  Takes the body of a SEND apart: its text, what it answers, and, if it has more than a text, all
    of it. The views live as long as *object, which the caller deletes. */
static void s_read_body (zt_bytes_t body, cJSON **object, zt_bytes_t *text, zt_bytes_t *more,
                         uint64_t *re)
{
    zt_buffer_t plain = {NULL, 0, 0};
    *object = zt_json_parse (body);
    *text = zt_json_string (*object, "text");
    zt_outbox_body (&plain, ZT_VERB_SEND, *text);
    *more = zt_bytes_equal (zt_buffer_bytes (&plain), body) ? (zt_bytes_t){NULL, 0} : body;
    zt_buffer_free (&plain);
    const cJSON *number = cJSON_GetObjectItemCaseSensitive (*object, "re");
    bool is_id = cJSON_IsNumber (number) && number->valuedouble >= 1 &&
                 number->valuedouble < (double) (UINT64_C (1) << 53);
    *re = is_id ? (uint64_t) number->valuedouble : 0;
}

/*  Gives a new SEND what its body has beside the text. */
static void s_give (zt_outbox_t *self, zt_entry_t *entry, zt_bytes_t more, uint64_t re)
{
    entry->re = re;
    if (more.size == 0)
        return;
    entry->body = s_copy (more);
    self->bytes += more.size;
}

zt_entry_t *zt_outbox_add_body (zt_outbox_t *self, const char *target, zt_bytes_t body)
{
    cJSON *object;
    zt_bytes_t text, more;
    uint64_t re;
    s_read_body (body, &object, &text, &more, &re);
    zt_entry_t *entry = zt_outbox_add (self, ZT_VERB_SEND, target, text, 0);
    s_give (self, entry, more, re);
    cJSON_Delete (object);
    return entry;
}

/*  The message that asks the broker for what the entry is. */
static zt_message_t s_message (const zt_entry_t *entry, zt_bytes_t body)
{
    zt_message_t message = {.verb = entry->verb, .body = body};
    message.number[0] = entry->ref;
    message.word[1] = zt_bytes (entry->target);
    if (entry->verb == ZT_VERB_HISTORY) {
        message.number[2] = entry->before;
        message.number[3] = entry->count;
    } else if (entry->verb == ZT_VERB_SEARCH)
        message.number[2] = entry->count;
    return message;
}

zt_entry_t *zt_outbox_put (zt_outbox_t *self, zt_buffer_t *frame, size_t most, uint64_t *last_ref)
{
    zt_entry_t *entry = self->waiting;
    if (!entry)
        return NULL;
    zt_buffer_t body = {NULL, 0, 0};
    if (zt_verb_row (entry->verb)->has_body)
        zt_outbox_put_body (&body, entry);
    if (entry->verb == ZT_VERB_SEARCH && entry->before) {
        body.size--; /* the brace */
        zt_buffer_put_format (&body, ",\"before\":%llu}", (unsigned long long) entry->before);
    }
    bool fits = frame->size + ZT_HEADER_MAX + body.size + 2 <= most;
    if (fits) {
        if (entry->ref == 0)
            entry->ref = ++*last_ref;
        zt_message_t message = s_message (entry, zt_buffer_bytes (&body));
        zt_wire_put (frame, &message);
        entry->flying = true;
        self->flying++;
        self->waiting = entry->next;
    }
    zt_buffer_free (&body);
    return fits ? entry : NULL;
}

zt_entry_t *zt_outbox_find (zt_outbox_t *self, uint64_t ref)
{
    /*  Answers come in order but for a few, so this ends at once. */
    zt_entry_t *entry = self->head;
    while (entry && entry->flying && entry->ref != ref)
        entry = entry->next;
    return entry && entry->flying ? entry : NULL;
}

void zt_outbox_remove (zt_outbox_t *self, zt_entry_t *entry)
{
    if (entry->flying)
        self->flying--;
    self->count--;
    self->bytes -= s_weight (entry);
    s_unlink (self, entry);
    free (entry->target);
    free ((char *) (uintptr_t) entry->text.data);
    free ((char *) (uintptr_t) entry->body.data);
    free (entry);
}

void zt_outbox_retry (zt_outbox_t *self, zt_entry_t *entry)
{
    assert (entry->flying);
    s_unlink (self, entry);
    self->flying--;
    entry->flying = false;
    entry->ref = 0;
    /*  What has a ref (it is sent again after a reconnect) must stay before what will
        get a new one; and what will, goes in the order in which it was typed. */
    zt_entry_t *other = self->waiting;
    while (other && (other->ref || other->order < entry->order))
        other = other->next;
    s_link (self, entry, other);
    if (other == self->waiting)
        self->waiting = entry;
}

void zt_outbox_rewind (zt_outbox_t *self)
{
    for (zt_entry_t *entry = self->head; entry && entry->flying; entry = entry->next) {
        entry->flying = false;
        entry->repeated = true;
    }
    self->flying = 0;
    self->waiting = self->head;
}

/*  The same with the body taken apart. */
static zt_entry_t *s_restore (zt_outbox_t *self, uint64_t ref, const char *target, zt_bytes_t text,
                              zt_bytes_t more, uint64_t re)
{
    zt_entry_t *entry = self->waiting;
    if (ref == 0) {
        entry = zt_outbox_add (self, ZT_VERB_SEND, target, text, 0);
        s_give (self, entry, more, re);
        entry->kept = true;
        return entry;
    }
    const zt_entry_t *last = entry ? entry->prev : self->tail;
    if (last && last->ref >= ref)
        return NULL;
    if (entry && zt_bytes_equal (entry->text, text) && zt_bytes_equal (entry->body, more) &&
        strcmp (entry->target, target) == 0)
        self->waiting = entry->next;
    else {
        entry = s_new (self, ZT_VERB_SEND, target, text, 0, self->waiting);
        s_give (self, entry, more, re);
    }
    entry->ref = ref;
    entry->flying = entry->kept = entry->kept_ref = true;
    self->flying++;
    return entry;
}

zt_entry_t *zt_outbox_restore (zt_outbox_t *self, uint64_t ref, const char *target, zt_bytes_t body)
{
    cJSON *object;
    zt_bytes_t text, more;
    uint64_t re;
    s_read_body (body, &object, &text, &more, &re);
    zt_entry_t *entry = s_restore (self, ref, target, text, more, re);
    cJSON_Delete (object);
    return entry;
}

void zt_outbox_clear (zt_outbox_t *self)
{
    while (self->head)
        zt_outbox_remove (self, self->head);
}
