/*  SPDX-License-Identifier: MPL-2.0

    The client's core when it does one thing alone: sends, follows, lists. */

#include "tests/client_trace.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_CONNECTING "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_LOST       "shown: * connection lost; trying again\n"
#define S_HELLO      "client> HELLO ZTALK/1 olena {\"token\":\"secret\","
#define S_REST       "\"sent\":\"each\",\"receipts\":false,...\n"
#define S_PLAIN      "up\n" S_HELLO "\"receive\":false," S_REST
#define S_AGAIN      "shown: * connected again\n"
#define S_CONNECTED  "shown: * connected to...\n"
#define S_AT         "shown: [1970-01-01 00:00:0"

/* clang-format off */

/*  ---------------------------------------------------------------------------
    Sending */

#define S_SENDS S_CONNECTING "up\nclient> HELLO ZTALK/1 olena {\"device\":\"laptop\",\"token\":\"secret\"," \
                "\"receive\":false," S_REST
#define S_SENDS_AGAIN "up\nclient> HELLO ZTALK/1 olena {\"device\":\"laptop\",\"token\":\"secret\"," \
                      "\"receive\":false," S_REST

static const zt_job_t s_to_ivan = {.kind = ZT_JOB_SEND, .target = "@ivan", .patience_ms = 5000};

static void s_what_is_posted_is_sent_and_then_it_ends (void **state)
{
    (void) state;
    zt_trace_job (&s_to_ivan,
        S_SENDS
        "broker< WELCOME olena 0 {}\n"
        S_CONNECTED
        "offer /exit is text here\n"
        "client> SEND 1 @ivan {\"text\":\"/exit is text here\"}\n"
        "offer \n"
        "offer two\n"
        "client> SEND 2 @ivan {\"text\":\"two\"}\n"
        "eof\n"
        "broker< SENT 1 10 1000\n"
        S_AT "1] olena -> ivan: /exit is text here\n"
        "broker< SENT 2 11 2000\n"
        S_AT "2] olena -> ivan: two\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_what_was_not_answered_is_sent_again_with_its_ref (void **state)
{
    (void) state;
    zt_trace_job (&s_to_ivan,
        S_CONNECTING
        "offer one\n"
        "offer two\n"
        "eof\n"
        S_SENDS_AGAIN
        "broker< WELCOME olena 0 {\"last_ref\":41}\n"
        S_CONNECTED
        "client> SEND 42 @ivan {\"text\":\"one\"}\n"
        "client> SEND 43 @ivan {\"text\":\"two\"}\n"
        "broker< SENT 42 10 1000\n"
        S_AT "1] olena -> ivan: one\n"
        "down\n"
        S_LOST
        S_SENDS_AGAIN
        "broker< WELCOME olena 0 {\"last_ref\":43}\n"
        S_AGAIN
        "client> SEND 43 @ivan {\"text\":\"two\"}\n"
        "broker< SENT 43 11 1000\n"
        S_AT "1] olena -> ivan: two\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_a_refusal_ends_it (void **state)
{
    (void) state;
    zt_trace_job (&s_to_ivan,
        S_SENDS
        "broker< WELCOME olena 0 {\"window\":2}\n"
        S_CONNECTED
        "offer one\n"
        "client> SEND 1 @ivan {\"text\":\"one\"}\n"
        "offer two\n"
        "client> SEND 2 @ivan {\"text\":\"two\"}\n"
        "offer three\n"
        "broker< ERROR 1 no-such-user {\"message\":\"who?\"}\n"
        "shown: * not sent: one: who?\n"
        "offer BAD: it has ended\n"
        "broker< ERROR 2 no-such-user {\"message\":\"who?\"}\n"
        "client> BYE\n"
        "shown: * 0 of 3 messages were sent\n"
        "over 4\n");
}

static void s_what_the_broker_takes_later_is_sent_later (void **state)
{
    (void) state;
    zt_trace_job (&s_to_ivan,
        S_SENDS
        "broker< WELCOME olena 0 {}\n"
        S_CONNECTED
        "offer one\n"
        "client> SEND 1 @ivan {\"text\":\"one\"}\n"
        "eof\n"
        "broker< ERROR 1 rate-limited {\"retry_ms\":300}\n"
        "shown: * the broker takes no more messages at once...\n"
        "wait 300\n"
        "client> SEND 2 @ivan {\"text\":\"one\"}\n"
        "broker< SENT 2 10 1000\n"
        S_AT "1] olena -> ivan: one\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_patience_has_an_end (void **state)
{
    (void) state;
    zt_trace_job (&s_to_ivan,
        S_CONNECTING
        "offer one\n"
        "wait 3000\n"
        "shown: * no answer from tcp://127.0.0.1:5555 yet; still trying\n"
        "wait 2000\n"
        "shown: * no broker answers at tcp://127.0.0.1:5555\n"
        "over 3\n");
    zt_trace_job (&s_to_ivan,
        S_SENDS
        "broker< WELCOME olena 0 {}\n"
        S_CONNECTED
        "offer one\n"
        "client> SEND 1 @ivan {\"text\":\"one\"}\n"
        "offer two\n"
        "client> SEND 2 @ivan {\"text\":\"two\"}\n"
        "broker< SENT 1 10 1000\n"
        S_AT "1] olena -> ivan: one\n"
        "down\n"
        S_LOST
        "wait 5000\n"
        "shown: * no broker answers at tcp://127.0.0.1:5555 any more\n"
        "shown: * 1 of 2 messages were sent; of 1 more it is not known\n"
        "over 3\n");
    zt_trace_job (&s_to_ivan,
        S_SENDS
        "broker< WELCOME olena 0 {\"heartbeat_ms\":60000}\n"
        S_CONNECTED
        "wait 20000\n"                                      "    -- nothing to send is no reason to end\n"
        "offer one\n"
        "client> SEND 1 @ivan {\"text\":\"one\"}\n"
        "wait 5000\n"
        "shown: * the broker has not taken the rest in time (--timeout waits longer)\n"
        "over 1\n");
}

static void s_for_ever_has_none (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_SEND, .target = "@ivan", .patience_ms = ZT_NEVER};
    zt_trace_job (&job,
        S_CONNECTING
        "offer one\n"
        "eof\n"
        "wait 3000\n"
        "shown: * no answer from tcp://127.0.0.1:5555 yet; still trying\n"
        "wait 100000000\n"
        "quit\n"
        "over 1\n");
}

static void s_a_receipt_is_waited_for (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_SEND, .target = "@Ivan", .waits = true, .patience_ms = 5000};
    zt_trace_job (&job,
        S_CONNECTING
        "up\n"
        "client> HELLO ZTALK/1 olena {\"device\":\"laptop\",\"token\":\"secret\",\"receive\":false,"
        "\"sent\":\"each\",\"receipts\":true,...\n"
        "broker< WELCOME olena 0 {\"heartbeat_ms\":60000}\n"
        S_CONNECTED
        "offer one\n"
        "client> SEND 1 @Ivan {\"text\":\"one\"}\n"
        "eof\n"
        "broker< SENT 1 10 1000\n"
        S_AT "1] olena -> Ivan: one\n"
        "broker< RECEIPT 9 @ivan\n"
        "broker< RECEIPT 12 @taras\n"
        "broker< RECEIPT 10 @ivan\n"
        "shown: * delivered to ivan\n"
        "client> BYE\n"
        "over 0\n");
    zt_trace_job (&job,
        S_CONNECTING
        "up\n"
        "client> HELLO...\n"
        "broker< WELCOME olena 0 {\"heartbeat_ms\":60000}\n"
        S_CONNECTED
        "offer one\n"
        "client> SEND 1 @Ivan {\"text\":\"one\"}\n"
        "eof\n"
        "broker< SENT 1 10 1000\n"
        S_AT "1] olena -> Ivan: one\n"
        "wait 5000\n"
        "shown: * sent, but not delivered to Ivan in time (--timeout waits longer)\n"
        "over 1\n");
}

static void s_what_cannot_be_sent_ends_it (void **state)
{
    (void) state;
    zt_trace_job (&s_to_ivan,
        S_SENDS
        "broker< WELCOME olena 0 {}\n"
        S_CONNECTED
        "offer one\n"
        "client> SEND 1 @ivan {\"text\":\"one\"}\n"
        "offer BAD \xff\n"
        "shown: * line 2 of the input cannot be sent: it is not UTF-8; nothing from there on is sent\n"
        "broker< SENT 1 10 1000\n"
        S_AT "1] olena -> ivan: one\n"
        "client> BYE\n"
        "shown: * 1 of 2 messages were sent\n"
        "over 1\n");
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_SENDS "broker< WELCOME olena 0 {}\n" S_CONNECTED "offer BAD");
    size_t size = ZT_BODY_MAX - 10;
    memset (zt_buffer_reserve (&text, size), 'y', size);
    text.size += size;
    zt_buffer_put_string (&text,
        "\nshown: * line 1 of the input cannot be sent: it is too long; nothing from there on is sent\n"
        "client> BYE\nover 1\n");
    zt_trace_job (&s_to_ivan, zt_buffer_string (&text));
    zt_buffer_free (&text);
}

/*  ---------------------------------------------------------------------------
    Following */

#define S_FOLLOWS(where) "up\n" S_HELLO where "," S_REST
#define S_END(end) "broker< WELCOME olena 9000 {\"cursor\":" end ",\"follow\":" end "}\n"

static void s_what_comes_is_shown_from_now_on (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL};
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":true")
        S_END ("7")
        S_CONNECTED
        "broker< MSG 8 9000 @i #general {\"text\":\"one\"}\n"
        S_AT "9] i: one\n"
        "wait 50\n"
        "client> ACK 8\n"
        "down\n"
        S_LOST
        S_FOLLOWS ("\"follow\":8")
        S_END ("9")
        S_AGAIN
        "broker+ MSG 8 9000 @i #general {\"text\":\"one\"}\n"
        "broker< MSG 9 9000 @olena @i {\"text\":\"two\"}\n"
        S_AT "9] olena -> i: two\n"
        "quit\n"
        "client> ACK 9\n"
        "client> BYE\n"
        "over 0\n");
    /*  Nothing has come before the connection was lost: where it began counts. */
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":true")
        S_END ("7")
        S_CONNECTED
        "down\n"
        S_LOST
        S_FOLLOWS ("\"follow\":7")
        S_END ("9")
        S_AGAIN
        "broker< MSG 8 8000 @i #general {\"text\":\"one\"}\n"
        S_AT "8] i: one\n"
        "quit\n"
        "client> ACK 8\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_since_an_id_or_a_time (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL, .since = {.id = 5}};
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":5")
        "broker< WELCOME olena 9000 {\"cursor\":5,\"follow\":7}\n"
        S_CONNECTED
        "broker< GAP 6 6 1\n"
        "shown: * up to 1 message is left out, because the broker replays no more; 'ztalk history' may show it\n"
        "broker< MSG 7 2000 @i #general {\"text\":\"one\"}\n"
        S_AT "2] i: one\n"
        "quit\n"
        "client> ACK 7\n"
        "client> BYE\n"
        "over 0\n");
    job = (zt_job_t){.kind = ZT_JOB_TAIL, .since = {.time = 3000}};
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":0")
        "broker< WELCOME olena 9000 {\"cursor\":0,\"follow\":7}\n"
        S_CONNECTED
        "broker+ GAP 1 2 2\n"                             "    -- older than what is wanted\n"
        "broker+ MSG 3 2999 @i #general {\"text\":\"old\"}\n"
        "broker< MSG 4 3000 @i #general {\"text\":\"one\"}\n"
        S_AT "3] i: one\n"
        "down\n"
        S_LOST
        S_FOLLOWS ("\"follow\":4")
        S_END ("9")
        S_AGAIN
        "broker+ GAP 5 8 4\n"                             "    -- and this is not\n"
        "broker< MSG 9 9000 @i #general {\"text\":\"two\"}\n"
        "shown: * up to 4 messages are left out, because the broker replays no more; 'ztalk history' may show them\n"
        S_AT "9] i: two\n"
        "quit\n"
        "client> ACK 9\n"
        "client> BYE\n"
        "over 0\n");
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":0")
        "broker< WELCOME olena 9000 {\"cursor\":0,\"follow\":7}\n"
        S_CONNECTED
        "broker+ GAP 1 2 2\n"
        "broker< MSG 3 3000 @i #general {\"text\":\"one\"}\n"
        "shown: * up to 2 messages are left out...\n"
        S_AT "3] i: one\n"
        "quit\n"
        "client> ACK 3\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_the_newest_begin (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL, .count = 2};
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":0,\"replay\":2")
        "broker< WELCOME olena 9000 {\"cursor\":0,\"follow\":7}\n"
        S_CONNECTED
        "broker+ GAP 1 5 5\n"
        "broker< MSG 6 6000 @i #general {\"text\":\"one\"}\n"
        S_AT "6] i: one\n"
        "down\n"
        S_LOST
        S_FOLLOWS ("\"follow\":6")
        S_END ("7")
        S_AGAIN
        "broker< MSG 7 7000 @i #general {\"text\":\"two\"}\n"
        S_AT "7] i: two\n"
        "quit\n"
        "client> ACK 7\n"
        "client> BYE\n"
        "over 0\n");
}

#define S_HIT(id, time, text)                                                                      \
    "{\"id\":" id ",\"time\":" time ",\"from\":\"@i\",\"to\":\"#Dev\",\"body\":{\"text\":\"" text "\"}}"

static void s_a_target_begins_with_its_history (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL, .target = "#dev", .since = {.time = 2000}};
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        S_END ("7")
        S_CONNECTED
        "client> HISTORY 1 #dev 8 500\n"
        "broker< RESULT 1 {\"messages\":[" S_HIT ("5", "3000", "b") "," S_HIT ("7", "4000", "c") "],\"more\":true}\n"
        "client> HISTORY 2 #dev 5 500\n"
        "down\n"
        S_LOST
        S_PLAIN
        S_END ("8")                                        "    -- a message more: it is not asked for\n"
        S_AGAIN
        "client> HISTORY 2 #dev 5 500\n"
        "broker< RESULT 2 {\"messages\":[" S_HIT ("3", "1999", "-") "," S_HIT ("4", "2000", "a") "],\"more\":true}\n"
        S_AT "2] i #Dev: a\n"
        S_AT "3] i #Dev: b\n"
        S_AT "4] i #Dev: c\n"
        "client> BYE\n"
        S_HELLO "\"follow\":7," S_REST
        "broker+ WELCOME olena 9000 {\"cursor\":7,\"follow\":8}\n"
        "broker+ MSG 8 5000 @i #DEV {\"text\":\"d\"}\n"
        "broker< MSG 9 5000 @i #general {\"text\":\"elsewhere\"}\n"
        S_CONNECTED
        S_AT "5] i #DEV: d\n"
        "wait 50\n"
        "client> ACK 9\n"
        "down\n"
        S_LOST
        S_FOLLOWS ("\"follow\":9")
        S_END ("9")
        S_AGAIN
        "quit\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_a_target_is_one_that_may_be_read (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL, .target = "#dev"};
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        S_END ("7")
        S_CONNECTED
        "client> HISTORY 1 #dev 8 1\n"
        "broker< ERROR 1 forbidden {\"message\":\"join it\"}\n"
        "shown: * #dev: join it\n"
        "client> BYE\n"
        "over 4\n");
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        S_END ("7")
        S_CONNECTED
        "client> HISTORY 1 #dev 8 1\n"
        "broker< RESULT 1 {\"messages\":[" S_HIT ("5", "3000", "b") "],\"more\":true}\n"
        "client> BYE\n"
        S_HELLO "\"follow\":7," S_REST
        "down\n"                                           "    -- before WELCOME\n"
        S_FOLLOWS ("\"follow\":7")
        S_END ("7")
        S_CONNECTED
        "quit\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_private_messages_of_both_sides_are_a_conversation (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL, .target = "@I"};
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        S_END ("7")
        S_CONNECTED
        "client> HISTORY 1 @I 8 1\n"
        "broker< RESULT 1 {\"messages\":[],\"more\":false}\n"
        "client> BYE\n"
        S_HELLO "\"follow\":7," S_REST
        S_END ("7")
        S_CONNECTED
        "broker+ MSG 8 1000 @i @olena {\"text\":\"to me\"}\n"
        "broker+ MSG 9 2000 @olena @i {\"text\":\"from me\"}\n"
        "broker+ MSG 10 3000 @i #general {\"text\":\"to all\"}\n"
        "broker< MSG 11 4000 @taras @olena {\"text\":\"another\"}\n"
        S_AT "1] i -> olena: to me\n"
        S_AT "2] olena -> i: from me\n"
        "quit\n"
        "client> ACK 11\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_a_broker_that_does_not_know_of_it_is_too_old (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_TAIL};
    zt_trace_job (&job,
        S_CONNECTING
        S_FOLLOWS ("\"follow\":true")
        "broker< WELCOME olena 9000 {\"cursor\":7}\n"
        S_CONNECTED
        "shown: * this broker does not let anybody follow: it is too old\n"
        "over 4\n");
    job = (zt_job_t){.kind = ZT_JOB_ROOMS};
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        "broker< WELCOME olena 9000 {}\n"
        S_CONNECTED
        "client> ROOMS 1 *\n"
        "broker< ERROR - bad-request {\"message\":\"what?\"}\n"
        "shown: * this broker does not tell its rooms: it is too old\n"
        "over 4\n");
}

/*  ---------------------------------------------------------------------------
    Listing */

static void s_who_is_online_is_a_line_each (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_WHO};
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        "broker< WELCOME olena 9000 {}\n"
        S_CONNECTED
        "client> WHO 1\n"
        "broker< RESULT 1 {\"users\":[\"olena\",7,\"\",\"ivan\"],\"more\":true}\n"
        "shown: olena\n"
        "shown: ivan\n"
        "shown: * there are more, which did not fit into the broker's answer\n"
        "client> BYE\n"
        "over 0\n");
}

static void s_rooms_come_in_pages (void **state)
{
    (void) state;
    zt_job_t job = {.kind = ZT_JOB_ROOMS};
    zt_trace_job (&job,
        S_CONNECTING
        S_PLAIN
        "broker< WELCOME olena 9000 {}\n"
        S_CONNECTED
        "client> ROOMS 1 *\n"
        "broker< RESULT 1 {\"rooms\":[{\"room\":\"#general\",\"users\":3,\"joined\":true},"
        "{\"room\":\"dev\"},{\"room\":\"#dev\",\"users\":1,\"joined\":false}],\"more\":true}\n"
        "shown: #general 3 joined\n"
        "shown: #dev 1\n"
        "client> ROOMS 2 #dev\n"
        "broker< RESULT 2 {\"rooms\":[{\"room\":\"#dev\",\"users\":1}],\"more\":true}\n"
        "shown: #dev 1\n"                                 "    -- it leads no further\n"
        "client> BYE\n"
        "over 0\n");
}

/* clang-format on */

/*  An answer has a bound: the newest part of it is shown, and how to go on. */
static void s_what_is_too_much_is_left_out (void **state)
{
    (void) state;
    enum { S_FILL = 60000, S_MOST = 32 * 1048576, S_FIRST = 100000 };
    static const zt_job_t job = {.kind = ZT_JOB_HISTORY, .target = "#dev", .since = {.time = 1}};
    zt_buffer_t transcript = {NULL, 0, 0}, page = {NULL, 0, 0};
    zt_buffer_put_string (&transcript,
                          S_CONNECTING S_PLAIN "broker< WELCOME olena 0 {}\n" S_CONNECTED
                                               "client> HISTORY 1 #dev 0 500\n");
    size_t size = 0;
    int pages = 0, id = S_FIRST;
    while (size < S_MOST) {
        if (pages++)
            zt_buffer_put_format (&transcript, "client> HISTORY %d #dev %d 500\n", pages, id);
        zt_buffer_clear (&page);
        zt_buffer_put_format (&page,
                              "{\"more\":true,\"messages\":[{\"id\":%d,\"time\":1000,"
                              "\"from\":\"@ivan\",\"to\":\"#dev\",\"body\":{\"x\":\"",
                              --id);
        memset (zt_buffer_reserve (&page, S_FILL), 'x', S_FILL);
        page.size += S_FILL;
        zt_buffer_put_string (&page, "\"}}]}");
        size += page.size;
        zt_buffer_put_format (&transcript, "broker< RESULT %d ", pages);
        zt_buffer_put_bytes (&transcript, zt_buffer_bytes (&page));
        zt_buffer_put_char (&transcript, '\n');
    }
    for (int i = 0; i < pages; i++)
        zt_buffer_put_string (&transcript,
                              "shown: * ivan sent something that this client cannot show\n");
    zt_buffer_put_format (&transcript,
                          "shown: * older ones are left out, because they are over 32 MiB: 'ztalk "
                          "history' with '--before %d' shows them\nclient> BYE\nover 1\n",
                          id);
    zt_trace_job (&job, zt_buffer_string (&transcript));
    zt_buffer_free (&transcript);
    zt_buffer_free (&page);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_is_posted_is_sent_and_then_it_ends),
        cmocka_unit_test (s_what_was_not_answered_is_sent_again_with_its_ref),
        cmocka_unit_test (s_a_refusal_ends_it),
        cmocka_unit_test (s_what_the_broker_takes_later_is_sent_later),
        cmocka_unit_test (s_patience_has_an_end),
        cmocka_unit_test (s_for_ever_has_none),
        cmocka_unit_test (s_a_receipt_is_waited_for),
        cmocka_unit_test (s_what_cannot_be_sent_ends_it),
        cmocka_unit_test (s_what_comes_is_shown_from_now_on),
        cmocka_unit_test (s_since_an_id_or_a_time),
        cmocka_unit_test (s_the_newest_begin),
        cmocka_unit_test (s_a_target_begins_with_its_history),
        cmocka_unit_test (s_a_target_is_one_that_may_be_read),
        cmocka_unit_test (s_private_messages_of_both_sides_are_a_conversation),
        cmocka_unit_test (s_a_broker_that_does_not_know_of_it_is_too_old),
        cmocka_unit_test (s_who_is_online_is_a_line_each),
        cmocka_unit_test (s_rooms_come_in_pages),
        cmocka_unit_test (s_what_is_too_much_is_left_out),
    };
    return cmocka_run_group_tests_name ("client job", tests, NULL, NULL);
}
