/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/console.h"

#include <assert.h>

#define S_ROW(name, typed, argument, what) {typed, argument, what},
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

zt_console_verb_t zt_console_parse (zt_bytes_t line, zt_bytes_t *argument, const char **wrong)
{
    *wrong = NULL;
    zt_bytes_t typed = s_word (&line);
    if (typed.size == 0)
        return ZT_CONSOLE_COUNT;
    if (typed.data[0] == '/') /* out of habit, from the client */
        typed = (zt_bytes_t){typed.data + 1, typed.size - 1};
    *argument = s_word (&line);

    unsigned verb = 0;
    while (verb < ZT_CONSOLE_COUNT && !zt_bytes_equal (typed, zt_bytes (s_rows[verb].typed)))
        verb++;
    if (verb == ZT_CONSOLE_COUNT)
        *wrong = "there is no such command; 'help' lists them";
    else if (s_rows[verb].argument[0] && argument->size == 0)
        *wrong = "a name is missing: kick NAME";
    else if ((!s_rows[verb].argument[0] && argument->size) || s_word (&line).size)
        *wrong = "there is too much on this line; 'help' lists the commands";
    return *wrong ? ZT_CONSOLE_COUNT : (zt_console_verb_t) verb;
}
