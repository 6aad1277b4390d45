/*  SPDX-License-Identifier: MPL-2.0

    The question to a key service, and the connection that it is asked over. */

#include "client/key_query.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>
#include <setjmp.h>

#include <cmocka.h>

#define S_KEY "abcdefghijABCDEFGHIJ0123456789.-:+=^!/*?"

/*  A port of this machine where somebody listens. */
typedef struct {
    int fd;
    struct addrinfo *addresses;
} s_place_t;

static s_place_t s_place (void)
{
    s_place_t self = {.fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    assert_int_equal (bind (self.fd, (struct sockaddr *) &address, size), 0);
    assert_int_equal (listen (self.fd, 8), 0);
    assert_int_equal (getsockname (self.fd, (struct sockaddr *) &address, &size), 0);
    const char *why;
    self.addresses = zt_dial_addresses ("tcp://127.0.0.1:1", ntohs (address.sin_port), &why);
    assert_non_null (self.addresses);
    return self;
}

/*  Nobody listens there any more. */
static void s_leave (s_place_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

static void s_free (s_place_t *self)
{
    s_leave (self);
    freeaddrinfo (self->addresses);
}

/*  Answers whoever has connected first; NULL says nothing, and stays. */
static int s_answer (const s_place_t *self, const char *text)
{
    int fd = accept (self->fd, NULL, NULL);
    assert_true (fd >= 0);
    if (!text)
        return fd;
    assert_int_equal (send (fd, text, strlen (text), 0), strlen (text));
    close (fd);
    return -1;
}

/*  Goes on until something has come of it. */
static zt_key_query_result_t s_wait (zt_key_query_t *query, int64_t now, zt_key_t *key)
{
    zt_key_query_result_t result;
    while ((result = zt_key_query_step (query, now, key)) == ZT_KEY_QUERY_RUNS) {
        struct pollfd fd = {.fd = zt_key_query_fd (query), .events = zt_key_query_events (query)};
        assert_int_equal (poll (&fd, 1, 10000), 1);
    }
    return result;
}

/*  What is made of an answer. */
static zt_key_query_result_t s_ask (const char *answer, zt_key_t *key)
{
    s_place_t place = s_place ();
    zt_key_query_t query;
    zt_key_query_begin (&query, place.addresses, 0, 3000);
    s_answer (&place, answer);
    zt_key_query_result_t result = s_wait (&query, 0, key);
    zt_key_query_close (&query);
    zt_key_query_close (&query);
    s_free (&place);
    return result;
}

static void s_a_key_is_answered (void **state)
{
    (void) state;
    zt_key_t key = {""};
    assert_int_equal (s_ask ("ZTALK/1 KEY " S_KEY "\n", &key), ZT_KEY_QUERY_ANSWERED);
    assert_string_equal (key.text, S_KEY);
    /*  What else is said does not matter. */
    assert_int_equal (s_ask ("ZTALK/1 KEY " S_KEY "\nmore", &key), ZT_KEY_QUERY_ANSWERED);
}

static void s_other_answers_are_none (void **state)
{
    (void) state;
    static const char *const answers[] = {
        "",
        "\n",
        "ZTALK/1 KEY \n",
        "ZTALK/1 KEY " S_KEY,
        "ZTALK/1 KEY " S_KEY " ",
        "ZTALK/1 KEY " S_KEY "x\n",
        "ZTALK/1 KEY  " S_KEY "\n",
        "ZTALK/1 KEY abcdefghijABCDEFGHIJ0123456789.-:+=^!/*\n",
        "ZTALK/1 KEY abcdefghijABCDEFGHIJ0123456789.-:+=^!/*~\n",
        "ZTALK/2 KEY " S_KEY "\n",
        "ztalk/1 key " S_KEY "\n",
        "SSH-2.0-OpenSSH_9.2p1 Debian-2 and so on, and on, and on, and on\r\n",
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        zt_key_t key = {"unchanged"};
        if (s_ask (answers[i], &key) != ZT_KEY_QUERY_STRANGE)
            fail_msg ("'%s' is taken for an answer", answers[i]);
        assert_string_equal (key.text, "unchanged");
    }
}

static void s_an_answer_may_come_in_pieces (void **state)
{
    (void) state;
    s_place_t place = s_place ();
    zt_key_query_t query;
    zt_key_t key;
    zt_key_query_begin (&query, place.addresses, 0, 3000);
    int fd = s_answer (&place, NULL);
    static const char answer[] = "ZTALK/1 KEY " S_KEY "\n";
    for (size_t i = 0; i + 1 < sizeof answer; i++) {
        assert_int_equal (zt_key_query_step (&query, 0, &key), ZT_KEY_QUERY_RUNS);
        assert_int_equal (send (fd, answer + i, 1, 0), 1);
    }
    assert_int_equal (s_wait (&query, 0, &key), ZT_KEY_QUERY_ANSWERED);
    zt_key_query_close (&query);
    close (fd);
    s_free (&place);
}

static void s_nobody_is_there (void **state)
{
    (void) state;
    s_place_t place = s_place ();
    s_leave (&place);
    zt_key_query_t query;
    zt_key_t key;
    zt_key_query_begin (&query, place.addresses, 0, 3000);
    assert_int_equal (s_wait (&query, 0, &key), ZT_KEY_QUERY_NOBODY);
    zt_key_query_close (&query);
    s_free (&place);
}

static void s_silence_ends (void **state)
{
    (void) state;
    s_place_t place = s_place ();
    zt_key_query_t query;
    zt_key_t key;
    zt_key_query_begin (&query, place.addresses, 1000, 3000);
    int fd = s_answer (&place, NULL);
    assert_int_equal (send (fd, "ZTALK/1", 7, 0), 7);
    assert_int_equal (zt_key_query_step (&query, 1000, &key), ZT_KEY_QUERY_RUNS);
    assert_int_equal (zt_key_query_deadline (&query), 4000);
    assert_int_equal (zt_key_query_step (&query, 3999, &key), ZT_KEY_QUERY_RUNS);
    assert_int_equal (zt_key_query_step (&query, 4000, &key), ZT_KEY_QUERY_STRANGE);
    zt_key_query_close (&query);
    close (fd);
    s_free (&place);
}

/*  Whatever the first address does, the second one is asked. */
static void s_all_addresses_are_asked (void **state)
{
    (void) state;
    enum { S_REFUSES, S_SAYS_NONSENSE, S_IS_SILENT, S_CASES };
    for (int i = 0; i < S_CASES; i++) {
        s_place_t first = s_place (), second = s_place ();
        first.addresses->ai_next = second.addresses;
        if (i == S_REFUSES)
            s_leave (&first);
        zt_key_query_t query;
        zt_key_t key;
        zt_key_query_begin (&query, first.addresses, 0, 3000);
        int silent = -1;
        if (i != S_REFUSES)
            silent = s_answer (&first, i == S_IS_SILENT ? NULL : "nonsense\n");
        /*  Half of the time is for the second one. */
        int64_t now = i == S_IS_SILENT ? 1500 : 0;
        while (zt_key_query_step (&query, now, &key) == ZT_KEY_QUERY_RUNS) {
            struct pollfd fd = {.fd = second.fd, .events = POLLIN};
            if (poll (&fd, 1, 1) == 1)
                break;
        }
        assert_int_equal (zt_key_query_deadline (&query), 3000);
        s_answer (&second, "ZTALK/1 KEY " S_KEY "\n");
        assert_int_equal (s_wait (&query, now, &key), ZT_KEY_QUERY_ANSWERED);
        zt_key_query_close (&query);
        if (silent >= 0)
            close (silent);
        first.addresses->ai_next = NULL;
        s_free (&first);
        s_free (&second);
    }
}

static void s_addresses_are_found (void **state)
{
    (void) state;
    const char *why;
    assert_null (zt_dial_addresses ("ipc:///tmp/x", 1, &why));
    assert_null (zt_dial_addresses ("tcp://no_such.invalid:1", 1, &why));
    assert_true (*why);
    assert_int_equal (zt_dial_port ("tcp://127.0.0.1:5555"), 5555);
    assert_int_equal (zt_dial_port ("tcp://[::1]:65535"), 65535);
    assert_int_equal (zt_dial_port ("tcp://127.0.0.1:*"), 0);
    assert_int_equal (zt_dial_port ("ipc://x:7"), 0);

    static const struct {
        const char *endpoint;
        bool is_here;
    } rows[] = {{"tcp://127.0.0.1:1", true},
                {"tcp://127.0.0.1;127.0.0.2:1", true},
                {"tcp://127.0.1.1:1", true},
                {"tcp://0x7f000001:1", true},
                {"tcp://0.0.0.0:1", true},
                {"tcp://192.0.2.1;127.0.0.1:1", true},
                {"tcp://127.0.0.1;192.0.2.1:1", false},
                {"tcp://192.0.2.1:1", false},
                {"tcp://[2001:db8::1]:1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct addrinfo *addresses = zt_dial_addresses (rows[i].endpoint, 1, &why);
        assert_non_null (addresses);
        assert_int_equal (zt_dial_is_here (addresses), rows[i].is_here);
        freeaddrinfo (addresses);
    }
    assert_false (zt_dial_is_here (NULL));
    /*  All of them. */
    struct addrinfo *addresses = zt_dial_addresses ("tcp://127.0.0.1:1", 1, &why);
    struct addrinfo *others = zt_dial_addresses ("tcp://192.0.2.1:1", 1, &why), *last = addresses;
    while (last->ai_next)
        last = last->ai_next;
    last->ai_next = others;
    assert_false (zt_dial_is_here (addresses));
    last->ai_next = NULL;
    assert_true (zt_dial_is_here (addresses));
    freeaddrinfo (addresses);
    freeaddrinfo (others);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_key_is_answered),
        cmocka_unit_test (s_other_answers_are_none),
        cmocka_unit_test (s_an_answer_may_come_in_pieces),
        cmocka_unit_test (s_nobody_is_there),
        cmocka_unit_test (s_silence_ends),
        cmocka_unit_test (s_all_addresses_are_asked),
        cmocka_unit_test (s_addresses_are_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
