/*  SPDX-License-Identifier: MPL-2.0

    zt_text_rules - what zt_text_clean promises, checked from outside

    Shared by its test and its fuzz target. */

#ifndef ZT_TEXT_RULES_H
#define ZT_TEXT_RULES_H

#include "common/text.h"

/*  Returns NULL if this can be a result of zt_text_clean, or what is wrong with
    it, a static sentence. */
const char *zt_text_rules_broken (zt_bytes_t clean, zt_text_shape_t shape);

/*  Cleans text, and what comes out once more. Returns NULL if the rules hold and
    the second cleaning has changed nothing, or what is wrong. *clean, an empty
    buffer, gets the result of the first. */
const char *zt_text_rules_check (zt_bytes_t text, zt_text_shape_t shape, zt_buffer_t *clean);

#endif
