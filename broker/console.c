/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/console.h"

#include "common/utf8.h"

#include <assert.h>

#define S_ROW(name, typed, arguments, quiet, waits, what) {typed, arguments, quiet, waits, what},
static const zt_console_row_t s_rows[] = {ZT_CONSOLE_COMMANDS (S_ROW)};
#undef S_ROW

const zt_console_row_t *zt_console_row (zt_console_verb_t verb)
{
    assert (verb < ZT_CONSOLE_COUNT);
    return &s_rows[verb];
}

void zt_console_put_line (zt_buffer_t *text, const char *typed, const char *arguments,
                          const char *what)
{
    enum { S_WIDTH = 15 };
    int size = (int) (strlen (typed) + 1 + strlen (arguments));
    zt_buffer_put_format (text, "  %s %s%*s %s", typed, arguments,
                          size < S_WIDTH ? S_WIDTH - size : 0, "", what);
}

static bool s_is_space (char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void s_skip_space (zt_bytes_t *line)
{
    while (line->size && s_is_space (line->data[0]))
        *line = zt_bytes_part (*line, 1, line->size - 1);
}

/*  Cuts the first word off. */
static zt_bytes_t s_word (zt_bytes_t *line)
{
    s_skip_space (line);
    zt_bytes_t word = {line->data, 0};
    while (word.size < line->size && !s_is_space (line->data[word.size]))
        word.size++;
    *line = zt_bytes_part (*line, word.size, line->size - word.size);
    return word;
}

/*  All that is left, without the space around it. */
static zt_bytes_t s_rest (zt_bytes_t *line)
{
    s_skip_space (line);
    zt_bytes_t rest = *line;
    while (rest.size && s_is_space (rest.data[rest.size - 1]))
        rest.size--;
    *line = zt_bytes_part (*line, line->size, 0);
    return rest;
}

static bool s_takes_rest (zt_bytes_t form)
{
    if (form.data[0] == '[')
        form = zt_bytes_part (form, 1, form.size - 2);
    return zt_bytes_equal (form, zt_bytes ("TEXT")) || zt_bytes_equal (form, zt_bytes ("FILE"));
}

static bool s_is_text (zt_bytes_t form)
{
    return zt_bytes_equal (form, zt_bytes ("TEXT")) || zt_bytes_equal (form, zt_bytes ("[TEXT]"));
}

/*  Takes the arguments as the row has them. Returns NULL, or what is wrong. */
static const char *s_take (const zt_console_row_t *row, zt_bytes_t line,
                           zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS])
{
    zt_bytes_t forms = zt_bytes (row->arguments);
    for (size_t i = 0; i < ZT_CONSOLE_ARGUMENTS; i++) {
        zt_bytes_t form = s_word (&forms);
        arguments[i] = (zt_bytes_t){"", 0};
        if (form.size == 0)
            continue;
        arguments[i] = s_takes_rest (form) ? s_rest (&line) : s_word (&line);
        if (arguments[i].size == 0 && form.data[0] != '[')
            return "something is missing behind the command; 'help' lists what";
        if (s_is_text (form) && !zt_utf8_valid (arguments[i]))
            return "this is no text in UTF-8, as if it were cut off; nothing is done with it";
    }
    s_skip_space (&line);
    if (line.size && line.data[0] == '-')
        return "an option goes before the command, as in: ztalk-ctl --json users";
    return line.size ? "there is too much on this line; 'help' lists the commands" : NULL;
}

zt_console_verb_t zt_console_parse (zt_bytes_t line, zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS],
                                    const char **wrong)
{
    *wrong = NULL;
    zt_bytes_t typed = s_word (&line);
    if (typed.size == 0)
        return ZT_CONSOLE_COUNT;
    if (typed.data[0] == '/') /* out of habit, from the client */
        typed = zt_bytes_part (typed, 1, typed.size - 1);
    unsigned verb = 0;
    while (verb < ZT_CONSOLE_COUNT && !zt_bytes_equal (typed, zt_bytes (s_rows[verb].typed)))
        verb++;
    *wrong = verb == ZT_CONSOLE_COUNT ? "there is no such command; 'help' lists them"
                                      : s_take (&s_rows[verb], line, arguments);
    return *wrong ? ZT_CONSOLE_COUNT : (zt_console_verb_t) verb;
}
