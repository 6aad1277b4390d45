/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/vterm.h"

#include "common/alloc.h"

#include <utf8proc.h>
#include <vterm.h>

#include <stdlib.h>

struct zt_vterm_t {
    VTerm *vterm;
    VTermScreen *screen;
    bool is_cursor_hidden;
    bool is_alternate;
    int bells;
    zt_buffer_t answers;
};

static int s_on_property (VTermProp property, VTermValue *value, void *self_)
{
    zt_vterm_t *self = self_;
    if (property == VTERM_PROP_CURSORVISIBLE)
        self->is_cursor_hidden = !value->boolean;
    if (property == VTERM_PROP_ALTSCREEN)
        self->is_alternate = value->boolean;
    return 1;
}

static int s_on_bell (void *self_)
{
    zt_vterm_t *self = self_;
    self->bells++;
    return 1;
}

static void s_on_answer (const char *bytes, size_t size, void *self_)
{
    zt_vterm_t *self = self_;
    zt_buffer_put (&self->answers, bytes, size);
}

zt_vterm_t *zt_vterm_new (int rows, int columns)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = s_on_property, .bell = s_on_bell};
    zt_vterm_t *self = zt_alloc (sizeof *self);
    self->vterm = vterm_new (rows, columns);
    vterm_set_utf8 (self->vterm, 1);
    vterm_output_set_callback (self->vterm, s_on_answer, self);
    self->screen = vterm_obtain_screen (self->vterm);
    vterm_screen_set_callbacks (self->screen, &callbacks, self);
    vterm_screen_enable_altscreen (self->screen, 1);
    vterm_screen_reset (self->screen, 1);
    return self;
}

void zt_vterm_destroy (zt_vterm_t **self_p)
{
    zt_vterm_t *self = *self_p;
    if (self) {
        vterm_free (self->vterm);
        zt_buffer_free (&self->answers);
        free (self);
    }
    *self_p = NULL;
}

void zt_vterm_resize (zt_vterm_t *self, int rows, int columns)
{
    vterm_set_size (self->vterm, rows, columns);
}

void zt_vterm_feed (zt_vterm_t *self, zt_bytes_t bytes)
{
    if (bytes.size)
        vterm_input_write (self->vterm, bytes.data, bytes.size);
}

void zt_vterm_answers (zt_vterm_t *self, zt_buffer_t *buffer)
{
    zt_buffer_put_bytes (buffer, zt_buffer_bytes (&self->answers));
    zt_buffer_clear (&self->answers);
}

static int s_colour (const VTermColor *colour, bool is_own)
{
    if (is_own)
        return -1;
    if (VTERM_COLOR_IS_INDEXED (colour))
        return 0x1000000 + colour->indexed.idx;
    return colour->rgb.red << 16 | colour->rgb.green << 8 | colour->rgb.blue;
}

zt_vterm_cell_t zt_vterm_cell (const zt_vterm_t *self, int row, int column)
{
    VTermScreenCell cell;
    memset (&cell, 0, sizeof cell);
    vterm_screen_get_cell (self->screen, (VTermPos){.row = row, .col = column}, &cell);
    zt_vterm_cell_t result = {
        .columns = cell.width,
        .bold = cell.attrs.bold,
        .italic = cell.attrs.italic,
        .underline = cell.attrs.underline,
        .reverse = cell.attrs.reverse,
        .foreground = s_colour (&cell.fg, VTERM_COLOR_IS_DEFAULT_FG (&cell.fg)),
        .background = s_colour (&cell.bg, VTERM_COLOR_IS_DEFAULT_BG (&cell.bg))};
    if (cell.chars[0] == (uint32_t) -1)
        return result;
    if (cell.chars[0] == 0)
        cell.chars[0] = ' ';
    size_t size = 0;
    for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
        size += (size_t) utf8proc_encode_char ((utf8proc_int32_t) cell.chars[i],
                                               (utf8proc_uint8_t *) result.text + size);
    return result;
}

void zt_vterm_row (const zt_vterm_t *self, int row, zt_buffer_t *buffer)
{
    int rows, columns;
    vterm_get_size (self->vterm, &rows, &columns);
    size_t start = buffer->size;
    for (int i = 0; i < columns; i++)
        zt_buffer_put_string (buffer, zt_vterm_cell (self, row, i).text);
    while (buffer->size > start && buffer->data[buffer->size - 1] == ' ')
        buffer->size--;
}

bool zt_vterm_cursor (const zt_vterm_t *self, int *row, int *column)
{
    VTermPos place;
    vterm_state_get_cursorpos (vterm_obtain_state (self->vterm), &place);
    *row = place.row;
    *column = place.col;
    return !self->is_cursor_hidden;
}

bool zt_vterm_is_alternate (const zt_vterm_t *self)
{
    return self->is_alternate;
}

int zt_vterm_bells (const zt_vterm_t *self)
{
    return self->bells;
}
