/*  SPDX-License-Identifier: MPL-2.0

    The client on its full screen: the real one, on a terminal that libvterm shows, with a real
    broker and other people. */

#include "tests/harness.h"
#include "tests/terminal_child.h"

#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { S_ROWS = 24, S_COLUMNS = 100, S_POLL_MS = 100, S_DEADLINE_MS = 20000 };

#define UP          "\033[A"
#define DOWN        "\033[B"
#define RIGHT       "\033[C"
#define LEFT        "\033[D"
#define ALT_UP      "\033[1;3A"
#define ALT_DOWN    "\033[1;3B"
#define ALT_END     "\033[1;3F"
#define PAGE_UP     "\033[5~"
#define PAGE_DOWN   "\033[6~"
#define F1          "\033OP"
#define FAMILY      "👨‍👩‍👧"
#define PASTE(text) "\033[200~" text "\033[201~"

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    zt_program_t *taras; /* somebody else, in a pipe */
    char endpoint[256];
    char directory[256]; /* of the broker; empty: it keeps nothing */
    char home[256];
    bool is_shown; /* the screen is there */
    zt_terminal_child_t child;
    int rows, columns;
    zt_buffer_t written; /* all that the client has written to the terminal */
    zt_buffer_t screen;  /* what it shows, a line for each row */
} s_world_t;

/*  ---------------------------------------------------------------------------
    Programs */

static void s_start_broker (s_world_t *self, const char *endpoint)
{
    const char *kept[] = {"ztalk-broker", "--plain", "-e", endpoint, "-d", self->directory, NULL};
    const char *not_kept[] = {"ztalk-broker", "--plain", "-e", endpoint, "--ephemeral", NULL};
    self->broker = zt_harness_start (self->harness, *self->directory ? kept : not_kept, NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s -", self->endpoint), 1);
}

/*  Somebody in a pipe; the device has the name of the person. */
static zt_program_t *s_start (s_world_t *self, const char *name)
{
    const char *argv[] = {"ztalk", "--plain", "-e", self->endpoint, "-n", name, NULL};
    const char *environment[] = {self->home, "TZ=UTC", "ZTALK_NAME", "ZTALK_ENDPOINT", NULL};
    zt_program_t *program = zt_harness_start (self->harness, argv, environment);
    zt_program_expect (program, "* online: ");
    return program;
}

static void s_say (zt_program_t *program, const char *text)
{
    zt_program_write (program, text);
    zt_program_write (program, "\n");
}

/*  What the child becomes. It is set before there is one. */
static char s_script[1024];

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

/*  Starts the client with the full screen. */
static void s_show (s_world_t *self, const char *name)
{
    const char *bin = getenv ("ZTALK_BIN"), *wrapper = getenv ("ZTALK_WRAPPER");
    assert_non_null (bin);
    snprintf (s_script, sizeof s_script,
              "export %s TZ=UTC TERM=xterm-256color LC_ALL=C.UTF-8; "
              "unset ZTALK_NAME ZTALK_ENDPOINT TMUX COLORTERM NO_COLOR VTE_VERSION; "
              "exec %s %s/ztalk --plain -e '%s' -n %s",
              self->home, wrapper ? wrapper : "", bin, self->endpoint, name);
    self->rows = S_ROWS;
    self->columns = S_COLUMNS;
    zt_buffer_clear (&self->written);
    zt_terminal_child_start (&self->child, self->rows, self->columns, s_become);
    self->is_shown = true;
    /*  Who is started later has none of it: the shell waits until the leash is let go. */
    const int ours[] = {self->child.terminal, self->child.slave, self->child.reports,
                        self->child.leash};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        fcntl (ours[i], F_SETFD, FD_CLOEXEC);
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    snprintf (self->home, sizeof self->home, "ZTALK_HOME=%s/home",
              zt_harness_directory (self->harness));
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
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

static int64_t s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

static void s_type_bytes (s_world_t *self, zt_bytes_t bytes)
{
    while (bytes.size) {
        ssize_t size = write (self->child.terminal, bytes.data, bytes.size);
        if (size < 0) {
            struct pollfd ready = {.fd = self->child.terminal, .events = POLLOUT};
            assert_int_equal (poll (&ready, 1, S_DEADLINE_MS), 1);
            continue;
        }
        bytes = zt_bytes_part (bytes, (size_t) size, bytes.size - (size_t) size);
    }
}

static void s_type (s_world_t *self, const char *text)
{
    s_type_bytes (self, zt_bytes (text));
}

static void s_ctrl (s_world_t *self, char letter)
{
    char byte = (char) (letter & 0x1f);
    s_type_bytes (self, (zt_bytes_t){&byte, 1});
}

/*  Reads what has been written, and answers what is asked. */
static void s_look (s_world_t *self)
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

static const char *s_screen (s_world_t *self)
{
    zt_buffer_clear (&self->screen);
    for (int row = 0; row < self->rows; row++) {
        zt_vterm_row (self->child.vterm, row, &self->screen);
        zt_buffer_put_char (&self->screen, '\n');
    }
    return zt_buffer_string (&self->screen);
}

/*  Fails, and prints the screen, which may be too large for a message of cmocka's. */
static void s_fail (s_world_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

static void s_fail (s_world_t *self, const char *format, ...)
{
    char why[512];
    va_list args;
    va_start (args, format);
    vsnprintf (why, sizeof why, format, args);
    va_end (args);
    fprintf (stderr, "%s", s_screen (self));
    fail_msg ("%s", why);
}

static bool s_matches (s_world_t *self, const char *regex)
{
    regex_t compiled;
    assert_int_equal (regcomp (&compiled, regex, REG_EXTENDED | REG_NEWLINE | REG_NOSUB), 0);
    bool matches = regexec (&compiled, s_screen (self), 0, NULL, 0) == 0;
    regfree (&compiled);
    return matches;
}

/*  Waits until a row of the screen matches, or none does any more. */
static void s_wait (s_world_t *self, const char *regex, bool is_wanted)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
    while (s_matches (self, regex) != is_wanted) {
        if (s_now () > deadline)
            s_fail (self, "the screen %s '%s'", is_wanted ? "does not show" : "still shows", regex);
        s_look (self);
    }
}

static void s_see (s_world_t *self, const char *regex)
{
    s_wait (self, regex, true);
}

static void s_see_no (s_world_t *self, const char *regex)
{
    s_wait (self, regex, false);
}

/*  Waits until the last row is the prompt and the text, and the cursor stands at a column
    behind the prompt. */
static void s_see_typed (s_world_t *self, const char *prompt, const char *text, int column)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
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
        if (s_now () > deadline)
            s_fail (self, "'%s' with the cursor at %d is not typed (it is at %d, %d)", wanted,
                    column, at_row, at_column);
        s_look (self);
    }
}

#define GENERAL "#general> "

static void s_see_line (s_world_t *self, const char *text, int column)
{
    s_see_typed (self, GENERAL, text, column);
}

/*  Where a text begins on the screen; it is there. */
static void s_find (s_world_t *self, const char *text, int *row, int *column)
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
    s_fail (self, "'%s' is nowhere", text);
}

static void s_click (s_world_t *self, const char *text)
{
    int row = 0, column = 0;
    char report[64];
    s_find (self, text, &row, &column);
    snprintf (report, sizeof report, "\033[<0;%d;%dM\033[<0;%d;%dm", column + 1, row + 1,
              column + 1, row + 1);
    s_type (self, report);
}

static void s_resize (s_world_t *self, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short) rows, .ws_col = (unsigned short) columns};
    self->rows = rows;
    self->columns = columns;
    zt_vterm_resize (self->child.vterm, rows, columns);
    assert_int_equal (ioctl (self->child.terminal, TIOCSWINSZ, &size), 0);
}

/*  A broker, taras in a pipe, and olena before her screen. */
static void s_meet (s_world_t *self)
{
    s_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = s_start (self, "taras");
    s_show (self, "olena");
    s_see (self, "connected");
    s_see (self, "online \\(2\\)");
    zt_program_expect (self->taras, "olena is here");
}

/*  ---------------------------------------------------------------------------
    Typing */

static void s_what_is_typed_is_sent_and_its_state_shown (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_see (self, "│ olena$");
    s_see (self, "│ taras$");
    s_type (self, "Привіт, 😀 " FAMILY " ґ!");
    s_see (self, "^#general> Привіт, 😀 .*ґ!$");
    s_type (self, "\r");
    zt_program_expect (self->taras, "olena: Привіт, 😀 " FAMILY " ґ!");
    s_see (self, "[0-9][0-9]:[0-9][0-9] olena: Привіт, 😀 .*ґ! ✓ *│");
    s_see_line (self, "", 0);

    s_say (self->taras, "вітаю, Olena, 漢字");
    s_see (self, "»taras: вітаю, Olena, 漢字 ");
    s_say (self->taras, "and more");
    s_see (self, " taras: and more ");

    /*  A broker that does not answer has not got it. */
    zt_program_kill (self->broker, SIGSTOP);
    s_type (self, "slow\r");
    s_see (self, "olena: slow (…|·) ");
    zt_program_kill (self->broker, SIGCONT);
    s_see (self, "olena: slow ✓ ");
    zt_program_expect (self->taras, "olena: slow");

    /*  In private it is delivered, too, when there is a device that gets it. */
    s_say (self->taras, "/exit");
    assert_int_equal (zt_program_wait_exit (self->taras), 0);
    s_see (self, "online \\(1\\)");
    s_type (self, "/msg taras psst\r");
    s_see (self, "^ @taras  connected");
    s_see (self, "olena: psst ✓ ");
    self->taras = s_start (self, "taras");
    s_see (self, "olena: psst ✓✓ ");
}

static void s_a_line_is_edited (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, "ab їж" FAMILY "x");
    s_type (self, LEFT LEFT "\177");
    s_see (self, "#general> ab ї"
                 ".+x$");
    s_ctrl (self, 'u');
    s_see (self, "^#general> .+x$");
    s_ctrl (self, 'k'); /* not at the end: deletes */
    s_see_line (self, "", 0);
    s_type (self, "one two three");
    s_see_line (self, "one two three", 13);
    s_type (self, LEFT LEFT);
    s_see_line (self, "one two three", 11);
    s_type (self, RIGHT "X");
    s_see_line (self, "one two threXe", 13);
    s_ctrl (self, 'a');
    s_see_line (self, "one two threXe", 0);
    s_type (self, ">");
    s_ctrl (self, 'e');
    s_see_line (self, ">one two threXe", 15);
    s_ctrl (self, 'w');
    s_see_line (self, ">one two ", 9);
    s_ctrl (self, 'y');
    s_see_line (self, ">one two threXe", 15);
    s_ctrl (self, 'u');
    s_see_line (self, "", 0);
    s_ctrl (self, '_');
    s_see_line (self, ">one two threXe", 15);
    s_type (self, "\033b");
    s_see_line (self, ">one two threXe", 9);
    s_ctrl (self, 'k');
    s_see_line (self, ">one two ", 9);
    s_ctrl (self, '_');
    s_see_line (self, ">one two threXe", 9);
    s_type (self, "\r");
    zt_program_expect (self->taras, "olena: >one two threXe");

    /*  What was sent comes back. */
    s_type (self, "second\r");
    zt_program_expect (self->taras, "olena: second");
    s_type (self, UP);
    s_see_line (self, "second", 6);
    s_type (self, UP);
    s_see_line (self, ">one two threXe", 15);
    s_type (self, DOWN DOWN);
    s_see_line (self, "", 0);
    s_ctrl (self, 'r');
    s_type (self, "two");
    s_see (self, "^search 'two': >one two threXe$");
    s_type (self, "\r"); /* takes it, for a change or for another Enter */
    s_see_line (self, ">one two threXe", 15);
    s_type (self, "\r");
    zt_program_expect (self->taras, "olena: >one two threXe");

    /*  It grows by rows. */
    s_type (self, "first\033\rsecond\033\rthird");
    s_see (self, "^#general> first$");
    s_see (self, "^          third$");
    s_type (self, "\r");
    s_see (self, "olena: first *│");
    s_see (self, "  third ✓");
    s_see_line (self, "", 0);
}

static void s_words_are_completed (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, "tar\t");
    s_see_line (self, "taras: ", 7);
    s_ctrl (self, 'u');
    s_type (self, "hi tar\t");
    s_see_line (self, "hi taras", 8);
    s_ctrl (self, 'u');
    s_type (self, "/sea\t");
    s_see_line (self, "/search ", 8);
    s_ctrl (self, 'u');
    s_type (self, "/join #gardens\r");
    s_see (self, "^#gardens> *$");
    s_type (self, "to #gar\t");
    s_see_typed (self, "#gardens> ", "to #gardens", 11);
    s_ctrl (self, 'u');
    s_type (self, ":smile:");
    s_see (self, "^#gardens> 😄$");
    s_ctrl (self, 'u');
    s_type (self, ":smi\t");
    s_see (self, "^#gardens> 😄");
    s_type (self, "\r");
    s_see (self, "olena: 😄 ✓");
}

static void s_a_paste_of_several_lines_is_asked_about (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, PASTE ("just one"));
    s_see_line (self, "just one", 8);
    s_ctrl (self, 'u');

    s_type (self, PASTE ("a1\nb1\nc1"));
    s_see (self, "Several lines: \\(o\\)ne");
    s_resize (self, 3, 30);
    s_see (self, "^\\(o\\)ne, \\(e\\)ach, \\(c\\)ancel\\?$");
    s_resize (self, S_ROWS, S_COLUMNS);
    s_type (self, "c");
    s_see_no (self, "Several lines");
    s_see_line (self, "", 0);

    /*  What is pasted is text. */
    s_type (self, PASTE ("a2\n/exit\nc2"));
    s_see (self, "Several lines");
    s_type (self, "e");
    zt_program_expect (self->taras, "olena: a2");
    zt_program_expect (self->taras, "olena: /exit");
    zt_program_expect (self->taras, "olena: c2");
    s_see_no (self, "Several lines");

    s_type (self, PASTE ("a3\r\nb3\r\nc3"));
    s_see (self, "Several lines");
    s_type (self, "o");
    s_see (self, "^#general> a3$");
    s_see (self, "^          c3$");
    s_type (self, "\r");
    s_see (self, "olena: a3 *│");
    s_see (self, "  c3 ✓ ");
    zt_program_expect (self->taras, "olena: a3");

    /*  An escape sequence in a paste is no key. */
    s_type (self, PASTE ("x\033[Ay"));
    s_see (self, "^#general> x.*\\[Ay$");
    assert_null (strstr (zt_program_output (self->taras, ZT_STDOUT), "olena: a1"));
}

/*  ---------------------------------------------------------------------------
    Conversations */

static void s_conversations_are_switched (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    zt_program_t *ivan = s_start (self, "ivan");
    s_see (self, "online \\(3\\)");
    s_type (self, "/join #dev\r");
    s_see (self, "^>#dev ");
    s_say (self->taras, "/join #dev");
    s_see (self, "^ #dev  connected");
    zt_program_expect (self->taras, "#dev");
    s_type (self, "draft of dev");
    s_type (self, "\0331");
    s_see (self, "^>#general ");
    s_see_line (self, "", 0);
    s_type (self, "draft of general");

    /*  What comes elsewhere is counted. */
    s_say (self->taras, "one");
    s_say (self->taras, "two");
    s_see (self, "^ #dev +2│");
    s_see (self, "2 unread$");
    s_say (self->taras, "olena: three");
    s_see (self, "^ #dev +3!│");
    s_see (self, "3 unread!$");
    s_say (ivan, "/msg olena hush");
    s_see (self, "^ @ivan +1!│");
    s_see (self, "4 unread!$");

    s_type (self, ALT_DOWN);
    s_see_typed (self, "#dev> ", "draft of dev", 12);
    s_see (self, "─ new ─");
    s_see (self, "»taras: olena: three ");
    s_see (self, "1 unread!$");
    s_type (self, ALT_UP);
    s_see_line (self, "draft of general", 16);
    s_see (self, "^ #dev +│");

    /*  By a part of the name. */
    s_ctrl (self, 'k');
    s_see (self, "Go to .*");
    s_see (self, "@ivan  1 unread");
    s_type (self, "vn");
    s_see (self, "^Go to .*: vn$");
    s_see (self, "> @ivan");
    s_see_no (self, "  #general *│");
    s_type (self, "\r");
    s_see (self, "^@ivan> *$");
    s_see (self, "ivan: hush ");
    s_see_no (self, "unread");
    s_ctrl (self, 'k');
    s_see (self, "Go to ");
    s_type (self, "\033");
    s_see_no (self, "Go to ");

    /*  Without a text /msg opens; with one, too, so that one sees what became of it. */
    s_type (self, "/msg taras\r");
    s_see (self, "^@taras> *$");
    s_type (self, "/msg ivan hello\r");
    s_see (self, "^@ivan> *$");
    s_see (self, "olena: hello ✓");
    zt_program_expect (ivan, "hello");
    s_type (self, "/to #dev\r");
    s_see_typed (self, "#dev> ", "draft of dev", 12);
    s_ctrl (self, 'u');
    s_type (self, "/close taras\r");
    s_see_no (self, "^.@taras");

    /*  The mouse: a person, a conversation, the name at a message. */
    s_click (self, "taras");
    s_see (self, "^@taras> *$");
    s_click (self, "#dev");
    s_see (self, "^#dev> *$");
    s_click (self, "taras: olena: three");
    s_see (self, "^@taras> *$");
    s_click (self, "#general");
    s_see_line (self, "draft of general", 16);
}

/*  How often a text is in another. */
static int s_count (const char *all, const char *text)
{
    int count = 0;
    for (const char *at = all; (at = strstr (at, text)); at++)
        count++;
    return count;
}

static void s_nobody_is_asked_about_once (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, "/to nobody\r");
    s_see (self, "^@nobody> *$");
    s_see (self, "! @nobody: nobody has this name");
    /*  There and back a few times: a request that is repeated would have been answered. */
    for (int i = 0; i < 5; i++) {
        s_say (self->taras, "a word");
        char unread[64];
        snprintf (unread, sizeof unread, "^ #general +%d│", i + 1);
        s_see (self, unread);
    }
    assert_int_equal (s_count (s_screen (self), "nobody has this name"), 1);
    s_type (self, "/msg nobody hi\r");
    s_see (self, "olena: hi ✗ ");
    s_type (self, "/close\r");
    s_see_line (self, "", 0);
    s_see_no (self, "@nobody");
}

/*  ---------------------------------------------------------------------------
    Scrolling */

static void s_what_is_older_is_fetched (void **state)
{
    enum { S_LINES = 350 };
    s_world_t *self = *state;
    char text[64];
    s_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = s_start (self, "taras");
    for (int i = 1; i <= S_LINES; i++) {
        snprintf (text, sizeof text, i == 20 ? "line %d has a needle" : "line %d of it", i);
        s_say (self->taras, text);
    }
    s_say (self->taras, "/who");
    zt_program_expect (self->taras, "* online: ");
    s_show (self, "olena");
    s_see (self, "taras: line 350 of it");
    s_type (self, PAGE_UP);
    s_see (self, "[0-9]+ below");
    s_see_no (self, "line 350 of it");
    s_type (self, PAGE_DOWN);
    s_see (self, "line 350 of it");
    s_see_no (self, " below");

    /*  The wheel. */
    s_type (self, "\033[<64;40;5M");
    s_see (self, "3 below");
    s_see_no (self, "line 348 of it");
    s_type (self, "\033[<65;40;5M");
    s_see (self, "line 350 of it");

    /*  To the beginning, while more comes. */
    int64_t deadline = s_now () + S_DEADLINE_MS;
    while (!s_matches (self, "taras: line 1 of it")) {
        assert_true (s_now () < deadline);
        s_type (self, PAGE_UP);
        s_look (self);
    }
    s_say (self->taras, "line 351 of it");
    s_see (self, "3[0-9][0-9] below");
    s_see (self, "line 1 of it");
    s_type (self, ALT_END);
    s_see (self, "line 351 of it");
    s_see_no (self, " below");
}

static void s_a_search_leads_to_what_was_found (void **state)
{
    enum { S_LINES = 350 };
    s_world_t *self = *state;
    char text[64];
    s_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = s_start (self, "taras");
    for (int i = 1; i <= S_LINES; i++) {
        snprintf (text, sizeof text, i == 20 ? "line %d has a needle" : "line %d of it", i);
        s_say (self->taras, text);
    }
    s_say (self->taras, "/who");
    zt_program_expect (self->taras, "* online: ");
    s_show (self, "olena");
    s_see (self, "taras: line 350 of it");
    s_type (self, "/search needle\r");
    s_see (self, "Found, the newest first");
    s_see (self, "> .*#general taras: line 20 has a needle");
    s_type (self, "\r");
    s_see_no (self, "Found, ");
    s_see (self, "taras: line 20 has a needle");
    s_see (self, "line 21 of it");
    s_type (self, "/search nowhere\r");
    s_see (self, "nothing was found");
    s_see_line (self, "", 0);
}

static void s_the_keys_are_shown (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, F1);
    s_see (self, "Keys and commands");
    s_see (self, "Ctrl-K +go to a conversation");
    s_see_no (self, "/exit");
    s_type (self, PAGE_DOWN PAGE_DOWN PAGE_DOWN PAGE_DOWN);
    s_see (self, "/exit +end, when");
    /*  No word of it is lost on a narrow screen. */
    s_resize (self, 60, 40);
    s_type (self, PAGE_DOWN PAGE_DOWN PAGE_DOWN);
    s_see (self, "^  /exit$");
    s_see (self, "^ +end, when all that was typed");
    s_resize (self, S_ROWS, S_COLUMNS);
    s_type (self, "\033");
    s_see_no (self, "Keys and commands");
    s_type (self, "/help\r");
    s_see (self, "Keys and commands");
    s_type (self, F1);
    s_see_no (self, "Keys and commands");

    /*  Escape is one at once, and also when something happens all the time. */
    s_type (self, F1);
    s_see (self, "Keys and commands");
    s_type (self, "\033");
    int64_t deadline = s_now () + S_DEADLINE_MS;
    for (int i = 0; s_matches (self, "Keys and commands"); i++) {
        assert_true (s_now () < deadline);
        assert_true (i < 500);
        s_say (self->taras, "busy");
        s_look (self);
    }
}

/*  ---------------------------------------------------------------------------
    Sizes */

/*  What is written from here on stays in the terminal. */
static void s_expect_within (s_world_t *self, size_t from)
{
    const char *at = zt_buffer_string (&self->written) + from;
    for (; (at = strstr (at, "\033[")); at += 2) {
        int row, column, used = 0;
        if (sscanf (at, "\033[%d;%dH%n", &row, &column, &used) == 2 && used) {
            assert_in_range (row, 1, self->rows);
            assert_in_range (column, 1, self->columns);
        }
    }
}

/*  Another size, and the frame that is drawn for it: it begins with a blank screen. */
static void s_expect_resized (s_world_t *self, int rows, int columns)
{
    static const char blank[] = "\033[2J", end[] = "\033[?2026l";
    size_t from = self->written.size;
    const char *begin = NULL;
    int64_t deadline = s_now () + S_DEADLINE_MS;
    s_resize (self, rows, columns);
    while (!begin || !strstr (begin, end)) {
        if (s_now () > deadline)
            fail_msg ("%d x %d is not drawn", rows, columns);
        s_look (self);
        begin = strstr (zt_buffer_string (&self->written) + from, blank);
    }
    s_expect_within (self, (size_t) (begin - self->written.data));
    int row, column; /* the next frame may have begun already, and have hidden the cursor */
    zt_vterm_cursor (self->child.vterm, &row, &column);
    assert_in_range (row, 0, rows - 1);
    assert_in_range (column, 0, columns - 1);
}

/*  What was drawn bit by bit is what is drawn from nothing. */
static void s_expect_same_when_redrawn (s_world_t *self)
{
    char *before = strdup (s_screen (self));
    size_t from = self->written.size;
    int64_t deadline = s_now () + S_DEADLINE_MS;
    s_ctrl (self, 'l');
    for (const char *begin = NULL; !begin || !strstr (begin, "\033[?2026l");) {
        assert_true (s_now () < deadline);
        s_look (self);
        begin = strstr (zt_buffer_string (&self->written) + from, "\033[2J");
    }
    assert_string_equal (before, s_screen (self));
    free (before);
}

static void s_any_size_is_drawn_while_messages_come (void **state)
{
    s_world_t *self = *state;
    char text[128];
    s_meet (self);
    s_type (self, "/msg taras a private word\r");
    zt_program_expect (self->taras, "a private word");
    s_type (self, "/to #general\r");
    s_type (self, "some draft, long enough to take more than a row; 😀 " FAMILY " тут");
    s_see (self, "тут$");
    /*  All widths up to 200, narrow and wide by turns, and all heights up to 60. */
    for (int i = 1; i <= 200; i++) {
        snprintf (text, sizeof text, "%d: %s", i,
                  i % 3 ? "слово " FAMILY " 漢字 🇺🇦 ❤️ e\xcc\x81" : "a\tshort one");
        s_say (self->taras, text);
        s_expect_resized (self, 1 + i * 7 % 60, i % 2 ? 1 + i / 2 : 201 - i / 2);
    }
    s_expect_resized (self, 1, 1);
    s_expect_resized (self, 2, 200);
    s_expect_resized (self, 60, 1);
    s_type (self, PAGE_UP PAGE_UP PAGE_DOWN F1 PAGE_DOWN "\033[15~");
    s_expect_resized (self, 60, 200);
    s_type (self, F1);
    s_see_no (self, "Keys and commands");
    s_type (self, ALT_END);
    s_expect_resized (self, S_ROWS, S_COLUMNS);
    s_say (self->taras, "the last one");
    s_see (self, " taras: the last one ");
    s_see (self, " taras: 200: слово ");
    s_see (self, "тут$");
    s_expect_same_when_redrawn (self);
}

/*  A frame tells what has changed, and does not begin with nothing: that would flicker. */
static void s_a_frame_is_what_has_changed (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, "x");
    s_see_line (self, "x", 1);
    size_t from = self->written.size;
    s_type (self, "y");
    s_see_line (self, "xy", 2);
    assert_null (strstr (zt_buffer_string (&self->written) + from, "\033[2J"));
    assert_in_range (self->written.size - from, 1, 200);
    s_say (self->taras, "a word");
    s_see (self, "taras: a word");
    s_expect_same_when_redrawn (self);
}

/*  ---------------------------------------------------------------------------
    The connection */

static void s_nothing_is_lost_with_the_connection (void **state)
{
    s_world_t *self = *state;
    char endpoint[sizeof self->endpoint];
    snprintf (self->directory, sizeof self->directory, "%s/kept",
              zt_harness_directory (self->harness));
    s_meet (self);
    s_say (self->taras, "before");
    s_see (self, "taras: before ");
    s_type (self, "/msg taras psst\r");
    s_see (self, "olena: psst ✓");
    s_type (self, "draft for taras");
    s_see (self, "draft for taras$");
    s_type (self, "\0331");
    s_see_line (self, "", 0);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    s_see (self, "offline");
    s_see (self, "offline( for [0-9]+ s)?(, next try in [0-9]+ s|, trying again)");
    s_type (self, "typed meanwhile\r");
    s_see (self, "olena: typed meanwhile … ");
    s_type (self, "and this stays");
    s_see_line (self, "and this stays", 14);
    s_see (self, "offline for [1-9]");
    s_see (self, "taras: before ");

    snprintf (endpoint, sizeof endpoint, "%s", self->endpoint);
    s_start_broker (self, endpoint);
    s_see (self, "olena: typed meanwhile ✓ ");
    s_see (self, "#general  connected");
    s_see (self, "online \\(2\\)");
    s_see (self, "taras: before ");
    s_see_line (self, "and this stays", 14);
    zt_program_expect (self->taras, "olena: typed meanwhile");
    s_type (self, "\r");
    zt_program_expect (self->taras, "olena: and this stays");
    const char *first = strstr (zt_program_output (self->taras, ZT_STDOUT), "typed meanwhile");
    assert_null (strstr (first + 1, "typed meanwhile"));
    s_type (self, "\0332");
    s_see_typed (self, "@taras> ", "draft for taras", 15);
    s_see (self, "olena: psst ");
}

/*  ---------------------------------------------------------------------------
    The end */

/*  The last that was written of a mode is that it is off. */
static void s_expect_off (s_world_t *self, int mode)
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

/*  Reads the rest, and returns what waitpid has told. */
static int s_expect_restored (s_world_t *self)
{
    static const int modes[] = {1049, 1002, 1006, 2004, 1004};
    int row, column, status = 0;
    int64_t deadline = s_now () + S_DEADLINE_MS;
    for (bool is_over = false; !is_over || zt_vterm_is_alternate (self->child.vterm) ||
                               !zt_vterm_cursor (self->child.vterm, &row, &column);) {
        if (s_now () > deadline)
            s_fail (self, "the terminal is not left");
        s_look (self);
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

static void s_expect_exit (s_world_t *self, int wanted)
{
    int status = s_expect_restored (self);
    assert_true (WIFEXITED (status));
    assert_int_equal (WEXITSTATUS (status), wanted);
}

/*  The next one, in the same world. */
static void s_show_again (s_world_t *self)
{
    if (self->is_shown)
        zt_terminal_child_end (&self->child);
    self->is_shown = false;
    s_show (self, "olena");
    s_see (self, "connected");
    s_see (self, "online \\([1-9]\\)");
}

static void s_it_ends_when_it_is_told (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, "/exit\r");
    s_expect_exit (self, 0);
    s_show_again (self);
    s_type (self, "not sent");
    s_see_line (self, "not sent", 8);
    s_ctrl (self, 'c'); /* deletes it */
    s_see_line (self, "", 0);
    s_ctrl (self, 'c');
    s_expect_exit (self, 0);
    s_show_again (self);
    s_ctrl (self, 'd');
    s_expect_exit (self, 0);
    assert_null (strstr (zt_program_output (self->taras, ZT_STDOUT), "not sent"));
}

static void s_any_signal_restores_the_terminal (void **state)
{
    static const int asking[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    static const int killing[] = {SIGABRT, SIGSEGV};
    s_world_t *self = *state;
    s_meet (self);
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++) {
        kill (self->child.program, asking[i]);
        int status = s_expect_restored (self);
        assert_true (WIFEXITED (status));
        s_show_again (self);
    }
    for (size_t i = 0; i < sizeof killing / sizeof *killing; i++) {
        kill (self->child.program, killing[i]);
        int status = s_expect_restored (self);
        if (killing[i] == SIGABRT) /* of a fault a sanitizer makes another end */
            assert_true (WIFSIGNALED (status) && WTERMSIG (status) == killing[i]);
        s_show_again (self);
    }
}

static void s_a_stop_gives_the_terminal_back (void **state)
{
    s_world_t *self = *state;
    s_meet (self);
    s_type (self, "kept");
    s_see_line (self, "kept", 4);
    s_ctrl (self, 'z');
    int status = s_expect_restored (self);
    assert_true (WIFSTOPPED (status) && WSTOPSIG (status) == SIGTSTP);
    s_say (self->taras, "meanwhile");
    zt_program_expect (self->taras, "meanwhile");
    kill (self->child.program, SIGCONT);
    s_see (self, "taras: meanwhile ");
    s_see_line (self, "kept", 4);
    assert_true (zt_vterm_is_alternate (self->child.vterm));

    kill (self->child.program, SIGTSTP);
    status = s_expect_restored (self);
    assert_true (WIFSTOPPED (status) && WSTOPSIG (status) == SIGTSTP);
    s_resize (self, 20, 70);
    kill (self->child.program, SIGCONT);
    s_see_line (self, "kept", 4);
    s_ctrl (self, 'u');
    s_see_line (self, "", 0);
    s_ctrl (self, 'd');
    s_expect_exit (self, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_what_is_typed_is_sent_and_its_state_shown),
        TEST (s_a_line_is_edited),
        TEST (s_words_are_completed),
        TEST (s_a_paste_of_several_lines_is_asked_about),
        TEST (s_conversations_are_switched),
        TEST (s_nobody_is_asked_about_once),
        TEST (s_what_is_older_is_fetched),
        TEST (s_a_search_leads_to_what_was_found),
        TEST (s_the_keys_are_shown),
        TEST (s_any_size_is_drawn_while_messages_come),
        TEST (s_a_frame_is_what_has_changed),
        TEST (s_nothing_is_lost_with_the_connection),
        TEST (s_it_ends_when_it_is_told),
        TEST (s_any_signal_restores_the_terminal),
        TEST (s_a_stop_gives_the_terminal_back),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
