/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/mention.h"

#include "common/utf8.h"

/*  True if a letter begins at the place, or ends there. */
static bool s_letter_after (zt_bytes_t text, size_t at)
{
    uint32_t c;
    return at < text.size && zt_utf8_read (text.data + at, text.size - at, &c) &&
           zt_name_is_letter (c);
}

static bool s_letter_before (zt_bytes_t text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && ((unsigned char) text.data[--begin] & 0xC0) == 0x80)
        continue;
    return at > 0 && s_letter_after (text, begin);
}

static bool s_is_inner (char c)
{
    return c == '-' || c == '.';
}

/*  True if it is not a part of a longer name. A stop or a dash belongs to a name only when it
    goes on behind it. */
static bool s_is_word (zt_bytes_t text, size_t begin, size_t end)
{
    if (s_letter_before (text, begin) || s_letter_after (text, end))
        return false;
    if (begin > 0 && s_is_inner (text.data[begin - 1]) && s_letter_before (text, begin - 1))
        return false;
    return !(end < text.size && s_is_inner (text.data[end]) && s_letter_after (text, end + 1));
}

bool zt_mention_find (zt_bytes_t text, const zt_folded_t *name, zt_buffer_t *scratch)
{
    if (name->size == 0)
        return false;
    zt_buffer_clear (scratch);
    /*  A few letters become many more when they are folded; nobody's text is made of them. */
    size_t room = text.size * 2 + 64;
    size_t size = zt_text_fold (text, zt_buffer_reserve (scratch, room), room);
    zt_bytes_t folded = {scratch->data, size};
    for (size_t at = 0; at < size;) {
        const char *found = zt_bytes_find (zt_bytes_part (folded, at, size - at),
                                           (zt_bytes_t){name->data, name->size});
        if (!found)
            return false;
        size_t begin = (size_t) (found - folded.data);
        if (s_is_word (folded, begin, begin + name->size))
            return true;
        at = begin + 1;
    }
    return false;
}
