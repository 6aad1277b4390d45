/*  SPDX-License-Identifier: MPL-2.0

    What is typed and not sent is not lost, however the full screen ends, and whatever becomes of
    it in an editor. */

#include "tests/screen_world.h"

#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ALT_UP   "\033[1;3A"
#define ALT_DOWN "\033[1;3B"
#define ALT_E    "\033e"

/*  The first file of that pattern in the home, or "". */
static void s_find_file (zt_world_t *self, const char *pattern, char *path, size_t size)
{
    char wanted[1024];
    glob_t found;
    snprintf (wanted, sizeof wanted, "%s/%s", strchr (self->home, '=') + 1, pattern);
    path[0] = '\0';
    if (glob (wanted, 0, NULL, &found) == 0)
        snprintf (path, size, "%s", found.gl_pathv[0]);
    globfree (&found);
}

/*  Appends what a file holds, if it is there. */
static void s_read (const char *path, zt_buffer_t *text)
{
    FILE *file = fopen (path, "re");
    if (!file)
        return;
    text->size += fread (zt_buffer_reserve (text, 65536), 1, 65536, file);
    fclose (file);
}

static void s_write (const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    assert_int_equal (fwrite (text, 1, strlen (text), file), strlen (text));
    assert_int_equal (fclose (file), 0);
    assert_int_equal (chmod (path, mode), 0);
}

/*  Waits until what is kept has the text; "": until nothing is kept. */
static void s_wait_kept (zt_world_t *self, const char *text)
{
    char path[512];
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    for (bool is_there = false; !is_there; zt_world_look (self)) {
        zt_buffer_t kept = {NULL, 0, 0};
        s_find_file (self, "drafts-*", path, sizeof path);
        s_read (path, &kept);
        is_there = *text ? strstr (zt_buffer_string (&kept), text) != NULL : !*path;
        if (zt_world_now () > deadline)
            fail_msg ("'%s' is not kept: '%s'", text, zt_buffer_string (&kept));
        zt_buffer_free (&kept);
    }
}

/*  Types what is to be kept, in two conversations. */
static void s_leave_drafts (zt_world_t *self)
{
    zt_world_type (self, "/msg taras\r");
    zt_world_see (self, "^@taras> *$");
    zt_world_type (self, "для тараса 👨‍👩‍👧");
    zt_world_see (self, "^@taras> для тараса");
    zt_world_type (self, "\0331");
    zt_world_see_line (self, "", 0);
    zt_world_type (self, "to \"all\"\033\rof you");
    zt_world_see (self, "^#general> to \"all\"$");
    zt_world_see (self, "^          of you$");
}

/*  They are there again, and olena goes on with the one in the general chat. */
static void s_see_drafts (zt_world_t *self)
{
    zt_world_see (self, "^#general> to \"all\"$");
    zt_world_see (self, "^          of you$");
    zt_world_type (self, ALT_DOWN);
    zt_world_see (self, "^@taras> для тараса");
    zt_world_type (self, ALT_UP);
    zt_world_see (self, "^          of you$");
}

static void s_any_end_keeps_them (void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGKILL};
    zt_world_t *self = *state;
    struct stat status;
    char path[512];
    zt_world_meet (self);
    s_leave_drafts (self);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (signals[i] == SIGKILL) /* it can be had for a second */
            s_wait_kept (self, "of you");
        kill (self->child.program, signals[i]);
        int ended = zt_terminal_child_wait (&self->child, 's', true);
        assert_true (signals[i] == SIGKILL ? WIFSIGNALED (ended) : WIFEXITED (ended));
        s_find_file (self, "drafts-*", path, sizeof path);
        assert_int_equal (stat (path, &status), 0);
        assert_int_equal (status.st_mode & 0777, 0600);
        zt_world_show_again (self);
        s_see_drafts (self);
    }

    /*  /exit is typed, and no draft; those of others stay. */
    zt_world_ctrl (self, 'u');
    zt_world_ctrl (self, 'u');
    zt_world_ctrl (self, 'c');
    zt_world_see_line (self, "", 0);
    zt_world_type (self, "/exit\r");
    zt_world_expect_exit (self, 0);
    zt_world_show_again (self);
    zt_world_see_line (self, "", 0);
    zt_world_type (self, ALT_DOWN);
    zt_world_see (self, "^@taras> для тараса");

    /*  What has been sent is not there to be sent again. */
    zt_world_type (self, "\r");
    zt_program_expect (self->taras, "для тараса");
    s_wait_kept (self, "{\"to\":\"@taras\"}");
    kill (self->child.program, SIGKILL);
    zt_terminal_child_wait (&self->child, 's', true);
    zt_world_show_again (self);
    zt_world_see_line (self, "", 0);

    /*  The private conversation stays in the list, until it is closed; so does one that somebody
        else has begun. */
    zt_world_see (self, "^ @taras");
    zt_world_type (self, "/close taras\r");
    zt_world_see_no (self, "^ @taras");
    s_wait_kept (self, "");
    zt_world_say (self->taras, "/msg olena psst");
    zt_world_see (self, "^ @taras +1!");
    s_wait_kept (self, "{\"to\":\"@taras\"}");
    kill (self->child.program, SIGKILL);
    zt_terminal_child_wait (&self->child, 's', true);
    zt_world_show_again (self);
    zt_world_see (self, "^ @taras");
}

/*  Waits until nobody holds the lock that goes with what is kept: the program has ended. */
static void s_wait_unlocked (zt_world_t *self)
{
    char kept[512], lock[512];
    s_find_file (self, "drafts-*", kept, sizeof kept);
    snprintf (lock, sizeof lock, "lock-%s", strrchr (kept, '-') + 1);
    s_find_file (self, lock, lock, sizeof lock);
    int fd = open (lock, O_RDWR | O_CLOEXEC);
    assert_true (fd >= 0);
    int64_t deadline = zt_world_now () + ZT_WORLD_DEADLINE_MS;
    while (flock (fd, LOCK_EX | LOCK_NB) != 0) {
        assert_true (zt_world_now () < deadline);
        poll (NULL, 0, 20);
    }
    close (fd);
}

/*  Its terminal is closed under it, as with a window, or ssh that is gone. */
static void s_a_terminal_that_is_gone_keeps_them (void **state)
{
    zt_world_t *self = *state;
    zt_world_meet (self);
    zt_world_type (self, "in the middle of a wo");
    s_wait_kept (self, "of a wo");
    zt_world_type (self, "r");
    zt_world_see_line (self, "in the middle of a wor", 22);
    close (self->child.terminal);
    close (self->child.slave);
    self->child.terminal = open ("/dev/null", O_RDWR | O_CLOEXEC);
    self->child.slave = dup (self->child.terminal);
    s_wait_unlocked (self);
    zt_world_show_again (self);
    zt_world_see_line (self, "in the middle of a wor", 22);
}

static void s_a_damaged_file_is_set_aside (void **state)
{
    static const char damaged[] = "{\"to\":\"#general\",\"text\":\"whole\"}\n{\"to\":\"@ta";
    zt_world_t *self = *state;
    char path[512];
    zt_world_meet (self);
    zt_world_type (self, "typed");
    s_wait_kept (self, "typed");
    kill (self->child.program, SIGTERM);
    zt_terminal_child_wait (&self->child, 's', true);
    s_find_file (self, "drafts-*", path, sizeof path);
    s_write (path, damaged, 0600);
    zt_world_show_again (self);
    zt_world_see_line (self, "whole", 5);
    zt_world_see (self, "not all that was typed and not sent could be");
    zt_world_see (self, "[0-9a-f]+\\.damaged now");
    zt_buffer_t text = {NULL, 0, 0};
    s_find_file (self, "drafts-*.damaged", path, sizeof path);
    s_read (path, &text);
    assert_string_equal (zt_buffer_string (&text), damaged);
    zt_buffer_free (&text);
    assert_int_equal (unlink (path), 0);

    /*  Where there is a directory, nothing can be read or written, and it is told. */
    kill (self->child.program, SIGTERM);
    zt_terminal_child_wait (&self->child, 's', true);
    s_find_file (self, "drafts-*", path, sizeof path);
    assert_int_equal (unlink (path), 0);
    assert_int_equal (mkdir (path, 0700), 0);
    zt_world_show_again (self);
    zt_world_see (self, "back: drafts-");
    zt_world_type (self, "goes on\r");
    zt_program_expect (self->taras, "goes on");
}

/*  ---------------------------------------------------------------------------
    $EDITOR */

/*  A script that is the editor. */
static const char *s_make_editor (zt_world_t *self, const char *name, const char *script)
{
    static char path[512];
    snprintf (path, sizeof path, "%s/%s", zt_harness_directory (self->harness), name);
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (&text, "#!/bin/sh\n%s\n", script);
    s_write (path, zt_buffer_string (&text), 0700);
    zt_buffer_free (&text);
    return path;
}

static void s_meet_with (zt_world_t *self, const char *format, const char *editor)
{
    static char environment[1024];
    snprintf (environment, sizeof environment, "export TMPDIR=%s ",
              zt_harness_directory (self->harness));
    size_t used = strlen (environment);
    snprintf (environment + used, sizeof environment - used, "%s=%s", format, editor);
    self->environment = environment;
    zt_world_meet (self);
}

/*  No file of an editor is left. */
static void s_expect_nothing_left (zt_world_t *self)
{
    char path[512];
    s_find_file (self, "../ztalk-??????", path, sizeof path);
    assert_string_equal (path, "");
}

static void s_an_editor_edits (void **state)
{
    zt_world_t *self = *state;
    /*  $VISUAL goes before $EDITOR, and may have arguments. */
    const char *editor = s_make_editor (
        self, "editor",
        "[ \"$1\" = --wait ] || exit 3\n"
        "tr '\\n' '|' <\"$2\" >\"$2.seen\"\n"
        "printf 'перший рядок 👨‍👩‍👧\\n\\nтретій ґ\\n' >>\"$2\"\n");
    char visual[600];
    snprintf (visual, sizeof visual, "'%s --wait' EDITOR=false", editor);
    s_meet_with (self, "VISUAL", visual);
    zt_world_type (self, "чернетка, ");
    zt_world_see (self, "^#general> чернетка,$");
    zt_world_type (self, ALT_E);
    zt_world_see (self, "^#general> чернетка, перший рядок");
    zt_world_see (self, "^          третій ґ$");
    assert_true (zt_vterm_is_alternate (self->child.vterm));
    zt_world_type (self, "!\r");
    zt_program_expect (self->taras,
                       "olena: чернетка, перший рядок 👨‍👩‍👧");
    zt_program_expect (self->taras, "третій ґ!");
    zt_world_see_line (self, "", 0);
    zt_buffer_t seen = {NULL, 0, 0};
    char path[512];
    s_find_file (self, "../ztalk-??????.seen", path, sizeof path);
    s_read (path, &seen);
    assert_string_equal (zt_buffer_string (&seen), "чернетка, ");
    zt_buffer_free (&seen);
    s_expect_nothing_left (self);
}

static void s_an_editor_that_fails_is_told_of (void **state)
{
    zt_world_t *self = *state;
    s_meet_with (self, "EDITOR", "no-such-editor");
    zt_world_type (self, "half a sentence");
    zt_world_type (self, ALT_E);
    zt_world_see (self, "there is no editor 'no-such-editor'; the variable");
    zt_world_see (self, "names one\\. What was typed");
    zt_world_see_line (self, "half a sentence", 15);

    static const struct {
        const char *script, *told;
    } rows[] = {{"echo nonsense >\"$1\"; exit 3", "has failed, with"},
                {"echo nonsense >\"$1\"; kill -KILL $$", "was ended by a"},
                {"exec /", "cannot be"},
                {"rm \"$1\"", "cannot read"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kill (self->child.program, SIGTERM);
        zt_terminal_child_wait (&self->child, 's', true);
        static char environment[1024];
        snprintf (environment, sizeof environment, "export TMPDIR=%s EDITOR=%s",
                  zt_harness_directory (self->harness), s_make_editor (self, "e", rows[i].script));
        self->environment = environment;
        zt_world_show_again (self);
        zt_world_see_line (self, "half a sentence", 15);
        zt_world_type (self, ALT_E);
        zt_world_see (self, rows[i].told);
        zt_world_see_line (self, "half a sentence", 15);
        s_expect_nothing_left (self);
    }
}

/*  More than a message has room for stays in the file, whose name is told. */
static void s_too_long_a_text_is_not_lost (void **state)
{
    zt_world_t *self = *state;
    char path[512];
    struct stat status;
    s_meet_with (self, "EDITOR",
                 s_make_editor (self, "editor", "head -c 70000 /dev/zero | tr '\\0' x >\"$1\""));
    zt_world_type (self, "short" ALT_E);
    zt_world_see (self, "that is too long for a message\\. It stays in");
    zt_world_see_line (self, "short", 5);
    s_find_file (self, "../ztalk-??????", path, sizeof path);
    assert_int_equal (stat (path, &status), 0);
    assert_int_equal (status.st_size, 70000);
}

/*  What the editor has written when all ends is the draft. */
static void s_an_end_ends_the_editor (void **state)
{
    zt_world_t *self = *state;
    s_meet_with (self, "EDITOR",
                 s_make_editor (self, "editor",
                                "echo written by then >\"$1\"; echo it runs; exec tail -f \"$1\""));
    zt_world_type (self, "before" ALT_E);
    zt_world_see (self, "^it runs$");
    /*  Meanwhile all goes on. */
    zt_world_say (self->taras, "meanwhile");
    kill (self->child.program, SIGTERM);
    int ended = zt_terminal_child_wait (&self->child, 's', true);
    assert_true (WIFEXITED (ended));
    s_expect_nothing_left (self);
    zt_world_show_again (self);
    zt_world_see_line (self, "written by then", 15);
    zt_world_see (self, "taras: meanwhile");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, zt_world_setup, zt_world_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_any_end_keeps_them),
        TEST (s_a_terminal_that_is_gone_keeps_them),
        TEST (s_a_damaged_file_is_set_aside),
        TEST (s_an_editor_edits),
        TEST (s_an_editor_that_fails_is_told_of),
        TEST (s_too_long_a_text_is_not_lost),
        TEST (s_an_end_ends_the_editor),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
