/*  SPDX-License-Identifier: MPL-2.0

    The file of what is typed and not sent, as a damaged disk may give it back: reading it ends,
    and what was read, written and read again, is the same. */

#include "tests/fuzz.h"

#include "client/drafts.h"

#include <assert.h>

static void s_is_same (zt_bytes_t target, zt_bytes_t text)
{
    zt_buffer_t line = {NULL, 0, 0}, target_again = {NULL, 0, 0}, text_again = {NULL, 0, 0};
    zt_drafts_put (&line, target, text);
    zt_bytes_t rest = zt_buffer_bytes (&line);
    assert (zt_drafts_next (&rest, &target_again, &text_again) == ZT_DRAFTS_ONE);
    assert (zt_bytes_equal (zt_buffer_bytes (&target_again), target));
    assert (zt_bytes_equal (zt_buffer_bytes (&text_again), text));
    assert (zt_drafts_next (&rest, &target_again, &text_again) == ZT_DRAFTS_END);
    zt_buffer_free (&line);
    zt_buffer_free (&target_again);
    zt_buffer_free (&text_again);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t rest = {(const char *) data, size};
    zt_buffer_t target = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_drafts_result_t result;
    size_t before = rest.size;
    while ((result = zt_drafts_next (&rest, &target, &text)) != ZT_DRAFTS_END) {
        assert (rest.size < before);
        before = rest.size;
        if (result == ZT_DRAFTS_ONE)
            s_is_same (zt_buffer_bytes (&target), zt_buffer_bytes (&text));
    }
    zt_buffer_free (&target);
    zt_buffer_free (&text);
    return 0;
}
