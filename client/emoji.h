/*  SPDX-License-Identifier: MPL-2.0

    zt_emoji - pictures by their names

    The name is Unicode's, in small letters and with '_' for a space, so that none
    has to be kept here: "grinning_face". A few are known by what people type: "+1". */

#ifndef ZT_CLIENT_EMOJI_H
#define ZT_CLIENT_EMOJI_H

#include "common/bytes.h"

#include <stdint.h>

enum { ZT_EMOJI_SIZE = 8 };

/*  A picture, NUL-terminated: a character, and U+FE0F if it needs that to be one. */
typedef struct {
    char text[ZT_EMOJI_SIZE];
} zt_emoji_t;

/*  True if c may stand in a name. */
bool zt_emoji_is_letter (char c);

/*  Finds the picture that has this name, without colons. */
bool zt_emoji_find (zt_bytes_t name, zt_emoji_t *emoji);

/*  Finds pictures whose names begin with the prefix, at most so many, each once:
    what people type comes first. Returns how many. */
size_t zt_emoji_begin (zt_bytes_t prefix, zt_emoji_t *emoji, size_t most);

#endif
