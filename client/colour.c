/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/colour.h"

enum { S_BASIC = 16, S_INDEXED = 256, S_CUBE = 6, S_GREYS = 232 };

/*  As xterm shows the 16. */
static const uint32_t s_basic[S_BASIC] = {
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF};

static uint32_t s_rgb (unsigned index)
{
    static const uint32_t steps[S_CUBE] = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};
    if (index < S_BASIC)
        return s_basic[index];
    if (index >= S_GREYS)
        return (8 + (index - S_GREYS) * 10) * 0x010101;
    index -= S_BASIC;
    return steps[index / S_CUBE / S_CUBE] << 16 | steps[index / S_CUBE % S_CUBE] << 8 |
           steps[index % S_CUBE];
}

static unsigned s_distance (uint32_t a, uint32_t b)
{
    unsigned sum = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        int difference = (int) (a >> shift & 0xFF) - (int) (b >> shift & 0xFF);
        sum += (unsigned) (difference * difference);
    }
    return sum;
}

static unsigned char s_nearest (uint32_t rgb, unsigned from, unsigned to)
{
    unsigned best = from;
    for (unsigned i = from; i < to; i++)
        if (s_distance (rgb, s_rgb (i)) < s_distance (rgb, s_rgb (best)))
            best = i;
    return (unsigned char) best;
}

static bool s_read_number (zt_bytes_t text, unsigned base, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned) (c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned) (c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned) (c - 'A') + 10
                                                : base;
        if (digit >= base)
            return false;
        *number = *number * base + digit;
    }
    return text.size > 0;
}

/*  The place among the 16, or S_BASIC. */
static unsigned s_named (zt_bytes_t text)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    static const zt_bytes_t bright = ZT_LITERAL ("bright-");
    unsigned more = 0;
    if (text.size > bright.size && memcmp (text.data, bright.data, bright.size) == 0) {
        text = zt_bytes_part (text, bright.size, text.size - bright.size);
        more = 8;
    }
    for (unsigned i = 0; i < 8; i++)
        if (zt_bytes_equal (text, zt_bytes (names[i])))
            return i + more;
    return S_BASIC;
}

bool zt_colour_read (zt_bytes_t text, zt_colour_t *colour)
{
    enum { S_RGB_DIGITS = 6, S_INDEX_DIGITS = 3 };
    uint32_t number = s_named (text);
    if (number < S_BASIC ||
        (text.size <= S_INDEX_DIGITS && s_read_number (text, 10, &number) && number < S_INDEXED)) {
        colour->rgb = s_rgb (number);
        colour->indexed = (unsigned char) number;
        colour->basic = number < S_BASIC ? colour->indexed : s_nearest (colour->rgb, 0, S_BASIC);
        return true;
    }
    if (text.size && text.data[0] == '#')
        text = zt_bytes_part (text, 1, text.size - 1);
    if (text.size != S_RGB_DIGITS || !s_read_number (text, 16, &number))
        return false;
    colour->rgb = number;
    colour->indexed = s_nearest (number, S_BASIC, S_INDEXED); /* the 16 are the user's own */
    colour->basic = s_nearest (number, 0, S_BASIC);
    return true;
}
