/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/options.h"

#include "common/alloc.h"
#include "common/translate.h"
#include "common/wire.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/*  getopt's own values: above every letter. */
enum { S_HELP = 256, S_VERSION, S_LIST, S_TABLE, S_FIRST };

static const zt_option_t s_always[] = {
    {'h', "help", NULL, N_ ("print this and end"), S_HELP},
    {0, "version", NULL, N_ ("print the version and end"), S_VERSION},
    {0, NULL, NULL, NULL, 0}};

static size_t s_count (const zt_option_t *options)
{
    size_t count = 0;
    while (options[count].name)
        count++;
    return count;
}

static bool s_is_optional (const char *argument)
{
    return argument[0] == '[';
}

static void s_help_row (char letter, const char *name, const char *argument, const char *help)
{
    char left[80];
    snprintf (left, sizeof left, "  %c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
              letter ? "," : " ", name, argument && !s_is_optional (argument) ? " " : "",
              argument ? argument : "");
    printf ("%-30s %s\n", left, zt_translate (help));
}

static void s_help_words (const zt_command_t *command)
{
    printf ("%s:\n\n", zt_translate (command->words_title));
    for (const zt_option_word_t *row = command->words; row->name; row++) {
        char left[64];
        snprintf (left, sizeof left, "  %s %s", row->name, row->arguments);
        printf ("%-30s %s\n", left, zt_translate (row->help));
    }
    putchar ('\n');
}

static void s_help (const zt_command_t *command)
{
    printf ("%s - %s\n\n", command->program, zt_translate (command->summary));
    printf (_ ("usage: %s %s"), command->program, command->usage);
    puts ("\n");
    if (command->words)
        s_help_words (command);
    for (const zt_option_t *row = command->options; row->name; row++)
        s_help_row (row->letter, row->name, row->argument, row->help);
    for (const zt_option_t *row = s_always; row->name; row++)
        s_help_row (row->letter, row->name, row->argument, row->help);
    if (command->epilogue)
        printf ("\n%s", command->epilogue);
}

static void s_list (const zt_command_t *command)
{
    for (const zt_option_t *row = command->options; row->name; row++) {
        if (row->letter)
            printf ("-%c ", row->letter);
        printf ("--%s\n", row->name);
    }
    puts ("-h --help\n--version");
}

/*  A line a row, its columns between tabs. */
static void s_table (const zt_command_t *command)
{
    const zt_option_t *const tables[] = {command->options, s_always};
    for (size_t i = 0; i < 2; i++)
        for (const zt_option_t *row = tables[i]; row->name; row++)
            printf ("option\t%.1s\t%s\t%s\t%s\n", &row->letter, row->name,
                    row->argument ? row->argument : "", row->help);
    for (const zt_option_word_t *row = command->words; row && row->name; row++)
        printf ("%s\t%s\t%s\t%s\n", command->takes_many_words ? "words" : "word", row->name,
                row->arguments, row->help);
}

static bool s_stop (int *status, int value)
{
    *status = value;
    return false;
}

static bool s_usage (const zt_command_t *command, int *status)
{
    fprintf (stderr, _ ("Try '%s --help'.\n"), command->program);
    return s_stop (status, ZT_EXIT_USAGE);
}

/*  The row that getopt's value stands for. */
static const zt_option_t *s_row (const zt_command_t *command, int value)
{
    if (value >= S_FIRST)
        return &command->options[value - S_FIRST];
    const zt_option_t *row = command->options;
    while (row->name && row->letter != value)
        row++;
    return row->name ? row : NULL;
}

/*  One step of getopt. Returns false when parsing is over, with *status >= 0 if
    the program is, too. */
static bool s_take (const zt_command_t *command, int value, zt_option_fn *fn, void *self,
                    int *status)
{
    switch (value) {
    case 'h':
    case S_HELP:
        s_help (command);
        return s_stop (status, ZT_EXIT_OK);
    case S_VERSION:
        printf ("%s %s\n", command->program, ZT_VERSION);
        return s_stop (status, ZT_EXIT_OK);
    case S_LIST:
        s_list (command);
        return s_stop (status, ZT_EXIT_OK);
    case S_TABLE:
        s_table (command);
        return s_stop (status, ZT_EXIT_OK);
    default:
        break;
    }
    /*  With '-' in front of the letters getopt gives a word as the value 1. */
    const zt_option_t *row = value == 1 ? NULL : s_row (command, value);
    if (!row && value != 1)
        return s_usage (command, status);
    const char *wrong = fn (self, row ? row->id : ZT_WORD, optarg);
    if (!wrong)
        return true;
    if (row)
        fprintf (stderr, "%s: --%s: %s\n", command->program, row->name, wrong);
    else
        fprintf (stderr, "%s: '%s': %s\n", command->program, optarg, wrong);
    return s_usage (command, status);
}

bool zt_options_parse (const zt_command_t *command, int argc, char **argv, zt_option_fn *fn,
                       void *self, int *status)
{
    size_t count = s_count (command->options);
    struct option *longs = zt_alloc ((count + 5) * sizeof *longs);
    char *letters = zt_alloc (count * 3 + 3);
    char *letter = letters;
    *letter++ = '-';
    *letter++ = 'h';
    for (size_t i = 0; i < count; i++) {
        const zt_option_t *row = &command->options[i];
        int has = !row->argument                  ? no_argument
                  : s_is_optional (row->argument) ? optional_argument
                                                  : required_argument;
        longs[i] = (struct option){row->name, has, NULL, S_FIRST + (int) i};
        if (row->letter) {
            *letter++ = row->letter;
            for (int colons = has; colons > 0; colons--) /* one: required; two: optional */
                *letter++ = ':';
        }
    }
    longs[count] = (struct option){"help", no_argument, NULL, S_HELP};
    longs[count + 1] = (struct option){"version", no_argument, NULL, S_VERSION};
    longs[count + 2] = (struct option){"list-options", no_argument, NULL, S_LIST};
    longs[count + 3] = (struct option){"list-table", no_argument, NULL, S_TABLE};

    bool go_on = true;
    int value;
    optind = 0; /* glibc: begin anew, also when a test calls this twice */
    while (go_on && (value = getopt_long (argc, argv, letters, longs, NULL)) != -1)
        go_on = s_take (command, value, fn, self, status);
    for (; go_on && optind < argc; optind++) { /* what stands after "--" */
        optarg = argv[optind];
        go_on = s_take (command, 1, fn, self, status);
    }
    free (longs);
    free (letters);
    return go_on;
}

bool zt_options_number (const char *text, unsigned long least, unsigned long most,
                        unsigned long *number)
{
    uint64_t value;
    if (!zt_u64_read (zt_bytes (text), &value) || value < least || value > most)
        return false;
    *number = (unsigned long) value;
    return true;
}
