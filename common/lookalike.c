/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/lookalike.h"

#include "common/alloc.h"
#include "common/text.h"
#include "common/translate.h"
#include "common/utf8.h"

#include <stdlib.h>
#include <unicode/uspoof.h>
#include <utf8proc.h>

struct zt_lookalike {
    USpoofChecker *checker; /* NULL if ICU has no data */
    const char *trouble;
};

zt_lookalike_t *zt_lookalike_new (void)
{
    zt_lookalike_t *self = zt_alloc (sizeof *self);
    UErrorCode status = U_ZERO_ERROR;
    self->checker = uspoof_open (&status);
    if (U_SUCCESS (status)) {
        uspoof_setChecks (self->checker, USPOOF_RESTRICTION_LEVEL, &status);
        uspoof_setRestrictionLevel (self->checker, USPOOF_HIGHLY_RESTRICTIVE);
    }
    if (U_FAILURE (status)) {
        self->trouble = u_errorName (status);
        uspoof_close (self->checker);
        self->checker = NULL;
    }
    return self;
}

void zt_lookalike_destroy (zt_lookalike_t **self_p)
{
    zt_lookalike_t *self = *self_p;
    if (!self)
        return;
    uspoof_close (self->checker);
    free (self);
    *self_p = NULL;
}

const char *zt_lookalike_trouble (const zt_lookalike_t *self)
{
    return self->trouble;
}

/*  ---------------------------------------------------------------------------
    Skeletons

    UTS 39's skeleton puts one letter in the place of all that look like it. Names are the
    same whatever their case, so three things are added to it: where a Latin letter looks like
    another in one case alone (I is l to it, and i is i; m is rn, and M is M) both cases get
    one; a small capital is the letter, since what it likens to small capitals in Cyrillic and
    Greek are Latin letters when written large (вова is not boba, but ВОВА is BOBA); and what
    is left of case is folded. */

/*  What stands for what, in a skeleton; of two rows that begin alike the longer comes first. */
static const struct {
    zt_bytes_t letter, alike;
} s_likened[] = {
#define S_ROW(letter, alike)                                                                       \
    {                                                                                              \
        ZT_LITERAL (letter), ZT_LITERAL (alike)                                                    \
    }
    S_ROW ("i\u0307", "i"), S_ROW ("l\u0307", "i"), S_ROW ("j\u0307", "j"), S_ROW ("l", "i"),
    S_ROW ("L", "i"),       S_ROW ("m", "rn"),      S_ROW ("M", "rn"),      S_ROW ("ᴀ", "a"),
    S_ROW ("ʙ", "b"),       S_ROW ("ᴅ", "d"),       S_ROW ("ᴇ", "e"),       S_ROW ("ꜰ", "f"),
    S_ROW ("ɢ", "g"),       S_ROW ("ʜ", "h"),       S_ROW ("ᴊ", "j"),       S_ROW ("ĸ", "k"),
    S_ROW ("ʟ", "i"),       S_ROW ("ʍ", "rn"),      S_ROW ("ɴ", "n"),       S_ROW ("ᴘ", "p"),
    S_ROW ("ꞯ", "q"),     S_ROW ("ʀ", "r"),       S_ROW ("ᴛ", "t"),
#undef S_ROW
};

/*  The bytes that text begins with and what is put in their place: a row's, or one byte that
    stays. Returns how many bytes of text it stands for. */
static size_t s_liken (zt_bytes_t text, zt_bytes_t *alike)
{
    for (size_t i = 0; i < sizeof s_likened / sizeof s_likened[0]; i++) {
        zt_bytes_t letter = s_likened[i].letter;
        if (letter.data[0] == text.data[0] && letter.size <= text.size &&
            memcmp (text.data, letter.data, letter.size) == 0) {
            *alike = s_likened[i].alike;
            return letter.size;
        }
    }
    *alike = (zt_bytes_t){text.data, 1};
    return 1;
}

/*  Takes out marks that repeat the mark before them: they are drawn over each other. In a
    skeleton, which is decomposed, such marks stand side by side. Returns the size that is left. */
static size_t s_drop_repeated_marks (char *data, size_t size)
{
    size_t left = 0;
    uint32_t before = 0, c = 0;
    for (size_t at = 0, used; at < size; at += used) {
        used = zt_utf8_read (data + at, size - at, &c);
        if (used == 0)
            used = 1;
        bool is_mark = utf8proc_category ((utf8proc_int32_t) c) == UTF8PROC_CATEGORY_MN;
        if (!is_mark || c != before) {
            memmove (data + left, data + at, used);
            left += used;
        }
        before = c;
    }
    return left;
}

/*  The skeleton of UTS 39, of the name as terminals get it. Returns its size, or 0. */
static size_t s_skeleton (const zt_lookalike_t *self, zt_bytes_t name, char *to, size_t capacity)
{
    if (!self->checker)
        return 0;
    zt_buffer_t shown = {NULL, 0, 0};
    zt_text_clean (&shown, name, ZT_TEXT_LINE);
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = uspoof_getSkeletonUTF8 (self->checker, 0, shown.data, (int32_t) shown.size, to,
                                           (int32_t) capacity, &status);
    zt_buffer_free (&shown);
    return U_SUCCESS (status) && size > 0 ? s_drop_repeated_marks (to, (size_t) size) : 0;
}

void zt_lookalike_skeleton (const zt_lookalike_t *self, zt_bytes_t name, zt_folded_t *skeleton)
{
    enum { S_MOST = ZT_NAME_MAX * 64 }; /* U+FDFA looks like a sentence of 33 bytes */
    char bare[S_MOST], folded[S_MOST];
    zt_buffer_t likened = {NULL, 0, 0};
    zt_bytes_t text = {bare, s_skeleton (self, name, bare, sizeof bare)};
    if (text.size == 0)
        zt_buffer_put_bytes (&likened, name);
    while (text.size) {
        zt_bytes_t alike;
        size_t used = s_liken (text, &alike);
        zt_buffer_put_bytes (&likened, alike);
        text.data += used;
        text.size -= used;
    }
    size_t size = zt_text_fold (zt_buffer_bytes (&likened), folded, sizeof folded);
    skeleton->size = size < sizeof skeleton->data ? size : sizeof skeleton->data;
    memcpy (skeleton->data, folded, skeleton->size);
    zt_buffer_free (&likened);
}

/*  ---------------------------------------------------------------------------
    Scripts */

static bool s_is_ascii (zt_bytes_t text)
{
    size_t at = 0;
    while (at < text.size && (unsigned char) text.data[at] < 0x80)
        at++;
    return at == text.size;
}

bool zt_lookalike_mixes_scripts (const zt_lookalike_t *self, zt_bytes_t name)
{
    if (!self->checker || s_is_ascii (name))
        return false;
    UErrorCode status = U_ZERO_ERROR;
    int32_t found =
        uspoof_check2UTF8 (self->checker, name.data, (int32_t) name.size, NULL, &status);
    return U_SUCCESS (status) && (found & USPOOF_RESTRICTION_LEVEL) != 0;
}

/*  ---------------------------------------------------------------------------
    Flags */

void zt_flag_put (zt_buffer_t *buffer, const zt_flag_t *flag)
{
    if (flag->like.size) {
        zt_buffer_t like = {NULL, 0, 0};
        zt_text_clean (&like, flag->like, ZT_TEXT_LINE);
        zt_buffer_put_format (buffer, _ (" (looks like %s)"), zt_buffer_string (&like));
        zt_buffer_free (&like);
    } else if (flag->mixes)
        zt_buffer_put_string (buffer, _ (" (mixed scripts)"));
}
