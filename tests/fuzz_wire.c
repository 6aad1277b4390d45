/*  SPDX-License-Identifier: MPL-2.0

    A walk over any bytes, in both directions: it stays within them, it ends, and
    each message that it gives is written by the encoder as it was read: the
    grammar has one way to say a thing. */

#include "tests/fuzz.h"

#include "common/limits.h"
#include "common/utf8.h"
#include "common/wire.h"

#include <assert.h>
#include <stdlib.h>

/*  A view of a message lies between what was read before it and what is read next. */
static void s_check_view (zt_bytes_t view, const char *start, const char *end)
{
    assert (view.data >= start && view.data + view.size <= end);
}

static void s_check_message (const zt_message_t *message, const char *start, const char *end,
                             zt_side_t from)
{
    assert (message->verb < ZT_VERB_COUNT);
    const zt_verb_row_t *row = zt_verb_row (message->verb);
    assert (row->from == from);
    assert (message->body.size <= ZT_BODY_MAX && (row->has_body || message->body.size == 0));
    s_check_view (message->body, start, end);
    for (size_t i = 0; row->fields[i]; i++)
        if (row->fields[i] == 'w') {
            s_check_view (message->word[i], start, end);
            assert (zt_word_valid (message->word[i]) && zt_utf8_valid (message->word[i]));
        }

    zt_buffer_t written = {NULL, 0, 0};
    zt_wire_put (&written, message);
    zt_bytes_t read = {start, (size_t) (end - start)};
    assert (zt_bytes_equal (zt_buffer_bytes (&written), read));
    zt_buffer_free (&written);
}

static void s_walk (const char *data, size_t size, zt_side_t from)
{
    zt_reader_t reader = zt_reader (data, size, from);
    for (;;) {
        const char *start = reader.at;
        zt_message_t message;
        memset (&message, 0xA5, sizeof message);
        switch (zt_reader_next (&reader, &message)) {
        case ZT_WIRE_MESSAGE:
            s_check_message (&message, start, reader.at, from);
            break;
        case ZT_WIRE_TOO_LARGE:
            assert (message.verb < ZT_VERB_COUNT && zt_verb_row (message.verb)->has_body);
            assert (message.body.size == 0);
            assert ((size_t) (reader.at - start) > ZT_BODY_MAX);
            break;
        case ZT_WIRE_MALFORMED:
        case ZT_WIRE_END:
            assert (zt_reader_next (&reader, &message) == ZT_WIRE_END);
            return;
        default:
            abort ();
        }
        assert (reader.at > start && reader.at <= reader.end);
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    s_walk ((const char *) data, size, ZT_FROM_CLIENT);
    s_walk ((const char *) data, size, ZT_FROM_BROKER);
    return 0;
}
