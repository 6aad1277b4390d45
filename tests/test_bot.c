/*  SPDX-License-Identifier: MPL-2.0

    ztalk bot, with the real programs: each message is answered once, whoever is killed. */

#include "tests/harness.h"

#include "common/options.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    const char *directory;
    const char *set; /* a setting of the broker, or NULL */
    char endpoint[256];
    char here[512], data[512], command[512], go[512];
} s_world_t;

static void s_start_broker (s_world_t *self, const char *endpoint)
{
    const char *argv[] = {"ztalk-broker", "-d",     self->data,
                          "-e",           endpoint, self->set ? "--set" : NULL,
                          self->set,      NULL};
    const char *environment[] = {self->here, NULL};
    self->broker = zt_harness_start (self->harness, argv, environment);
    const char *ready = zt_program_expect (self->broker, "ready ");
    assert_int_equal (sscanf (ready, "ready %255s", self->endpoint), 1);
}

static int s_setup (void **state)
{
    s_world_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    self->harness = zt_harness_new ();
    self->directory = zt_harness_directory (self->harness);
    snprintf (self->here, sizeof self->here, "XDG_STATE_HOME=%s/here", self->directory);
    snprintf (self->data, sizeof self->data, "%s/data", self->directory);
    snprintf (self->go, sizeof self->go, "%s/go", self->directory);
    snprintf (self->command, sizeof self->command, "%s/tests/bot_command.py",
              getenv ("ZTALK_SOURCE"));
    assert_int_equal (mkfifo (self->go, 0600), 0);
    s_start_broker (self, "tcp://127.0.0.1:*");
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_harness_destroy (&self->harness);
    free (self);
    return 0;
}

/*  Starts ztalk with the home and these arguments, up to NULL. */
static zt_program_t *s_start (s_world_t *self, const char *home, const char *more, ...)
{
    const char *argv[16] = {"ztalk"};
    va_list args;
    va_start (args, more);
    for (size_t i = 1; (argv[i] = va_arg (args, const char *)); i++)
        assert_true (i < 14);
    va_end (args);
    char own[600];
    snprintf (own, sizeof own, "ZTALK_HOME=%s/%s", self->directory, home);
    const char *environment[] = {own, self->here, "ZTALK_NAME", "ZTALK_ENDPOINT", more, NULL};
    return zt_harness_start (self->harness, argv, environment);
}

static zt_program_t *s_start_bot (s_world_t *self, const char *more)
{
    return s_start (self, "robot", more, "bot", "-e", self->endpoint, "-n", "robot", "--",
                    self->command, self->directory, NULL);
}

/*  Somebody who has met the bot. */
static zt_program_t *s_start_olena (s_world_t *self, zt_program_t *bot)
{
    if (bot)
        zt_program_expect_error (bot, "ztalk: connected to");
    zt_program_t *olena = s_start (self, "olena", NULL, "-e", self->endpoint, "-n", "olena", NULL);
    zt_program_expect (olena, "* online: ");
    return olena;
}

static void s_kill (zt_program_t *program)
{
    zt_program_kill (program, SIGKILL);
    zt_program_wait_exit (program);
}

static void s_it_answers (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot say Привіт, \"світе\"\n");
    zt_program_expect (olena, "robot -> olena: Привіт, \"світе\"");
    zt_program_expect_error (bot, "@olena @robot say Привіт, \"світе\" {\"text\": ");
    zt_program_write (olena, "say here\n"); /* in the room that it was asked in */
    zt_program_expect (olena, "robot: here");
    zt_program_write (olena, "/msg robot to #general\n");
    zt_program_expect (olena, "robot: elsewhere");
    zt_program_write (olena, "/msg robot out @olena\n");
    zt_program_expect (olena, "robot -> olena: unasked");
    zt_program_write (olena, "/msg robot decline\n/msg robot to @nobody\n/msg robot say end\n");
    zt_program_expect (olena, "robot -> olena: end");
    zt_program_expect_error (bot, "ztalk: the broker has refused a message (nobody has the name");

    /*  In order: the command reads the end, and what it says then is sent, too. */
    zt_program_kill (bot, SIGTERM);
    zt_program_expect_error (bot, "read all");
    zt_program_expect (olena, "robot: bye");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_FAILED); /* one was refused */
    assert_string_equal (zt_program_output (bot, ZT_STDOUT), "");
    bot = s_start_bot (self, NULL);
    zt_program_write (olena, "/msg robot say nothing comes again\n");
    zt_program_expect (olena, "robot -> olena: nothing comes again");
    zt_program_kill (bot, SIGINT);
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_OK);
    const char *said = strstr (zt_program_output (bot, ZT_STDERR), "given ");
    assert_non_null (said);
    assert_non_null (strstr (said, "nothing comes again"));
    assert_null (strstr (said + 1, "given "));
}

static void s_a_command_that_dies_gets_it_again (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot crash\n/msg robot say after\n");
    zt_program_expect_error (bot, "crash");
    zt_program_expect_error (bot, "ztalk: a signal (9) has ended the command");
    zt_program_expect_error (bot, "begun");
    zt_program_expect_error (bot, "crash");
    zt_program_expect (olena, "robot -> olena: recovered");
    zt_program_expect (olena, "robot -> olena: after");
}

static void s_a_bot_that_dies_gets_it_again (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot hold\n/msg robot say one\n");
    zt_program_expect_error (bot, "hold");
    zt_program_expect (olena, "robot -> olena: one"); /* out of turn */
    s_kill (bot);

    bot = s_start_bot (self, "ANSWERS=1");
    zt_program_expect_error (bot, "hold");
    zt_program_expect (olena, "robot -> olena: held");
    zt_program_write (olena, "/msg robot say two\n");
    zt_program_expect (olena, "robot -> olena: two");
    s_kill (bot);
    assert_null (strstr (zt_program_output (bot, ZT_STDERR), "say one"));

    bot = s_start_bot (self, NULL);
    zt_program_write (olena, "/msg robot say three\n");
    zt_program_expect (olena, "robot -> olena: three");
    zt_program_kill (bot, SIGTERM);
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_OK);
    const char *output = zt_program_output (bot, ZT_STDERR);
    assert_null (strstr (output, "hold"));
    zt_program_write (olena, "/history robot\n");
    zt_program_expect (olena, "that was all (8)");
}

static void s_whoever_dies_it_is_answered_once (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot wait\n");
    zt_program_expect_error (bot, "wait");
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    s_kill (self->broker);
    zt_program_expect_error (bot, "ztalk: connection lost");
    FILE *go = fopen (self->go, "w");
    assert_non_null (go);
    fclose (go);
    /*  The answer is with the bot, or still in the pipe. */
    s_kill (bot);
    s_start_broker (self, endpoint);
    zt_program_expect (olena, "connected again");
    bot = s_start_bot (self, NULL);
    /*  If it was in the pipe the message is given again. */
    int fd_go = 0;
    zt_program_write (olena, "/msg robot say next\n");
    while (fd_go++ < 2 && !zt_program_find (olena, ZT_STDOUT, "robot -> olena: waited", 2000)) {
        go = fopen (self->go, "w");
        assert_non_null (go);
        fclose (go);
    }
    zt_program_expect (olena, "robot -> olena: next");
    zt_program_write (olena, "/history robot\n");
    zt_program_expect (olena, "that was all (4)");
}

static void s_refused_after_both_died_it_goes_on (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot wait @nobodyhere\n");
    zt_program_expect_error (bot, "wait");
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    s_kill (self->broker);
    zt_program_expect_error (bot, "ztalk: connection lost");
    FILE *go = fopen (self->go, "w");
    assert_non_null (go);
    fclose (go);
    zt_program_expect_error (bot, "has said it");
    zt_program_expect_error (bot,
                             "no message with the id"); /* so it is kept what was said before */
    s_kill (bot);
    s_start_broker (self, endpoint);
    bot = s_start_bot (self, NULL);
    zt_program_expect_error (bot, "the broker has refused a message (nobody has the name");
    zt_program_expect (olena, "connected again");
    zt_program_write (olena, "/msg robot say on\n");
    zt_program_expect (olena, "robot -> olena: on");
    zt_program_kill (bot, SIGTERM);
    zt_program_wait_exit (bot);
    bot = s_start_bot (self, NULL); /* and all is acknowledged */
    zt_program_write (olena, "/msg robot say two\n");
    zt_program_expect (olena, "robot -> olena: two");
    assert_null (strstr (zt_program_output (bot, ZT_STDERR), "wait"));
    assert_null (strstr (zt_program_output (bot, ZT_STDERR), "say on"));
}

static void s_bad_lines_are_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot bad\n");
    zt_program_expect_error (bot, "(it is not a JSON object): nonsense ␛[1m");
    zt_program_expect_error (bot,
                             "(no message with the id in \"re\" waits for an answer): {\"re\":77");
    zt_program_expect_error (bot, "(it has no \"to\", and no \"re\"");
    zt_program_expect_error (bot, "(it has neither a \"text\" nor a \"re\"): {}");
    zt_program_expect_error (bot, "(it is not a JSON object): [1]");
    zt_program_expect_error (bot, "{\"to\":\"a/b\"");
    zt_program_expect_error (bot, "(a body of so many bytes cannot be sent)");
    zt_program_expect_error (bot, "(it is not a JSON object): xxxxx");
    /*  What is too large counts as dealt with. */
    zt_program_expect_error (bot, "waits for an answer): {\"re\": ");
    zt_program_write (olena, "/msg robot twice\n");
    zt_program_expect_error (bot, "(the message has been answered already)");
    zt_program_expect (olena, "robot -> olena: once");
    zt_program_write (olena, "/msg robot say well\n");
    zt_program_expect (olena, "robot -> olena: well");
    assert_null (strchr (zt_program_output (bot, ZT_STDERR), '\033'));
}

/*  A message of so many bytes. */
static void s_send_long (zt_program_t *program, const char *beginning, size_t size)
{
    char *line = malloc (size + 2);
    assert_non_null (line);
    memset (line, 'x', size);
    memcpy (line, beginning, strlen (beginning));
    memcpy (line + size, "\n", 2);
    zt_program_write (program, line);
    free (line);
}

static void s_a_nul_is_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot nul\n/msg robot say well\n");
    zt_program_expect_error (bot, "(there is a NUL in it): {\"re\": ");
    zt_program_expect_error (bot, "waits for an answer): {\"re\": "); /* it counts as dealt with */
    zt_program_expect (olena, "robot -> olena: well");
    assert_null (strstr (zt_program_output (olena, ZT_STDOUT), "cut"));
}

static void s_who_cannot_answer_is_started_again (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot mute\n");
    zt_program_expect_error (bot, "the command has closed its standard output"); /* after 5 s */
    zt_program_expect_error (bot, "a signal (15) has ended the command");
    zt_program_expect (olena, "robot -> olena: heard");
}

/*  An answer is longer than what it answers: of one that has no room for that nobody goes deaf. */
static void s_what_cannot_be_answered_is_dealt_with (void **state)
{
    enum { S_MANY = 20, S_LONGEST = 65525 };
    s_world_t *self = *state;
    char echo[512];
    static const char to[] = "/msg echo ";
    snprintf (echo, sizeof echo, "%s/tools/examples/echo.sh", getenv ("ZTALK_SOURCE"));
    zt_program_t *bot =
        s_start (self, "echo", NULL, "bot", "-e", self->endpoint, "-n", "echo", "--", echo, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    for (int i = 0; i < S_MANY; i++)
        s_send_long (olena, to, sizeof to - 1 + S_LONGEST);
    zt_program_write (olena, "/msg echo well\n");
    for (int i = 0; i < S_MANY; i++)
        zt_program_expect_error (bot, "(a body of so many bytes cannot be sent)");
    zt_program_expect (olena, "echo -> olena: well");
}

static void s_the_command_has_a_window (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    for (int i = 0; i < 70; i++)
        zt_program_write (olena, "/msg robot window\n");
    zt_program_write (olena, "/msg robot say end\n");
    zt_program_expect_error (bot, "full");
    zt_program_expect (olena, "robot -> olena: end");
    assert_null (strstr (zt_program_output (bot, ZT_STDERR), "too many"));
}

/*  More than can wait to be sent is read from the command, which has ended, to its end. */
static void s_what_a_command_said_last_is_sent (void **state)
{
    enum { S_LINES = 4500 };
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot flood 4500\n");
    zt_program_expect_error (bot, "flood 4500");
    zt_program_kill (self->broker, SIGSTOP);
    FILE *go = fopen (self->go, "w");
    assert_non_null (go);
    fclose (go);
    zt_program_kill (self->broker, SIGCONT);
    zt_program_expect_error (bot, "ztalk: the command has ended with 0");
    zt_program_expect (olena, "robot: line 4499.");
    int count = 0;
    for (const char *at = zt_program_output (olena, ZT_STDOUT);
         (at = strstr (at, "robot: line ")) != NULL; at++)
        count++;
    assert_int_equal (count, S_LINES);
}

static void s_a_full_window_is_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    for (int i = 0; i < 70; i++)
        zt_program_write (olena, "/msg robot hold\n");
    zt_program_expect_error (bot, "is given no more until it does");
}

/*  The broker counts bytes, too. */
static void s_long_messages_fill_it_sooner (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    for (int i = 0; i < 20; i++)
        s_send_long (olena, "/msg robot hold ", 60000);
    zt_program_expect_error (bot, "messages of more than 512 KiB together");
}

static void s_what_is_lost_is_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    s_kill (bot);
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    s_kill (self->broker);
    self->set = "store/replay=2";
    s_start_broker (self, endpoint);
    zt_program_expect (olena, "connected again");
    zt_program_write (olena, "/msg robot say 1\n/msg robot say 2\n/msg robot say 3\n");
    zt_program_write (olena, "/msg robot say 4\n/msg robot say 5\n");
    zt_program_expect (olena, "] olena -> robot: say 5");
    bot = s_start_bot (self, NULL);
    zt_program_expect_error (bot, "ztalk: 3 messages are lost to the bot");
    zt_program_expect_error (bot, "say 4");
}

/*  What is ignored when they start, as nohup has it, does not end them. */
static void s_what_is_ignored_stays_so (void **state)
{
    s_world_t *self = *state;
    char endpoint[sizeof self->endpoint];
    memcpy (endpoint, self->endpoint, sizeof endpoint);
    s_kill (self->broker);
    struct sigaction ignored = {.sa_handler = SIG_IGN}, old;
    assert_int_equal (sigaction (SIGHUP, &ignored, &old), 0);
    s_start_broker (self, endpoint);
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    assert_int_equal (sigaction (SIGHUP, &old, NULL), 0);
    zt_program_kill (bot, SIGHUP);
    zt_program_kill (self->broker, SIGHUP);
    zt_program_kill (olena, SIGHUP);
    zt_program_write (olena, "/msg robot say well\n");
    zt_program_expect (olena, "robot -> olena: well");
    zt_program_kill (bot, SIGTERM);
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_OK);
    assert_null (strstr (zt_program_output (self->broker, ZT_STDERR), "reload"));
    zt_program_kill (self->broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (self->broker), 0);
}

static void s_it_hears_one_conversation (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start (self, "robot", NULL, "bot", "-e", self->endpoint, "-n", "robot",
                                 "--in", "#Dev", self->command, self->directory, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/join #dev\n");
    zt_program_expect (olena, "you are in #Dev");
    zt_program_write (olena, "/msg robot say private\nsay room\n");
    zt_program_expect (olena, "robot #Dev: room");
    assert_null (strstr (zt_program_output (bot, ZT_STDERR), "private"));
}

static void s_a_stubborn_command_is_killed (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start_bot (self, NULL);
    zt_program_t *olena = s_start_olena (self, bot);
    zt_program_write (olena, "/msg robot stubborn\n");
    zt_program_expect_error (bot, "ignores");
    zt_program_kill (bot, SIGTERM); /* 5 s, and 2 more */
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_OK);
}

static void s_what_cannot_be_is_told (void **state)
{
    s_world_t *self = *state;
    zt_program_t *bot = s_start (self, "robot", NULL, "bot", "-n", "robot", NULL);
    zt_program_expect_error (bot, "which command is to answer?");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_USAGE);
    bot = s_start (self, "robot", NULL, "bot", "-n", "robot", "--json", "--", "cat", NULL);
    zt_program_expect_error (bot, "a bot has JSON");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_USAGE);
    bot = s_start (self, "robot", NULL, "bot", "--", "cat", NULL);
    zt_program_expect_error (bot, "who is the bot?");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_USAGE);
    bot = s_start (self, "robot", NULL, "bot", "-e", self->endpoint, "-n", "robot", "--",
                   "/no/such/command", NULL);
    zt_program_expect_error (bot, "cannot run the command: No such file");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_FAILED);
    char elsewhere[300];
    snprintf (elsewhere, sizeof elsewhere, "XDG_STATE_HOME=%s/elsewhere", self->directory);
    bot = s_start (self, "robot", elsewhere, "bot", "-e", self->endpoint, "-n", "robot", "--",
                   "cat", NULL);
    zt_program_expect_error (bot, "is not known here. Its fingerprint is");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_REFUSED);
    zt_program_t *first = s_start_bot (self, NULL);
    zt_program_expect_error (first, "ztalk: connected to");
    bot = s_start (self, "robot", NULL, "bot", "-e", self->endpoint, "-n", "robot", "--", "cat",
                   NULL);
    zt_program_expect_error (bot, "another program is the device bot of robot");
    assert_int_equal (zt_program_wait_exit (bot), ZT_EXIT_REFUSED);
    s_kill (first);
}

static void s_the_examples_work (void **state)
{
    s_world_t *self = *state;
    char echo[512], counter[512];
    snprintf (echo, sizeof echo, "%s/tools/examples/echo.sh", getenv ("ZTALK_SOURCE"));
    snprintf (counter, sizeof counter, "%s/tools/examples/bot.py", getenv ("ZTALK_SOURCE"));
    zt_program_t *one =
        s_start (self, "echo", NULL, "bot", "-e", self->endpoint, "-n", "echo", "--", echo, NULL);
    zt_program_t *two = s_start (self, "counter", NULL, "bot", "-e", self->endpoint, "-n",
                                 "counter", "--", counter, NULL);
    zt_program_expect_error (one, "ztalk: connected to");
    zt_program_expect_error (two, "ztalk: connected to");
    zt_program_t *olena = s_start_olena (self, NULL);
    zt_program_write (olena, "/msg echo a \"q\" \\ ,\"body\": ї\n");
    zt_program_expect (olena, "echo -> olena: a \"q\" \\ ,\"body\": ї");
    zt_program_write (olena, "/msg counter one two three\n");
    zt_program_expect (olena, "counter -> olena: olena: 3 words");
    zt_program_write (olena, "not for you\nCounter, how many?\n");
    zt_program_expect (olena, "counter: olena: 3 words");
    zt_program_t *const bots[] = {one, two};
    for (size_t i = 0; i < 2; i++) {
        zt_program_kill (bots[i], SIGTERM);
        assert_int_equal (zt_program_wait_exit (bots[i]), ZT_EXIT_OK);
        assert_null (strstr (zt_program_output (bots[i], ZT_STDERR), "ignored"));
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_it_answers, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_command_that_dies_gets_it_again, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_bot_that_dies_gets_it_again, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_whoever_dies_it_is_answered_once, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_refused_after_both_died_it_goes_on, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_bad_lines_are_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_nul_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_cannot_answer_is_started_again, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_cannot_be_answered_is_dealt_with, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_long_messages_fill_it_sooner, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_the_command_has_a_window, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_a_command_said_last_is_sent, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_full_window_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_is_lost_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_is_ignored_stays_so, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_it_hears_one_conversation, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_stubborn_command_is_killed, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_cannot_be_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_the_examples_work, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
