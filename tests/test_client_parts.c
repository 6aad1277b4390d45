/*  SPDX-License-Identifier: MPL-2.0

    What the client's core is made of: the commands, the outbox, the roster, the receipts. */

#include "client/command.h"
#include "client/outbox.h"
#include "client/quote.h"
#include "client/receipts.h"
#include "client/roster.h"
#include "common/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

static void s_a_prefix_finds_its_command (void **state)
{
    (void) state;
    zt_command_id_t id = ZT_COMMAND_COUNT;
    for (unsigned i = 0; i < ZT_COMMAND_COUNT; i++) {
        const zt_command_row_t *row = zt_command_row ((zt_command_id_t) i);
        assert_int_equal (zt_command_find (zt_bytes (row->name), &id), 1);
        assert_int_equal (id, i);
        assert_true (strlen (row->help) > 0);
    }
    assert_int_equal (zt_command_find (zt_bytes ("w"), &id), 1);
    assert_int_equal (id, ZT_COMMAND_WHO);
    assert_int_equal (zt_command_find (zt_bytes ("h"), &id), 2);
    assert_int_equal (zt_command_find (zt_bytes ("whom"), &id), 0);
    assert_int_equal (zt_command_find (zt_bytes (""), &id), ZT_COMMAND_COUNT);

    zt_buffer_t buffer = {NULL, 0, 0};
    zt_command_candidates (zt_bytes ("h"), &buffer);
    assert_string_equal (zt_buffer_string (&buffer), "/history, /help");
    zt_buffer_clear (&buffer);
    zt_command_help (ZT_COMMAND_WHO, &buffer);
    assert_string_equal (zt_buffer_string (&buffer),
                         "/who                      tell who is online");
    zt_buffer_free (&buffer);
}

/*  Puts all that waits into a frame and returns the frame as a string. */
static const char *s_put_all (zt_outbox_t *outbox, zt_buffer_t *frame, uint64_t *last_ref)
{
    zt_buffer_clear (frame);
    while (zt_outbox_put (outbox, frame, ZT_FRAME_MAX, last_ref))
        continue;
    return zt_buffer_string (frame);
}

static void s_an_entry_keeps_its_ref_and_its_place (void **state)
{
    (void) state;
    zt_outbox_t outbox = {.head = NULL};
    zt_buffer_t frame = {NULL, 0, 0};
    uint64_t last_ref = 7;
    zt_outbox_add (&outbox, ZT_VERB_SEND, "#general", zt_bytes ("a"), 0);
    zt_outbox_add (&outbox, ZT_VERB_WHO, NULL, zt_bytes (""), 0);
    zt_outbox_add (&outbox, ZT_VERB_SEND, "@ivan", zt_bytes ("\"\n"), 0);
    assert_null (zt_outbox_find (&outbox, 0)); /* nothing is on the wire */
    const char *all = "SEND 8 #general 12\n{\"text\":\"a\"}\nWHO 9\n"
                      "SEND 10 @ivan 19\n{\"text\":\"\\\"\\u000a\"}\n";
    assert_string_equal (s_put_all (&outbox, &frame, &last_ref), all);
    assert_string_equal (s_put_all (&outbox, &frame, &last_ref), "");
    assert_int_equal (outbox.flying, 3);

    zt_outbox_rewind (&outbox);
    assert_int_equal (outbox.flying, 0);
    assert_null (zt_outbox_find (&outbox, 8));
    assert_string_equal (s_put_all (&outbox, &frame, &last_ref), all);

    zt_outbox_remove (&outbox, zt_outbox_find (&outbox, 9));
    assert_null (zt_outbox_find (&outbox, 9));
    zt_outbox_remove (&outbox, zt_outbox_find (&outbox, 10));
    zt_outbox_remove (&outbox, zt_outbox_find (&outbox, 8));
    assert_int_equal (outbox.count, 0);
    assert_int_equal (outbox.bytes, 0);
    assert_int_equal (last_ref, 10);
    zt_buffer_free (&frame);
}

static void s_what_was_refused_comes_before_what_was_typed_later (void **state)
{
    (void) state;
    zt_outbox_t outbox = {.head = NULL};
    zt_buffer_t frame = {NULL, 0, 0};
    uint64_t last_ref = 0;
    for (const char *text = "abcd"; *text; text++) {
        if (*text == 'd') /* a, b and c are on the wire when d is typed */
            s_put_all (&outbox, &frame, &last_ref);
        zt_outbox_add (&outbox, ZT_VERB_SEND, "#x", (zt_bytes_t){text, 1}, 0);
    }
    zt_outbox_retry (&outbox, zt_outbox_find (&outbox, 1));
    zt_outbox_retry (&outbox, zt_outbox_find (&outbox, 3));
    zt_outbox_rewind (&outbox); /* and b has a ref that must not come after theirs */
    assert_string_equal (s_put_all (&outbox, &frame, &last_ref),
                         "SEND 2 #x 12\n{\"text\":\"b\"}\nSEND 4 #x 12\n{\"text\":\"a\"}\n"
                         "SEND 5 #x 12\n{\"text\":\"c\"}\nSEND 6 #x 12\n{\"text\":\"d\"}\n");
    zt_outbox_clear (&outbox);
    assert_null (outbox.head);
    assert_null (outbox.waiting);
    zt_buffer_free (&frame);
}

static void s_a_refusal_amid_a_repetition_does_not_overtake_it (void **state)
{
    (void) state;
    zt_outbox_t outbox = {.head = NULL};
    zt_buffer_t frame = {NULL, 0, 0};
    uint64_t last_ref = 0;
    for (const char *text = "abc"; *text; text++)
        zt_outbox_add (&outbox, ZT_VERB_SEND, "#x", (zt_bytes_t){text, 1}, 0);
    s_put_all (&outbox, &frame, &last_ref);
    zt_outbox_rewind (&outbox);
    zt_buffer_clear (&frame);
    assert_true (zt_outbox_put (&outbox, &frame, ZT_FRAME_MAX, &last_ref));
    zt_outbox_retry (&outbox, zt_outbox_find (&outbox, 1));
    assert_string_equal (s_put_all (&outbox, &frame, &last_ref),
                         "SEND 2 #x 12\n{\"text\":\"b\"}\nSEND 3 #x 12\n{\"text\":\"c\"}\n"
                         "SEND 4 #x 12\n{\"text\":\"a\"}\n");
    zt_outbox_clear (&outbox);
    zt_buffer_free (&frame);
}

static void s_a_frame_takes_what_it_has_room_for (void **state)
{
    (void) state;
    zt_outbox_t outbox = {.head = NULL};
    zt_buffer_t frame = {NULL, 0, 0};
    uint64_t last_ref = 0;
    zt_outbox_add (&outbox, ZT_VERB_SEND, "#x", zt_bytes ("a"), 0);
    assert_false (zt_outbox_put (&outbox, &frame, 100, &last_ref));
    assert_int_equal (frame.size, 0);
    assert_int_equal (last_ref, 0);
    assert_true (zt_outbox_put (&outbox, &frame, 1000, &last_ref));
    zt_outbox_clear (&outbox);
    zt_buffer_free (&frame);
}

static void s_a_roster_is_sorted_and_has_each_once (void **state)
{
    (void) state;
    zt_roster_t roster = {NULL, 0, 0};
    zt_roster_t other = {NULL, 0, 0};
    static const char *const names[] = {"taras", "ivan", "olena", "ivan", "iryna"};
    size_t added = 0;
    for (size_t i = 0; i < 5; i++)
        added += zt_roster_add (&roster, names[i]);
    assert_int_equal (added, 4);
    assert_string_equal (roster.names[0], "iryna");
    assert_string_equal (roster.names[3], "taras");
    assert_true (zt_roster_has (&roster, "olena"));
    assert_int_equal (zt_roster_prefix (&roster, zt_bytes ("i")), 0);
    assert_int_equal (zt_roster_prefix (&roster, zt_bytes ("ol")), 2);
    assert_int_equal (zt_roster_prefix (&roster, zt_bytes ("x")), 4);

    zt_roster_add (&other, "olena");
    const char *left[4];
    assert_int_equal (zt_roster_without (&roster, &other, left), 3);
    assert_string_equal (left[2], "taras");
    assert_true (zt_roster_remove (&roster, "ivan"));
    assert_false (zt_roster_remove (&roster, "ivan"));
    assert_false (zt_roster_add (&roster, ""));
    char longest[200];
    memset (longest, 'x', sizeof longest);
    longest[199] = '\0';
    assert_false (zt_roster_add (&roster, longest));
    zt_roster_clear (&roster);
    zt_roster_clear (&other);
}

static void s_assert_news (zt_receipts_t *receipts, const char *name, uint64_t id)
{
    zt_bytes_t got;
    uint64_t got_id = 0;
    assert_true (zt_receipts_news (receipts, &got, &got_id));
    assert_true (zt_bytes_equal (got, zt_bytes (name)));
    assert_int_equal (got_id, id);
}

static void s_a_receipt_is_news_once (void **state)
{
    (void) state;
    zt_receipts_t receipts = {.rows = NULL};
    zt_bytes_t name;
    uint64_t id;
    zt_receipts_received (&receipts, zt_bytes ("Ivan"), 4);
    assert_false (zt_receipts_news (&receipts, &name, &id)); /* nothing of ours */
    zt_receipts_sent (&receipts, zt_bytes ("IVAN"), 5);
    zt_receipts_sent (&receipts, zt_bytes ("ivan"), 9);
    assert_false (zt_receipts_news (&receipts, &name, &id));
    zt_receipts_received (&receipts, zt_bytes ("Ivan"), 5);
    s_assert_news (&receipts, "Ivan", 5);
    zt_receipts_received (&receipts, zt_bytes ("Ivan"), 5);
    assert_false (zt_receipts_news (&receipts, &name, &id));
    zt_receipts_received (&receipts, zt_bytes ("Ivan"), 20);
    s_assert_news (&receipts, "Ivan", 20);
    zt_receipts_sent (&receipts, zt_bytes ("ivan"), 12); /* its SENT was late */
    s_assert_news (&receipts, "Ivan", 20);
    zt_receipts_received (&receipts, zt_bytes ("no name"), 20);

    for (size_t i = 0; i < 2 * ZT_RECEIPTS_MAX; i++) {
        char many[16];
        snprintf (many, sizeof many, "user%zu", i);
        zt_receipts_sent (&receipts, zt_bytes (many), 1);
        zt_receipts_received (&receipts, zt_bytes (many), 1);
    }
    size_t news = 0;
    while (zt_receipts_news (&receipts, &name, &id))
        news++;
    assert_int_equal (news, ZT_RECEIPTS_MAX);
    zt_receipts_clear (&receipts);
}

/*  What a person copies into a shell is what was meant. */
static void s_words_are_quoted (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"olena", " olena"},   {"d-1_2.x", " d-1_2.x"},
        {"", " ''"},           {"tcp://[::1]:5555", " 'tcp://[::1]:5555'"},
        {"Олена", " 'Олена'"}, {"it's $HOME", " 'it'\\''s $HOME'"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_quote_put (&text, rows[i][0]);
        assert_string_equal (zt_buffer_string (&text), rows[i][1]);
        zt_buffer_clear (&text);
        zt_quote_put_option (&text, "-n", NULL);
        assert_int_equal (text.size, 0);
        zt_quote_put_option (&text, "-n", "a b");
        assert_string_equal (zt_buffer_string (&text), " -n 'a b'");
        zt_buffer_free (&text);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_words_are_quoted),
        cmocka_unit_test (s_a_prefix_finds_its_command),
        cmocka_unit_test (s_an_entry_keeps_its_ref_and_its_place),
        cmocka_unit_test (s_what_was_refused_comes_before_what_was_typed_later),
        cmocka_unit_test (s_a_refusal_amid_a_repetition_does_not_overtake_it),
        cmocka_unit_test (s_a_frame_takes_what_it_has_room_for),
        cmocka_unit_test (s_a_roster_is_sorted_and_has_each_once),
        cmocka_unit_test (s_a_receipt_is_news_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
