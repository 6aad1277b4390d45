/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/waiter.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

enum { S_DEADLINE_MS = 20000 };

typedef struct {
    zt_waiter_t *waiter;
    void *context, *here, *there; /* a pair of sockets */
    void *sockets[ZT_WAITER_SOCKETS];
    struct pollfd fds[ZT_WAITER_FDS];
    int pipe[2];
} s_world_t;

static void s_connect (s_world_t *self, const char *address)
{
    self->here = zmq_socket (self->context, ZMQ_PAIR);
    self->there = zmq_socket (self->context, ZMQ_PAIR);
    assert_int_equal (zmq_bind (self->here, address), 0);
    assert_int_equal (zmq_connect (self->there, address), 0);
    self->sockets[0] = self->here;
}

static int s_set_up (void **state)
{
    static s_world_t self;
    self = (s_world_t){.waiter = zt_waiter_new (), .context = zmq_ctx_new ()};
    for (size_t i = 0; i < ZT_WAITER_FDS; i++)
        self.fds[i].fd = -1;
    assert_int_equal (pipe (self.pipe), 0);
    *state = &self;
    return 0;
}

static int s_tear_down (void **state)
{
    s_world_t *self = *state;
    zt_waiter_destroy (&self->waiter);
    if (self->here)
        zmq_close (self->here);
    if (self->there)
        zmq_close (self->there);
    zmq_ctx_term (self->context);
    close (self->pipe[0]);
    close (self->pipe[1]);
    return 0;
}

static void s_wait (s_world_t *self)
{
    alarm (S_DEADLINE_MS / 1000);
    zt_waiter_wait (self->waiter, self->sockets, self->fds, -1);
    alarm (0);
}

static void s_a_descriptor_ends_the_wait (void **state)
{
    s_world_t *self = *state;
    self->fds[2] = (struct pollfd){.fd = self->pipe[0], .events = POLLIN};
    assert_int_equal (write (self->pipe[1], "x", 1), 1);
    s_wait (self);
    assert_int_equal (self->fds[2].revents, POLLIN);
    assert_int_equal (self->fds[0].revents, 0);
}

static void s_a_socket_ends_the_wait (void **state)
{
    s_world_t *self = *state;
    s_connect (self, "inproc://one");
    self->fds[0] = (struct pollfd){.fd = self->pipe[0], .events = POLLIN};
    assert_int_equal (zmq_send (self->there, "x", 1, 0), 1);
    s_wait (self);
    assert_int_equal (self->fds[0].revents, 0);
}

/*  Nothing else would end it: the reader takes from the pipe while we wait. */
static void s_room_in_a_pipe_ends_the_wait (void **state)
{
    s_world_t *self = *state;
    static char much[4096];
    assert_int_equal (fcntl (self->pipe[1], F_SETFL, O_NONBLOCK), 0);
    while (write (self->pipe[1], much, sizeof much) > 0)
        continue;
    self->fds[1] = (struct pollfd){.fd = self->pipe[1], .events = POLLOUT};
    zt_waiter_wait (self->waiter, self->sockets, self->fds, 0);
    assert_int_equal (self->fds[1].revents, 0);
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        for (int i = 0; i < 16; i++)
            if (read (self->pipe[0], much, sizeof much) < 0)
                _exit (1);
        _exit (0);
    }
    s_wait (self);
    assert_int_equal (self->fds[1].revents, POLLOUT);
}

static void s_a_reader_that_is_gone_ends_the_wait (void **state)
{
    s_world_t *self = *state;
    self->fds[1] = (struct pollfd){.fd = self->pipe[1], .events = 0};
    zt_waiter_wait (self->waiter, self->sockets, self->fds, 0);
    assert_int_equal (self->fds[1].revents, 0);
    close (self->pipe[0]);
    s_wait (self);
    assert_int_equal (self->fds[1].revents, POLLERR);
    self->pipe[0] = dup (self->pipe[1]);
}

static void s_a_file_is_always_ready (void **state)
{
    s_world_t *self = *state;
    int file = open ("/dev/null", O_RDONLY);
    self->fds[0] = (struct pollfd){.fd = file, .events = POLLIN};
    s_wait (self);
    assert_int_equal (self->fds[0].revents, POLLIN);
    close (file);
}

/*  Links are made anew, and other descriptors get the numbers of old ones. */
static void s_all_may_be_others_the_next_time (void **state)
{
    s_world_t *self = *state;
    for (int i = 0; i < 10; i++) {
        char address[32];
        snprintf (address, sizeof address, "inproc://%d", i);
        s_connect (self, address);
        self->fds[0] = (struct pollfd){.fd = self->pipe[0], .events = POLLIN};
        assert_int_equal (zmq_send (self->there, "x", 1, 0), 1);
        s_wait (self);
        assert_int_equal (self->fds[0].revents, 0);
        zmq_close (self->here);
        zmq_close (self->there);
        self->here = self->there = self->sockets[0] = NULL;
        close (self->pipe[0]);
        close (self->pipe[1]);
        assert_int_equal (pipe (self->pipe), 0);
        self->fds[0].fd = self->pipe[0];
        assert_int_equal (write (self->pipe[1], "x", 1), 1);
        s_wait (self);
        assert_int_equal (self->fds[0].revents, POLLIN);
        char byte;
        assert_int_equal (read (self->pipe[0], &byte, 1), 1);
    }
}

static void s_a_wait_ends_when_it_is_over (void **state)
{
    s_world_t *self = *state;
    self->fds[0] = (struct pollfd){.fd = self->pipe[0], .events = POLLIN};
    alarm (S_DEADLINE_MS / 1000);
    zt_waiter_wait (self->waiter, self->sockets, self->fds, 1);
    alarm (0);
    assert_int_equal (self->fds[0].revents, 0);
}

#define S_TEST(name) cmocka_unit_test_setup_teardown (name, s_set_up, s_tear_down)

int main (void)
{
    const struct CMUnitTest tests[] = {
        S_TEST (s_a_descriptor_ends_the_wait),   S_TEST (s_a_socket_ends_the_wait),
        S_TEST (s_room_in_a_pipe_ends_the_wait), S_TEST (s_a_reader_that_is_gone_ends_the_wait),
        S_TEST (s_a_file_is_always_ready),       S_TEST (s_all_may_be_others_the_next_time),
        S_TEST (s_a_wait_ends_when_it_is_over),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
