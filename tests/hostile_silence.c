/*  SPDX-License-Identifier: MPL-2.0

    Peers who do nothing but to be there: they may not take the descriptors that others
    need. See hostile.c. */

#include "tests/victim.h"
#include "tests/zmtp.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <unistd.h>

static const zt_bytes_t s_nobody = {"", 0};
static const zt_bytes_t s_ping = ZT_LITERAL ("\0\7PING a\n");

static int s_teardown (void **state)
{
    zt_victim_destroy ((zt_victim_t **) state);
    return 0;
}

/*  They connect, some greet, none says HELLO: after a while they are sent away. One that
    has said something stays, as an honest client would that is told to wait. */
static void s_silent (void **state)
{
    enum { FDS = 96, SOON_MS = 30000 };
    zt_victim_t *self = *state = zt_victim_new (0);
    int fds[FDS];
    int fd = zt_zmtp_open (self->endpoint, s_nobody);
    assert_true (zt_zmtp_send_deaf (fd, s_ping));
    assert_true (zt_zmtp_expect (fd, "hello-first"));
    for (unsigned i = 0; i < FDS; i++) {
        fds[i] = i % 3 ? zt_zmtp_open (self->endpoint, s_nobody) : zt_zmtp_connect (self->endpoint);
        if (i % 6 == 0)
            zt_zmtp_try (fds[i], zt_bytes ("\xFF"));
        if (i % 3 == 2) /* a frame that is never whole */
            zt_zmtp_try (fds[i], (zt_bytes_t){s_ping.data, s_ping.size - 2});
    }
    for (unsigned i = 0; i < FDS; i++) {
        assert_true (zt_zmtp_ends (fds[i], SOON_MS));
        close (fds[i]);
    }
    assert_true (zt_zmtp_send_deaf (fd, s_ping));
    assert_true (zt_zmtp_expect (fd, "hello-first"));
    close (fd);
    zt_victim_survives (self, "silent connections", 16);
}

/*  Many at once: the eldest have to go, and make room for who may mean it. */
static void s_many_silent (void **state)
{
    enum { FDS = 700, LEFT = 512, SOON_MS = 10000 };
    zt_victim_t *self = *state = zt_victim_new (0);
    int fds[FDS];
    for (unsigned i = 0; i < FDS; i++)
        fds[i] = zt_zmtp_open (self->endpoint, s_nobody);
    for (unsigned i = 0; i < FDS - LEFT; i++)
        assert_true (zt_zmtp_ends (fds[i], SOON_MS));
    assert_true (zt_zmtp_send_deaf (fds[FDS - LEFT], s_ping));
    assert_true (zt_zmtp_expect (fds[FDS - LEFT], "hello-first"));
    for (unsigned i = 0; i < FDS; i++)
        close (fds[i]);
    zt_victim_survives (self, "many silent connections", 48);
}

/*  More of them than there are descriptors: who is there stays, and when they have gone
    others may come. libzmq would take all CPU while it has none left. */
static void s_too_many (void **state)
{
    enum { LIMIT = 128, FDS = 400 };
    zt_victim_t *self = *state = zt_victim_new (LIMIT);
    int fds[FDS];
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < FDS; i++)
            fds[i] = zt_zmtp_connect (self->endpoint);
        zt_honest_expect (self->honest, 256);
        assert_true (zt_victim_fds (self) <= LIMIT);
        for (unsigned i = 0; i < FDS; i++)
            close (fds[i]);
        zt_victim_expect_fds (self, self->start_fds);
    }
    int fd = zt_zmtp_open (self->endpoint, s_nobody);
    assert_true (zt_zmtp_send_deaf (fd, s_ping));
    assert_true (zt_zmtp_expect (fd, "hello-first"));
    close (fd);
    zt_victim_survives (self, "too many connections", 16);
}

int main (int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter (argv[1]);
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown (s_too_many, s_teardown),
                                       cmocka_unit_test_teardown (s_many_silent, s_teardown),
                                       cmocka_unit_test_teardown (s_silent, s_teardown)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
