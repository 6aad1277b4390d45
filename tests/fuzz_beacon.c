/*  SPDX-License-Identifier: MPL-2.0

    Datagrams as anybody may have sent them: what is read as a question or an answer is what would
    have been put; and the list that is made of them stays small, and has no control but line ends.
 */

#include "tests/fuzz.h"

#include "client/found.h"
#include "common/json.h"
#include "common/utf8.h"

#include <assert.h>

#define S_TOKEN "0123456789abcdef"

static void s_check_text (zt_bytes_t text)
{
    assert (zt_utf8_valid (text));
    for (size_t i = 0; i < text.size; i++)
        assert ((unsigned char) text.data[i] >= 0x20 || text.data[i] == '\n');
    assert (!memchr (text.data, 0x7F, text.size));
}

/*  Each part of the data, up to a NUL, is a datagram. */
static void s_read (zt_bytes_t datagram, zt_found_t *found, unsigned number)
{
    char token[ZT_BEACON_TOKEN_SIZE];
    zt_beacon_t beacon;
    zt_buffer_t again = {NULL, 0, 0};
    if (zt_beacon_read_question (datagram, token)) {
        zt_beacon_put_question (&again, token);
        assert (zt_bytes_equal (zt_buffer_bytes (&again), datagram));
    } else if (zt_beacon_read_answer (datagram, S_TOKEN, &beacon)) {
        zt_beacon_put_answer (&again, S_TOKEN, &beacon);
        assert (zt_bytes_equal (zt_buffer_bytes (&again), datagram));
        zt_found_hear (found, number % 2 ? "10.0.0.1" : "10.0.0.2", number % 3 == 0, &beacon);
    }
    zt_buffer_free (&again);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t text = {(const char *) data, size};
    static zt_found_t s_empty;
    zt_found_t found = s_empty;
    for (unsigned number = 0; text.size; number++) {
        const char *end = memchr (text.data, '\0', text.size);
        size_t used = end ? (size_t) (end - text.data) : text.size;
        s_read ((zt_bytes_t){text.data, used}, &found, number);
        used += end != NULL;
        text = (zt_bytes_t){text.data + used, text.size - used};
    }
    zt_found_sort (&found);
    zt_buffer_t lines = {NULL, 0, 0};
    zt_found_put_lines (&found, true, &lines);
    zt_found_put_json (&found, &lines);
    if (lines.size)
        s_check_text (zt_buffer_bytes (&lines));
    assert (found.n_heard <= 2 * ZT_FOUND_AN_ADDRESS);
    zt_buffer_free (&lines);
    return 0;
}
