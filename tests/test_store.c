/*  SPDX-License-Identifier: MPL-2.0

    Slices, and the log in memory. */

#include "broker/slice.h"
#include "broker/store_memory.h"
#include "common/alloc.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_OLENA = 1, S_IVAN = 2, S_TARAS = 3, S_GENERAL = 10, S_DEV = 11 };

/*  A slice of one run: count messages from one to another, whose texts hold their ids. */
static zt_slice_t *s_slice (uint64_t first_id, uint32_t count, uint64_t from, uint64_t target)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        zt_buffer_t body = {NULL, 0, 0};
        zt_buffer_put_format (&body, "{\"text\":\"Номер %u\"}", (unsigned) (first_id + i));
        zt_wire_put (&bytes, &(zt_message_t){.verb = ZT_VERB_MSG,
                                             .number = {first_id + i, 5},
                                             .word = {{NULL, 0}, {NULL, 0}, {"@a", 2}, {"@b", 2}},
                                             .body = zt_buffer_bytes (&body)});
        zt_buffer_free (&body);
    }
    zt_run_t run = {.first_id = first_id,
                    .count = count,
                    .from = from,
                    .target = target,
                    .size = (uint32_t) bytes.size,
                    .is_room = target >= S_GENERAL};
    zt_slice_t *slice = zt_slice_new (&run, 1, zt_buffer_bytes (&bytes));
    zt_buffer_free (&bytes);
    return slice;
}

static void s_a_part_of_a_run_is_cut_at_messages (void **state)
{
    (void) state;
    zt_slice_t *slice = s_slice (100, 10, S_OLENA, S_IVAN);
    assert_int_equal (slice->first_id, 100);
    assert_int_equal (slice->last_id, 109);
    uint32_t one = slice->size / 10;
    assert_int_equal (one * 10, slice->size);
    static const struct {
        uint64_t after;
        uint32_t count, bytes; /* bytes: in messages */
        uint64_t first_id;
        uint32_t got;
    } rows[] = {{0, 100, 100, 100, 10}, {99, 10, 10, 100, 10}, {100, 100, 100, 101, 9},
                {104, 2, 100, 105, 2},  {104, 100, 3, 105, 3}, {108, 5, 5, 109, 1},
                {109, 5, 5, 0, 0},      {200, 5, 5, 0, 0},     {0, 1, 100, 100, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_part_t part =
            zt_slice_part (slice, slice->runs, rows[i].after, rows[i].count, rows[i].bytes * one);
        assert_int_equal (part.count, rows[i].got);
        assert_int_equal (part.size, rows[i].got * one);
        if (part.count) {
            assert_int_equal (part.first_id, rows[i].first_id);
            assert_int_equal (part.offset, (rows[i].first_id - 100) * one);
        }
    }
    /*  One message at least, however little room there is. */
    assert_int_equal (zt_slice_part (slice, slice->runs, 0, 5, 1).count, 1);
    zt_slice_unref (&slice);
    assert_null (slice);
}

/*  Submits a request and works until its completion is there. */
static zt_completion_t s_do (zt_store_t *store, const zt_request_t *request)
{
    zt_completion_t completion;
    store->submit (store, request);
    for (int i = 0; i < 100000; i++) {
        assert_true (store->is_busy (store));
        if (store->next (store, &completion)) {
            assert_int_equal (completion.kind, request->kind);
            assert_int_equal (completion.asker.session, request->asker.session);
            return completion;
        }
    }
    fail_msg ("the store does not come to an end");
    return completion;
}

static void s_append (zt_store_t *store, zt_slice_t *slice)
{
    zt_completion_t completion =
        s_do (store, &(zt_request_t){.kind = ZT_STORE_COMMIT, .slice = slice});
    assert_int_equal (completion.result, ZT_STORE_DONE);
    assert_ptr_equal (completion.slice, slice);
    zt_completion_clear (&completion);
}

static void s_reading_begins_behind_an_id (void **state)
{
    (void) state;
    zt_store_t *store = zt_store_memory_new (1 << 20);
    zt_completion_t read = s_do (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = 7});
    assert_int_equal (read.n, 0);
    assert_int_equal (read.read_to, 7);
    zt_completion_clear (&read);
    for (uint64_t i = 0; i < 100; i++) /* ids have gaps: 10-14, 20-24, … */
        s_append (store, s_slice (10 + i * 10, 5, S_OLENA, S_IVAN));

    read = s_do (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = 0});
    assert_int_equal (read.n, ZT_READ_SLICES);
    assert_int_equal (read.slices[0]->first_id, 10);
    assert_int_equal (read.read_to, read.slices[read.n - 1]->last_id);
    assert_int_equal (read.trimmed_to, 0);
    zt_completion_clear (&read);

    read = s_do (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = 982});
    assert_int_equal (read.n, 3);
    assert_int_equal (read.slices[0]->first_id, 980);
    assert_int_equal (read.read_to, 1004);
    zt_completion_clear (&read);
    store->destroy (&store);
}

static void s_the_oldest_goes_when_the_log_is_full (void **state)
{
    (void) state;
    zt_slice_t *slice = s_slice (1, 5, S_OLENA, S_IVAN);
    zt_store_t *store = zt_store_memory_new (zt_slice_memory (slice) * 3);
    s_append (store, slice);
    for (uint64_t i = 1; i < 10; i++)
        s_append (store, s_slice (i * 5 + 1, 5, S_OLENA, S_IVAN));
    zt_completion_t read = s_do (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = 0});
    assert_in_range (read.n, 2, 3);
    assert_int_equal (read.trimmed_to + 1, read.slices[0]->first_id);
    assert_int_equal (read.read_to, 50);
    zt_completion_clear (&read);
    /*  Who had read all that is gone misses nothing. */
    read = s_do (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = 45});
    assert_int_equal (read.trimmed_to, 0);
    zt_completion_clear (&read);
    store->destroy (&store);
}

static zt_completion_t s_query (zt_store_t *store, zt_query_t query)
{
    zt_query_t *copy = zt_alloc (sizeof *copy);
    *copy = query;
    return s_do (store, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = copy, .asker = {9, 8, 7}});
}

/*  The id of the hit at place i. */
static uint64_t s_hit (const zt_completion_t *completion, uint32_t i)
{
    zt_message_t message;
    const zt_hit_t *hit = &completion->hits[i];
    zt_reader_t reader = zt_reader (hit->slice->data + hit->offset, hit->size, ZT_FROM_BROKER);
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
    assert_true (reader.at == reader.end);
    return message.number[0];
}

/*  1-5 olena to ivan, 6-10 ivan to olena, 11-15 taras to ivan, 16-20 to #general,
    21-25 to #dev, 26-30 olena to herself. */
static zt_store_t *s_conversations (void)
{
    zt_store_t *store = zt_store_memory_new (1 << 20);
    s_append (store, s_slice (1, 5, S_OLENA, S_IVAN));
    s_append (store, s_slice (6, 5, S_IVAN, S_OLENA));
    s_append (store, s_slice (11, 5, S_TARAS, S_IVAN));
    s_append (store, s_slice (16, 5, S_OLENA, S_GENERAL));
    s_append (store, s_slice (21, 5, S_IVAN, S_DEV));
    s_append (store, s_slice (26, 5, S_OLENA, S_OLENA));
    return store;
}

static void s_a_query_finds_its_conversation (void **state)
{
    (void) state;
    static const struct {
        uint64_t user, target, before;
        uint32_t count, got;
        uint64_t newest;
        bool more;
    } rows[] = {
        {S_OLENA, S_IVAN, 0, 100, 10, 10, false},  {S_IVAN, S_OLENA, 0, 100, 10, 10, false},
        {S_OLENA, S_IVAN, 0, 10, 10, 10, false},   {S_OLENA, S_IVAN, 0, 9, 9, 10, true},
        {S_OLENA, S_IVAN, 8, 3, 3, 7, true},       {S_OLENA, S_IVAN, 3, 10, 2, 2, false},
        {S_OLENA, S_IVAN, 1, 10, 0, 0, false},     {S_OLENA, S_TARAS, 0, 10, 0, 0, false},
        {S_OLENA, S_OLENA, 0, 10, 5, 30, false},   {S_TARAS, S_GENERAL, 0, 10, 5, 20, false},
        {S_TARAS, S_GENERAL, 18, 10, 2, 17, false}};
    zt_store_t *store = s_conversations ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_completion_t found = s_query (store, (zt_query_t){.user = rows[i].user,
                                                             .target = rows[i].target,
                                                             .before = rows[i].before,
                                                             .count = rows[i].count});
        assert_int_equal (found.n, rows[i].got);
        assert_int_equal (found.more, rows[i].more);
        assert_int_equal (found.asker.ref, 8);
        for (uint32_t hit = 0; hit < found.n; hit++)
            if (hit == 0)
                assert_int_equal (s_hit (&found, 0), rows[i].newest);
            else
                assert_true (s_hit (&found, hit) < s_hit (&found, hit - 1));
        zt_completion_clear (&found);
    }
    store->destroy (&store);
}

static void s_look_for (zt_query_t *query, const char *text)
{
    zt_buffer_t words = {NULL, 0, 0};
    zt_words_query (&words, zt_bytes (text));
    query->needle_size = words.size;
    memcpy (query->needle, words.data, words.size);
    zt_buffer_free (&words);
}

static void s_a_search_looks_into_what_the_user_may_see (void **state)
{
    (void) state;
    zt_store_t *store = s_conversations ();
    zt_query_t query = {.user = S_TARAS, .count = 100, .n_rooms = 1, .rooms = {S_GENERAL}};
    s_look_for (&query, "номер 1");
    zt_completion_t found = s_query (store, query); /* 11-15 are his own, 16-19 general */
    assert_int_equal (found.n, 9);
    assert_int_equal (s_hit (&found, 0), 19);
    assert_int_equal (s_hit (&found, 8), 11);
    zt_completion_clear (&found);
    query.rooms[query.n_rooms++] = S_DEV;
    s_look_for (&query, "2");
    found = s_query (store, query); /* 20, and #dev; words begin with it */
    assert_int_equal (found.n, 6);
    zt_completion_clear (&found);
    store->destroy (&store);
}

static void s_a_long_search_lets_others_through (void **state)
{
    (void) state;
    zt_store_t *store = zt_store_memory_new (1 << 24);
    for (uint64_t i = 0; i < 100; i++)
        s_append (store, s_slice (i * 100 + 1, 100, S_OLENA, S_IVAN));
    zt_query_t *query = zt_alloc (sizeof *query);
    *query = (zt_query_t){.user = S_OLENA, .count = 5, .needle = "nowhere", .needle_size = 7};
    store->submit (store, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = query});
    zt_completion_t completion;
    assert_false (store->next (store, &completion)); /* a piece of it */
    store->submit (store, &(zt_request_t){.kind = ZT_STORE_READ, .after = 0});
    assert_true (store->next (store, &completion));
    assert_int_equal (completion.kind, ZT_STORE_READ);
    zt_completion_clear (&completion);
    int pieces = 1;
    while (!store->next (store, &completion)) {
        assert_true (store->is_busy (store));
        pieces++;
    }
    assert_int_equal (completion.kind, ZT_STORE_QUERY);
    assert_int_equal (completion.n, 0);
    assert_true (pieces > 10);
    zt_completion_clear (&completion);
    assert_false (store->is_busy (store));
    store->destroy (&store);
}

static void s_what_was_never_done_is_given_back (void **state)
{
    (void) state; /* the sanitizers and valgrind see what is not */
    zt_store_t *store = s_conversations ();
    store->submit (
        store, &(zt_request_t){.kind = ZT_STORE_COMMIT, .slice = s_slice (50, 1, S_OLENA, S_IVAN)});
    zt_query_t *query = zt_alloc (sizeof *query);
    *query = (zt_query_t){.user = S_OLENA, .count = 5};
    store->submit (store, &(zt_request_t){.kind = ZT_STORE_QUERY, .query = query});
    store->destroy (&store);
    assert_null (store);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_part_of_a_run_is_cut_at_messages),
        cmocka_unit_test (s_reading_begins_behind_an_id),
        cmocka_unit_test (s_the_oldest_goes_when_the_log_is_full),
        cmocka_unit_test (s_a_query_finds_its_conversation),
        cmocka_unit_test (s_a_search_looks_into_what_the_user_may_see),
        cmocka_unit_test (s_a_long_search_lets_others_through),
        cmocka_unit_test (s_what_was_never_done_is_given_back),
    };
    return cmocka_run_group_tests_name ("store", tests, NULL, NULL);
}
