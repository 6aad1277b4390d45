/*  SPDX-License-Identifier: MPL-2.0 */

/*  The jobs that ask: one question, in as many requests as the answer takes. Pages of messages
    come from the newest to the oldest, and are shown the other way round. */

#include "client/core_state.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <stdlib.h>

enum { S_MIB = 1048576, S_PAGES_MOST = 32 * S_MIB };

static uint64_t s_at_most (uint64_t count)
{
    return count < ZT_HISTORY_MAX ? count : ZT_HISTORY_MAX;
}

void zt_client_ask (zt_client_t *self, uint64_t before)
{
    static const zt_verb_t verbs[] = {[ZT_JOB_HISTORY] = ZT_VERB_HISTORY,
                                      [ZT_JOB_SEARCH] = ZT_VERB_SEARCH,
                                      [ZT_JOB_WHO] = ZT_VERB_WHO,
                                      [ZT_JOB_ROOMS] = ZT_VERB_ROOMS,
                                      [ZT_JOB_TAIL] = ZT_VERB_HISTORY};
    const zt_task_t *task = self->task;
    const char *target = task->target[0] ? task->target : "*";
    zt_bytes_t words = task->words ? zt_bytes (task->words) : (zt_bytes_t){"", 0};
    zt_outbox_add (&self->outbox, verbs[task->kind], target, words, s_at_most (task->left))
        ->before = before;
}

/*  True for a message from where on messages are wanted. */
static bool s_is_wanted (const zt_task_t *task, uint64_t id, uint64_t time)
{
    return id > task->since.id && time >= task->since.time;
}

/*  Of a page of messages. */
typedef struct {
    uint64_t count;          /* how many of them are wanted */
    uint64_t oldest, newest; /* ids, or 0 */
    bool is_enough;          /* it leads back to what is not wanted */
} s_page_t;

static s_page_t s_look_at (const zt_task_t *task, const cJSON *body)
{
    s_page_t page = {.count = 0};
    const cJSON *message;
    cJSON_ArrayForEach (message, cJSON_GetObjectItemCaseSensitive (body, "messages"))
    {
        uint64_t id = zt_client_number (message, "id", 0);
        if (page.oldest == 0 || id < page.oldest)
            page.oldest = id;
        if (id > page.newest)
            page.newest = id;
        if (s_is_wanted (task, id, zt_client_number (message, "time", 0)))
            page.count++;
        else
            page.is_enough = true;
    }
    return page;
}

static void s_keep (zt_task_t *task, zt_bytes_t page)
{
    if (task->pages_count == task->pages_capacity) {
        task->pages_capacity = task->pages_capacity ? task->pages_capacity * 2 : 8;
        task->pages = zt_realloc (task->pages, task->pages_capacity, sizeof *task->pages);
    }
    task->pages[task->pages_count] = (zt_buffer_t){NULL, 0, 0};
    zt_buffer_put_bytes (&task->pages[task->pages_count++], page);
    task->pages_size += page.size;
}

static void s_show_page (zt_client_t *self, zt_bytes_t page)
{
    const zt_task_t *task = self->task;
    zt_json_list_t list = zt_client_found (page);
    zt_bytes_t name, text;
    while (zt_json_next (&list, &name, &text)) {
        cJSON *message;
        zt_item_t item;
        if (zt_client_read_found (text, &message, &item) &&
            s_is_wanted (task, item.id, item.time)) {
            item.kind = task->kind == ZT_JOB_TAIL ? ZT_ITEM_MESSAGE : ZT_ITEM_FOUND;
            item.where = task->kind == ZT_JOB_SEARCH;
            zt_client_show_message (self, &item);
        }
        cJSON_Delete (message);
    }
}

static void s_show (zt_client_t *self)
{
    zt_task_t *task = self->task;
    while (task->pages_count) {
        zt_buffer_t *page = &task->pages[--task->pages_count];
        s_show_page (self, zt_buffer_bytes (page));
        zt_buffer_free (page);
    }
}

/*  So much has come that no more of it is asked for: what is below that id is left out. */
static void s_tell_rest (zt_client_t *self, uint64_t id)
{
    const zt_task_t *task = self->task;
    self->failed = self->failed || task->kind != ZT_JOB_TAIL;
    if (task->kind == ZT_JOB_SEARCH)
        zt_client_say (
            self, "too-much",
            "older ones are left out, because they are over %d MiB: search for more words, "
            "or in one conversation",
            S_PAGES_MOST / S_MIB);
    else
        zt_client_say (
            self, "too-much",
            "older ones are left out, because they are over %d MiB: 'ztalk history' with "
            "'--before %llu' shows them",
            S_PAGES_MOST / S_MIB, (unsigned long long) id);
}

/*  Messages: the next older ones are asked for, as long as that leads on. */
static void s_take_messages (zt_client_t *self, const zt_entry_t *entry, const cJSON *body,
                             zt_bytes_t text)
{
    zt_task_t *task = self->task;
    s_page_t page = s_look_at (task, body);
    bool more = zt_json_bool (body, "more", false);
    /*  A page that is not below the last one comes from a broker that goes no further back. */
    bool is_new = entry->before == 0 || page.newest < entry->before;
    if (is_new) {
        s_keep (task, text);
        task->left -= page.count < task->left ? page.count : task->left;
    }
    bool leads_on = more && task->left && is_new && page.oldest && !page.is_enough;
    if (leads_on && task->pages_size < S_PAGES_MOST) {
        zt_client_ask (self, page.oldest);
        return;
    }
    if (task->kind == ZT_JOB_TAIL && !task->count && !task->since.id && !task->since.time)
        zt_client_forget_pages (self); /* it was asked only whether there is such a target */
    s_show (self);
    if (leads_on)
        s_tell_rest (self, page.oldest);
    else if (task->kind == ZT_JOB_SEARCH && more && task->left)
        zt_client_say (self, "more", "there are more, which the broker does not tell");
    if (task->kind == ZT_JOB_TAIL)
        zt_client_tail_begin (self);
}

static void s_take_users (zt_client_t *self, const cJSON *body)
{
    const cJSON *name;
    cJSON_ArrayForEach (name, cJSON_GetObjectItemCaseSensitive (body, "users"))
    {
        zt_item_t item = {.kind = ZT_ITEM_USER};
        if (!cJSON_IsString (name) || !name->valuestring[0])
            continue;
        item.from = zt_bytes (name->valuestring);
        zt_client_show (self, &item);
    }
    if (zt_json_bool (body, "more", false))
        zt_client_say (self, "more", "there are more, which did not fit into the broker's answer");
}

static void s_take_rooms (zt_client_t *self, const zt_entry_t *entry, const cJSON *body)
{
    const cJSON *row;
    zt_bytes_t last = {NULL, 0};
    cJSON_ArrayForEach (row, cJSON_GetObjectItemCaseSensitive (body, "rooms"))
    {
        zt_item_t item = {.kind = ZT_ITEM_ROOM,
                          .to = zt_json_string (row, "room"),
                          .count = zt_client_number (row, "users", 0),
                          .own = zt_json_bool (row, "joined", false)};
        if (item.to.size < 2 || item.to.data[0] != '#')
            continue;
        zt_client_show (self, &item);
        last = item.to;
    }
    char room[ZT_TARGET_SIZE];
    bool leads_on =
        last.size && !zt_client_target (last, room) && strcmp (room, entry->target) != 0;
    if (zt_json_bool (body, "more", false) && leads_on)
        zt_outbox_add (&self->outbox, ZT_VERB_ROOMS, room, (zt_bytes_t){"", 0}, 0);
}

void zt_client_take_answer (zt_client_t *self, const zt_entry_t *entry, zt_bytes_t answer)
{
    cJSON *body = zt_json_parse (answer);
    switch (entry->verb) {
    case ZT_VERB_WHO:
        s_take_users (self, body);
        break;
    case ZT_VERB_ROOMS:
        s_take_rooms (self, entry, body);
        break;
    default:
        s_take_messages (self, entry, body, answer);
        break;
    }
    cJSON_Delete (body);
}

void zt_client_forget_pages (zt_client_t *self)
{
    zt_task_t *task = self->task;
    while (task->pages_count)
        zt_buffer_free (&task->pages[--task->pages_count]);
}
