/*  SPDX-License-Identifier: MPL-2.0

    So many people with names so long that what is to be said of them is larger than
    a frame: everybody is told all of it, and whatever else was to leave with it. */

#include "broker/core.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/wire.h"
#include "tests/wrapped.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

/*  Names of 32 letters of 4 bytes each. A twelfth of them is told at once, which
    for 30,000 is 330 KB. */
enum { CROWD = 30000, LATE = CROWD };

/*  How many come: fewer where each takes long. */
static uint32_t s_crowd (void)
{
    return zt_wrapped () ? CROWD / 30 : CROWD;
}

typedef struct {
    zt_core_t *core;
    uint64_t now;
    size_t listed;  /* names that the watched peer was told: online */
    size_t left;    /* offline */
    size_t pongs;   /* that it got */
    size_t largest; /* frame */
} s_broker_t;

static void s_say (s_broker_t *self, uint32_t peer, const zt_message_t *message)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_wire_put (&frame, message);
    zt_core_frame (self->core, peer, frame.data, frame.size, self->now);
    zt_buffer_free (&frame);
}

static void s_hello (s_broker_t *self, uint32_t peer)
{
    char name[ZT_NAME_MAX * 4 + 1] = "";
    uint32_t left = peer;
    for (size_t i = 0; i < ZT_NAME_MAX; i++, left /= 10) { /* U+20000 and the next ones */
        char letter[] = {'\xF0', '\xA0', '\x80', (char) (0x80 + left % 10)};
        memcpy (name + 4 * i, letter, sizeof letter);
    }
    s_say (self, peer,
           &(zt_message_t){.verb = ZT_VERB_HELLO,
                           .word = {zt_bytes ("ZTALK/1"), zt_bytes (name)},
                           .body = zt_bytes ("{\"device\":\"laptop\"}")});
}

static size_t s_names (const cJSON *json, const char *member)
{
    return (size_t) cJSON_GetArraySize (cJSON_GetObjectItemCaseSensitive (json, member));
}

static void s_watch (s_broker_t *self, const zt_frame_t *frame)
{
    zt_buffer_t bytes = {NULL, 0, 0};
    for (uint32_t i = 0; i < frame->n_parts; i++)
        zt_buffer_put_bytes (&bytes, frame->parts[i]);
    zt_reader_t reader = zt_reader (bytes.data, bytes.size, ZT_FROM_BROKER);
    zt_message_t message;
    while (zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE)
        if (message.verb == ZT_VERB_PRESENCE) {
            cJSON *json = zt_json_parse (message.body);
            assert_non_null (json);
            self->listed += s_names (json, "online");
            self->left += s_names (json, "offline");
            cJSON_Delete (json);
        } else if (message.verb == ZT_VERB_PONG)
            self->pongs++;
    assert_ptr_equal (reader.at, reader.end);
    zt_buffer_free (&bytes);
}

/*  Some turns, a while apart; what LATE is sent in them is looked at. */
static void s_turns (s_broker_t *self)
{
    enum { TURNS = 64, A_WHILE = 4000 };
    static const zt_message_t ping = {.verb = ZT_VERB_PING, .word = {ZT_LITERAL ("x")}};
    self->listed = self->left = self->pongs = 0;
    for (int i = 0; i < TURNS; i++) {
        zt_frame_t frame;
        zt_line_t line;
        self->now += A_WHILE;
        for (uint32_t each = 0; each < s_crowd (); each++)
            s_say (self, each, &ping);
        s_say (self, LATE, &ping);
        if (self->now >= zt_core_deadline (self->core))
            zt_core_tick (self->core, self->now);
        zt_core_flush (self->core, self->now);
        while (zt_core_next_frame (self->core, &frame)) {
            assert_true (frame.size > 0 && frame.size <= ZT_FRAME_MAX);
            self->largest = frame.size > self->largest ? frame.size : self->largest;
            if (frame.peer == LATE)
                s_watch (self, &frame);
        }
        while (zt_core_next_line (self->core, &line)) {}
    }
    assert_int_equal (self->pongs, TURNS);
}

static void s_a_crowd_comes_and_goes (void **state)
{
    (void) state;
    uint32_t crowd = s_crowd ();
    s_broker_t self = {.now = 1000000};
    self.core = zt_core_new (&(zt_core_config_t){.motd = "", .first_id = 1, .replay = ZT_REPLAY});
    s_hello (&self, LATE); /* who is there when all come at once */
    s_turns (&self);
    for (uint32_t i = 0; i < crowd; i++)
        s_hello (&self, i);
    s_turns (&self);
    assert_int_equal (self.listed, crowd);

    /*  And who comes when all are there. */
    zt_core_gone (self.core, LATE, self.now);
    s_hello (&self, LATE);
    s_turns (&self);
    assert_int_equal (self.listed, crowd + 1);

    for (uint32_t i = 0; i < crowd; i++)
        zt_core_gone (self.core, i, self.now);
    s_turns (&self);
    assert_int_equal (self.left, crowd);
    assert_true (crowd < CROWD || self.largest > ZT_FRAME_MAX / 2);
    zt_core_destroy (&self.core);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (s_a_crowd_comes_and_goes)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
