/*  SPDX-License-Identifier: MPL-2.0

    zt_mention - does a text call somebody by name? */

#ifndef ZT_CLIENT_MENTION_H
#define ZT_CLIENT_MENTION_H

#include "common/buffer.h"
#include "common/name.h"

/*  True if the name is a word of the text, in any case: "@olena", "Olena," and "olena." name
    olena; "olenabot", "olena.k" and "olena-2" name others. text is valid UTF-8. What is in
    scratch is lost: it is memory that the next call uses again. */
bool zt_mention_find (zt_bytes_t text, const zt_folded_t *name, zt_buffer_t *scratch);

#endif
