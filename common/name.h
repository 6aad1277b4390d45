/*  SPDX-License-Identifier: MPL-2.0

    zt_name - names of users, devices and rooms

    1 to 32 code points: letters, marks, digits, '_', '-' and '.', the first of
    them not a mark. Two names are the same when their folded forms (NFKC case
    folding) are; the form that was registered first is the one that is shown. */

#ifndef ZT_NAME_H
#define ZT_NAME_H

#include "common/bytes.h"
#include "common/limits.h"

#include <stdint.h>

/*  The most bytes of a name: UTF-8 has 4 bytes a code point at most. */
enum { ZT_NAME_BYTES = ZT_NAME_MAX * 4 };

/*  The most bytes of a folded name. Folding lengthens some letters (ß becomes
    ss, some ligatures much more); a name that would need more is refused. */
enum { ZT_FOLDED_BYTES = 256 };

typedef struct {
    char data[ZT_FOLDED_BYTES];
    size_t size;
} zt_folded_t;

/*  True for what names are made of beside '-' and '.': a letter, a mark, a digit or '_'. */
bool zt_name_is_letter (uint32_t code_point);

/*  Folds a name. Returns NULL and fills *folded, or returns what is wrong with
    the name, a static sentence for a person; *folded is then empty. */
const char *zt_name_fold (zt_bytes_t name, zt_folded_t *folded);

/*  Case folding for full text, the same as for names: appends the NFKC case
    fold of text to *to, which the caller provides with room for capacity
    bytes. Returns the bytes written; what has no room, or is not UTF-8, is
    left out. */
size_t zt_text_fold (zt_bytes_t text, char *to, size_t capacity);

/*  The size of what text, which is not empty, begins with and what folds by itself: a code
    point, with those behind it that may compose with it; or a byte that is not UTF-8. */
size_t zt_text_piece (zt_bytes_t text);

#endif
