/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/screen_world.h"

#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { S_POLL_MS = 100 };

/*  ---------------------------------------------------------------------------
    Programs */

void zt_world_start_broker (zt_world_t *self, const char *endpoint)
{
    const char *kept[] = {"ztalk-broker", "--plain", "-e", endpoint, "-d", self->directory, NULL};
    const char *not_kept[] = {"ztalk-broker", "--plain", "-e", endpoint, "--ephemeral", NULL};
    self->broker = zt_harness_start (self->harness, *self->directory ? kept : not_kept, NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
}

zt_program_t *zt_world_start (zt_world_t *self, const char *name)
{
    const char *argv[] = {"ztalk", "--plain", "-e", self->endpoint, "-n", name, NULL};
    const char *environment[] = {self->home, "TZ=UTC", "ZTALK_NAME", "ZTALK_ENDPOINT", NULL};
    zt_program_t *program = zt_harness_start (self->harness, argv, environment);
    zt_program_expect (program, "* online: ");
    return program;
}

void zt_world_say (zt_program_t *program, const char *text)
{
    zt_program_write (program, text);
    zt_program_write (program, "\n");
}

/*  What the child becomes. It is set before there is one. */
static char s_script[4096];

static int s_become (int reports)
{
    sigset_t none;
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL); /* the harness has its own */
    signal (SIGPIPE, SIG_DFL);
    signal (SIGCHLD, SIG_DFL);
    fcntl (reports, F_SETFD, FD_CLOEXEC);
    execl ("/bin/sh", "sh", "-c", s_script, (char *) NULL);
    return 99;
}

void zt_world_show (zt_world_t *self, const char *name)
{
    const char *bin = getenv ("ZTALK_BIN"), *wrapper = getenv ("ZTALK_WRAPPER");
    assert_non_null (bin);
    snprintf (s_script, sizeof s_script,
              "export %s TZ=UTC TERM=xterm-256color LC_ALL=C.UTF-8; "
              "unset ZTALK_NAME ZTALK_ENDPOINT VISUAL EDITOR TMUX COLORTERM NO_COLOR VTE_VERSION; "
              "%s; exec %s %s/ztalk %s -e '%s' -n %s",
              self->home, self->environment ? self->environment : ":", wrapper ? wrapper : "", bin,
              self->arguments ? self->arguments : "--plain", self->endpoint, name);
    self->rows = ZT_WORLD_ROWS;
    self->columns = ZT_WORLD_COLUMNS;
    zt_buffer_clear (&self->written);
    zt_terminal_child_start (&self->child, self->rows, self->columns, s_become);
    self->is_shown = true;
    /*  Who is started later has none of it: the shell waits until the leash is let go. */
    const int ours[] = {self->child.terminal, self->child.slave, self->child.reports,
                        self->child.leash};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        fcntl (ours[i], F_SETFD, FD_CLOEXEC);
}

int zt_world_setup (void **state)
{
    zt_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    snprintf (self->home, sizeof self->home, "ZTALK_HOME=%s/home",
              zt_harness_directory (self->harness));
    return 0;
}

int zt_world_teardown (void **state)
{
    zt_world_t *self = *state;
    if (self->is_shown)
        zt_terminal_child_end (&self->child);
    zt_harness_destroy (&self->harness);
    zt_buffer_free (&self->written);
    zt_buffer_free (&self->screen);
    free (self);
    return 0;
}

/*  ---------------------------------------------------------------------------
    The terminal */

int64_t zt_world_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

static void s_type_bytes (zt_world_t *self, zt_bytes_t bytes)
{
    while (bytes.size) {
        ssize_t size = write (self->child.terminal, bytes.data, bytes.size);
        if (size < 0) {
            struct pollfd ready = {.fd = self->child.terminal, .events = POLLOUT};
            assert_int_equal (poll (&ready, 1, ZT_WORLD_DEADLINE_MS), 1);
            continue;
        }
        bytes = zt_bytes_part (bytes, (size_t) size, bytes.size - (size_t) size);
    }
}

void zt_world_type (zt_world_t *self, const char *text)
{
    s_type_bytes (self, zt_bytes (text));
}

void zt_world_ctrl (zt_world_t *self, char letter)
{
    char byte = (char) (letter & 0x1f);
    s_type_bytes (self, (zt_bytes_t){&byte, 1});
}

void zt_world_look (zt_world_t *self)
{
    char data[65536];
    struct pollfd ready = {.fd = self->child.terminal, .events = POLLIN};
    poll (&ready, 1, S_POLL_MS);
    ssize_t size = read (self->child.terminal, data, sizeof data);
    if (size <= 0)
        return;
    zt_bytes_t bytes = {data, (size_t) size};
    zt_buffer_t answers = {NULL, 0, 0};
    zt_buffer_put_bytes (&self->written, bytes);
    zt_vterm_feed (self->child.vterm, bytes);
    zt_vterm_answers (self->child.vterm, &answers);
    s_type_bytes (self, zt_buffer_bytes (&answers));
    zt_buffer_free (&answers);
}

const char *zt_world_screen (zt_world_t *self)
{
    zt_buffer_clear (&self->screen);
    for (int row = 0; row < self->rows; row++) {
        zt_vterm_row (self->child.vterm, row, &self->screen);
        zt_buffer_put_char (&self->screen, '\n');
    }
    return zt_buffer_string (&self->screen);
}

void zt_world_fail (zt_world_t *self, const char *format, ...)
{
    char why[512];
    va_list args;
    va_start (args, format);
    vsnprintf (why, sizeof why, format, args);
    va_end (args);
    /*  It may be too large for a message of cmocka's. */
    fprintf (stderr, "%s", zt_world_screen (self));
    fail_msg ("%s", why);
}

bool zt_world_matches (zt_world_t *self, const char *regex)
{
    regex_t compiled;
    assert_int_equal (regcomp (&compiled, regex, REG_EXTENDED | REG_NEWLINE | REG_NOSUB), 0);
    bool matches = regexec (&compiled, zt_world_screen (self), 0, NULL, 0) == 0;
    regfree (&compiled);
    return matches;
}

/*  Waits until a row of the screen matches, or none does any more. */
static void s_wait (zt_world_t *self, const char *regex, bool is_wanted)
{
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    while (zt_world_matches (self, regex) != is_wanted) {
        if (zt_world_now () > deadline)
            zt_world_fail (self, "the screen %s '%s'", is_wanted ? "does not show" : "still shows",
                           regex);
        zt_world_look (self);
    }
}

void zt_world_see (zt_world_t *self, const char *regex)
{
    s_wait (self, regex, true);
}

void zt_world_see_no (zt_world_t *self, const char *regex)
{
    s_wait (self, regex, false);
}

void zt_world_see_typed (zt_world_t *self, const char *prompt, const char *text, int column)
{
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    char wanted[256];
    snprintf (wanted, sizeof wanted, "%s%s", prompt, text);
    size_t size = strlen (wanted);
    while (size && wanted[size - 1] == ' ')
        wanted[--size] = '\0';
    for (;;) {
        int at_row = -1, at_column = -1;
        zt_buffer_t row = {NULL, 0, 0};
        zt_vterm_row (self->child.vterm, self->rows - 1, &row);
        bool is_there = strcmp (zt_buffer_string (&row), wanted) == 0 &&
                        zt_vterm_cursor (self->child.vterm, &at_row, &at_column) &&
                        at_row == self->rows - 1 && at_column == (int) strlen (prompt) + column;
        zt_buffer_free (&row);
        if (is_there)
            return;
        if (zt_world_now () > deadline)
            zt_world_fail (self, "'%s' with the cursor at %d is not typed (it is at %d, %d)",
                           wanted, column, at_row, at_column);
        zt_world_look (self);
    }
}

void zt_world_see_line (zt_world_t *self, const char *text, int column)
{
    zt_world_see_typed (self, ZT_WORLD_GENERAL, text, column);
}

void zt_world_find (zt_world_t *self, const char *text, int *row, int *column)
{
    for (*row = 0; *row < self->rows; ++*row) {
        zt_buffer_t line = {NULL, 0, 0};
        for (*column = 0; *column < self->columns; ++*column) {
            zt_buffer_clear (&line);
            for (int i = *column; i < self->columns && line.size < strlen (text); i++)
                zt_buffer_put_string (&line, zt_vterm_cell (self->child.vterm, *row, i).text);
            bool is_there = strcmp (zt_buffer_string (&line), text) == 0;
            if (is_there) {
                zt_buffer_free (&line);
                return;
            }
        }
        zt_buffer_free (&line);
    }
    zt_world_fail (self, "'%s' is nowhere", text);
}

void zt_world_click (zt_world_t *self, const char *text)
{
    int row = 0, column = 0;
    char report[64];
    zt_world_find (self, text, &row, &column);
    snprintf (report, sizeof report, "\033[<0;%d;%dM\033[<0;%d;%dm", column + 1, row + 1,
              column + 1, row + 1);
    zt_world_type (self, report);
}

void zt_world_resize (zt_world_t *self, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short) rows, .ws_col = (unsigned short) columns};
    self->rows = rows;
    self->columns = columns;
    zt_vterm_resize (self->child.vterm, rows, columns);
    assert_int_equal (ioctl (self->child.terminal, TIOCSWINSZ, &size), 0);
}

void zt_world_meet (zt_world_t *self)
{
    zt_world_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = zt_world_start (self, "taras");
    zt_world_show (self, "olena");
    zt_world_see (self, "connected");
    zt_world_see (self, "online \\(2\\)");
    zt_program_expect (self->taras, "olena is here");
}

/*  The last that was written of a mode is that it is off. */
static void s_expect_off (zt_world_t *self, int mode)
{
    char on[32], off[32];
    const char *last_on = NULL, *last_off = NULL, *text = zt_buffer_string (&self->written);
    snprintf (on, sizeof on, "\033[?%dh", mode);
    snprintf (off, sizeof off, "\033[?%dl", mode);
    for (const char *at = text; (at = strstr (at, on)); at++)
        last_on = at;
    for (const char *at = text; (at = strstr (at, off)); at++)
        last_off = at;
    /*  What was written at the very beginning may have been read before all was recorded. */
    if (!last_off || (last_on && last_off < last_on))
        fail_msg ("mode %d is not off", mode);
}

int zt_world_expect_restored (zt_world_t *self)
{
    static const int modes[] = {1049, 1002, 1006, 2004, 1004};
    int row, column, status = 0;
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    for (bool is_over = false; !is_over || zt_vterm_is_alternate (self->child.vterm) ||
                               !zt_vterm_cursor (self->child.vterm, &row, &column);) {
        if (zt_world_now () > deadline)
            zt_world_fail (self, "the terminal is not left");
        zt_world_look (self);
        struct pollfd report = {.fd = self->child.reports, .events = POLLIN};
        if (!is_over && poll (&report, 1, 0) == 1) {
            status = zt_terminal_child_wait (&self->child, 's', false);
            is_over = true;
        }
    }
    assert_true (zt_terminal_child_is_restored (&self->child));
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        s_expect_off (self, modes[i]);
    return status;
}

void zt_world_expect_exit (zt_world_t *self, int wanted)
{
    int status = zt_world_expect_restored (self);
    assert_true (WIFEXITED (status));
    assert_int_equal (WEXITSTATUS (status), wanted);
}

void zt_world_show_again (zt_world_t *self)
{
    if (self->is_shown)
        zt_terminal_child_end (&self->child);
    self->is_shown = false;
    zt_world_show (self, "olena");
    zt_world_see (self, "connected");
    zt_world_see (self, "online \\([1-9]\\)");
}

int zt_world_count (const char *all, const char *text)
{
    int count = 0;
    for (const char *at = all; (at = strstr (at, text)); at++)
        count++;
    return count;
}
