/*  SPDX-License-Identifier: MPL-2.0

    The client's core: what it says of itself, and what it shows of encryption. */

#include "tests/client_trace.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#define S_CONNECTING "shown: * connecting to tcp://127.0.0.1:5555\n"
#define S_WELCOME    "broker< WELCOME olena 0 {\"broker\":\"b\",\"version\":\"1\"}\n"
#define S_CONNECTED  "shown: * connected to b 1 at tcp://127.0.0.1:5555 as olena"
#define S_SAYS_HELLO "client> HELLO ZTALK/1 olena {\"device\":\"laptop\","
#define S_HELLO      "up\n" S_SAYS_HELLO
#define S_OPEN       S_CONNECTING S_HELLO "...\n" S_WELCOME S_CONNECTED "\n"

/* clang-format off */

static void s_the_key_stands_for_the_token (void **state)
{
    (void) state;
    zt_client_config_t config = {.key = ZT_TRACE_KEY};
    zt_trace_with (&config,
                   S_CONNECTING
                   S_HELLO "\"receive\":true,\"sent\":\"each\",...\n"
                   S_WELCOME
                   S_CONNECTED ", encrypted\n");
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              "encrypt            -- before the first connection it was found out\n"
              S_HELLO "\"receive\":true,...\n"
              S_WELCOME
              S_CONNECTED ", encrypted\n");
}

/*  A name that was taken before the broker encrypted belongs to the token. It is shown when it
    can help, and once. */
static void s_a_name_of_the_token_moves (void **state)
{
    (void) state;
    zt_client_config_t config = {.key = ZT_TRACE_KEY, .interactive = true};
    zt_trace_with (&config,
                   S_CONNECTING
                   S_HELLO "\"receive\":true,...\n"
                   "broker< ERROR - name-taken {}\n"
                   S_SAYS_HELLO "\"token\":\"secret\",\"receive\":true,...\n"
                   S_WELCOME
                   S_CONNECTED ", encrypted\n"
                   "down\n"
                   "shown: * connection lost; trying again. What you type is kept\n"
                   S_HELLO "\"receive\":true,...\n");
    zt_trace_with (&config,
                   S_CONNECTING
                   S_HELLO "\"receive\":true,...\n"
                   "broker< ERROR - name-taken {}\n"
                   S_SAYS_HELLO "\"token\":\"secret\",\"receive\":true,...\n"
                   "broker< ERROR - name-taken {\"message\":\"no\"}\n"
                   "shown: * the broker refused (name-taken): no; -n NAME takes another one; if it "
                   "is yours on another device, type /pair there\n"
                   "over 4\n");
}

static void s_only_who_is_exposed_is_told_so (void **state)
{
    (void) state;
    zt_client_config_t config = {.exposed = true};
    zt_trace_with (&config,
                   S_CONNECTING
                   "shown: * not encrypted: everybody on the way to tcp://127.0.0.1:5555 can read "
                   "and change what is said\n"
                   S_HELLO "\"token\":\"secret\",\"receive\":true,...\n"
                   S_WELCOME
                   S_CONNECTED "\n");
}

static void s_an_invitation_is_said_each_time (void **state)
{
    (void) state;
    zt_client_config_t config = {.key = ZT_TRACE_KEY, .invite = "for \"olena\"", .interactive = true};
    zt_trace_with (&config,
                   S_CONNECTING
                   S_HELLO "\"invite\":\"for \\\"olena\\\"\",\"receive\":true,...\n"
                   "down\n"
                   S_HELLO "\"invite\":\"for \\\"olena\\\"\",\"receive\":true,...\n"
                   S_WELCOME
                   S_CONNECTED ", encrypted\n"
                   "down\n"
                   "shown: * connection lost...\n"
                   S_HELLO "\"invite\":\"for \\\"olena\\\"\",\"receive\":true,...\n");
}

static void s_a_code_of_another_device_is_said (void **state)
{
    (void) state;
    zt_client_config_t config = {.pair = "K7QF-2MRD"};
    zt_trace_with (&config,
                   S_CONNECTING
                   S_HELLO "\"token\":\"secret\",\"pair\":\"K7QF-2MRD\",\"receive\":true,...\n"
                   S_WELCOME
                   S_CONNECTED "\n"
                   "down\n"
                   "shown: * connection lost...\n"
                   S_HELLO "\"token\":\"secret\",\"pair\":\"K7QF-2MRD\",\"receive\":true,...\n"
                   "broker< ERROR - forbidden {\"message\":\"this code is not valid\"}\n"
                   "shown: * the broker refused (forbidden): this code is not valid\n"
                   "over 4\n");
}

static void s_a_code_for_another_device_is_shown (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_OPEN
              "> /pair\n"
              "client> PAIR 1\n"
              "broker< RESULT 1 {\"code\":\"K7QF-2MRD\",\"expires_ms\":600000}\n"
              "shown: * on the new device type within 10 minutes:\n"
              "shown:     ztalk "
              "ADDRESS-OF-THE-BROKER -n olena --pair K7QF-2MRD\n"
              "> /p\n"
              "client> PAIR 2\n"
              "broker< RESULT 2 {\"code\":\"A\",\"expires_ms\":1999}\n"
              "shown: * on the new device type within 1 second:\n"
              "shown:     ztalk "
              "ADDRESS-OF-THE-BROKER -n olena --pair A\n"
              "> /pair ivan\n"
              "shown: * usage: /pair\n"
              "> /pair\n"
              "client> PAIR 3\n"
              "broker< ERROR 3 forbidden {\"message\":\"this broker gives no codes\"}\n"
              "shown: * this broker gives no codes\n"
              "> /pair\n"
              "client> PAIR 4\n"
              "broker< ERROR 4 rate-limited {\"retry_ms\":200}\n"
              "wait 200\n"
              "client> PAIR 5\n");
}

static void s_with_a_code_goes_what_the_new_device_needs (void **state)
{
    (void) state;
    static const struct {
        const char *endpoint, *key, *shown;
    } rows[] = {
        {"tcp://192.168.1.5:5555", ZT_TRACE_KEY, "'tcp://192.168.1.5:5555/" ZT_TRACE_KEY "'"},
        {"tcp://192.168.1.5:5555", NULL, "--plain 'tcp://192.168.1.5:5555'"},
        {"tcp://localhost:5555", ZT_TRACE_KEY, "ADDRESS-OF-THE-BROKER"},
        {"ipc:///tmp/x", NULL, "ADDRESS-OF-THE-BROKER"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_client_config_t config = {
            .endpoint = rows[i].endpoint, .key = rows[i].key, .interactive = true};
        char transcript[1024];
        snprintf (transcript, sizeof transcript,
                  "shown: * connecting to...\n"
                  S_HELLO "...\n"
                  S_WELCOME
                  "shown: * connected to b...\n"
                  "> /pair\n"
                  "client> PAIR 1\n"
                  "broker< RESULT 1 {\"code\":\"K7QF-2MRD\",\"expires_ms\":600000}\n"
                  "shown: * on the new device type within 10 minutes:\n"
                  "shown:     ztalk %s -n olena "
                  "--pair K7QF-2MRD\n", rows[i].shown);
        zt_trace_with (&config, transcript);
    }
}

static void s_what_is_no_code_is_not_shown (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_OPEN
              "> /pair\n"
              "client> PAIR 1\n"
              "broker< RESULT 1 {\"code\":\"$(rm -rf ~)\",\"expires_ms\":600000}\n"
              "shown: * the broker has answered without a code\n"
              "> /pair\n"
              "client> PAIR 2\n"
              "broker< RESULT 2 {\"code\":\"-rf\",\"expires_ms\":600000}\n"
              "shown: * the broker has answered without a code\n"
              "> /pair\n"
              "client> PAIR 3\n"
              "broker< RESULT 3 {}\n"
              "shown: * the broker has answered without a code\n"
              "> /pair\n"
              "client> PAIR 4\n"
              "broker< RESULT 4 {}{}\n"
              "shown: * the broker has answered without a code\n");
}

static void s_what_cannot_be_believed_is_told_once (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_CONNECTING
              "doubt\n"
              "shown: * doubt\n"
              "doubt\n"
              "wait 60000\n"
              S_HELLO "...\n"
              S_WELCOME
              S_CONNECTED "\n"
              "down\n"
              "shown: * connection lost...\n"
              "doubt              -- another time\n"
              "shown: * doubt\n");
    zt_trace (ZT_TRACE_PIPE,
              S_CONNECTING
              "doubt\n"
              "shown: * doubt\n"
              "wait 10000\n"
              "shown: * no broker that can be believed answers at tcp://127.0.0.1:5555\n"
              "over 4\n"
              "doubt\n");
}

static void s_a_changed_key_is_the_end (void **state)
{
    (void) state;
    zt_trace (ZT_TRACE_TERMINAL,
              S_OPEN
              "down\n"
              "shown: * connection lost...\n"
              "> kept\n"
              "shown: * pending: kept\n"
              "refuse\n"
              "shown: * refuse\n"
              "over 4\n"
              "refuse\n");
}

/* clang-format on */

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_the_key_stands_for_the_token),
        cmocka_unit_test (s_a_name_of_the_token_moves),
        cmocka_unit_test (s_only_who_is_exposed_is_told_so),
        cmocka_unit_test (s_an_invitation_is_said_each_time),
        cmocka_unit_test (s_a_code_of_another_device_is_said),
        cmocka_unit_test (s_a_code_for_another_device_is_shown),
        cmocka_unit_test (s_with_a_code_goes_what_the_new_device_needs),
        cmocka_unit_test (s_what_is_no_code_is_not_shown),
        cmocka_unit_test (s_what_cannot_be_believed_is_told_once),
        cmocka_unit_test (s_a_changed_key_is_the_end),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
