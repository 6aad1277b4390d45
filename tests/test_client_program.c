/*  SPDX-License-Identifier: MPL-2.0

    A program in place of a person: messages are acknowledged one by one, in any order, and
    answers and what they answer stand and fall together, whenever it is killed. */

#include "client/marks.h"
#include "tests/client_trace.h"

#include <stdarg.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_CONNECTING "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_KEPT       S_CONNECTING "shown: * 1 message from last time is waiting to be sent\n"
#define S_UP         "up\nclient> HELLO ZTALK/1 olena {\"device\":\"laptop\",...\n"
#define S_WELCOME(more)                                                                            \
    "broker< WELCOME olena 0 {\"broker\":\"b\",\"version\":\"1\"" more "}\n"                       \
    "shown: * connected to b 1 at...\n"
#define S_BEGIN         S_CONNECTING "journal\n" S_UP S_WELCOME ("")
#define S_AGAIN(more)   S_UP S_WELCOME (more)
#define S_MSG(id, text) "broker< MSG " id " 0 @ivan @olena {\"text\":\"" text "\"}\n"
#define S_SHOWN(text)   "shown: [1970-01-01 00:00:00] ivan -> olena: " text "\n"

static void s_trace (const char *transcript)
{
    zt_client_config_t config = {.patient = true, .keeps = true, .by_id = true};
    zt_trace_with (&config, transcript);
}

/* clang-format off */

static void s_what_is_shown_is_not_acknowledged (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             "wait 100    -- it is displayed, and no more\n"
             "done 7\n"
             "keeps: ACK 7\n"
             "client> ACK 7\n"
             "done 7    -- twice is once\n"
             "done 9    -- which nobody has seen\n");
}

static void s_it_comes_again_until_it_is_done (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             S_MSG ("8", "b") S_SHOWN ("b")
             S_MSG ("9", "c") S_SHOWN ("c")
             "done 8    -- not all before it are done\n"
             "keeps: GAP 8 8 1\n"
             "killed\n"
             S_CONNECTING
             S_AGAIN ("")
             S_MSG ("7", "a") S_SHOWN ("a")
             S_MSG ("8", "b")
             S_MSG ("9", "c") S_SHOWN ("c")
             "done 7\n"
             "keeps: ACK 8\n"
             "wait 100\n"
             "client> ACK 8\n"
             "replace\n"
             "keeps: WELCOME olena 0 {\"last_ref\":0,\"cursor\":8}\n"
             "killed\n"
             S_CONNECTING
             S_AGAIN ("")
             S_MSG ("9", "c") S_SHOWN ("c")
             "done 9\n"
             "keeps: ACK 9\n"
             "wait 100\n"
             "client> ACK 9\n");
}

static void s_after_a_reconnect_nothing_comes_twice (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             "down\n"
             "shown: * connection lost; trying again. What you type is kept\n"
             S_UP
             "broker< WELCOME olena 0 {}\n"
             "shown: * connected again\n"
             S_MSG ("7", "a")
             "done 7\n"
             "keeps: ACK 7\n"
             "wait 100\n"
             "client> ACK 7\n");
}

#define S_ANSWER "{\"text\":\"A\",\"re\":7}\n"

static void s_an_answer_acknowledges_when_it_is_stored (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             "post @ivan " S_ANSWER
             "keeps: SEND 1 @ivan " S_ANSWER
             "client> SEND 1 @ivan " S_ANSWER
             "wait 100\n"
             "broker< SENT 1 8 0\n"
             "shown: [1970-01-01 00:00:00] olena -> ivan: A\n"
             "keeps: ACK 7\n"
             "keeps: SENT 1 8 0\n"
             "client> ACK 7\n");
}

static void s_killed_after_the_answer_it_is_sent_once (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             "post @ivan " S_ANSWER
             "keeps: SEND 1 @ivan " S_ANSWER
             "client> SEND 1 @ivan " S_ANSWER
             "killed    -- the broker may have it, or not: it keeps its ref\n"
             S_KEPT
             "shown: * pending for ivan: A\n"
             S_AGAIN (",\"last_ref\":1")
             "client> SEND 1 @ivan " S_ANSWER
             S_MSG ("7", "a")
             "wait 100    -- it is not given to the program again, nor acknowledged\n"
             "broker< SENT 1 8 0\n"
             "shown: [1970-01-01 00:00:00] olena -> ivan: A\n"
             "keeps: ACK 7\n"
             "keeps: SENT 1 8 0\n"
             "client> ACK 7\n");
}

static void s_killed_before_its_record_of_sent_it_is_done (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("6", "z") S_SHOWN ("z")
             S_MSG ("7", "a") S_SHOWN ("a")
             "post @ivan " S_ANSWER
             "keeps: SEND 1 @ivan " S_ANSWER
             "client> SEND 1 @ivan " S_ANSWER
             "broker< SENT 1 8 0\n"
             "shown: [1970-01-01 00:00:00] olena -> ivan: A\n"
             "keeps: GAP 7 7 1\n"
             "keeps: SENT 1 8 0\n"
             "replace\n"
             "keeps: WELCOME olena 0 {\"last_ref\":1,\"cursor\":0}\n"
             "keeps: GAP 7 7 1\n"
             "keeps: MSG 8 0 @olena @ivan {}\n"
             "killed\n"
             S_CONNECTING
             S_AGAIN (",\"last_ref\":1")
             S_MSG ("6", "z") S_SHOWN ("z")
             S_MSG ("7", "a")
             "done 6\n"
             "keeps: ACK 7\n"
             "wait 100\n"
             "client> ACK 7\n");
}

static void s_killed_before_it_had_a_ref_it_is_sent_once (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             "down\n"
             "shown: * connection lost; trying again. What you type is kept\n"
             "post @ivan " S_ANSWER
             "keeps: SEND 0 @ivan " S_ANSWER
             "killed\n"
             S_KEPT
             "shown: * pending for ivan: A\n"
             S_UP
             S_WELCOME (",\"last_ref\":40")
             "keeps: SEND 41 @ivan " S_ANSWER
             "client> SEND 41 @ivan " S_ANSWER
             S_MSG ("7", "a")
             "killed\n"
             S_KEPT
             "shown: * pending for ivan: A\n"
             S_AGAIN (",\"last_ref\":40")
             "client> SEND 41 @ivan " S_ANSWER
             "broker< SENT 41 50 0\n"
             "shown: [1970-01-01 00:00:00] olena -> ivan: A\n"
             "keeps: GAP 7 7 1\n"
             "keeps: SENT 41 50 0\n"
             S_MSG ("7", "a")
             "keeps: ACK 7\n"
             "wait 100\n"
             "client> ACK 7\n");
}

static void s_an_answer_that_is_refused_leaves_the_message (void **state)
{
    (void) state;
    s_trace (S_BEGIN
             S_MSG ("7", "a") S_SHOWN ("a")
             "post @nobody " S_ANSWER
             "keeps: SEND 1 @nobody " S_ANSWER
             "client> SEND 1 @nobody " S_ANSWER
             "broker< ERROR 1 no-such-user {\"message\":\"nobody\"}\n"
             "shown: * not sent: A: nobody\n"
             "keeps: ERROR 1 forbidden {}\n"
             "wait 100\n"
             "killed\n"
             S_CONNECTING
             S_AGAIN (",\"last_ref\":1")
             S_MSG ("7", "a") S_SHOWN ("a")
             "done 7\n"
             "keeps: ACK 7\n"
             "wait 100\n"
             "client> ACK 7\n");
}

#define S_KILLED_WITH_AN_ANSWER                                                                    \
    S_BEGIN                                                                                        \
    S_MSG ("7", "a") S_SHOWN ("a")                                                                 \
    "post @nobody " S_ANSWER                                                                       \
    "keeps: SEND 1 @nobody " S_ANSWER                                                              \
    "client> SEND 1 @nobody " S_ANSWER                                                             \
    "killed\n"                                                                                     \
    S_KEPT                                                                                         \
    "shown: * pending for nobody: A\n"                                                             \
    S_AGAIN (",\"last_ref\":1")                                                                    \
    "client> SEND 1 @nobody " S_ANSWER

#define S_REFUSED "broker< ERROR 1 forbidden {\"message\":\"nobody\"}\n"

static void s_refused_after_a_kill_the_message_comes (void **state)
{
    (void) state;
    s_trace (S_KILLED_WITH_AN_ANSWER
             S_MSG ("7", "a")
             S_MSG ("8", "b") S_SHOWN ("b")
             S_REFUSED
             S_SHOWN ("a")
             "shown: * not sent: A: nobody\n"
             "keeps: ERROR 1 forbidden {}\n"
             "wait 100\n"
             "done 8\n"
             "keeps: GAP 8 8 1\n"
             "done 7\n"
             "keeps: ACK 8\n"
             "client> ACK 8\n");
    s_trace (S_KILLED_WITH_AN_ANSWER    /* and so if it comes after the refusal, */
             S_REFUSED
             "shown: * not sent: A: nobody\n"
             "keeps: ERROR 1 forbidden {}\n"
             S_MSG ("7", "a") S_SHOWN ("a")
             "done 7\n"
             "keeps: ACK 7\n"
             "wait 100\n"
             "client> ACK 7\n");
    s_trace (S_KILLED_WITH_AN_ANSWER    /* unless the program has no need of it */
             S_REFUSED
             "shown: * not sent: A: nobody\n"
             "keeps: ERROR 1 forbidden {}\n"
             "done 7\n"
             "keeps: GAP 7 7 1\n"
             S_MSG ("7", "a")
             "keeps: ACK 7\n"
             "wait 100\n"
             "client> ACK 7\n");
}

static void s_what_never_comes_holds_nothing_back (void **state)
{
    (void) state;
    s_trace (S_KILLED_WITH_AN_ANSWER
             S_REFUSED
             "shown: * not sent: A: nobody\n"
             "keeps: ERROR 1 forbidden {}\n"
             S_MSG ("8", "b") S_SHOWN ("b")
             "keeps: ACK 7\n"
             "done 8\n"
             "keeps: ACK 8\n"
             "wait 100\n"
             "client> ACK 8\n");
}

/* clang-format on */

static void s_marks_settle_from_the_front (void **state)
{
    (void) state;
    zt_marks_t marks = {NULL, 0, 0};
    assert_int_equal (zt_marks_settle (&marks, 5), 0);
    for (uint64_t id = 1000; id >= 10; id -= 10)
        zt_marks_set (&marks, id, ZT_MARK_SHOWN);
    assert_int_equal (zt_marks_settle (&marks, 1000), 0);
    zt_marks_set (&marks, 30, ZT_MARK_DONE);
    zt_marks_set (&marks, 40, ZT_MARK_ANSWERED);
    assert_int_equal (zt_marks_settle (&marks, 1000), 0);
    assert_int_equal (zt_marks_done (&marks, 0), 30);
    assert_int_equal (zt_marks_done (&marks, 1), 0);
    zt_marks_set (&marks, 10, ZT_MARK_DONE);
    zt_marks_set (&marks, 20, ZT_MARK_DONE);
    assert_int_equal (zt_marks_settle (&marks, 15), 10);
    assert_int_equal (zt_marks_settle (&marks, 1000), 30);
    assert_int_equal (zt_marks_find (&marks, 30), ZT_MARK_NONE);
    assert_int_equal (zt_marks_find (&marks, 40), ZT_MARK_ANSWERED);
    zt_marks_set (&marks, 40, ZT_MARK_NONE);
    assert_int_equal (zt_marks_settle (&marks, 1000), 0);
    zt_marks_forget (&marks, 990);
    assert_int_equal (zt_marks_find (&marks, 990), ZT_MARK_NONE);
    assert_int_equal (zt_marks_find (&marks, 1000), ZT_MARK_SHOWN);
    zt_marks_clear (&marks);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_is_shown_is_not_acknowledged),
        cmocka_unit_test (s_it_comes_again_until_it_is_done),
        cmocka_unit_test (s_after_a_reconnect_nothing_comes_twice),
        cmocka_unit_test (s_an_answer_acknowledges_when_it_is_stored),
        cmocka_unit_test (s_killed_after_the_answer_it_is_sent_once),
        cmocka_unit_test (s_killed_before_its_record_of_sent_it_is_done),
        cmocka_unit_test (s_killed_before_it_had_a_ref_it_is_sent_once),
        cmocka_unit_test (s_an_answer_that_is_refused_leaves_the_message),
        cmocka_unit_test (s_refused_after_a_kill_the_message_comes),
        cmocka_unit_test (s_what_never_comes_holds_nothing_back),
        cmocka_unit_test (s_marks_settle_from_the_front),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
