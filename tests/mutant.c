/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/mutant.h"

#include "common/alloc.h"
#include "common/wire.h"

#include <stdlib.h>

struct zt_mutant {
    uint64_t state;
    uint64_t n;
    zt_buffer_t frame;
    zt_buffer_t other;
};

zt_mutant_t *zt_mutant_new (uint64_t seed)
{
    zt_mutant_t *self = zt_alloc (sizeof *self);
    self->state = 0x5A54414C4B2F3131 ^ seed;
    return self;
}

void zt_mutant_destroy (zt_mutant_t **self_p)
{
    zt_buffer_free (&(*self_p)->frame);
    zt_buffer_free (&(*self_p)->other);
    free (*self_p);
    *self_p = NULL;
}

/*  xorshift64*: small, and the same everywhere. */
static uint64_t s_random (zt_mutant_t *self)
{
    self->state ^= self->state >> 12;
    self->state ^= self->state << 25;
    self->state ^= self->state >> 27;
    return self->state * 0x2545F4914F6CDD1DU;
}

static size_t s_below (zt_mutant_t *self, size_t bound)
{
    return bound ? (size_t) (s_random (self) >> 11) % bound : 0;
}

void zt_mutant_put_garbage (zt_mutant_t *self, zt_buffer_t *buffer, size_t size)
{
    for (size_t i = 0; i < size; i++)
        zt_buffer_put_char (buffer, (char) (s_random (self) >> 32));
}

void zt_mutant_flip (zt_mutant_t *self, zt_buffer_t *buffer)
{
    if (buffer->size) {
        size_t at = s_below (self, buffer->size);
        buffer->data[at] = (char) (buffer->data[at] ^ (1 << s_below (self, 8)));
    }
}

/*  What may stand in a field. */
static zt_bytes_t s_word (zt_mutant_t *self)
{
    static const char *const words[] = {"ZTALK/1", "#general", "@asks",  "@answers", "@m1", "#dev",
                                        "m1",      "@",        "#",      "*",        "-",   "оля",
                                        "@оля",    "\u202Ea",  "\uFB03", "ẞ"};
    return zt_bytes (words[s_below (self, sizeof words / sizeof *words)]);
}

static uint64_t s_number (zt_mutant_t *self)
{
    uint64_t number = s_random (self);
    return number >> (number & 63);
}

static zt_bytes_t s_body (zt_mutant_t *self)
{
    static const char *const bodies[] = {"{}",
                                         "{\"text\":\"x\"}",
                                         "{\"device\":\"d\",\"token\":\"t\"}",
                                         "{\"device\":\"d\",\"receive\":false,\"sent\":\"last\"}",
                                         "{\"query\":\"x\"}",
                                         "{\"text\":\"\\ud83d\"}",
                                         "[]",
                                         ""};
    return zt_bytes (bodies[s_below (self, sizeof bodies / sizeof *bodies)]);
}

/*  A valid message of any verb, the broker's, too. */
static void s_put_message (zt_mutant_t *self, zt_buffer_t *buffer)
{
    zt_message_t message = {.verb = (zt_verb_t) s_below (self, ZT_VERB_COUNT)};
    if (message.verb == ZT_VERB_BYE && s_below (self, 16))
        message.verb = ZT_VERB_SEND; /* or most sessions would be over soon */
    for (size_t i = 0; i < ZT_FIELDS_MAX; i++) {
        message.number[i] = s_number (self);
        message.word[i] = s_word (self);
    }
    if (message.verb == ZT_VERB_HELLO && s_below (self, 4))
        message.word[0] = zt_bytes ("ZTALK/1");
    if (zt_verb_row (message.verb)->has_body)
        message.body = s_body (self);
    zt_wire_put (buffer, &message);
}

/*  Bytes that mean something to somebody. */
static const char s_special[] = "\0\n\r\t\x1B\x7F \"\\{}[]:,@#019-\x80\x85\x9B\xC2\xD0\xE2\xED\xF0";

static void s_mutate (zt_mutant_t *self)
{
    zt_buffer_t *frame = &self->frame;
    size_t at = s_below (self, frame->size);
    if (!frame->size)
        return;
    switch (s_below (self, 7)) {
    case 0:
        zt_mutant_flip (self, frame);
        break;
    case 1:
        frame->data[at] = s_special[s_below (self, sizeof s_special - 1)];
        break;
    case 2: /* a little more or less, as in a length that is off by one */
        frame->data[at] = (char) (frame->data[at] + (s_below (self, 2) ? 1 : -1));
        break;
    case 3: /* the end goes */
        frame->size = at;
        break;
    case 4: /* the beginning goes */
        zt_buffer_consume (frame, at);
        break;
    case 5: /* the end of another comes */
        zt_buffer_clear (&self->other);
        s_put_message (self, &self->other);
        frame->size = at;
        zt_buffer_consume (&self->other, s_below (self, self->other.size));
        zt_buffer_put_bytes (frame, zt_buffer_bytes (&self->other));
        break;
    default: /* another one follows */
        s_put_message (self, frame);
        break;
    }
}

zt_bytes_t zt_mutant_next (zt_mutant_t *self)
{
    enum { S_GARBAGE = 64 };
    zt_buffer_clear (&self->frame);
    if (self->n++ % 16 == 0)
        zt_mutant_put_garbage (self, &self->frame, s_below (self, S_GARBAGE));
    else {
        s_put_message (self, &self->frame);
        for (size_t steps = s_below (self, 5); steps; steps--)
            s_mutate (self);
    }
    return zt_buffer_bytes (&self->frame);
}
