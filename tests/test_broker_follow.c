/*  SPDX-License-Identifier: MPL-2.0

    Followers, who see what happens and are seen by nobody, and the list of rooms. */

#include "broker_trace.h"

#include "common/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S_HERE                                                                                     \
    "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"                             \
    "olena< WELCOME olena 1000 *\n"                                                                \
    "ivan> HELLO ZTALK/1 ivan {\"device\":\"pc\",\"token\":\"i\",\"receipts\":true}\n"             \
    "ivan< WELCOME ivan 1000 *\n"                                                                  \
    "+100\n"                                                                                       \
    "olena< PRESENCE 1100 {\"online\":[\"olena\",\"ivan\"],\"offline\":[],\"more\":false}\n"       \
    "ivan< PRESENCE 1100 *\n"

#define S_FOLLOW(members) "tail> HELLO ZTALK/1 olena {\"token\":\"o\",\"follow\":" members "}\n"

/* clang-format off */

static void s_a_follower_is_sent_what_a_device_would_be (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "ivan> SEND 1 @olena {\"n\":1}\n"
        "ivan< SENT 1 1 1100\n"
        "olena< MSG 1 *\n"
        S_FOLLOW ("true")
        "tail< WELCOME olena 1100 *\n"
        "ivan> SEND 2 @olena {\"n\":2}\n"
        "ivan< SENT 2 2 1100\n"
        "olena< MSG 2 *\n"
        "tail< MSG 2 1100 @ivan @olena {\"n\":2}\n"
        "# what its own user sends, too, from whichever device\n"
        "olena> SEND 1 @ivan {\"n\":3}\n"
        "olena< SENT 1 3 1100\n"
        "ivan< MSG 3 *\n"
        "tail< MSG 3 *\n"
        "bare> HELLO ZTALK/1 olena {\"token\":\"o\"}\n"
        "bare< WELCOME *\n"
        "bare> SEND 1 #general {\"n\":4}\n"
        "bare< SENT 1 4 *\n"
        "olena< MSG 4 *\n"
        "ivan< MSG 4 *\n"
        "tail< MSG 4 *\n"
        "# and what it sends itself it does not get back\n"
        "tail> SEND 1 @ivan {\"n\":5}\n"
        "tail< SENT 1 5 *\n"
        "olena< MSG 5 *\n"
        "ivan< MSG 5 *\n"
        "olena> JOIN 2 #dev\n"
        "olena< RESULT 2 *\n"
        "olena> SEND 3 #dev {\"n\":6}\n"
        "olena< SENT 3 6 *\n"
        "tail< MSG 6 *\n"
        "ivan<\n");
}

static void s_nobody_sees_a_follower (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "olena gone\n"
        "+100\n"
        "ivan< PRESENCE 1200 {\"online\":[],\"offline\":[\"olena\"]}\n"
        S_FOLLOW ("true")
        "tail< WELCOME *\n"
        "+200\n"
        "ivan<\n"
        "ivan> WHO 1\n"
        "ivan< RESULT 1 {\"users\":[\"ivan\"]}\n"
        "# what it has seen has reached no device\n"
        "ivan> SEND 2 @olena {\"n\":1}\n"
        "ivan< SENT 2 1 *\n"
        "tail< MSG 1 *\n"
        "tail> ACK 1\n"
        "+100\n"
        "ivan<\n"
        "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"
        "olena< WELCOME *\n"
        "olena< MSG 1 *\n"
        "olena> ACK 1\n"
        "ivan< RECEIPT 1 @olena\n"
        "+100\n"
        "olena< PRESENCE *\n"
        "ivan< PRESENCE *\n"
        "# and it ends without a trace\n"
        "tail> BYE\n"
        "+200\n"
        "ivan<\n"
        "olena<\n");
}

/*  It marks the names that it prints. */
static void s_a_follower_is_told_of_names_that_look_alike (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        S_FOLLOW ("true")
        "tail< WELCOME *\n"
        "fake> HELLO ZTALK/1 0lena {}\n"
        "fake< WELCOME *\n"
        "olena< PRESENCE 1100 {\"online\":[],\"offline\":[],\"lookalikes\":{\"0lena\":\"olena\"}}\n"
        "ivan< PRESENCE *\n"
        "tail< PRESENCE 1100 {\"online\":[],\"offline\":[],\"lookalikes\":{\"0lena\":\"olena\"}}\n");
}

static void s_a_follower_begins_where_it_says (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "ivan> SEND 1 #general {\"n\":1} | SEND 2 #general {\"n\":2} | SEND 3 #general {\"n\":3}\n"
        "ivan< SENT 1 1 *\n"
        "ivan< SENT 2 2 *\n"
        "ivan< SENT 3 3 *\n"
        "olena< MSG 1 *\n"
        "olena< MSG 2 *\n"
        "olena< MSG 3 *\n"
        S_FOLLOW ("1")
        "tail< WELCOME olena 1100 {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION "\",\"device\":\"\",\"last_ref\":0,\"cursor\":1,\"heartbeat_ms\":3000,\"window\":1024,\"max_body\":65536,\"rooms\":[\"#general\"],\"motd\":\"\",\"follow\":3}\n"
        "tail< MSG 2 *\n"
        "tail< MSG 3 *\n"
        "tail gone\n"
        "# an id that there is not yet is the end\n"
        S_FOLLOW ("9")
        "tail< WELCOME *\n"
        "ivan> SEND 4 #general {\"n\":4}\n"
        "ivan< SENT 4 4 *\n"
        "olena< MSG 4 *\n"
        "tail< MSG 4 *\n"
        "tail gone\n"
        "# the newest two of all\n"
        S_FOLLOW ("0,\"replay\":2")
        "tail< WELCOME *\n"
        "tail< GAP 1 2 2\n"
        "tail< MSG 3 *\n"
        "tail< MSG 4 *\n"
        "tail gone\n"
        "# these are no places to begin\n"
        S_FOLLOW ("false")
        "tail< WELCOME *\n"
        "tail gone\n"
        S_FOLLOW ("-1")
        "tail< WELCOME *\n"
        "tail gone\n"
        S_FOLLOW ("\"1\"")
        "tail< WELCOME *\n"
        "ivan> SEND 5 #general {\"n\":5}\n"
        "ivan< SENT 5 5 *\n"
        "olena< MSG 5 *\n"
        "tail<\n");
}

static void s_a_device_does_not_follow (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "ivan> SEND 1 #general {\"n\":1}\n"
        "ivan< SENT 1 1 *\n"
        "olena< MSG 1 *\n"
        "tail> HELLO ZTALK/1 olena {\"device\":\"x\",\"token\":\"o\",\"follow\":0,\"receive\":false}\n"
        "tail< WELCOME *\n"
        "ivan> SEND 2 #general {\"n\":2}\n"
        "ivan< SENT 2 2 *\n"
        "olena< MSG 2 *\n"
        "tail<\n");
}

static void s_a_follower_that_reads_slowly_is_fed_as_a_device_is (void **state)
{
    (void) state;
    enum { S_MANY = 1100, S_WINDOW = 1024 };
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_HERE S_FOLLOW ("true") "tail< WELCOME *\n");
    for (int i = 1; i <= S_MANY; i++)
        zt_buffer_put_format (&text,
                              "ivan> SEND %d #general {}\nivan< SENT %d %d *\n"
                              "olena< MSG %d *\nolena> ACK %d\n",
                              i, i, i, i, i);
    for (int i = 1; i <= S_WINDOW; i++)
        zt_buffer_put_format (&text, "tail< MSG %d *\n", i);
    zt_buffer_put_format (&text, "tail<\ntail> ACK %d\n", S_WINDOW);
    for (int i = S_WINDOW + 1; i <= S_MANY; i++)
        zt_buffer_put_format (&text, "tail< MSG %d *\n", i);
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

/*  A broker that has died is followed on behind the last id. */
static void s_a_follower_goes_on_after_a_crash (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        S_FOLLOW ("true")
        "tail< WELCOME *\n"
        "ivan> SEND 1 #general {\"n\":1}\n"
        "ivan< SENT 1 1 *\n"
        "olena< MSG 1 *\n"
        "tail< MSG 1 *\n"
        "ivan> SEND 2 #general {\"n\":2}\n"
        "ivan< SENT 2 2 *\n"
        "olena< MSG 2 *\n"
        "tail< MSG 2 *\n"
        "crash\n"
        S_FOLLOW ("1")
        "tail< WELCOME *\n"
        "tail< MSG 2 *\n"
        "tail> BYE\n");
}

static void s_rooms_are_listed (void **state)
{
    (void) state;
    zt_broker_trace (
        S_HERE
        "olena> JOIN 1 #ops\n"
        "olena< RESULT 1 *\n"
        "ivan> JOIN 1 #Dev\n"
        "ivan< RESULT 1 *\n"
        "olena> JOIN 2 #dev\n"
        "olena< RESULT 2 *\n"
        "ivan> ROOMS 2 *\n"
        "ivan< RESULT 2 {\"rooms\":[{\"room\":\"#Dev\",\"users\":2,\"joined\":true},{\"room\":\"#ops\",\"users\":1,\"joined\":false},{\"room\":\"#general\",\"users\":2,\"joined\":true}],\"more\":false}\n"
        "# behind one that is not there, and has other letters\n"
        "ivan> ROOMS 3 #ÉÉ\n"
        "ivan< RESULT 3 {\"rooms\":[{\"room\":\"#general\",\"users\":2,\"joined\":true}],\"more\":false}\n"
        "ivan> ROOMS 4 #DEV\n"
        "ivan< RESULT 4 {\"rooms\":[{\"room\":\"#ops\",*\n"
        "ivan> ROOMS 5 #general\n"
        "ivan< RESULT 5 {\"rooms\":[],\"more\":false}\n"
        "ivan> ROOMS 6 dev\n"
        "ivan< ERROR 6 bad-name *\n"
        "ivan> ROOMS 7 #\n"
        "ivan< ERROR 7 bad-name *\n");
}

/* clang-format on */

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_follower_is_sent_what_a_device_would_be),
        cmocka_unit_test (s_nobody_sees_a_follower),
        cmocka_unit_test (s_a_follower_is_told_of_names_that_look_alike),
        cmocka_unit_test (s_a_follower_begins_where_it_says),
        cmocka_unit_test (s_a_device_does_not_follow),
        cmocka_unit_test (s_a_follower_that_reads_slowly_is_fed_as_a_device_is),
        cmocka_unit_test (s_a_follower_goes_on_after_a_crash),
        cmocka_unit_test (s_rooms_are_listed),
    };
    return cmocka_run_group_tests_name ("broker follow", tests, NULL, NULL);
}
