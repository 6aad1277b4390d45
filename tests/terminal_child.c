/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/terminal_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { S_DEADLINE_MS = 20000 };

typedef struct {
    char kind;
    int value;
} s_report_t;

void zt_terminal_child_report (int reports, char kind, int value)
{
    s_report_t report;
    memset (&report, 0, sizeof report);
    report.kind = kind;
    report.value = value;
    if (write (reports, &report, sizeof report) != sizeof report)
        _exit (98);
}

/*  The program: waits until it is in the foreground. */
static _Noreturn void s_run_program (int reports, int (*run) (int reports))
{
    setpgid (0, 0);
    signal (SIGTTOU, SIG_IGN);
    tcsetpgrp (STDIN_FILENO, getpgrp ());
    signal (SIGTTOU, SIG_DFL);
    /*  cmocka has its own ideas of what to do with these. */
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        signal (faults[i], SIG_DFL);
    exit (run (reports));
}

static _Noreturn void s_run_shell (int slave, int reports, int leash, int (*run) (int reports))
{
    setsid ();
    ioctl (slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 2; fd++) /* stderr stays: a sanitizer may have to say something */
        dup2 (slave, fd);
    pid_t program = fork ();
    if (program == 0)
        s_run_program (reports, run);
    setpgid (program, program);
    zt_terminal_child_report (reports, 'p', program);
    int status;
    do {
        if (waitpid (program, &status, WUNTRACED) == program)
            zt_terminal_child_report (reports, 's', status);
    } while (WIFSTOPPED (status));
    char nothing;
    ssize_t over = read (leash, &nothing, 1);
    _exit (over == 0 ? 0 : 1);
}

void zt_terminal_child_start (zt_terminal_child_t *self, int rows, int columns,
                              int (*run) (int reports))
{
    struct winsize size = {.ws_row = (unsigned short) rows, .ws_col = (unsigned short) columns};
    int reports[2], leash[2];
    memset (self, 0, sizeof *self);
    assert_int_equal (openpty (&self->terminal, &self->slave, NULL, NULL, &size), 0);
    assert_int_equal (tcgetattr (self->slave, &self->modes), 0);
    self->modes.c_lflag &= ~(tcflag_t) ECHOE;
    self->modes.c_cc[VMIN] = 7;
    assert_int_equal (tcsetattr (self->slave, TCSANOW, &self->modes), 0);
    assert_int_equal (tcgetattr (self->slave, &self->modes), 0);
    assert_int_equal (pipe (reports), 0);
    assert_int_equal (pipe (leash), 0);
    self->shell = fork ();
    assert_true (self->shell >= 0);
    if (self->shell == 0) {
        close (self->terminal);
        close (reports[0]);
        close (leash[1]);
        s_run_shell (self->slave, reports[1], leash[0], run);
    }
    close (reports[1]);
    close (leash[0]);
    self->reports = reports[0];
    self->leash = leash[1];
    assert_int_equal (fcntl (self->terminal, F_SETFL, O_NONBLOCK), 0);
    self->vterm = zt_vterm_new (rows, columns);
    self->program = zt_terminal_child_wait (self, 'p', true);
}

void zt_terminal_child_end (zt_terminal_child_t *self)
{
    kill (self->program, SIGKILL);
    close (self->leash);
    waitpid (self->shell, NULL, 0);
    close (self->reports);
    close (self->terminal);
    close (self->slave);
    zt_vterm_destroy (&self->vterm);
}

static int64_t s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

/*  True if something was read. */
static bool s_read (zt_terminal_child_t *self)
{
    char data[65536];
    ssize_t size = read (self->terminal, data, sizeof data);
    if (size > 0)
        zt_vterm_feed (self->vterm, (zt_bytes_t){data, (size_t) size});
    return size > 0;
}

void zt_terminal_child_drain (zt_terminal_child_t *self)
{
    while (s_read (self))
        ;
}

int zt_terminal_child_wait (zt_terminal_child_t *self, char kind, bool is_read)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
    while (s_now () < deadline) {
        struct pollfd ready[] = {{.fd = self->reports, .events = POLLIN},
                                 {.fd = is_read ? self->terminal : -1, .events = POLLIN}};
        poll (ready, 2, 100);
        if (is_read)
            zt_terminal_child_drain (self);
        s_report_t report;
        if (!(ready[0].revents & POLLIN))
            continue;
        assert_int_equal (read (self->reports, &report, sizeof report), sizeof report);
        if (report.kind == kind)
            return report.value;
    }
    fail_msg ("there is no report '%c'", kind);
    return -1;
}

static bool s_shows (const zt_terminal_child_t *self, const char *text)
{
    zt_buffer_t screen = {NULL, 0, 0};
    for (int i = 0; i < 24; i++) {
        zt_vterm_row (self->vterm, i, &screen);
        zt_buffer_put_char (&screen, '\n');
    }
    bool shows = strstr (zt_buffer_string (&screen), text) != NULL;
    zt_buffer_free (&screen);
    return shows;
}

/*  What is written to a pty takes a while to be there to be read. */
static void s_read_more (zt_terminal_child_t *self)
{
    struct pollfd ready = {.fd = self->terminal, .events = POLLIN};
    poll (&ready, 1, 100);
    s_read (self);
}

void zt_terminal_child_see_left (zt_terminal_child_t *self)
{
    int row, column;
    int64_t deadline = s_now () + S_DEADLINE_MS;
    while (zt_vterm_is_alternate (self->vterm) || !zt_vterm_cursor (self->vterm, &row, &column)) {
        if (s_now () > deadline)
            fail_msg ("the terminal is not left");
        s_read_more (self);
    }
}

void zt_terminal_child_see (zt_terminal_child_t *self, const char *text)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
    while (!s_shows (self, text)) {
        if (s_now () > deadline)
            fail_msg ("the terminal does not show '%s'", text);
        s_read_more (self);
    }
}

void zt_terminal_child_type (zt_terminal_child_t *self, const char *text)
{
    assert_int_equal (write (self->terminal, text, strlen (text)), strlen (text));
}

bool zt_terminal_child_is_restored (const zt_terminal_child_t *self)
{
    struct termios modes;
    assert_int_equal (tcgetattr (self->slave, &modes), 0);
    return modes.c_iflag == self->modes.c_iflag && modes.c_oflag == self->modes.c_oflag &&
           modes.c_lflag == self->modes.c_lflag && modes.c_cflag == self->modes.c_cflag &&
           memcmp (modes.c_cc, self->modes.c_cc, sizeof modes.c_cc) == 0;
}
