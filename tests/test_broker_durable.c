/*  SPDX-License-Identifier: MPL-2.0

    The broker's core over restarts, crashes and a store that is full, as
    transcripts. */

#include "broker/core.h"
#include "tests/broker_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define S_OLENA "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\",\"receipts\":true}\n"
#define S_IVAN  "ivan> HELLO ZTALK/1 ivan {\"device\":\"pc\",\"token\":\"i\"}\n"

/*  Two people who are here. */
#define S_HERE                                                                                     \
    S_OLENA "olena< WELCOME olena 1000 *\n" S_IVAN "ivan< WELCOME ivan 1000 *\n"                   \
            "+100\n"                                                                               \
            "olena< PRESENCE *\n"                                                                  \
            "ivan< PRESENCE *\n"

static void s_what_the_store_refuses_is_told_and_not_delivered (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store holds\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena> SEND 2 @ivan {\"n\":2}\n"
                            "store fails\n"
                            "# what came after it fails too, lest it overtakes\n"
                            "olena< ERROR 1 unavailable {\"message\":\"the broker cannot do this "
                            "now; nothing was stored\",\"retry_ms\":1000}\n"
                            "olena< ERROR 2 unavailable *\n"
                            "ivan<\n"
                            "# so does what was on its way, until the client has paused\n"
                            "olena> SEND 3 @ivan {\"n\":3}\n"
                            "olena< ERROR 3 unavailable *\n"
                            "store goes on\n"
                            "+499\n"
                            "olena> SEND 4 @ivan {\"n\":4}\n"
                            "olena< ERROR 4 unavailable *\n"
                            "+499\n"
                            "olena> SEND 5 @ivan {\"n\":5}\n"
                            "olena< ERROR 5 busy *\n"
                            "+500\n"
                            "olena> SEND 6 @ivan {\"n\":1}\n"
                            "olena< SENT 6 3 2598\n"
                            "ivan< MSG 3 2598 @olena @ivan {\"n\":1}\n");
}

static void s_a_full_store_holds_nobody_else_for_longer_than_it_is_full (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store fails\n"
                            "olena> SEND 1 @ivan {}\n"
                            "olena< ERROR 1 unavailable *\n"
                            "ivan> SEND 1 @olena {}\n"
                            "ivan< ERROR 1 unavailable *\n"
                            "+500\n"
                            "# it is tried again, and is still full\n"
                            "ivan> SEND 2 @olena {}\n"
                            "ivan< ERROR 2 unavailable *\n"
                            "store goes on\n"
                            "+500\n"
                            "olena> SEND 2 @ivan {}\n"
                            "olena< SENT 2 3 *\n"
                            "ivan< MSG 3 * @olena @ivan {}\n");
}

static void s_rooms_do_not_change_while_that_cannot_be_saved (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store fails\n"
                            "olena> SEND 1 @ivan {}\n"
                            "olena< ERROR 1 unavailable *\n"
                            "ivan> JOIN 1 #dev\n"
                            "ivan< ERROR 1 unavailable *\n"
                            "store goes on\n"
                            "+500\n"
                            "ivan> JOIN 2 #dev\n"
                            "ivan< RESULT 2 {\"room\":\"#dev\",\"users\":[\"ivan\"]}\n");
}

static void s_a_device_gets_what_it_missed_after_a_crash (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "ivan> BYE\n"
                            "ivan gone\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena< SENT 1 1 1100\n"
                            "olena> SEND 2 #general {\"n\":2}\n"
                            "olena< SENT 2 2 1100\n"
                            "+100\n"
                            "olena< PRESENCE * {\"online\":[],\"offline\":[\"ivan\"]}\n"
                            "crash\n"
                            "# the name is still theirs\n"
                            "eve> HELLO ZTALK/1 IVAN {\"device\":\"pc\",\"token\":\"e\"}\n"
                            "eve< ERROR - name-taken *\n" S_IVAN "ivan< WELCOME ivan 1200 *\n"
                            "ivan< MSG 1 1100 @olena @ivan {\"n\":1}\n"
                            "ivan< MSG 2 1100 @olena #general {\"n\":2}\n"
                            "ivan> ACK 2\n"
                            "+100\n"
                            "ivan< PRESENCE *\n"
                            "# the sender is told later that it arrived\n" S_OLENA
                            "olena< WELCOME olena 1300 *\n"
                            "olena< RECEIPT 1 @ivan\n"
                            "+100\n"
                            "olena< PRESENCE *\n"
                            "ivan< PRESENCE *\n");
}

static void s_a_stored_message_is_recognised_after_a_crash (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "store holds\n"
                     "olena> SEND 7 @ivan {\"n\":7}\n"
                     "# it gets onto the disk, but nobody hears of it\n"
                     "crash\n" S_OLENA
                     "olena< WELCOME olena 1100 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION
                     "\",\"device\":\"pc\",\"last_ref\":7,*\n"
                     "olena> SEND 7 @ivan {\"n\":7} | SEND 8 @ivan {\"n\":8}\n"
                     "olena< SENT 7 1 1100\n"
                     "olena< SENT 8 2 1100\n" S_IVAN "ivan< WELCOME *\n"
                     "ivan< MSG 1 1100 @olena @ivan {\"n\":7}\n"
                     "ivan< MSG 2 1100 @olena @ivan {\"n\":8}\n"
                     "# a ref that nobody knows\n"
                     "olena> SEND 3 @ivan {\"n\":3}\n"
                     "olena< ERROR 3 bad-request *\n"
                     "+100\n"
                     "olena< PRESENCE *\n"
                     "ivan< PRESENCE *\n");
}

static void s_a_cursor_and_its_receipts_are_saved_together (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> SEND 1 @ivan {}\n"
                            "olena< SENT 1 1 1100\n"
                            "ivan< MSG 1 *\n"
                            "ivan> ACK 1\n"
                            "olena< RECEIPT 1 @ivan\n"
                            "# neither is saved yet: it is delivered again\n"
                            "crash\n" S_IVAN "ivan< WELCOME *\n"
                            "ivan< MSG 1 *\n"
                            "ivan> ACK 1\n"
                            "+1000\n"
                            "ivan< PRESENCE *\n"
                            "# both are\n"
                            "crash\n" S_IVAN "ivan< WELCOME *\n" S_OLENA "olena< WELCOME *\n"
                            "olena< RECEIPT 1 @ivan\n"
                            "+100\n"
                            "olena< PRESENCE *\n"
                            "ivan< PRESENCE *\n");
}

static void s_rooms_and_who_is_in_them_outlive_a_crash (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> JOIN 1 #dev\n"
                            "olena< RESULT 1 *\n"
                            "ivan> JOIN 1 #dev\n"
                            "ivan< RESULT 1 *\n"
                            "ivan> JOIN 2 #gone\n"
                            "ivan< RESULT 2 *\n"
                            "ivan> LEAVE 3 #gone\n"
                            "ivan< RESULT 3 *\n"
                            "# somebody without a token leaves nothing behind\n"
                            "guest> HELLO ZTALK/1 guest {\"device\":\"pc\"}\n"
                            "guest< WELCOME *\n"
                            "guest> JOIN 1 #guests\n"
                            "guest< RESULT 1 *\n"
                            "crash\n" S_OLENA "olena< WELCOME *\n"
                            "olena> SEND 1 #dev {\"n\":1}\n"
                            "olena< SENT 1 1 1100\n"
                            "olena> SEND 2 #gone {}\n"
                            "olena< ERROR 2 no-such-room *\n"
                            "olena> SEND 3 #guests {}\n"
                            "olena< ERROR 3 no-such-room *\n"
                            "olena> SEND 4 @guest {}\n"
                            "olena< ERROR 4 no-such-user *\n" S_IVAN "ivan< WELCOME *\n"
                            "ivan< MSG 1 1100 @olena #dev {\"n\":1}\n"
                            "+100\n"
                            "olena< PRESENCE *\n"
                            "ivan< PRESENCE *\n");
}

static void s_what_is_beyond_the_replay_limit_is_a_gap (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "ivan> BYE\n"
                            "ivan gone\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena< SENT 1 1 *\n"
                            "olena> SEND 2 @olena {\"note\":\"to self\"}\n"
                            "olena< SENT 2 2 *\n"
                            "olena> SEND 3 @ivan {\"n\":3}\n"
                            "olena< SENT 3 3 *\n"
                            "olena> SEND 4 @olena {\"note\":\"to self\"}\n"
                            "olena< SENT 4 4 *\n"
                            "olena> SEND 5 #general {\"n\":5}\n"
                            "olena< SENT 5 5 *\n"
                            "+100\n"
                            "olena< PRESENCE *\n"
                            "crash 2\n" S_IVAN "ivan< WELCOME *\n"
                            "ivan< GAP 1 1 1\n"
                            "ivan< MSG 3 *\n"
                            "ivan< MSG 5 *\n"
                            "+100\n"
                            "ivan< PRESENCE *\n"
                            "crash 0\n" S_IVAN "ivan< WELCOME *\n"
                            "ivan< GAP 1 5 3\n"
                            "+100\n"
                            "ivan< PRESENCE *\n");
}

static void s_a_refused_ref_can_be_said_again_when_the_answer_was_lost (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store fails\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena< ERROR 1 unavailable *\n"
                            "store goes on\n"
                            "olena gone\n"
                            "+500\n"
                            "ivan< PRESENCE *\n"
                            "again> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                            "again< WELCOME *\n"
                            "again> SEND 1 @ivan {\"n\":1}\n"
                            "again< SENT 1 2 1600\n"
                            "ivan< MSG 2 1600 @olena @ivan {\"n\":1}\n"
                            "+100\n"
                            "again< PRESENCE *\n"
                            "ivan< PRESENCE *\n");
}

static void s_a_gap_that_got_lost_is_told_again (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "ivan> BYE\n"
                            "ivan gone\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena< SENT 1 1 *\n"
                            "olena> SEND 2 @ivan {\"n\":2}\n"
                            "olena< SENT 2 2 *\n"
                            "+100\n"
                            "olena< PRESENCE *\n"
                            "crash 1\n" S_IVAN "ivan< WELCOME *\n"
                            "ivan< GAP 1 1 1\n"
                            "ivan< MSG 2 *\n"
                            "ivan gone\n" S_IVAN "ivan< WELCOME *\n"
                            "ivan< GAP 1 1 1\n"
                            "ivan< MSG 2 *\n"
                            "ivan> ACK 2\n"
                            "ivan gone\n" S_IVAN "ivan< WELCOME *\n"
                            "+100\n"
                            "ivan< PRESENCE *\n");
}

/*  The id 1 is given, but not stored. */
static void s_ids_go_on_above_what_was_only_promised (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store fails\n"
                            "olena> SEND 1 @ivan {}\n"
                            "olena< ERROR 1 unavailable *\n"
                            "store goes on\n"
                            "+500\n"
                            "# who enters now gets what comes after 1\n"
                            "ivan> JOIN 1 #dev\n"
                            "ivan< RESULT 1 *\n"
                            "olena> JOIN 2 #dev\n"
                            "olena< RESULT 2 *\n"
                            "crash\n" S_IVAN "ivan< WELCOME *\n" S_OLENA "olena< WELCOME *\n"
                            "olena> SEND 2 #dev {}\n"
                            "olena< SENT 2 2 *\n"
                            "ivan< MSG 2 *\n"
                            "+100\n"
                            "olena< PRESENCE *\n"
                            "ivan< PRESENCE *\n");
}

static void s_a_sent_for_the_last_does_not_hide_what_was_refused_in_an_earlier_session (
    void **state)
{
    (void) state;
#define S_LAST                                                                                     \
    "maria> HELLO ZTALK/1 maria {\"device\":\"pc\",\"token\":\"m\",\"sent\":\"last\"}\n"           \
    "maria< WELCOME *\n"
    zt_broker_trace (S_IVAN "ivan< WELCOME *\n" S_LAST "+100\n"
                            "ivan< PRESENCE *\n"
                            "maria< PRESENCE *\n"
                            "store holds\n"
                            "maria> SEND 1 @nobody {} | SEND 2 @ivan {} | SEND 3 @ivan {}\n"
                            "# and that is lost\n"
                            "maria< ERROR 1 no-such-user *\n"
                            "maria gone\n" S_LAST "store goes on\n"
                            "ivan< MSG 1 *\n"
                            "ivan< MSG 2 *\n"
                            "+1\n"
                            "maria<\n"
                            "maria> SEND 1 @nobody {} | SEND 2 @ivan {} | SEND 3 @ivan {}\n"
                            "maria< ERROR 1 bad-request *\n"
                            "maria< SENT 2 1 1100\n"
                            "maria< SENT 3 2 1100\n"
                            "# what is repeated on its way to the store is answered from there\n"
                            "store holds\n"
                            "maria> SEND 4 @ivan {} | SEND 5 @ivan {}\n"
                            "maria gone\n" S_LAST "maria> SEND 4 @ivan {}\n"
                            "store goes on\n"
                            "ivan< MSG 3 *\n"
                            "ivan< MSG 4 *\n"
                            "+1\n"
                            "maria< SENT 4 3 1101\n"
                            "maria> SEND 5 @ivan {}\n"
                            "maria< SENT 5 4 1101\n"
                            "+100\n"
                            "maria< PRESENCE *\n");
#undef S_LAST
}

static void s_a_refusal_is_not_told_to_a_later_session_that_did_not_ask (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store holds\n"
                            "olena> SEND 1 @ivan {\"n\":1} | SEND 2 @ivan {\"n\":2}\n"
                            "olena gone\n" S_OLENA "olena< WELCOME *\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "store fails\n"
                            "# the repetition of 2 is still on its way\n"
                            "olena< ERROR 1 unavailable *\n"
                            "olena<\n"
                            "olena> SEND 2 @ivan {\"n\":2}\n"
                            "olena< ERROR 2 unavailable *\n"
                            "store goes on\n"
                            "+500\n"
                            "olena< PRESENCE *\n"
                            "olena> SEND 3 @ivan {\"n\":1} | SEND 4 @ivan {\"n\":2}\n"
                            "olena< SENT 3 *\n"
                            "olena< SENT 4 *\n"
                            "ivan< MSG * * @olena @ivan {\"n\":1}\n"
                            "ivan< MSG * * @olena @ivan {\"n\":2}\n");
}

/*  Takes the requests. Returns how many of them read the log. */
static int s_reads (zt_core_t *core)
{
    int n = 0;
    zt_core_commit (core);
    for (zt_request_t request; zt_core_next_request (core, &request);) {
        n += request.kind == ZT_STORE_READ || request.kind == ZT_STORE_SKIP;
        zt_records_clear (&request.records);
        free (request.query);
    }
    return n;
}

static void s_who_comes_and_goes_reads_one_thing_at_a_time (void **state)
{
    (void) state;
    static char name[] = "olena", device[] = "pc", token[] = "token:o";
    static const char hello[] = "HELLO ZTALK/1 olena 27\n{\"device\":\"pc\",\"token\":\"o\"}\n";
    zt_core_t *core = zt_core_new (&(zt_core_config_t){.motd = "", .first_id = 1, .replay = 2});
    zt_core_restore (core, &(zt_record_t){.kind = ZT_RECORD_USER, .number = 2, .name = name});
    zt_core_restore (core, &(zt_record_t){.kind = ZT_RECORD_CREDENTIAL, .owner = 2, .name = token});
    zt_core_restore (
        core, &(zt_record_t){.kind = ZT_RECORD_DEVICE, .number = 3, .owner = 2, .name = device});
    zt_core_start (core, &(zt_store_start_t){.last_id = 9, .last_number = 3});
    int reads = 0;
    uint64_t now = 1000;
    for (int i = 0; i < 100; i++, now += 1000) {
        zt_core_frame (core, 7, hello, sizeof hello - 1, now);
        reads += s_reads (core);
        zt_core_frame (core, 7, "BYE\n", 4, now);
        reads += s_reads (core);
    }
    zt_core_frame (core, 7, hello, sizeof hello - 1, now);
    assert_int_equal (reads + s_reads (core), 1);
    /*  When that is answered, the session that is there now gets its turn. */
    zt_session_info_t info;
    assert_true (zt_core_session (core, 0, &info));
    zt_completion_t done = {.kind = ZT_STORE_SKIP, .asker = {.session = 4, .peer = 7}};
    zt_core_stored (core, &done, 1000);
    assert_int_equal (s_reads (core), 1);
    zt_core_destroy (&core);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_what_the_store_refuses_is_told_and_not_delivered),
        cmocka_unit_test (s_a_full_store_holds_nobody_else_for_longer_than_it_is_full),
        cmocka_unit_test (s_rooms_do_not_change_while_that_cannot_be_saved),
        cmocka_unit_test (s_a_device_gets_what_it_missed_after_a_crash),
        cmocka_unit_test (s_a_stored_message_is_recognised_after_a_crash),
        cmocka_unit_test (s_a_cursor_and_its_receipts_are_saved_together),
        cmocka_unit_test (s_rooms_and_who_is_in_them_outlive_a_crash),
        cmocka_unit_test (s_what_is_beyond_the_replay_limit_is_a_gap),
        cmocka_unit_test (s_a_refused_ref_can_be_said_again_when_the_answer_was_lost),
        cmocka_unit_test (s_a_refusal_is_not_told_to_a_later_session_that_did_not_ask),
        cmocka_unit_test (s_a_gap_that_got_lost_is_told_again),
        cmocka_unit_test (s_ids_go_on_above_what_was_only_promised),
        cmocka_unit_test (
            s_a_sent_for_the_last_does_not_hide_what_was_refused_in_an_earlier_session),
        cmocka_unit_test (s_who_comes_and_goes_reads_one_thing_at_a_time),
    };
    return cmocka_run_group_tests_name ("broker core over restarts", tests, NULL, NULL);
}
