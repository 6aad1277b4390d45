/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/command.h"

#include <assert.h>

#define S_ROW(id, name, arguments, help) {name, arguments, help},
static const zt_command_row_t s_rows[ZT_COMMAND_COUNT] = {ZT_COMMANDS (S_ROW)};
#undef S_ROW

const zt_command_row_t *zt_command_row (zt_command_id_t id)
{
    assert (id < ZT_COMMAND_COUNT);
    return &s_rows[id];
}

static bool s_begins (const char *name, zt_bytes_t word)
{
    return word.size <= strlen (name) && (!word.size || memcmp (name, word.data, word.size) == 0);
}

size_t zt_command_find (zt_bytes_t word, zt_command_id_t *id)
{
    size_t found = 0;
    for (unsigned i = 0; i < ZT_COMMAND_COUNT; i++) {
        if (!s_begins (s_rows[i].name, word))
            continue;
        bool whole = word.size == strlen (s_rows[i].name);
        if (whole || found == 0)
            *id = (zt_command_id_t) i;
        if (whole)
            return 1;
        found++;
    }
    return found;
}

void zt_command_candidates (zt_bytes_t word, zt_buffer_t *buffer)
{
    const char *separator = "";
    for (size_t i = 0; i < ZT_COMMAND_COUNT; i++) {
        if (!s_begins (s_rows[i].name, word))
            continue;
        zt_buffer_put_format (buffer, "%s/%s", separator, s_rows[i].name);
        separator = ", ";
    }
}

/*  Two spaces at least end what is to be typed: who breaks it into rows counts on that. */
enum { S_HELP_COLUMN = 26 };

void zt_command_help (zt_command_id_t id, zt_buffer_t *buffer)
{
    const zt_command_row_t *row = zt_command_row (id);
    size_t start = buffer->size;
    zt_buffer_put_format (buffer, "/%s%s%s", row->name, *row->arguments ? " " : "", row->arguments);
    int width = (int) (buffer->size - start);
    zt_buffer_put_format (buffer, "%*s%s", width < S_HELP_COLUMN - 1 ? S_HELP_COLUMN - width : 2,
                          "", zt_translate (row->help));
}
