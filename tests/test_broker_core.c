/*  SPDX-License-Identifier: MPL-2.0

    The broker's core, as transcripts. */

#include "tests/broker_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buffer.h"

/*  Two people who are here. */
#define S_HERE                                                                                     \
    "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"                             \
    "olena< WELCOME olena 1000 *\n"                                                                \
    "ivan> HELLO ZTALK/1 ivan {\"device\":\"pc\",\"token\":\"i\"}\n"                               \
    "ivan< WELCOME ivan 1000 *\n"                                                                  \
    "+100\n"                                                                                       \
    "olena< PRESENCE 1100 {\"online\":[\"olena\",\"ivan\"],\"offline\":[],\"more\":false}\n"       \
    "ivan< PRESENCE 1100 *\n"

static void s_welcome_tells_what_a_client_must_know (void **state)
{
    (void) state;
    zt_broker_trace (
        "olena> HELLO ZTALK/1 Olena {\"device\":\"pc\"}\n"
        "olena< WELCOME Olena 1000 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION
        "\",\"device\":\"pc\",\"last_ref\":0,\"cursor\":0,\"heartbeat_ms\":3000,\"window\":1024,"
        "\"max_body\":65536,\"rooms\":[\"#general\"],\"motd\":\"\"}\n"
        "+100\n"
        "olena< PRESENCE 1100 {\"online\":[\"Olena\"],\"offline\":[],\"more\":false}\n");
}

static void s_hello_is_refused_with_a_reason (void **state)
{
    (void) state;
    zt_broker_trace ("x> HELLO ZTALK/2 olena {}\n"
                     "x< ERROR - version {\"message\":\"this broker speaks ZTALK/1\"}\n"
                     "x> HELLO ZTALK/1 a,b {}\n"
                     "x< ERROR - bad-name *\n"
                     "x> HELLO ZTALK/1 olena {\"device\":\"a b\"}\n"
                     "x< ERROR - bad-name *\n"
                     "x> HELLO ZTALK/1 olena {\"device\":1}\n"
                     "x< ERROR - bad-request *\n"
                     "y> HELLO ZTALK/1 olena {\"device\":}\n"
                     "y< ERROR - bad-request *\n"
                     "z> HELLO ZTALK/1 olena {} | PING 1\n"
                     "z< ERROR - bad-request {\"message\":\"HELLO is alone in its frame\"}\n"
                     "z> PING 1\n"
                     "z< ERROR - hello-first *\n"
                     "# once a second\n"
                     "z> PING 1\n"
                     "z<\n"
                     "+1000\n"
                     "z> PING 1\n"
                     "z< ERROR - hello-first *\n"
                     "z> HELLO ZTALK/1 olena {}\n"
                     "z< WELCOME olena 2000 *\n"
                     "z> HELLO ZTALK/1 olena {}\n"
                     "z< ERROR - bad-request {\"message\":\"this session has begun already\"}\n");
}

static void s_a_name_belongs_to_its_token (void **state)
{
    (void) state;
    zt_broker_trace ("a> HELLO ZTALK/1 Olena {\"token\":\"1\"}\n"
                     "a< WELCOME Olena 1000 *\n"
                     "b> HELLO ZTALK/1 OLENA {\"token\":\"2\"}\n"
                     "b< ERROR - name-taken *\n"
                     "b> HELLO ZTALK/1 olena {}\n"
                     "b< ERROR - name-taken *\n"
                     "a gone\n"
                     "b> HELLO ZTALK/1 olena {\"token\":\"2\"}\n"
                     "b< ERROR - name-taken *\n"
                     "b> HELLO ZTALK/1 oLENA {\"token\":\"1\"}\n"
                     "b< WELCOME Olena 1000 *\n");
}

static void s_without_a_token_a_name_is_held_by_its_session (void **state)
{
    (void) state;
    zt_broker_trace ("a> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "a< WELCOME olena 1000 *\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "b< ERROR - name-taken *\n"
                     "a> SEND 9 #general {\"text\":\"x\"}\n"
                     "a< SENT 9 1 1000\n"
                     "a> BYE\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "# nothing has stayed: no ref\n"
                     "b< WELCOME olena 1000 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION
                     "\",\"device\":\"pc\",\"last_ref\":0,\"cursor\":1,*\n");
}

static void s_messages_go_to_everybody_or_to_one (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "taras> HELLO ZTALK/1 taras {\"device\":\"pc\"}\n"
                            "taras< WELCOME taras 1100 *\n"
                            "olena> SEND 1 #general {\"text\":\"to all\"}\n"
                            "olena< SENT 1 1 1100\n"
                            "ivan< MSG 1 1100 @olena #general {\"text\":\"to all\"}\n"
                            "taras< MSG 1 1100 @olena #general {\"text\":\"to all\"}\n"
                            "olena> SEND 2 @IVAN {\"text\":\"to one\"}\n"
                            "olena< SENT 2 2 1100\n"
                            "ivan< MSG 2 1100 @olena @ivan {\"text\":\"to one\"}\n"
                            "taras<\n"
                            "+1000\n"
                            "taras< PRESENCE 1200 {\"online\":[\"olena\",\"ivan\",\"taras\"],*\n"
                            "olena< PRESENCE 1200 {\"online\":[\"taras\"],\"offline\":[]}\n"
                            "ivan< PRESENCE 1200 *\n");
}

static void s_what_cannot_be_sent_is_refused_with_its_ref (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "olena> SEND 1 @nobody {\"text\":\"x\"}\n"
                     "olena< ERROR 1 no-such-user {\"message\":\"nobody has the name nobody\"}\n"
                     "olena> SEND 2 #nowhere {\"text\":\"x\"}\n"
                     "olena< ERROR 2 no-such-room *\n"
                     "olena> SEND 3 ivan {\"text\":\"x\"}\n"
                     "olena< ERROR 3 bad-request *\n"
                     "olena> SEND 0 @ivan {\"text\":\"x\"}\n"
                     "olena< ERROR - bad-request *\n"
                     "olena> raw SEND 4 @ivan 4\\n[12]\\n\n"
                     "olena< ERROR 4 bad-request *\n"
                     "olena> SEND 9007199254740992 @ivan {}\n"
                     "olena< ERROR 9007199254740992 bad-request *\n"
                     "# a refused ref counts as not used\n"
                     "olena> SEND 4 @ivan {}\n"
                     "olena< SENT 4 1 1100\n"
                     "ivan< MSG 1 1100 @olena @ivan {}\n");
}

static void s_a_repeated_ref_gets_the_same_answer (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "olena> SEND 5 @ivan {\"n\":5} | SEND 6 @ivan {\"n\":6} | SEND 9 @ivan {}\n"
                     "olena< SENT 5 1 1100\n"
                     "olena< SENT 6 2 1100\n"
                     "olena< SENT 9 3 1100\n"
                     "ivan< MSG 1 1100 @olena @ivan {\"n\":5}\n"
                     "ivan< MSG 2 1100 @olena @ivan {\"n\":6}\n"
                     "ivan< MSG 3 1100 @olena @ivan {}\n"
                     "olena gone\n"
                     "+50\n"
                     "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                     "olena< WELCOME olena 1150 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION
                     "\",\"device\":\"pc\",\"last_ref\":9,*\n"
                     "olena> SEND 6 @ivan {\"n\":6} | SEND 9 @ivan {} | SEND 7 @ivan {}\n"
                     "olena< SENT 6 2 1100\n"
                     "olena< SENT 9 3 1100\n"
                     "olena< ERROR 7 bad-request *\n"
                     "+100\n"
                     "olena< PRESENCE *\n"
                     "# a blink is no news\n"
                     "ivan<\n");
}

static void s_sent_last_answers_once (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE "bot> HELLO ZTALK/1 bot {\"sent\":\"last\"}\n"
               "bot< WELCOME bot 1100 *\n"
               "bot> SEND 1 @ivan {} | SEND 2 @nobody {} | SEND 3 @ivan {} | SEND 4 @olena {}\n"
               "bot< ERROR 2 no-such-user *\n"
               "bot< SENT 4 3 1100\n"
               "ivan< MSG 1 1100 @bot @ivan {}\n"
               "ivan< MSG 2 1100 @bot @ivan {}\n"
               "olena< MSG 3 1100 @bot @olena {}\n"
               "# by itself it may wait a moment for company\n"
               "bot> SEND 5 @ivan {}\n"
               "bot<\n"
               "bot> SEND 6 @ivan {}\n"
               "+1\n"
               "bot< SENT 6 5 1100\n"
               "bot> SEND 7 @ivan {}\n"
               "bot> PING x\n"
               "bot< PONG x\n"
               "bot< SENT 7 6 1101\n"
               "ivan< MSG 4 *\n"
               "ivan< MSG 5 *\n"
               "ivan< MSG 6 *\n"
               "bot> SEND 8 @nobody {} | SEND 9 @ivan {}\n"
               "bot< ERROR 8 *\n"
               "bot< SENT 9 7 1101\n"
               "ivan< MSG 7 *\n");
}

static void s_one_frame_carries_all_that_is_ready (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> SEND 1 #general {\"n\":1} | SEND 2 @ivan {\"n\":2} | PING x\n"
                            "olena<|\n"
                            "olena< PONG x\n"
                            "olena< SENT 1 1 1100\n"
                            "olena< SENT 2 2 1100\n"
                            "olena<\n"
                            "ivan<|\n"
                            "ivan< MSG 1 1100 @olena #general {\"n\":1}\n"
                            "ivan< MSG 2 1100 @olena @ivan {\"n\":2}\n");
}

static void s_other_devices_see_what_one_sent (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "phone> HELLO ZTALK/1 olena {\"device\":\"phone\",\"token\":\"o\"}\n"
        "phone< WELCOME olena 1100 *\n"
        "cron> HELLO ZTALK/1 olena {\"token\":\"o\"}\n"
        "cron< WELCOME olena 1100 *\n"
        "phone> SEND 1 @ivan {\"text\":\"hi\"}\n"
        "phone< SENT 1 1 1100\n"
        "olena< MSG 1 1100 @olena @ivan {\"text\":\"hi\"}\n"
        "ivan< MSG 1 1100 @olena @ivan {\"text\":\"hi\"}\n"
        "cron> SEND 1 @olena {\"text\":\"note\"}\n"
        "cron< SENT 1 2 1100\n"
        "olena< MSG 2 1100 @olena @olena {\"text\":\"note\"}\n"
        "phone< MSG 2 1100 @olena @olena {\"text\":\"note\"}\n"
        "# a second device and a sender are no news to others\n"
        "+100\n"
        "phone< PRESENCE 1200 {\"online\":[\"olena\",\"ivan\"],\"offline\":[],\"more\":false}\n");
}

static void s_a_device_that_connects_again_takes_over (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "again> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                            "again< WELCOME olena 1100 *\n"
                            "olena< BYE replaced\n"
                            "olena dropped\n"
                            "olena> PING x\n"
                            "olena<\n"
                            "ivan> SEND 1 @olena {}\n"
                            "ivan< SENT 1 1 1100\n"
                            "again< MSG 1 1100 @ivan @olena {}\n"
                            "+100\n"
                            "again< PRESENCE *\n");
}

static void s_who_was_away_gets_what_was_missed_once (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "ivan> SEND 1 @olena {\"n\":1} | SEND 2 #general {\"n\":2}\n"
                     "ivan< SENT 1 1 1100\n"
                     "ivan< SENT 2 2 1100\n"
                     "olena< MSG 1 1100 @ivan @olena {\"n\":1}\n"
                     "olena< MSG 2 1100 @ivan #general {\"n\":2}\n"
                     "olena> ACK 1\n"
                     "olena gone\n"
                     "ivan> SEND 3 @olena {\"n\":3} | SEND 4 @ivan {\"n\":4} | SEND 5 @olena {}\n"
                     "ivan< SENT 3 3 1100\n"
                     "ivan< SENT 4 4 1100\n"
                     "ivan< SENT 5 5 1100\n"
                     "# what is not acknowledged comes again, what is not for her never comes\n"
                     "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                     "olena< WELCOME olena 1100 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION
                     "\",\"device\":\"pc\",\"last_ref\":0,\"cursor\":1,*\n"
                     "olena< MSG 2 1100 @ivan #general {\"n\":2}\n"
                     "olena< MSG 3 1100 @ivan @olena {\"n\":3}\n"
                     "olena< MSG 5 1100 @ivan @olena {}\n"
                     "ivan> SEND 6 @olena {}\n"
                     "ivan< SENT 6 6 1100\n"
                     "olena< MSG 6 1100 @ivan @olena {}\n"
                     "olena> ACK 6\n"
                     "olena> BYE\n"
                     "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                     "olena< WELCOME olena 1100 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION
                     "\",\"device\":\"pc\",\"last_ref\":0,\"cursor\":6,*\n"
                     "+100\n"
                     "olena< PRESENCE *\n");
}

static void s_a_new_device_begins_at_the_end_of_the_log (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "ivan> SEND 1 #general {}\n"
                            "ivan< SENT 1 1 1100\n"
                            "olena< MSG 1 *\n"
                            "phone> HELLO ZTALK/1 olena {\"device\":\"phone\",\"token\":\"o\"}\n"
                            "phone< WELCOME *\n"
                            "+100\n"
                            "phone< PRESENCE *\n");
}

static void s_an_ack_beyond_the_log_is_refused (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> ACK 0\n"
                            "olena> ACK 1\n"
                            "olena< ERROR - bad-request *\n");
}

/*  Puts n messages from ivan to olena into one transcript line, and the answers. */
static void s_put_burst (zt_buffer_t *text, unsigned first, unsigned n)
{
    zt_buffer_put_string (text, "ivan> ");
    for (unsigned i = first; i < first + n; i++)
        zt_buffer_put_format (text, "%sSEND %u @olena {}", i > first ? " | " : "", i);
    zt_buffer_put_char (text, '\n');
    for (unsigned i = first; i < first + n; i++)
        zt_buffer_put_format (text, "ivan< SENT %u %u *\n", i, i);
}

static void s_put_delivery (zt_buffer_t *text, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        zt_buffer_put_format (text, "olena< MSG %u *\n", i);
    zt_buffer_put_string (text, "olena<\n");
}

static void s_a_slow_reader_gets_a_window_and_reads_on_when_it_acknowledges (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_HERE);
    for (unsigned i = 0; i < 4; i++)
        s_put_burst (&text, 1 + i * 500, 500);
    /*  The window is 1024; the runs of 256 that fit into it come first. */
    s_put_delivery (&text, 1, 1000);
    zt_buffer_put_string (&text, "olena> ACK 487\nolena<\n");
    zt_buffer_put_string (&text, "olena> ACK 488\n");
    s_put_delivery (&text, 1001, 1512);
    zt_buffer_put_string (&text, "olena> ACK 1512\n");
    s_put_delivery (&text, 1513, 2000);
    /*  It has caught up, and is fed from the tail again. */
    s_put_burst (&text, 2001, 3);
    s_put_delivery (&text, 2001, 2003);
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

static void s_what_the_log_has_lost_is_a_gap (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_HERE "olena gone\n");
    for (unsigned i = 1; i <= 40; i++)
        s_put_burst (&text, i, 1);
    zt_buffer_put_string (&text, "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                                 "olena< WELCOME *\n"
                                 "olena< GAP 1 32 32\n");
    s_put_delivery (&text, 33, 40);
    zt_buffer_put_string (&text, "+150\n"
                                 "olena< PRESENCE *\n"
                                 "olena<\n");
    zt_broker_trace_with (zt_buffer_string (&text), 1400);
    zt_buffer_free (&text);
}

static void s_receipts_tell_how_far_messages_have_come (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE "bot> HELLO ZTALK/1 bot {\"device\":\"d\",\"token\":\"b\",\"receipts\":true}\n"
               "bot< WELCOME *\n"
               "bot> SEND 1 @olena {} | SEND 2 @ivan {} | SEND 3 @olena {} | SEND 4 #general {}\n"
               "bot< SENT 1 1 *\nbot< SENT 2 2 *\nbot< SENT 3 3 *\nbot< SENT 4 4 *\n"
               "olena< MSG 1 *\nolena< MSG 3 *\nolena< MSG 4 *\nivan< MSG 2 *\nivan< MSG 4 *\n"
               "olena> ACK 2\n"
               "bot< RECEIPT 1 @olena\n"
               "olena> ACK 4\n"
               "bot< RECEIPT 3 @olena\n"
               "# a general message has no receipt, and what ivan acknowledges while the bot is\n"
               "# away it hears of later\n"
               "bot gone\n"
               "ivan> ACK 4\n"
               "bot> HELLO ZTALK/1 bot {\"device\":\"d\",\"token\":\"b\",\"receipts\":true}\n"
               "bot< WELCOME *\n"
               "bot< RECEIPT 3 @olena\n"
               "bot< RECEIPT 2 @ivan\n"
               "+100\n"
               "bot< PRESENCE *\nolena< PRESENCE *\nivan< PRESENCE *\n");
}

static void s_presence_is_told_in_batches (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "a> HELLO ZTALK/1 a {\"device\":\"d\"}\n"
                     "a< WELCOME *\n"
                     "b> HELLO ZTALK/1 b {\"device\":\"d\"}\n"
                     "b< WELCOME *\n"
                     "silent> HELLO ZTALK/1 silent {}\n"
                     "silent< WELCOME *\n"
                     "ivan> BYE\n"
                     "+99\n"
                     "olena<\n"
                     "+1\n"
                     "olena< PRESENCE 1200 {\"online\":[\"a\",\"b\"],\"offline\":[\"ivan\"]}\n"
                     "a< PRESENCE *\n"
                     "b< PRESENCE *\n"
                     "a gone\n"
                     "b gone\n"
                     "+100\n"
                     "olena< PRESENCE 1300 {\"online\":[],\"offline\":[\"a\",\"b\"]}\n"
                     "olena> WHO 1\n"
                     "olena< RESULT 1 {\"users\":[\"olena\"]}\n");
}

static void s_put_names (zt_buffer_t *text, int first, int last)
{
    for (int i = first; i <= last; i++)
        zt_buffer_put_format (text, "%s\"n%d\"", i > first ? "," : "", i);
}

static void s_a_long_list_comes_in_parts (void **state)
{
    (void) state;
    enum { S_PART = 80, S_MANY = 2 * S_PART };
    zt_buffer_t text = {NULL, 0, 0};
    for (int i = 1; i <= S_MANY; i++)
        zt_buffer_put_format (&text, "p%d> HELLO ZTALK/1 n%d {\"device\":\"d\"}\np%d< WELCOME *\n",
                              i, i, i);
    /*  Changes come in parts as well. */
    zt_buffer_put_string (&text, "+300\n");
    for (int i = 1; i <= S_MANY; i++) {
        zt_buffer_put_format (&text, "p%d< PRESENCE 1100 {\"online\":[", i);
        s_put_names (&text, 1, S_PART);
        zt_buffer_put_format (&text, "],\"offline\":[],\"more\":false}\np%d< PRESENCE 1200 *\n", i);
    }
    zt_buffer_put_string (&text, "late> HELLO ZTALK/1 late {\"device\":\"d\"}\n"
                                 "late< WELCOME *\n+100\n"
                                 "late< PRESENCE 1400 {\"online\":[");
    s_put_names (&text, 1, S_PART);
    /*  Meanwhile one goes who was told already, and one who was not. */
    zt_buffer_put_string (&text, "],\"offline\":[],\"more\":true}\n"
                                 "p7 gone\np160 gone\n+100\n"
                                 "late< PRESENCE 1500 {\"online\":[],\"offline\":[\"n7\","
                                 "\"n160\"]}\n"
                                 "late< PRESENCE 1500 {\"online\":[");
    s_put_names (&text, S_PART + 1, S_MANY - 1);
    zt_buffer_put_string (&text, ",\"late\"],\"offline\":[],\"more\":false}\n+100\nlate<\n");
    for (int i = 1; i < S_MANY; i++)
        if (i != 7)
            zt_buffer_put_format (&text,
                                  "p%d< PRESENCE 1400 {\"online\":[\"late\"],*\n"
                                  "p%d< PRESENCE 1500 *\np%d<\n",
                                  i, i, i);
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

static void s_rooms_are_for_who_joined (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> JOIN 1 #Dev\n"
                            "olena< RESULT 1 {\"room\":\"#Dev\",\"users\":[\"olena\"]}\n"
                            "olena> SEND 1 #dev {\"n\":1}\n"
                            "olena< SENT 1 1 1100\n"
                            "ivan> SEND 1 #dev {\"n\":2}\n"
                            "ivan< ERROR 1 forbidden *\n"
                            "ivan> HISTORY 2 #dev 0 10\n"
                            "ivan< ERROR 2 forbidden *\n"
                            "ivan> JOIN 3 #dev\n"
                            "ivan< RESULT 3 {\"room\":\"#Dev\",\"users\":[\"olena\",\"ivan\"]}\n"
                            "ivan> SEND 4 #dev {\"n\":2}\n"
                            "ivan< SENT 4 2 1100\n"
                            "olena< MSG 2 1100 @ivan #Dev {\"n\":2}\n"
                            "olena> LEAVE 2 #dev\n"
                            "olena< RESULT 2 {\"room\":\"#Dev\"}\n"
                            "ivan> SEND 5 #dev {\"n\":3}\n"
                            "ivan< SENT 5 3 1100\n"
                            "olena<\n"
                            "olena> LEAVE 3 #dev\n"
                            "olena< ERROR 3 forbidden *\n"
                            "olena> LEAVE 4 #general\n"
                            "olena< ERROR 4 forbidden *\n"
                            "olena> LEAVE 5 #none\n"
                            "olena< ERROR 5 no-such-room *\n"
                            "olena> JOIN 6 dev\n"
                            "olena< ERROR 6 bad-name *\n"
                            "# empty, it is gone; the next one of that name is another\n"
                            "ivan> LEAVE 6 #dev\n"
                            "ivan< RESULT 6 *\n"
                            "olena> JOIN 7 #dev\n"
                            "olena< RESULT 7 {\"room\":\"#dev\",\"users\":[\"olena\"]}\n"
                            "olena> HISTORY 8 #dev 0 10\n"
                            "olena< RESULT 8 {\"messages\":[],\"more\":false}\n");
}

static void s_who_joins_gets_no_old_messages (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> JOIN 1 #dev\n"
                            "olena< RESULT 1 *\n"
                            "phone> HELLO ZTALK/1 ivan {\"device\":\"phone\",\"token\":\"i\"}\n"
                            "phone< WELCOME *\n"
                            "phone gone\n"
                            "olena> SEND 1 #dev {\"n\":1}\n"
                            "olena< SENT 1 1 *\n"
                            "ivan> JOIN 1 #dev\n"
                            "ivan< RESULT 1 *\n"
                            "olena> SEND 2 #dev {\"n\":2}\n"
                            "olena< SENT 2 2 *\n"
                            "ivan< MSG 2 *\n"
                            "phone> HELLO ZTALK/1 ivan {\"device\":\"phone\",\"token\":\"i\"}\n"
                            "phone< WELCOME *\n"
                            "phone< MSG 2 *\n"
                            "+100\n"
                            "phone< PRESENCE *\n");
}

/*  Also when both sides of the joining are on their way to the store together. */
static void s_who_joins_between_two_messages_gets_the_second (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "olena> JOIN 1 #dev\n"
                            "olena< RESULT 1 *\n"
                            "phone> HELLO ZTALK/1 ivan {\"device\":\"phone\",\"token\":\"i\"}\n"
                            "phone< WELCOME *\n"
                            "phone gone\n"
                            "store holds\n"
                            "olena> SEND 1 #dev {\"n\":1}\n"
                            "olena> SEND 2 #dev {\"n\":2}\n"
                            "ivan> JOIN 1 #dev\n"
                            "ivan< RESULT 1 *\n"
                            "olena> SEND 3 #dev {\"n\":3}\n"
                            "store goes on\n"
                            "olena< SENT 1 1 *\n"
                            "olena< SENT 2 2 *\n"
                            "olena< SENT 3 3 *\n"
                            "ivan< MSG 3 *\n"
                            "ivan<\n"
                            "phone> HELLO ZTALK/1 ivan {\"device\":\"phone\",\"token\":\"i\"}\n"
                            "phone< WELCOME *\n"
                            "phone< MSG 3 *\n"
                            "+100\n"
                            "phone< PRESENCE *\n");
}

static void s_history_shows_a_conversation (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "olena> SEND 1 @ivan {\"text\":\"a\"} | SEND 2 #general {\"text\":\"b\"}\n"
        "olena< SENT 1 1 1100\nolena< SENT 2 2 1100\n"
        "ivan< MSG 1 *\nivan< MSG 2 *\n"
        "ivan> SEND 1 @olena {\"text\":\"c\"}\n"
        "ivan< SENT 1 3 1100\n"
        "olena< MSG 3 *\n"
        "olena> HISTORY 4 @ivan 0 10\n"
        "olena< RESULT 4 {\"messages\":["
        "{\"id\":1,\"time\":1100,\"from\":\"@olena\",\"to\":\"@ivan\",\"body\":{\"text\":\"a\"}},"
        "{\"id\":3,\"time\":1100,\"from\":\"@ivan\",\"to\":\"@olena\",\"body\":{\"text\":\"c\"}}],"
        "\"more\":false}\n"
        "ivan> HISTORY 5 @olena 0 1\n"
        "ivan< RESULT 5 "
        "{\"messages\":[{\"id\":3,\"time\":1100,\"from\":\"@ivan\",\"to\":\"@olena\","
        "\"body\":{\"text\":\"c\"}}],\"more\":true}\n"
        "ivan> HISTORY 6 @olena 3 1\n"
        "ivan< RESULT 6 {\"messages\":[{\"id\":1,*\n"
        "ivan> HISTORY 7 @olena 1 1\n"
        "ivan< RESULT 7 {\"messages\":[],\"more\":false}\n"
        "# what others say in private is not for a third one\n"
        "taras> HELLO ZTALK/1 taras {\"token\":\"t\"}\n"
        "taras< WELCOME *\n"
        "taras> HISTORY 1 @olena 0 10 | HISTORY 2 @taras 0 10 | HISTORY 3 @nobody 0 1\n"
        "taras< ERROR 3 no-such-user *\n"
        "taras< RESULT 1 {\"messages\":[],\"more\":false}\n"
        "taras< RESULT 2 {\"messages\":[],\"more\":false}\n"
        "taras> HISTORY 4 #general 0 10 | HISTORY 5 general 0 1 | HISTORY 6 #general 0 0\n"
        "taras< ERROR 5 bad-request *\n"
        "taras< ERROR 6 bad-request *\n"
        "taras< RESULT 4 {\"messages\":[{\"id\":2,*\n");
}

static void s_a_body_cannot_forge_a_message_in_an_answer (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE
                     "olena> SEND 1 @ivan {\"a\":1},\"from\":\"@admin\",\"x\":{}\n"
                     "olena< SENT 1 1 *\n"
                     "ivan< MSG 1 *\n"
                     "ivan> HISTORY 1 @olena 0 1\n"
                     "ivan< RESULT 1 {\"messages\":[{\"id\":1,\"time\":1100,\"from\":\"@olena\","
                     "\"to\":\"@ivan\",\"body\":{},\"omitted\":true}],\"more\":false}\n");
}

static void s_search_folds_case (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "olena> SEND 1 @ivan {\"text\":\"Привіт, їжаче\"} | SEND 2 #general {\"text\":\"ні\"}\n"
        "olena< SENT 1 1 *\nolena< SENT 2 2 *\nivan< MSG 1 *\nivan< MSG 2 *\n"
        "ivan> SEARCH 1 * 10 {\"query\":\"ПРИВІТ\"}\n"
        "ivan< RESULT 1 {\"messages\":[{\"id\":1,*\n"
        "ivan> SEARCH 2 @olena 10 {\"query\":\"ЇЖАЧ\"}\n"
        "ivan< RESULT 2 {\"messages\":[{\"id\":1,*\n"
        "ivan> SEARCH 3 #general 10 {\"query\":\"ЇЖАЧ\"}\n"
        "ivan< RESULT 3 {\"messages\":[],\"more\":false}\n"
        "ivan> SEARCH 4 * 10 {\"query\":\"\"}\n"
        "ivan< ERROR 4 bad-request *\n"
        "ivan> SEARCH 6 * 10 {\"query\":\"?! --\"}\n"
        "ivan< ERROR 6 bad-request {\"message\":\"there is no word in the query: "
        "no letter, digit or symbol\"}\n"
        "ivan> SEARCH 7 * 10 {\"query\":\"їжаче! прив\"}\n"
        "ivan< RESULT 7 {\"messages\":[{\"id\":1,*\n"
        "ivan> SEARCH 8 * 10 {\"query\":\"віт\"}\n"
        "ivan< RESULT 8 {\"messages\":[],\"more\":false}\n"
        "taras> HELLO ZTALK/1 taras {}\n"
        "taras< WELCOME *\n"
        "taras> SEARCH 5 * 10 {\"query\":\"привіт\"}\n"
        "taras< RESULT 5 {\"messages\":[],\"more\":false}\n");
}

static void s_queries_are_rationed (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_HERE);
    for (int i = 1; i <= 20; i++)
        zt_buffer_put_format (&text, "olena> WHO %d\nolena< RESULT %d *\n", i, i);
    zt_buffer_put_string (&text,
                          "olena> WHO 21\n"
                          "olena< ERROR 21 rate-limited {\"message\":\"too many requests, try "
                          "again after retry_ms\",\"retry_ms\":200}\n"
                          "+200\n"
                          "olena> WHO 21\n"
                          "olena< RESULT 21 *\n");
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

static void s_silence_ends_a_session_and_a_ping_keeps_it (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "+6000\n"
                            "olena> PING 1\n"
                            "olena< PONG 1\n"
                            "+3400\n"
                            "ivan< BYE idle\n"
                            "ivan dropped\n"
                            "+200\n"
                            "olena< PRESENCE * {\"online\":[],\"offline\":[\"ivan\"]}\n");
}

static void s_a_clock_that_is_set_back_stops_nothing (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "+500000\n"
                            "olena< BYE idle\n"
                            "ivan< BYE idle\n"
                            "olena gone\n"
                            "a> HELLO ZTALK/1 a {\"device\":\"d\"}\n"
                            "a< WELCOME *\n"
                            "b> HELLO ZTALK/1 b {\"device\":\"d\"}\n"
                            "b< WELCOME *\n"
                            "a> WHO 1\n"
                            "a< RESULT 1 *\n"
                            "-400000\n"
                            "a< PRESENCE *\n"
                            "b< PRESENCE *\n"
                            "a> WHO 2\n"
                            "a< RESULT 2 *\n"
                            "+6000\n"
                            "a> PING 1\n"
                            "a< PONG 1\n"
                            "+6000\n"
                            "b< BYE idle\n"
                            "a< PRESENCE *\n");
}

static void s_malformed_frames_are_told_once_a_second_and_end_a_session (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_HERE "olena> raw PING 1\\nPING\\nPING 2\\n\n"
                                        "# what stood before counts, what stands behind does not\n"
                                        "olena< PONG 1\n"
                                        "olena< ERROR - bad-request *\n"
                                        "olena> raw \n"
                                        "olena> raw \\xff\\n\n"
                                        "olena> raw WELCOME x 1 2\\n{}\\n\n"
                                        "olena<\n"
                                        "+1000\n"
                                        "olena> raw x\n"
                                        "olena< ERROR - bad-request *\n");
    for (int i = 0; i < 96; i++)
        zt_buffer_put_string (&text, "olena> raw x\n");
    zt_buffer_put_string (&text, "olena> raw x\n"
                                 "olena< BYE kicked\n"
                                 "olena dropped\n"
                                 "olena> PING x\n"
                                 "olena<\n"
                                 "+100\n"
                                 "ivan< PRESENCE * {\"online\":[],\"offline\":[\"olena\"]}\n");
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

static void s_nothing_is_acknowledged_or_delivered_before_it_is_stored (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "store holds\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena> SEND 2 @ivan {\"n\":2}\n"
                            "olena<\n"
                            "ivan<\n"
                            "# sent again while it is on its way: it is answered once\n"
                            "olena> SEND 1 @ivan {\"n\":1}\n"
                            "olena gone\n"
                            "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
                            "olena< WELCOME *\n"
                            "store goes on\n"
                            "olena< SENT 1 1 1100\n"
                            "olena< SENT 2 2 1100\n"
                            "ivan< MSG 1 *\n"
                            "ivan< MSG 2 *\n"
                            "+100\n"
                            "olena< PRESENCE *\n");
}

static void s_people_may_go_while_their_messages_are_on_the_way (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "a> HELLO ZTALK/1 a {\"device\":\"d\"}\n"
                            "a< WELCOME *\n"
                            "store holds\n"
                            "a> SEND 1 @ivan {} | SEND 2 @a {} | SEND 3 #general {}\n"
                            "ivan> SEND 1 @a {}\n"
                            "a gone\n"
                            "ivan gone\n"
                            "store goes on\n"
                            "olena< MSG 3 1100 @a #general {}\n"
                            "+100\n"
                            "olena< PRESENCE * {\"online\":[],\"offline\":[\"ivan\"]}\n");
}

static void s_the_operator_kicks_and_shuts_down (void **state)
{
    (void) state;
    zt_broker_trace (S_HERE "kick OLENA\n"
                            "olena< BYE kicked\n"
                            "olena dropped\n"
                            "+100\n"
                            "ivan< PRESENCE *\n"
                            "shutdown\n"
                            "ivan< BYE shutdown\n"
                            "ivan dropped\n");
}

static void s_a_body_over_the_limit_is_refused_and_the_rest_is_read (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_HERE "olena> SEND 1 @ivan {\"");
    for (size_t i = 0; i < 65536 - 7; i++)
        zt_buffer_put_char (&text, 'x');
    zt_buffer_put_string (&text, "\":\"\"}x | PING 1\n"
                                 "olena< ERROR 1 too-large *\n"
                                 "olena< PONG 1\n");
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

/*  On all devices at once, and whoever was told nothing before hears why. */
static void s_who_is_muted_is_told_until_when (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "olena> SEND 1 #general {}\n"
        "olena< SENT 1 1 1100\n"
        "ivan< MSG 1 1100 @olena #general {}\n"
        "mute @OLENA 60000\n"
        "olena> SEND 2 #general {} | SEND 3 @ivan {}\n"
        "olena< ERROR 2 forbidden {\"message\":\"whoever runs this broker has muted you "
        "until 1970-01-01 00:02 UTC\"}\n"
        "olena< ERROR 3 forbidden *\n"
        "# what is stored is told, as ever; and all else goes on\n"
        "olena> SEND 1 #general {}\n"
        "olena< SENT 1 1 1100\n"
        "phone> HELLO ZTALK/1 olena {\"device\":\"phone\",\"token\":\"o\",\"receive\":false}\n"
        "phone< WELCOME olena 1100 *\n"
        "phone> SEND 1 #general {}\n"
        "phone< ERROR 1 forbidden *\n"
        "ivan> SEND 1 @olena {}\n"
        "ivan< SENT 1 2 1100\n"
        "olena< MSG 2 1100 @ivan @olena {}\n"
        "unmute olena\n"
        "phone> SEND 2 #general {}\n"
        "phone< SENT 2 3 1100\n"
        "olena< MSG 3 1100 @olena #general {}\n"
        "ivan< MSG 3 1100 @olena #general {}\n"
        "# it ends by itself\n"
        "mute olena 1000\n"
        "+999\n"
        "phone> SEND 3 @ivan {}\n"
        "phone< ERROR 3 forbidden *\n"
        "+1\n"
        "phone> SEND 4 @ivan {}\n"
        "phone< SENT 4 4 2100\n"
        "olena< MSG 4 2100 @olena @ivan {}\n"
        "ivan< MSG 4 2100 @olena @ivan {}\n");
}

/*  A mute is of a name: leaving, and coming back as somebody new, does not end it. */
static void s_a_mute_outlives_a_user (void **state)
{
    (void) state;
    zt_broker_trace ("x> HELLO ZTALK/1 guest {}\n"
                     "x< WELCOME guest 1000 *\n"
                     "mute guest 60000\n"
                     "x> BYE\n"
                     "y> HELLO ZTALK/1 GUEST {}\n"
                     "y< WELCOME GUEST 1000 *\n"
                     "y> SEND 1 #general {}\n"
                     "y< ERROR 1 forbidden *\n");
}

static void s_the_broker_has_a_name_of_its_own (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE "x> HELLO ZTALK/1 BROKER {}\n"
               "x< ERROR - bad-name {\"message\":\"this name is the broker's own; choose another "
               "one\"}\n"
               "refused: invite broker\n"
               "say {\"text\":\"hi\"}\n"
               "olena< MSG 1 1100 @Broker #general {\"text\":\"hi\"}\n"
               "ivan< MSG 1 1100 @Broker #general {\"text\":\"hi\"}\n"
               "say {\"text\":\"again\"}\n"
               "olena< MSG 2 1100 @Broker #general {\"text\":\"again\"}\n"
               "ivan< MSG 2 1100 @Broker #general {\"text\":\"again\"}\n"
               "# nobody reads what is sent there, and nobody is told that it is here\n"
               "olena> SEND 1 @broker {}\n"
               "olena< ERROR 1 no-such-user *\n"
               "olena> WHO 2\n"
               "olena< RESULT 2 {\"users\":[\"olena\",\"ivan\"]}\n"
               "olena> HISTORY 3 #general 0 10\n"
               "olena< RESULT 3 {\"messages\":[{\"id\":1,\"time\":1100,\"from\":\"@Broker\",*\n"
               "# it is in the log for who was away\n"
               "olena> ACK 2\n"
               "ivan gone\n"
               "+100\n"
               "olena< PRESENCE *\n"
               "say {\"text\":\"late\"}\n"
               "olena< MSG 3 1200 @Broker #general {\"text\":\"late\"}\n"
               "ivan> HELLO ZTALK/1 ivan {\"device\":\"pc\",\"token\":\"i\"}\n"
               "ivan< WELCOME ivan 1200 *\n"
               "ivan< MSG 1 1100 @Broker #general {\"text\":\"hi\"}\n"
               "ivan< MSG 2 1100 @Broker #general {\"text\":\"again\"}\n"
               "ivan< MSG 3 1200 @Broker #general {\"text\":\"late\"}\n"
               "+100\n"
               "ivan< PRESENCE *\n"
               "olena< PRESENCE *\n"
               "# who looks like it is told to everybody\n"
               "y> HELLO ZTALK/1 br0ker {}\n"
               "y< WELCOME br0ker 1300 *\n"
               "olena< PRESENCE 1300 "
               "{\"online\":[],\"offline\":[],\"lookalikes\":{\"br0ker\":\"Broker\"}}\n"
               "ivan< PRESENCE 1300 *\n");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_welcome_tells_what_a_client_must_know),
        cmocka_unit_test (s_hello_is_refused_with_a_reason),
        cmocka_unit_test (s_a_name_belongs_to_its_token),
        cmocka_unit_test (s_without_a_token_a_name_is_held_by_its_session),
        cmocka_unit_test (s_messages_go_to_everybody_or_to_one),
        cmocka_unit_test (s_what_cannot_be_sent_is_refused_with_its_ref),
        cmocka_unit_test (s_a_repeated_ref_gets_the_same_answer),
        cmocka_unit_test (s_sent_last_answers_once),
        cmocka_unit_test (s_one_frame_carries_all_that_is_ready),
        cmocka_unit_test (s_other_devices_see_what_one_sent),
        cmocka_unit_test (s_a_device_that_connects_again_takes_over),
        cmocka_unit_test (s_who_was_away_gets_what_was_missed_once),
        cmocka_unit_test (s_a_new_device_begins_at_the_end_of_the_log),
        cmocka_unit_test (s_an_ack_beyond_the_log_is_refused),
        cmocka_unit_test (s_a_slow_reader_gets_a_window_and_reads_on_when_it_acknowledges),
        cmocka_unit_test (s_what_the_log_has_lost_is_a_gap),
        cmocka_unit_test (s_receipts_tell_how_far_messages_have_come),
        cmocka_unit_test (s_presence_is_told_in_batches),
        cmocka_unit_test (s_a_long_list_comes_in_parts),
        cmocka_unit_test (s_rooms_are_for_who_joined),
        cmocka_unit_test (s_who_joins_gets_no_old_messages),
        cmocka_unit_test (s_who_joins_between_two_messages_gets_the_second),
        cmocka_unit_test (s_history_shows_a_conversation),
        cmocka_unit_test (s_a_body_cannot_forge_a_message_in_an_answer),
        cmocka_unit_test (s_search_folds_case),
        cmocka_unit_test (s_queries_are_rationed),
        cmocka_unit_test (s_silence_ends_a_session_and_a_ping_keeps_it),
        cmocka_unit_test (s_a_clock_that_is_set_back_stops_nothing),
        cmocka_unit_test (s_malformed_frames_are_told_once_a_second_and_end_a_session),
        cmocka_unit_test (s_nothing_is_acknowledged_or_delivered_before_it_is_stored),
        cmocka_unit_test (s_people_may_go_while_their_messages_are_on_the_way),
        cmocka_unit_test (s_the_operator_kicks_and_shuts_down),
        cmocka_unit_test (s_a_body_over_the_limit_is_refused_and_the_rest_is_read),
        cmocka_unit_test (s_who_is_muted_is_told_until_when),
        cmocka_unit_test (s_a_mute_outlives_a_user),
        cmocka_unit_test (s_the_broker_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests_name ("broker core", tests, NULL, NULL);
}
