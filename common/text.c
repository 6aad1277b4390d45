/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/text.h"

#include "common/utf8.h"

#include <utf8proc.h>

/*  Cleaning has two stages, and both run on one code point at a time.

    The first looks at a code point alone: it passes it, drops it, or puts another
    in its place. The second takes what is left, canonically decomposed, and looks
    at clusters: a base and its marks. It lets go of what has no right to stand
    where it does, sorts the marks, and writes the cluster composed, in NFC.

    That cleaning twice is cleaning once follows from two rules. What the second
    stage drops leaves no trace in its state: all goes on as if it had never come.
    And it looks only at what is decomposed, so that it does not matter whether
    the input came composed, as our output does. */

enum {
    S_REPLACEMENT = 0xFFFD,
    S_ZWNJ = 0x200C,
    S_ZWJ = 0x200D,
    S_KEYCAP = 0x20E3,
    S_EMOJI = 0xFE0F, /* variation selector 16: show what is before it as a picture */
    S_MARKS_MAX = 4,
    S_JOINS_MAX = 3,
    S_CLUSTER_MAX = 1 + 1 + S_MARKS_MAX, /* base, S_EMOJI, marks */
    S_TAB = 8,
    S_DECOMPOSED_MAX = 8 /* canonically it is 4 at most */
};

typedef struct {
    zt_buffer_t *buffer;
    zt_text_shape_t shape;
    size_t column; /* of the line, for tabs */

    utf8proc_int32_t cluster[S_CLUSTER_MAX]; /* the base comes first, the rest is in order */
    size_t size;                             /* code points in cluster; 0: there is no base */
    size_t marks;                            /* of them, marks */
    bool half_flag;                          /* the base is the first half of a flag */
    bool emoji_waits;                        /* S_EMOJI waits for S_KEYCAP behind it */
    bool joinable;                           /* the base is, or colours, a pictograph */
    uint32_t joiner;                         /* S_ZWJ or S_ZWNJ that waits for its right side */
    size_t joins;                            /* S_ZWJs in this row of pictographs */
} s_cleaner_t;

/*  What code points are */

static bool s_is_mark (uint32_t c)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) c);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

static bool s_is_letter (uint32_t c)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

static bool s_is_pictograph (uint32_t c)
{
    return utf8proc_get_property ((utf8proc_int32_t) c)->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool s_is_skin_tone (uint32_t c)
{
    return c >= 0x1F3FB && c <= 0x1F3FF;
}

static bool s_is_flag_letter (uint32_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

static bool s_has_keycap (uint32_t c)
{
    return (c >= '0' && c <= '9') || c == '#' || c == '*';
}

/*  Code points that nobody sees, or that turn the direction of what is around
    them. Sorted. S_ZWNJ, S_ZWJ and S_EMOJI are missing: these may stay in places. */
static bool s_is_dropped (uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } dropped[] = {
        {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C}, {0x115F, 0x1160},
        {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200B}, {0x200E, 0x200F},
        {0x202A, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164}, {0xFE00, 0xFE0E},
        {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        if (c <= dropped[i].last)
            return c >= dropped[i].first;
    return false;
}

/*  What is shown in the place of c, which is no line end and no tab. */
static uint32_t s_shown (uint32_t c)
{
    if (c < 0x20)
        return 0x2400 + c;
    if (c < 0x7F)
        return c;
    if (c == 0x7F)
        return 0x2421;
    switch (utf8proc_category ((utf8proc_int32_t) c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
        return S_REPLACEMENT;
    case UTF8PROC_CATEGORY_ZS:
        return c == 0x3000 ? c : ' ';
    default:
        return c >= 0xFFF9 && c <= 0xFFFB ? S_REPLACEMENT : c;
    }
}

/*  The second stage: clusters */

static void s_write (s_cleaner_t *self, uint32_t c)
{
    char *to = zt_buffer_reserve (self->buffer, 4);
    self->buffer->size +=
        (size_t) utf8proc_encode_char ((utf8proc_int32_t) c, (utf8proc_uint8_t *) to);
}

/*  Writes the cluster; there is no base then. */
static void s_end_cluster (s_cleaner_t *self)
{
    if (self->size == 0)
        return;
    if (self->half_flag)
        self->cluster[0] = S_REPLACEMENT;
    self->column += (size_t) utf8proc_charwidth (self->cluster[0]);
    utf8proc_ssize_t count =
        utf8proc_normalize_utf32 (self->cluster, (utf8proc_ssize_t) self->size,
                                  (utf8proc_option_t) (UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    for (utf8proc_ssize_t i = 0; i < count; i++)
        s_write (self, (uint32_t) self->cluster[i]);
    self->size = 0;
    self->marks = 0;
    self->half_flag = false;
    self->emoji_waits = false;
}

/*  A space or a line end: what cannot carry a mark, nor be joined. */
static void s_put_gap (s_cleaner_t *self, uint32_t c)
{
    s_end_cluster (self);
    self->joiner = 0;
    s_write (self, c);
    self->column = c == '\n' ? 0 : self->column + (c == ' ' ? 1 : 2);
}

/*  Jamo are the only bases that compose with a base before them. True if c has
    gone into the base. */
static bool s_compose_hangul (s_cleaner_t *self, uint32_t c)
{
    enum { L = 0x1100, L_LAST = 0x1112, V = 0x1161, V_LAST = 0x1175, T = 0x11A7, T_LAST = 0x11C2 };
    enum { LV = 0xAC00, LV_LAST = 0xD7A3, VOWELS = V_LAST - V + 1, TAILS = T_LAST - T + 1 };
    if (self->size != 1)
        return false;
    uint32_t base = (uint32_t) self->cluster[0];
    if (base >= L && base <= L_LAST && c >= V && c <= V_LAST)
        base = LV + ((base - L) * VOWELS + (c - V)) * TAILS;
    else if (base >= LV && base <= LV_LAST && (base - LV) % TAILS == 0 && c > T && c <= T_LAST)
        base += c - T;
    else
        return false;
    self->cluster[0] = (utf8proc_int32_t) base;
    return true;
}

static void s_put_base (s_cleaner_t *self, uint32_t c)
{
    bool pictograph = s_is_pictograph (c);
    uint32_t joiner = self->joiner;
    self->joiner = 0;
    bool joined = joiner == S_ZWJ ? pictograph : joiner == S_ZWNJ && s_is_letter (c);
    if (!joined && s_compose_hangul (self, c))
        return;

    bool coloured = s_is_skin_tone (c) && self->joinable && self->size > 0 &&
                    !s_is_skin_tone ((uint32_t) self->cluster[0]);
    bool second_half = self->half_flag && s_is_flag_letter (c);
    if (second_half)
        self->half_flag = false;
    s_end_cluster (self);
    if (joined)
        s_write (self, joiner);
    if (joined && joiner == S_ZWJ)
        self->joins++;
    else if (!coloured)
        self->joins = 0;
    self->joinable = pictograph || coloured;
    self->half_flag = s_is_flag_letter (c) && !second_half;
    self->cluster[0] = (utf8proc_int32_t) c;
    self->size = 1;
}

static int s_combining_class (utf8proc_int32_t c)
{
    return utf8proc_get_property (c)->combining_class;
}

static void s_put_mark (s_cleaner_t *self, uint32_t c)
{
    if (self->size == 0 || self->marks == S_MARKS_MAX)
        return;
    self->joiner = 0;
    if (self->emoji_waits && c == S_KEYCAP)
        self->cluster[self->size++] = S_EMOJI;
    self->emoji_waits = false;
    if (self->half_flag) { /* what carries a mark is no half of a flag */
        self->cluster[0] = S_REPLACEMENT;
        self->half_flag = false;
    }
    /*  The canonical order: by combining class, but nothing passes a class of 0. */
    size_t at = self->size++;
    int class = s_combining_class ((utf8proc_int32_t) c);
    for (; class != 0 && at > 1 && s_combining_class (self->cluster[at - 1]) > class; at--)
        self->cluster[at] = self->cluster[at - 1];
    self->cluster[at] = (utf8proc_int32_t) c;
    self->marks++;
}

/*  The three that nobody sees, and that change how others are shown. They stay
    where they have a meaning. */

static void s_put_joiner (s_cleaner_t *self, uint32_t c)
{
    if (self->joiner || self->size == 0)
        return;
    if (c == S_ZWJ ? self->joinable && self->joins < S_JOINS_MAX
                   : s_is_letter ((uint32_t) self->cluster[0]))
        self->joiner = c;
}

static void s_put_emoji (s_cleaner_t *self)
{
    if (self->joiner || self->size != 1)
        return;
    uint32_t base = (uint32_t) self->cluster[0];
    if (s_is_pictograph (base))
        self->cluster[self->size++] = S_EMOJI;
    else if (s_has_keycap (base))
        self->emoji_waits = true;
}

static void s_put (s_cleaner_t *self, uint32_t c)
{
    if (c == S_ZWJ || c == S_ZWNJ)
        s_put_joiner (self, c);
    else if (c == S_EMOJI)
        s_put_emoji (self);
    else if (c == ' ' || c == 0x3000)
        s_put_gap (self, c);
    else if (s_is_mark (c))
        s_put_mark (self, c);
    else
        s_put_base (self, c);
}

static void s_put_decomposed (s_cleaner_t *self, uint32_t c)
{
    /*  A syllable of Hangul stays whole: taking it apart would only mean to put
        it together again. */
    if (c < 0xC0 || (c >= 0xAC00 && c <= 0xD7A3)) {
        s_put (self, c);
        return;
    }
    utf8proc_int32_t points[S_DECOMPOSED_MAX];
    int class = UTF8PROC_BOUNDCLASS_START;
    utf8proc_ssize_t count = utf8proc_decompose_char (
        (utf8proc_int32_t) c, points, S_DECOMPOSED_MAX,
        (utf8proc_option_t) (UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &class);
    for (utf8proc_ssize_t i = 0; i < count && i < S_DECOMPOSED_MAX; i++)
        s_put (self, (uint32_t) points[i]);
}

/*  The first stage: bytes, and code points alone */

/*  How many bytes of what is no code point one replacement stands for: as many as
    could begin one (Unicode's "maximal subpart"), 1 at least. */
static size_t s_subpart (const unsigned char *bytes, size_t size)
{
    unsigned char lead = bytes[0];
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    size_t most = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    size_t used = 1;
    while (used < most && used < size && bytes[used] >= low && bytes[used] <= high) {
        used++;
        low = 0x80;
        high = 0xBF;
    }
    return used;
}

static bool s_is_line_end (uint32_t c)
{
    return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static void s_put_tab (s_cleaner_t *self)
{
    s_end_cluster (self); /* so that the column is known */
    size_t spaces = self->shape == ZT_TEXT_LINE ? 1 : S_TAB - self->column % S_TAB;
    while (spaces--)
        s_put_gap (self, ' ');
}

void zt_text_clean (zt_buffer_t *buffer, zt_bytes_t text, zt_text_shape_t shape)
{
    s_cleaner_t self;
    memset (&self, 0, sizeof self);
    self.buffer = buffer;
    self.shape = shape;
    for (size_t at = 0; at < text.size;) {
        const char *data = text.data + at;
        uint32_t c;
        size_t used = zt_utf8_read (data, text.size - at, &c);
        if (used == 0) {
            c = S_REPLACEMENT;
            used = s_subpart ((const unsigned char *) data, text.size - at);
        }
        at += used;
        if (c == '\t')
            s_put_tab (&self);
        else if (s_is_line_end (c)) {
            if (c == '\r' && at < text.size && text.data[at] == '\n')
                at++;
            s_put_gap (&self, shape == ZT_TEXT_LINES ? '\n' : ' ');
        } else if (!s_is_dropped (c))
            s_put_decomposed (&self, s_shown (c));
    }
    s_end_cluster (&self);
}
