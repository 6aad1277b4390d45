/*  SPDX-License-Identifier: MPL-2.0

    What the client keeps over its own end: the core's side, in transcripts. The file
    is in test_client_file.c. */

#include "client/core.h"
#include "client/due.h"
#include "client/journal.h"
#include "tests/client_trace.h"
#include "tests/exact.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <signal.h>

#include <cmocka.h>

#define S_CONNECTING    "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_KEPT1         S_CONNECTING "shown: * 1 message from last time is waiting to be sent\n"
#define S_KEPT(n)       S_CONNECTING "shown: * " n " messages from last time are waiting to be sent\n"
#define S_PENDING(text) "shown: * pending: " text "\n"
#define S_UP            "up\nclient> HELLO ZTALK/1 olena {\"device\":\"laptop\",...\n"
#define S_WELCOME(more)                                                                            \
    "broker< WELCOME olena 0 {\"broker\":\"b\",\"version\":\"1\"" more "}\n"                       \
    "shown: * connected to b 1 at...\n"
#define S_LOST       "shown: * connection lost; trying again. What you type is kept\n"
#define S_AGAIN      "broker< WELCOME olena 0 {}\nshown: * connected again\n"
#define S_OWN        "shown: [1970-01-01 00:00:00] olena: "
#define S_TEXT(text) "{\"text\":\"" text "\"}\n"

/* clang-format off */

static void s_what_was_typed_before_a_crash_is_sent_once (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              "journal\n"
              "> a\n"
              "shown: * pending: a\n"
              "keeps: SEND 0 #general " S_TEXT ("a")
              "> /msg ivan b\n"
              "shown: * pending for ivan: b\n"
              "keeps: SEND 0 @ivan " S_TEXT ("b")
              "killed\n"
              S_KEPT ("2")
              S_PENDING ("a")
              "shown: * pending for ivan: b\n"
              S_UP
              S_WELCOME (",\"last_ref\":40")
              "keeps: SEND 41 #general " S_TEXT ("a")
              "keeps: SEND 42 @ivan " S_TEXT ("b")
              "client> SEND 41 #general " S_TEXT ("a")
              "client> SEND 42 @ivan " S_TEXT ("b")
              "broker< SENT 41 9 0\n"
              S_OWN "a\n"
              "keeps: SENT 41 9 0\n"
              "> c\n"
              "keeps: SEND 43 #general " S_TEXT ("c")
              "client> SEND 43 #general " S_TEXT ("c")
              "killed    -- b and c are on the wire: they keep their refs\n"
              S_KEPT ("2")
              "shown: * pending for ivan: b\n"
              S_PENDING ("c")
              "> d\n"
              "shown: * pending: d\n"
              "keeps: SEND 0 #general " S_TEXT ("d")
              S_UP
              S_WELCOME (",\"last_ref\":42")
              "keeps: SEND 44 #general " S_TEXT ("d")
              "client> SEND 42 @ivan " S_TEXT ("b")
              "client> SEND 43 #general " S_TEXT ("c")
              "client> SEND 44 #general " S_TEXT ("d")
              "broker+ SENT 42 10 0\n"
              "broker+ SENT 43 11 0\n"
              "broker< SENT 44 12 0\n"
              "shown: [1970-01-01 00:00:00] olena -> ivan: b\n"
              S_OWN "c\n"
              S_OWN "d\n"
              "keeps: SENT 42 10 0\n"
              "keeps: SENT 43 11 0\n"
              "keeps: SENT 44 12 0\n"
              "killed\n"
              S_CONNECTING
              S_UP
              S_WELCOME (",\"last_ref\":44")
              "broker< RECEIPT 10 @Ivan    -- of a message that the run before last sent\n"
              "shown: * delivered to Ivan\n"
              "keeps: RECEIPT 10 @Ivan\n"
              "killed\n"
              S_CONNECTING
              S_UP
              S_WELCOME ("")
              "broker< RECEIPT 10 @Ivan\n"
              "> e\n"
              "keeps: SEND 45 #general " S_TEXT ("e")
              "client> SEND 45 #general " S_TEXT ("e"));
}

static void s_a_broker_that_knows_more_or_less_than_we_do (void **state)
{
    (void) state;
    /*  Its state is lost, or is that of last week: refs go on above ours. */
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME (",\"last_ref\":40")
              "> a\n"
              "client> SEND 41 #general " S_TEXT ("a")
              "> b\n"
              "client> SEND 42 #general " S_TEXT ("b")
              "broker< SENT 41 9 0\n"
              S_OWN "a\n"
              "killed\n"
              S_KEPT1
              S_PENDING ("b")
              S_UP
              S_WELCOME (",\"last_ref\":7")
              "client> SEND 42 #general " S_TEXT ("b")
              "> c\n"
              "client> SEND 43 #general " S_TEXT ("c"));
    /*  Our journal is that of last week, and a message has been typed since: it must
        not get a ref that was used. What was refused in a session of which we know
        nothing any more is not taken for stored. */
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME ("")
              "> a\n"
              "client> SEND 1 #general " S_TEXT ("a")
              "> b\n"
              "client> SEND 2 #general " S_TEXT ("b")
              "killed\n"
              S_KEPT ("2")
              S_PENDING ("a")
              S_PENDING ("b")
              "journal\n"
              "> c\n"
              "shown: * pending: c\n"
              "keeps: SEND 0 #general " S_TEXT ("c")
              S_UP
              S_WELCOME (",\"last_ref\":50")
              "keeps: SEND 51 #general " S_TEXT ("c")
              "client> SEND 1 #general " S_TEXT ("a")
              "client> SEND 2 #general " S_TEXT ("b")
              "client> SEND 51 #general " S_TEXT ("c")
              "broker+ SENT 1 5 0\n"
              "broker+ ERROR 2 bad-request {\"message\":\"refused before\"}\n"
              "broker< SENT 51 6 0\n"
              S_OWN "a\n"
              S_OWN "c\n"
              "keeps: ERROR 2 busy {}\n"
              "keeps: SENT 1 5 0\n"
              "keeps: SENT 51 6 0\n"
              "keeps: SEND 52 #general " S_TEXT ("b")
              "client> SEND 52 #general " S_TEXT ("b")
              "broker< ERROR 52 bad-request {\"message\":\"no\"}    -- this time it is true\n"
              "shown: * not sent: b: no\n"
              "keeps: ERROR 52 forbidden {}\n"
              "killed\n"
              S_CONNECTING);
}

static void s_a_refused_message_waits_over_a_crash (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME ("")
              "journal\n"
              "> a\n"
              "keeps: SEND 1 #general " S_TEXT ("a")
              "client> SEND 1 #general " S_TEXT ("a")
              "> b\n"
              "keeps: SEND 2 #general " S_TEXT ("b")
              "client> SEND 2 #general " S_TEXT ("b")
              "broker+ ERROR 1 unavailable {\"message\":\"the disk is full\"}\n"
              "broker< ERROR 2 unavailable {\"message\":\"the disk is full\"}\n"
              "shown: * the broker cannot store messages now (the disk is full); yours are kept "
                  "and sent when it can\n"
              S_PENDING ("a")
              S_PENDING ("b")
              "keeps: ERROR 1 busy {}\n"
              "keeps: ERROR 2 busy {}\n"
              "> c\n"
              "shown: * pending: c\n"
              "keeps: SEND 0 #general " S_TEXT ("c")
              "wait 1999\n"
              "wait 1    -- 2 s, as the broker did not tell\n"
              "keeps: SEND 3 #general " S_TEXT ("a")
              "client> SEND 3 #general " S_TEXT ("a")
              "broker< ERROR 3 unavailable {\"retry_ms\":500}    -- is not told again\n"
              "keeps: ERROR 3 busy {}\n"
              "killed\n"
              S_KEPT ("3")
              S_PENDING ("a")
              S_PENDING ("b")
              S_PENDING ("c")
              S_UP
              S_WELCOME ("")
              "keeps: SEND 4 #general " S_TEXT ("a")
              "keeps: SEND 5 #general " S_TEXT ("b")
              "keeps: SEND 6 #general " S_TEXT ("c")
              "client> SEND 4 #general " S_TEXT ("a")
              "client> SEND 5 #general " S_TEXT ("b")
              "client> SEND 6 #general " S_TEXT ("c"));
}

static void s_the_first_of_many_that_wait_are_listed (void **state)
{
    (void) state;
#define S_TYPED(text) "> " text "\n" S_PENDING (text)
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_TYPED ("1") S_TYPED ("2") S_TYPED ("3") S_TYPED ("4") S_TYPED ("5") S_TYPED ("6")
              S_TYPED ("7") S_TYPED ("8") S_TYPED ("9") S_TYPED ("10") S_TYPED ("11")
              S_TYPED ("12")
              "killed\n"
              S_KEPT ("12")
              S_PENDING ("1") S_PENDING ("2") S_PENDING ("3") S_PENDING ("4") S_PENDING ("5")
              S_PENDING ("6") S_PENDING ("7") S_PENDING ("8") S_PENDING ("9") S_PENDING ("10")
              "shown: * and 2 more\n");
}

static void s_a_disk_that_stays_full_ends_a_pipe (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              S_UP
              S_WELCOME ("")
              "> a\n"
              "client> SEND 1 #general " S_TEXT ("a")
              "eof\n"
              "broker< ERROR 1 unavailable {\"retry_ms\":20000}\n"
              "shown: * the broker cannot store messages now; yours wait until it can, but not "
                  "longer than 10 s after the end of the input\n"
              "wait 3000\n"
              "client> PING 1\n"
              "broker< PONG 1\n"
              "wait 3000\n"
              "client> PING 2\n"
              "broker< PONG 2\n"
              "wait 3000\n"
              "client> PING 3\n"
              "broker< PONG 3\n"
              "wait 1000\n"
              "shown: * ended with 1 unanswered\n"
              "over 1\n");
}

static void s_what_was_seen_is_not_shown_again (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              S_UP
              S_WELCOME ("")
              "journal\n"
              "broker+ MSG 10 0 @i #general " S_TEXT ("one")
              "broker< MSG 11 0 @i #general " S_TEXT ("two")
              "shown: [1970-01-01 00:00:00] i: one\n"
              "shown: [1970-01-01 00:00:00] i: two\n"
              "keeps: ACK 11\n"
              "blocked    -- what stays with us has not been seen\n"
              "broker< MSG 12 0 @i #general " S_TEXT ("three")
              "shown: [1970-01-01 00:00:00] i: three\n"
              "killed\n"
              S_CONNECTING
              "unblocked\n"
              S_UP
              S_WELCOME (",\"cursor\":9")
              "broker+ MSG 10 0 @i #general " S_TEXT ("one")
              "broker+ MSG 11 0 @i #general " S_TEXT ("two")
              "broker< MSG 12 0 @i #general " S_TEXT ("three")
              "shown: [1970-01-01 00:00:00] i: three\n"
              "keeps: ACK 12\n"
              "wait 50\n"
              "client> ACK 12\n"
              "killed\n"
              S_CONNECTING
              S_UP
              S_WELCOME ("")
              "broker< MSG 11 0 @i #general " S_TEXT ("two")
              "wait 50    -- not beyond what came: the broker's log may be a backup\n"
              "client> ACK 11\n");
}

static void s_what_is_piped_in_is_not_kept_but_its_refs_are (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              "journal\n"
              "> a\n"
              "shown: * pending: a\n"
              S_UP
              S_WELCOME (",\"last_ref\":4")
              "keeps: WELCOME olena 0 {\"last_ref\":1029,\"cursor\":0}\n"
              "client> SEND 5 #general " S_TEXT ("a")
              "> /msg ivan b\n"
              "client> SEND 6 @ivan " S_TEXT ("b")
              "broker< SENT 6 7 0\n"
              "shown: [1970-01-01 00:00:00] olena -> ivan: b\n"
              "keeps: MSG 7 0 @olena @ivan {}\n"
              "killed\n"
              S_CONNECTING
              "> c\n"
              "shown: * pending: c\n"
              S_UP
              S_WELCOME (",\"last_ref\":5")
              "keeps: WELCOME olena 0 {\"last_ref\":2054,\"cursor\":0}\n"
              "client> SEND 1030 #general " S_TEXT ("c")
              "broker< RECEIPT 7 @ivan\n"
              "shown: * delivered to ivan\n"
              "keeps: RECEIPT 7 @ivan\n");
}

static void s_a_torn_record_is_dropped (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              "> a\n"
              "shown: * pending: a\n"
              "> b\n"
              "shown: * pending: b\n"
              "torn 1\n"
              "killed\n"
              S_CONNECTING
              "shown: * the end of what was kept from last time cannot be read; what was typed "
                  "last may be lost\n"
              "shown: * 1 message from last time is waiting to be sent\n"
              S_PENDING ("a")
              "> c    -- goes behind what is good\n"
              "shown: * pending: c\n"
              "killed\n"
              S_KEPT ("2")
              S_PENDING ("a")
              S_PENDING ("c"));
}

static void s_a_journal_that_is_written_anew_tells_the_same (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME (",\"window\":3")
              "> /msg Ivan a\n"
              "client> SEND 1 @Ivan " S_TEXT ("a")
              "> /msg ivan b\n"
              "client> SEND 2 @ivan " S_TEXT ("b")
              "> /msg taras c\n"
              "client> SEND 3 @taras " S_TEXT ("c")
              "> d\n"
              "> e\n"
              "broker+ SENT 1 11 0\n"
              "broker+ SENT 2 12 0\n"
              "broker+ SENT 3 13 0\n"
              "broker+ RECEIPT 13 @taras\n"
              "broker< MSG 14 0 @i #general " S_TEXT ("x")
              "shown: [1970-01-01 00:00:00] olena -> Ivan: a\n"
              "shown: [1970-01-01 00:00:00] olena -> ivan: b\n"
              "shown: [1970-01-01 00:00:00] olena -> taras: c\n"
              "shown: [1970-01-01 00:00:00] i: x\n"
              "shown: * delivered to taras\n"
              "client> ACK 14\n"
              "client> SEND 4 #general " S_TEXT ("d")
              "client> SEND 5 #general " S_TEXT ("e")
              "broker< ERROR 4 busy {\"retry_ms\":60000}\n"
              "shown: * the broker cannot store messages now...\n"
              S_PENDING ("d")
              "> /msg taras f\n"
              "shown: * pending for taras: f\n"
              "journal\n"
              "replace\n"
              "keeps: WELCOME olena 0 {\"last_ref\":5,\"cursor\":14}\n"
              "keeps: SEND 5 #general " S_TEXT ("e")
              "keeps: SEND 0 #general " S_TEXT ("d")
              "keeps: SEND 0 @taras " S_TEXT ("f")
              "keeps: MSG 11 0 @olena @Ivan {}\n"
              "keeps: MSG 12 0 @olena @Ivan {}\n"
              "killed\n"
              S_KEPT ("3")
              S_PENDING ("e")
              S_PENDING ("d")
              "shown: * pending for taras: f\n"
              S_UP
              S_WELCOME ("")
              "keeps: SEND 6 #general " S_TEXT ("d")
              "keeps: SEND 7 @taras " S_TEXT ("f")
              "client> SEND 5 #general " S_TEXT ("e")
              "client> SEND 6 #general " S_TEXT ("d")
              "client> SEND 7 @taras " S_TEXT ("f")
              "broker+ MSG 14 0 @i #general " S_TEXT ("x")
              "broker+ RECEIPT 13 @taras\n"
              "broker< RECEIPT 12 @Ivan\n"
              "shown: * delivered to Ivan\n"
              "keeps: RECEIPT 12 @Ivan\n");
}

/* clang-format on */

static void s_show_nothing (void *self, const zt_item_t *item)
{
    (void) self;
    (void) item;
}

/*  What an interactive core makes of a journal: the snapshot of it, to be freed. */
static zt_buffer_t s_recalled (zt_bytes_t journal, size_t *good)
{
    zt_client_config_t config = {.endpoint = "tcp://127.0.0.1:5555",
                                 .name = "olena",
                                 .device = "laptop",
                                 .token = "secret",
                                 .interactive = true,
                                 .show = s_show_nothing};
    zt_client_t *core = zt_client_new (&config, 0);
    zt_bytes_t exact = zt_exact (journal);
    *good = zt_client_recall (core, exact);
    zt_exact_free (exact);
    zt_buffer_t snapshot = {NULL, 0, 0};
    zt_client_snapshot (core, &snapshot);
    zt_client_destroy (&core);
    zt_buffer_string (&snapshot);
    return snapshot;
}

static void s_a_journal_may_end_anywhere (void **state)
{
    (void) state;
    static const char journal[] = "WELCOME olena 0 26\n{\"last_ref\":7,\"cursor\":70}\n"
                                  "SEND 0 #general 14\n{\"text\":\"one\"}\n"
                                  "SEND 8 #general 14\n{\"text\":\"one\"}\n"
                                  "SEND 9 @ivan 14\n{\"text\":\"two\"}\n"
                                  "SENT 8 71 5\n"
                                  "ACK 72\n";
    const size_t size = sizeof journal - 1;
    size_t last = 0;
    for (size_t end = 0; end <= size; end++) {
        size_t good;
        zt_buffer_t snapshot = s_recalled ((zt_bytes_t){journal, end}, &good);
        assert_true (good <= end && good >= last);
        assert_true (good == 0 || journal[good - 1] == '\n');
        last = good;
        if (end == size)
            assert_string_equal (snapshot.data, "WELCOME olena 0 26\n"
                                                "{\"last_ref\":9,\"cursor\":72}\n"
                                                "SEND 9 @ivan 14\n{\"text\":\"two\"}\n");
        zt_buffer_free (&snapshot);
    }
    assert_int_equal (last, size);
}

static void s_what_is_no_record_ends_the_reading (void **state)
{
    (void) state;
    static const char *const wrong[] = {"nonsense\n",
                                        "PING 1\n",
                                        "BYE\n",
                                        "SEND 5 #x 2\n{}",
                                        "SEND 5 x 2\n{}\n",
                                        "SEND 5 #a!b 2\n{}\n",
                                        "SEND 5 #x 2\n{]\n",
                                        "SEND 9007199254740992 #x 2\n{}\n",
                                        "SEND 1 #x 2\n{}\n", /* below the one before */
                                        "ERROR x busy 2\n{}\n",
                                        "RECEIPT 1 ivan\n",
                                        "MSG 1 2 @olena #x 2\n{}\n",
                                        "WELCOME olena 0 2\n{]\n",
                                        "\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        zt_buffer_t journal = {NULL, 0, 0};
        zt_buffer_put_string (&journal, "SEND 3 #x 14\n{\"text\":\"one\"}\n");
        size_t before = journal.size, good;
        zt_buffer_put_string (&journal, wrong[i]);
        zt_buffer_t snapshot = s_recalled (zt_buffer_bytes (&journal), &good);
        assert_int_equal (good, before);
        zt_buffer_free (&snapshot);
        zt_buffer_free (&journal);
    }
}

static void s_what_waits_for_the_display (void **state)
{
    (void) state;
    zt_due_t due = {.entries = NULL};
    zt_buffer_t journal = {NULL, 0, 0};
    uint64_t seen = 0;
    for (uint64_t i = 1; i <= 1000; i++) {
        zt_due_add_seen (&due, 2 * i, 10 * i);
        zt_due_add_record (&due, 2 * i + 1,
                           &(zt_message_t){.verb = ZT_VERB_SENT, .number = {i, i, i}});
        if (i % 3 == 0) { /* it is always half a message behind */
            zt_due_take (&due, 2 * i, &journal, &seen);
            assert_int_equal (seen, 10 * i);
            assert_false (zt_due_is_empty (&due));
        }
    }
    zt_due_take (&due, UINT64_MAX, &journal, &seen);
    assert_int_equal (seen, 10000);
    assert_true (zt_due_is_empty (&due));
    zt_reader_t reader = zt_reader (journal.data, journal.size, ZT_FROM_BROKER);
    zt_message_t message;
    for (uint64_t i = 1; i <= 1000; i++) {
        assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
        assert_int_equal (message.number[0], i);
    }
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_END);
    zt_buffer_free (&journal);
    zt_due_clear (&due);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_was_typed_before_a_crash_is_sent_once),
        cmocka_unit_test (s_a_broker_that_knows_more_or_less_than_we_do),
        cmocka_unit_test (s_a_refused_message_waits_over_a_crash),
        cmocka_unit_test (s_the_first_of_many_that_wait_are_listed),
        cmocka_unit_test (s_a_disk_that_stays_full_ends_a_pipe),
        cmocka_unit_test (s_what_was_seen_is_not_shown_again),
        cmocka_unit_test (s_what_is_piped_in_is_not_kept_but_its_refs_are),
        cmocka_unit_test (s_a_torn_record_is_dropped),
        cmocka_unit_test (s_a_journal_that_is_written_anew_tells_the_same),
        cmocka_unit_test (s_a_journal_may_end_anywhere),
        cmocka_unit_test (s_what_is_no_record_ends_the_reading),
        cmocka_unit_test (s_what_waits_for_the_display),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
