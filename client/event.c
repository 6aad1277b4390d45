/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/event.h"

#include "common/alloc.h"
#include "common/json.h"

#include <stdlib.h>

/*  An event, and behind it all that it points to. */
struct zt_event_t {
    ztalk_event_t event;
    struct zt_event_t *next;
    uint64_t number;
    size_t size;
    zt_buffer_t text;   /* strings, each with its NUL */
    const char **names; /* in it */
};

/*  Where a string is in the text while that grows: its place takes that of the pointer. */
static const char *s_string (zt_buffer_t *text, zt_bytes_t bytes)
{
    uintptr_t place = text->size;
    zt_buffer_put_bytes (text, bytes);
    zt_buffer_put_char (text, '\0');
    return (const char *) place;
}

static const char *s_at (const struct zt_event_t *self, const char *place)
{
    return self->text.data + (uintptr_t) place;
}

/*  The strings of an event. */
typedef struct {
    zt_bytes_t from, to, text, body, code, reason, key, fingerprint;
    const char *const *names;
    size_t names_count;
} s_strings_t;

static void s_append (zt_events_t *self, const ztalk_event_t *event, const s_strings_t *strings,
                      uint64_t number)
{
    struct zt_event_t *copy = zt_alloc (sizeof *copy);
    ztalk_event_t *to = &copy->event;
    const struct {
        const char **member;
        const zt_bytes_t *bytes;
    } rows[] = {{&to->from, &strings->from}, {&to->to, &strings->to},
                {&to->text, &strings->text}, {&to->body, &strings->body},
                {&to->code, &strings->code}, {&to->reason, &strings->reason},
                {&to->key, &strings->key},   {&to->fingerprint, &strings->fingerprint}};
    *to = *event;
    to->text_size = strings->text.size;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        *rows[i].member = s_string (&copy->text, *rows[i].bytes);
    to->names_count = strings->names_count;
    copy->names = zt_alloc (strings->names_count * sizeof *copy->names);
    for (size_t i = 0; i < strings->names_count; i++)
        copy->names[i] = s_string (&copy->text, zt_bytes (strings->names[i]));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        *rows[i].member = s_at (copy, *rows[i].member);
    for (size_t i = 0; i < strings->names_count; i++)
        copy->names[i] = s_at (copy, copy->names[i]);
    to->names = copy->names;
    copy->number = number;
    copy->size = sizeof *copy + copy->text.size + strings->names_count * sizeof *copy->names;
    self->bytes += copy->size;
    *(self->tail ? &self->tail->next : &self->head) = copy;
    self->tail = copy;
}

/*  What the item is to a program, or -1 if it is nothing. */
static int s_type (const zt_item_t *item)
{
    switch (item->kind) {
    case ZT_ITEM_MESSAGE:
        return item->own ? ZTALK_SENT : ZTALK_MESSAGE;
    case ZT_ITEM_FOUND:
        return ZTALK_FOUND;
    case ZT_ITEM_DELIVERED:
        return ZTALK_DELIVERED;
    case ZT_ITEM_ONLINE:
        return item->order ? ZTALK_RESULT : ZTALK_ONLINE;
    case ZT_ITEM_OLDER_END:
    case ZT_ITEM_HITS_END: /* that it was refused was told */
        return item->code ? -1 : ZTALK_RESULT;
    case ZT_ITEM_JOINED:
    case ZT_ITEM_PARTED:
        return ZTALK_RESULT;
    case ZT_ITEM_HERE:
        return ZTALK_HERE;
    case ZT_ITEM_LEFT:
        return ZTALK_AWAY;
    case ZT_ITEM_ROOMS:
        return ZTALK_ROOMS;
    case ZT_ITEM_GAP:
        return ZTALK_GAP;
    case ZT_ITEM_ERROR:
        return item->order ? ZTALK_REJECTED : ZTALK_NOTICE;
    case ZT_ITEM_NOTICE:
        return ZTALK_NOTICE;
    case ZT_ITEM_STATE:
        if (strcmp (item->code, "connected") == 0 || strcmp (item->code, "reconnected") == 0)
            return ZTALK_CONNECTED;
        return strcmp (item->code, "lost") == 0 ? ZTALK_LOST : ZTALK_NOTICE;
    default: /* what a person sees of what is on its way */
        return -1;
    }
}

void zt_events_put (zt_events_t *self, const zt_item_t *item, uint64_t number)
{
    int type = s_type (item);
    if (type < 0)
        return;
    bool is_error = item->kind == ZT_ITEM_ERROR;
    bool is_search = item->kind == ZT_ITEM_HITS_END;
    ztalk_event_t event = {.type = (ztalk_type_t) type,
                           .ref = item->order,
                           .id = item->kind == ZT_ITEM_GAP ? 0 : item->id,
                           .time = item->time,
                           .count = item->count,
                           .has_text = item->has_text,
                           .more = item->more};
    /*  A body of a peer may have line ends between its members. */
    zt_buffer_t body = {NULL, 0, 0};
    if (item->body.size)
        zt_json_put_text (&body, item->body);
    s_strings_t strings = {.from = item->from,
                           .to = item->to,
                           .text = is_search                                ? zt_bytes (NULL)
                                   : is_error && type == (int) ZTALK_NOTICE ? item->message
                                                                            : item->text,
                           .body = zt_buffer_bytes (&body),
                           .code = zt_bytes (item->code),
                           .reason = is_error ? item->message : zt_bytes (NULL),
                           .names = item->names,
                           .names_count = item->names_count};
    s_append (self, &event, &strings, number);
    zt_buffer_free (&body);
}

void zt_events_put_event (zt_events_t *self, const ztalk_event_t *event, uint64_t number)
{
    s_strings_t strings = {.text = zt_bytes (event->text),
                           .code = zt_bytes (event->code),
                           .key = zt_bytes (event->key),
                           .fingerprint = zt_bytes (event->fingerprint)};
    s_append (self, event, &strings, number);
}

static void s_free (struct zt_event_t *event)
{
    if (!event)
        return;
    zt_buffer_free (&event->text);
    free (event->names);
    free (event);
}

const ztalk_event_t *zt_events_take (zt_events_t *self, uint64_t *number)
{
    s_free (self->taken);
    self->taken = self->head;
    if (!self->taken)
        return NULL;
    self->head = self->taken->next;
    if (!self->head)
        self->tail = NULL;
    self->bytes -= self->taken->size;
    if (number)
        *number = self->taken->number;
    return &self->taken->event;
}

bool zt_events_is_empty (const zt_events_t *self)
{
    return !self->head;
}

void zt_events_clear (zt_events_t *self)
{
    while (zt_events_take (self, NULL))
        continue;
}
