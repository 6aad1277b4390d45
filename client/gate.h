/*  SPDX-License-Identifier: MPL-2.0

    zt_gate - whom a person is called for, and not too often

    A bell for each line of somebody who writes in many is no help. But somebody else, or the same
    one in private, is news. */

#ifndef ZT_CLIENT_GATE_H
#define ZT_CLIENT_GATE_H

#include "common/bytes.h"

#include <stdint.h>

/*  In ZT_GATE_MS so many calls are let through at most, and of a sender one of each kind. */
enum { ZT_GATE_CALLS = 4, ZT_GATE_MS = 3000 };

/*  Zeroed, nobody was called for. */
typedef struct {
    struct {
        uint64_t key; /* of a sender and a kind */
        int64_t until;
    } calls[ZT_GATE_CALLS];
} zt_gate_t;

/*  True if the call is to be made, and it is noted. now is in ms, of a clock that only goes
   forward, above 0. */
bool zt_gate_pass (zt_gate_t *self, zt_bytes_t from, bool is_private, int64_t now);

#endif
