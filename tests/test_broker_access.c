/*  SPDX-License-Identifier: MPL-2.0

    Who owns a name, who is let in, and how much they may send: transcripts of the core. */

#include "common/buffer.h"
#include "tests/broker_trace.h"

#include "common/buffer.h"
#include "common/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void s_a_name_belongs_to_its_key (void **state)
{
    (void) state;
    zt_broker_trace ("a has key a\n"
                     "a> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "a< WELCOME olena *\n"
                     "a> BYE\n"
                     "# Another key, the same token, none at all: it is somebody else.\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "b< ERROR - name-taken *\n"
                     "c> HELLO ZTALK/1 olena {\"token\":\"x\"}\n"
                     "c< ERROR - name-taken *\n"
                     "d> HELLO ZTALK/1 OLENA {}\n"
                     "d< ERROR - name-taken *\n"
                     "# After a restart as well.\n"
                     "crash\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {}\n"
                     "b< ERROR - name-taken *\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "a< WELCOME olena *\n"
                     "+100\n"
                     "a< PRESENCE *\n");
}

/*  A token cannot be written so that it is taken for a key, nor the other way round. */
static void s_a_token_is_no_key (void **state)
{
    (void) state;
    zt_broker_trace (
        "a has key a\n"
        "a> HELLO ZTALK/1 olena {}\n"
        "a< WELCOME olena *\n"
        "b> HELLO ZTALK/1 olena {\"token\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n"
        "b< ERROR - name-taken *\n"
        "b> HELLO ZTALK/1 olena {\"token\":\"key:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n"
        "b< ERROR - name-taken *\n"
        "c> HELLO ZTALK/1 ivan {\"token\":\"t\"}\n"
        "c< WELCOME ivan *\n"
        "# Under encryption the token of a name that belongs to it lets the key join: this is how\n"
        "# names of before move. The key alone will do from then on, and no other token does.\n"
        "a> BYE\n"
        "a> HELLO ZTALK/1 ivan {\"token\":\"u\"}\n"
        "a< ERROR - name-taken *\n"
        "a> HELLO ZTALK/1 ivan {\"token\":\"t\"}\n"
        "a< WELCOME ivan *\n"
        "a> BYE\n"
        "a> HELLO ZTALK/1 ivan {}\n"
        "a< WELCOME ivan *\n");
}

/*  A frame's sender is the session's user, whatever it says and whoever it was. */
static void s_nobody_speaks_for_another (void **state)
{
    (void) state;
    zt_broker_trace ("a has key a\n"
                     "a> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "a< WELCOME olena *\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 mallory {\"device\":\"pc\"}\n"
                     "b< WELCOME mallory *\n"
                     "+100\n"
                     "a< PRESENCE *\n"
                     "b< PRESENCE *\n"
                     "# HELLO as another one amid a session is none.\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "b< ERROR - bad-request *\n"
                     "b> SEND 1 @olena {\"text\":\"I am olena\",\"from\":\"@olena\"}\n"
                     "a< MSG 1 1100 @mallory @olena {\"text\":\"I am olena\",\"from\":\"@olena\"}\n"
                     "b< SENT 1 1 1100\n"
                     "# A key may own several names: each message is of the session's.\n"
                     "b> BYE\n"
                     "b> HELLO ZTALK/1 molly {\"device\":\"pc\"}\n"
                     "b< WELCOME molly *\n"
                     "b> SEND 1 @olena {}\n"
                     "a< MSG 2 1100 @molly @olena {}\n"
                     "b< SENT 1 2 1100\n"
                     "+100\n"
                     "a< PRESENCE *\n"
                     "b< PRESENCE *\n");
}

static void s_a_code_joins_another_device (void **state)
{
    (void) state;
    zt_broker_trace ("a has key a\n"
                     "a> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "a< WELCOME olena *\n"
                     "+100\n"
                     "a< PRESENCE *\n"
                     "# No code was made yet.\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"phone\",\"pair\":\"2222-2222\"}\n"
                     "b< ERROR - forbidden *\n"
                     "a> PAIR 1\n"
                     "a< RESULT 1 {\"code\":\"2222-2222\",\"expires_ms\":600000}\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"phone\",\"pair\":\"2222-2223\"}\n"
                     "b< ERROR - forbidden *\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"phone\",\"pair\":\"22222222\"}\n"
                     "b< WELCOME olena *\n"
                     "+100\n"
                     "b< PRESENCE *\n"
                     "# It was for once, and the key stays, over a restart.\n"
                     "c has key c\n"
                     "c> HELLO ZTALK/1 olena {\"pair\":\"2222-2222\"}\n"
                     "c< ERROR - forbidden *\n"
                     "crash\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"device\":\"phone\"}\n"
                     "b< WELCOME olena *\n"
                     "+100\n"
                     "b< PRESENCE *\n");
}

static void s_a_code_is_not_guessed (void **state)
{
    (void) state;
    zt_broker_trace ("a has key a\n"
                     "a> HELLO ZTALK/1 olena {\"device\":\"pc\"}\n"
                     "a< WELCOME olena *\n"
                     "+100\n"
                     "a< PRESENCE *\n"
                     "a> PAIR 1\n"
                     "a< RESULT 1 {\"code\":\"2222-2222\",\"expires_ms\":600000}\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"3\"}\n"
                     "b< ERROR - forbidden *\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"33333333\"}\n"
                     "b< ERROR - forbidden *\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"222222222\"}\n"
                     "b< ERROR - forbidden *\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"\"}\n"
                     "b< ERROR - name-taken *\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"55555555\"}\n"
                     "b< ERROR - forbidden *\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"66666666\"}\n"
                     "b< ERROR - forbidden *\n"
                     "# Who guesses is sent away; the code is none the worse for it.\n"
                     "b dropped\n"
                     "c has key c\n"
                     "c> HELLO ZTALK/1 olena {\"pair\":\"2222-2222\"}\n"
                     "c< WELCOME olena *\n");
    zt_broker_trace ("a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "a> PAIR 1\n"
                     "a< RESULT 1 {\"code\":\"2222-2222\",\"expires_ms\":600000}\n"
                     "a> BYE\n"
                     "+600000\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"2222-2222\"}\n"
                     "b< ERROR - forbidden *\n");
    zt_broker_trace ("# Who owns nothing cannot share it.\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "a> PAIR 1\n"
                     "a< ERROR 1 forbidden *\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 nobody {\"pair\":\"2222-2222\"}\n"
                     "b< ERROR - forbidden *\n");
}

/*  Whoever asked for a code and is thrown out shall not come in again by it. */
static void s_a_code_goes_with_who_asked_for_it (void **state)
{
    (void) state;
    zt_broker_trace ("a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "a> PAIR 1\n"
                     "a< RESULT 1 {\"code\":\"2222-2222\",\"expires_ms\":600000}\n"
                     "kick olena\n"
                     "a< BYE kicked\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"2222-2222\"}\n"
                     "b< ERROR - forbidden *\n");
    zt_broker_trace (
        "# Another connection of the same key is ended, too, and the code of its user.\n"
        "a has key a\n"
        "spare has key a\n"
        "a> HELLO ZTALK/1 olena {}\n"
        "a< WELCOME olena *\n"
        "a> PAIR 1\n"
        "a< RESULT 1 {\"code\":\"2222-2222\",\"expires_ms\":600000}\n"
        "ban a\n"
        "a< BYE kicked\n"
        "a dropped\n"
        "spare dropped\n"
        "b has key b\n"
        "b> HELLO ZTALK/1 olena {\"pair\":\"2222-2222\"}\n"
        "b< ERROR - forbidden *\n");
    zt_broker_trace ("# A clock that is set back does not make it last.\n"
                     "a has key a\n"
                     "+100000\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "a> PAIR 1\n"
                     "a< RESULT 1 {\"code\":\"2222-2222\",\"expires_ms\":600000}\n"
                     "-90000\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"pair\":\"2222-2222\"}\n"
                     "b< ERROR - forbidden *\n");
}

/*  A key that has all the names that it may have takes no invitation away from anybody. */
static void s_what_cannot_be_admitted_changes_nothing (void **state)
{
    (void) state;
    zt_buffer_t transcript = {NULL, 0, 0};
    zt_buffer_put_string (&transcript, "a has key a\n");
    for (int i = 0; i < 16; i++)
        zt_buffer_put_format (&transcript, "a> HELLO ZTALK/1 n%d {}\na< WELCOME *\na> BYE\n", i);
    zt_buffer_put_string (&transcript,
                          "invite olena\n"
                          "refused: admit olena a\n"
                          "b has key b\n"
                          "b> HELLO ZTALK/1 olena {\"invite\":\"22222222222222222222222222\"}\n"
                          "b< WELCOME olena *\n");
    zt_broker_trace (zt_buffer_string (&transcript));
    zt_buffer_free (&transcript);
}

static void s_a_lost_key_is_revoked (void **state)
{
    (void) state;
    zt_broker_trace ("admit olena a\n"
                     "refused: revoke olena a\n"
                     "admit olena b\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "revoke olena a\n"
                     "a< BYE kicked\n"
                     "crash\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< ERROR - name-taken *\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {}\n"
                     "b< WELCOME olena *\n");
}

/*  A WELCOME is longer than a HELLO by far: there is a budget. */
static void s_hello_has_a_budget (void **state)
{
    (void) state;
    zt_buffer_t transcript = {NULL, 0, 0};
    for (int i = 0; i < 20; i++)
        zt_buffer_put_string (&transcript, "a> HELLO ZTALK/1 olena {}\na< WELCOME *\na> BYE\n");
    zt_buffer_put_string (&transcript, "a> HELLO ZTALK/1 olena {}\n"
                                       "a< ERROR - rate-limited {\"message\":*\n"
                                       "b> HELLO ZTALK/1 ivan {}\n"
                                       "b< WELCOME *\n"
                                       "+500\n"
                                       "a> HELLO ZTALK/1 olena {}\n"
                                       "a< WELCOME *\n");
    zt_broker_trace (zt_buffer_string (&transcript));
    zt_buffer_free (&transcript);
}

static void s_names_are_taken_by_invitation (void **state)
{
    (void) state;
    zt_broker_trace ("registration invite\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< ERROR - forbidden *\n"
                     "invite olena\n"
                     "# It is for that name, and for who has it.\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< ERROR - name-taken *\n"
                     "a> HELLO ZTALK/1 ivan {\"invite\":\"22222222222222222222222222\"}\n"
                     "a< ERROR - forbidden *\n"
                     "a> HELLO ZTALK/1 olena {\"invite\":\"22222222222222222222222223\"}\n"
                     "a< ERROR - forbidden *\n"
                     "# It outlives the broker.\n"
                     "crash\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {\"invite\":\"22222222222222222222222222\"}\n"
                     "a< WELCOME olena *\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {\"invite\":\"22222222222222222222222222\"}\n"
                     "b< ERROR - forbidden *\n"
                     "crash\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "# A second invitation to a name that waits takes the place of the first.\n"
                     "invite ivan\n"
                     "invite ivan\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 ivan {\"invite\":\"22222222222222222222222222\"}\n"
                     "b< ERROR - forbidden *\n"
                     "b> HELLO ZTALK/1 ivan {\"invite\":\"33333333333333333333333333\"}\n"
                     "b< WELCOME ivan *\n");
}

static void s_a_closed_broker_admits_who_is_listed (void **state)
{
    (void) state;
    zt_broker_trace ("registration closed\n"
                     "a has key a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< ERROR - forbidden *\n"
                     "admit olena a\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME olena *\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {}\n"
                     "b< ERROR - name-taken *\n"
                     "# Another key of the same person.\n"
                     "admit olena b\n"
                     "b> HELLO ZTALK/1 olena {}\n"
                     "b< WELCOME olena *\n"
                     "crash\n"
                     "b has key b\n"
                     "b> HELLO ZTALK/1 olena {}\n"
                     "b< WELCOME olena *\n");
}

static void s_a_key_has_so_many_names (void **state)
{
    (void) state;
    char transcript[4096];
    size_t size = 0;
    size += (size_t) snprintf (transcript, sizeof transcript, "a has key a\n");
    for (int i = 0; i < 16; i++)
        size += (size_t) snprintf (transcript + size, sizeof transcript - size,
                                   "a> HELLO ZTALK/1 n%d {}\na< WELCOME *\na> BYE\n", i);
    snprintf (transcript + size, sizeof transcript - size,
              "a> HELLO ZTALK/1 n16 {}\n"
              "a< ERROR - forbidden *\n"
              "a> HELLO ZTALK/1 n3 {}\n"
              "a< WELCOME *\n");
    zt_broker_trace (transcript);
}

/*  A burst passes; what is too much is refused, and what is behind it, until there is a
    pause: nothing overtakes. */
static void s_who_is_too_fast_is_held (void **state)
{
    (void) state;
    zt_broker_trace ("at most 10 a second, 3 at once\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME *\n"
                     "a> SEND 1 #general {} | SEND 2 #general {} | SEND 3 #general {}\n"
                     "a< SENT 1 1 1000\n"
                     "a< SENT 2 2 1000\n"
                     "a< SENT 3 3 1000\n"
                     "a> SEND 4 #general {}\n"
                     "a< ERROR 4 rate-limited {\"message\":*\n"
                     "# There would be room for one again, but 4 is on its way back.\n"
                     "+200\n"
                     "a> SEND 5 #general {}\n"
                     "a< ERROR 5 rate-limited *\n"
                     "+500\n"
                     "a> SEND 6 #general {} | SEND 7 #general {}\n"
                     "a< SENT 6 4 1700\n"
                     "a< SENT 7 5 1700\n"
                     "# A new session has no new burst.\n"
                     "a> BYE\n"
                     "a> HELLO ZTALK/1 olena {}\n"
                     "a< WELCOME *\n"
                     "a> SEND 1 #general {} | SEND 2 #general {}\n"
                     "a< ERROR 2 rate-limited *\n"
                     "a< SENT 1 6 1700\n"
                     "# Another connection is not concerned.\n"
                     "b> HELLO ZTALK/1 ivan {}\n"
                     "b< WELCOME *\n"
                     "b> SEND 1 #general {}\n"
                     "b< SENT 1 7 1700\n");
}

/*  A message counts once for each KiB. */
static void s_large_messages_count_more (void **state)
{
    (void) state;
    char transcript[8192];
    char text[2048];
    memset (text, 'x', sizeof text);
    snprintf (transcript, sizeof transcript,
              "at most 1 a second, 4 at once\n"
              "a> HELLO ZTALK/1 olena {}\n"
              "a< WELCOME *\n"
              "a> SEND 1 #general {\"text\":\"%.*s\"}\n"
              "a< SENT 1 1 1000\n"
              "a> SEND 2 #general {}\n"
              "a< SENT 2 2 1000\n"
              "a> SEND 3 #general {}\n"
              "a< ERROR 3 rate-limited *\n",
              2040, text);
    zt_broker_trace (transcript);
}

/*  Who goes on with what is refused is sent away; who pauses is not. */
static void s_errors_are_minded (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, "a> HELLO ZTALK/1 olena {}\n"
                                 "a< WELCOME *\n");
    unsigned ref = 1;
    for (; ref <= ZT_ERRORS_BURST; ref++)
        zt_buffer_put_format (&text, "a> SEND %u @x {}\na< ERROR %u no-such-user *\n", ref, ref);
    zt_buffer_put_string (&text, "+1000\n");
    for (; ref <= ZT_ERRORS_BURST + ZT_ERRORS_PER_S; ref++)
        zt_buffer_put_format (&text, "a> SEND %u @x {}\na< ERROR %u no-such-user *\n", ref, ref);
    zt_buffer_put_format (&text,
                          "a> SEND %u @x {}\n"
                          "a< ERROR %u no-such-user *\n"
                          "a< BYE kicked\n"
                          "a dropped\n",
                          ref, ref);
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_name_belongs_to_its_key),
        cmocka_unit_test (s_a_token_is_no_key),
        cmocka_unit_test (s_nobody_speaks_for_another),
        cmocka_unit_test (s_a_code_joins_another_device),
        cmocka_unit_test (s_a_code_is_not_guessed),
        cmocka_unit_test (s_a_code_goes_with_who_asked_for_it),
        cmocka_unit_test (s_what_cannot_be_admitted_changes_nothing),
        cmocka_unit_test (s_a_lost_key_is_revoked),
        cmocka_unit_test (s_hello_has_a_budget),
        cmocka_unit_test (s_names_are_taken_by_invitation),
        cmocka_unit_test (s_a_closed_broker_admits_who_is_listed),
        cmocka_unit_test (s_a_key_has_so_many_names),
        cmocka_unit_test (s_who_is_too_fast_is_held),
        cmocka_unit_test (s_large_messages_count_more),
        cmocka_unit_test (s_errors_are_minded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
