/*  SPDX-License-Identifier: MPL-2.0

    QUERY: history and search. The log is read from the index's mark to its end, and the
    index for what is before; the messages that it names are then read out of the log. */

#include "broker/index_state.h"
#include "broker/query.h"
#include "common/alloc.h"
#include "common/wire.h"

#include <stdlib.h>

/*  ---------------------------------------------------------------------------
    What was found */

/*  A message, copied: the slices of many hits would take more memory than an answer
    may have. */
typedef struct {
    char *data;
    uint32_t size;
} s_found_t;

/*  What the answer is made of: the newest count + 1 messages after the mark (one more
    tells whether there is more), and ids of those before. */
typedef struct {
    const zt_query_t *query;
    size_t most;      /* count + 1 */
    s_found_t *found; /* a ring, that grows up to most; the newest is the last */
    size_t n_found;
    size_t next;   /* where the ring goes on */
    uint64_t *ids; /* the newest first */
    size_t n_ids;
    uint64_t below; /* ids are below this */
} s_search_t;

static void s_search_clear (s_search_t *self)
{
    for (size_t i = 0; i < self->n_found; i++)
        free (self->found[i].data);
    free (self->found);
    free (self->ids);
    self->found = NULL;
    self->ids = NULL;
    self->n_found = self->n_ids = self->next = 0;
}

static void s_take (s_search_t *self, const char *data, size_t size)
{
    if (self->next < self->n_found)
        free (self->found[self->next].data);
    else {
        if ((self->n_found & (self->n_found - 1)) == 0) /* doubles at powers of two */
            self->found = zt_realloc (self->found, self->n_found ? self->n_found * 2 : 1,
                                      sizeof *self->found);
        self->n_found++;
    }
    self->found[self->next] = (s_found_t){zt_strndup (data, size), (uint32_t) size};
    self->next = (self->next + 1) % self->most;
}

/*  The message that is so many steps before the newest one. */
static const s_found_t *s_found_back (const s_search_t *self, size_t steps)
{
    return &self->found[(self->next + self->n_found - 1 - steps) % self->n_found];
}

static void s_search_run (s_search_t *self, const zt_slice_t *slice, const zt_run_t *run,
                          uint64_t after)
{
    const char *at = slice->data + run->offset;
    zt_reader_t reader = zt_reader (at, run->size, ZT_FROM_BROKER);
    zt_message_t message;
    for (; zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE; at = reader.at) {
        if (self->query->before && message.number[0] >= self->query->before)
            return;
        if (message.number[0] > after && zt_query_matches (self->query, message.body))
            s_take (self, at, (size_t) (reader.at - at));
    }
}

/*  Looks through the log after this id. Returns -1 if it cannot be read. */
static int s_search_log (s_search_t *self, const zt_index_t *index, uint64_t after)
{
    zt_index_walk_t walk = zt_index_walk_for (index);
    zt_slice_t *slice;
    int n;
    while ((n = zt_index_walk (&walk, after, ZT_INDEX_AHEAD, &slice)) > 0) {
        if (self->query->before && slice->first_id >= self->query->before)
            break;
        for (uint32_t i = 0; i < slice->n_runs; i++)
            if (slice->runs[i].first_id + slice->runs[i].count > after + 1 &&
                zt_query_concerns (self->query, &slice->runs[i]))
                s_search_run (self, slice, &slice->runs[i], after);
        after = slice->last_id;
    }
    zt_index_walk_clear (&walk);
    return n < 0 ? -1 : 0;
}

/*  ---------------------------------------------------------------------------
    What the index knows */

static bool s_wants_more (const s_search_t *self)
{
    return self->n_found + self->n_ids < self->most;
}

static bool s_take_run (void *search, const zt_index_run_t *run)
{
    s_search_t *self = search;
    uint64_t end = run->first_id + run->count;
    for (uint64_t id = end < self->below ? end : self->below; id-- > run->first_id;) {
        if (!s_wants_more (self))
            return false;
        self->ids[self->n_ids++] = id;
    }
    return s_wants_more (self);
}

static void s_put_scope (zt_buffer_t *to, const char *prefix, uint64_t number)
{
    zt_buffer_put_format (to, " OR \"%s%llu\"", prefix, (unsigned long long) number);
}

/*  The query in FTS5's language; see s_put_scopes in store_index.c. */
static void s_put_expression (zt_buffer_t *to, const zt_query_t *query)
{
    if (query->target) {
        zt_index_pair_t pair = zt_index_pair (query->user, query->target);
        zt_buffer_put_format (to, "(\"_p%llux%llu\"", (unsigned long long) pair.low,
                              (unsigned long long) pair.high);
        s_put_scope (to, "_r", query->target);
    } else {
        zt_buffer_put_format (to, "(\"_u%llu\"", (unsigned long long) query->user);
        for (uint32_t i = 0; i < query->n_rooms; i++)
            s_put_scope (to, "_r", query->rooms[i]);
    }
    zt_buffer_put_char (to, ')');
    zt_bytes_t words = {query->needle, query->needle_size};
    while (words.size) {
        zt_buffer_put_string (to, " AND \"");
        zt_buffer_put_bytes (to, zt_words_cut (&words));
        zt_buffer_put_string (to, "\" *");
    }
}

static bool s_find_in_part (zt_index_t *self, zt_index_part_t *part, zt_bytes_t expression,
                            s_search_t *search)
{
    sqlite3_stmt *statement = zt_index_statement (&self->file, part, ZT_INDEX_FIND);
    if (!statement)
        return false;
    sqlite3_bind_text (statement, 1, expression.data, (int) expression.size, SQLITE_STATIC);
    zt_index_bind (statement, 2, search->below);
    zt_index_bind (statement, 3, search->most - search->n_found - search->n_ids);
    int step;
    while ((step = zt_index_step (&self->file, statement)) > 0)
        search->ids[search->n_ids++] = zt_index_column (statement, 0);
    if (step == 0)
        sqlite3_clear_bindings (statement);
    return step == 0;
}

static bool s_find_words (zt_index_t *self, s_search_t *search)
{
    zt_buffer_t expression = {NULL, 0, 0};
    s_put_expression (&expression, search->query);
    bool good = true;
    for (size_t i = self->file.n_parts; good && i-- > 0 && s_wants_more (search);)
        if (self->file.parts[i].first_id < search->below)
            good =
                s_find_in_part (self, &self->file.parts[i], zt_buffer_bytes (&expression), search);
    zt_buffer_free (&expression);
    return good;
}

/*  Adds what the index has up to the mark. False if it has failed. */
static bool s_search_index (zt_index_t *self, s_search_t *search, uint64_t mark)
{
    uint64_t before = search->query->before;
    search->below = before && before <= mark ? before : mark + 1;
    if (!s_wants_more (search))
        return true;
    search->ids = zt_alloc (search->most * sizeof *search->ids);
    zt_index_range_t range = {search->query, 0, search->below};
    if (search->query->needle_size ? !s_find_words (self, search)
                                   : !zt_index_runs (self, &range, s_take_run, search))
        return false;
    while (search->n_ids && search->ids[search->n_ids - 1] <= self->trimmed_to)
        search->n_ids--;
    return true;
}

/*  ---------------------------------------------------------------------------
    The answer */

/*  All hits are in one slice, which is made at the end. */
typedef struct {
    zt_buffer_t bytes;
    zt_hit_t *hits;
    uint32_t n;
    uint64_t id; /* of some message */
} s_hits_t;

static void s_put_hit (s_hits_t *self, const char *data, size_t size)
{
    self->hits[self->n++] = (zt_hit_t){NULL, (uint32_t) self->bytes.size, (uint32_t) size};
    zt_buffer_put (&self->bytes, data, size);
}

/*  The message with this id; a part of none if the slice does not have it. */
static zt_part_t s_locate (const zt_slice_t *slice, uint64_t id)
{
    uint32_t low = 0, high = slice->n_runs;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (slice->runs[middle].first_id > id)
            high = middle;
        else
            low = middle + 1;
    }
    const zt_run_t *run = low > 0 ? &slice->runs[low - 1] : NULL;
    if (!run || id - run->first_id >= run->count)
        return (zt_part_t){0, 0, 0, 0};
    zt_part_t part = zt_slice_part (slice, run, id - 1, 1, UINT32_MAX);
    if (part.count && part.first_id != id)
        part.count = 0;
    return part;
}

/*  Reads messages out of the log by their ids, the newest first. What the log does not have
    any more is left out. Returns -1 if it cannot be read. */
static int s_read_hits (s_hits_t *hits, const zt_index_t *index, const uint64_t *ids, size_t n)
{
    zt_slice_source_t source = index->walk.source;
    zt_slice_t *slice = NULL;
    int read = 1;
    for (size_t i = 0; i < n && read > 0 && hits->bytes.size < ZT_INDEX_ANSWER; i++) {
        if (zt_index_is_stopped (&index->walk))
            break;
        if (!slice || slice->first_id > ids[i]) {
            if (slice)
                zt_slice_unref (&slice);
            read = source.read (source.self, ids[i] - 1, &slice, 1, 1);
            if (read <= 0 || slice->first_id > ids[i]) /* the older ones are gone, too */
                break;
        }
        zt_part_t part = s_locate (slice, ids[i]);
        if (part.count)
            s_put_hit (hits, slice->data + part.offset, part.size);
    }
    if (slice)
        zt_slice_unref (&slice);
    return read < 0 ? -1 : 0;
}

/*  Makes the completion's hits of what was found. Returns -1 if the log cannot be read. */
static int s_search_answer (zt_index_t *self, const s_search_t *search, zt_completion_t *completion)
{
    size_t count = search->query->count, n = search->n_found < count ? search->n_found : count;
    size_t n_ids = search->n_ids < count - n ? search->n_ids : count - n;
    s_hits_t hits = {.hits = zt_alloc ((count + 1) * sizeof *hits.hits)};
    size_t i = 0;
    for (; i < n && hits.bytes.size < ZT_INDEX_ANSWER; i++)
        s_put_hit (&hits, s_found_back (search, i)->data, s_found_back (search, i)->size);
    int read = s_read_hits (&hits, self, search->ids, n_ids);
    completion->more = search->n_found + search->n_ids > count ||
                       (hits.bytes.size >= ZT_INDEX_ANSWER && hits.n < n + n_ids);
    completion->n = hits.n;
    completion->hits = hits.hits;
    if (hits.n) {
        zt_run_t run = {.first_id = 1, .count = hits.n, .size = (uint32_t) hits.bytes.size};
        zt_slice_t *slice = zt_slice_new (&run, 1, zt_buffer_bytes (&hits.bytes));
        for (uint32_t at = 0; at < hits.n; at++)
            hits.hits[at].slice = zt_slice_ref (slice);
        zt_slice_unref (&slice);
    }
    zt_buffer_free (&hits.bytes);
    return read;
}

int zt_index_search (zt_index_t *self, const zt_query_t *query, zt_completion_t *completion)
{
    for (;;) {
        const zt_index_marks_t *marks = &self->file.marks;
        uint64_t mark = query->needle_size ? marks->text : marks->run;
        s_search_t search = {.query = query, .most = (size_t) query->count + 1};
        int read =
            query->before && query->before <= mark + 1 ? 0 : s_search_log (&search, self, mark);
        bool good = read == 0 && (mark == 0 || s_search_index (self, &search, mark));
        if (good)
            read = s_search_answer (self, &search, completion);
        s_search_clear (&search);
        if (good || read < 0)
            return read;
    }
}
