/*  SPDX-License-Identifier: MPL-2.0

    Whatever the bytes are, what zt_text_clean makes of them keeps its promises,
    and cleaning it once more changes nothing. What zt_words makes of them are words,
    and a query for the beginning of a text finds it. */

#include "common/utf8.h"
#include "common/words.h"
#include "tests/fuzz.h"
#include "tests/text_rules.h"

#include <stdio.h>
#include <stdlib.h>

static void s_check (zt_bytes_t text, zt_text_shape_t shape)
{
    zt_buffer_t clean = {NULL, 0, 0};
    const char *wrong = zt_text_rules_check (text, shape, &clean);
    if (wrong) {
        fprintf (stderr, "fuzz_text: %s\n", wrong);
        abort ();
    }
    zt_buffer_free (&clean);
}

static void s_require (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "fuzz_text: %s\n", what);
        abort ();
    }
}

static void s_check_words (zt_bytes_t text)
{
    zt_buffer_t words = {NULL, 0, 0}, query = {NULL, 0, 0};
    zt_words (&words, text);
    zt_bytes_t all = zt_buffer_bytes (&words);
    s_require (all.size <= text.size * 18, "there are too many words");
    s_require (zt_utf8_valid (all), "the words are not UTF-8");
    for (zt_bytes_t left = all; left.size;) {
        s_require (left.data[left.size - 1] != ' ', "a word is empty");
        s_require (zt_words_cut (&left).size > 0, "a word is empty");
    }
    zt_words_query (&query, text);
    if (query.size <= ZT_WORDS_QUERY)
        s_require (zt_words_match (all, zt_buffer_bytes (&query)), "a text does not match itself");
    zt_buffer_free (&words);
    zt_buffer_free (&query);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t text = {(const char *) data, size};
    s_check (text, ZT_TEXT_LINE);
    s_check (text, ZT_TEXT_LINES);
    s_check_words (text);
    return 0;
}
