/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/console.h"

#include <assert.h>

#define S_ROW(name, typed, arguments, what) {typed, arguments, what},
static const zt_console_row_t s_rows[] = {ZT_CONSOLE_COMMANDS (S_ROW)};
#undef S_ROW

const zt_console_row_t *zt_console_row (zt_console_verb_t verb)
{
    assert (verb < ZT_CONSOLE_COUNT);
    return &s_rows[verb];
}

static bool s_is_space (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*  Cuts the first word off. */
static zt_bytes_t s_word (zt_bytes_t *line)
{
    while (line->size && s_is_space (line->data[0])) {
        line->data++;
        line->size--;
    }
    zt_bytes_t word = {line->data, 0};
    while (word.size < line->size && !s_is_space (line->data[word.size]))
        word.size++;
    line->data += word.size;
    line->size -= word.size;
    return word;
}

static size_t s_count_words (const char *text)
{
    size_t n = *text ? 1 : 0;
    for (; *text; text++)
        n += *text == ' ';
    return n;
}

zt_console_verb_t zt_console_parse (zt_bytes_t line, zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS],
                                    const char **wrong)
{
    *wrong = NULL;
    zt_bytes_t typed = s_word (&line);
    if (typed.size == 0)
        return ZT_CONSOLE_COUNT;
    if (typed.data[0] == '/') /* out of habit, from the client */
        typed = (zt_bytes_t){typed.data + 1, typed.size - 1};
    size_t given = 0;
    for (size_t i = 0; i < ZT_CONSOLE_ARGUMENTS; i++) {
        arguments[i] = s_word (&line);
        given += arguments[i].size > 0;
    }
    given += s_word (&line).size > 0;

    unsigned verb = 0;
    while (verb < ZT_CONSOLE_COUNT && !zt_bytes_equal (typed, zt_bytes (s_rows[verb].typed)))
        verb++;
    if (verb == ZT_CONSOLE_COUNT)
        *wrong = "there is no such command; 'help' lists them";
    else if (given < s_count_words (s_rows[verb].arguments))
        *wrong = "something is missing behind the command; 'help' lists what";
    else if (given > s_count_words (s_rows[verb].arguments))
        *wrong = "there is too much on this line; 'help' lists the commands";
    return *wrong ? ZT_CONSOLE_COUNT : (zt_console_verb_t) verb;
}
