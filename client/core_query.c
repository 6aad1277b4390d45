/*  SPDX-License-Identifier: MPL-2.0 */

/*  ztalk history and ztalk search: one question, in as many requests as the answer
    takes. The pages come from the newest to the oldest, and are shown the other way
    round. */

#include "client/core_state.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <stdlib.h>

struct zt_asking_t {
    uint64_t left;      /* messages that are still wanted */
    zt_buffer_t *pages; /* bodies of answers */
    size_t count, capacity;
};

static uint64_t s_at_most (uint64_t count)
{
    return count < ZT_HISTORY_MAX ? count : ZT_HISTORY_MAX;
}

void zt_client_query_begin (zt_client_t *self, const zt_query_t *query, int64_t now)
{
    self->query = zt_alloc (sizeof *self->query);
    self->query->left = query->count;
    const char *target = query->target ? query->target : "*";
    zt_verb_t verb = query->words ? ZT_VERB_SEARCH : ZT_VERB_HISTORY;
    zt_bytes_t words = query->words ? zt_bytes (query->words) : (zt_bytes_t){"", 0};
    zt_outbox_add (&self->outbox, verb, target, words, s_at_most (query->count))->before =
        query->before;
    zt_client_finish (self, now);
}

/*  Keeps a page; returns how many messages it has, and the lowest id of them. */
static uint64_t s_keep (zt_asking_t *self, zt_bytes_t page, const cJSON *body, uint64_t *oldest)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 8;
        zt_buffer_t *pages = zt_alloc (self->capacity * sizeof *pages);
        if (self->count)
            memcpy (pages, self->pages, self->count * sizeof *pages);
        free (self->pages);
        self->pages = pages;
    }
    self->pages[self->count] = (zt_buffer_t){NULL, 0, 0};
    zt_buffer_put_bytes (&self->pages[self->count++], page);

    uint64_t count = 0;
    const cJSON *message;
    cJSON_ArrayForEach (message, cJSON_GetObjectItemCaseSensitive (body, "messages"))
    {
        uint64_t id = zt_client_number (message, "id", 0);
        if (count++ == 0 || id < *oldest)
            *oldest = id;
    }
    return count;
}

static void s_show (zt_client_t *self, bool where)
{
    zt_asking_t *query = self->query;
    while (query->count) {
        zt_buffer_t *page = &query->pages[--query->count];
        cJSON *body = zt_json_parse (zt_buffer_bytes (page));
        zt_client_show_found (self, body, where, NULL);
        cJSON_Delete (body);
        zt_buffer_free (page);
    }
}

void zt_client_query_answer (zt_client_t *self, const zt_entry_t *entry, zt_bytes_t page)
{
    zt_asking_t *query = self->query;
    cJSON *body = zt_json_parse (page);
    uint64_t oldest = 0;
    uint64_t count = s_keep (query, page, body, &oldest);
    query->left -= count < query->left ? count : query->left;
    bool more = zt_json_bool (body, "more", false);
    cJSON_Delete (body);
    bool is_search = entry->verb == ZT_VERB_SEARCH;
    /*  A page that does not lead further back would be asked for for ever. */
    bool leads_on = oldest > 0 && (entry->before == 0 || oldest < entry->before);
    if (more && query->left && leads_on && !is_search) {
        zt_outbox_add (&self->outbox, ZT_VERB_HISTORY, entry->target, entry->text,
                       s_at_most (query->left))
            ->before = oldest;
        return;
    }
    s_show (self, is_search);
    /*  The protocol has no way to ask for the older hits of a search. */
    if (more && query->left && is_search)
        zt_client_say (self, "more", "there are more, which did not fit into the broker's answer");
}

void zt_client_query_end (zt_client_t *self)
{
    if (!self->query)
        return;
    while (self->query->count)
        zt_buffer_free (&self->query->pages[--self->query->count]);
    free (self->query->pages);
    free (self->query);
    self->query = NULL;
}
