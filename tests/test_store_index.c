/*  SPDX-License-Identifier: MPL-2.0

    The index, beside the log in memory: whatever is asked, and however far the index
    has come, the answers are the same. */

#include "broker/index_state.h"
#include "broker/store_memory.h"
#include "common/alloc.h"
#include "common/wire.h"
#include "tests/wrapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { S_USERS = 6, S_ROOM = 100, S_ROOMS = 4, S_DEVICE = 200, S_DEVICES = 9 };

/*  A log that a test fills, with what reads it. */
typedef struct {
    char directory[64];
    char path[96];
    zt_store_t *memory;
    zt_index_t *index;
    zt_slice_t **slices; /* from first, n of them */
    size_t first;
    size_t n;
    uint64_t next_id;
    uint64_t trimmed_to;
    uint64_t refs[S_DEVICES]; /* the next one of each device */
    uint64_t random;
    bool broken; /* reading fails */
    int reads;
    int stop_at; /* which of them stops the index */
    atomic_bool stop;
} s_log_t;

static int s_read (void *log, uint64_t after, zt_slice_t **slices, int n, size_t bytes)
{
    s_log_t *self = log;
    size_t low = self->first, high = self->n, size = 0;
    int got = 0;
    if (++self->reads == self->stop_at)
        atomic_store (&self->stop, true);
    if (self->broken)
        return -1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->slices[middle]->last_id > after)
            high = middle;
        else
            low = middle + 1;
    }
    for (; low < self->n && got < n && (got == 0 || size < bytes); low++) {
        size += self->slices[low]->size;
        slices[got++] = zt_slice_ref (self->slices[low]);
    }
    return got;
}

static uint64_t s_below (s_log_t *self, uint64_t bound)
{
    self->random ^= self->random >> 12;
    self->random ^= self->random << 25;
    self->random ^= self->random >> 27;
    return (self->random * 0x2545F4914F6CDD1DU >> 11) % bound;
}

static void s_open (s_log_t *self)
{
    char wrong[256] = "";
    self->index =
        zt_index_open (self->path, (zt_slice_source_t){self, s_read}, wrong, sizeof wrong);
    if (!self->index)
        fail_msg ("%s", wrong);
    zt_index_set_part (self->index, 100);
    zt_index_set_stop (self->index, &self->stop);
}

static int s_setup (void **state)
{
    s_log_t *self = zt_alloc (sizeof *self);
    strcpy (self->directory, "/tmp/ztalk-index-XXXXXX");
    assert_non_null (mkdtemp (self->directory));
    snprintf (self->path, sizeof self->path, "%s/index.db", self->directory);
    self->memory = zt_store_memory_new (1 << 24);
    self->next_id = 1;
    self->random = 88172645463325252u;
    for (size_t i = 0; i < S_DEVICES; i++)
        self->refs[i] = 1;
    s_open (self);
    *state = self;
    return 0;
}

static int s_teardown (void **state)
{
    s_log_t *self = *state;
    if (self->index)
        zt_index_close (&self->index);
    unlink (self->path);
    rmdir (self->directory);
    self->memory->destroy (&self->memory);
    for (size_t i = 0; i < self->n; i++)
        zt_slice_unref (&self->slices[i]);
    free (self->slices);
    free (self);
    return 0;
}

/*  ---------------------------------------------------------------------------
    Slices */

static void s_put_body (s_log_t *self, zt_buffer_t *body)
{
    static const char *const words[] = {
        "привіт",  "ПРИВІТ,", "Привітання", "їжак", "І\u0308ЖАК!", "м'ята", "м’ята",  "straße",
        "STRASSE", "так",     "😀",          "👍",    "a",           "ab",    "abc 42", "(ні)"};
    if (s_below (self, 20) == 0) {
        static const char *const others[] = {"{}",
                                             "{\"text\":7}",
                                             "no JSON",
                                             "{\"text\":\"\"}",
                                             "{\"x\":\"привіт\"}",
                                             "{\"text\":\"?!\"}"};
        zt_buffer_put_string (body, others[s_below (self, sizeof others / sizeof others[0])]);
        return;
    }
    zt_buffer_put_string (body, "{\"text\":\"");
    for (uint64_t n = 1 + s_below (self, 4); n > 0; n--) {
        zt_buffer_put_string (body, words[s_below (self, sizeof words / sizeof words[0])]);
        zt_buffer_put_char (body, ' ');
    }
    zt_buffer_put_string (body, "\"}");
}

static void s_put_message (zt_buffer_t *bytes, uint64_t id, uint64_t time, zt_bytes_t body)
{
    zt_wire_put (bytes, &(zt_message_t){.verb = ZT_VERB_MSG,
                                        .number = {id, time},
                                        .word = {{NULL, 0}, {NULL, 0}, {"@a", 2}, {"@b", 2}},
                                        .body = body});
}

static zt_run_t s_run (s_log_t *self, zt_buffer_t *bytes)
{
    zt_run_t run = {.first_id = self->next_id, .offset = (uint32_t) bytes->size};
    uint64_t device = s_below (self, S_DEVICES);
    run.device = device ? S_DEVICE + device : 0;
    run.from = 1 + device % S_USERS;
    run.is_room = s_below (self, 2) == 0;
    run.target = run.is_room ? S_ROOM + s_below (self, S_ROOMS) : 1 + s_below (self, S_USERS);
    run.count = (uint32_t) (s_below (self, 4) ? 1 + s_below (self, 3) : 1 + s_below (self, 40));
    run.time = 1000 + run.first_id;
    run.first_ref = self->refs[device];
    self->refs[device] += run.count + s_below (self, 3);
    for (uint32_t i = 0; i < run.count; i++) {
        zt_buffer_t body = {NULL, 0, 0};
        s_put_body (self, &body);
        s_put_message (bytes, self->next_id++, run.time, zt_buffer_bytes (&body));
        zt_buffer_free (&body);
    }
    run.size = (uint32_t) bytes->size - run.offset;
    return run;
}

/*  Puts a slice at the end of both logs. */
static void s_append (s_log_t *self, zt_slice_t *slice)
{
    self->slices = zt_realloc (self->slices, self->n + 1, sizeof (zt_slice_t *));
    self->slices[self->n++] = zt_slice_ref (slice);
    self->memory->submit (self->memory, &(zt_request_t){.kind = ZT_STORE_COMMIT, .slice = slice});
    zt_completion_t done;
    assert_true (self->memory->next (self->memory, &done));
    zt_completion_clear (&done);
}

static void s_grow (s_log_t *self, int slices)
{
    while (slices-- > 0) {
        zt_run_t runs[20];
        zt_buffer_t bytes = {NULL, 0, 0};
        size_t n = 1 + s_below (self, sizeof runs / sizeof runs[0]);
        self->next_id += s_below (self, 4) ? 0 : s_below (self, 30);
        for (size_t i = 0; i < n; i++)
            runs[i] = s_run (self, &bytes);
        s_append (self, zt_slice_new (runs, n, zt_buffer_bytes (&bytes)));
        zt_buffer_free (&bytes);
    }
}

/*  Loses what memory has lost. */
static void s_trim (s_log_t *self)
{
    zt_completion_t read;
    self->memory->submit (self->memory, &(zt_request_t){.kind = ZT_STORE_READ});
    assert_true (self->memory->next (self->memory, &read));
    self->trimmed_to = read.trimmed_to;
    zt_completion_clear (&read);
    while (self->slices[self->first]->last_id <= self->trimmed_to)
        self->first++;
}

static bool s_work (s_log_t *self)
{
    return zt_index_work (self->index, self->next_id - 1, self->trimmed_to);
}

static void s_work_all (s_log_t *self)
{
    for (int i = 0; s_work (self); i++)
        assert_true (i < 10000);
    assert_null (zt_index_wrong (self->index));
}

/*  ---------------------------------------------------------------------------
    Questions to both */

static zt_completion_t s_remember (s_log_t *self, const zt_request_t *request)
{
    zt_request_t copy = *request;
    zt_completion_t completion;
    if (request->query) {
        copy.query = zt_alloc (sizeof *copy.query);
        *copy.query = *request->query;
    }
    self->memory->submit (self->memory, &copy);
    while (!self->memory->next (self->memory, &completion))
        assert_true (self->memory->is_busy (self->memory));
    return completion;
}

static void s_tell (const zt_request_t *request, const char *what, uint64_t memory, uint64_t index)
{
    const zt_query_t *query = request->query;
    fail_msg ("%s: %llu in memory and %llu by index; kind %d, user %llu, target %llu, before %llu, "
              "count %u, after %llu, device %llu, needle '%.*s'",
              what, (unsigned long long) memory, (unsigned long long) index, (int) request->kind,
              query ? (unsigned long long) query->user : 0,
              query ? (unsigned long long) query->target : 0,
              query ? (unsigned long long) query->before : 0, query ? query->count : 0,
              (unsigned long long) request->after, (unsigned long long) request->device,
              query ? (int) query->needle_size : 0, query ? query->needle : "");
}

static void s_compare_hits (const zt_request_t *request, const zt_completion_t *memory,
                            const zt_completion_t *index)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        const zt_hit_t *a = &memory->hits[i], *b = &index->hits[i];
        if (a->size != b->size ||
            memcmp (a->slice->data + a->offset, b->slice->data + b->offset, a->size) != 0)
            s_tell (request, "another hit at", i, i);
    }
}

/*  Asks both, and gives the number of hits. */
static uint32_t s_compare (s_log_t *self, const zt_request_t *request)
{
    zt_completion_t memory = s_remember (self, request), index;
    zt_index_answer (self->index, request, &index);
    assert_int_equal (index.kind, request->kind);
    assert_int_equal (index.asker.session, request->asker.session);
    assert_int_equal (index.result, ZT_STORE_DONE);
    if (memory.n != index.n)
        s_tell (request, "hits", memory.n, index.n);
    if (memory.more != index.more)
        s_tell (request, "more", memory.more, index.more);
    if (memory.read_to != index.read_to)
        s_tell (request, "read to", memory.read_to, index.read_to);
    if (memory.count != index.count)
        s_tell (request, "count", memory.count, index.count);
    bool is_lost = index.id && index.id <= self->trimmed_to; /* the index knows it still */
    if (!is_lost && (memory.id != index.id || memory.time != index.time))
        s_tell (request, "id", memory.id, index.id);
    s_compare_hits (request, &memory, &index);
    uint32_t n = index.n;
    zt_completion_clear (&memory);
    zt_completion_clear (&index);
    return n;
}

static void s_look_for (zt_query_t *query, const char *text)
{
    zt_buffer_t words = {NULL, 0, 0};
    zt_words_query (&words, zt_bytes (text));
    query->needle_size = words.size;
    memcpy (query->needle, words.data, words.size);
    zt_buffer_free (&words);
}

static uint64_t s_some_id (s_log_t *self)
{
    return s_below (self, 3) ? s_below (self, self->next_id + 5) : 0;
}

static zt_query_t s_some_query (s_log_t *self)
{
    static const char *const needles[] = {
        "привіт", "прив", "п", "їжак",   "м'ята", "М’Я",   "strasse", "straß", "😀", "a",
        "ab",     "abc",  "4", "ні так", "👍 п",   "немає", "а",       "a b",   "т", "їж прив"};
    zt_query_t query = {.user = 1 + s_below (self, S_USERS), .before = s_some_id (self)};
    switch (s_below (self, 3)) {
    case 0:
        query.target = 1 + s_below (self, S_USERS);
        break;
    case 1:
        query.target = S_ROOM + s_below (self, S_ROOMS);
        break;
    default:
        for (uint64_t room = S_ROOM; room < S_ROOM + S_ROOMS; room++)
            if (s_below (self, 2))
                query.rooms[query.n_rooms++] = room;
    }
    query.count = (uint32_t) (s_below (self, 4) ? 1 + s_below (self, 60) : 500);
    if (s_below (self, 3))
        s_look_for (&query, needles[s_below (self, sizeof needles / sizeof needles[0])]);
    return query;
}

/*  Gives the number of hits. */
static uint32_t s_ask_at_random (s_log_t *self, int times)
{
    uint32_t hits = 0;
    for (int i = 0; i < times; i++) {
        zt_query_t query = s_some_query (self);
        hits += s_compare (
            self, &(zt_request_t){.kind = ZT_STORE_QUERY, .asker = {3, 2, 1}, .query = &query});
        query.target = s_below (self, 2) ? 0 : query.target;
        query.needle_size = 0;
        query.before = 0;
        query.count = (uint32_t) s_below (self, 200);
        query.device = s_below (self, 2) ? S_DEVICE + 1 + s_below (self, S_DEVICES - 1) : 0;
        s_compare (self, &(zt_request_t){.kind = ZT_STORE_SKIP,
                                         .asker = {3, 2, 1},
                                         .after = s_some_id (self),
                                         .query = &query});
        uint64_t device = 1 + s_below (self, S_DEVICES - 1);
        s_compare (self, &(zt_request_t){.kind = ZT_STORE_RECALL,
                                         .asker = {3, s_below (self, self->refs[device] + 2), 1},
                                         .device = S_DEVICE + device});
    }
    return hits;
}

/*  ---------------------------------------------------------------------------
    Tests */

static void s_answers_are_those_of_memory (void **state)
{
    s_log_t *self = *state;
    for (int round = 0; round < 15; round++) {
        s_grow (self, 1 + (int) s_below (self, 12));
        s_ask_at_random (self, 10); /* some of it is not in the index */
        for (uint64_t pieces = s_below (self, 3); pieces > 0 && s_work (self); pieces--)
            s_ask_at_random (self, 5);
        if (s_below (self, 3) == 0)
            s_work_all (self);
        if (s_below (self, 6) == 0) {
            zt_index_close (&self->index);
            s_open (self);
        }
        s_ask_at_random (self, 10);
    }
    s_work_all (self);
    assert_int_equal (zt_index_mark (self->index), self->next_id - 1);
    assert_true (self->index->file.n_parts > 3);
    assert_true (s_ask_at_random (self, 100) > 500);
}

static void s_what_the_log_has_lost_is_not_found (void **state)
{
    s_log_t *self = *state;
    self->memory->destroy (&self->memory);
    self->memory = zt_store_memory_new (200 * 1000);
    for (int round = 0; round < 12; round++) {
        s_grow (self, 16);
        s_trim (self);
        if (s_below (self, 2))
            s_work_all (self);
        else
            s_work (self);
        s_ask_at_random (self, 10);
    }
    assert_true (self->trimmed_to > 300);
    s_work_all (self);
    assert_true (self->index->file.parts[1].first_id > self->trimmed_to);
    assert_true (s_ask_at_random (self, 100) > 20);
}

static zt_completion_t s_recall (s_log_t *self, uint64_t device, uint64_t ref)
{
    zt_completion_t completion;
    zt_index_answer (
        self->index,
        &(zt_request_t){.kind = ZT_STORE_RECALL, .asker = {3, ref, 1}, .device = device},
        &completion);
    assert_int_equal (completion.result, ZT_STORE_DONE);
    return completion;
}

/*  What was stored and is lost is not sent again, and SKIP tells that its count lacks it. */
static void s_what_the_log_has_lost_is_known_to_be_stored (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 30);
    s_work_all (self);
    const zt_slice_t *slice = self->slices[0];
    const zt_run_t *run = &slice->runs[0];
    for (uint32_t i = 0; run->device == 0; run = &slice->runs[++i])
        assert_true (i + 1 < slice->n_runs);
    zt_query_t query = {.user = 1, .target = S_ROOM, .count = 2};
    for (int lost = 0; lost < 2; lost++) {
        zt_completion_t recalled = s_recall (self, run->device, run->first_ref + run->count - 1);
        assert_int_equal (recalled.id, run->first_id + run->count - 1);
        assert_int_equal (recalled.time, run->time);
        zt_request_t request = {.kind = ZT_STORE_SKIP, .query = &query};
        for (request.after = 0; request.after <= slice->last_id; request.after += slice->last_id) {
            zt_completion_t skipped;
            zt_index_answer (self->index, &request, &skipped);
            assert_int_equal (skipped.trimmed_to, lost && request.after == 0 ? slice->last_id : 0);
        }
        self->first = 1;
        self->trimmed_to = slice->last_id;
        zt_index_set_part (self->index, 1000000);
        s_work_all (self);
        assert_int_equal (self->index->file.parts[0].first_id, 1);
    }
}

/*  What the index knows is not looked for in the log; one walk along the log is enough for
    all refs of a device; and it ends where they are found. */
static void s_refs_are_recalled_in_one_walk (void **state)
{
    s_log_t *self = *state;
    uint64_t device = 3, indexed = 0;
    uint64_t step = zt_wrapped () ? 64 : 4; /* a recall takes 50 ms under valgrind */
    for (int round = 0; round < 2; round++) {
        s_grow (self, 400);
        self->reads = 0;
        assert_int_not_equal (s_recall (self, S_DEVICE + device, indexed + 1).id, 0);
        assert_in_range (self->reads, 1, 2);
        int found = 0;
        for (uint64_t ref = indexed + 1; ref < self->refs[device]; ref++)
            if (ref % step == 0)
                found += s_recall (self, S_DEVICE + device, ref).id != 0;
        assert_true ((uint64_t) found > 200 / step);
        assert_true ((uint64_t) self->reads < 2 * (self->refs[device] - indexed));
        self->reads = 0;
        for (uint64_t ref = self->refs[device]; ref < self->refs[device] + 20; ref++)
            assert_int_equal (s_recall (self, S_DEVICE + device, ref).id, 0);
        assert_in_range (self->reads, 20, 24);
        s_ask_at_random (self, 50);
        s_work_all (self);
        indexed = self->refs[device] - 1;
        for (uint64_t ref = 1; ref <= indexed; ref++) {
            self->reads = 0;
            if (ref % step == 0 && s_recall (self, S_DEVICE + device, ref).id) {
                assert_int_equal (self->reads, 0);
                found--;
            }
        }
        assert_true (found <= 0);
    }
}

static void s_an_index_that_was_closed_goes_on (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 20);
    s_work_all (self);
    uint64_t mark = zt_index_mark (self->index);
    assert_true (mark > 0);
    zt_index_close (&self->index);
    s_grow (self, 1);
    s_open (self);
    assert_int_equal (zt_index_mark (self->index), mark);
    s_work_all (self);
    s_ask_at_random (self, 20);
}

/*  The log is another one than the index has seen: shorter, or as long and written anew. */
static void s_an_index_of_another_log_is_made_anew (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 20);
    s_work_all (self);
    assert_false (zt_index_work (self->index, 5, 0) && zt_index_mark (self->index) > 5);
    s_work_all (self);
    s_ask_at_random (self, 10);
    zt_index_close (&self->index);
    s_teardown (state);
    s_setup (state); /* an empty log, and a new directory: */
    self = *state;
    s_grow (self, 20);
    s_work_all (self);
    zt_index_close (&self->index);
    size_t last = self->n - 1;
    zt_run_t runs[20];
    memcpy (runs, self->slices[last]->runs, self->slices[last]->n_runs * sizeof runs[0]);
    runs[self->slices[last]->n_runs - 1].time++;
    zt_slice_t *other =
        zt_slice_new (runs, self->slices[last]->n_runs,
                      (zt_bytes_t){self->slices[last]->data, self->slices[last]->size});
    zt_slice_unref (&self->slices[last]);
    self->slices[last] = other;
    s_open (self);
    assert_int_equal (zt_index_mark (self->index), 0);
}

static void s_overwrite (const s_log_t *self, long from, long size)
{
    FILE *file = fopen (self->path, "r+b");
    assert_non_null (file);
    assert_int_equal (fseek (file, from, SEEK_SET), 0);
    while (size-- > 0)
        fputc ('?', file);
    fclose (file);
}

static void s_a_damaged_file_is_made_anew (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 30);
    static const struct {
        long from, size;
    } damages[] = {{0, 100}, {0, 100000}, {100, 4000}, {4096, 4096}};
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        s_work_all (self);
        zt_index_close (&self->index);
        s_overwrite (self, damages[i].from, damages[i].size);
        s_open (self);
        s_ask_at_random (self, 5);
    }
    s_work_all (self);
    zt_index_close (&self->index);
    assert_int_equal (truncate (self->path, 5000), 0);
    s_open (self);
    s_work_all (self);
    s_ask_at_random (self, 10);
}

/*  What shows only later ends the index, and the answers come from the log. */
static void s_damage_that_shows_late_ends_the_index (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 100);
    s_work_all (self);
    zt_index_close (&self->index);
    s_overwrite (self, 5 * 4096, 4096 * 20);
    s_open (self);
    s_ask_at_random (self, 40);
    assert_non_null (zt_index_wrong (self->index));
    assert_true (zt_index_has_ended (self->index));
    assert_false (s_work (self));
    assert_int_equal (zt_index_mark (self->index), 0);
    zt_index_close (&self->index);
    s_open (self);
    assert_null (zt_index_wrong (self->index));
    s_work_all (self);
    assert_int_equal (zt_index_mark (self->index), self->next_id - 1);
    s_ask_at_random (self, 20);
}

static void s_an_index_that_cannot_be_trusted_is_made_anew (void **state)
{
    s_log_t *self = *state;
    static const char *const changes[] = {
        "PRAGMA user_version = 77", "UPDATE state SET edition = '1.1'", "DROP TABLE parts",
        /*  It was open when the machine went down. */
        ("CREATE TRIGGER cut AFTER UPDATE ON state WHEN new.boot = ''"
         " BEGIN UPDATE state SET boot = 'another'; END")};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        s_grow (self, 3);
        s_work_all (self);
        assert_int_equal (sqlite3_exec (self->index->file.db, changes[i], NULL, NULL, NULL),
                          SQLITE_OK);
        zt_index_close (&self->index);
        s_open (self);
        assert_int_equal (zt_index_mark (self->index), 0);
    }
}

static void s_a_full_disk_is_waited_for (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 20);
    s_work_all (self);
    uint64_t mark = zt_index_mark (self->index);
    sqlite3 *db = self->index->file.db;
    assert_int_equal (sqlite3_exec (db, "PRAGMA max_page_count = 1", NULL, NULL, NULL), SQLITE_OK);
    s_grow (self, 60);
    for (int i = 0; s_work (self); i++)
        assert_true (i < 1000);
    assert_non_null (zt_index_wrong (self->index));
    assert_false (zt_index_has_ended (self->index));
    assert_true (zt_index_mark (self->index) >= mark);
    assert_true (zt_index_mark (self->index) < self->next_id - 1);
    s_ask_at_random (self, 20);
    assert_int_equal (sqlite3_exec (db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL),
                      SQLITE_OK);
    s_work_all (self);
    assert_int_equal (zt_index_mark (self->index), self->next_id - 1);
    s_ask_at_random (self, 20);
}

/*  Dropping a part may want room, too: it fails, and is tried again when there is some. */
static void s_a_part_is_dropped_when_there_is_room (void **state)
{
    s_log_t *self = *state;
    static const char no_room[] =
        "CREATE TABLE room (a BLOB); PRAGMA max_page_count = 1;"
        "CREATE TRIGGER full AFTER DELETE ON parts BEGIN INSERT INTO room VALUES"
        " (zeroblob (50000000)); END";
    s_grow (self, 30);
    s_work_all (self);
    size_t parts = self->index->file.n_parts;
    assert_true (parts > 3);
    uint64_t first_id = self->index->file.parts[1].first_id;
    sqlite3 *db = self->index->file.db;
    assert_int_equal (sqlite3_exec (db, no_room, NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 3; i++) {
        assert_false (zt_index_work (self->index, self->next_id - 1, first_id));
        assert_non_null (zt_index_wrong (self->index));
        assert_int_equal (self->index->file.n_parts, parts);
    }
    assert_int_equal (sqlite3_exec (db, "DROP TRIGGER full", NULL, NULL, NULL), SQLITE_OK);
    assert_true (zt_index_work (self->index, self->next_id - 1, first_id));
    assert_null (zt_index_wrong (self->index));
    assert_int_equal (self->index->file.n_parts, parts - 1);
    assert_false (zt_index_work (self->index, self->next_id - 1, first_id));
}

/*  What the file itself says, without the write-ahead log beside it, which a power cut may
    take: whether it is open. */
static bool s_says_that_it_is_open (const s_log_t *self)
{
    char path[128];
    char page[4096];
    size_t size;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf (path, sizeof path, "%s/copy.db", self->directory);
    FILE *from = fopen (self->path, "rb"), *to = fopen (path, "wb");
    assert_non_null (from);
    assert_non_null (to);
    while ((size = fread (page, 1, sizeof page, from)) > 0)
        assert_int_equal (fwrite (page, 1, size, to), size);
    fclose (from);
    assert_int_equal (fclose (to), 0);
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_prepare_v2 (db, "SELECT boot <> '' FROM state", -1, &statement, NULL),
                      SQLITE_OK);
    assert_int_equal (sqlite3_step (statement), SQLITE_ROW);
    bool is_open = sqlite3_column_int (statement, 0) != 0;
    sqlite3_finalize (statement);
    sqlite3_close (db);
    unlink (path);
    return is_open;
}

static void s_that_the_file_is_open_is_written_first (void **state)
{
    s_log_t *self = *state;
    for (int i = 0; i < 3; i++) {
        assert_true (s_says_that_it_is_open (self));
        s_grow (self, 10);
        s_work_all (self);
        zt_index_close (&self->index);
        assert_false (s_says_that_it_is_open (self));
        s_open (self);
    }
}

static void s_what_cannot_be_opened_is_told (void **state)
{
    s_log_t *self = *state;
    char wrong[256] = "";
    zt_slice_source_t source = {self, s_read};
    assert_null (zt_index_open ("/nowhere/at/all/index.db", source, wrong, sizeof wrong));
    assert_non_null (strstr (wrong, "/nowhere/at/all/index.db"));
    /*  Somebody else has it: it must not be deleted. */
    s_grow (self, 5);
    s_work_all (self);
    assert_null (zt_index_open (self->path, source, wrong, sizeof wrong));
    assert_non_null (strstr (wrong, "locked"));
    s_ask_at_random (self, 20);
    assert_int_equal (access (self->path, F_OK), 0);
}

static void s_a_log_that_cannot_be_read_is_told (void **state)
{
    s_log_t *self = *state;
    s_grow (self, 20);
    for (int indexed = 0; indexed < 2; indexed++) {
        self->broken = true;
        assert_false (s_work (self));
        static const zt_store_kind_t kinds[] = {ZT_STORE_QUERY, ZT_STORE_SKIP, ZT_STORE_RECALL};
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            zt_query_t query = {.user = 1, .target = S_ROOM, .count = 5};
            zt_completion_t completion;
            zt_index_answer (self->index, &(zt_request_t){.kind = kinds[i], .query = &query},
                             &completion);
            assert_int_equal (completion.result, ZT_STORE_BROKEN);
            zt_completion_clear (&completion);
        }
        self->broken = false;
        s_work_all (self);
    }
}

/*  Whatever it does, it reads no more when it is stopped, and goes on afterwards. */
static void s_what_is_stopped_ends_early (void **state)
{
    s_log_t *self = *state;
    static const zt_store_kind_t kinds[] = {ZT_STORE_QUERY, ZT_STORE_SKIP, ZT_STORE_RECALL};
    s_grow (self, 200);
    for (int stop_at = 2; stop_at >= 0; stop_at--) {
        self->stop_at = stop_at; /* 0: it was stopped before */
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            zt_query_t query = {.user = 1, .target = S_ROOM, .count = 5};
            zt_request_t request = {
                .kind = kinds[i], .asker = {3, 1u << 30, 1}, .device = 1, .query = &query};
            zt_completion_t completion;
            self->reads = 0;
            atomic_store (&self->stop, stop_at == 0);
            zt_index_answer (self->index, &request, &completion);
            assert_int_equal (completion.kind, kinds[i]);
            assert_int_equal (completion.asker.session, 3);
            assert_int_equal (self->reads, stop_at);
            zt_completion_clear (&completion);
        }
        self->reads = 0;
        atomic_store (&self->stop, stop_at == 0);
        for (int i = 0; s_work (self); i++)
            assert_true (i < 10);
        assert_int_equal (self->reads, stop_at);
        assert_true (self->index->file.marks.run < self->next_id - 1);
        assert_int_equal (self->index->file.pieces, 0);
    }
    assert_true (self->index->file.marks.run > 0);
    atomic_store (&self->stop, false);
    s_ask_at_random (self, 20);
    s_work_all (self);
    assert_int_equal (zt_index_mark (self->index), self->next_id - 1);
    s_ask_at_random (self, 20);
}

/*  A slice of messages of one size in #general. */
static zt_slice_t *s_large (s_log_t *self, uint32_t count, size_t size, const char *text)
{
    zt_buffer_t bytes = {NULL, 0, 0}, body = {NULL, 0, 0};
    zt_run_t run = {.first_id = self->next_id, .time = 9, .from = 1, .target = S_ROOM};
    run.is_room = 1;
    run.count = count;
    zt_buffer_put_string (&body, "{\"text\":\"");
    while (body.size < size - 2)
        zt_buffer_put_string (&body, text);
    zt_buffer_put_string (&body, "\"}");
    for (uint32_t i = 0; i < count; i++)
        s_put_message (&bytes, self->next_id++, 9, zt_buffer_bytes (&body));
    run.size = (uint32_t) bytes.size;
    zt_slice_t *slice = zt_slice_new (&run, 1, zt_buffer_bytes (&bytes));
    zt_buffer_free (&bytes);
    zt_buffer_free (&body);
    return slice;
}

static void s_an_answer_is_bounded (void **state)
{
    s_log_t *self = *state;
    s_append (self, s_large (self, 25, 60000, "\uFDFA "));
    for (int round = 0; round < 3; round++) {
        zt_query_t query = {.user = 2, .target = S_ROOM, .count = 500};
        zt_completion_t found;
        if (round == 2)
            s_look_for (&query, "\uFDFA");
        zt_index_answer (self->index, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = &query},
                         &found);
        assert_in_range (found.n, 17, 18);
        assert_true (found.more);
        zt_completion_clear (&found);
        query.count = 10;
        assert_int_equal (
            s_compare (self, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = &query}), 10);
        s_work_all (self);
    }
}

/*  The largest words, and the most of them in a query. */
static void s_extreme_words_are_found (void **state)
{
    s_log_t *self = *state;
    zt_query_t query = {.user = 2, .count = 5};
    zt_request_t request = {.kind = ZT_STORE_QUERY, .query = &query};
    while (query.n_rooms < ZT_QUERY_ROOMS) {
        query.rooms[query.n_rooms] = S_ROOM + query.n_rooms;
        query.n_rooms++;
    }
    s_append (self, s_large (self, 3, 65000, "ж"));
    s_append (self, s_large (self, 3, 65000, "😀"));
    zt_buffer_t words = {NULL, 0, 0};
    for (char a = 'a'; a <= 'z'; a++)
        for (char b = 'a'; b <= 'z' && words.size + 3 <= ZT_QUERY_BYTES; b++)
            zt_buffer_put_format (&words, "%c%c ", a, b);
    s_append (self, s_large (self, 2, 2000, zt_buffer_string (&words)));
    for (int indexed = 0; indexed < 2; indexed++) {
        s_look_for (&query, "жжж");
        assert_int_equal (s_compare (self, &request), 3);
        s_look_for (&query, "😀");
        assert_int_equal (s_compare (self, &request), 3);
        s_look_for (&query, zt_buffer_string (&words));
        assert_int_equal (query.needle_size, words.size - 1);
        assert_int_equal (s_compare (self, &request), 2);
        s_work_all (self);
    }
    zt_buffer_free (&words);
}

int main (void)
{
#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (s_answers_are_those_of_memory),
        S_TEST (s_what_the_log_has_lost_is_not_found),
        S_TEST (s_what_the_log_has_lost_is_known_to_be_stored),
        S_TEST (s_refs_are_recalled_in_one_walk),
        S_TEST (s_an_index_that_was_closed_goes_on),
        S_TEST (s_an_index_of_another_log_is_made_anew),
        S_TEST (s_a_damaged_file_is_made_anew),
        S_TEST (s_damage_that_shows_late_ends_the_index),
        S_TEST (s_an_index_that_cannot_be_trusted_is_made_anew),
        S_TEST (s_a_full_disk_is_waited_for),
        S_TEST (s_a_part_is_dropped_when_there_is_room),
        S_TEST (s_that_the_file_is_open_is_written_first),
        S_TEST (s_what_cannot_be_opened_is_told),
        S_TEST (s_a_log_that_cannot_be_read_is_told),
        S_TEST (s_what_is_stopped_ends_early),
        S_TEST (s_an_answer_is_bounded),
        S_TEST (s_extreme_words_are_found),
    };
    return cmocka_run_group_tests_name ("index", tests, NULL, NULL);
}
