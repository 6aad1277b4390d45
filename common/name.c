/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/name.h"

#include "common/translate.h"

#include "common/utf8.h"

#include <utf8proc.h>

/*  NFKC_Casefold of Unicode: compatibility forms and case are one, and code
    points that nobody sees are dropped. */
static const utf8proc_option_t s_folding =
    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;

/*  The most code points that one code point decomposes into is 18 (U+FDFA). */
enum { S_MOST_DECOMPOSED = 18 };

static bool s_is_mark (uint32_t code_point)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) code_point);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
}

bool zt_name_is_letter (uint32_t code_point)
{
    switch (utf8proc_category ((utf8proc_int32_t) code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return true;
    default:
        return code_point == '_';
    }
}

static bool s_is_of_name (uint32_t code_point)
{
    return code_point == '-' || code_point == '.' || zt_name_is_letter (code_point);
}

/*  Returns NULL, or what is wrong. */
static const char *s_check (zt_bytes_t name)
{
    if (name.size == 0)
        return N_ ("a name has at least one letter");
    size_t count = 0;
    for (size_t at = 0; at < name.size; count++) {
        uint32_t code_point;
        size_t used = zt_utf8_read (name.data + at, name.size - at, &code_point);
        if (used == 0)
            return N_ ("a name is written in UTF-8");
        if (count == ZT_NAME_MAX)
            return N_ ("a name has at most 32 letters");
        if (!s_is_of_name (code_point))
            return N_ ("a name is made of letters, digits, '_', '-' and '.'");
        if (count == 0 && s_is_mark (code_point))
            return N_ ("a name begins with a letter or a digit");
        at += used;
    }
    return NULL;
}

/*  Folds at most 32 code points at a time: a bounded buffer, and no allocation.
    Returns the bytes that the fold has, or 0 if they are more than capacity. */
static size_t s_fold (zt_bytes_t text, char *to, size_t capacity)
{
    utf8proc_int32_t points[ZT_NAME_MAX * S_MOST_DECOMPOSED];
    utf8proc_ssize_t most = sizeof points / sizeof points[0];
    utf8proc_ssize_t count =
        utf8proc_decompose ((const utf8proc_uint8_t *) text.data, (utf8proc_ssize_t) text.size,
                            points, most, s_folding);
    if (count < 0 || count > most)
        return 0;
    count = utf8proc_normalize_utf32 (points, count, s_folding);
    size_t size = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        utf8proc_uint8_t encoded[4];
        size_t used = (size_t) utf8proc_encode_char (points[i], encoded);
        if (size + used > capacity)
            return 0;
        memcpy (to + size, encoded, used);
        size += used;
    }
    return size;
}

const char *zt_name_fold (zt_bytes_t name, zt_folded_t *folded)
{
    folded->size = 0;
    const char *wrong = s_check (name);
    if (wrong)
        return wrong;
    size_t size = s_fold (name, folded->data, sizeof folded->data);
    if (size == 0)
        return N_ ("this name is too long once its case is folded");
    folded->size = size;
    return NULL;
}

/*  True if it may compose with what is before it: a mark, a vowel or a tail of
    Hangul, a mark of half width (a letter to Unicode); or if it is dropped, and what
    comes behind it may. */
static bool s_may_compose (uint32_t code_point)
{
    const utf8proc_property_t *property = utf8proc_get_property ((utf8proc_int32_t) code_point);
    if (property->ignorable)
        return true;
    switch (property->boundclass) {
    case UTF8PROC_BOUNDCLASS_EXTEND:
    case UTF8PROC_BOUNDCLASS_V:
    case UTF8PROC_BOUNDCLASS_T:
        return true;
    default:
        return s_is_mark (code_point);
    }
}

/*  Folds the code point at data, if it is one of those that most texts are made of: ASCII, and
    Cyrillic of two bytes from U+0400 to U+045F, Ґ and ґ. Each folds into one code point, of as
    many bytes. Returns how many, or 0 if it is another one. */
static size_t s_fold_plain (const char *data, size_t size, char to[2])
{
    unsigned char first = (unsigned char) data[0];
    if (first < 0x80) {
        to[0] = (char) (first >= 'A' && first <= 'Z' ? first + 0x20 : first);
        return 1;
    }
    if (size < 2 || first < 0xD0 || first > 0xD2)
        return 0;
    unsigned char second = (unsigned char) data[1];
    if (second < 0x80 || second > 0xBF)
        return 0;
    unsigned c = (first & 0x1Fu) << 6 | (second & 0x3Fu);
    if (c > 0x45F && c != 0x490 && c != 0x491)
        return 0;
    c += c < 0x410 ? 0x50 : c < 0x430 ? 0x20 : c == 0x490;
    to[0] = (char) (0xC0 | c >> 6);
    to[1] = (char) (0x80 | (c & 0x3F));
    return 2;
}

/*  Folds plain code points while another one, or the end, follows: what comes later cannot
    compose with them. It is eight times as quick. Returns how many bytes were folded, and
    as many were written. */
static size_t s_fold_plain_run (zt_bytes_t text, char *to, size_t capacity)
{
    char folded[2];
    size_t at = 0;
    size_t used = text.size ? s_fold_plain (text.data, text.size, folded) : 0;
    while (used > 0 && used <= capacity - at) {
        char next[2];
        size_t end = at + used;
        size_t next_used =
            end < text.size ? s_fold_plain (text.data + end, text.size - end, next) : 0;
        if (end < text.size && next_used == 0)
            break;
        memcpy (to + at, folded, used);
        memcpy (folded, next, next_used);
        at = end;
        used = next_used;
    }
    return at;
}

size_t zt_text_fold (zt_bytes_t text, char *to, size_t capacity)
{
    size_t size = 0;
    for (size_t at = 0; at < text.size;) {
        size_t plain = s_fold_plain_run ((zt_bytes_t){text.data + at, text.size - at}, to + size,
                                         capacity - size);
        size += plain;
        at += plain;
        if (at == text.size)
            break;
        /*  A piece of 16 code points, and up to 32 while there follows what may
            compose with them. */
        size_t end = at;
        uint32_t code_point = 0;
        for (size_t count = 0; end < text.size; count++) {
            size_t used = zt_utf8_read (text.data + end, text.size - end, &code_point);
            if (used == 0 || (count >= ZT_NAME_MAX / 2 && !s_may_compose (code_point)) ||
                count == ZT_NAME_MAX)
                break;
            end += used;
        }
        if (end == at) { /* not UTF-8 */
            at++;
            continue;
        }
        size += s_fold ((zt_bytes_t){text.data + at, end - at}, to + size, capacity - size);
        at = end;
    }
    return size;
}

size_t zt_text_piece (zt_bytes_t text)
{
    uint32_t code_point;
    size_t size = zt_utf8_read (text.data, text.size, &code_point);
    size_t used = size;
    for (size_t count = 1; used > 0 && size < text.size && count < ZT_NAME_MAX; count++) {
        used = zt_utf8_read (text.data + size, text.size - size, &code_point);
        if (used == 0 || !s_may_compose (code_point))
            break;
        size += used;
    }
    return size ? size : 1;
}
