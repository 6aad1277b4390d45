/*  SPDX-License-Identifier: MPL-2.0

    The full screen and what is around it: the window that is told of a mention, tmux, colours and
    the configuration file, the language, and a broker that is not known yet. */

#include "tests/screen_world.h"

#include "common/key.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define FOCUS_OUT   "\033[O"
#define PASTE(text) "\033[200~" text "\033[201~"

enum { S_CALLS_MS = 3000 }; /* between two notifications */

/*  Waits until the client has written that to the terminal, behind the first from bytes. */
static void s_see_written (zt_world_t *self, size_t from, const char *text)
{
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    while (!strstr (zt_buffer_string (&self->written) + from, text)) {
        if (zt_world_now () > deadline)
            zt_world_fail (self, "'%s' is not written", text);
        zt_world_look (self);
    }
}

/*  ---------------------------------------------------------------------------
    Notifications */

/*  The window is told of a mention, and of several that come at once, once. */
static void s_expect_called (zt_world_t *self, const char *first, const char *begin)
{
    char text[64];
    zt_world_meet (self);
    zt_world_type (self, FOCUS_OUT);
    /*  It is known that nobody looks when what is typed afterwards is there. */
    zt_world_type (self, "x");
    zt_world_see_line (self, "x", 1);
    size_t from = self->written.size;
    int64_t before = zt_world_now ();
    zt_world_say (self->taras, "olena: перша; 1\nolena: друга\nolena: третя");
    zt_world_see (self, "olena: третя");
    s_see_written (self, from, first);
    int bells = zt_vterm_bells (self->child.vterm);
    assert_int_equal (zt_world_count (zt_buffer_string (&self->written), begin), bells);
    if (zt_world_now () - before < S_CALLS_MS) /* a machine that is so slow shows nothing of it */
        assert_int_equal (bells, 1);

    /*  And again, when some time has passed, and not sooner. */
    int said = 0;
    for (int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
         zt_vterm_bells (self->child.vterm) == bells; zt_world_look (self)) {
        assert_true (zt_world_now () < deadline);
        snprintf (text, sizeof text, "olena: again %d", ++said);
        zt_world_say (self->taras, text);
        zt_world_see (self, text);
    }
    assert_true (zt_world_now () - before > S_CALLS_MS - 10);
    assert_int_equal (zt_world_count (zt_buffer_string (&self->written), begin), bells + 1);
}

static void s_a_mention_calls (void **state)
{
    zt_world_t *self = *state;
    s_expect_called (self, "\033]9;taras: olena: перша; 1\a", "\033]9;");
}

static void s_a_mention_calls_through_tmux (void **state)
{
    zt_world_t *self = *state;
    self->environment = "export TMUX=/tmp/none,1,0 VTE_VERSION=7000";
    s_expect_called (self, "\033Ptmux;\033\033]777;notify;taras;olena: перша; 1\a\033\\",
                     "]777;notify;");
}

/*  Nobody is called who looks, or who wants none of it. */
static void s_nobody_is_called_without_need (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_say (self->taras, "olena: she sees that");
    zt_world_see (self, "olena: she sees that");
    zt_world_type (self, FOCUS_OUT "/quiet\r");
    zt_world_see (self, "#general calls no more");
    zt_world_say (self->taras, "olena: in vain");
    zt_world_see (self, "olena: in vain");
    zt_world_say (self->taras, "just talk");
    zt_world_see (self, "taras: just talk");
    assert_int_equal (zt_vterm_bells (self->child.vterm), 0);
    assert_null (strstr (zt_buffer_string (&self->written), "\033]9;"));
}

/*  ---------------------------------------------------------------------------
    Colours */

/*  The colour of the first letter of a text that is on the screen. */
static int s_foreground (zt_world_t *self, const char *text)
{
    int row = 0, column = 0;
    zt_world_find (self, text, &row, &column);
    return zt_vterm_cell (self->child.vterm, row, column).foreground;
}

static bool s_has_colours (zt_world_t *self)
{
    for (int row = 0; row < self->rows; row++)
        for (int column = 0; column < self->columns; column++) {
            zt_vterm_cell_t cell = zt_vterm_cell (self->child.vterm, row, column);
            if (cell.foreground != -1 || cell.background != -1)
                return true;
        }
    return false;
}

/*  The next screen, which is made so. */
static void s_show_with (zt_world_t *self, const char *environment, const char *arguments)
{
    self->environment = environment;
    self->arguments = arguments;
    if (self->is_shown)
        zt_world_show_again (self);
    else
        zt_world_meet (self);
}

enum { S_INDEX = 0x1000000, S_DARK_GREEN = S_INDEX + 114, S_LIGHT_GREEN = S_INDEX + 22 };

/*  Waits until the prompt has that colour. */
static void s_see_prompt (zt_world_t *self, int colour)
{
    for (int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
         s_foreground (self, "#general>") != colour; zt_world_look (self))
        if (zt_world_now () > deadline)
            zt_world_fail (self, "the prompt is %#x", (unsigned) s_foreground (self, "#general>"));
}

/*  Unless told, the background decides. */
static void s_a_background_chooses_a_theme (void **state)
{
    zt_world_t *self = *state;
    s_show_with (self, NULL, NULL);
    s_see_written (self, 0, "\033]11;?\033\\");
    zt_world_type (self, "\033]11;rgb:0a0a/0000/2222\033\\x");
    zt_world_see_line (self, "x", 1);
    assert_int_equal (s_foreground (self, "#general>"), S_DARK_GREEN);
    zt_world_type (self, "\177\033]11;rgb:ffff/ffff/ffff\033\\"); /* nobody has asked for it */
    zt_world_see_line (self, "", 0);
    assert_int_equal (s_foreground (self, "#general>"), S_DARK_GREEN);

    s_show_with (self, NULL, NULL);
    zt_world_type (self, "\033]11;rgb:ffff/ffff/dddd\a");
    s_see_prompt (self, S_LIGHT_GREEN);
    s_show_with (self, NULL, "--plain --theme dark");
    zt_world_type (self, "\033]11;rgb:ffff/ffff/dddd\ax");
    zt_world_see_line (self, "x", 1);
    assert_int_equal (s_foreground (self, "#general>"), S_DARK_GREEN);
    assert_null (strstr (zt_buffer_string (&self->written), "\033]11;"));
}

static void s_themes_colour (void **state)
{
    zt_world_t *self = *state;
    s_show_with (self, NULL, "--plain");
    assert_int_equal (s_foreground (self, "#general>"), S_DARK_GREEN);
    s_show_with (self, NULL, "--plain --theme light");
    assert_int_equal (s_foreground (self, "#general>"), S_LIGHT_GREEN);
    s_show_with (self, "export COLORTERM=truecolor", "--plain --theme light");
    assert_int_equal (s_foreground (self, "#general>"), 0x1B7A1B);
    s_show_with (self, "export TERM=xterm", "--plain --theme light");
    assert_int_equal (s_foreground (self, "#general>"), S_INDEX + 2);
    assert_true (s_has_colours (self));

    s_show_with (self, NULL, "--plain --theme none");
    zt_world_say (self->taras, "olena: look https://x.org/");
    zt_world_see (self, "»taras: olena: look");
    assert_false (s_has_colours (self));
    s_show_with (self, "export NO_COLOR=1", NULL);
    zt_world_see (self, "»taras: olena: look");
    assert_false (s_has_colours (self));
    s_show_with (self, "export NO_COLOR=", NULL); /* empty is not set */
    assert_true (s_has_colours (self));

    zt_world_type (self, "/theme light\r");
    zt_world_see_line (self, "", 0);
    zt_world_type (self, "/theme nonsense\r");
    zt_world_see (self, "themes are: dark, light, none ");
    assert_int_equal (s_foreground (self, "#general>"), S_LIGHT_GREEN);
}

/*  The environment with a configuration file of that text. */
static const char *s_configure (zt_world_t *self, const char *text)
{
    static char environment[512];
    char path[512];
    const char *directory = zt_harness_directory (self->harness);
    snprintf (path, sizeof path, "%s/config", directory);
    mkdir (path, 0700);
    snprintf (path, sizeof path, "%s/config/ztalk", directory);
    mkdir (path, 0700);
    snprintf (path, sizeof path, "%s/config/ztalk/config", directory);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    assert_true (fputs (text, file) >= 0);
    assert_int_equal (fclose (file), 0);
    snprintf (environment, sizeof environment, "export XDG_CONFIG_HOME=%s/config", directory);
    return environment;
}

static void s_a_file_configures (void **state)
{
    static const char own[] = "theme = light\n"
                              "colours\n"
                              "    prompt = \"#ff0000\"\n"
                              "    nonsense = red\n"
                              "shape = round\n";
    zt_world_t *self = *state;
    s_show_with (self, s_configure (self, "theme = light\n"), NULL);
    assert_int_equal (s_foreground (self, "#general>"), S_LIGHT_GREEN);
    s_show_with (self, self->environment, "--plain --theme dark");
    assert_int_equal (s_foreground (self, "#general>"), S_DARK_GREEN);

    /*  A mistake is told with its line, and the rest counts. */
    s_show_with (self, s_configure (self, own), NULL);
    zt_world_see (self, "config/ztalk/config:4: there is");
    zt_world_see (self, "such part: nonsense");
    zt_world_see (self, "ztalk/config:5: nothing");
    zt_world_see (self, "known of this: shape");
    assert_int_equal (s_foreground (self, "#general>"), S_INDEX + 196);
    zt_world_type (self, "/theme dark\r");
    zt_world_see_line (self, "", 0);
    zt_world_type (self, "/theme nonsense\r");
    zt_world_see (self, "themes are: dark, light, none, own");
    assert_int_equal (s_foreground (self, "#general>"), S_DARK_GREEN);
    s_show_with (self, self->environment, "--plain --theme own");
    assert_int_equal (s_foreground (self, "#general>"), S_INDEX + 196);

    s_show_with (self, s_configure (self, "theme = pink\n"), "--plain --theme own");
    zt_world_see (self, "ztalk/config:1: there is");
    zt_world_see (self, "there is no theme 'own': the ");
    assert_true (s_has_colours (self));
}

/*  ---------------------------------------------------------------------------
    A broker that is not known */

static void s_an_unknown_key_is_asked_about_before_the_screen (void **state)
{
    zt_world_t *self = *state;
    static char environment[512];
    char key[64] = "";
    zt_key_t wanted;
    char fingerprint[ZT_FINGERPRINT_SIZE];
    const char *argv[] = {"ztalk-broker", "-e", "tcp://127.0.0.1:*", "--ephemeral", NULL};
    self->broker = zt_harness_start (self->harness, argv, NULL);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s %63s", self->endpoint, key), 2);
    assert_true (zt_key_read (zt_bytes (key), &wanted));
    zt_key_fingerprint (&wanted, fingerprint);
    fingerprint[ZT_FINGERPRINT_SIZE / 2 - 1] = '\0';
    /*  As if it was not of this machine. */
    snprintf (environment, sizeof environment, "export XDG_STATE_HOME=%s/elsewhere",
              zt_harness_directory (self->harness));
    self->environment = environment;
    self->arguments = "2>&1";

    zt_world_show (self, "olena");
    zt_world_see (self, "^You have not been at ");
    zt_world_see (self, fingerprint);
    zt_world_see (self, "Trust it from now on\\? \\[y/N\\]$");
    assert_false (zt_vterm_is_alternate (self->child.vterm));
    zt_world_type (self, "n\r");
    zt_world_see (self, "^ztalk: not trusted, and so not connected$");
    int status = zt_terminal_child_wait (&self->child, 's', true);
    assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 4);
    assert_true (zt_terminal_child_is_restored (&self->child));

    zt_terminal_child_end (&self->child);
    self->is_shown = false;
    zt_world_show (self, "olena");
    zt_world_see (self, "Trust it from now on\\? \\[y/N\\]$");
    zt_world_type (self, "так\r");
    zt_world_see (self, "^ #general  connected");
    assert_true (zt_vterm_is_alternate (self->child.vterm));
    zt_world_type (self, "it is encrypted\r");
    zt_world_see (self, "olena: it is encrypted ✓");
    zt_world_type (self, "/exit\r");
    zt_world_expect_exit (self, 0);

    zt_world_show_again (self); /* and not asked again */
    assert_null (strstr (zt_buffer_string (&self->written), "Trust it"));
}

/*  ---------------------------------------------------------------------------
    Ukrainian */

static void s_all_of_it_is_in_ukrainian (void **state)
{
    zt_world_t *self = *state;
    self->environment = "export LANGUAGE=uk";
    zt_world_start_broker (self, "tcp://127.0.0.1:*");
    self->taras = zt_world_start (self, "taras");
    zt_world_show (self, "olena");
    zt_world_see (self, "^ #general  є зв’язок, [0-9]+ мс");
    zt_world_see (self, "на зв’язку \\(2\\)$");
    zt_world_type (self, "\033OP");
    zt_world_see (self, "Клавіші й команди \\(Esc закриває\\)");
    zt_world_see (self, "Ctrl-K +перейти до розмови");
    zt_world_type (self, "\033");
    zt_world_see_no (self, "Клавіші");
    zt_world_ctrl (self, 'k');
    zt_world_see (self, "^Перейти до ");
    zt_world_type (self, "\033");
    zt_world_see_no (self, "Перейти до ");
    zt_world_type (self, "/search нічого\r");
    zt_world_see (self, "нічого не знайдено");

    /*  A paste, and its question: the letters are those of the language, or the English ones. */
    zt_world_type (self, PASTE ("перший ряд\nдругий ряд"));
    zt_world_see (self, "^2 рядки: \\(о\\)дним повідомленням, \\(к\\)ожен окремо чи");
    zt_world_type (self, "с");
    zt_world_see_no (self, "2 рядки: ");
    zt_world_see_line (self, "", 0);
    zt_world_type (self, PASTE ("перший ряд\nдругий ряд"));
    zt_world_see (self, "2 рядки: ");
    zt_world_type (self, "к");
    zt_program_expect (self->taras, "olena: перший ряд");
    zt_program_expect (self->taras, "olena: другий ряд");
    zt_world_type (self, PASTE ("третій ряд\nчетвертий ряд"));
    zt_world_see (self, "2 рядки: ");
    zt_world_type (self, "О");
    zt_world_see (self, "^#general> третій ряд$");
    zt_world_type (self, "\r");
    zt_program_expect (self->taras, "olena: третій ряд");
    zt_program_expect (self->taras, "четвертий ряд");

    /*  Who comes and goes, and the connection. */
    zt_world_say (self->taras, "вітаю");
    zt_world_see (self, "taras: вітаю");
    zt_world_say (self->taras, "/exit");
    zt_world_see (self, "\\* .*taras");
    zt_world_see (self, "на зв’язку \\(1\\)$");
    zt_program_kill (self->broker, SIGKILL);
    zt_program_wait_exit (self->broker);
    zt_world_see (self, "^ #general  без зв’язку");
    zt_world_type (self, "/exit\r");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, zt_world_setup, zt_world_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_a_mention_calls),
        TEST (s_a_mention_calls_through_tmux),
        TEST (s_nobody_is_called_without_need),
        TEST (s_a_background_chooses_a_theme),
        TEST (s_themes_colour),
        TEST (s_a_file_configures),
        TEST (s_an_unknown_key_is_asked_about_before_the_screen),
        TEST (s_all_of_it_is_in_ukrainian),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
