/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/buffer.h"
#include "common/options.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <limits.h>
#include <unistd.h>

enum { ENDPOINT = 1, PLAIN, LIMIT, REFUSED, SYNC, MODE };

static const zt_option_t s_options[] = {
    {'e', "endpoint", "ENDPOINT", "where to listen", ENDPOINT},
    {0, "plain", NULL, "without encryption", PLAIN},
    {'l', "limit", "N", "how many", LIMIT},
    {'r', "refused", NULL, "never good", REFUSED},
    {0, "sync", "[=HOW]", "when it is on disk", SYNC},
    {'m', "mode", "[=HOW]", "the same with a letter", MODE},
    {0, NULL, NULL, NULL, 0},
};

static const zt_option_word_t s_words[] = {
    {"backup", "FILE", "copy it"}, {"end", "", "end it"}, {NULL, NULL, NULL}};

static const zt_command_t s_command = {.program = "ztalk-test",
                                       .usage = "[-e ENDPOINT] [WORD]...",
                                       .summary = "tests options",
                                       .options = s_options,
                                       .epilogue = "That is all.\n",
                                       .words_title = "words",
                                       .words = s_words};

/*  Writes down each call as "id=value;". */
static const char *s_note (void *self, int id, const char *value)
{
    zt_buffer_put_format (self, "%d=%s;", id, value ? value : "(none)");
    if (id == REFUSED)
        return "this is refused";
    return value && strcmp (value, "wrong") == 0 ? "this is wrong" : NULL;
}

typedef struct {
    bool go_on;
    int status;
    zt_buffer_t calls;
    char out[4096]; /* stdout and stderr, as strings */
    char error[4096];
} s_result_t;

/*  Sends a stream to a file, or back. Returns the file descriptor it had. */
static int s_redirect (FILE *stream, int to)
{
    fflush (stream);
    int old = dup (fileno (stream));
    dup2 (to, fileno (stream));
    close (to);
    return old;
}

static void s_read_back (int fd, char *text, size_t size)
{
    ssize_t got = pread (fd, text, size - 1, 0);
    assert_true (got >= 0);
    text[got] = '\0';
    close (fd);
}

static int s_file (void)
{
    FILE *file = tmpfile ();
    assert_non_null (file);
    int fd = dup (fileno (file));
    fclose (file);
    return fd;
}

/*  Runs a command line, whose words are split at spaces; '~' is an empty word. */
static s_result_t s_run_command (const zt_command_t *command, const char *line)
{
    s_result_t result;
    memset (&result, 0, sizeof result);
    result.status = -1;
    char *words = zt_strndup (line, strlen (line));
    char *argv[32] = {NULL};
    int argc = 0;
    char name[] = "/usr/bin/ztalk-test", empty[] = "";
    argv[argc++] = name;
    for (char *word = strtok (words, " "); word; word = strtok (NULL, " "))
        argv[argc++] = strcmp (word, "~") == 0 ? empty : word;

    int out = s_file (), error = s_file ();
    int old_out = s_redirect (stdout, dup (out)), old_error = s_redirect (stderr, dup (error));
    result.go_on = zt_options_parse (command, argc, argv, s_note, &result.calls, &result.status);
    s_redirect (stdout, old_out);
    s_redirect (stderr, old_error);
    s_read_back (out, result.out, sizeof result.out);
    s_read_back (error, result.error, sizeof result.error);
    free (words);
    return result;
}

static s_result_t s_run (const char *line)
{
    return s_run_command (&s_command, line);
}

static void s_goes_on (const char *line, const char *calls)
{
    s_result_t result = s_run (line);
    if (!result.go_on)
        fail_msg ("'%s' ends with %d: %s", line, result.status, result.error);
    assert_string_equal (zt_buffer_string (&result.calls), calls);
    assert_string_equal (result.out, "");
    assert_string_equal (result.error, "");
    zt_buffer_free (&result.calls);
}

static void s_is_refused (const char *line, const char *why)
{
    s_result_t result = s_run (line);
    assert_false (result.go_on);
    assert_int_equal (result.status, ZT_EXIT_USAGE);
    assert_string_equal (result.out, "");
    if (!strstr (result.error, why) || !strstr (result.error, "Try 'ztalk-test --help'."))
        fail_msg ("'%s' prints: %s", line, result.error);
    zt_buffer_free (&result.calls);
}

static void s_options_are_taken (void **state)
{
    (void) state;
    s_goes_on ("", "");
    s_goes_on ("-e a", "1=a;");
    s_goes_on ("-ea", "1=a;");
    s_goes_on ("--endpoint a", "1=a;");
    s_goes_on ("--endpoint=a", "1=a;");
    s_goes_on ("--endpoint=", "1=;");
    s_goes_on ("-e ~", "1=;");
    s_goes_on ("--end a", "1=a;");
    s_goes_on ("-e a -e b", "1=a;1=b;");
    s_goes_on ("--plain", "2=(none);");
    s_goes_on ("-e --plain", "1=--plain;");
    /*  An argument that may be left out is none of the words behind. */
    s_goes_on ("--sync", "5=(none);");
    s_goes_on ("--sync=power", "5=power;");
    s_goes_on ("--sync=", "5=;");
    s_goes_on ("--sync power", "5=(none);-1=power;");
    s_goes_on ("--sync --plain", "5=(none);2=(none);");
    s_goes_on ("-m", "6=(none);");
    s_goes_on ("-mpower", "6=power;");
    s_goes_on ("-m power", "6=(none);-1=power;");
    s_goes_on ("-m -e a --mode=x", "6=(none);1=a;6=x;");
    /*  A second time: getopt begins anew. */
    s_goes_on ("-l 5 --plain", "3=5;2=(none);");
}

static void s_words_come_in_their_place (void **state)
{
    (void) state;
    s_goes_on ("one", "-1=one;");
    s_goes_on ("one -e a two --plain three", "-1=one;1=a;-1=two;2=(none);-1=three;");
    s_goes_on ("~", "-1=;");
    s_goes_on ("-", "-1=-;");
    s_goes_on ("--", "");
    s_goes_on ("-- -e --help --", "-1=-e;-1=--help;-1=--;");
    s_goes_on ("one -- two -e", "-1=one;-1=two;-1=-e;");
}

static void s_mistakes_are_refused (void **state)
{
    (void) state;
    s_is_refused ("-x", "x");
    s_is_refused ("--nothing", "nothing");
    s_is_refused ("-e", "e");
    s_is_refused ("--endpoint", "endpoint");
    s_is_refused ("--plain=yes", "plain");
    s_is_refused ("--sync=wrong", "ztalk-test: --sync: this is wrong");
    s_is_refused ("-?", "?");
    s_is_refused ("-1", "1");
    s_is_refused ("-:", ":");
    s_is_refused ("-r", "ztalk-test: --refused: this is refused");
    s_is_refused ("-l wrong", "ztalk-test: --limit: this is wrong");
    s_is_refused ("wrong", "ztalk-test: 'wrong': this is wrong");
    s_is_refused ("-- wrong", "ztalk-test: 'wrong': this is wrong");
    /*  The first mistake ends it. */
    s_result_t result = s_run ("-r -e a");
    assert_string_equal (zt_buffer_string (&result.calls), "4=(none);");
    zt_buffer_free (&result.calls);
    result = s_run ("-- wrong b");
    assert_string_equal (zt_buffer_string (&result.calls), "-1=wrong;");
    zt_buffer_free (&result.calls);
}

static void s_help_and_version (void **state)
{
    (void) state;
    s_result_t result = s_run ("--help -x");
    assert_false (result.go_on);
    assert_int_equal (result.status, ZT_EXIT_OK);
    assert_string_equal (result.error, "");
    static const char *const parts[] = {
        "ztalk-test - tests options\n",
        "usage: ztalk-test [-e ENDPOINT] [WORD]...\n",
        "-e, --endpoint ENDPOINT ",
        "where to listen\n",
        "    --plain ",
        "-l, --limit N ",
        "    --sync[=HOW] ",
        "-m, --mode[=HOW] ",
        "-h, --help ",
        "    --version ",
        "words:\n\n  backup FILE                  copy it\n",
        "\nThat is all.\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr (result.out, parts[i]))
            fail_msg ("no '%s' in:\n%s", parts[i], result.out);
    assert_null (strstr (result.out, "list-options"));
    zt_buffer_free (&result.calls);

    result = s_run ("--version");
    assert_int_equal (result.status, ZT_EXIT_OK);
    assert_string_equal (result.out, "ztalk-test " ZT_VERSION "\n");
    zt_buffer_free (&result.calls);

    result = s_run ("--list-options");
    assert_int_equal (result.status, ZT_EXIT_OK);
    assert_string_equal (result.out, "-e --endpoint\n--plain\n-l --limit\n-r --refused\n--sync\n"
                                     "-m --mode\n-h --help\n--version\n");
    zt_buffer_free (&result.calls);

    result = s_run ("--list-table");
    assert_int_equal (result.status, ZT_EXIT_OK);
    assert_string_equal (result.out, "option\te\tendpoint\tENDPOINT\twhere to listen\n"
                                     "option\t\tplain\t\twithout encryption\n"
                                     "option\tl\tlimit\tN\thow many\n"
                                     "option\tr\trefused\t\tnever good\n"
                                     "option\t\tsync\t[=HOW]\twhen it is on disk\n"
                                     "option\tm\tmode\t[=HOW]\tthe same with a letter\n"
                                     "option\th\thelp\t\tprint this and end\n"
                                     "option\t\tversion\t\tprint the version and end\n"
                                     "word\tbackup\tFILE\tcopy it\n"
                                     "word\tend\t\tend it\n");
    zt_buffer_free (&result.calls);
}

static const zt_option_scope_t s_scopes[] = {
    {"backup", "limit sync", "It copies.\n"}, {"end", "sync", NULL}, {NULL, NULL, NULL}};

static void s_an_option_may_be_for_some_words_alone (void **state)
{
    (void) state;
    static const struct {
        const char *line, *error;
    } rows[] = {
        {"backup -l 5", ""},
        {"-l 5 --sync backup x", ""},
        {"end --sync --plain", ""},
        {"--plain", ""},
        {"x -l 5", "ztalk-test: --limit is for backup\nTry 'ztalk-test --help'.\n"},
        {"end -l 5", "ztalk-test: --limit is for backup\nTry 'ztalk-test end --help'.\n"},
        {"--sync x end", "ztalk-test: --sync is for backup, end\nTry 'ztalk-test --help'.\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_command_t command = s_command;
        command.scopes = s_scopes;
        s_result_t result = s_run_command (&command, rows[i].line);
        assert_string_equal (result.error, rows[i].error);
        assert_int_equal (result.go_on, !rows[i].error[0]);
        zt_buffer_free (&result.calls);
    }
    zt_command_t command = s_command;
    command.scopes = s_scopes;
    s_result_t result = s_run_command (&command, "backup --help");
    assert_false (result.go_on);
    assert_int_equal (result.status, ZT_EXIT_OK);
    static const char *const parts[] = {"ztalk-test backup - copy it\n",
                                        "usage: ztalk-test backup [OPTIONS] FILE\n", "--limit N",
                                        "--plain", "\nIt copies.\n"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr (result.out, parts[i]))
            fail_msg ("no '%s' in:\n%s", parts[i], result.out);
    zt_buffer_free (&result.calls);
    result = s_run_command (&command, "end --help");
    assert_null (strstr (result.out, "--limit"));
    zt_buffer_free (&result.calls);
    result = s_run_command (&command, "--list-table");
    assert_non_null (strstr (result.out, "word\tbackup\tFILE\tcopy it\tlimit sync\n"));
    zt_buffer_free (&result.calls);
}

static void s_numbers (void **state)
{
    (void) state;
    unsigned long number = 77;
    assert_true (zt_options_number ("5", 5, 9, &number));
    assert_int_equal (number, 5);
    assert_true (zt_options_number ("9", 5, 9, &number));
    assert_true (zt_options_number ("0", 0, 0, &number));
    assert_int_equal (number, 0);
    assert_true (zt_options_number ("18446744073709551615", 0, ULONG_MAX, &number));
    assert_true (number == ULONG_MAX);
    static const char *const bad[] = {"",
                                      "4",
                                      "10",
                                      "05",
                                      "+5",
                                      "-5",
                                      " 5",
                                      "5 ",
                                      "5x",
                                      "0x5",
                                      "5.0",
                                      "x",
                                      "18446744073709551621"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false (zt_options_number (bad[i], 5, 9, &number));
    assert_true (number == ULONG_MAX);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_options_are_taken),
        cmocka_unit_test (s_words_come_in_their_place),
        cmocka_unit_test (s_mistakes_are_refused),
        cmocka_unit_test (s_help_and_version),
        cmocka_unit_test (s_an_option_may_be_for_some_words_alone),
        cmocka_unit_test (s_numbers),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
