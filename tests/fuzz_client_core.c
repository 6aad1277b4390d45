/*  SPDX-License-Identifier: MPL-2.0

    The client's core against a hostile broker and a wild keyboard: whatever comes,
    it says only what the protocol allows and shows only what a terminal may see.

    The input is a row of events. The first byte of each says what it is: F and a
    frame, T and a typed line, each up to a byte 0xFF, which is in no UTF-8; W and a
    byte for the ms that go by, in tens; U and D for the link, E for the end of stdin, K for
    a kill and another start, which must be able to read all of the journal. */

#include "tests/fuzz.h"

#include "client/core.h"
#include "client/lines.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/wire.h"

#include <assert.h>
#include <stdlib.h>

typedef struct {
    zt_client_t *core;
    int64_t now;
    zt_client_config_t config;
    zt_buffer_t journal;
} s_fuzz_t;

static void s_show (void *self, const zt_item_t *item)
{
    (void) self;
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_lines_put (&buffer, item);
    for (size_t i = 0; i < buffer.size; i++)
        assert ((unsigned char) buffer.data[i] >= ' ' || buffer.data[i] == '\n');
    zt_buffer_clear (&buffer);
    zt_lines_put_json (&buffer, item);
    /*  Not zt_json_valid: around a body it is one level deeper than that allows. */
    cJSON *json = cJSON_ParseWithLength (buffer.data, buffer.size);
    assert (json);
    cJSON_Delete (json);
    zt_buffer_free (&buffer);
}

static void s_keep (s_fuzz_t *self)
{
    zt_buffer_put_bytes (&self->journal, zt_client_journal (self->core));
    zt_client_journal_written (self->core);
}

/*  What the shell does after each event; what goes out must be ZTALK/1. */
static void s_settle (s_fuzz_t *self)
{
    zt_client_tick (self->core, self->now);
    zt_client_relink (self->core);
    s_keep (self);
    zt_client_displayed (self->core, zt_client_shown (self->core));
    zt_bytes_t frame;
    while ((frame = zt_client_frame (self->core)).size) {
        assert (frame.size <= ZT_FRAME_MAX);
        zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_CLIENT);
        zt_message_t message;
        zt_wire_result_t result;
        while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE)
            assert (message.body.size == 0 || zt_json_valid (message.body));
        assert (result == ZT_WIRE_END);
        s_keep (self);
        zt_client_frame_sent (self->core, self->now);
    }
    s_keep (self);
}

static void s_start (s_fuzz_t *self)
{
    zt_client_destroy (&self->core);
    self->core = zt_client_new (&self->config, self->now);
    size_t good = zt_client_recall (self->core, zt_buffer_bytes (&self->journal));
    assert (good == self->journal.size);
}

/*  Cuts off what stands before the next 0xFF, as bytes that end where they end. */
static zt_bytes_t s_cut (const uint8_t **data, const uint8_t *end)
{
    const uint8_t *stop = memchr (*data, 0xFF, (size_t) (end - *data));
    size_t size = (size_t) ((stop ? stop : end) - *data);
    char *copy = malloc (size ? size : 1);
    assert (copy);
    memcpy (copy, *data, size);
    *data += size + (stop != NULL);
    return (zt_bytes_t){copy, size};
}

static void s_event (s_fuzz_t *self, const uint8_t **data, const uint8_t *end)
{
    uint8_t kind = *(*data)++;
    if (kind == 'F' || kind == 'T') {
        zt_bytes_t bytes = s_cut (data, end);
        (kind == 'F' ? zt_client_receive : zt_client_typed) (self->core, bytes, self->now);
        free ((void *) (uintptr_t) bytes.data);
    } else if (kind == 'W' && *data < end)
        self->now += *(*data)++ * 10;
    else if (kind == 'U')
        zt_client_up (self->core, self->now);
    else if (kind == 'D')
        zt_client_down (self->core, self->now);
    else if (kind == 'E')
        zt_client_finish (self->core, self->now);
    else if (kind == 'K')
        s_start (self);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;
    s_fuzz_t fuzz = {.now = 1};
    fuzz.config = (zt_client_config_t){.endpoint = "tcp://127.0.0.1:5555",
                                       .name = "olena",
                                       .device = "laptop",
                                       .token = "secret",
                                       .interactive = size % 2 == 1,
                                       .show = s_show,
                                       .show_self = &fuzz};
    s_start (&fuzz);
    while (data < end) {
        s_event (&fuzz, &data, end);
        s_settle (&fuzz);
    }
    zt_client_destroy (&fuzz.core);
    zt_buffer_free (&fuzz.journal);
    return 0;
}
