/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/wrap.h"

#include "client/flow.h"

bool zt_wrap_row (const zt_wrap_t *self, size_t start, size_t *end, size_t *next)
{
    size_t width = self->width ? self->width : 1;
    size_t at = start, columns = 0;
    size_t word = start; /* where the word that is open begins, if another one is before it */
    bool has_word = false;
    zt_flow_break_t before = {0};
    zt_bytes_t rest = zt_bytes_part (self->text, start, self->text.size - start);
    zt_glyph_t glyph;
    while (zt_glyph_next (&rest, self->widths, &glyph)) {
        bool is_full = columns >= width || (at > start && columns + glyph.columns > width);
        bool may_break = zt_flow_may_break (&before, glyph.text);
        bool is_space = glyph.text.data[0] == ' ' || glyph.text.data[0] == '\n';
        if (is_full) {
            /*  A space that has no room is seen all the same: the cursor may be there. */
            *end = *next = may_break || is_space || word == start ? at : word;
            return true;
        }
        if (glyph.text.data[0] == '\n') {
            *end = at;
            *next = at + 1;
            return true;
        }
        if (may_break && has_word)
            word = at;
        has_word |= !is_space;
        columns += glyph.columns;
        at += glyph.text.size;
    }
    *end = *next = at;
    return columns >= width;
}

size_t zt_wrap_rows (const zt_wrap_t *self)
{
    size_t rows = 1;
    for (size_t at = 0, end; zt_wrap_row (self, at, &end, &at);)
        rows++;
    return rows;
}

void zt_wrap_place (const zt_wrap_t *self, size_t at, size_t *row, size_t *column)
{
    size_t start = 0, end, next;
    *row = 0;
    while (zt_wrap_row (self, start, &end, &next) && next <= at) {
        start = next;
        ++*row;
    }
    *column = zt_glyph_columns (zt_bytes_part (self->text, start, at - start), self->widths);
}

size_t zt_wrap_find (const zt_wrap_t *self, size_t row, size_t column)
{
    size_t start = 0, end, next;
    bool is_more = zt_wrap_row (self, start, &end, &next);
    for (; row > 0 && is_more; row--) {
        start = next;
        is_more = zt_wrap_row (self, start, &end, &next);
    }
    size_t at = start, columns = 0;
    zt_bytes_t rest = zt_bytes_part (self->text, start, end - start);
    zt_glyph_t glyph;
    while (zt_glyph_next (&rest, self->widths, &glyph) && columns + glyph.columns <= column) {
        /*  The place behind a full row is the beginning of the next one. */
        if (is_more && next == end && at + glyph.text.size == end)
            break;
        columns += glyph.columns;
        at += glyph.text.size;
    }
    return at;
}
