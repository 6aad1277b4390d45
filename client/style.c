/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/style.h"

#include <assert.h>

/*  The parameters of one SGR sequence. */
typedef struct {
    char text[96]; /* the longest has 4 flags to end, 5 to begin and two colours: 76 */
    size_t size;
} s_parameters_t;

static void s_add (s_parameters_t *self, unsigned number)
{
    assert (self->size + 1 + ZT_U64_DIGITS <= sizeof self->text);
    if (self->size)
        self->text[self->size++] = ';';
    self->size = (size_t) (zt_u64_write (self->text + self->size, number) - self->text);
}

/*  base is 30 for what is in front, and 40 for what is behind. */
static void s_add_colour (s_parameters_t *self, unsigned base, unsigned number, zt_depth_t depth,
                          zt_palette_t palette)
{
    if (number == 0) {
        s_add (self, base + 9);
        return;
    }
    const zt_colour_t *colour = &palette.colours[number - 1];
    if (depth == ZT_DEPTH_16) {
        s_add (self, colour->basic < 8 ? base + colour->basic : base + 60 + colour->basic - 8);
        return;
    }
    s_add (self, base + 8);
    if (depth == ZT_DEPTH_256) {
        s_add (self, 5);
        s_add (self, colour->indexed);
        return;
    }
    s_add (self, 2);
    s_add (self, colour->rgb >> 16 & 0xFF);
    s_add (self, colour->rgb >> 8 & 0xFF);
    s_add (self, colour->rgb & 0xFF);
}

/*  What begins a flag, and what ends it. Bold and dim have one end. */
static const struct {
    unsigned char flag, begin, end;
} s_flags[] = {
    {ZT_STYLE_BOLD, 1, 22},      {ZT_STYLE_DIM, 2, 22},     {ZT_STYLE_ITALIC, 3, 23},
    {ZT_STYLE_UNDERLINE, 4, 24}, {ZT_STYLE_REVERSE, 7, 27},
};

static void s_add_flags (s_parameters_t *self, unsigned from, unsigned to)
{
    const unsigned weight = ZT_STYLE_BOLD | ZT_STYLE_DIM;
    unsigned ended = from & ~to;
    if (ended & weight)
        ended |= from & weight;
    unsigned last = 0;
    for (size_t i = 0; i < sizeof s_flags / sizeof s_flags[0]; i++)
        if (ended & s_flags[i].flag && s_flags[i].end != last) {
            last = s_flags[i].end;
            s_add (self, last);
        }
    for (size_t i = 0; i < sizeof s_flags / sizeof s_flags[0]; i++)
        if (to & s_flags[i].flag && (!(from & s_flags[i].flag) || ended & s_flags[i].flag))
            s_add (self, s_flags[i].begin);
}

static void s_change (s_parameters_t *self, zt_style_t from, zt_style_t to, zt_depth_t depth,
                      zt_palette_t palette)
{
    s_add_flags (self, from.flags, to.flags);
    if (from.foreground != to.foreground)
        s_add_colour (self, 30, to.foreground, depth, palette);
    if (from.background != to.background)
        s_add_colour (self, 40, to.background, depth, palette);
}

/*  The style without what the terminal is not to be asked for. */
static zt_style_t s_shown (zt_style_t style, zt_depth_t depth, zt_palette_t palette)
{
    if (depth == ZT_DEPTH_NONE || style.foreground > palette.count)
        style.foreground = 0;
    if (depth == ZT_DEPTH_NONE || style.background > palette.count)
        style.background = 0;
    return style;
}

void zt_style_put (zt_buffer_t *buffer, zt_style_t from, zt_style_t to, zt_depth_t depth,
                   zt_palette_t palette)
{
    from = s_shown (from, depth, palette);
    to = s_shown (to, depth, palette);
    if (zt_style_equal (from, to))
        return;
    const zt_style_t plain = {0, 0, 0};
    s_parameters_t change = {.size = 0}, anew = {.size = 0};
    s_change (&change, from, to, depth, palette);
    if (!zt_style_equal (to, plain)) {
        s_add (&anew, 0);
        s_change (&anew, plain, to, depth, palette);
    }
    const s_parameters_t *shorter = anew.size < change.size ? &anew : &change;
    zt_buffer_put_string (buffer, "\033[");
    zt_buffer_put (buffer, shorter->text, shorter->size);
    zt_buffer_put_char (buffer, 'm');
}
