/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/paint.h"
#include "client/term.h"
#include "tests/terminal_child.h"
#include "tests/wrapped.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/*  The program under test: draws, and does what the letters that are typed tell. */

typedef struct {
    zt_term_t *term;
    zt_painter_t *painter;
    zt_screen_t *screen;
    int reports;
    int drawn;
} s_program_t;

/*  Interrupts ppoll, and no more. */
static void s_on_signal (int signal)
{
    (void) signal;
}

/*  Shows its size, and how often it has drawn. False if there was no room. */
static bool s_draw (s_program_t *self)
{
    int rows, columns;
    char text[64];
    zt_buffer_t *frame = zt_term_frame (self->term);
    if (!frame)
        return false;
    zt_term_size (self->term, &rows, &columns);
    if (rows != zt_screen_rows (self->screen) || columns != zt_screen_columns (self->screen))
        zt_screen_resize (self->screen, rows, columns);
    snprintf (text, sizeof text, "%dx%d #%d ", rows, columns, ++self->drawn);
    zt_screen_put (self->screen, zt_screen_area (self->screen), 1, 1, zt_bytes (text),
                   (zt_style_t){0, 0, ZT_STYLE_BOLD});
    zt_painter_paint (self->painter, self->screen, frame);
    zt_term_flush (self->term);
    return true;
}

/*  Draws much more than anybody reads. */
static void s_flood (s_program_t *self)
{
    int skipped = 0;
    for (int i = 0; i < 5000; i++) {
        zt_painter_forget (self->painter);
        zt_screen_fill (self->screen, (zt_area_t){2, 0, 18, 80},
                        (zt_style_t){0, 0, i % 2 ? ZT_STYLE_REVERSE : 0});
        zt_term_ring (self->term);
        skipped += !s_draw (self);
    }
    zt_terminal_child_report (self->reports, 'f', skipped);
}

static void s_command (s_program_t *self, char command)
{
    switch (command) {
    case 'e':
        exit (7);
    case 'a':
        abort ();
    case 'f':
        s_flood (self);
        break;
    case 'z':
        zt_term_stop (self->term); /* SIGCONT has us draw */
        break;
    case 'b':
        zt_term_ring (self->term);
        zt_term_set_title (self->term, zt_bytes ("a title\033[2J"));
        zt_term_notify (self->term, zt_bytes ("who"), zt_bytes ("what"));
        zt_term_set_mouse (self->term, true);
        s_draw (self);
        break;
    case '\003': /* Ctrl-C is a key */
        zt_terminal_child_report (self->reports, 'c', 0);
        break;
    default:
        break;
    }
}

static int s_run (int reports)
{
    s_program_t self = {.reports = reports, .term = zt_term_new (NULL)};
    if (!self.term)
        return 90;
    sigset_t none, set;
    sigemptyset (&none);
    sigemptyset (&set);
    sigaddset (&set, SIGWINCH);
    sigaddset (&set, SIGCONT);
    sigprocmask (SIG_BLOCK, &set, NULL);
    signal (SIGWINCH, s_on_signal);
    signal (SIGCONT, s_on_signal);
    self.painter = zt_painter_new ();
    self.screen = zt_screen_new (24, 80);
    s_draw (&self);
    zt_buffer_t typed = {NULL, 0, 0};
    bool is_over = false;
    while (!is_over) {
        short events = zt_term_is_pending (self.term) ? POLLIN | POLLOUT : POLLIN;
        struct pollfd ready = {.fd = zt_term_fd (self.term), .events = events};
        if (ppoll (&ready, 1, NULL, &none) < 0) { /* another size, or continued */
            zt_term_continue (self.term);
            zt_painter_forget (self.painter);
            s_draw (&self);
            continue;
        }
        zt_term_flush (self.term);
        is_over = !zt_term_read (self.term, &typed);
        for (size_t i = 0; i < typed.size; i++) {
            is_over |= typed.data[i] == 'q';
            s_command (&self, typed.data[i]);
        }
        zt_buffer_clear (&typed);
    }
    zt_buffer_free (&typed);
    zt_term_destroy (&self.term);
    zt_painter_destroy (&self.painter);
    zt_screen_destroy (&self.screen);
    return 0;
}

/*  The tests */

static zt_terminal_child_t s_child;

static int s_setup (void **state)
{
    *state = &s_child;
    zt_terminal_child_start (&s_child, 24, 80, s_run);
    return 0;
}

static int s_teardown (void **state)
{
    zt_terminal_child_end (*state);
    return 0;
}

static void s_expect_taken (zt_terminal_child_t *child, const char *text)
{
    zt_terminal_child_see (child, text);
    assert_true (zt_vterm_is_alternate (child->vterm));
    assert_false (zt_terminal_child_is_restored (child));
    struct termios modes;
    assert_int_equal (tcgetattr (child->slave, &modes), 0);
    assert_int_equal (modes.c_lflag & (tcflag_t) (ICANON | ECHO | ISIG), 0);
}

/*  The terminal is as it was, and its cursor is there to be seen. Returns the status. */
static int s_expect_restored (zt_terminal_child_t *child)
{
    int status = zt_terminal_child_wait (child, 's', true);
    assert_true (zt_terminal_child_is_restored (child));
    zt_terminal_child_see_left (child);
    return status;
}

static void s_the_end_restores (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    assert_true (zt_vterm_cell (child->vterm, 1, 1).bold);
    zt_terminal_child_type (child, "q");
    int status = s_expect_restored (child);
    assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

static void s_exit_restores (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    zt_terminal_child_type (child, "e");
    int status = s_expect_restored (child);
    assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 7);
}

static void s_expect_signal (zt_terminal_child_t *child, int signal)
{
    s_expect_taken (child, "24x80 #1");
    kill (child->program, signal);
    int status = s_expect_restored (child);
    if (signal != SIGSEGV) /* a sanitizer makes another end of it */
        assert_true (WIFSIGNALED (status) && WTERMSIG (status) == signal);
}

static void s_sigterm_restores (void **state)
{
    s_expect_signal (*state, SIGTERM);
}

static void s_sighup_restores (void **state)
{
    s_expect_signal (*state, SIGHUP);
}

static void s_sigint_restores (void **state)
{
    s_expect_signal (*state, SIGINT);
}

static void s_sigsegv_restores (void **state)
{
    s_expect_signal (*state, SIGSEGV);
}

static void s_abort_restores (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    zt_terminal_child_type (child, "a");
    int status = s_expect_restored (child);
    assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGABRT);
}

static void s_ctrl_c_is_a_key (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    zt_terminal_child_type (child, "\003");
    zt_terminal_child_wait (child, 'c', true);
    zt_terminal_child_type (child, "q");
    s_expect_restored (child);
}

static void s_a_reader_that_stops_blocks_nobody (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    zt_terminal_child_type (child, "f");
    int skipped = zt_terminal_child_wait (child, 'f', false);
    assert_in_range (skipped, 4000, 5000);
    /*  What it could not write is there as soon as somebody reads. */
    zt_terminal_child_drain (child);
    zt_terminal_child_type (child, "b");
    zt_terminal_child_see (child, "24x80 #");
    zt_terminal_child_type (child, "q");
    int status = s_expect_restored (child);
    assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

static void s_a_full_terminal_is_restored (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    zt_terminal_child_type (child, "f");
    zt_terminal_child_wait (child, 'f', false);
    kill (child->program, SIGTERM);
    zt_terminal_child_wait (child, 's', false);
    assert_true (zt_terminal_child_is_restored (child));
    zt_terminal_child_see_left (child);
}

static void s_a_stop_gives_the_terminal_back (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    if (zt_wrapped ()) { /* valgrind does not stop when what it runs does */
        zt_terminal_child_type (child, "q");
        s_expect_restored (child);
        skip ();
    }
    zt_terminal_child_type (child, "z");
    int status = s_expect_restored (child);
    assert_true (WIFSTOPPED (status) && WSTOPSIG (status) == SIGTSTP);
    kill (child->program, SIGCONT);
    s_expect_taken (child, "24x80 #2");
    /*  A stop that it was not asked for. */
    kill (child->program, SIGSTOP);
    assert_true (WIFSTOPPED (zt_terminal_child_wait (child, 's', true)));
    assert_int_equal (tcsetattr (child->slave, TCSANOW, &child->modes), 0);
    kill (child->program, SIGCONT);
    s_expect_taken (child, "24x80 #3");
    zt_terminal_child_type (child, "q");
    s_expect_restored (child);
}

static void s_another_size_is_drawn (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    struct winsize size = {.ws_row = 10, .ws_col = 40};
    zt_vterm_resize (child->vterm, 10, 40);
    assert_int_equal (ioctl (child->terminal, TIOCSWINSZ, &size), 0);
    zt_terminal_child_see (child, "10x40 #2");
    zt_terminal_child_type (child, "q");
    s_expect_restored (child);
}

static void s_what_is_told_beside_is_not_shown (void **state)
{
    zt_terminal_child_t *child = *state;
    s_expect_taken (child, "24x80 #1");
    zt_terminal_child_type (child, "b");
    zt_terminal_child_see (child, "24x80 #2");
    assert_int_equal (zt_vterm_bells (child->vterm), 1);
    for (int i = 0; i < 24; i++)
        assert_true (i == 1 || zt_vterm_cell (child->vterm, i, 0).text[0] == ' ');
    zt_terminal_child_type (child, "q");
    s_expect_restored (child);
}

static void s_no_terminal_is_no_term (void **state)
{
    (void) state;
    assert_null (zt_term_new ("/dev/null"));
    assert_null (zt_term_new ("/nonexistent"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_the_end_restores),
        TEST (s_exit_restores),
        TEST (s_sigterm_restores),
        TEST (s_sighup_restores),
        TEST (s_sigint_restores),
        TEST (s_sigsegv_restores),
        TEST (s_abort_restores),
        TEST (s_ctrl_c_is_a_key),
        TEST (s_a_reader_that_stops_blocks_nobody),
        TEST (s_a_full_terminal_is_restored),
        TEST (s_a_stop_gives_the_terminal_back),
        TEST (s_another_size_is_drawn),
        TEST (s_what_is_told_beside_is_not_shown),
        cmocka_unit_test (s_no_terminal_is_no_term),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
