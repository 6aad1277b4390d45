/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/endpoint.h"
#include "tests/exact.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

static void s_addresses_are_understood (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        {"127.0.0.1", "tcp://127.0.0.1:5555"},
        {"127.0.0.1:7000", "tcp://127.0.0.1:7000"},
        {"tcp://127.0.0.1", "tcp://127.0.0.1:5555"},
        {"tcp://127.0.0.1:1", "tcp://127.0.0.1:1"},
        {"tcp://*:65535", "tcp://*:65535"},
        {"*", "tcp://*:5555"},
        {"*:*", "tcp://*:*"},
        {"chat.example.org", "tcp://chat.example.org:5555"},
        {"chat.example.org:*", "tcp://chat.example.org:*"},
        {"[::1]", "tcp://[::1]:5555"},
        {"[::1]:7000", "tcp://[::1]:7000"},
        {"tcp://[fe80::1%eth0]:7000", "tcp://[fe80::1%eth0]:7000"},
        {"tcp://eth0;10.0.0.1:5555", "tcp://eth0;10.0.0.1:5555"},
        {"ipc:///tmp/ztalk", "ipc:///tmp/ztalk"},
        {"ipc://@ztalk", "ipc://@ztalk"},
        {"ipc://a:b", "ipc://a:b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_bytes_t text = zt_exact (zt_bytes (rows[i][0]));
        zt_buffer_t endpoint = {NULL, 0, 0};
        zt_buffer_put_string (&endpoint, "> ");
        assert_null (zt_endpoint_parse (text, &endpoint, NULL));
        assert_string_equal (zt_buffer_string (&endpoint) + 2, rows[i][1]);
        /*  What comes out means itself. */
        zt_buffer_clear (&endpoint);
        assert_null (zt_endpoint_parse (zt_bytes (rows[i][1]), &endpoint, NULL));
        assert_string_equal (zt_buffer_string (&endpoint), rows[i][1]);
        zt_buffer_free (&endpoint);
        zt_exact_free (text);
    }
}

static void s_others_are_refused (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "",
        " ",
        "a b",
        "a\n",
        "a\x7F",
        "a\xC2\x85",
        "a\xD0",
        "tcp://",
        "tcp://:5555",
        ":5555",
        ":",
        "host:",
        "host:0",
        "host:65536",
        "host:99999999999999999999999",
        "host:080",
        "host:-1",
        "host:+1",
        "host:1x",
        "host:**",
        "host: 1",
        "::1",
        "::1:5555",
        "tcp://::1:5555",
        "[::1",
        "[::1:5555",
        "[]",
        "[]:5555",
        "[::1]x",
        "[::1]x:5555",
        "[::1]]:5555",
        "x[::1]:5555",
        "::1]:5555",
        "]",
        "[",
        "udp://127.0.0.1:5555",
        "inproc://x",
        "TCP://127.0.0.1:5555",
        "tcp://tcp://127.0.0.1:5555",
        "tcp://ipc://x",
        "://x",
        "ipc://",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_bytes_t text = zt_exact (zt_bytes (rows[i]));
        zt_buffer_t endpoint = {NULL, 0, 0};
        const char *wrong = zt_endpoint_parse (text, &endpoint, NULL);
        if (!wrong)
            fail_msg ("'%s' is taken for '%s'", rows[i], zt_buffer_string (&endpoint));
        assert_int_equal (endpoint.size, 0);
        zt_buffer_free (&endpoint);
        zt_exact_free (text);
    }
    zt_bytes_t none = {NULL, 0};
    zt_buffer_t endpoint = {NULL, 0, 0};
    assert_non_null (zt_endpoint_parse (ZT_TEXT ("host\0:1"), &endpoint, NULL));
    assert_non_null (zt_endpoint_parse (none, &endpoint, NULL));
}

static void s_local_is_what_stays_on_this_machine (void **state)
{
    (void) state;
    assert_true (zt_endpoint_is_local ("tcp://127.0.0.1:5555"));
    assert_true (zt_endpoint_is_local ("tcp://127.1.2.3:*"));
    assert_true (zt_endpoint_is_local ("tcp://[::1]:5555"));
    assert_true (zt_endpoint_is_local ("tcp://localhost:5555"));
    assert_true (zt_endpoint_is_local ("ipc:///tmp/ztalk"));
    assert_false (zt_endpoint_is_local ("tcp://*:5555"));
    assert_false (zt_endpoint_is_local ("tcp://0.0.0.0:5555"));
    assert_false (zt_endpoint_is_local ("tcp://[::]:5555"));
    assert_false (zt_endpoint_is_local ("tcp://[::1%x]:5555"));
    assert_false (zt_endpoint_is_local ("tcp://10.0.0.1:5555"));
    assert_false (zt_endpoint_is_local ("tcp://1.127.0.0:5555"));
    assert_false (zt_endpoint_is_local ("tcp://localhost.example.org:5555"));
    /*  A host name may begin with digits, and anybody can have this one. */
    assert_false (zt_endpoint_is_local ("tcp://127.example.org:5555"));
    assert_false (zt_endpoint_is_local ("tcp://127.0.0.1.example.org:5555"));
    assert_false (zt_endpoint_is_local ("tcp://127.0.0.1;10.0.0.1:5555"));
}

static void s_ipv6_is_seen (void **state)
{
    (void) state;
    assert_true (zt_endpoint_is_ipv6 ("tcp://[::1]:5555"));
    assert_false (zt_endpoint_is_ipv6 ("tcp://127.0.0.1:5555"));
    assert_false (zt_endpoint_is_ipv6 ("ipc://[::1]:5555"));
}

#define S_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7" /* with a slash of its own */

static void s_an_address_may_carry_a_key (void **state)
{
    (void) state;
    static const struct {
        const char *text, *endpoint; /* NULL: it is wrong */
    } rows[] = {{"tcp://host:5555/" S_KEY, "tcp://host:5555"},
                {"host:7/" S_KEY, "tcp://host:7"},
                {"[::1]:7/" S_KEY, "tcp://[::1]:7"},
                {"host:7/", NULL},
                {"host:7/short", NULL},
                {"host:7/" S_KEY "x", NULL},
                {"host:7/" S_KEY "/", NULL},
                {"/" S_KEY, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_buffer_t endpoint = {NULL, 0, 0};
        zt_key_t key = {"old"};
        zt_bytes_t text = zt_exact (zt_bytes (rows[i].text));
        const char *wrong = zt_endpoint_parse (text, &endpoint, &key);
        if (!wrong != !!rows[i].endpoint)
            fail_msg ("'%s': %s", rows[i].text, wrong ? wrong : "is taken");
        assert_string_equal (zt_buffer_string (&endpoint), wrong ? "" : rows[i].endpoint);
        if (!wrong)
            assert_string_equal (key.text, S_KEY);
        zt_buffer_clear (&endpoint);
        assert_non_null (zt_endpoint_parse (text, &endpoint, NULL));
        zt_buffer_free (&endpoint);
        zt_exact_free (text);
    }
    zt_buffer_t endpoint = {NULL, 0, 0};
    zt_key_t key = {"old"};
    assert_null (zt_endpoint_parse (zt_bytes ("host:7"), &endpoint, &key));
    assert_string_equal (key.text, "");
    zt_buffer_free (&endpoint);
}

static void s_an_endpoint_is_split (void **state)
{
    (void) state;
    zt_bytes_t host, port;
    assert_true (zt_endpoint_split ("tcp://a.b:17", &host, &port));
    assert_true (zt_bytes_equal (host, zt_bytes ("a.b")));
    assert_true (zt_bytes_equal (port, zt_bytes ("17")));
    assert_true (zt_endpoint_split ("tcp://[fe80::1%eth0]:*", &host, &port));
    assert_true (zt_bytes_equal (host, zt_bytes ("fe80::1%eth0")));
    assert_true (zt_bytes_equal (port, zt_bytes ("*")));
    assert_false (zt_endpoint_split ("ipc://a:17", &host, &port));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_addresses_are_understood),
        cmocka_unit_test (s_others_are_refused),
        cmocka_unit_test (s_local_is_what_stays_on_this_machine),
        cmocka_unit_test (s_ipv6_is_seen),
        cmocka_unit_test (s_an_address_may_carry_a_key),
        cmocka_unit_test (s_an_endpoint_is_split),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
