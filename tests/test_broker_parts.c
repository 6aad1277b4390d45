/*  SPDX-License-Identifier: MPL-2.0

    What the broker's shell is made of: peers, console, printer, addresses. */

#include "broker/addresses.h"
#include "broker/console.h"
#include "broker/peers.h"
#include "broker/printer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static zt_bytes_t s_id (uint32_t *counter)
{
    return (zt_bytes_t){(const char *) counter, sizeof *counter};
}

static void s_peers_have_small_numbers (void **state)
{
    (void) state;
    enum { S_MANY = 5000 };
    zt_peers_t *peers = zt_peers_new ();
    for (uint32_t i = 0; i < S_MANY; i++) {
        assert_null (zt_peers_find (peers, s_id (&i)));
        assert_int_equal (zt_peers_add (peers, s_id (&i), S_MANY)->number, i);
    }
    uint32_t one_more = S_MANY;
    assert_null (zt_peers_add (peers, s_id (&one_more), S_MANY));
    for (uint32_t i = 0; i < S_MANY; i += 2)
        zt_peers_remove (peers, zt_peers_get (peers, i));
    for (uint32_t i = 0; i < S_MANY; i++) {
        const zt_peer_link_t *peer = zt_peers_find (peers, s_id (&i));
        assert_true ((i % 2 == 0) == (peer == NULL));
        assert_ptr_equal (peer, zt_peers_get (peers, i));
    }
    assert_true (zt_peers_add (peers, s_id (&one_more), S_MANY)->number < S_MANY);
    assert_int_equal (zt_peers_end (peers), S_MANY);
    assert_null (zt_peers_get (peers, S_MANY));
    zt_peers_destroy (&peers);
}

static void s_ids_are_bytes_of_any_length (void **state)
{
    (void) state;
    char id[255] = {0};
    zt_peers_t *peers = zt_peers_new ();
    for (size_t size = 1; size <= sizeof id; size++)
        zt_peers_add (peers, (zt_bytes_t){id, size}, 1000);
    for (size_t size = 1; size <= sizeof id; size++)
        assert_int_equal (zt_peers_find (peers, (zt_bytes_t){id, size})->id.size, size);
    zt_peers_destroy (&peers);
}

static void s_a_descriptor_belongs_to_the_last_one (void **state)
{
    (void) state;
    uint32_t a = 1, b = 2;
    zt_peers_t *peers = zt_peers_new ();
    zt_peer_link_t *first = zt_peers_add (peers, s_id (&a), 10);
    zt_peer_link_t *second = zt_peers_add (peers, s_id (&b), 10);
    assert_null (zt_peers_of_fd (peers, 700));
    assert_null (zt_peers_of_fd (peers, -1));
    zt_peers_set_fd (peers, first, 700);
    assert_ptr_equal (zt_peers_of_fd (peers, 700), first);
    zt_peers_set_fd (peers, second, 700);
    assert_ptr_equal (zt_peers_of_fd (peers, 700), second);
    assert_int_equal (first->fd, -1);
    zt_peers_remove (peers, first);
    assert_ptr_equal (zt_peers_of_fd (peers, 700), second);
    zt_peers_set_fd (peers, second, -1);
    assert_null (zt_peers_of_fd (peers, 700));
    zt_peers_destroy (&peers);
}

static void s_the_console_reads_its_table (void **state)
{
    (void) state;
    static const struct {
        const char *line;
        zt_console_verb_t verb;
        const char *argument; /* the first */
        bool is_wrong;
    } rows[] = {{"users", ZT_CONSOLE_USERS, "", false},
                {"  users \t", ZT_CONSOLE_USERS, "", false},
                {"/exit", ZT_CONSOLE_EXIT, "", false},
                {"exit\r", ZT_CONSOLE_EXIT, "", false},
                {"kick  олена ", ZT_CONSOLE_KICK, "олена", false},
                {"", ZT_CONSOLE_COUNT, "", false},
                {"   ", ZT_CONSOLE_COUNT, "", false},
                {"kick", ZT_CONSOLE_COUNT, "", true},
                {"kick a b", ZT_CONSOLE_COUNT, "", true},
                {"admit ivan KEY", ZT_CONSOLE_ADMIT, "ivan", false},
                {"admit ivan", ZT_CONSOLE_COUNT, "", true},
                {"admit ivan KEY more", ZT_CONSOLE_COUNT, "", true},
                {"exit now", ZT_CONSOLE_COUNT, "", true},
                {"user", ZT_CONSOLE_COUNT, "", true},
                {"/", ZT_CONSOLE_COUNT, "", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS] = {{NULL, 0}};
        const char *wrong;
        assert_int_equal (zt_console_parse (zt_bytes (rows[i].line), arguments, &wrong),
                          rows[i].verb);
        assert_int_equal (wrong != NULL, rows[i].is_wrong);
        if (rows[i].verb != ZT_CONSOLE_COUNT)
            assert_true (zt_bytes_equal (arguments[0], zt_bytes (rows[i].argument)));
    }
}

static void s_a_printer_never_waits (void **state)
{
    (void) state;
    int ends[2];
    assert_int_equal (pipe (ends), 0);
    zt_printer_t printer;
    zt_printer_open (&printer, ends[1]);
    /*  Nobody reads: far more than a pipe holds, and than the printer keeps. */
    for (int i = 0; i < 300000; i++) {
        zt_printer_line (&printer, "line %d", i);
        zt_printer_flush (&printer);
    }
    assert_int_equal (zt_printer_fd (&printer), ends[1]);
    assert_true (printer.writer.buffer.size < 2 << 20);
    assert_true (printer.lost > 0);

    static char read_back[1 << 22];
    size_t size = 0;
    assert_int_equal (fcntl (ends[0], F_SETFL, O_NONBLOCK), 0);
    for (ssize_t got; zt_printer_fd (&printer) >= 0; size += (size_t) got) {
        got = read (ends[0], read_back + size, sizeof read_back - size);
        assert_true (got > 0);
        zt_printer_flush (&printer);
    }
    zt_printer_line (&printer, "the last one");
    zt_printer_flush (&printer);
    for (ssize_t got; (got = read (ends[0], read_back + size, sizeof read_back - size)) > 0;)
        size += (size_t) got;
    read_back[size] = '\0';
    assert_memory_equal (read_back, "line 0\nline 1\n", 14);
    assert_non_null (strstr (read_back, "lines were left out)\nthe last one\n"));

    /*  The reader goes: no signal, no spinning, no more lines. */
    signal (SIGPIPE, SIG_IGN);
    close (ends[0]);
    zt_printer_line (&printer, "to nobody");
    zt_printer_flush (&printer);
    assert_true (printer.is_broken);
    assert_int_equal (zt_printer_fd (&printer), -1);
    zt_printer_close (&printer, 0);
    close (ends[1]);
}

typedef struct {
    size_t n;
    bool has_loopback;
    const char *scheme;
} s_addresses_t;

static void s_take_address (void *self, const char *endpoint, const char *where)
{
    s_addresses_t *addresses = self;
    addresses->n++;
    assert_int_equal (strncmp (endpoint, addresses->scheme, strlen (addresses->scheme)), 0);
    assert_non_null (where);
    addresses->has_loopback |= strcmp (endpoint, "tcp://127.0.0.1:5555") == 0;
}

static void s_addresses_are_those_that_others_can_use (void **state)
{
    (void) state;
    s_addresses_t addresses = {.scheme = "tcp://"};
    size_t told = zt_addresses_each ("tcp://0.0.0.0:5555", s_take_address, &addresses);
    assert_int_equal (told, addresses.n);
    assert_true (addresses.n >= 1 && addresses.has_loopback);
    size_t with_ipv4 = addresses.n;
    addresses = (s_addresses_t){.scheme = "tcp://"};
    zt_addresses_each ("tcp://[::]:5555", s_take_address, &addresses);
    assert_true (addresses.n >= with_ipv4 && addresses.has_loopback);
    addresses = (s_addresses_t){.scheme = "ipc:///x"};
    assert_int_equal (zt_addresses_each ("ipc:///x", s_take_address, &addresses), 1);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_peers_have_small_numbers),
        cmocka_unit_test (s_ids_are_bytes_of_any_length),
        cmocka_unit_test (s_a_descriptor_belongs_to_the_last_one),
        cmocka_unit_test (s_the_console_reads_its_table),
        cmocka_unit_test (s_a_printer_never_waits),
        cmocka_unit_test (s_addresses_are_those_that_others_can_use),
    };
    return cmocka_run_group_tests_name ("broker parts", tests, NULL, NULL);
}
