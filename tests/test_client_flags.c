/*  SPDX-License-Identifier: MPL-2.0

    The client's core and names that could be taken for others. In "оlena" and "іvan" the first
    letter is Cyrillic. */

#include "client/flags.h"
#include "common/buffer.h"
#include "tests/client_trace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_CONNECTING "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_UP         "up\nclient> HELLO ZTALK/1 olena {\"device\":\"laptop\",...\n"
#define S_CONNECTED                                                                                \
    S_CONNECTING S_UP "broker< WELCOME olena 0 {}\n"                                               \
                      "shown: * connected to...\n"

/* clang-format off */

static void s_what_the_broker_says_is_shown_wherever_the_name_is (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
              "shown: * connected to...\n"
              "broker< PRESENCE 1 {\"online\":[\"ivan\",\"lvan\",\"olena\"],\"more\":false}\n"
              "shown: * online: ivan, lvan (looks like ivan), olena (3)\n"
              "broker+ MSG 1 0 @ivan #general {\"text\":\"1\"}\n"
              "broker+ MSG 2 0 @lvan #general {\"text\":\"2\"}\n"
              "broker+ MSG 3 0 @lvan #dev {\"text\":\"3\"}\n"
              "broker+ MSG 4 0 @lvan @olena {\"text\":\"4\"}\n"
              "broker< MSG 5 0 @lvan @olena {}\n"
              "shown: [1970-01-01 00:00:00] ivan: 1\n"
              "shown: [1970-01-01 00:00:00] lvan (looks like ivan): 2\n"
              "shown: [1970-01-01 00:00:00] lvan (looks like ivan) #dev: 3\n"
              "shown: [1970-01-01 00:00:00] lvan (looks like ivan) -> olena: 4\n"
              "shown: * lvan (looks like ivan) sent something that this client cannot show\n"
              "wait 50\n"
              "client> ACK 5\n"
              "> /msg LVAN is it you?    -- a name is the same in any case\n"
              "client> SEND 1 @LVAN {\"text\":\"is it you?\"}\n"
              "broker+ SENT 1 6 0\n"
              "broker< RECEIPT 6 @lvan\n"
              "shown: [1970-01-01 00:00:00] olena -> LVAN (looks like ivan): is it you?\n"
              "shown: * delivered to lvan (looks like ivan)\n"
              "> /to lvan\n"
              "shown: * what you type goes to lvan (looks like ivan)\n"
              "> /msg l\t\n"
              "shown: * /msg l: lvan (looks like ivan)\n"
              "broker< PRESENCE 2 {\"online\":[],\"offline\":[\"lvan\"]}\n"
              "shown: * lvan (looks like ivan) left\n"
              "broker< PRESENCE 3 {\"online\":[\"lvan\"],\"offline\":[]}\n"
              "shown: * lvan (looks like ivan) is here\n"
              "> /who\n"
              "client> WHO 2\n"
              "broker< RESULT 2 {\"users\":[\"lvan\"]}\n"
              "shown: * online: lvan (looks like ivan) (1)\n"
              "> /join dev\n"
              "client> JOIN 3 #dev\n"
              "broker< RESULT 3 {\"users\":[\"ivan\",\"lvan\"]}\n"
              "shown: * you are in #dev, and what you type goes there; online: ivan, lvan (looks like ivan)\n"
              "> /msg lvan x\n"
              "client> SEND 4 @lvan {\"text\":\"x\"}\n"
              "broker< ERROR 4 busy {\"retry_ms\":1000}\n"
              "shown: * the broker cannot store messages now...\n"
              "shown: * pending for lvan (looks like ivan): x\n");
}

static void s_it_is_known_before_the_first_message (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< PRESENCE 1 {\"online\":[\"ivan\",\"olena\"],\"offline\":[],\"more\":false}\n"
              "shown: * online: ivan, olena (2)\n"
              "broker+ PRESENCE 2 {\"online\":[],\"offline\":[],\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
              "broker< MSG 1 0 @lvan #general {\"text\":\"1\"}\n"
              "shown: [1970-01-01 00:00:00] lvan (looks like ivan): 1\n"
              "broker< PRESENCE 3 {\"online\":[\"lvan\"],\"offline\":[]}\n"
              "shown: * lvan (looks like ivan) is here\n");
}

static void s_it_does_not_end_the_list_of_who_is_online (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< PRESENCE 1 {\"online\":[],\"offline\":[],\"lookalikes\":{\"a\":\"b\"},\"more\":true}\n"
              "broker< PRESENCE 2 {\"online\":[\"lvan\"],\"offline\":[],\"more\":true}\n"
              "broker< PRESENCE 3 {\"online\":[],\"offline\":[],\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
              "broker< PRESENCE 4 {\"online\":[\"olena\"],\"offline\":[],\"more\":false}\n"
              "shown: * online: lvan (looks like ivan), olena (2)\n"
              "down\n"
              "shown: * connection lost...\n"
              S_UP
              "broker< WELCOME olena 0 {}\n"
              "shown: * connected again\n"
              "broker< PRESENCE 5 {\"online\":[],\"offline\":[],\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
              "broker< PRESENCE 6 {\"online\":[\"olena\",\"lvan\",\"ivan\"],\"more\":false}\n"
              "shown: * ivan is here\n");
}

/*  A broker that was started anew may have forgotten. */
static void s_each_session_begins_with_all_of_them (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
              "shown: * connected to...\n"
              "down\n"
              "shown: * connection lost...\n"
              "> /msg lvan x\n"
              "shown: * pending for lvan (looks like ivan): x\n"
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"maria\":\"rnaria\"}}\n"
              "shown: * connected again\n"
              "client> SEND 1 @lvan {\"text\":\"x\"}\n"
              "broker< SENT 1 1 0\n"
              "shown: [1970-01-01 00:00:00] olena -> lvan: x\n"
              "broker< MSG 2 0 @maria #general {\"text\":\"y\"}\n"
              "shown: [1970-01-01 00:00:00] maria (looks like rnaria): y\n");
}

static void s_mixed_scripts_are_seen_without_the_broker (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< PRESENCE 1 {\"online\":[\"Олена\",\"іvan\"],\"more\":false}\n"
              "shown: * online: Олена, іvan (mixed scripts) (2)\n"
              "broker+ MSG 1 0 @іvan #general {\"text\":\"1\"}\n"
              "broker< MSG 2 0 @Олена #general {\"text\":\"2\"}\n"
              "shown: [1970-01-01 00:00:00] іvan (mixed scripts): 1\n"
              "shown: [1970-01-01 00:00:00] Олена: 2\n"
              "broker< PRESENCE 1 {\"lookalikes\":{\"іvan\":\"ivan\"}}\n"
              "broker< MSG 3 0 @іvan #general {\"text\":\"3\"}\n"
              "shown: [1970-01-01 00:00:00] іvan (looks like ivan): 3\n"
              "> /to іvan\n"
              "shown: * what you type goes to іvan (looks like ivan)\n"
              "> /to #gеneral    -- the е is Cyrillic\n"
              "shown: * what you type goes to #gеneral (mixed scripts)\n");
}

static void s_who_is_a_lookalike_is_told (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"Olena\":\"0lena\"}}\n"
              "shown: * connected to...\n"
              "shown: * your name looks like 0lena, which is older: others see it marked so\n"
              "down\n"
              "shown: * connection lost...\n"
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"Olena\":\"0lena\"}}\n"
              "shown: * connected again\n");
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              S_UP
              "broker< WELCOME оlena 0 {}\n"
              "shown: * connected to...\n"
              "shown: * your name mixes scripts: others see it marked so\n");
}

static void s_what_was_found_is_flagged (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
              "shown: * connected to...\n"
              "> /history lvan\n"
              "client> HISTORY 1 @lvan 0 20\n"
              "broker< RESULT 1 {\"messages\":[{\"id\":1,\"time\":0,\"from\":\"@olena\",\"to\":\"@lvan\",\"body\":{\"text\":\"x\"}}]}\n"
              "shown: * history of @lvan (looks like ivan):\n"
              "shown: [1970-01-01 00:00:00] olena -> lvan (looks like ivan): x\n"
              "shown: * that was all (1)\n"
              "> /search x\n"
              "client> SEARCH 2 * 20 {\"query\":\"x\"}\n"
              "broker< RESULT 2 {\"messages\":[{\"id\":1,\"time\":0,\"from\":\"@lvan\",\"to\":\"#general\",\"body\":{\"text\":\"x\"}}]}\n"
              "shown: * search for x:\n"
              "shown: [1970-01-01 00:00:00] lvan (looks like ivan) #general: x\n"
              "shown: * that was all (1)\n");
}

static void s_so_it_is_for_who_only_asks (void **state)
{
    (void) state;
    zt_job_t query = {.kind = ZT_JOB_HISTORY, .target = "#general", .count = 1};
    zt_trace_job (&query,
                    S_CONNECTING
                    "up\n"
                    "client> HELLO ZTALK/1 olena {\"token\"...\n"
                    "broker< WELCOME olena 0 {\"lookalikes\":{\"lvan\":\"ivan\"}}\n"
                    "shown: * connected to...\n"
                    "client> HISTORY 1 #general 0 1\n"
                    "broker< RESULT 1 {\"messages\":[{\"id\":1,\"time\":0,\"from\":\"@lvan\",\"to\":\"#general\",\"body\":{\"text\":\"x\"}}]}\n"
                    "shown: [1970-01-01 00:00:00] lvan (looks like ivan): x\n"
                    "client> BYE\n"
                    "over 0\n");
}

/*  The broker may be anybody's. */
static void s_nonsense_is_left_out (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "broker< WELCOME olena 0 {\"lookalikes\":{\"a\":1,\"b\":null,\"\":\"x\",\"c\":\"not a name\",\"d d\":\"x\",\"e\":\"\",\"f\":[\"x\"],\"g\":\"ivan\"}}\n"
              "shown: * connected to...\n"
              "broker< PRESENCE 1 {\"lookalikes\":[\"a\"],\"online\":[\"a\",\"b\",\"c\",\"d d\",\"e\",\"f\",\"g\"],\"more\":false}\n"
              "shown: * online: a, b, c, d d, e, f, g (looks like ivan) (7)\n"
              "broker< PRESENCE 1 {\"lookalikes\":\"a\"}\n"
              "broker< PRESENCE 1 {\"lookalikes\":{\"g\":\"taras\"},\"online\":[\"h\"]}\n"
              "shown: * h is here\n"
              "broker< MSG 3 0 @g #general {\"text\":\"what was told first stays\"}\n"
              "shown: [1970-01-01 00:00:00] g (looks like ivan): what was told first stays\n");
}

/* clang-format on */

static void s_there_are_so_many_and_no_more (void **state)
{
    (void) state;
    zt_flags_t *self = zt_flags_new ();
    assert_null (zt_flags_trouble (self));
    char name[16];
    for (int i = 0; i <= ZT_LOOKALIKES_MAX; i++) {
        snprintf (name, sizeof name, "n%d", i);
        zt_flags_add (self, name, "x");
    }
    assert_int_equal (zt_flags_find (self, zt_bytes ("N199")).like.size, 1);
    assert_int_equal (zt_flags_find (self, zt_bytes ("n200")).like.size, 0);
    zt_flags_clear (self);
    assert_int_equal (zt_flags_find (self, zt_bytes ("n199")).like.size, 0);
    zt_flags_destroy (&self);
    assert_null (self);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_the_broker_says_is_shown_wherever_the_name_is),
        cmocka_unit_test (s_it_is_known_before_the_first_message),
        cmocka_unit_test (s_it_does_not_end_the_list_of_who_is_online),
        cmocka_unit_test (s_each_session_begins_with_all_of_them),
        cmocka_unit_test (s_mixed_scripts_are_seen_without_the_broker),
        cmocka_unit_test (s_who_is_a_lookalike_is_told),
        cmocka_unit_test (s_what_was_found_is_flagged),
        cmocka_unit_test (s_so_it_is_for_who_only_asks),
        cmocka_unit_test (s_nonsense_is_left_out),
        cmocka_unit_test (s_there_are_so_many_and_no_more),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
