/*  SPDX-License-Identifier: MPL-2.0

    zt_options - a program's command line, from one table

    A program declares its options, and the words that it knows, as tables; parsing, --help, the
    check of the man page and what shells complete (tools/completions) are made from them. Every
    program also has --help, --version and, hidden, --list-options and --list-table, which
    print the tables for tests and scripts. */

#ifndef ZT_OPTIONS_H
#define ZT_OPTIONS_H

#include "common/bytes.h"

/*  Exit statuses of all programs. */
typedef enum {
    ZT_EXIT_OK = 0,
    ZT_EXIT_FAILED = 1,
    ZT_EXIT_USAGE = 2,
    ZT_EXIT_UNREACHABLE = 3, /* no broker answers */
    ZT_EXIT_REFUSED = 4      /* the broker, or we, refused */
} zt_exit_t;

typedef struct {
    char letter;          /* 0 if it has only a long name */
    const char *name;     /* the long name, without the dashes */
    const char *argument; /* what the argument is called in the help, or NULL: "NAME"; FILE, PATH
                             and DIR are those, and words in small letters are what it can be:
                             "open|closed"; one that may be left out, and is given as
                             --name=value or -nvalue, is "[=VALUE]" */
    const char *help;     /* one line */
    int id;               /* what the callback gets */
} zt_option_t;

/*  A word that is no option: a subcommand, say. */
typedef struct {
    const char *name;
    const char *arguments; /* what stands behind it, called as those of options, or "" */
    const char *help;      /* one line */
} zt_option_word_t;

/*  What the argument of an option may begin with, for shells to complete. */
typedef struct {
    const char *option; /* its long name */
    const char *value;
} zt_option_value_t;

/*  What belongs to a word alone. An option that no word has is for all of them, and for none. */
typedef struct {
    const char *word;
    const char *options; /* their long names, with spaces between */
    const char *text;    /* printed at the end of its --help, or NULL */
} zt_option_scope_t;

typedef struct {
    const char *program;             /* "ztalk-broker" */
    const char *usage;               /* what stands after the program's name */
    const char *summary;             /* one line */
    const zt_option_t *options;      /* ended by a row whose name is NULL */
    const char *epilogue;            /* printed at the end of --help, or NULL */
    const char *words_title;         /* what the words are, in --help; or NULL: there are none */
    const zt_option_word_t *words;   /* ended by a row whose name is NULL; or NULL */
    const zt_option_scope_t *scopes; /* of words, ended by a row whose word is NULL; or NULL. Then
                                        a word has a --help of its own */
    const zt_option_value_t *values; /* ended by a row whose option is NULL; or NULL */
    bool takes_many_words;           /* of them; else the first word that is no option is one */
    bool word_ends_options; /* what stands behind the first word is words, with a - or not */
} zt_command_t;

/*  Called for each option with its id, and for each word that is none with id
    ZT_WORD. An argument that was left out is NULL. Returns NULL, or what is wrong with value, a
   sentence that stays valid until the next call. */
typedef const char *(zt_option_fn) (void *self, int id, const char *value);
enum { ZT_WORD = -1 };

/*  Parses argv. Returns true when the program is to go on; else *status is what
    it is to exit with: ZT_EXIT_OK after --help and --version, ZT_EXIT_USAGE
    after an error, which has been printed to stderr. */
bool zt_options_parse (const zt_command_t *command, int argc, char **argv, zt_option_fn *fn,
                       void *self, int *status);

/*  Reads a whole number from least to most; false if text is none. */
bool zt_options_number (const char *text, unsigned long least, unsigned long most,
                        unsigned long *number);

#endif
