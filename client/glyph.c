/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/glyph.h"

#include "common/utf8.h"

#include <unicode/uchar.h>
#include <utf8proc.h>

enum {
    S_ZWJ = 0x200D,
    S_VS15 = 0xFE0E,
    S_VS16 = 0xFE0F,
    S_TABLE = 5,  /* the Unicode version of the table of widths that is copied most */
    S_OLD = 9,    /* the Unicode version that every terminal in use knows */
    S_NEWEST = 15 /* the version of U+1FAE8, which the terminal was asked about */
};

/*  What code points are */

static bool s_is_skin_tone (uint32_t c)
{
    return c >= 0x1F3FB && c <= 0x1F3FF;
}

static bool s_is_regional (uint32_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

static bool s_is_pictograph (uint32_t c)
{
    return utf8proc_get_property ((utf8proc_int32_t) c)->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/*  Vowels and tails of Hangul, which are drawn into the leading consonant. */
static bool s_is_jamo_tail (uint32_t c)
{
    return (c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FB);
}

/*  The major number of the Unicode version that c came with; 0 if it has none yet. */
static int s_age (uint32_t c)
{
    if (c < 0x0250)
        return 1;
    UVersionInfo version;
    u_charAge ((UChar32) c, version);
    return version[0];
}

static bool s_is_newest (uint32_t c)
{
    int age = s_age (c);
    return age == 0 || age >= S_NEWEST;
}

/*  A mark that came after the table of widths (Unicode 5.0) that many a terminal has copied: it
    takes such a mark for a character of its own. */
static bool s_is_late_mark (uint32_t c, utf8proc_category_t category)
{
    UVersionInfo version;
    if (category != UTF8PROC_CATEGORY_MN && category != UTF8PROC_CATEGORY_ME)
        return false;
    u_charAge ((UChar32) c, version);
    return version[0] > S_TABLE || (version[0] == S_TABLE && version[1] > 0);
}

/*  Others to which some table in use gives another width (test_client_remote asks libvterm). */
static bool s_is_disputed (uint32_t c)
{
    static const uint32_t ranges[][2] = {{0x06DE, 0x06DE},  {0x1885, 0x1886}, {0x1A1B, 0x1A1B},
                                         {0x302A, 0x302D},  {0x3099, 0x309A}, {0x3248, 0x324F},
                                         {0x4DC0, 0x4DFF},  {0xA802, 0xA802}, {0x1F93B, 0x1F93B},
                                         {0x1F946, 0x1F946}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/*  Most text is Latin and Cyrillic, and needs no look into tables: the size of the
    character at data if it takes one column and joins nothing, or 0. */
static size_t s_plain (const char *data, size_t size)
{
    unsigned char first = size ? (unsigned char) data[0] : 0;
    if (first >= 0x20 && first < 0x7F)
        return 1;
    if ((first == 0xD0 || first == 0xD1) && size > 1 && ((unsigned char) data[1] & 0xC0) == 0x80)
        return 2;
    return 0;
}

/*  Measuring a cluster */

typedef struct {
    const zt_widths_t *widths;
    zt_glyph_t *glyph;
    uint32_t before;   /* the code point before; 0 at the first */
    size_t last;       /* the columns of the last one that has any */
    size_t regionals;  /* so far */
    bool is_pictorial; /* there is a pictograph */
} s_measure_t;

/*  The columns of a code point by itself, as nearly all terminals have it. */
static size_t s_base_columns (s_measure_t *self, uint32_t c)
{
    const zt_widths_t *widths = self->widths;
    size_t columns = (size_t) utf8proc_charwidth ((utf8proc_int32_t) c);
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) c);
    if (category == UTF8PROC_CATEGORY_MC) { /* a mark that has a space of its own */
        self->glyph->is_contentious = true;
        return widths->indic == 3;
    }
    if (category == UTF8PROC_CATEGORY_CF) { /* U+0600 and its like are shown */
        self->glyph->is_contentious = true;
        bool is_shown =
            utf8proc_get_property ((utf8proc_int32_t) c)->boundclass == UTF8PROC_BOUNDCLASS_PREPEND;
        return is_shown;
    }
    if (s_is_jamo_tail (c)) {
        self->glyph->is_contentious = true;
        return 0;
    }
    if (s_is_late_mark (c, category) || s_is_disputed (c) || s_age (c) > S_OLD || s_age (c) == 0)
        self->glyph->is_contentious = true;
    return s_is_newest (c) && columns > widths->newest ? widths->newest : columns;
}

/*  Adds what the next code point of the cluster does to its columns. */
static void s_measure (s_measure_t *self, uint32_t c)
{
    const zt_widths_t *widths = self->widths;
    zt_glyph_t *glyph = self->glyph;
    size_t columns = 0;
    if (c == S_ZWJ)
        glyph->is_contentious = true;
    else if (c == S_VS16 || c == S_VS15) {
        glyph->is_contentious = true;
        size_t wanted = c == S_VS16 ? widths->vs16 : widths->vs15;
        if (c == S_VS16 ? wanted > self->last : wanted < self->last) {
            glyph->columns += wanted - self->last;
            self->last = wanted;
        }
    } else if (s_is_regional (c)) {
        glyph->is_contentious = true;
        columns = self->regionals++ ? 2U - widths->regional : widths->regional;
    } else if (s_is_skin_tone (c)) {
        glyph->is_contentious = true;
        columns = self->is_pictorial && widths->skin < 4 ? 0 : 2;
    } else if (self->before == S_ZWJ && s_is_pictograph (c) && widths->zwj == 2)
        columns = 0;
    else
        columns = s_base_columns (self, c);
    glyph->columns += columns;
    if (columns)
        self->last = columns;
    self->is_pictorial |= s_is_pictograph (c);
    self->before = c;
}

/*  Cuts a cluster that is not plain. */
static void s_cut (zt_bytes_t rest, const zt_widths_t *widths, zt_glyph_t *glyph)
{
    s_measure_t measure = {widths, glyph, 0, 0, 0, false};
    utf8proc_int32_t state = 0;
    size_t at = 0;
    while (at < rest.size) {
        uint32_t c;
        size_t used = zt_utf8_read (rest.data + at, rest.size - at, &c);
        if (used == 0)
            break;
        if (at && utf8proc_grapheme_break_stateful ((utf8proc_int32_t) measure.before,
                                                    (utf8proc_int32_t) c, &state))
            break;
        s_measure (&measure, c);
        at += used;
    }
    if (at == 0) {
        at = 1;
        glyph->columns = 1;
    }
    glyph->text = (zt_bytes_t){rest.data, at};
}

zt_widths_t zt_widths_safe (void)
{
    return (zt_widths_t){.is_safe = true,
                         .zwj = 0,
                         .vs16 = 1,
                         .skin = 4,
                         .vs15 = 2,
                         .regional = 1,
                         .indic = 3,
                         .newest = 1};
}

bool zt_glyph_next (zt_bytes_t *rest, const zt_widths_t *widths, zt_glyph_t *glyph)
{
    if (rest->size == 0)
        return false;
    *glyph = (zt_glyph_t){{rest->data, 0}, 0, false};
    size_t plain = s_plain (rest->data, rest->size);
    if (plain && (plain == rest->size || s_plain (rest->data + plain, rest->size - plain))) {
        glyph->text.size = plain;
        glyph->columns = 1;
    } else
        s_cut (*rest, widths, glyph);
    rest->data += glyph->text.size;
    rest->size -= glyph->text.size;
    return true;
}

size_t zt_glyph_columns (zt_bytes_t text, const zt_widths_t *widths)
{
    size_t columns = 0;
    zt_glyph_t glyph;
    while (zt_glyph_next (&text, widths, &glyph))
        columns += glyph.columns;
    return columns;
}

/*  What a terminal can show */

/*  True if a terminal that has not answered is not to get c. */
static bool s_is_unsafe (uint32_t c, bool after_pictograph)
{
    return c == S_ZWJ || c == S_VS15 || c == S_VS16 || (s_is_skin_tone (c) && after_pictograph);
}

void zt_glyph_safe (zt_buffer_t *buffer, zt_bytes_t text, const zt_widths_t *widths)
{
    if (!widths->is_safe && widths->newest > 0) {
        zt_buffer_put_bytes (buffer, text);
        return;
    }
    bool after_pictograph = false;
    for (size_t at = 0; at < text.size;) {
        uint32_t c;
        size_t used = zt_utf8_read (text.data + at, text.size - at, &c);
        bool is_shown =
            used > 0 && (widths->is_safe ? s_age (c) && s_age (c) <= S_OLD : !s_is_newest (c));
        if (used > 0 && widths->is_safe && s_is_unsafe (c, after_pictograph))
            ; /* what it changes is shown as it is without it */
        else if (is_shown)
            zt_buffer_put (buffer, text.data + at, used);
        else
            zt_buffer_put_string (buffer, "\uFFFD");
        after_pictograph = used > 0 && (s_is_pictograph (c) || (after_pictograph && c == S_VS16));
        at += used ? used : 1;
    }
}
