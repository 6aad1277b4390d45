/*  SPDX-License-Identifier: MPL-2.0

    The client's core: what it says and shows, whatever happens to it. */

#include "client/core_state.h"
#include "common/limits.h"
#include "tests/client_trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_CONNECTING "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_HELLO                                                                                    \
    "client> HELLO ZTALK/1 olena {\"device\":\"laptop\",\"token\":\"secret\",\"receive\":true,"    \
    "\"sent\":\"each\",\"receipts\":true,\"client\":\"ztalk ...\n"
#define S_WELCOME(more)                                                                            \
    "broker< WELCOME olena 0 {\"broker\":\"b\",\"version\":\"1\",\"heartbeat_ms\":3000" more "}\n"
#define S_UP "up\n" S_HELLO
#define S_CONNECTED                                                                                \
    S_CONNECTING S_UP S_WELCOME ("") "shown: * connected to b 1 at tcp://127.0.0.1:5555 as "       \
                                     "olena\n"
#define S_LOST  "shown: * connection lost; trying again. What you type is kept\n"
#define S_AGAIN S_UP S_WELCOME ("") "shown: * connected again\n"
#define S_BUSY(why)                                                                                \
    "shown: * the broker cannot store messages now (" why "); yours are kept and sent when it "    \
    "can\n"
#define S_MALFORMED                                                                                \
    "shown: * the broker said something that is not ZTALK/1; connecting anew\n" S_LOST

/*  A transcript has a line for everything that happens. */
/* clang-format off */

static void s_a_message_goes_out_and_is_confirmed (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> hi\n"
              "client> SEND 1 #general {\"text\":\"hi\"}\n"
              "broker< SENT 1 1001 0\n"
              "shown: [1970-01-01 00:00:00] olena: hi\n"
              "> /msg ivan psst\n"
              "client> SEND 2 @ivan {\"text\":\"psst\"}\n"
              "broker+ RECEIPT 1002 @Ivan    -- before its SENT, as after a reconnect\n"
              "broker< SENT 2 1002 0\n"
              "shown: [1970-01-01 00:00:00] olena -> ivan: psst\n"
              "shown: * delivered to Ivan\n"
              "broker< RECEIPT 1002 @Ivan    -- a receipt may come twice\n"
              "> /m ivan a\n"
              "client> SEND 3 @ivan {\"text\":\"a\"}\n"
              "broker+ SENT 3 1003 0\n"
              "broker+ RECEIPT 1003 @Ivan\n"
              "broker< RECEIPT 1003 @Ivan\n"
              "shown: [1970-01-01 00:00:00] olena -> ivan: a\n"
              "shown: * delivered to Ivan\n"
              "broker< RECEIPT 1004 @ghost    -- nothing of ours\n"
              "broker< SENT 77 1005 0         -- nor this\n"
              "> /exit\n"
              "client> BYE\n"
              "over 0\n");
}

static void s_messages_come_once_and_are_acknowledged (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker+ MSG 10 0 @ivan #general {\"text\":\"one\"}\n"
              "broker< MSG 11 0 @ivan @olena {\"text\":\"two\"}\n"
              "shown: [1970-01-01 00:00:00] ivan: one\n"
              "shown: [1970-01-01 00:00:00] ivan -> olena: two\n"
              "wait 49\n"
              "wait 1\n"
              "client> ACK 11\n"
              "down\n"
              S_LOST
              S_AGAIN
              "broker+ MSG 10 0 @ivan #general {\"text\":\"one\"}\n"
              "broker< MSG 11 0 @ivan @olena {\"text\":\"two\"}\n"
              "wait 50            -- repetitions are not shown, but acknowledged\n"
              "client> ACK 11\n"
              "broker< MSG 12 0 @ivan #dev {\"text\":\"a\\nb\"}\n"
              "shown: [1970-01-01 00:00:00] ivan #dev: a\n"
              "shown:     b\n"
              "broker< MSG 12 0 @ivan #dev {\"text\":\"a\\nb\"}\n"
              "quit\n"
              "client> ACK 12\n"
              "client> BYE\n"
              "over 0\n");
}

static void s_half_a_window_is_acknowledged_at_once (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME (",\"window\":4")
              "shown: * connected to...\n"
              "broker+ MSG 1 0 @i #general {\"text\":\"1\"}\n"
              "broker+ MSG 2 0 @i #general {\"text\":\"2\"}\n"
              "broker< MSG 3 0 @i #general {\"text\":\"3\"}\n"
              "shown: [1970-01-01 00:00:00] i: 1\n"
              "shown: [1970-01-01 00:00:00] i: 2\n"
              "shown: [1970-01-01 00:00:00] i: 3\n"
              "client> ACK 3\n");
}

static void s_what_is_not_displayed_is_not_acknowledged (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTED
              "blocked\n"
              "broker< MSG 1 0 @i #general {\"text\":\"1\"}\n"
              "shown: [1970-01-01 00:00:00] i: 1\n"
              "wait 500\n"
              "unblocked\n"
              "client> ACK 1\n");
}

static void s_what_is_too_long_is_told_with_the_limit (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME (",\"max_body\":15")
              "shown: * connected to...\n"
              "> 12345\n"
              "shown: * not sent: 12345: a message this long cannot be sent; as JSON it may have "
                  "15 bytes, and its text a few less\n");
    char transcript[1024] = S_CONNECTED "> /search ";
    size_t size = strlen (transcript);
    memset (transcript + size, 'x', 257);
    snprintf (transcript + size + 257, sizeof transcript - size - 257,
              "\nshown: * a query has 256 bytes at most, and this one is longer\n");
    zt_trace (ZT_TRACE_TERMINAL, transcript);
}

static void s_a_window_is_the_most_in_flight (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME (",\"window\":2,\"last_ref\":40")
              "shown: * connected to...\n"
              "> a\n"
              "client> SEND 41 #general {\"text\":\"a\"}\n"
              "> b\n"
              "client> SEND 42 #general {\"text\":\"b\"}\n"
              "> c\n"
              "> d\n"
              "broker< SENT 41 1 0\n"
              "shown: [1970-01-01 00:00:00] olena: a\n"
              "client> SEND 43 #general {\"text\":\"c\"}\n"
              "broker+ SENT 42 2 0\n"
              "broker< SENT 43 3 0\n"
              "shown: [1970-01-01 00:00:00] olena: b\n"
              "shown: [1970-01-01 00:00:00] olena: c\n"
              "client> SEND 44 #general {\"text\":\"d\"}\n");
}

static void s_what_was_typed_while_away_is_sent_once (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> a\n"
              "client> SEND 1 #general {\"text\":\"a\"}\n"
              "down\n"
              S_LOST
              "down\n"
              "> b\n"
              "shown: * pending: b\n"
              S_UP
              "> c\n"
              "shown: * pending: c\n"
              S_WELCOME (",\"last_ref\":1")
              "shown: * connected again\n"
              "client> SEND 1 #general {\"text\":\"a\"}     -- its old ref\n"
              "client> SEND 2 #general {\"text\":\"b\"}\n"
              "client> SEND 3 #general {\"text\":\"c\"}\n"
              "broker+ SENT 1 11 0\n"
              "broker+ SENT 2 12 0\n"
              "broker< SENT 3 13 0\n"
              "shown: [1970-01-01 00:00:00] olena: a\n"
              "shown: [1970-01-01 00:00:00] olena: b\n"
              "shown: [1970-01-01 00:00:00] olena: c\n");
}

static void s_hello_first_begins_the_session_anew (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> a\n"
              "client> SEND 1 #general {\"text\":\"a\"}\n"
              "broker< ERROR - hello-first {\"message\":\"say HELLO\"}\n"
              S_LOST
              "wait 50\n"
              S_HELLO
              "broker< ERROR - hello-first {\"message\":\"say HELLO\"}    -- an older one\n"
              S_WELCOME ("")
              "shown: * connected again\n"
              "client> SEND 1 #general {\"text\":\"a\"}\n");
}

static void s_a_refused_message_is_told (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTED
              "> /msg olga hello\n"
              "client> SEND 1 @olga {\"text\":\"hello\"}\n"
              "broker< ERROR 1 no-such-user {\"message\":\"nobody has the name @olga\"}\n"
              "shown: * not sent: hello: nobody has the name @olga\n"
              "> /history #x\n"
              "client> HISTORY 2 #x 0 20\n"
              "broker< ERROR 2 no-such-room {}\n"
              "shown: * #x: there is no such room\n"
              "broker< ERROR - bad-request {\"message\":\"what?\"}\n"
              "shown: * what?\n"
              "broker< ERROR - brand-new {}\n"
              "shown: * brand-new\n"
              "broker< ERROR 9 busy {}\n"
              "eof\n"
              "client> BYE\n"
              "over 1\n");
}

static void s_busy_means_later_and_in_order (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> a\n"
              "client> SEND 1 #general {\"text\":\"a\"}\n"
              "> b\n"
              "client> SEND 2 #general {\"text\":\"b\"}\n"
              "broker+ ERROR 1 busy {\"message\":\"too much\",\"retry_ms\":200}\n"
              "broker< ERROR 2 rate-limited {\"retry_ms\":300}    -- told once\n"
              S_BUSY ("too much")
              "shown: * pending: a\n"
              "shown: * pending: b\n"
              "> c\n"
              "shown: * pending: c\n"
              "wait 299\n"
              "wait 1\n"
              "client> SEND 3 #general {\"text\":\"a\"}    -- a new ref, and goes ahead\n"
              "broker< SENT 3 9 0\n"
              "shown: [1970-01-01 00:00:00] olena: a\n"
              "client> SEND 4 #general {\"text\":\"b\"}\n"
              "client> SEND 5 #general {\"text\":\"c\"}\n"
              "broker< ERROR 4 busy {\"retry_ms\":1e300}    -- nonsense: 1 s\n"
              "down\n"
              S_LOST
              S_AGAIN
              "client> SEND 5 #general {\"text\":\"c\"}    -- old refs first\n"
              "client> SEND 6 #general {\"text\":\"b\"}\n"
              "broker+ ERROR 5 busy {\"retry_ms\":100}\n"
              "broker< ERROR 6 busy {\"retry_ms\":100}    -- in the order of typing again\n"
              "wait 100\n"
              "client> SEND 7 #general {\"text\":\"b\"}\n"
              "broker< ERROR 7 no-such-room {\"message\":\"no\"}    -- as good as SENT\n"
              "shown: * not sent: b: no\n"
              "client> SEND 8 #general {\"text\":\"c\"}\n");
}

static void s_what_waits_for_an_answer_to_something_else_is_pending (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> /who\n"
              "client> WHO 1\n"
              "broker< ERROR 1 rate-limited {\"retry_ms\":500}\n"
              "> a\n"
              "shown: * pending: a\n"
              "wait 500\n"
              "client> WHO 2\n"
              "client> SEND 3 #general {\"text\":\"a\"}\n"
              "broker< RESULT 2 {\"users\":[]}\n"
              "shown: * online:  (0)\n"
              "broker< ERROR 3 unavailable {\"retry_ms\":500}    -- is told as pending once\n"
              "shown: * the broker cannot store messages now; yours are kept and sent when it can\n"
              "wait 500\n"
              "client> SEND 4 #general {\"text\":\"a\"}\n");
}

static void s_after_a_restart_others_may_still_be_on_their_way (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "down\n"
              S_LOST
              "> /msg ivan a\n"
              "shown: * pending for ivan: a\n"
              S_AGAIN
              "client> SEND 1 @ivan {\"text\":\"a\"}\n"
              "broker< ERROR 1 no-such-user {\"message\":\"who?\"}\n"
              "wait 1000\n"
              "client> SEND 2 @ivan {\"text\":\"a\"}\n"
              "broker+ PONG -\n"
              "wait 4000\n"
              "client> PING 1\n"
              "broker< ERROR 2 no-such-user {\"message\":\"who?\"}\n"
              "shown: * not sent: a: who?\n");
}

/*  A room has one name, the broker's, however it is typed. */
static void s_a_room_is_written_as_the_broker_writes_it (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> /join #київ\n"
              "client> JOIN 1 #київ\n"
              "> at once\n"
              "client> SEND 2 #київ {\"text\":\"at once\"}\n"
              "broker< RESULT 1 {\"room\":\"#КИЇВ\",\"users\":[\"olena\"]}\n"
              "shown: * you are in #КИЇВ, and what you type goes there; online: olena\n"
              "broker< SENT 2 9 0\n"
              "shown: [1970-01-01 00:00:00] olena #КИЇВ: at once\n"
              "> then\n"
              "client> SEND 3 #КИЇВ {\"text\":\"then\"}\n"
              "> /to #київ\n"
              "shown: * what you type goes to #КИЇВ\n"
              "> /history #Київ 1\n"
              "client> HISTORY 4 #КИЇВ 0 1\n"
              "> /to #GENERAL\n"
              "shown: * what you type goes to #general\n"
              "> /to #київ\n"
              "shown: * what you type goes to #КИЇВ\n"
              "> /leave #киїВ\n"
              "shown: * what you type goes to #general\n"
              "client> LEAVE 5 #КИЇВ\n"
              "broker< RESULT 5 {\"room\":\"#КИЇВ\"}\n"
              "shown: * you left #КИЇВ\n"
              "> /join a\n"
              "client> JOIN 6 #a\n"
              "broker< RESULT 6 {\"room\":\"#b\",\"users\":[\"olena\"]}    -- another one\n"
              "shown: * you are in #a, and what you type goes there; online: olena\n");
}

/*  After the broker has forgotten it somebody else may have made it, and named it. */
static void s_a_room_that_is_made_again_has_its_new_name (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> /join dev\n"
              "client> JOIN 1 #dev\n"
              "broker< RESULT 1 {\"room\":\"#dev\",\"users\":[\"olena\"]}\n"
              "shown: * you are in #dev, and what you type goes there; online: olena\n"
              "down\n"
              S_LOST
              S_AGAIN
              "client> JOIN 9007199254740991 #dev\n"
              "broker< RESULT 9007199254740991 {\"room\":\"#DEV\",\"users\":[\"olena\"]}\n"
              "> hi\n"
              "client> SEND 2 #DEV {\"text\":\"hi\"}\n"
              "broker< RESULT 9007199254740991 {\"room\":\"#other\",\"users\":[\"olena\"]}\n"
              "> /to #dev\n"
              "shown: * what you type goes to #DEV\n"
              "> /to #OTHER\n"
              "shown: * what you type goes to #OTHER\n");
}

static void s_rooms_that_the_broker_forgot_are_joined_again (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> /join dev\n"
              "client> JOIN 1 #dev\n"
              "> at once\n"
              "client> SEND 2 #dev {\"text\":\"at once\"}\n"
              "broker< RESULT 1 {\"room\":\"#dev\",\"users\":[\"olena\"]}\n"
              "shown: * you are in #dev, and what you type goes there; online: olena\n"
              "broker< SENT 2 9 0\n"
              "shown: [1970-01-01 00:00:00] olena #dev: at once\n"
              "down\n"
              S_LOST
              "> while away\n"
              "shown: * pending: while away\n"
              S_AGAIN
              "client> JOIN 9007199254740991 #dev\n"
              "client> SEND 3 #dev {\"text\":\"while away\"}\n"
              "broker< RESULT 9007199254740991 {\"room\":\"#dev\",\"users\":[\"olena\"]}\n"
              "> /join no\n"
              "client> JOIN 4 #no\n"
              "broker< ERROR 4 forbidden {\"message\":\"no\"}\n"
              "shown: * #no: no\n"
              "shown: * what you type goes to #general\n");
}

static void s_silence_is_answered_with_pings_and_then_a_new_socket (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "wait 2999\n"
              "wait 1\n"
              "client> PING 1\n"
              "broker< PONG 1\n"
              "wait 3000\n"
              "client> PING 2\n"
              "wait 3000\n"
              "client> PING 3\n"
              "wait 2999\n"
              "wait 1\n"
              S_LOST
              "wait 200\n"
              "relink\n"
              S_AGAIN);
}

static void s_talking_into_silence_is_noticed_too (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "wait 2000\n"
              "> a\n"
              "client> SEND 1 #general {\"text\":\"a\"}\n"
              "wait 2000    -- said something 2 s ago, but heard nothing for 4 s\n"
              "client> PING 1\n"
              "> b\n"
              "client> SEND 2 #general {\"text\":\"b\"}\n"
              "wait 2000\n"
              "client> PING 2\n"
              "> c\n"
              "client> SEND 3 #general {\"text\":\"c\"}\n"
              "wait 3000\n"
              S_LOST);
}

static void s_a_hello_without_an_answer_is_repeated_on_a_new_socket (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "wait 3000\n"
              "shown: * no answer from tcp://127.0.0.1:5555 yet; still trying\n"
              "wait 2199\n"
              "wait 1\n"
              "relink\n"
              S_UP
              "wait 5400    -- the next one waits longer\n"
              "relink\n"
              "wait 100000\n");
}

static void s_a_session_that_the_broker_ends (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< BYE shutdown\n"
              "shown: * the broker is going down\n"
              S_LOST
              "down    -- the socket reconnects by itself\n"
              "wait 5000\n"
              S_AGAIN
              "broker< BYE idle\n"
              "shown: * nothing was heard from the client for three heartbeats\n"
              S_LOST
              "broker< MSG 5 0 @i #general {\"text\":\"stale\"}\n"
              "wait 399\n"
              "wait 1     -- too short a session to trust the next one\n"
              "relink\n"
              S_AGAIN
              "broker< BYE replaced\n"
              "shown: * the same device has connected again\n"
              "over 4\n"
              "> hi\n"
              "up\n"
              "broker< MSG 5 0 @i #general {\"text\":\"late\"}\n");
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTED
              "broker< BYE kicked\n"
              "shown: * the broker or its operator ended the session\n"
              "over 4\n");
}

/*  Told when a session begins for the first time: a screen lists them. */
static void s_the_rooms_that_one_is_in_are_told (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              S_WELCOME (",\"rooms\":[\"#general\",\"#dev\",\"#ops\"]")
              "shown: * connected to b 1 at tcp://127.0.0.1:5555 as olena\n"
              "shown: * your rooms: #dev, #ops\n"
              "down\n"
              S_LOST
              S_UP
              S_WELCOME (",\"rooms\":[\"#general\",\"#dev\",\"#ops\"]")
              "shown: * connected again\n");
}

static void s_a_refused_hello (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "broker< ERROR - name-taken {\"message\":\"taken\"}\n"
              "shown: * the broker refused (name-taken): taken; -n NAME takes another one; if it "
              "is yours on another device, type /pair there\n"
              "over 4\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              S_UP
              "broker< ERROR - busy {\"retry_ms\":400}\n"
              "wait 399\n"
              "wait 1\n"
              S_HELLO
              "broker< ERROR - version {}\n"
              "shown: * the broker refused (version): the broker does not speak this version of "
                  "the protocol\n"
              "over 4\n");
}

static void s_a_name_that_was_ours_is_tried_for_a_while (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "down\n"
              S_LOST
              S_UP
              "broker< ERROR - name-taken {}\n"
              "shown: * the name olena is taken; still trying\n"
              "wait 1000\n"
              S_HELLO
              "wait 4000\n"
              "broker< ERROR - name-taken {\"retry_ms\":9500}\n"
              "wait 9500\n"
              S_HELLO
              "wait 500\n"
              "broker< ERROR - name-taken {\"message\":\"no\"}\n"
              "shown: * the broker refused (name-taken): no; -n NAME takes another one; if it "
              "is yours on another device, type /pair there\n"
              "over 4\n");
}

static void s_presence_is_told_once_and_then_by_difference (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< PRESENCE 1 {\"online\":[\"olena\",\"ivan\",\"ivan\",7]}\n"
              "shown: * online: ivan, olena (2)\n"
              "broker< PRESENCE 1 {\"online\":[\"taras\",\"ivan\"],\"offline\":[\"nobody\"]}\n"
              "shown: * taras is here\n"
              "broker< PRESENCE 1 {\"offline\":[\"ivan\"]}\n"
              "shown: * ivan left\n"
              "down\n"
              S_LOST
              S_AGAIN
              "broker< PRESENCE 1 {\"online\":[\"olena\",\"lesya\"]}\n"
              "shown: * lesya is here\n"
              "shown: * taras left\n"
              "broker< PRESENCE 1 {\"online\":\"x\",\"offline\":{}}\n"
              "down\n"
              S_LOST
              S_AGAIN
              "    -- a long list comes in parts, and changes between them\n"
              "broker< PRESENCE 1 {\"online\":[\"olena\",\"lesya\",\"ivan\"],\"more\":true}\n"
              "broker< PRESENCE 1 {\"online\":[\"x\"],\"offline\":[\"ivan\"]}\n"
              "broker< PRESENCE 1 {\"online\":[\"x\",\"taras\"],\"more\":false}\n"
              "shown: * taras is here\n"
              "shown: * x is here\n"
              "broker< PRESENCE 1 {\"offline\":[\"taras\"]}\n"
              "shown: * taras left\n");
}

static void s_requests_and_their_answers (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> /who\n"
              "client> WHO 1\n"
              "broker< RESULT 1 {\"users\":[\"a\",\"b\"],\"more\":true}\n"
              "shown: * online: a, b, ... (2+)\n"
              "> /history ivan 5\n"
              "client> HISTORY 2 @ivan 0 5\n"
              "broker< RESULT 2 {\"messages\":[{\"id\":1,\"time\":0,\"from\":\"@ivan\",\"to\":\"@olena\","
                  "\"body\":{\"text\":\"old\"}},{\"id\":2},7,{\"id\":3,\"time\":0,\"from\":\"@ivan\",\"to\":"
                  "\"@olena\",\"body\":{},\"omitted\":true}],\"more\":true}\n"
              "shown: * history of @ivan:\n"
              "shown: [1970-01-01 00:00:00] ivan -> olena: old\n"
              "shown: * ivan sent something that is too long to be shown here, or no JSON\n"
              "shown: * the newest 2; /history again shows older ones\n"
              "> /history 7\n"
              "client> HISTORY 3 #general 0 7\n"
              "broker< RESULT 3 {\"messages\":\"none\"}\n"
              "shown: * history of #general:\n"
              "shown: * that was all (0)\n"
              "> /search a \"b\"\n"
              "client> SEARCH 4 * 20 {\"query\":\"a \\\"b\\\"\"}\n"
              "> /join dev\n"
              "client> JOIN 5 #dev\n"
              "broker< RESULT 5 {\"room\":\"#dev\",\"users\":[\"olena\"]}\n"
              "shown: * you are in #dev, and what you type goes there; online: olena\n"
              "> /to #dev\n"
              "shown: * what you type goes to #dev\n"
              "> /leave\n"
              "shown: * what you type goes to #general\n"
              "client> LEAVE 6 #dev\n"
              "broker< RESULT 6 {}\n"
              "shown: * you left #dev\n"
              "broker< RESULT 6 {}          -- twice\n"
              "broker< RESULT 4 not json    -- ends the reading of its frame\n"
              S_MALFORMED);
}

/*  What a double does not hold, and what stands behind a NUL, is told as it was sent. */
static void s_what_was_found_is_as_it_was_sent (void **state)
{
    (void) state;
#define S_BODY "{ \"text\":\"a\\u0000b\", \"n\":[12345678901234567,0.1000000000000000055,1e400],\"id\":\"a\\u0000b\"}"
    zt_bytes_t answer = ZT_LITERAL ("{\"more\":true,\"messages\":[7,{\"id\":1,\"time\":0,\"from\":\"@ivan\","
                                    "\"to\":\"#dev\",\"body\": " S_BODY " }]}");
    zt_json_list_t list = zt_client_found (answer);
    zt_bytes_t name, text;
    size_t n = 0;
    while (zt_json_next (&list, &name, &text)) {
        cJSON *message;
        zt_item_t item;
        if (zt_client_read_found (text, &message, &item)) {
            assert_true (zt_bytes_equal (item.body, zt_bytes (S_BODY)));
            n++;
        }
        cJSON_Delete (message);
    }
    assert_int_equal (n, 1);
    list = zt_client_found (zt_bytes ("{\"messages\":[7"));
    assert_false (zt_json_next (&list, &name, &text));
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< MSG 1 0 @ivan #general " S_BODY "\n"
              "shown: [1970-01-01 00:00:00] ivan: a\xe2\x90\x80" "b\n"
              "> /history\n"
              "client> HISTORY 1 #general 0 20\n"
              "broker< RESULT 1 {\"messages\":[{\"id\":1,\"time\":0,\"from\":\"@ivan\",\"to\":\"#general\","
                  "\"body\":" S_BODY "}],\"more\":false}\n"
              "shown: * history of #general:\n"
              "shown: [1970-01-01 00:00:00] ivan: a\xe2\x90\x80" "b\n"
              "shown: * that was all (1)\n");
#undef S_BODY
}

static void s_what_is_typed (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> \n"
              ">  \t \n"
              "> //x\n"
              "client> SEND 1 #general {\"text\":\"/x\"}\n"
              "> /w\n"
              "client> WHO 2\n"
              "> /h\n"
              "shown: * /h could be /history, /help\n"
              "> /nope\n"
              "shown: * there is no /nope; /help lists what there is, // sends a /\n"
              "> /hi\t\n"
              "shown: * /hi: /history\n"
              "> /\t\n"
              "shown: * /: /msg, /to, /who, /history, /search, /join, /leave, /pair, /quiet, /close, /theme, /help, /exit\n"
              "> /x\t\n"
              "shown: * /x: nothing begins like this\n"
              "> /msg i\n"
              "shown: * usage: /msg NAME TEXT\n"
              "> /msg i! x\n"
              "shown: * 'i!' is nobody's name: a name is made of letters, digits, '_', '-' and "
                  "'.'\n"
              "> /to\n"
              "shown: * what you type goes to #general\n"
              "> /to @ivan\n"
              "shown: * what you type goes to ivan\n"
              "> a\tb\n"
              "client> SEND 3 @ivan {\"text\":\"a\\u0009b\"}\n"
              "> \xff\n"
              "shown: * not sent: \xef\xbf\xbd: this is not UTF-8, and was not sent\n"
              "> /history a b c\n"
              "shown: * usage: /history [TARGET] [COUNT]\n"
              "> /history 0\n"
              "shown: * usage: /history [TARGET] [COUNT]\n"
              "> /leave\n"
              "shown: * '@ivan' is no room: a room's name begins with #\n"
              "> /search\n"
              "shown: * usage: /search QUERY\n"
              "> /to a b\n"
              "shown: * usage: /to [TARGET]\n"
              "broker< PRESENCE 1 {\"online\":[\"ivan\",\"iryna\",\"olena\"]}\n"
              "shown: * online: iryna, ivan, olena (3)\n"
              "> /msg i\t\n"
              "shown: * /msg i: iryna, ivan\n");
}

static void s_the_end_waits_for_answers (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              "> hi\n"
              "shown: * pending: hi\n"
              "eof\n"
              S_UP
              S_WELCOME ("")
              "shown: * connected to...\n"
              "client> SEND 1 #general {\"text\":\"hi\"}\n"
              "broker< SENT 1 9 0\n"
              "shown: [1970-01-01 00:00:00] olena: hi\n"
              "client> BYE\n"
              "over 0\n");
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTED
              "> hi\n"
              "client> SEND 1 #general {\"text\":\"hi\"}\n"
              "eof\n"
              "down\n"
              S_LOST
              "wait 9999\n"
              "wait 1\n"
              "shown: * ended with 1 unanswered\n"
              "over 1\n");
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTED
              "down\n"
              S_LOST
              "eof\n"
              "over 0\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "> hi\n"
              "client> SEND 1 #general {\"text\":\"hi\"}\n"
              "> /exit\n"
              "shown: * waiting for 1 to be answered; /exit again ends at once, and what is "
                  "to be sent is kept for the next time\n"
              "> more\n"
              "> /exit\n"
              "client> BYE\n"
              "shown: * 1 message is kept, and is sent at the next start\n"
              "over 1\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "down\n"
              S_LOST
              "> hi\n"
              "shown: * pending: hi\n"
              "> there\n"
              "shown: * pending: there\n"
              "> /exit\n"
              "shown: * waiting for 2 to be answered; /exit again ends at once, and what is "
                  "to be sent is kept for the next time\n"
              "> /exit\n"
              "shown: * 2 messages are kept, and are sent at the next start\n"
              "over 1\n");
}

/*  Whoever has piped it in learns from the status that a line was not done; a person sees it. */
static void s_a_refused_line_of_a_pipe_is_told_by_the_status (void **state)
{
    (void) state;
    static const char *const lines[][2] = {
        {"/var is full", "shown: * there is no /var; ...\n"},
        {"/h", "shown: * /h could be /history, /help\n"},
        {"/msg ivan", "shown: * usage: /msg NAME TEXT\n"},
        {"/msg i! x", "shown: * 'i!' is nobody's name: ...\n"},
        {"/join @ivan", "shown: * '@ivan' is no room: ...\n"},
        {"/quiet", "shown: * this is for the full screen; ...\n"},
        {"/join x", "client> JOIN 1 #x\nbroker< ERROR 1 forbidden {}\nshown: ...\nshown: ...\n"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
            zt_buffer_t text = {NULL, 0, 0};
            zt_buffer_put_format (&text, S_CONNECTED "> %s\n%seof\nclient> BYE\nover %d\n",
                                  lines[i][0], lines[i][1], is_pipe);
            zt_trace (is_pipe ? ZT_TRACE_PIPE : ZT_TRACE_TERMINAL, zt_buffer_string (&text));
            zt_buffer_free (&text);
        }
}

static void s_a_pipe_gives_up_and_a_person_does_not (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              "wait 3000\n"
              "shown: * no answer from tcp://127.0.0.1:5555 yet; still trying\n"
              "wait 7000\n"
              "shown: * no broker answers at tcp://127.0.0.1:5555\n"
              "over 3\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              "wait 3000\n"
              "shown: * no answer from tcp://127.0.0.1:5555 yet; still trying\n"
              "wait 1000000\n"
              "eof\n"
              "over 0\n");
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              "quit\n"
              "over 0\n");
}

static void s_a_gap_is_told (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker< GAP 1 9 3\n"
              "shown: * 3 messages are not sent again, because the broker keeps or replays no "
                  "more; /history shows what it still has\n");
}

static void s_nonsense_of_a_broker_is_survived (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTED
              "broker+ MSG 1 0 @i #general {\"text\":\"seen\"}\n"
              "broker< WHAT\n"
              "shown: [1970-01-01 00:00:00] i: seen\n"
              S_MALFORMED
              "wait 200\n"
              "relink\n"
              S_AGAIN
              "broker< MSG 2 0 i #general {\"text\":\"no sender\"}\n"
              S_MALFORMED
              "wait 400\n"
              "relink\n"
              S_AGAIN
              "malformed\n"
              S_MALFORMED
              "wait 800\n"
              "relink\n"
              S_UP
              "broker< WELCOME olena 0 {\"heartbeat_ms\":-5,\"window\":0,\"max_body\":1e99}\n"
              "shown: * connected again\n"
              "broker< MSG 2 0 @i #general {\"text\":7}\n"
              "shown: * i sent something that this client cannot show\n"
              "client> ACK 2\n"
              "broker< MSG 3 0 @i #general {\"text\"}\n"
              "shown: * i sent something that this client cannot show\n"
              "client> ACK 3\n"
              "broker< MSG 4 18446744073709551615 @i #general {\"text\":\"\\u001b[31m\"}\n"
              "shown: [9999-12-31 23:59:59] i: \xe2\x90\x9b[31m\n"
              "client> ACK 4\n"
              "broker< WELCOME olena 0 {}    -- not asked for\n"
              "broker< PRESENCE 1 {\"online\":[]\n"
              S_MALFORMED);
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              S_UP
              "broker< MSG 1 0 @i #general {\"text\":\"early\"}\n"
              "broker< WELCOME olena 0 {\n"
              "shown: * the broker said something that is not ZTALK/1; connecting anew\n"
              "wait 200\n"
              "relink\n");
}

/* clang-format on */

static void s_ignore (void *self, const zt_item_t *item)
{
    (void) self;
    (void) item;
}

static zt_client_t *s_core (void)
{
    zt_client_config_t config = {.endpoint = "tcp://127.0.0.1:5555",
                                 .name = "olena",
                                 .device = "laptop",
                                 .token = "secret",
                                 .show = s_ignore};
    return zt_client_new (&config, 0);
}

static void s_lines_wait_while_the_outbox_is_full (void **state)
{
    (void) state;
    zt_client_t *core = s_core ();
    size_t taken = 0;
    for (; zt_client_takes_lines (core); taken++)
        zt_client_typed (core, zt_bytes ("y"), 0);
    assert_in_range (taken, ZT_WINDOW, 10000);
    zt_client_destroy (&core);
    zt_client_destroy (&core);
}

static void s_a_text_fits_into_a_body_or_is_refused (void **state)
{
    (void) state;
    static char line[ZT_BODY_MAX + 1];
    memset (line, 'x', sizeof line);
    const char *welcome = "WELCOME olena 1 2\n{}\n";
    for (size_t over = 0; over < 2; over++) {
        zt_client_t *core = s_core ();
        zt_client_up (core, 0);
        zt_client_tick (core, 0);
        assert_true (zt_client_frame (core).size > 0);
        zt_client_frame_sent (core, 0);
        zt_client_receive (core, zt_bytes (welcome), 0);
        size_t most = ZT_BODY_MAX - strlen ("{\"text\":\"\"}");
        zt_client_typed (core, (zt_bytes_t){line, most + over}, 0);
        assert_int_equal (zt_client_frame (core).size > 0, !over);
        zt_client_typed (core, (zt_bytes_t){line, sizeof line}, 0); /* as the shell cuts it */
        zt_client_destroy (&core);
    }
}

static void s_frames_stay_within_their_limit (void **state)
{
    (void) state;
    static char line[30000]; /* three of them make a frame of less than 96 KiB */
    memset (line, 'x', sizeof line);
    zt_client_t *core = s_core ();
    for (size_t i = 0; i < 20; i++)
        zt_client_typed (core, (zt_bytes_t){line, sizeof line}, 0);
    zt_client_up (core, 0);
    zt_client_tick (core, 0);
    zt_client_frame_sent (core, 0);
    zt_client_receive (core, zt_bytes ("WELCOME olena 1 2\n{}\n"), 0);
    size_t frames = 0;
    for (; zt_client_frame (core).size; frames++) {
        assert_true (zt_client_frame (core).size <= ZT_FRAME_MAX);
        zt_client_frame_sent (core, 0);
    }
    assert_int_equal (frames, 7);
    zt_client_destroy (&core);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_message_goes_out_and_is_confirmed),
        cmocka_unit_test (s_messages_come_once_and_are_acknowledged),
        cmocka_unit_test (s_half_a_window_is_acknowledged_at_once),
        cmocka_unit_test (s_what_is_not_displayed_is_not_acknowledged),
        cmocka_unit_test (s_what_is_too_long_is_told_with_the_limit),
        cmocka_unit_test (s_a_window_is_the_most_in_flight),
        cmocka_unit_test (s_what_was_typed_while_away_is_sent_once),
        cmocka_unit_test (s_hello_first_begins_the_session_anew),
        cmocka_unit_test (s_a_refused_message_is_told),
        cmocka_unit_test (s_busy_means_later_and_in_order),
        cmocka_unit_test (s_what_waits_for_an_answer_to_something_else_is_pending),
        cmocka_unit_test (s_after_a_restart_others_may_still_be_on_their_way),
        cmocka_unit_test (s_a_room_is_written_as_the_broker_writes_it),
        cmocka_unit_test (s_a_room_that_is_made_again_has_its_new_name),
        cmocka_unit_test (s_rooms_that_the_broker_forgot_are_joined_again),
        cmocka_unit_test (s_silence_is_answered_with_pings_and_then_a_new_socket),
        cmocka_unit_test (s_talking_into_silence_is_noticed_too),
        cmocka_unit_test (s_a_hello_without_an_answer_is_repeated_on_a_new_socket),
        cmocka_unit_test (s_a_session_that_the_broker_ends),
        cmocka_unit_test (s_the_rooms_that_one_is_in_are_told),
        cmocka_unit_test (s_a_refused_hello),
        cmocka_unit_test (s_a_name_that_was_ours_is_tried_for_a_while),
        cmocka_unit_test (s_presence_is_told_once_and_then_by_difference),
        cmocka_unit_test (s_requests_and_their_answers),
        cmocka_unit_test (s_what_was_found_is_as_it_was_sent),
        cmocka_unit_test (s_what_is_typed),
        cmocka_unit_test (s_the_end_waits_for_answers),
        cmocka_unit_test (s_a_refused_line_of_a_pipe_is_told_by_the_status),
        cmocka_unit_test (s_a_pipe_gives_up_and_a_person_does_not),
        cmocka_unit_test (s_a_gap_is_told),
        cmocka_unit_test (s_nonsense_of_a_broker_is_survived),
        cmocka_unit_test (s_lines_wait_while_the_outbox_is_full),
        cmocka_unit_test (s_a_text_fits_into_a_body_or_is_refused),
        cmocka_unit_test (s_frames_stay_within_their_limit),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
