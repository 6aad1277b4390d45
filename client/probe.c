/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/probe.h"

/*  Not the first row: an answer from there, ESC[1;2R, is also Shift-F3. */
enum { S_ROW = 2 };

/*  What is asked. */
enum { S_SANE, S_ZWJ, S_VS16, S_SKIN, S_VS15, S_REGIONAL, S_INDIC, S_NEWEST };

static const char *const s_strings[ZT_PROBE_STRINGS] = {
    [S_SANE] = "\u0457\u6F22", /* 3 everywhere: another answer is none */
    [S_ZWJ] = "\U0001F469\u200D\U0001F469\u200D\U0001F467",
    [S_VS16] = "\u2764\uFE0F",
    [S_SKIN] = "\U0001F44D\U0001F3FD",
    [S_VS15] = "\u2614\uFE0E",
    [S_REGIONAL] = "\U0001F1FA",
    [S_INDIC] = "\u0915\u094D\u0937\u093F",
    [S_NEWEST] = "\U0001FAE8",
};

/*  What can be answered: the fewest columns, and the most. */
static const struct {
    unsigned char least, most;
} s_bounds[ZT_PROBE_STRINGS] = {
    [S_SANE] = {3, 3}, [S_ZWJ] = {2, 6},      [S_VS16] = {1, 2},  [S_SKIN] = {2, 4},
    [S_VS15] = {1, 2}, [S_REGIONAL] = {1, 2}, [S_INDIC] = {2, 3}, [S_NEWEST] = {0, 2},
};

void zt_probe_begin (zt_probe_t *self, int64_t now, bool asks_background, zt_buffer_t *buffer)
{
    for (size_t i = 0; i < ZT_PROBE_STRINGS; i++)
        zt_buffer_put_format (buffer, "\033[%d;1H%s\033[6n", S_ROW, s_strings[i]);
    zt_buffer_put_format (buffer, "\033[%d;1H\033[2K", S_ROW);
    if (asks_background)
        zt_buffer_put_string (buffer, "\033]11;?\033\\");
    zt_buffer_put_string (buffer, "\033[c");
    self->fences++;
    self->answers = 0;
    self->is_due = true;
    self->deadline = now + ZT_PROBE_MS;
}

bool zt_probe_cursor (zt_probe_t *self, unsigned row, unsigned column)
{
    if (self->fences == 0 || row != S_ROW || column == 0)
        return false;
    /*  Answers before an older fence belong to an older question. */
    if (self->fences == 1 && self->answers < ZT_PROBE_STRINGS) {
        unsigned columns = column - 1;
        self->columns[self->answers++] =
            (unsigned char) (columns < UINT8_MAX ? columns : UINT8_MAX);
    }
    return true;
}

/*  True if all has been answered, with what can be. */
static bool s_is_answered (const zt_probe_t *self)
{
    if (self->answers < ZT_PROBE_STRINGS)
        return false;
    for (size_t i = 0; i < ZT_PROBE_STRINGS; i++)
        if (self->columns[i] < s_bounds[i].least || self->columns[i] > s_bounds[i].most)
            return false;
    return true;
}

static void s_conclude (zt_probe_t *self)
{
    const unsigned char *columns = self->columns;
    self->widths = zt_widths_safe ();
    if (s_is_answered (self))
        self->widths = (zt_widths_t){.zwj = columns[S_ZWJ] == 2 ? 2 : 0,
                                     .vs16 = columns[S_VS16],
                                     .skin = columns[S_SKIN] == 2 ? 2 : 4,
                                     .vs15 = columns[S_VS15],
                                     .regional = columns[S_REGIONAL],
                                     .indic = columns[S_INDIC],
                                     .newest = columns[S_NEWEST]};
    self->is_due = false;
    self->has_result = true;
}

bool zt_probe_device (zt_probe_t *self)
{
    if (self->fences == 0)
        return false;
    if (--self->fences == 0) {
        /*  What comes late and tells nothing changes nothing. */
        if (self->is_due || s_is_answered (self))
            s_conclude (self);
    }
    return true;
}

void zt_probe_tick (zt_probe_t *self, int64_t now)
{
    if (!self->is_due || now < self->deadline)
        return;
    self->widths = zt_widths_safe ();
    self->is_due = false;
    self->has_result = true;
}

int64_t zt_probe_deadline (const zt_probe_t *self)
{
    return self->is_due ? self->deadline : INT64_MAX;
}

bool zt_probe_result (zt_probe_t *self, zt_widths_t *widths)
{
    if (!self->has_result)
        return false;
    self->has_result = false;
    *widths = self->widths;
    return true;
}

/*  A channel, 1 to 4 hexadecimal digits at *at, as a part of 255; -1 if there is none. */
static int s_channel (zt_bytes_t text, size_t *at)
{
    unsigned value = 0, most = 0;
    size_t start = *at;
    for (; *at < text.size && *at < start + 4; (*at)++) {
        char c = text.data[*at];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned) (c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned) (c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned) (c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            break;
        value = value << 4 | digit;
        most = most << 4 | 15;
    }
    return most ? (int) (value * 255 / most) : -1;
}

void zt_probe_background (zt_probe_t *self, zt_bytes_t colour)
{
    static const zt_bytes_t rgb = ZT_LITERAL ("rgb:"), rgba = ZT_LITERAL ("rgba:");
    int channels[3];
    size_t at = rgb.size;
    if (colour.size >= rgba.size && memcmp (colour.data, rgba.data, rgba.size) == 0)
        at = rgba.size;
    else if (colour.size < rgb.size || memcmp (colour.data, rgb.data, rgb.size) != 0)
        return;
    for (size_t i = 0; i < 3; i++) {
        if (i && (at >= colour.size || colour.data[at++] != '/'))
            return;
        channels[i] = s_channel (colour, &at);
        if (channels[i] < 0)
            return;
    }
    /*  As bright as it looks (Rec. 601), of 255000. */
    int brightness = channels[0] * 299 + channels[1] * 587 + channels[2] * 114;
    self->is_light_known = true;
    self->is_light = brightness > 127500;
}

bool zt_probe_is_light (const zt_probe_t *self, bool *is_light)
{
    *is_light = self->is_light;
    return self->is_light_known;
}
