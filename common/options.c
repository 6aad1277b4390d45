/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/options.h"

#include "common/alloc.h"
#include "common/translate.h"
#include "common/wire.h"

#include <errno.h>
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

/*  The scope of a word, or NULL. */
static const zt_option_scope_t *s_scope (const zt_command_t *command, const char *word)
{
    const zt_option_scope_t *scope = word ? command->scopes : NULL;
    while (scope && scope->word && strcmp (scope->word, word) != 0)
        scope++;
    return scope && scope->word ? scope : NULL;
}

static bool s_has (const zt_option_scope_t *scope, const char *option)
{
    size_t size = strlen (option);
    for (const char *at = scope->options; (at = strstr (at, option)); at += size)
        if ((at == scope->options || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    return false;
}

/*  Appends the words that an option is for, as far as there is room; none if it is for all. */
static void s_owners (const zt_command_t *command, const char *option, char *text, size_t size)
{
    text[0] = '\0';
    for (const zt_option_scope_t *scope = command->scopes; scope && scope->word; scope++) {
        size_t used = strlen (text);
        if (s_has (scope, option))
            snprintf (text + used, size - used, "%s%s", used ? ", " : "", scope->word);
    }
}

enum { S_OWNERS = 256 };

/*  --help of a word: its own options first. */
static void s_help_word (const zt_command_t *command, const zt_option_scope_t *scope)
{
    const zt_option_word_t *word = command->words;
    while (strcmp (word->name, scope->word) != 0)
        word++;
    printf ("%s %s - %s\n\n", command->program, word->name, zt_translate (word->help));
    printf (_ ("usage: %s %s"), command->program, word->name);
    printf (" [OPTIONS] %s\n\n", word->arguments);
    for (int own = 1; own >= 0; own--)
        for (const zt_option_t *row = command->options; row->name; row++) {
            char owners[S_OWNERS];
            s_owners (command, row->name, owners, sizeof owners);
            if (own ? s_has (scope, row->name) : !owners[0])
                s_help_row (row->letter, row->name, row->argument, row->help);
        }
    for (const zt_option_t *row = s_always; row->name; row++)
        s_help_row (row->letter, row->name, row->argument, row->help);
    if (scope->text)
        printf ("\n%s", zt_translate (scope->text));
}

/*  A line a row, its columns between tabs. */
static void s_table (const zt_command_t *command)
{
    const zt_option_t *const tables[] = {command->options, s_always};
    for (size_t i = 0; i < 2; i++)
        for (const zt_option_t *row = tables[i]; row->name; row++)
            printf ("option\t%.1s\t%s\t%s\t%s\n", &row->letter, row->name,
                    row->argument ? row->argument : "", row->help);
    for (const zt_option_value_t *row = command->values; row && row->option; row++)
        printf ("value\t%s\t%s\n", row->option, row->value);
    for (const zt_option_word_t *row = command->words; row && row->name; row++) {
        const zt_option_scope_t *scope = s_scope (command, row->name);
        printf ("%s\t%s\t%s\t%s%s%s\n", command->takes_many_words ? "words" : "word", row->name,
                row->arguments, row->help, scope ? "\t" : "", scope ? scope->options : "");
    }
}

static bool s_stop (int *status, int value)
{
    *status = value;
    return false;
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

/*  What is known while a command line is read. */
typedef struct {
    const zt_command_t *command;
    const zt_option_scope_t *scope; /* of the word, or NULL */
    bool has_word;
    bool *given; /* for each option */
    zt_option_fn *fn;
    void *self;
    int *status;
} s_parse_t;

static bool s_usage (const s_parse_t *parse)
{
    char name[64];
    snprintf (name, sizeof name, "%s%s%s", parse->command->program, parse->scope ? " " : "",
              parse->scope ? parse->scope->word : "");
    fprintf (stderr, _ ("Try '%s --help'.\n"), name);
    return s_stop (parse->status, ZT_EXIT_USAGE);
}

/*  That was all that was asked for. It is no success if it has not got anywhere. */
static bool s_printed (s_parse_t *parse)
{
    bool is_written = fflush (stdout) == 0 && !ferror (stdout);
    if (!is_written)
        fprintf (stderr, "%s: stdout: %s\n", parse->command->program, strerror (errno));
    return s_stop (parse->status, is_written ? ZT_EXIT_OK : ZT_EXIT_FAILED);
}

/*  One step of getopt. Returns false when parsing is over, with *status >= 0 if
    the program is, too. */
static bool s_take (s_parse_t *parse, int value)
{
    const zt_command_t *command = parse->command;
    switch (value) {
    case 'h':
    case S_HELP:
        if (parse->scope)
            s_help_word (command, parse->scope);
        else
            s_help (command);
        return s_printed (parse);
    case S_VERSION:
        printf ("%s %s\n", command->program, ZT_VERSION);
        return s_printed (parse);
    case S_LIST:
        s_list (command);
        return s_printed (parse);
    case S_TABLE:
        s_table (command);
        return s_printed (parse);
    default:
        break;
    }
    /*  With '-' in front of the letters getopt gives a word as the value 1. */
    const zt_option_t *row = value == 1 ? NULL : s_row (command, value);
    if (!row && value != 1)
        return s_usage (parse);
    if (row)
        parse->given[row - command->options] = true;
    else if (!parse->has_word) {
        parse->has_word = true;
        parse->scope = s_scope (command, optarg);
    }
    const char *wrong = parse->fn (parse->self, row ? row->id : ZT_WORD, optarg);
    if (!wrong)
        return true;
    if (row)
        fprintf (stderr, "%s: --%s: %s\n", command->program, row->name, wrong);
    else
        fprintf (stderr, "%s: '%s': %s\n", command->program, optarg, wrong);
    return s_usage (parse);
}

/*  Is every option that was given for this word? */
static bool s_fit (s_parse_t *parse)
{
    const zt_command_t *command = parse->command;
    for (size_t i = 0; command->scopes && command->options[i].name; i++) {
        const char *name = command->options[i].name;
        char owners[S_OWNERS];
        s_owners (command, name, owners, sizeof owners);
        if (!parse->given[i] || !owners[0] || (parse->scope && s_has (parse->scope, name)))
            continue;
        fprintf (stderr, _ ("%s: --%s is for %s\n"), command->program, name, owners);
        return s_usage (parse);
    }
    return true;
}

bool zt_options_parse (const zt_command_t *command, int argc, char **argv, zt_option_fn *fn,
                       void *self, int *status)
{
    size_t count = s_count (command->options);
    struct option *longs = zt_alloc ((count + 5) * sizeof *longs);
    char *letters = zt_alloc (count * 3 + 3);
    char *letter = letters;
    *letter++ = command->word_ends_options ? '+' : '-';
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

    bool *given = zt_alloc ((count + 1) * sizeof *given);
    s_parse_t parse = {
        .command = command, .given = given, .fn = fn, .self = self, .status = status};
    bool go_on = true;
    int value;
    optind = 0; /* glibc: begin anew, also when a test calls this twice */
    while (go_on && (value = getopt_long (argc, argv, letters, longs, NULL)) != -1)
        go_on = s_take (&parse, value);
    for (; go_on && optind < argc; optind++) { /* after "--", or the word that ends options */
        optarg = argv[optind];
        go_on = s_take (&parse, 1);
    }
    go_on = go_on && s_fit (&parse);
    free (given);
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
