/*  SPDX-License-Identifier: MPL-2.0

    The list of brokers that were found, whatever answers. */

#include "client/found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int s_setup (void **state)
{
    *state = calloc (1, sizeof (zt_found_t));
    return *state ? 0 : -1;
}

static int s_teardown (void **state)
{
    free (*state);
    return 0;
}

static zt_beacon_t s_beacon (unsigned port, const char *name)
{
    return (zt_beacon_t){.port = (uint16_t) port,
                         .is_encrypted = true,
                         .key_port = (uint16_t) (port + 1),
                         .name = zt_bytes (name)};
}

static void s_hear (zt_found_t *self, const char *address, bool is_here, unsigned port,
                    const char *name)
{
    zt_beacon_t beacon = s_beacon (port, name);
    zt_found_hear (self, address, is_here, &beacon);
}

static void s_is (const zt_found_t *self, const char *numbered, const char *json)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_found_put_lines (self, true, &text);
    assert_string_equal (zt_buffer_string (&text), numbered);
    zt_buffer_clear (&text);
    zt_found_put_json (self, &text);
    if (json)
        assert_string_equal (zt_buffer_string (&text), json);
    zt_buffer_free (&text);
}

static void s_what_answers_is_listed_once (void **state)
{
    zt_found_t *found = *state;
    for (int i = 0; i < 3; i++) {
        s_hear (found, "192.168.1.7", false, 6000, i ? "another name" : "two");
        s_hear (found, "192.168.1.5", false, 5555, "Київ");
    }
    zt_found_sort (found);
    s_is (found,
          "   1  192.168.1.5       Київ\n"
          "   2  192.168.1.7:6000  two\n",
          "{\"type\":\"broker\",\"endpoint\":\"tcp://192.168.1.5:5555\",\"name\":\"Київ\","
          "\"encrypted\":true,\"key_port\":5556,\"known\":false,\"here\":false}\n"
          "{\"type\":\"broker\",\"endpoint\":\"tcp://192.168.1.7:6000\",\"name\":\"two\","
          "\"encrypted\":true,\"key_port\":6001,\"known\":false,\"here\":false}\n");
}

static void s_this_machine_is_listed_once (void **state)
{
    zt_found_t *found = *state;
    zt_found_tell (found, "tcp://127.0.0.1:7000", true, false);
    s_hear (found, "192.168.1.5", true, 7000, "mine");
    s_hear (found, "172.17.0.1", true, 7000, "mine");
    s_hear (found, "172.17.0.1", true, 8000, "other");
    s_hear (found, "192.168.1.5", true, 8000, "other");
    s_hear (found, "192.168.1.6", false, 7000, "mine"); /* so it says */
    zt_found_sort (found);
    s_is (found,
          "   1  127.0.0.1:7000    mine (this machine)\n"
          "   2  172.17.0.1:8000   other (this machine)\n"
          "   3  192.168.1.6:7000  mine\n",
          NULL);
}

static void s_known_ones_come_first (void **state)
{
    zt_found_t *found = *state;
    s_hear (found, "10.0.0.1", false, 5555, "a");
    zt_found_tell (found, "tcp://ztalk.example:5555", false, true);
    zt_found_tell (found, "tcp://10.0.0.2:5555", false, true);
    s_hear (found, "10.0.0.2", false, 5555, "b");
    zt_found_sort (found);
    s_is (found,
          "   1  10.0.0.2       b (you have been there)\n"
          "   2  ztalk.example  (you have been there)\n"
          "   3  10.0.0.1       a\n",
          "{\"type\":\"broker\",\"endpoint\":\"tcp://10.0.0.2:5555\",\"name\":\"b\","
          "\"encrypted\":true,\"key_port\":5556,\"known\":true,\"here\":false}\n"
          "{\"type\":\"broker\",\"endpoint\":\"tcp://ztalk.example:5555\","
          "\"known\":true,\"here\":false}\n"
          "{\"type\":\"broker\",\"endpoint\":\"tcp://10.0.0.1:5555\",\"name\":\"a\","
          "\"encrypted\":true,\"key_port\":5556,\"known\":false,\"here\":false}\n");
}

/*  What an answer claims changes no command into one that leaves out encryption. */
static void s_claims_are_told_as_claims (void **state)
{
    zt_found_t *found = *state;
    zt_beacon_t plain = {.port = 5555, .name = zt_bytes ("plain")};
    zt_beacon_t elsewhere = s_beacon (6000, "elsewhere");
    zt_beacon_t nowhere = s_beacon (7000, "nowhere");
    elsewhere.key_port = 9000;
    nowhere.key_port = 0;
    zt_found_hear (found, "10.0.0.1", false, &plain);
    zt_found_hear (found, "10.0.0.2", false, &elsewhere);
    zt_found_hear (found, "10.0.0.3", false, &nowhere);
    zt_buffer_t text = {NULL, 0, 0};
    zt_found_put_lines (found, false, &text);
    assert_string_equal (zt_buffer_string (&text),
                         "    ztalk 10.0.0.1                       plain (says that it does not "
                         "encrypt)\n"
                         "    ztalk 10.0.0.2:6000 --key-port 9000  elsewhere\n"
                         "    ztalk 10.0.0.3:7000                  nowhere\n");
    zt_buffer_free (&text);
}

static void s_names_are_cleaned (void **state)
{
    zt_found_t *found = *state;
    s_hear (found, "10.0.0.1", false, 5555,
            "a\xE2\x80\xAE"
            "b"); /* right to left from here on */
    s_hear (found, "10.0.0.2", false, 5555, "\"\\");
    s_is (found,
          "   1  10.0.0.1  ab\n"
          "   2  10.0.0.2  \"\\\n",
          "{\"type\":\"broker\",\"endpoint\":\"tcp://10.0.0.1:5555\",\"name\":\"a\\u202eb\","
          "\"encrypted\":true,\"key_port\":5556,\"known\":false,\"here\":false}\n"
          "{\"type\":\"broker\",\"endpoint\":\"tcp://10.0.0.2:5555\",\"name\":\"\\\"\\\\\","
          "\"encrypted\":true,\"key_port\":5556,\"known\":false,\"here\":false}\n");
}

static void s_a_flood_changes_little (void **state)
{
    zt_found_t *found = *state;
    char address[32];
    zt_found_tell (found, "tcp://ztalk.example:5555", false, true);
    for (unsigned port = 1; port <= 100; port++)
        s_hear (found, "10.1.1.1", false, port, "one of one address");
    assert_int_equal (found->n_heard, ZT_FOUND_AN_ADDRESS);
    for (unsigned i = 0; i < 10000; i++) {
        snprintf (address, sizeof address, "10.0.%u.%u", i / 250, i % 250);
        s_hear (found, address, false, 1 + i, "flood");
    }
    for (unsigned i = 0; i < 100; i++) {
        snprintf (address, sizeof address, "tcp://host%u:5555", i);
        zt_found_tell (found, address, false, true);
    }
    assert_int_equal (found->n_heard, ZT_FOUND_HEARD);
    assert_int_equal (found->n, ZT_FOUND_HEARD + ZT_FOUND_TOLD);
    zt_found_sort (found);
    zt_buffer_t text = {NULL, 0, 0};
    zt_found_put_lines (found, true, &text);
    assert_non_null (strstr (zt_buffer_string (&text), "ztalk.example"));
    assert_non_null (strstr (zt_buffer_string (&text), "\nMore have answered than are listed"));
    zt_buffer_free (&text);
}

static void s_an_endpoint_that_is_too_long_is_left_out (void **state)
{
    zt_found_t *found = *state;
    char endpoint[ZT_FOUND_ENDPOINT + 16];
    memset (endpoint, 'x', sizeof endpoint);
    memcpy (endpoint, "tcp://", 6);
    snprintf (endpoint + ZT_FOUND_ENDPOINT - 5, 6, ":5555");
    zt_found_tell (found, endpoint, false, true);
    assert_int_equal (found->n, 0);
    zt_found_tell (found, memmove (endpoint + 1, "tcp://", 6), false, true);
    assert_int_equal (found->n, 1);
}

#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        S_TEST (s_what_answers_is_listed_once),
        S_TEST (s_this_machine_is_listed_once),
        S_TEST (s_known_ones_come_first),
        S_TEST (s_claims_are_told_as_claims),
        S_TEST (s_names_are_cleaned),
        S_TEST (s_a_flood_changes_little),
        S_TEST (s_an_endpoint_that_is_too_long_is_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
