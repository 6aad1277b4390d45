/*  SPDX-License-Identifier: MPL-2.0

    zt_quote - words of a command that a person is to copy into a shell */

#ifndef ZT_CLIENT_QUOTE_H
#define ZT_CLIENT_QUOTE_H

#include "common/buffer.h"

/*  Appends a space and the word, which is taken as one and as it is by a shell. */
void zt_quote_put (zt_buffer_t *text, const char *word);

/*  Appends an option with its value; nothing if value is NULL. */
void zt_quote_put_option (zt_buffer_t *text, const char *option, const char *value);

#endif
