/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/translate.h"

#include <stddef.h>

static zt_translate_fn *s_translate;
static zt_translate_many_fn *s_translate_many;

void zt_translate_with (zt_translate_fn *translate, zt_translate_many_fn *translate_many)
{
    s_translate = translate;
    s_translate_many = translate_many;
}

const char *zt_translate (const char *text)
{
    /*  To a catalogue the empty sentence means its own header. */
    return s_translate && text && *text ? s_translate (text) : text;
}

const char *zt_translate_many (const char *one, const char *many, unsigned long n)
{
    if (s_translate_many)
        return s_translate_many (one, many, n);
    return n == 1 ? one : many;
}
