/*  SPDX-License-Identifier: MPL-2.0

    The client's core and what was said before: what was missed, history, and the
    subcommands. */

#include "tests/client_trace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_CONNECTING "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_UP         "up\nclient> HELLO ZTALK/1 olena {\"device\":\"laptop\",...\n"
#define S_WELCOME    "broker< WELCOME olena 0 {}\n"
#define S_CONNECTED  S_CONNECTING S_UP S_WELCOME "shown: * connected to...\n"
#define S_LOST       "shown: * connection lost; trying again. What you type is kept\n"

/* clang-format off */

static void s_what_was_missed_has_a_beginning_and_an_end (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "broker< WELCOME olena 5000 {}\n"
              "shown: * connected to...\n"
              "broker+ MSG 10 3000 @i #general {\"text\":\"one\"}\n"
              "broker+ MSG 11 4999 @i #general {\"text\":\"two\"}\n"
              "broker< MSG 12 5000 @i #general {\"text\":\"live\"}\n"
              "shown: * you missed this, since 1970-01-01 00:00:03:\n"
              "shown: [1970-01-01 00:00:03] i: one\n"
              "shown: [1970-01-01 00:00:04] i: two\n"
              "shown: * end of what you missed (2)\n"
              "shown: [1970-01-01 00:00:05] i: live\n"
              "wait 50\n"
              "client> ACK 12\n"
              "down\n"
              S_LOST
              S_UP
              "broker< WELCOME olena 9000 {}\n"
              "shown: * connected again\n"
              "broker+ MSG 12 5000 @i #general {\"text\":\"live\"}\n"
              "broker< GAP 13 14 2\n"
              "shown: * 2 messages are not sent again...\n"
              "broker< MSG 15 6000 @i #general {\"text\":\"three\"}\n"
              "shown: * you missed this, since 1970-01-01 00:00:06:\n"
              "shown: [1970-01-01 00:00:06] i: three\n"
              "wait 1900\n"
              "client> ACK 15\n"
              "broker< MSG 16 6000 @i #general {\"text\":\"four\"}\n"
              "shown: [1970-01-01 00:00:06] i: four\n"
              "wait 1999\n"
              "client> ACK 16\n"
              "wait 1\n"
              "shown: * end of what you missed (2)\n"
              "down\n"
              S_LOST
              S_UP
              "broker< WELCOME olena 9000 {}    -- nothing was missed\n"
              "shown: * connected again\n"
              "broker< MSG 17 9000 @i #general {\"text\":\"five\"}\n"
              "shown: [1970-01-01 00:00:09] i: five\n");
}

#define S_MISSING                                                                                  \
    S_CONNECTING S_UP "broker< WELCOME olena 5000 {}\n"                                            \
                      "shown: * connected to...\n"                                                 \
                      "broker< MSG 10 3000 @i #general {\"text\":\"one\"}\n"                       \
                      "shown: * you missed this, since 1970-01-01 00:00:03:\n"                     \
                      "shown: [1970-01-01 00:00:03] i: one\n"
#define S_NO_MORE "shown: * end of what you missed (1)\n"

static void s_what_was_missed_ends_with_the_session (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_MISSING
              "eof\n"
              S_NO_MORE
              "client> ACK 10\n"
              "client> BYE\n"
              "over 0\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_MISSING
              "broker< BYE kicked\n"
              S_NO_MORE
              "shown: * the broker or its operator ended the session\n"
              "over 4\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_MISSING
              "down\n"
              S_NO_MORE
              S_LOST);
}

static void s_what_is_said_now_was_not_missed (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_MISSING
              "> a\n"
              "client> SEND 1 #general {\"text\":\"a\"}\n"
              "> b\n"
              "client> SEND 2 #general {\"text\":\"b\"}\n"
              "broker< SENT 1 9 2000    -- as after a reconnect: it was stored before\n"
              "shown: [1970-01-01 00:00:02] olena: a\n"
              "broker< SENT 2 11 5000\n"
              S_NO_MORE
              "shown: [1970-01-01 00:00:05] olena: b\n"
              "wait 2900\n"
              "client> ACK 10\n");
}

#define S_HIT(id, text) \
    "{\"id\":" id ",\"time\":0,\"from\":\"@i\",\"to\":\"#general\",\"body\":{\"text\":\"" text "\"}}"
#define S_FOUND "shown: [1970-01-01 00:00:00] i: "

static void s_history_again_pages_back (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> /history 2\n"
              "client> HISTORY 1 #general 0 2\n"
              "broker< RESULT 1 {\"messages\":[" S_HIT ("5", "five") "," S_HIT ("6", "six")
                  "],\"more\":true}\n"
              "shown: * history of #general:\n"
              S_FOUND "five\n"
              S_FOUND "six\n"
              "shown: * the newest 2; /history again shows older ones\n"
              "> /hist\n"
              "client> HISTORY 2 #general 5 20\n"
              "broker< RESULT 2 {\"messages\":[" S_HIT ("4", "four") "],\"more\":false}\n"
              "shown: * older history of #general:\n"
              S_FOUND "four\n"
              "shown: * that was all (1)\n"
              "> /history 1    -- from the beginning again\n"
              "client> HISTORY 3 #general 0 1\n"
              "broker< RESULT 3 {\"messages\":[" S_HIT ("6", "six") "],\"more\":true}\n"
              "shown: * history of #general:\n"
              S_FOUND "six\n"
              "shown: * the newest 1; /history again shows older ones\n"
              "> /history ivan 1    -- another one\n"
              "client> HISTORY 4 @ivan 0 1\n"
              "broker< RESULT 4 {\"messages\":[],\"more\":true}\n"
              "shown: * history of @ivan:\n"
              "shown: * that was all (0)\n"
              "> /search x\n"
              "client> SEARCH 5 * 20 {\"query\":\"x\"}\n"
              "broker< RESULT 5 {\"messages\":[" S_HIT ("6", "six") "],\"more\":true}\n"
              "shown: * search for x:\n"
              "shown: [1970-01-01 00:00:00] i #general: six\n"
              "shown: * the newest 1; there are older ones\n"
              "> /history ivan 1\n"
              "client> HISTORY 6 @ivan 0 1\n");
}

#define S_HELLO_TO_ASK                                                                             \
    "up\nclient> HELLO ZTALK/1 olena {\"token\":\"secret\",\"receive\":false,\"sent\":\"each\","   \
    "\"receipts\":false,...\n"

static void s_a_question_is_asked_in_pages (void **state)
{
    (void) state;
    zt_job_t query = {.kind = ZT_JOB_HISTORY, .target = "#general", .before = 9, .count = 502};
    zt_trace_job (&query,
              S_CONNECTING
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected to...\n"
              "client> HISTORY 1 #general 9 500\n"
              "broker< RESULT 1 {\"messages\":[" S_HIT ("7", "c") "," S_HIT ("8", "d") "],\"more\":true}\n"
              "client> HISTORY 2 #general 7 500\n"
              "broker< ERROR 2 rate-limited {\"retry_ms\":200}\n"
              "down\n"
              "shown: * connection lost; trying again\n"
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected again\n"
              "client> HISTORY 3 #general 7 500\n"
              "broker< RESULT 3 {\"messages\":[" S_HIT ("5", "a") "," S_HIT ("6", "b") "],\"more\":false}\n"
              S_FOUND "a\n"
              S_FOUND "b\n"
              S_FOUND "c\n"
              S_FOUND "d\n"
              "client> BYE\n"
              "over 0\n");
}

static void s_no_more_is_asked_than_was_asked_for (void **state)
{
    (void) state;
    /*  As many as were asked for, and a broker that does not lead back. */
    zt_job_t query = {.kind = ZT_JOB_HISTORY, .target = "@ivan", .count = 3};
    zt_trace_job (&query,
              S_CONNECTING
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected to...\n"
              "client> HISTORY 1 @ivan 0 3\n"
              "broker< RESULT 1 {\"messages\":[" S_HIT ("7", "c") "],\"more\":true}\n"
              "client> HISTORY 2 @ivan 7 2\n"
              "broker< RESULT 2 {\"messages\":[" S_HIT ("7", "c") "],\"more\":true}\n"
              S_FOUND "c\n"
              "client> BYE\n"
              "over 0\n");
}

static void s_a_search_tells_that_there_is_more (void **state)
{
    (void) state;
    zt_job_t query = {.kind = ZT_JOB_SEARCH, .words = "x", .count = 2};
    zt_trace_job (&query,
              S_CONNECTING
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected to...\n"
              "client> SEARCH 1 * 2 {\"query\":\"x\"}\n"
              "broker< RESULT 1 {\"messages\":[" S_HIT ("7", "c") "],\"more\":true}\n"
              "client> SEARCH 2 * 1 {\"query\":\"x\",\"before\":7}\n"
              "broker< RESULT 2 {\"messages\":[" S_HIT ("5", "b") "],\"more\":true}\n"
              "shown: [1970-01-01 00:00:00] i #general: b\n"
              "shown: [1970-01-01 00:00:00] i #general: c\n"
              "client> BYE\n"
              "over 0\n");
    /*  A broker that does not know of 'before'. */
    zt_trace_job (&query,
              S_CONNECTING
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected to...\n"
              "client> SEARCH 1 * 2 {\"query\":\"x\"}\n"
              "broker< RESULT 1 {\"messages\":[" S_HIT ("7", "c") "],\"more\":true}\n"
              "client> SEARCH 2 * 1 {\"query\":\"x\",\"before\":7}\n"
              "broker< RESULT 2 {\"messages\":[" S_HIT ("7", "c") "],\"more\":true}\n"
              "shown: [1970-01-01 00:00:00] i #general: c\n"
              "shown: * there are more, which the broker does not tell\n"
              "client> BYE\n"
              "over 0\n");
}

static void s_a_question_may_be_refused_or_not_be_heard (void **state)
{
    (void) state;
    zt_job_t query = {.kind = ZT_JOB_SEARCH, .target = "@nobody", .words = "x", .count = 2};
    zt_trace_job (&query,
              S_CONNECTING
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected to...\n"
              "client> SEARCH 1 @nobody 2 {\"query\":\"x\"}\n"
              "broker< ERROR 1 no-such-user {\"message\":\"who?\"}\n"
              "shown: * @nobody: who?\n"
              "client> BYE\n"
              "over 4\n");
    query = (zt_job_t){.kind = ZT_JOB_SEARCH, .words = "!", .count = 2};
    zt_trace_job (&query,
              S_CONNECTING
              S_HELLO_TO_ASK
              S_WELCOME
              "shown: * connected to...\n"
              "client> SEARCH 1 * 2 {\"query\":\"!\"}\n"
              "broker< ERROR 1 bad-request {\"message\":\"no word\"}\n"
              "shown: * no word\n"
              "client> BYE\n"
              "over 4\n");
    zt_trace_job (&query,
              S_CONNECTING
              "wait 10000\n"
              "shown: * no answer from tcp://127.0.0.1:5555 yet; still trying\n"
              "shown: * no broker answers at tcp://127.0.0.1:5555\n"
              "over 3\n");
}

/* clang-format on */

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_was_missed_has_a_beginning_and_an_end),
        cmocka_unit_test (s_what_was_missed_ends_with_the_session),
        cmocka_unit_test (s_what_is_said_now_was_not_missed),
        cmocka_unit_test (s_history_again_pages_back),
        cmocka_unit_test (s_a_question_is_asked_in_pages),
        cmocka_unit_test (s_no_more_is_asked_than_was_asked_for),
        cmocka_unit_test (s_a_search_tells_that_there_is_more),
        cmocka_unit_test (s_a_question_may_be_refused_or_not_be_heard),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
