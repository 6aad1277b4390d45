/*  SPDX-License-Identifier: MPL-2.0

    zt_wire - frames of ZTALK/1: one decoder, one encoder

    A frame holds one message or many. The reader walks a frame and gives each
    message as views into the frame's bytes: nothing is copied or allocated. The
    encoder appends a message to a buffer. What the encoder writes, the reader
    reads back the same. PROTOCOL.md has the grammar. */

#ifndef ZT_WIRE_H
#define ZT_WIRE_H

#include "common/buffer.h"
#include "common/verb.h"

/*  A message, taken apart. Its fields are those of the verb's row: for a
    letter 'u' in number, for a 'w' in word, each at its place in the row. */
typedef struct {
    zt_verb_t verb;
    uint64_t number[ZT_FIELDS_MAX];
    zt_bytes_t word[ZT_FIELDS_MAX];
    zt_bytes_t body; /* without its LF; empty for a verb without a body */
} zt_message_t;

/*  A walk over a frame. The frame's bytes are borrowed, and so are all views
    in the messages that it gives. */
typedef struct {
    const char *at;
    const char *end;
    zt_side_t from;
} zt_reader_t;

typedef enum {
    ZT_WIRE_END,       /* the frame has been read to its end */
    ZT_WIRE_MESSAGE,   /* a message was read */
    ZT_WIRE_TOO_LARGE, /* a message with a body over BODY_MAX was read and its body left out:
                          the walk can go on behind it */
    ZT_WIRE_MALFORMED  /* not a message: the walk is over */
} zt_wire_result_t;

/*  Begins a walk over the size bytes at data, which that side has sent. */
zt_reader_t zt_reader (const char *data, size_t size, zt_side_t from);

/*  Reads the next message. After ZT_WIRE_END and ZT_WIRE_MALFORMED every further
    call returns ZT_WIRE_END. When malformed, *message is not to be used. */
zt_wire_result_t zt_reader_next (zt_reader_t *self, zt_message_t *message);

/*  Appends the message to the buffer. The words must be what the grammar of
    fields allows (the caller has checked what came from outside, see
    zt_word_valid) and the body at most BODY_MAX bytes. */
void zt_wire_put (zt_buffer_t *buffer, const zt_message_t *message);

/*  True if this can be a field: 1 or more characters of UTF-8 without space and controls. */
bool zt_word_valid (zt_bytes_t word);

/*  Reads all of text as a number of the wire's grammar; false if it is none. */
bool zt_u64_read (zt_bytes_t text, uint64_t *number);

#endif
