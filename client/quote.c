/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/quote.h"

void zt_quote_put (zt_buffer_t *text, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (*word && word[strspn (word, plain)] == '\0') {
        zt_buffer_put_format (text, " %s", word);
        return;
    }
    zt_buffer_put_string (text, " '");
    for (; *word; word++)
        if (*word == '\'')
            zt_buffer_put_string (text, "'\\''");
        else
            zt_buffer_put_char (text, *word);
    zt_buffer_put_char (text, '\'');
}

void zt_quote_put_option (zt_buffer_t *text, const char *option, const char *value)
{
    if (!value)
        return;
    zt_buffer_put_format (text, " %s", option);
    zt_quote_put (text, value);
}
