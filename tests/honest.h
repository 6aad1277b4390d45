/*  SPDX-License-Identifier: MPL-2.0

    zt_honest - pairs of clients who talk all the time, and notice everything

    They run in a thread of their own. Of each pair one writes numbered messages to the
    other, some ahead of the answers; the other answers each. Both see that every number
    comes once and in order, that nothing else comes, and that no answer takes longer than
    a deadline. They acknowledge as the protocol has it, and never reconnect. */

#ifndef ZT_HONEST_H
#define ZT_HONEST_H

#include "common/key.h"
#include "tests/times.h"

typedef struct zt_honest zt_honest_t;

typedef struct {
    const char *endpoint;
    const zt_key_t *broker_key; /* each client makes a key, too; NULL: no encryption */
    unsigned pairs;
    unsigned ahead;  /* messages that go at once; the next ones when all are answered, */
    int pace_ms;     /* but not before so much time has gone by */
    int deadline_ms; /* for an answer */
} zt_honest_options_t;

/*  Begins to talk. */
zt_honest_t *zt_honest_new (const zt_honest_options_t *options);

/*  Stops to talk. */
void zt_honest_destroy (zt_honest_t **self_p);

/*  Waits until so many more messages have been answered to each pair. Fails the test if
    something was wrong, now or before. */
void zt_honest_expect (zt_honest_t *self, uint64_t messages);

/*  Fails the test if something was wrong. */
void zt_honest_check (zt_honest_t *self);

/*  How long the answers took that have come since the last call. */
zt_times_t zt_honest_times (zt_honest_t *self);

#endif
