/*  SPDX-License-Identifier: MPL-2.0

    zt_fold - text in the form in which large and small letters are the same */

#ifndef ZT_CLIENT_FOLD_H
#define ZT_CLIENT_FOLD_H

#include "common/buffer.h"

/*  Appends text folded, in NFC; what is no UTF-8 is appended as it is. */
void zt_fold (zt_buffer_t *buffer, zt_bytes_t text);

/*  True if text, folded, begins with what is folded already. */
bool zt_fold_begins (zt_bytes_t text, zt_bytes_t folded);

/*  True if text, folded, has it anywhere. */
bool zt_fold_has (zt_bytes_t text, zt_bytes_t folded);

#endif
