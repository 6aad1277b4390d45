/*  SPDX-License-Identifier: MPL-2.0

    Peers who take what they can get: who send without end, who never read what they
    are sent, who hold what others need. See hostile.c. */

#include "tests/victim.h"
#include "tests/zmtp.h"

#include "common/limits.h"
#include "common/wire.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <unistd.h>

static const zt_bytes_t s_nobody = {"", 0};

enum { S_MIB = 1 << 20 };

static int s_setup (void **state)
{
    *state = zt_victim_new (0);
    return 0;
}

static int s_teardown (void **state)
{
    zt_victim_destroy ((zt_victim_t **) state);
    return 0;
}

static void s_put_hello (zt_buffer_t *buffer, const char *name, const char *token)
{
    zt_buffer_t body = {NULL, 0, 0}, hello = {NULL, 0, 0};
    zt_buffer_put_format (&body, "{\"device\":\"d\",\"token\":\"%s\"}", token);
    zt_wire_put (&hello, &(zt_message_t){.verb = ZT_VERB_HELLO,
                                         .word = {zt_bytes ("ZTALK/1"), zt_bytes (name)},
                                         .body = zt_buffer_bytes (&body)});
    zt_zmtp_put_frame (buffer, 0, zt_buffer_bytes (&hello));
    zt_buffer_free (&body);
    zt_buffer_free (&hello);
}

/*  A connection with a session. */
static int s_join (const zt_victim_t *self, const char *name, const char *token)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    int fd = zt_zmtp_open (self->endpoint, s_nobody);
    s_put_hello (&bytes, name, token);
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    assert_true (zt_zmtp_expect (fd, "WELCOME"));
    zt_buffer_free (&bytes);
    return fd;
}

/*  A frame that is as full of a message as it can be. */
static void s_put_full_frame (zt_buffer_t *buffer, const char *message)
{
    zt_buffer_t frame = {NULL, 0, 0};
    while (frame.size + strlen (message) <= ZT_FRAME_MAX)
        zt_buffer_put_string (&frame, message);
    zt_zmtp_put_frame (buffer, 0, zt_buffer_bytes (&frame));
    zt_buffer_free (&frame);
}

/*  Sends the bytes again and again, on all connections at once and without reading,
    until all of them have ended or have sent so many MiB each. Returns how many MiB
    went out. */
static size_t s_flood (zt_victim_t *self, int *fds, unsigned n, zt_bytes_t bytes, size_t mib)
{
    size_t sent[64] = {0};
    size_t total = 0;
    bool alive = true;
    assert_true (n <= 64);
    while (alive) {
        alive = false;
        for (unsigned i = 0; i < n; i++) {
            if (fds[i] < 0)
                continue;
            size_t at = sent[i] % bytes.size;
            long size = zt_zmtp_try (fds[i], (zt_bytes_t){bytes.data + at, bytes.size - at});
            sent[i] += size > 0 ? (size_t) size : 0;
            total += size > 0 ? (size_t) size : 0;
            if (size < 0 || sent[i] >= mib * S_MIB) {
                close (fds[i]);
                fds[i] = -1;
            } else
                alive = true;
        }
        zt_honest_check (self->honest);
    }
    return total / S_MIB;
}

static void s_flood_and_survive (zt_victim_t *self, const char *what, unsigned n, const char *where,
                                 const zt_buffer_t *bytes, size_t mib, long most_mib)
{
    int fds[64];
    for (unsigned i = 0; i < n; i++) {
        char name[16];
        snprintf (name, sizeof name, "flood%u", i);
        fds[i] = where ? zt_zmtp_open (where, s_nobody) : s_join (self, name, name);
    }
    size_t sent = s_flood (self, fds, n, zt_buffer_bytes (bytes), mib);
    printf ("%u of them sent %zu MiB\n", n, sent);
    zt_victim_survives (self, what, most_mib);
}

/*  ---------------------------------------------------------------------------
    Who sends without end */

/*  Frames that promise more of the same message, for ever: libzmq keeps all of them,
    and the broker sees none. */
static void s_endless (void **state)
{
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    char *part = calloc (1, ZT_FRAME_MAX);
    zt_zmtp_put_frame (&bytes, ZT_ZMTP_MORE, (zt_bytes_t){part, ZT_FRAME_MAX});
    s_flood_and_survive (self, "a message without end", 1, self->endpoint, &bytes, 4096, 256);
    zt_buffer_free (&bytes);
    free (part);
}

static void s_endless_after_hello (void **state)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    for (int i = 0; i < 4096; i++)
        zt_zmtp_put_frame (&bytes, ZT_ZMTP_MORE, zt_bytes ("PING x\n"));
    s_flood_and_survive (*state, "and of small parts", 4, NULL, &bytes, 256, 256);
    zt_buffer_free (&bytes);
}

/*  Through a unix socket, of which the kernel tells less. */
static void s_endless_ipc (void **state)
{
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    char *part = calloc (1, ZT_FRAME_MAX);
    zt_zmtp_put_frame (&bytes, ZT_ZMTP_MORE, (zt_bytes_t){part, ZT_FRAME_MAX});
    s_flood_and_survive (self, "the same through ipc", 1, self->ipc, &bytes, 4096, 512);
    zt_buffer_free (&bytes);
    free (part);
}

/*  Frames that keep the broker busy. */
static void s_large_frames (void **state)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    s_put_full_frame (&bytes, "ACK 1\n");
    s_flood_and_survive (*state, "full frames of ACK", 8, NULL, &bytes, zt_victim_rounds (64), 192);
    zt_buffer_free (&bytes);
}

/*  ---------------------------------------------------------------------------
    Who never reads */

static void s_deaf_pings (void **state)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    s_put_full_frame (&bytes, "PING x\n");
    s_flood_and_survive (*state, "PINGs, answers unread", 4, NULL, &bytes, 128, 128);
    zt_buffer_free (&bytes);
}

static void s_deaf_errors (void **state)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    s_put_full_frame (&bytes, "SEND 9 @x 2\n{}\n");
    s_flood_and_survive (*state, "ERRORs unread", 4, NULL, &bytes, 32, 160);
    zt_buffer_free (&bytes);
}

static void s_deaf_queries (void **state)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    s_put_full_frame (&bytes, "WHO 1\nHISTORY 1 #general 0 500\n");
    s_flood_and_survive (*state, "RESULTs unread", 4, NULL, &bytes, 32, 160);
    zt_buffer_free (&bytes);
}

/*  HELLOs that are refused are answered each. */
static void s_deaf_hellos (void **state)
{
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    for (int i = 0; i < 1000; i++)
        s_put_hello (&bytes, "asks", "stolen");
    s_flood_and_survive (self, "refusals unread", 4, self->endpoint, &bytes, 32, 128);
    zt_buffer_free (&bytes);
}

/*  Others write to it, and it says a PING now and then, so that it is not idle. */
static void s_deaf_receiver (void **state)
{
    enum { MESSAGES = 600 };
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0}, body = {NULL, 0, 0}, frame = {NULL, 0, 0};
    int deaf = s_join (self, "deaf", "deaf"), writer = s_join (self, "writer", "writer");
    zt_buffer_put_string (&body, "{\"text\":\"");
    memset (zt_buffer_reserve (&body, 60000), 'x', 60000);
    body.size += 60000;
    zt_buffer_put_string (&body, "\"}");
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("PING x\n"));
    for (unsigned ref = 1; ref <= MESSAGES; ref++) {
        zt_buffer_clear (&frame);
        zt_wire_put (&frame, &(zt_message_t){.verb = ZT_VERB_SEND,
                                             .number = {ref},
                                             .word = {{NULL, 0}, zt_bytes ("@deaf")},
                                             .body = zt_buffer_bytes (&body)});
        zt_buffer_t message = {NULL, 0, 0};
        zt_zmtp_put_frame (&message, 0, zt_buffer_bytes (&frame));
        assert_true (zt_zmtp_send (writer, zt_buffer_bytes (&message)));
        zt_buffer_free (&message);
        zt_zmtp_try (deaf, zt_buffer_bytes (&bytes));
    }
    zt_honest_expect (self->honest, 256);
    close (deaf);
    close (writer);
    zt_buffer_free (&bytes);
    zt_buffer_free (&body);
    zt_buffer_free (&frame);
    zt_victim_survives (self, "messages unread", 64); /* the log has 8 of them */
}

/*  ---------------------------------------------------------------------------
    Who keeps to the rules, too often */

/*  New names and tokens, for ever: each of them is a user for good. */
static void s_many_names (void **state)
{
    enum { LIVES = 200, NAMES = 100 };
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    for (unsigned i = 0; i < zt_victim_rounds (LIVES); i++) {
        int fd = zt_zmtp_open (self->endpoint, s_nobody);
        zt_buffer_clear (&bytes);
        for (unsigned j = 0; j < NAMES; j++) {
            char name[32];
            snprintf (name, sizeof name, "n%u", i * NAMES + j);
            s_put_hello (&bytes, name, name);
            zt_zmtp_put_frame (&bytes, 0, zt_bytes ("BYE\n"));
        }
        zt_zmtp_send (fd, zt_buffer_bytes (&bytes));
        zt_zmtp_finish (fd);
        close (fd);
        zt_program_running (self->broker);
    }
    zt_buffer_free (&bytes);
    zt_victim_survives (self, "20,000 new names", 64);
}

static void s_strange_acks (void **state)
{
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    int fd = s_join (self, "acks", "acks");
    for (unsigned i = 0; i < 90; i++) {
        char ack[64];
        snprintf (ack, sizeof ack, "ACK %llu\n",
                  i % 3 == 0   ? 0ull
                  : i % 3 == 1 ? ~0ull >> (i % 64)
                               : 1ull << (i % 53));
        zt_zmtp_put_frame (&bytes, 0, zt_bytes (ack));
    }
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("SEND 1 @acks 2\n{}\nPING end\n"));
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    assert_true (zt_zmtp_expect (fd, "PONG end"));
    close (fd);
    zt_buffer_free (&bytes);
    zt_victim_survives (self, "ACKs of strange ids", 16);
}

static void s_repeated_sends (void **state)
{
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    int fd = s_join (self, "again", "again");
    s_put_full_frame (&bytes, "SEND 1 #general 2\n{}\nSEND 7 @again 2\n{}\n");
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("SEND 3 @again 2\n{}\n"));
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("PING again\n"));
    for (unsigned i = 0; i < zt_victim_rounds (100); i++) {
        assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
        assert_true (zt_zmtp_expect (fd, "PONG again"));
    }
    zt_buffer_clear (&bytes);
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("HISTORY 9 @again 0 500\n"));
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("PING end\n"));
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    assert_true (zt_zmtp_expect (fd, "PONG end"));
    close (fd);
    zt_buffer_free (&bytes);
    zt_victim_survives (self, "the same again", 48);
}

/*  Users who come and go, while there are some who are told of it. */
static void s_churn (void **state)
{
    enum { WATCHERS = 50, ROUNDS = 400 };
    zt_victim_t *self = *state;
    int watchers[WATCHERS];
    for (unsigned i = 0; i < WATCHERS; i++) {
        char name[16];
        snprintf (name, sizeof name, "watch%u", i);
        watchers[i] = s_join (self, name, name);
    }
    for (unsigned i = 0; i < zt_victim_rounds (ROUNDS); i++) {
        char name[16];
        snprintf (name, sizeof name, "churn%u", i % 37);
        int fd = s_join (self, name, name);
        if (i % 2)
            zt_zmtp_try (fd, (zt_bytes_t) ZT_LITERAL ("\0\4BYE\n"));
        close (fd);
        zt_program_running (self->broker);
    }
    for (unsigned i = 0; i < WATCHERS; i++)
        close (watchers[i]);
    zt_victim_survives (self, "presence that changes", 16);
}

/*  An argument is a pattern: only tests of such names are run. */
int main (int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter (argv[1]);
#define HOSTILE(test) cmocka_unit_test_setup_teardown (test, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        HOSTILE (s_strange_acks), HOSTILE (s_repeated_sends), HOSTILE (s_churn),
        HOSTILE (s_many_names),   HOSTILE (s_deaf_receiver),  HOSTILE (s_deaf_queries),
        HOSTILE (s_deaf_hellos),  HOSTILE (s_deaf_errors),    HOSTILE (s_deaf_pings),
        HOSTILE (s_large_frames), HOSTILE (s_endless),        HOSTILE (s_endless_after_hello),
        HOSTILE (s_endless_ipc),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
