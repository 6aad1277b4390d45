/*  SPDX-License-Identifier: MPL-2.0

    The full screen while very much is said at once: the real client on a terminal that libvterm
    is, a broker, and another client that sends.

        screen_flood [MESSAGES [A-SECOND]]

    Keys are typed all the time, one after another, each when the one before is seen. It prints
    how long each took, and what the client needed. Asserted is only what no slow machine
    changes: what was said is on the screen and in the scrollback, nothing typed is lost, the
    frames are not more than the time allows, and the memory is bounded. */

#include "tests/harness.h"
#include "tests/vterm.h"
#include "tests/wrapped.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    S_ROWS = 40,
    S_COLUMNS = 120,
    S_FRAME_MS = 20,  /* as client/stage.c has it */
    S_KEY_MS = 15,    /* between a key that is seen and the next one */
    S_KEYS_MOST = 60, /* on a row, then it is emptied */
    S_SAMPLES = 20000,
    S_SCROLLED = 10000, /* so many are looked for in the scrollback at most */
    S_MEMORY_MIB = 100
};

/*  What sanitizers need is not the client's. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { S_SANITIZED = 1 };
#else
enum { S_SANITIZED = 0 };
#endif

static unsigned s_messages = 10000;
static unsigned s_rate = 10000; /* messages a second, as far as they go */

typedef struct {
    zt_harness_t *harness;
    char endpoint[256];
    int terminal;
    pid_t client;
    zt_vterm_t *vterm;
    int64_t deadline;
    zt_buffer_t unsaid; /* what the sender is still to take */
    uint64_t bytes, frames;
    unsigned typed;   /* keys on the row */
    int64_t typed_at; /* the last one, in us; 0: it was seen */
    int64_t seen_at;
    unsigned samples[S_SAMPLES];
    size_t count;
} s_world_t;

static int64_t s_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C (1000000) + now.tv_nsec / 1000;
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->terminal = -1;
    self->harness = zt_harness_new ();
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    if (self->client > 0) {
        kill (self->client, SIGKILL);
        waitpid (self->client, NULL, 0);
    }
    if (self->terminal >= 0)
        close (self->terminal);
    zt_vterm_destroy (&self->vterm);
    zt_buffer_free (&self->unsaid);
    zt_harness_destroy (&self->harness);
    free (self);
    return 0;
}

/*  ---------------------------------------------------------------------------
    The terminal */

static void s_start_client (s_world_t *self)
{
    struct winsize size = {.ws_row = S_ROWS, .ws_col = S_COLUMNS};
    char home[512], program[512];
    snprintf (home, sizeof home, "%s/reader", zt_harness_directory (self->harness));
    snprintf (program, sizeof program, "%s/ztalk", getenv ("ZTALK_BIN"));
    self->client = forkpty (&self->terminal, NULL, NULL, &size);
    assert_true (self->client >= 0);
    if (self->client == 0) {
        setenv ("ZTALK_HOME", home, 1);
        setenv ("TERM", "xterm-256color", 1);
        unsetenv ("TMUX");
        unsetenv ("NO_COLOR");
        char command[1600];
        const char *wrapper = getenv ("ZTALK_WRAPPER");
        snprintf (command, sizeof command, "exec %s '%s' --plain -e '%s' -n reader",
                  wrapper ? wrapper : "", program, self->endpoint);
        execl ("/bin/sh", "sh", "-c", command, (char *) NULL);
        _exit (127);
    }
    assert_int_equal (fcntl (self->terminal, F_SETFL, O_NONBLOCK), 0);
    self->vterm = zt_vterm_new (S_ROWS, S_COLUMNS);
}

static void s_type (s_world_t *self, const char *text)
{
    assert_int_equal (write (self->terminal, text, strlen (text)), strlen (text));
}

static size_t s_count (const char *data, size_t size, const char *what)
{
    size_t count = 0;
    for (const char *at = data;
         (at = memmem (at, size - (size_t) (at - data), what, strlen (what))); at += strlen (what))
        count++;
    return count;
}

/*  Waits a while for something to be drawn, and shows it to the terminal. */
static void s_read (s_world_t *self, int wait_ms)
{
    static char data[65536];
    struct pollfd ready = {.fd = self->terminal, .events = POLLIN};
    if (s_us () > self->deadline) {
        for (int row = 0; row < S_ROWS; row++) {
            zt_buffer_t text = {NULL, 0, 0};
            zt_vterm_row (self->vterm, row, &text);
            print_message ("%s\n", zt_buffer_string (&text));
            zt_buffer_free (&text);
        }
        fail_msg ("it takes too long; %u keys are on the row, %zu were seen", self->typed,
                  self->count);
    }
    poll (&ready, 1, wait_ms);
    ssize_t size = read (self->terminal, data, sizeof data);
    if (size <= 0)
        return;
    self->bytes += (size_t) size;
    self->frames += s_count (data, (size_t) size, "\033[?2026h");
    zt_vterm_feed (self->vterm, (zt_bytes_t){data, (size_t) size});
    zt_buffer_t answers = {NULL, 0, 0};
    zt_vterm_answers (self->vterm, &answers);
    if (answers.size)
        s_type (self, zt_buffer_string (&answers));
    zt_buffer_free (&answers);
}

static bool s_row_has (const s_world_t *self, int row, const char *text)
{
    zt_buffer_t seen = {NULL, 0, 0};
    zt_vterm_row (self->vterm, row, &seen);
    bool has = strstr (zt_buffer_string (&seen), text) != NULL;
    zt_buffer_free (&seen);
    return has;
}

static bool s_shows (const s_world_t *self, const char *text)
{
    for (int row = 0; row < S_ROWS; row++)
        if (s_row_has (self, row, text))
            return true;
    return false;
}

static void s_see (s_world_t *self, const char *text)
{
    while (!s_shows (self, text))
        s_read (self, 100);
}

/*  ---------------------------------------------------------------------------
    Keys */

/*  How many there are on the row on which one types. */
static unsigned s_keys (const s_world_t *self)
{
    unsigned keys = 0;
    for (int column = 0; column < S_COLUMNS; column++)
        keys += zt_vterm_cell (self->vterm, S_ROWS - 1, column).text[0] == 'k';
    return keys;
}

static void s_press (s_world_t *self)
{
    int64_t now = s_us ();
    if (self->typed_at && s_keys (self) == self->typed) {
        if (self->count < S_SAMPLES)
            self->samples[self->count++] = (unsigned) (now - self->typed_at);
        self->typed_at = 0;
        self->seen_at = now;
    }
    if (self->typed_at || now - self->seen_at < S_KEY_MS * 1000)
        return;
    if (self->typed == S_KEYS_MOST) {
        s_type (self, "\025"); /* Ctrl-U */
        self->typed = 0;
    } else {
        s_type (self, "k");
        self->typed++;
    }
    self->typed_at = now;
}

static int s_compare (const void *a, const void *b)
{
    return (*(const unsigned *) a > *(const unsigned *) b) -
           (*(const unsigned *) a < *(const unsigned *) b);
}

/*  ---------------------------------------------------------------------------
    What the client needs */

static double s_cpu (pid_t pid)
{
    char path[64], line[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    assert_non_null (fgets (line, sizeof line, file));
    fclose (file);
    const char *after = strrchr (line, ')');
    assert_non_null (after);
    assert_int_equal (
        sscanf (after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system),
        2);
    return (double) (user + system) / (double) sysconf (_SC_CLK_TCK);
}

/*  The most memory that it had, in KiB. */
static unsigned long s_memory (pid_t pid)
{
    char path[64], line[256];
    unsigned long size = 0;
    snprintf (path, sizeof path, "/proc/%d/status", (int) pid);
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    while (fgets (line, sizeof line, file))
        if (sscanf (line, "VmHWM: %lu", &size) == 1)
            break;
    fclose (file);
    return size;
}

/*  ---------------------------------------------------------------------------
    The flood */

static void s_start_broker (s_world_t *self)
{
    const char *argv[] = {
        "ztalk-broker", "--plain",           "--ephemeral", "-s", "limits/messages_per_s=0",
        "-e",           "tcp://127.0.0.1:*", NULL};
    zt_program_t *broker = zt_harness_start (self->harness, argv, NULL);
    assert_int_equal (
        sscanf (zt_program_expect (broker, "ready "), "ready %255s -", self->endpoint), 1);
}

static zt_program_t *s_start_sender (s_world_t *self)
{
    char home[512];
    snprintf (home, sizeof home, "ZTALK_HOME=%s/sender", zt_harness_directory (self->harness));
    const char *argv[] = {"ztalk", "--plain", "-e", self->endpoint, "-n", "sender", NULL};
    const char *environment[] = {home, NULL};
    zt_program_t *sender = zt_harness_start (self->harness, argv, environment);
    zt_program_expect (sender, "connected");
    return sender;
}

/*  Says what is due, so many after so long; but what the sender does not take yet waits, so that
    the keys are not measured by how long it takes. */
static unsigned s_say (s_world_t *self, zt_program_t *sender, unsigned said, int64_t elapsed_us)
{
    enum { S_WAITING = 65536 };
    int64_t due = elapsed_us * s_rate / 1000000 + 1;
    if (due > s_messages)
        due = s_messages;
    if (said == s_messages && self->unsaid.size == 0)
        return said;
    while (said < due && self->unsaid.size < S_WAITING)
        zt_buffer_put_format (&self->unsaid, "flood %u.\n", said++);
    if (self->unsaid.size)
        zt_buffer_consume (&self->unsaid,
                           zt_program_write_some (sender, zt_buffer_bytes (&self->unsaid)));
    if (said == s_messages && self->unsaid.size == 0)
        zt_program_close_stdin (sender);
    return said;
}

/*  Takes the numbers of the messages on the screen down. Returns the lowest. */
static unsigned s_look (const s_world_t *self, bool *seen)
{
    unsigned lowest = s_messages;
    for (int row = 0; row < S_ROWS; row++) {
        zt_buffer_t text = {NULL, 0, 0};
        unsigned number;
        zt_vterm_row (self->vterm, row, &text);
        const char *at = strstr (zt_buffer_string (&text), "flood ");
        if (at && sscanf (at, "flood %u.", &number) == 1 && number < s_messages) {
            seen[number] = true;
            lowest = number < lowest ? number : lowest;
        }
        zt_buffer_free (&text);
    }
    return lowest;
}

/*  Pages up to the first message (of very many, through the last S_SCROLLED): each was seen. */
static void s_check_scrollback (s_world_t *self)
{
    unsigned until = s_messages > S_SCROLLED ? s_messages - S_SCROLLED : 0;
    bool *seen = calloc (s_messages, sizeof *seen);
    assert_non_null (seen);
    unsigned lowest = s_look (self, seen), before;
    while (lowest > until) {
        before = lowest;
        s_type (self, "\033[5~");
        while ((lowest = s_look (self, seen)) >= before)
            s_read (self, 100);
        /*  A frame may be read in pieces: all of it is there when the page is without a gap. */
        for (unsigned i = lowest; i < before;)
            if (seen[i])
                i++;
            else {
                s_read (self, 5);
                lowest = s_look (self, seen);
            }
    }
    for (unsigned i = until; i < s_messages; i++)
        if (!seen[i])
            fail_msg ("message %u is not in the scrollback", i);
    free (seen);
    s_type (self, "\033[1;3F"); /* Alt-End */
}

static void s_all_is_seen_and_keys_are_too (void **state)
{
    s_world_t *self = *state;
    char last[32];
    int limit_ms = zt_harness_deadline (self->harness) * 5;
    self->deadline = s_us () + limit_ms * INT64_C (1000);
    snprintf (last, sizeof last, "flood %u.", s_messages - 1);
    s_start_broker (self);
    s_start_client (self);
    s_see (self, "connected");
    uint64_t bytes = self->bytes, frames = self->frames;
    double cpu = s_cpu (self->client);
    zt_program_t *sender = s_start_sender (self);
    unsigned said = 0;
    int64_t start = s_us ();
    while (!s_shows (self, last)) {
        said = s_say (self, sender, said, s_us () - start);
        zt_program_output (sender, ZT_STDOUT); /* reads it: a full pipe would stop the sender */
        s_press (self);
        s_read (self, 2);
    }
    int64_t end = s_us ();
    bytes = self->bytes - bytes;
    frames = self->frames - frames;
    cpu = s_cpu (self->client) - cpu;
    size_t count = self->count;
    while (self->typed_at) { /* nothing that is typed is lost */
        s_press (self);
        s_read (self, 5);
    }
    assert_int_equal (s_keys (self), self->typed);
    zt_harness_set_deadline (self->harness, limit_ms);
    assert_int_equal (zt_program_wait_exit (sender), 0);
    unsigned long memory = s_memory (self->client);

    qsort (self->samples, count, sizeof self->samples[0], s_compare);
    print_message ("%u messages in %.2f s (%.0f/s)\n", s_messages, (double) (end - start) / 1e6,
                   (double) s_messages * 1e6 / (double) (end - start));
    if (count)
        print_message ("key to screen: p50 %.1f ms, p99 %.1f ms, most %.1f ms (%zu keys)\n",
                       self->samples[count / 2] / 1e3, self->samples[count * 99 / 100] / 1e3,
                       self->samples[count - 1] / 1e3, count);
    print_message ("client: %.2f s of CPU, %lu frames, %lu KiB written, %lu MiB of memory\n", cpu,
                   (unsigned long) frames, (unsigned long) (bytes / 1024), memory / 1024);

    assert_in_range (frames, 1, (uint64_t) (end - start) / 1000 / S_FRAME_MS + 2);
    s_check_scrollback (self);
    s_see (self, last);
    if (!zt_wrapped () && !S_SANITIZED) /* they need memory themselves */
        assert_in_range (memory / 1024, 1, S_MEMORY_MIB);
}

int main (int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_all_is_seen_and_keys_are_too, s_setup, s_teardown),
    };
    if (argc > 1)
        s_messages = (unsigned) strtoul (argv[1], NULL, 10);
    if (argc > 2)
        s_rate = (unsigned) strtoul (argv[2], NULL, 10);
    if (s_messages < 100)
        return 2;
    return cmocka_run_group_tests (tests, NULL, NULL);
}
