/*  SPDX-License-Identifier: MPL-2.0

    Peers who break the rules of ZTALK/1, of ZMTP and of good manners, one kind a
    test, while two honest clients talk: the broker lives, the two notice nothing,
    and what it cost is given back. ZTALK_HOSTILE_FRAMES says how many mutated
    frames are sent. hostile_floods.c has the peers who keep to the rules and take
    what they can get. */

#include "tests/mutant.h"
#include "tests/victim.h"
#include "tests/zmtp.h"

#include "common/limits.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <unistd.h>

static const zt_bytes_t s_nobody = {"", 0}; /* no identity: what honest clients claim */

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

static void s_put (zt_buffer_t *buffer, const char *frame)
{
    zt_zmtp_put_frame (buffer, 0, zt_bytes (frame));
}

static void s_put_hello (zt_buffer_t *buffer, const char *name)
{
    zt_buffer_t hello = {NULL, 0, 0};
    zt_buffer_put_format (&hello, "HELLO ZTALK/1 %s 14\n{\"device\":\"d\"}\n", name);
    zt_zmtp_put_frame (buffer, 0, zt_buffer_bytes (&hello));
    zt_buffer_free (&hello);
}

/*  ---------------------------------------------------------------------------
    Frames */

/*  How many frames a connection sends before it ends: the broker hears a hundred bad
    ones. */
enum { S_FRAMES_A_LIFE = 110, S_LIVES_AT_ONCE = 16, S_FRAMES = 400000 };

static uint64_t s_frames (void)
{
    const char *value = getenv ("ZTALK_HOSTILE_FRAMES");
    return value && *value ? strtoull (value, NULL, 10) : zt_victim_rounds (S_FRAMES);
}

/*  One life of a peer who sends mutants: with a session, or without. */
static int s_live (const zt_victim_t *self, zt_mutant_t *mutant, unsigned which, uint64_t frames)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    int fd = zt_zmtp_open (self->endpoint, s_nobody);
    if (which % 4 != 0) {
        char name[16];
        snprintf (name, sizeof name, "m%u", which % 4096);
        s_put_hello (&bytes, name);
    }
    for (uint64_t i = 0; i < frames; i++)
        zt_zmtp_put_frame (&bytes, 0, zt_mutant_next (mutant));
    zt_zmtp_send (fd, zt_buffer_bytes (&bytes));
    zt_buffer_free (&bytes);
    return fd;
}

static void s_mutants (void **state)
{
    zt_victim_t *self = *state;
    zt_mutant_t *mutant = zt_mutant_new (1);
    int fds[S_LIVES_AT_ONCE];
    uint64_t left = s_frames ();
    for (unsigned which = 0; left;) {
        unsigned n = 0;
        while (n < S_LIVES_AT_ONCE && left) {
            uint64_t frames = left < S_FRAMES_A_LIFE ? left : S_FRAMES_A_LIFE;
            fds[n++] = s_live (self, mutant, which++, frames);
            left -= frames;
        }
        while (n) {
            zt_zmtp_finish (fds[--n]);
            close (fds[n]);
        }
        zt_honest_check (self->honest);
        zt_program_running (self->broker); /* reads what it prints */
    }
    zt_mutant_destroy (&mutant);
    zt_victim_survives (self, "mutated frames", 128);
}

/*  The body is announced, and is larger than is allowed: the connection ends before
    any of it is kept. */
static void s_too_large (void **state)
{
    zt_victim_t *self = *state;
    const uint64_t sizes[] = {ZT_FRAME_MAX + 1, UINT64_C (1) << 32, UINT64_C (1) << 62, UINT64_MAX};
    char *chunk = calloc (1, ZT_FRAME_MAX);
    for (size_t i = 0; i < 4 * sizeof sizes / sizeof *sizes; i++) {
        zt_buffer_t bytes = {NULL, 0, 0};
        int fd = zt_zmtp_open (self->endpoint, s_nobody);
        zt_zmtp_put_head (&bytes, i & 4 ? ZT_ZMTP_MORE : i & 8 ? ZT_ZMTP_COMMAND : 0, sizes[i % 4]);
        zt_zmtp_send (fd, zt_buffer_bytes (&bytes));
        for (int j = 0; j < 64 && zt_zmtp_send (fd, (zt_bytes_t){chunk, ZT_FRAME_MAX}); j++) {}
        assert_true (zt_zmtp_ends (fd, zt_harness_deadline (self->harness)));
        close (fd);
        zt_buffer_free (&bytes);
    }
    /*  The largest frame that is allowed is not too large. */
    zt_buffer_t bytes = {NULL, 0, 0};
    int fd = zt_zmtp_open (self->endpoint, s_nobody);
    zt_zmtp_put_frame (&bytes, 0, (zt_bytes_t){chunk, ZT_FRAME_MAX});
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    assert_true (zt_zmtp_expect (fd, "bad-request"));
    close (fd);
    zt_buffer_free (&bytes);
    free (chunk);
    zt_victim_survives (self, "frames over the limit", 16);
}

static void s_multipart (void **state)
{
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    s_put_hello (&bytes, "parts");
    for (int i = 0; i < 50; i++) {
        zt_zmtp_put_frame (&bytes, ZT_ZMTP_MORE, zt_bytes (i % 2 ? "" : "PING a\n"));
        for (int j = 0; j < i * 20; j++)
            zt_zmtp_put_frame (&bytes, ZT_ZMTP_MORE, zt_bytes ("PING b\n"));
        s_put (&bytes, "PING c\n");
    }
    s_put (&bytes, "PING end\n");
    int fd = zt_zmtp_open (self->endpoint, s_nobody);
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    assert_true (zt_zmtp_expect (fd, "PONG end"));
    /*  More of it than is borne. */
    zt_zmtp_send (fd, zt_buffer_bytes (&bytes));
    zt_zmtp_send (fd, zt_buffer_bytes (&bytes));
    assert_true (zt_zmtp_ends (fd, zt_harness_deadline (self->harness)));
    close (fd);
    zt_buffer_free (&bytes);
    zt_victim_survives (self, "messages of many parts", 16);
}

/*  ---------------------------------------------------------------------------
    Bytes */

static void s_garbage (void **state)
{
    zt_victim_t *self = *state;
    zt_mutant_t *mutant = zt_mutant_new (2);
    zt_buffer_t bytes = {NULL, 0, 0};
    static const char *const openings[] = {"",
                                           "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                           "\x16\x03\x01",
                                           "SSH-2.0-x\r\n",
                                           "\xFF",
                                           "\1\0",
                                           "HELLO ZTALK/1 a 2\n{}\n"};
    unsigned rounds = zt_victim_rounds (2000);
    for (unsigned i = 0; i < rounds; i++) {
        zt_buffer_clear (&bytes);
        zt_buffer_put_string (&bytes, openings[i % 7]);
        if (i % 3 == 1) /* something that begins well */
            zt_zmtp_put_greeting (&bytes);
        if (i % 6 == 1)
            zt_zmtp_put_ready (&bytes, s_nobody);
        zt_mutant_put_garbage (mutant, &bytes, 1u << (i % 14));
        if (i % 3 == 2) /* a bit that is wrong */
            zt_mutant_flip (mutant, &bytes);
        int fd = zt_zmtp_connect (self->endpoint);
        zt_zmtp_send (fd, zt_buffer_bytes (&bytes));
        if (i % 2)
            zt_zmtp_finish (fd);
        close (fd);
    }
    zt_buffer_free (&bytes);
    zt_mutant_destroy (&mutant);
    zt_victim_survives (self, "garbage", 32);
}

/*  Everything arrives a byte at a time, on many connections at once. */
static void s_trickle (void **state)
{
    enum { FDS = 32 };
    zt_victim_t *self = *state;
    zt_buffer_t bytes = {NULL, 0, 0};
    int fds[FDS];
    zt_zmtp_put_greeting (&bytes);
    zt_zmtp_put_ready (&bytes, s_nobody);
    s_put (&bytes, "HELLO ZTALK/1 trickle 2\n{}\n");
    s_put (&bytes, "PING trickled\n");
    for (int i = 0; i < FDS; i++)
        fds[i] = zt_zmtp_connect (self->endpoint);
    for (size_t at = 0; at < bytes.size; at++) {
        for (int i = 0; i < FDS; i++)
            assert_true (zt_zmtp_send_deaf (fds[i], (zt_bytes_t){bytes.data + at, 1}));
        zt_honest_expect (self->honest, 1); /* so that the bytes go one by one */
    }
    unsigned answered = 0;
    for (int i = 0; i < FDS; i++) {
        answered += zt_zmtp_expect (fds[i], i ? "ERROR" : "PONG");
        close (fds[i]);
    }
    assert_int_equal (answered, FDS);
    zt_buffer_free (&bytes);
    zt_victim_survives (self, "bytes that trickle", 16);
}

/*  ---------------------------------------------------------------------------
    Connections */

/*  ROUTER names the peers who claim nothing by a counter behind a zero byte. */
static void s_forged_ids (void **state)
{
    enum { IDS = 256, ROUNDS = 8 };
    zt_victim_t *self = *state;
    zt_mutant_t *mutant = zt_mutant_new (3);
    zt_buffer_t id = {NULL, 0, 0};
    static char longest[255];
    int fds[IDS];
    for (unsigned round = 0; round < zt_victim_rounds (ROUNDS); round++) {
        for (unsigned i = 0; i < IDS; i++) {
            zt_buffer_t bytes = {NULL, 0, 0};
            zt_buffer_clear (&id);
            switch (i % 4) {
            case 0: /* where the counter may be: at a small number, anywhere */
                zt_buffer_put (&id, "\0\0\0", 3);
                zt_buffer_put_char (&id, (char) round);
                zt_buffer_put_char (&id, (char) i);
                break;
            case 1:
                zt_buffer_put_char (&id, '\0');
                zt_mutant_put_garbage (mutant, &id, 4);
                break;
            case 2: /* the same for many */
                zt_buffer_put_string (&id, i & 4 ? "asks" : "x");
                break;
            default:
                zt_buffer_put (&id, longest, sizeof longest);
                break;
            }
            fds[i] = zt_zmtp_open (self->endpoint, zt_buffer_bytes (&id));
            s_put (&bytes, i & 8 ? "PING x\n" : "HELLO ZTALK/1 forger 2\n{}\n");
            zt_zmtp_send (fds[i], zt_buffer_bytes (&bytes));
            zt_buffer_free (&bytes);
        }
        /*  An id that is too long for the protocol is the end of the connection. */
        zt_buffer_clear (&id);
        zt_mutant_put_garbage (mutant, &id, 300);
        int fd = zt_zmtp_open (self->endpoint, zt_buffer_bytes (&id));
        zt_zmtp_finish (fd);
        close (fd);
        /*  Who says something under a claimed id does not stay; an id that another has
            is never heard of. */
        for (unsigned i = 0; i < IDS; i++) {
            assert_true (i % 4 >= 2 || zt_zmtp_ends (fds[i], zt_harness_deadline (self->harness)));
            close (fds[i]);
        }
    }
    zt_buffer_free (&id);
    zt_mutant_destroy (&mutant);
    zt_victim_survives (self, "forged routing ids", 32);
}

/*  They come and go, at every point of what a beginning is. */
static void s_storm (void **state)
{
    enum { FDS = 64 };
    zt_victim_t *self = *state;
    int fds[FDS];
    for (unsigned round = 0; round < zt_victim_rounds (100); round++) {
        for (unsigned i = 0; i < FDS; i++) {
            zt_buffer_t bytes = {NULL, 0, 0};
            fds[i] =
                i % 4 ? zt_zmtp_open (self->endpoint, s_nobody) : zt_zmtp_connect (self->endpoint);
            if (i % 4 > 1) {
                char name[16];
                snprintf (name, sizeof name, "storm%u", i);
                s_put_hello (&bytes, name);
                zt_zmtp_try (fds[i], zt_buffer_bytes (&bytes));
            }
            zt_buffer_free (&bytes);
        }
        for (unsigned i = 0; i < FDS; i++)
            close (fds[i]);
        zt_honest_check (self->honest);
        zt_program_running (self->broker);
    }
    zt_victim_survives (self, "connections in a storm", 64);
}

/*  An argument is a pattern: only tests of such names are run. */
int main (int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter (argv[1]);
#define HOSTILE(test) cmocka_unit_test_setup_teardown (test, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        HOSTILE (s_mutants), HOSTILE (s_too_large),  HOSTILE (s_multipart), HOSTILE (s_garbage),
        HOSTILE (s_trickle), HOSTILE (s_forged_ids), HOSTILE (s_storm)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
