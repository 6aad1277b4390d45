/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_body - the messages of the load, and the check that all arrive

    A body is a chat message of a given size, valid JSON, with Ukrainian text,
    and with its number at a fixed place, so that the check that each one arrives
    once, in order and whole costs a few nanoseconds and no JSON parser. */

#ifndef ZT_BENCH_BODY_H
#define ZT_BENCH_BODY_H

#include "common/buffer.h"
#include "common/limits.h"

/*  The sizes that a body can have, in bytes. */
enum { ZT_BENCH_BODY_LEAST = 40, ZT_BENCH_BODY_MOST = ZT_BODY_MAX };

/*  Numbers are below this: with the leading 1 that keeps their places in a JSON
    number they are still exact in any JSON library. */
#define ZT_BENCH_NUMBERS UINT64_C (1000000000000000)

typedef struct {
    zt_buffer_t text; /* the body that was numbered last */
} zt_bench_body_t;

/*  Makes a body of size bytes. The caller owns it and frees it. */
void zt_bench_body_init (zt_bench_body_t *self, size_t size);
void zt_bench_body_free (zt_bench_body_t *self);

/*  The body with that number, a view that lives until the next call. */
zt_bytes_t zt_bench_body_number (zt_bench_body_t *self, uint64_t number);

/*  Reads the number of a body that arrived; false if it is none of ours, or not
    as it was sent. */
bool zt_bench_body_read (const zt_bench_body_t *self, zt_bytes_t body, uint64_t *number);

/*  What one receiver has got of one sender: the numbers from first on, each once. */
typedef struct {
    uint64_t first;
    uint64_t next;
} zt_bench_sequence_t;

zt_bench_sequence_t zt_bench_sequence (uint64_t first);

/*  Takes note of a number. Returns NULL if it is the next one, or what is wrong,
    a static phrase that says what the message is. */
const char *zt_bench_sequence_take (zt_bench_sequence_t *self, uint64_t number);

/*  How many have arrived. */
uint64_t zt_bench_sequence_count (const zt_bench_sequence_t *self);

#endif
