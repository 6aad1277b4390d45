/*  SPDX-License-Identifier: MPL-2.0

    The client on its full screen: the real one, on a terminal that libvterm shows, with a real
    broker and other people. */

#include "tests/screen_world.h"

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

/*  ---------------------------------------------------------------------------
    Typing */

static void s_what_is_typed_is_sent_and_its_state_shown (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_see (self, "│ olena$");
    zt_world_see (self, "│ taras$");
    zt_world_type (self, "Привіт, 😀 " FAMILY " ґ!");
    zt_world_see (self, "^#general> Привіт, 😀 .*ґ!$");
    zt_world_type (self, "\r");
    zt_program_expect (self->taras, "olena: Привіт, 😀 " FAMILY " ґ!");
    zt_world_see (self, "[0-9][0-9]:[0-9][0-9] olena: Привіт, 😀 .*ґ! ✓ *│");
    zt_world_see_line (self, "", 0);

    zt_world_say (self->taras, "вітаю, Olena, 漢字");
    zt_world_see (self, "»taras: вітаю, Olena, 漢字 ");
    zt_world_say (self->taras, "and more");
    zt_world_see (self, " taras: and more ");

    /*  A broker that does not answer has not got it. */
    zt_program_kill (self->broker, SIGSTOP);
    zt_world_type (self, "slow\r");
    zt_world_see (self, "olena: slow (…|·) ");
    zt_program_kill (self->broker, SIGCONT);
    zt_world_see (self, "olena: slow ✓ ");
    zt_program_expect (self->taras, "olena: slow");

    /*  In private it is delivered, too, when there is a device that gets it. */
    zt_world_say (self->taras, "/exit");
    assert_int_equal (zt_program_wait_exit (self->taras), 0);
    zt_world_see (self, "online \\(1\\)");
    zt_world_type (self, "/msg taras psst\r");
    zt_world_see (self, "^ @taras  connected");
    zt_world_see (self, "olena: psst ✓ ");
    self->taras = zt_world_start (self, "taras");
    zt_world_see (self, "olena: psst ✓✓ ");
}

static void s_a_line_is_edited (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "ab їж" FAMILY "x");
    zt_world_type (self, LEFT LEFT "\177");
    zt_world_see (self, "#general> ab ї"
                        ".+x$");
    zt_world_ctrl (self, 'u');
    zt_world_see (self, "^#general> .+x$");
    zt_world_ctrl (self, 'k'); /* not at the end: deletes */
    zt_world_see_line (self, "", 0);
    zt_world_type (self, "one two three");
    zt_world_see_line (self, "one two three", 13);
    zt_world_type (self, LEFT LEFT);
    zt_world_see_line (self, "one two three", 11);
    zt_world_type (self, RIGHT "X");
    zt_world_see_line (self, "one two threXe", 13);
    zt_world_ctrl (self, 'a');
    zt_world_see_line (self, "one two threXe", 0);
    zt_world_type (self, ">");
    zt_world_ctrl (self, 'e');
    zt_world_see_line (self, ">one two threXe", 15);
    zt_world_ctrl (self, 'w');
    zt_world_see_line (self, ">one two ", 9);
    zt_world_ctrl (self, 'y');
    zt_world_see_line (self, ">one two threXe", 15);
    zt_world_ctrl (self, 'u');
    zt_world_see_line (self, "", 0);
    zt_world_ctrl (self, '_');
    zt_world_see_line (self, ">one two threXe", 15);
    zt_world_type (self, "\033b");
    zt_world_see_line (self, ">one two threXe", 9);
    zt_world_ctrl (self, 'k');
    zt_world_see_line (self, ">one two ", 9);
    zt_world_ctrl (self, '_');
    zt_world_see_line (self, ">one two threXe", 9);
    zt_world_type (self, "\r");
    zt_program_expect (self->taras, "olena: >one two threXe");

    /*  What was sent comes back. */
    zt_world_type (self, "second\r");
    zt_program_expect (self->taras, "olena: second");
    zt_world_type (self, UP);
    zt_world_see_line (self, "second", 6);
    zt_world_type (self, UP);
    zt_world_see_line (self, ">one two threXe", 15);
    zt_world_type (self, DOWN DOWN);
    zt_world_see_line (self, "", 0);
    zt_world_ctrl (self, 'r');
    zt_world_type (self, "two");
    zt_world_see (self, "^search 'two': >one two threXe$");
    zt_world_type (self, "\r"); /* takes it, for a change or for another Enter */
    zt_world_see_line (self, ">one two threXe", 15);
    zt_world_type (self, "\r");
    zt_program_expect (self->taras, "olena: >one two threXe");

    /*  It grows by rows. */
    zt_world_type (self, "first\033\rsecond\033\rthird");
    zt_world_see (self, "^#general> first$");
    zt_world_see (self, "^          third$");
    zt_world_type (self, "\r");
    zt_world_see (self, "olena: first *│");
    zt_world_see (self, "  third ✓");
    zt_world_see_line (self, "", 0);
}

static void s_words_are_completed (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "tar\t");
    zt_world_see_line (self, "taras: ", 7);
    zt_world_ctrl (self, 'u');
    zt_world_type (self, "hi tar\t");
    zt_world_see_line (self, "hi taras", 8);
    zt_world_ctrl (self, 'u');
    zt_world_type (self, "/sea\t");
    zt_world_see_line (self, "/search ", 8);
    zt_world_ctrl (self, 'u');
    zt_world_type (self, "/join #gardens\r");
    zt_world_see (self, "^#gardens> *$");
    zt_world_type (self, "to #gar\t");
    zt_world_see_typed (self, "#gardens> ", "to #gardens", 11);
    zt_world_ctrl (self, 'u');
    zt_world_type (self, ":smile:");
    zt_world_see (self, "^#gardens> 😄$");
    zt_world_ctrl (self, 'u');
    zt_world_type (self, ":smi\t");
    zt_world_see (self, "^#gardens> 😄");
    zt_world_type (self, "\r");
    zt_world_see (self, "olena: 😄 ✓");
}

static void s_a_paste_of_several_lines_is_asked_about (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, PASTE ("just one"));
    zt_world_see_line (self, "just one", 8);
    zt_world_ctrl (self, 'u');

    zt_world_type (self, PASTE ("a1\nb1\nc1"));
    zt_world_see (self, "^3 lines: \\(o\\)ne message, a message for \\(e\\)ach");
    zt_world_resize (self, 3, 30);
    zt_world_see (self, "^\\(o\\)ne, \\(e\\)ach, \\(c\\)ancel\\?$");
    zt_world_resize (self, ZT_WORLD_ROWS, ZT_WORLD_COLUMNS);
    zt_world_type (self, "c");
    zt_world_see_no (self, "3 lines: ");
    zt_world_see_line (self, "", 0);

    /*  What is pasted is text. */
    zt_world_type (self, PASTE ("a2\n/exit\nc2"));
    zt_world_see (self, "3 lines: ");
    zt_world_type (self, "e");
    zt_program_expect (self->taras, "olena: a2");
    zt_program_expect (self->taras, "olena: /exit");
    zt_program_expect (self->taras, "olena: c2");
    zt_world_see_no (self, "3 lines: ");

    zt_world_type (self, PASTE ("a3\r\nb3\r\nc3"));
    zt_world_see (self, "3 lines: ");
    zt_world_type (self, "o");
    zt_world_see (self, "^#general> a3$");
    zt_world_see (self, "^          c3$");
    zt_world_type (self, "\r");
    zt_world_see (self, "olena: a3 *│");
    zt_world_see (self, "  c3 ✓ ");
    zt_program_expect (self->taras, "olena: a3");

    /*  An escape sequence in a paste is no key. */
    zt_world_type (self, PASTE ("x\033[Ay"));
    zt_world_see (self, "^#general> x.*\\[Ay$");
    assert_null (strstr (zt_program_output (self->taras, ZT_STDOUT), "olena: a1"));
}

/*  ---------------------------------------------------------------------------
    Conversations */

static void s_conversations_are_switched (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_program_t *ivan = zt_world_start (self, "ivan");
    zt_world_see (self, "online \\(3\\)");
    zt_world_type (self, "/join #dev\r");
    zt_world_see (self, "^>#dev ");
    zt_world_say (self->taras, "/join #dev");
    zt_world_see (self, "^ #dev  connected");
    zt_program_expect (self->taras, "#dev");
    zt_world_type (self, "draft of dev");
    zt_world_type (self, "\0331");
    zt_world_see (self, "^>#general ");
    zt_world_see_line (self, "", 0);
    zt_world_type (self, "draft of general");

    /*  What comes elsewhere is counted. */
    zt_world_say (self->taras, "one");
    zt_world_say (self->taras, "two");
    zt_world_see (self, "^ #dev +2│");
    zt_world_see (self, "2 unread$");
    zt_world_say (self->taras, "olena: three");
    zt_world_see (self, "^ #dev +3!│");
    zt_world_see (self, "3 unread!$");
    zt_world_say (ivan, "/msg olena hush");
    zt_world_see (self, "^ @ivan +1!│");
    zt_world_see (self, "4 unread!$");

    zt_world_type (self, ALT_DOWN);
    zt_world_see_typed (self, "#dev> ", "draft of dev", 12);
    zt_world_see (self, "─ new ─");
    zt_world_see (self, "»taras: olena: three ");
    zt_world_see (self, "1 unread!$");
    zt_world_type (self, ALT_UP);
    zt_world_see_line (self, "draft of general", 16);
    zt_world_see (self, "^ #dev +│");

    /*  By a part of the name. */
    zt_world_ctrl (self, 'k');
    zt_world_see (self, "Go to .*");
    zt_world_see (self, "@ivan  1 unread");
    zt_world_type (self, "vn");
    zt_world_see (self, "^Go to .*: vn$");
    zt_world_see (self, "> @ivan");
    zt_world_see_no (self, "  #general *│");
    zt_world_type (self, "\r");
    zt_world_see (self, "^@ivan> *$");
    zt_world_see (self, "ivan: hush ");
    zt_world_see_no (self, "unread");
    zt_world_ctrl (self, 'k');
    zt_world_see (self, "Go to ");
    zt_world_type (self, "\033");
    zt_world_see_no (self, "Go to ");

    /*  Without a text /msg opens; with one, too, so that one sees what became of it. */
    zt_world_type (self, "/msg taras\r");
    zt_world_see (self, "^@taras> *$");
    zt_world_type (self, "/msg ivan hello\r");
    zt_world_see (self, "^@ivan> *$");
    zt_world_see (self, "olena: hello ✓");
    zt_program_expect (ivan, "hello");
    zt_world_type (self, "/to #dev\r");
    zt_world_see_typed (self, "#dev> ", "draft of dev", 12);
    zt_world_ctrl (self, 'u');
    zt_world_type (self, "/close taras\r");
    zt_world_see_no (self, "^.@taras");

    /*  The mouse: a person, a conversation, the name at a message. */
    zt_world_click (self, "taras");
    zt_world_see (self, "^@taras> *$");
    zt_world_click (self, "#dev");
    zt_world_see (self, "^#dev> *$");
    zt_world_click (self, "taras: olena: three");
    zt_world_see (self, "^@taras> *$");
    zt_world_click (self, "#general");
    zt_world_see_line (self, "draft of general", 16);
}

static void s_nobody_is_asked_about_once (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "/to nobody\r");
    zt_world_see (self, "^@nobody> *$");
    zt_world_see (self, "! @nobody: nobody has this name");
    /*  There and back a few times: a request that is repeated would have been answered. */
    for (int i = 0; i < 5; i++) {
        zt_world_say (self->taras, "a word");
        char unread[64];
        snprintf (unread, sizeof unread, "^ #general +%d│", i + 1);
        zt_world_see (self, unread);
    }
    assert_int_equal (zt_world_count (zt_world_screen (self), "nobody has this name"), 1);
    zt_world_type (self, "/msg nobody hi\r");
    zt_world_see (self, "olena: hi ✗ ");
    zt_world_type (self, "/close\r");
    zt_world_see_line (self, "", 0);
    zt_world_see_no (self, "@nobody");
}

/*  ---------------------------------------------------------------------------
    Scrolling */

static void s_what_is_older_is_fetched (void **state)
{
    enum { S_LINES = 350 };
    zt_world_t *self = *state;
    char text[64];
    zt_world_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = zt_world_start (self, "taras");
    for (int i = 1; i <= S_LINES; i++) {
        snprintf (text, sizeof text, i == 20 ? "line %d has a needle" : "line %d of it", i);
        zt_world_say (self->taras, text);
    }
    zt_world_say (self->taras, "/who");
    zt_program_expect (self->taras, "* online: ");
    zt_world_show (self, "olena");
    zt_world_see (self, "taras: line 350 of it");
    zt_world_type (self, PAGE_UP);
    zt_world_see (self, "[0-9]+ below");
    zt_world_see_no (self, "line 350 of it");
    zt_world_type (self, PAGE_DOWN);
    zt_world_see (self, "line 350 of it");
    zt_world_see_no (self, " below");

    /*  The wheel. */
    zt_world_type (self, "\033[<64;40;5M");
    zt_world_see (self, "3 below");
    zt_world_see_no (self, "line 348 of it");
    zt_world_type (self, "\033[<65;40;5M");
    zt_world_see (self, "line 350 of it");

    /*  To the beginning, while more comes. */
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    while (!zt_world_matches (self, "taras: line 1 of it")) {
        assert_true (zt_world_now () < deadline);
        zt_world_type (self, PAGE_UP);
        zt_world_look (self);
    }
    zt_world_say (self->taras, "line 351 of it");
    zt_world_see (self, "3[0-9][0-9] below");
    zt_world_see (self, "line 1 of it");
    zt_world_type (self, ALT_END);
    zt_world_see (self, "line 351 of it");
    zt_world_see_no (self, " below");
}

static void s_a_search_leads_to_what_was_found (void **state)
{
    enum { S_LINES = 350 };
    zt_world_t *self = *state;
    char text[64];
    zt_world_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = zt_world_start (self, "taras");
    for (int i = 1; i <= S_LINES; i++) {
        snprintf (text, sizeof text, i == 20 ? "line %d has a needle" : "line %d of it", i);
        zt_world_say (self->taras, text);
    }
    zt_world_say (self->taras, "/who");
    zt_program_expect (self->taras, "* online: ");
    zt_world_show (self, "olena");
    zt_world_see (self, "taras: line 350 of it");
    zt_world_type (self, "/search needle\r");
    zt_world_see (self, "Found, the newest first");
    zt_world_see (self, "> .*#general taras: line 20 has a needle");
    zt_world_type (self, "\r");
    zt_world_see_no (self, "Found, ");
    zt_world_see (self, "taras: line 20 has a needle");
    zt_world_see (self, "line 21 of it");
    zt_world_type (self, "/search nowhere\r");
    zt_world_see (self, "nothing was found");
    zt_world_see_line (self, "", 0);
}

static void s_the_keys_are_shown (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, F1);
    zt_world_see (self, "Keys and commands");
    zt_world_see (self, "Ctrl-K +go to a conversation");
    zt_world_see_no (self, "/exit");
    zt_world_type (self, PAGE_DOWN PAGE_DOWN PAGE_DOWN PAGE_DOWN);
    zt_world_see (self, "/exit +end, when");
    /*  No word of it is lost on a narrow screen. */
    zt_world_resize (self, 60, 40);
    zt_world_type (self, PAGE_DOWN PAGE_DOWN PAGE_DOWN);
    zt_world_see (self, "^  /exit$");
    zt_world_see (self, "^ +end, when all that was typed");
    zt_world_resize (self, ZT_WORLD_ROWS, ZT_WORLD_COLUMNS);
    zt_world_type (self, "\033");
    zt_world_see_no (self, "Keys and commands");
    zt_world_type (self, "/help\r");
    zt_world_see (self, "Keys and commands");
    zt_world_type (self, F1);
    zt_world_see_no (self, "Keys and commands");

    /*  Escape is one at once, and also when something happens all the time. */
    zt_world_type (self, F1);
    zt_world_see (self, "Keys and commands");
    zt_world_type (self, "\033");
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    for (int i = 0; zt_world_matches (self, "Keys and commands"); i++) {
        assert_true (zt_world_now () < deadline);
        assert_true (i < 500);
        zt_world_say (self->taras, "busy");
        zt_world_look (self);
    }
}

/*  ---------------------------------------------------------------------------
    Sizes */

/*  What is written from here on stays in the terminal. */
static void s_expect_within (zt_world_t *self, size_t from)
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
static void s_expect_resized (zt_world_t *self, int rows, int columns)
{
    static const char blank[] = "\033[2J", end[] = "\033[?2026l";
    size_t from = self->written.size;
    const char *begin = NULL;
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    zt_world_resize (self, rows, columns);
    while (!begin || !strstr (begin, end)) {
        if (zt_world_now () > deadline)
            fail_msg ("%d x %d is not drawn", rows, columns);
        zt_world_look (self);
        begin = strstr (zt_buffer_string (&self->written) + from, blank);
    }
    s_expect_within (self, (size_t) (begin - self->written.data));
    int row, column; /* the next frame may have begun already, and have hidden the cursor */
    zt_vterm_cursor (self->child.vterm, &row, &column);
    assert_in_range (row, 0, rows - 1);
    assert_in_range (column, 0, columns - 1);
}

/*  What was drawn bit by bit is what is drawn from nothing. */
static void s_expect_same_when_redrawn (zt_world_t *self)
{
    char *before = strdup (zt_world_screen (self));
    size_t from = self->written.size;
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    zt_world_ctrl (self, 'l');
    for (const char *begin = NULL; !begin || !strstr (begin, "\033[?2026l");) {
        assert_true (zt_world_now () < deadline);
        zt_world_look (self);
        begin = strstr (zt_buffer_string (&self->written) + from, "\033[2J");
    }
    assert_string_equal (before, zt_world_screen (self));
    free (before);
}

static void s_any_size_is_drawn_while_messages_come (void **state)
{
    zt_world_t *self = *state;
    char text[128];
    zt_world_meet (self);
    zt_world_type (self, "/msg taras a private word\r");
    zt_program_expect (self->taras, "a private word");
    zt_world_type (self, "/to #general\r");
    zt_world_type (self, "some draft, long enough to take more than a row; 😀 " FAMILY " тут");
    zt_world_see (self, "тут$");
    /*  All widths up to 200, narrow and wide by turns, and all heights up to 60. */
    for (int i = 1; i <= 200; i++) {
        snprintf (text, sizeof text, "%d: %s", i,
                  i % 3 ? "слово " FAMILY " 漢字 🇺🇦 ❤️ e\xcc\x81" : "a\tshort one");
        zt_world_say (self->taras, text);
        s_expect_resized (self, 1 + i * 7 % 60, i % 2 ? 1 + i / 2 : 201 - i / 2);
    }
    s_expect_resized (self, 1, 1);
    s_expect_resized (self, 2, 200);
    s_expect_resized (self, 60, 1);
    zt_world_type (self, PAGE_UP PAGE_UP PAGE_DOWN F1 PAGE_DOWN "\033[15~");
    s_expect_resized (self, 60, 200);
    zt_world_type (self, F1);
    zt_world_see_no (self, "Keys and commands");
    zt_world_type (self, ALT_END);
    s_expect_resized (self, ZT_WORLD_ROWS, ZT_WORLD_COLUMNS);
    zt_world_say (self->taras, "the last one");
    zt_world_see (self, " taras: the last one ");
    zt_world_see (self, " taras: 200: слово ");
    zt_world_see (self, "тут$");
    s_expect_same_when_redrawn (self);
}

/*  A frame tells what has changed, and does not begin with nothing: that would flicker. */
static void s_a_frame_is_what_has_changed (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "x");
    zt_world_see_line (self, "x", 1);
    size_t from = self->written.size;
    zt_world_type (self, "y");
    zt_world_see_line (self, "xy", 2);
    assert_null (strstr (zt_buffer_string (&self->written) + from, "\033[2J"));
    assert_in_range (self->written.size - from, 1, 200);
    zt_world_say (self->taras, "a word");
    zt_world_see (self, "taras: a word");
    s_expect_same_when_redrawn (self);
}

/*  ---------------------------------------------------------------------------
    The connection */

static void s_nothing_is_lost_with_the_connection (void **state)
{
    zt_world_t *self = *state;
    char endpoint[sizeof self->endpoint];
    snprintf (self->directory, sizeof self->directory, "%s/kept",
              zt_harness_directory (self->harness));
    zt_world_meet (self);
    zt_world_say (self->taras, "before");
    zt_world_see (self, "taras: before ");
    zt_world_type (self, "/msg taras psst\r");
    zt_world_see (self, "olena: psst ✓");
    zt_world_type (self, "draft for taras");
    zt_world_see (self, "draft for taras$");
    zt_world_type (self, "\0331");
    zt_world_see_line (self, "", 0);
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    zt_world_see (self, "offline");
    zt_world_see (self, "offline, trying again in [12] s  (for|what)");
    zt_world_type (self, "typed meanwhile\r");
    zt_world_see (self, "olena: typed meanwhile … ");
    zt_world_type (self, "and this stays");
    zt_world_see_line (self, "and this stays", 14);
    zt_world_see (self, "offline, trying again.*  for [1-9][0-9]* s now; what you type is kept");
    zt_world_see (self, "taras: before ");

    snprintf (endpoint, sizeof endpoint, "%s", self->endpoint);
    zt_world_start_broker (self, endpoint);
    zt_world_see (self, "olena: typed meanwhile ✓ ");
    zt_world_see (self, "#general  connected");
    zt_world_see (self, "online \\(2\\)");
    zt_world_see (self, "taras: before ");
    zt_world_see_line (self, "and this stays", 14);
    zt_program_expect (self->taras, "olena: typed meanwhile");
    zt_world_type (self, "\r");
    zt_program_expect (self->taras, "olena: and this stays");
    const char *first = strstr (zt_program_output (self->taras, ZT_STDOUT), "typed meanwhile");
    assert_null (strstr (first + 1, "typed meanwhile"));
    zt_world_type (self, "\0332");
    zt_world_see_typed (self, "@taras> ", "draft for taras", 15);
    zt_world_see (self, "olena: psst ");
}

/*  ---------------------------------------------------------------------------
    The end */

static void s_it_ends_when_it_is_told (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "/exit\r");
    zt_world_expect_exit (self, 0);
    zt_world_show_again (self);
    zt_world_type (self, "not sent");
    zt_world_see_line (self, "not sent", 8);
    zt_world_ctrl (self, 'c'); /* deletes it */
    zt_world_see_line (self, "", 0);
    zt_world_ctrl (self, 'c');
    zt_world_expect_exit (self, 0);
    zt_world_show_again (self);
    zt_world_ctrl (self, 'd');
    zt_world_expect_exit (self, 0);
    assert_null (strstr (zt_program_output (self->taras, ZT_STDOUT), "not sent"));
}

static void s_any_signal_restores_the_terminal (void **state)
{
    static const int asking[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    const int killing[] = {SIGABRT,   SIGSEGV, SIGUSR1, SIGUSR2, SIGALRM, SIGTRAP,
                           SIGVTALRM, SIGPROF, SIGSYS,  SIGXCPU, SIGPOLL, SIGRTMIN + 3};
    zt_world_t *self = *state;
    zt_world_meet (self);
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++) {
        kill (self->child.program, asking[i]);
        int status = zt_world_expect_restored (self);
        assert_true (WIFEXITED (status));
        zt_world_show_again (self);
    }
    for (size_t i = 0; i < sizeof killing / sizeof *killing; i++) {
        kill (self->child.program, killing[i]);
        int status = zt_world_expect_restored (self);
        if (killing[i] != SIGSEGV) /* of a fault a sanitizer makes another end */
            assert_true (WIFSIGNALED (status) && WTERMSIG (status) == killing[i]);
        zt_world_show_again (self);
    }
}

static void s_a_stop_gives_the_terminal_back (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "kept");
    zt_world_see_line (self, "kept", 4);
    zt_world_ctrl (self, 'z');
    int status = zt_world_expect_restored (self);
    assert_true (WIFSTOPPED (status) && WSTOPSIG (status) == SIGTSTP);
    zt_world_say (self->taras, "meanwhile");
    zt_program_expect (self->taras, "meanwhile");
    kill (self->child.program, SIGCONT);
    zt_world_see (self, "taras: meanwhile ");
    zt_world_see_line (self, "kept", 4);
    assert_true (zt_vterm_is_alternate (self->child.vterm));

    kill (self->child.program, SIGTSTP);
    status = zt_world_expect_restored (self);
    assert_true (WIFSTOPPED (status) && WSTOPSIG (status) == SIGTSTP);
    zt_world_resize (self, 20, 70);
    kill (self->child.program, SIGCONT);
    zt_world_see_line (self, "kept", 4);
    zt_world_ctrl (self, 'u');
    zt_world_see_line (self, "", 0);
    zt_world_ctrl (self, 'd');
    zt_world_expect_exit (self, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, zt_world_setup, zt_world_teardown)

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
