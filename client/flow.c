/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/flow.h"

#include "common/utf8.h"

/*  What a cluster is to those beside it. */
typedef enum {
    S_LINE_END, /* and the beginning */
    S_LETTER,   /* of a word */
    S_DIGIT,
    S_SPACE,
    S_HYPHEN,    /* a row may end behind it */
    S_IDEOGRAPH, /* a row may end before it, and behind it */
    S_OPENING,   /* no row ends behind it */
    S_CLOSING    /* no row begins with it */
} s_class_t;

/*  Of what is not ASCII. Sorted; what is in no range is a letter. */
static const struct {
    uint32_t first, last;
    s_class_t class;
} s_ranges[] = {
    {0x2010, 0x2010, S_HYPHEN},      {0x2012, 0x2014, S_HYPHEN},
    {0x2026, 0x2026, S_CLOSING},     {0x2600, 0x27BF, S_IDEOGRAPH},
    {0x2E80, 0x2FFF, S_IDEOGRAPH},   {0x3000, 0x3000, S_SPACE},
    {0x3001, 0x3002, S_CLOSING},     {0x3003, 0x3004, S_IDEOGRAPH},
    {0x3005, 0x3005, S_CLOSING},     {0x3006, 0x3007, S_IDEOGRAPH},
    {0x3008, 0x3008, S_OPENING},     {0x3009, 0x3009, S_CLOSING},
    {0x300A, 0x300A, S_OPENING},     {0x300B, 0x300B, S_CLOSING},
    {0x300C, 0x300C, S_OPENING},     {0x300D, 0x300D, S_CLOSING},
    {0x300E, 0x300E, S_OPENING},     {0x300F, 0x300F, S_CLOSING},
    {0x3010, 0x3010, S_OPENING},     {0x3011, 0x3011, S_CLOSING},
    {0x3012, 0x3013, S_IDEOGRAPH},   {0x3014, 0x3014, S_OPENING},
    {0x3015, 0x3015, S_CLOSING},     {0x3016, 0x3016, S_OPENING},
    {0x3017, 0x3017, S_CLOSING},     {0x301C, 0x301C, S_CLOSING},
    {0x3020, 0x309A, S_IDEOGRAPH},   {0x309B, 0x309E, S_CLOSING},
    {0x309F, 0x30FA, S_IDEOGRAPH},   {0x30FB, 0x30FE, S_CLOSING},
    {0x30FF, 0x4DBF, S_IDEOGRAPH},   {0x4E00, 0xA4CF, S_IDEOGRAPH},
    {0xAC00, 0xD7A3, S_IDEOGRAPH},   {0xF900, 0xFAFF, S_IDEOGRAPH},
    {0xFE30, 0xFE4F, S_IDEOGRAPH},   {0xFF01, 0xFF01, S_CLOSING},
    {0xFF02, 0xFF07, S_IDEOGRAPH},   {0xFF08, 0xFF08, S_OPENING},
    {0xFF09, 0xFF09, S_CLOSING},     {0xFF0A, 0xFF0B, S_IDEOGRAPH},
    {0xFF0C, 0xFF0C, S_CLOSING},     {0xFF0D, 0xFF0D, S_IDEOGRAPH},
    {0xFF0E, 0xFF0E, S_CLOSING},     {0xFF0F, 0xFF19, S_IDEOGRAPH},
    {0xFF1A, 0xFF1B, S_CLOSING},     {0xFF1C, 0xFF1E, S_IDEOGRAPH},
    {0xFF1F, 0xFF1F, S_CLOSING},     {0xFF20, 0xFF5E, S_IDEOGRAPH},
    {0x17000, 0x18CFF, S_IDEOGRAPH}, {0x1B000, 0x1B2FF, S_IDEOGRAPH},
    {0x1F000, 0x1FAFF, S_IDEOGRAPH}, {0x20000, 0x3FFFD, S_IDEOGRAPH},
};

/*  The punctuation stands for that beside ideographs: between letters no row is
    broken anyway. */
static s_class_t s_ascii (char c)
{
    if (c >= '0' && c <= '9')
        return S_DIGIT;
    switch (c) {
    case '\n':
        return S_LINE_END;
    case ' ':
        return S_SPACE;
    case '-':
        return S_HYPHEN;
    case '(':
    case '[':
    case '{':
        return S_OPENING;
    case ')':
    case ']':
    case '}':
    case '!':
    case '?':
    case ',':
    case '.':
    case ':':
    case ';':
        return S_CLOSING;
    default:
        return S_LETTER;
    }
}

static s_class_t s_class (zt_bytes_t text)
{
    uint32_t c;
    if ((unsigned char) text.data[0] < 0x80)
        return s_ascii (text.data[0]);
    if (zt_utf8_read (text.data, text.size, &c) == 0)
        return S_LETTER;
    for (size_t i = 0; i < sizeof s_ranges / sizeof s_ranges[0] && c >= s_ranges[i].first; i++)
        if (c <= s_ranges[i].last)
            return s_ranges[i].class;
    return S_LETTER;
}

/*  The class of what stands behind another: a hyphen that begins a word is no place to
    break it (--help). */
static s_class_t s_class_behind (s_class_t before, zt_bytes_t text)
{
    s_class_t class = s_class (text);
    bool begins = before == S_SPACE || before == S_LINE_END || before == S_OPENING;
    return class == S_HYPHEN && begins ? S_OPENING : class;
}

/*  True if a row may end between the two. Spaces belong to the row before them. */
static bool s_may_break (s_class_t before, s_class_t after)
{
    if (after == S_SPACE)
        return false;
    if (before == S_SPACE)
        return true;
    if (after == S_CLOSING || after == S_HYPHEN || before == S_OPENING)
        return false;
    return before == S_IDEOGRAPH || after == S_IDEOGRAPH ||
           (before == S_HYPHEN && after != S_DIGIT);
}

bool zt_flow_may_break (zt_flow_break_t *self, zt_bytes_t glyph)
{
    s_class_t before = (s_class_t) self->class;
    s_class_t class = s_class_behind (before, glyph);
    self->class = (unsigned char) class;
    return before != S_LINE_END && s_may_break (before, class);
}

/*  A place in a row: how many bytes and columns are before it. */
typedef struct {
    size_t bytes;
    size_t columns;
} s_place_t;

zt_flow_t zt_flow (zt_bytes_t text, int width, int first, int indent, const zt_widths_t *widths)
{
    if (width < 1)
        width = 1;
    /*  What is left takes a wide character, if the width does. */
    int most = width / 2 < width - 2 ? width / 2 : width - 2;
    if (indent > most)
        indent = most;
    return (zt_flow_t){.text = text.data ? text : zt_bytes (""), /* to be counted from */
                       .widths = widths,
                       .width = width,
                       .first = first < 0 ? 0 : first,
                       .indent = indent < 0 ? 0 : indent};
}

/*  Gives the row: what is shown of it, and all of it. What is shown loses the spaces at
    its end (from word on) if they have no room. */
static void s_give (zt_flow_t *self, zt_flow_row_t *row, s_place_t shown, s_place_t word,
                    size_t size)
{
    if (shown.columns > word.columns && row->indent + (int) shown.columns > self->width)
        shown = word;
    row->text = (zt_bytes_t){self->text.data + self->at, shown.bytes};
    row->columns = (int) shown.columns;
    row->size = size;
    self->at += size;
}

/*  The row that begins at self->at, for which so many columns are there. */
static void s_fill (zt_flow_t *self, zt_flow_row_t *row, size_t room, bool may_be_empty)
{
    zt_bytes_t rest = {self->text.data + self->at, self->text.size - self->at};
    s_place_t here = {0, 0}; /* before the glyph */
    s_place_t word = {0, 0}; /* behind the last glyph that is no space */
    s_place_t end = {0, 0};  /* what word was at the last place where the row may end */
    size_t next = 0;         /* that place; 0: there is none */
    s_class_t before = S_LINE_END;
    zt_glyph_t glyph;
    while (zt_glyph_next (&rest, self->widths, &glyph)) {
        s_class_t class = s_class_behind (before, glyph.text);
        if (class == S_LINE_END) {
            s_give (self, row, here, word, here.bytes + glyph.text.size);
            return;
        }
        if (word.bytes && s_may_break (before, class)) {
            end = word;
            next = here.bytes;
        }
        if (class != S_SPACE && here.columns + glyph.columns > room) {
            if (next)
                s_give (self, row, end, end, next);
            else if (may_be_empty)
                s_give (self, row, (s_place_t){0, 0}, (s_place_t){0, 0}, 0);
            else if (here.bytes)
                s_give (self, row, here, word, here.bytes);
            if (next || may_be_empty || here.bytes)
                return;
        }
        here.bytes += glyph.text.size;
        here.columns += glyph.columns;
        if (class != S_SPACE)
            word = here;
        before = class;
    }
    s_give (self, row, here, word, here.bytes);
    self->is_over = true;
}

bool zt_flow_next (zt_flow_t *self, zt_flow_row_t *row)
{
    if (self->is_over)
        return false;
    bool is_first = self->first >= 0;
    *row = (zt_flow_row_t){.indent = is_first ? self->first : self->indent};
    int room = self->width - row->indent;
    s_fill (self, row, room < 0 ? 0 : (size_t) room, is_first && self->first > self->indent);
    self->first = -1;
    return true;
}

size_t zt_flow_rows (zt_bytes_t text, int width, int first, int indent, const zt_widths_t *widths)
{
    zt_flow_t flow = zt_flow (text, width, first, indent, widths);
    zt_flow_row_t row;
    size_t rows = 0;
    while (zt_flow_next (&flow, &row))
        rows++;
    return rows;
}
