/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/line.h"

#include "client/glyph.h"
#include "common/text.h"
#include "common/utf8.h"

#include <assert.h>
#include <utf8proc.h>

static zt_bytes_t s_part (const zt_line_t *self, size_t start, size_t end)
{
    return zt_bytes_part (zt_buffer_bytes (&self->text), start, end - start);
}

void zt_line_free (zt_line_t *self)
{
    zt_buffer_free (&self->text);
    self->cursor = 0;
}

/*  Where the cluster that begins at at ends. */
static size_t s_cluster_end (const zt_line_t *self, size_t at)
{
    static const zt_widths_t any = {false, 0, 1, 4, 2, 1, 3, 1}; /* columns do not matter here */
    zt_bytes_t rest = s_part (self, at, self->text.size);
    zt_glyph_t glyph;
    return zt_glyph_next (&rest, &any, &glyph) ? at + glyph.text.size : at;
}

size_t zt_line_row_start (const zt_line_t *self, size_t at)
{
    while (at > 0 && self->text.data[at - 1] != '\n')
        at--;
    return at;
}

size_t zt_line_row_end (const zt_line_t *self, size_t at)
{
    while (at < self->text.size && self->text.data[at] != '\n')
        at++;
    return at;
}

/*  The first place between clusters that is not before at. */
static size_t s_snap (const zt_line_t *self, size_t at)
{
    size_t place = zt_line_row_start (self, at);
    while (place < at)
        place = s_cluster_end (self, place);
    return place;
}

void zt_line_replace (zt_line_t *self, size_t start, size_t size, zt_bytes_t bytes)
{
    assert (start + size <= self->text.size);
    size_t from = zt_line_row_start (self, start), to = zt_line_row_end (self, start + size);
    zt_buffer_t raw = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_buffer_put_bytes (&raw, s_part (self, from, start));
    zt_buffer_put_bytes (&raw, bytes);
    zt_text_clean (&text, zt_buffer_bytes (&raw), ZT_TEXT_LINES);
    size_t cursor = from + text.size;

    zt_buffer_put_bytes (&raw, s_part (self, start + size, to));
    zt_buffer_clear (&text);
    zt_buffer_put_bytes (&text, s_part (self, 0, from));
    zt_text_clean (&text, zt_buffer_bytes (&raw), ZT_TEXT_LINES);
    /*  What is cleaned whole may be shorter than its beginning alone. */
    size_t end = text.size;
    zt_buffer_put_bytes (&text, s_part (self, to, self->text.size));
    zt_buffer_free (&raw);
    zt_buffer_free (&self->text);
    self->text = text;
    self->cursor = s_snap (self, cursor < end ? cursor : end);
}

size_t zt_line_before (const zt_line_t *self, size_t at)
{
    if (at == 0)
        return 0;
    size_t before = zt_line_row_start (self, at - 1);
    for (size_t next = before; next < at; next = s_cluster_end (self, next))
        before = next;
    return before;
}

size_t zt_line_after (const zt_line_t *self, size_t at)
{
    return s_cluster_end (self, at);
}

/*  True if the cluster at at is of a word. */
static bool s_is_word (const zt_line_t *self, size_t at)
{
    uint32_t c;
    if (zt_utf8_read (self->text.data + at, self->text.size - at, &c) == 0)
        return false;
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

size_t zt_line_word_before (const zt_line_t *self, size_t at)
{
    size_t start = 0;
    bool was_word = false;
    for (size_t place = 0; place < at; place = s_cluster_end (self, place)) {
        bool is_word = s_is_word (self, place);
        if (is_word && !was_word)
            start = place;
        was_word = is_word;
    }
    return start;
}

size_t zt_line_word_after (const zt_line_t *self, size_t at)
{
    while (at < self->text.size && !s_is_word (self, at))
        at = s_cluster_end (self, at);
    while (at < self->text.size && s_is_word (self, at))
        at = s_cluster_end (self, at);
    return at;
}
