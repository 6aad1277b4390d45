/*  SPDX-License-Identifier: MPL-2.0

    Whatever the bytes are, what zt_text_clean makes of them keeps its promises,
    and cleaning it once more changes nothing. */

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

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t text = {(const char *) data, size};
    s_check (text, ZT_TEXT_LINE);
    s_check (text, ZT_TEXT_LINES);
    return 0;
}
