/*  SPDX-License-Identifier: MPL-2.0

    Who may connect, and who is told the key: bans, the gate, the key service. */

#include "broker/bans.h"
#include "broker/gate.h"
#include "broker/key_service.h"
#include "tests/harness.h"

#include "common/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { S_DEADLINE_MS = 10000 };

static zt_key_t s_key (char letter)
{
    zt_key_t key;
    memset (key.text, letter, ZT_KEY_CHARS);
    key.text[ZT_KEY_CHARS] = '\0';
    return key;
}

/*  ---------------------------------------------------------------------------
    Bans */

static void s_addresses_are_banned_by_range (void **state)
{
    (void) state;
    static const struct {
        const char *ban;
        const char *in;
        const char *out;
    } rows[] = {{"192.0.2.7", "192.0.2.7", "192.0.2.8"},
                {"192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.6"},
                {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
                {"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
                {"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"},
                {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"},
                {"2001:db8::1", "2001:db8::1", "2001:db8::2"},
                {"0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
                {"::/0", "2001:db8::1", "localhost:0:0:77"},
                {"fe80::/10", "fe80::fc:ff:fe00:1%eth0", "2001:db8::1"},
                {"192.0.2.7/24", "192.0.2.200", "192.0.3.7"},
                {"10.0.0.0/7", "11.255.0.1", "12.0.0.0"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t wrong = {NULL, 0, 0};
        bool was;
        zt_bans_t *bans = zt_bans_new (NULL, &wrong);
        assert_true (zt_bans_is_address (zt_bytes (rows[i].ban)));
        assert_null (zt_bans_add (bans, zt_bytes (rows[i].ban), ""));
        assert_true (zt_bans_has (bans, rows[i].in, NULL));
        assert_false (zt_bans_has (bans, rows[i].out, NULL));
        assert_null (zt_bans_remove (bans, zt_bytes (rows[i].ban), &was));
        assert_true (was);
        assert_false (zt_bans_has (bans, rows[i].in, NULL));
        assert_null (zt_bans_remove (bans, zt_bytes (rows[i].ban), &was));
        assert_false (was);
        zt_bans_destroy (&bans);
    }
    static const char *const none[] = {"",           "192.0.2",      "192.0.2.7/33",   "192.0.2.7/",
                                       "olena",      "192.0.2.7/-1", "2001:db8::/129", "/24",
                                       "192.0.2.7 ", "192.0.2.256",  "1.2.3.4/024"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false (zt_bans_is_address (zt_bytes (none[i])));
}

static void s_bans_are_kept (void **state)
{
    zt_harness_t *harness = *state;
    const char *directory = zt_harness_directory (harness);
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_key_t olena = s_key ('a'), ivan = s_key ('b');
    zt_bans_t *bans = zt_bans_new (directory, &wrong);
    assert_null (zt_bans_add (bans, zt_bytes (olena.text), "Олена, stolen"));
    assert_null (zt_bans_add (bans, zt_bytes ("192.0.2.0/24"), ""));
    assert_null (zt_bans_add (bans, zt_bytes (olena.text), "twice is once"));
    assert_non_null (zt_bans_add (bans, zt_bytes ("nonsense"), ""));
    zt_bans_destroy (&bans);

    bans = zt_bans_new (directory, &wrong);
    assert_true (zt_bans_has (bans, "127.0.0.1", &olena));
    assert_false (zt_bans_has (bans, "127.0.0.1", &ivan));
    assert_true (zt_bans_has (bans, "192.0.2.1", &ivan));
    const char *line, *note;
    assert_true (zt_bans_get (bans, 0, &line, &note));
    assert_string_equal (note, "Олена, stolen");
    assert_true (zt_bans_get (bans, 1, &line, &note));
    assert_string_equal (line, "address 192.0.2.0/24");
    assert_string_equal (note, "");
    assert_false (zt_bans_get (bans, 2, &line, &note));
    zt_bans_destroy (&bans);
    zt_buffer_free (&wrong);
}

/*  What somebody has written beside the bans stays where it is when the broker changes them. */
static void s_a_file_of_bans_is_kept_as_it_is (void **state)
{
    zt_harness_t *harness = *state;
    const char *directory = zt_harness_directory (harness), *line, *note;
    zt_buffer_t path = {NULL, 0, 0}, wrong = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/bans", directory);
    FILE *file = fopen (zt_buffer_string (&path), "w");
    assert_non_null (file);
    fputs ("# ours\n\naddress 192.0.2.7 who sends too much\r\n# gone\naddress 192.0.2.8\n# end",
           file);
    fclose (file);
    zt_bans_t *bans = zt_bans_new (directory, &wrong);
    assert_non_null (bans);
    assert_true (zt_bans_get (bans, 0, &line, &note));
    assert_string_equal (line, "address 192.0.2.7");
    assert_string_equal (note, "who sends too much");
    assert_true (zt_bans_get (bans, 1, &line, &note));
    assert_string_equal (note, "");
    bool was;
    assert_null (zt_bans_remove (bans, zt_bytes ("192.0.2.8"), &was));
    assert_null (zt_bans_add (bans, zt_bytes ("192.0.2.9"), "and this"));
    zt_bans_destroy (&bans);
    char text[512];
    file = fopen (zt_buffer_string (&path), "r");
    assert_non_null (file);
    text[fread (text, 1, sizeof text - 1, file)] = '\0';
    fclose (file);
    assert_string_equal (text, "# ours\n\naddress 192.0.2.7 who sends too much\n# gone\n# end\n"
                               "address 192.0.2.9 and this\n");
    zt_buffer_free (&path);
    zt_buffer_free (&wrong);
}

/*  A line that is wrong is told: who writes it means to keep somebody out. */
static void s_a_wrong_file_is_told (void **state)
{
    zt_harness_t *harness = *state;
    zt_buffer_t path = {NULL, 0, 0}, wrong = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/bans", zt_harness_directory (harness));
    static const char *const texts[] = {"key abc\n", "# fine\n\naddress 1.2.3\n", "adress 1.2.3.4"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        FILE *file = fopen (zt_buffer_string (&path), "w");
        assert_non_null (file);
        fputs (texts[i], file);
        fclose (file);
        zt_buffer_clear (&wrong);
        assert_null (zt_bans_new (zt_harness_directory (harness), &wrong));
        assert_non_null (strstr (zt_buffer_string (&wrong), i == 1 ? "bans:3: " : "bans:1: "));
    }
    zt_buffer_free (&path);
    zt_buffer_free (&wrong);
}

/*  ---------------------------------------------------------------------------
    The gate */

/*  A connection that comes from an address of loopback. */
typedef struct {
    int ours;
    int theirs;
} s_pair_t;

static s_pair_t s_connect (const char *from)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM, 0);
    s_pair_t pair = {-1, socket (AF_INET, SOCK_STREAM, 0)};
    inet_pton (AF_INET, "127.0.0.1", &address.sin_addr);
    assert_int_equal (bind (listener, (struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal (listen (listener, 1), 0);
    assert_int_equal (getsockname (listener, (struct sockaddr *) &address, &size), 0);
    struct sockaddr_in own = {.sin_family = AF_INET};
    inet_pton (AF_INET, from, &own.sin_addr);
    assert_int_equal (bind (pair.theirs, (struct sockaddr *) &own, sizeof own), 0);
    assert_int_equal (connect (pair.theirs, (struct sockaddr *) &address, sizeof address), 0);
    pair.ours = accept (listener, NULL, NULL);
    assert_true (pair.ours >= 0);
    close (listener);
    return pair;
}

static void s_close (s_pair_t pair)
{
    close (pair.ours);
    close (pair.theirs);
}

static void s_an_address_has_a_budget (void **state)
{
    (void) state;
    s_pair_t one = s_connect ("127.0.0.1"), other = s_connect ("127.0.0.2");
    zt_gate_t *gate = zt_gate_new (10, 3, NULL);
    uint64_t n;
    assert_null (zt_gate_refused (gate, &n));
    for (int i = 0; i < 3; i++)
        assert_true (zt_gate_admits (gate, one.ours, 1000000));
    for (int i = 0; i < 5; i++)
        assert_false (zt_gate_admits (gate, one.ours, 1000000));
    assert_string_equal (zt_gate_refused (gate, &n), "127.0.0.1");
    assert_int_equal (n, 5);
    assert_null (zt_gate_refused (gate, &n));
    /*  It is the address's own, and grows with time, up to the burst. */
    assert_true (zt_gate_admits (gate, other.ours, 1000000));
    assert_true (zt_gate_admits (gate, one.ours, 1000100));
    assert_false (zt_gate_admits (gate, one.ours, 1000100));
    for (int i = 0; i < 3; i++)
        assert_true (zt_gate_admits (gate, one.ours, 1060000));
    assert_false (zt_gate_admits (gate, one.ours, 1060000));
    /*  A clock that was set back locks nobody out. */
    assert_true (zt_gate_admits (gate, one.ours, 1000));
    zt_gate_destroy (&gate);

    /*  Without a bound, and where there are no addresses, everybody is let in. */
    gate = zt_gate_new (0, 1, NULL);
    for (int i = 0; i < 100; i++)
        assert_true (zt_gate_admits (gate, one.ours, 1000));
    zt_gate_destroy (&gate);
    gate = zt_gate_new (1, 1, NULL);
    int ends[2];
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 100; i++)
        assert_true (zt_gate_admits (gate, ends[0], 1000));
    close (ends[0]);
    close (ends[1]);
    zt_gate_destroy (&gate);
    s_close (one);
    s_close (other);
}

/*  ---------------------------------------------------------------------------
    The key service */

/*  Connects to 127.0.0.1:port. */
static int s_ask (unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons ((uint16_t) port)};
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    inet_pton (AF_INET, "127.0.0.1", &address.sin_addr);
    assert_int_equal (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
    return fd;
}

static void s_wait_and_serve (zt_key_service_t *service)
{
    struct pollfd ready[ZT_KEY_SERVICE_FDS];
    nfds_t n = (nfds_t) zt_key_service_poll (service, ready);
    assert_int_equal (poll (ready, n, S_DEADLINE_MS), 1);
    zt_key_service_serve (service, ready, 1000000);
}

/*  All that comes until the other end closes. */
static void s_expect_answer (int fd, const char *expected)
{
    char answer[256];
    size_t size = 0;
    for (;;) {
        struct pollfd ready = {fd, POLLIN, 0};
        assert_int_equal (poll (&ready, 1, S_DEADLINE_MS), 1);
        ssize_t got = read (fd, answer + size, sizeof answer - 1 - size);
        assert_true (got >= 0);
        if (got == 0)
            break;
        size += (size_t) got;
    }
    answer[size] = '\0';
    assert_string_equal (answer, expected);
    close (fd);
}

/*  A port whose next is free, too; the next is the service's. */
static unsigned s_listen (zt_key_service_t *service)
{
    for (unsigned port = 20000; port < 60000; port += 7) {
        char bound[64];
        snprintf (bound, sizeof bound, "tcp://127.0.0.1:%u", port);
        if (!zt_key_service_listen (service, bound, 0))
            return port + 1;
    }
    fail_msg ("there is no free port");
    return 0;
}

static void s_the_key_is_told_to_who_asks (void **state)
{
    (void) state;
    zt_key_t key = s_key ('k');
    char expected[64];
    snprintf (expected, sizeof expected, "ZTALK/1 KEY %s\n", key.text);
    zt_key_service_t *service = zt_key_service_new (&key, NULL);
    unsigned port = s_listen (service);
    for (int i = 0; i < 3; i++) {
        int fd = s_ask (port);
        s_wait_and_serve (service);
        s_expect_answer (fd, expected);
    }
    /*  It is not there twice, and not beside what has no next port or no port. */
    char bound[64];
    snprintf (bound, sizeof bound, "tcp://127.0.0.1:%u", port - 1);
    assert_non_null (strstr (zt_key_service_listen (service, bound, 0), "Address already in use"));
    assert_non_null (zt_key_service_listen (service, "tcp://127.0.0.1:65535", 0));
    assert_non_null (zt_key_service_listen (service, "ipc:///tmp/x", 0));
    zt_key_service_destroy (&service);
}

static void s_who_asks_too_often_hears_nothing (void **state)
{
    (void) state;
    zt_key_t key = s_key ('k');
    char expected[64];
    snprintf (expected, sizeof expected, "ZTALK/1 KEY %s\n", key.text);
    zt_gate_t *gate = zt_gate_new (1, 2, NULL);
    zt_key_service_t *service = zt_key_service_new (&key, gate);
    unsigned port = s_listen (service);
    for (int i = 0; i < 4; i++) {
        int fd = s_ask (port);
        s_wait_and_serve (service);
        s_expect_answer (fd, i < 2 ? expected : "");
    }
    zt_key_service_destroy (&service);
    zt_gate_destroy (&gate);
}

/*  Without descriptors nobody can be answered; but who has connected is not told of for ever. */
static void s_it_does_not_spin_without_descriptors (void **state)
{
    (void) state;
    zt_key_t key = s_key ('k');
    zt_key_service_t *service = zt_key_service_new (&key, NULL);
    int fd = s_ask (s_listen (service));
    struct rlimit old, none;
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &old), 0);
    none = old;
    int next = dup (0);
    close (next);
    none.rlim_cur = (rlim_t) next;
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &none), 0);
    s_wait_and_serve (service);
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &old), 0);
    s_expect_answer (fd, "");
    struct pollfd ready[ZT_KEY_SERVICE_FDS];
    nfds_t n = (nfds_t) zt_key_service_poll (service, ready);
    assert_int_equal (poll (ready, n, 0), 0);
    zt_key_service_destroy (&service);
}

static int s_setup (void **state)
{
    *state = zt_harness_new ();
    return 0;
}

static int s_teardown (void **state)
{
    zt_harness_t *harness = *state;
    zt_harness_destroy (&harness);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_addresses_are_banned_by_range),
        cmocka_unit_test_setup_teardown (s_bans_are_kept, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_file_of_bans_is_kept_as_it_is, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_wrong_file_is_told, s_setup, s_teardown),
        cmocka_unit_test (s_an_address_has_a_budget),
        cmocka_unit_test (s_the_key_is_told_to_who_asks),
        cmocka_unit_test (s_who_asks_too_often_hears_nothing),
        cmocka_unit_test (s_it_does_not_spin_without_descriptors),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
