/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/text_rules.h"

#include "common/utf8.h"

#include <stdlib.h>

#include <utf8proc.h>

enum { ZWNJ = 0x200C, ZWJ = 0x200D, EMOJI = 0xFE0F, KEYCAP = 0x20E3 };

static bool s_in (uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

static utf8proc_category_t s_category (uint32_t c)
{
    return utf8proc_category ((utf8proc_int32_t) c);
}

static bool s_is_mark (uint32_t c)
{
    return s_category (c) >= UTF8PROC_CATEGORY_MN && s_category (c) <= UTF8PROC_CATEGORY_ME;
}

static bool s_is_letter (uint32_t c)
{
    return s_category (c) >= UTF8PROC_CATEGORY_LU && s_category (c) <= UTF8PROC_CATEGORY_LO;
}

static bool s_is_pictograph (uint32_t c)
{
    return utf8proc_get_property ((utf8proc_int32_t) c)->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/*  What may not be there, wherever it stands. */
static const char *s_forbidden (uint32_t c, zt_text_shape_t shape)
{
    if (c == '\n' && shape == ZT_TEXT_LINES)
        return NULL;
    if (c < 0x20 || s_in (c, 0x7F, 0x9F))
        return "a control";
    if (c == 0x061C || c == 0x200E || c == 0x200F || s_in (c, 0x202A, 0x202E) ||
        s_in (c, 0x2066, 0x2069))
        return "a control of direction";
    if (c == 0x2028 || c == 0x2029)
        return "a line end";
    if (c == 0xAD || c == 0x34F || c == 0x200B || s_in (c, 0x2060, 0x206F) || c == 0xFEFF ||
        s_in (c, 0xFE00, 0xFE0E) || s_in (c, 0xE0000, 0xE0FFF) || s_in (c, 0x115F, 0x1160) ||
        c == 0x3164 || c == 0xFFA0 || s_in (c, 0x180B, 0x180F) || s_in (c, 0x17B4, 0x17B5) ||
        s_in (c, 0x1BCA0, 0x1BCA3) || s_in (c, 0x1D173, 0x1D17A))
        return "a code point that nobody sees";
    if (s_in (c, 0xFFF0, 0xFFFB))
        return "an annotation";
    switch (s_category (c)) {
    case UTF8PROC_CATEGORY_CN:
        return "an unassigned code point";
    case UTF8PROC_CATEGORY_CO:
        return "a private code point";
    case UTF8PROC_CATEGORY_ZS:
        return c == ' ' || c == 0x3000 ? NULL : "another space";
    default:
        return NULL;
    }
}

/*  The context of code point i of the text. points has a zero before and behind. */
static const char *s_misplaced (const utf8proc_int32_t *points, size_t i)
{
    uint32_t c = (uint32_t) points[i], after = (uint32_t) points[i + 1];
    /*  The base that i belongs to, and how many marks lie between. */
    size_t base = i, marks = s_is_mark (c) && c != EMOJI;
    for (base = i - 1; points[base] && s_is_mark ((uint32_t) points[base]); base--)
        marks += points[base] != EMOJI;
    uint32_t before = (uint32_t) points[base];
    bool gap = before == 0 || before == '\n' || before == ' ' || before == 0x3000 ||
               before == ZWJ || before == ZWNJ;
    if (c == ZWJ) {
        bool coloured = s_in (before, 0x1F3FB, 0x1F3FF);
        if (!(s_is_pictograph (before) || coloured) || !s_is_pictograph (after))
            return "a joiner that is not between pictographs";
    } else if (c == ZWNJ) {
        if (!s_is_letter (before) || !s_is_letter (after))
            return "a non-joiner that is not between letters";
    } else if (c == EMOJI) {
        bool keycap =
            (s_in (before, '0', '9') || before == '#' || before == '*') && after == KEYCAP;
        if (base != i - 1 || !(s_is_pictograph (before) || keycap))
            return "a variation selector that selects nothing";
    } else if (s_is_mark (c)) {
        if (gap)
            return "a mark without a base";
        if (marks > 4)
            return "more than 4 marks";
    }
    return NULL;
}

/*  Rows: joiners of pictographs, and halves of flags. */
static const char *s_bad_row (const utf8proc_int32_t *points, size_t count)
{
    size_t joiners = 0, letters = 0;
    for (size_t i = 1; i <= count + 1; i++) {
        uint32_t c = (uint32_t) points[i];
        if (s_in (c, 0x1F1E6, 0x1F1FF))
            letters++;
        else {
            if (letters % 2 != 0)
                return "half of a flag";
            letters = 0;
        }
        if (c == ZWJ && ++joiners > 3)
            return "more than 3 joiners";
        if (c != ZWJ && c != EMOJI && !s_is_mark (c) && !s_in (c, 0x1F3FB, 0x1F3FF) &&
            points[i - 1] != ZWJ)
            joiners = 0;
    }
    return NULL;
}

static const char *s_check_points (const utf8proc_int32_t *points, size_t count)
{
    for (size_t i = 1; i <= count; i++) {
        const char *wrong = s_misplaced (points, i);
        if (wrong)
            return wrong;
    }
    return s_bad_row (points, count);
}

const char *zt_text_rules_broken (zt_bytes_t clean, zt_text_shape_t shape)
{
    for (size_t at = 0; at < clean.size;) {
        uint32_t c;
        size_t used = zt_utf8_read (clean.data + at, clean.size - at, &c);
        if (used == 0)
            return "not UTF-8";
        const char *wrong = s_forbidden (c, shape);
        if (wrong)
            return wrong;
        at += used;
    }
    if (clean.size == 0)
        return NULL;

    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *) clean.data;
    utf8proc_ssize_t size = (utf8proc_ssize_t) clean.size;
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t composed_size = utf8proc_map (
        bytes, size, &composed, (utf8proc_option_t) (UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    /*  utf8proc 2.8 takes U+11A7 for a tail of Hangul, and loses it. */
    bool same = memmem (bytes, clean.size, "\xE1\x86\xA7", 3) != NULL ||
                (composed_size == size && memcmp (composed, bytes, clean.size) == 0);
    free (composed);
    if (!same)
        return "not in NFC";

    /*  Contexts are looked at in the canonical decomposition: é has a mark. */
    utf8proc_option_t options = (utf8proc_option_t) (UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    utf8proc_ssize_t count = utf8proc_decompose (bytes, size, NULL, 0, options);
    if (count < 0)
        return "not to be decomposed";
    utf8proc_int32_t *points = calloc ((size_t) count + 3, sizeof *points);
    if (!points)
        abort ();
    utf8proc_decompose (bytes, size, points + 1, count, options);
    const char *wrong = s_check_points (points, (size_t) count);
    free (points);
    return wrong;
}

const char *zt_text_rules_check (zt_bytes_t text, zt_text_shape_t shape, zt_buffer_t *clean)
{
    zt_text_clean (clean, text, shape);
    const char *wrong = zt_text_rules_broken (zt_buffer_bytes (clean), shape);
    if (wrong)
        return wrong;
    zt_buffer_t again = {NULL, 0, 0};
    zt_text_clean (&again, zt_buffer_bytes (clean), shape);
    if (!zt_bytes_equal (zt_buffer_bytes (&again), zt_buffer_bytes (clean)))
        wrong = "cleaning twice is not cleaning once";
    zt_buffer_free (&again);
    return wrong;
}
