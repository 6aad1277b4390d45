/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/verb.h"

#include <assert.h>

#define S_CLIENT(enum_name, name, fields, body, what) {name, fields, body, ZT_FROM_CLIENT, what},
#define S_BROKER(enum_name, name, fields, body, what) {name, fields, body, ZT_FROM_BROKER, what},
static const zt_verb_row_t s_rows[ZT_VERB_COUNT] = {ZT_CLIENT_VERBS (S_CLIENT)
                                                        ZT_BROKER_VERBS (S_BROKER)};
#undef S_CLIENT
#undef S_BROKER

#define S_ROW(enum_name, word, what) {word, what},
static const struct {
    const char *word;
    const char *what;
} s_reasons[] = {ZT_REASONS (S_ROW)};
#undef S_ROW

const zt_verb_row_t *zt_verb_row (zt_verb_t verb)
{
    assert (verb < ZT_VERB_COUNT);
    return &s_rows[verb];
}

zt_verb_t zt_verb_find (zt_bytes_t name, zt_side_t from)
{
    /*  The tables begin with what is most frequent, so the loop ends early. */
    unsigned verb = from == ZT_FROM_CLIENT ? 0 : ZT_CLIENT_VERBS_END;
    unsigned end = from == ZT_FROM_CLIENT ? ZT_CLIENT_VERBS_END : ZT_VERB_COUNT;
    for (; verb < end; verb++) {
        const char *known = s_rows[verb].name;
        if (name.size && name.data[0] == known[0] && zt_bytes_equal (name, zt_bytes (known)))
            return (zt_verb_t) verb;
    }
    return ZT_VERB_COUNT;
}

const char *zt_reason_word (zt_reason_t reason)
{
    assert (reason < ZT_REASON_COUNT);
    return s_reasons[reason].word;
}

const char *zt_reason_what (zt_reason_t reason)
{
    assert (reason < ZT_REASON_COUNT);
    return s_reasons[reason].what;
}

zt_reason_t zt_reason_find (zt_bytes_t word)
{
    unsigned reason = 0;
    while (reason < ZT_REASON_COUNT && !zt_bytes_equal (word, zt_bytes (s_reasons[reason].word)))
        reason++;
    return (zt_reason_t) reason;
}
