/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/typing.h"

#include "common/limits.h"

void zt_typing_begin (zt_typing_t *self, zt_client_t *core, bool is_terminal)
{
    *self = (zt_typing_t){.core = core, .is_terminal = is_terminal};
}

void zt_typing_posts (zt_typing_t *self, bool whole, bool is_terminal)
{
    self->is_terminal = is_terminal && !whole; /* what it has cut of all cannot be told */
    self->posts = true;
    self->whole = whole;
}

void zt_typing_free (zt_typing_t *self)
{
    zt_buffer_free (&self->line);
}

/*  A line is complete. */
static void s_take_line (zt_typing_t *self, int64_t now)
{
    zt_bytes_t line = zt_buffer_bytes (&self->line);
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    /*  A terminal keeps so much of a typed line and drops the rest without a word
        (N_TTY_BUF_SIZE in Linux). */
    enum { S_TERMINAL_LINE = 4095 };
    self->line_count++;
    if (self->is_terminal && self->line.size >= S_TERMINAL_LINE) {
        zt_client_cut (self->core, line);
        if (self->posts) /* as at any line that cannot be sent */
            zt_client_finish (self->core, now);
    } else if (self->posts)
        zt_client_offer (self->core, line, self->whole ? 0 : self->line_count, now);
    else
        zt_client_typed (self->core, line, now);
    zt_buffer_clear (&self->line);
}

/*  One byte more than any message has, and what may be left out at its end. */
static void s_take_bytes (zt_typing_t *self, const char *data, size_t size)
{
    size_t room = ZT_BODY_MAX + 3 - self->line.size;
    zt_buffer_put (&self->line, data, size < room ? size : room);
}

void zt_typing_feed (zt_typing_t *self, zt_bytes_t bytes, int64_t now)
{
    const char *data = bytes.data, *end = data + bytes.size;
    if (self->whole)
        s_take_bytes (self, data, bytes.size);
    while (data < end && !self->whole) {
        const char *line_end = memchr (data, '\n', (size_t) (end - data));
        s_take_bytes (self, data, (size_t) ((line_end ? line_end : end) - data));
        if (!line_end)
            return;
        s_take_line (self, now);
        data = line_end + 1;
    }
}

void zt_typing_end (zt_typing_t *self, int64_t now)
{
    if (self->whole && self->line.size && self->line.data[self->line.size - 1] == '\n')
        self->line.size--;
    if (self->line.size)
        s_take_line (self, now);
}
