/*  SPDX-License-Identifier: MPL-2.0

    zt_honest - two clients who talk all the time, and notice everything

    They run in a thread of their own. One writes numbered messages to the other, some
    ahead of the answers; the other answers each. Both see that every number comes once
    and in order, that nothing else comes, and that no answer takes longer than a
    deadline. They acknowledge as the protocol has it, and never reconnect. */

#ifndef ZT_HONEST_H
#define ZT_HONEST_H

#include <stdint.h>

typedef struct zt_honest zt_honest_t;

/*  Begins to talk. deadline_ms: how long an answer may take. */
zt_honest_t *zt_honest_new (const char *endpoint, int deadline_ms);

/*  Stops to talk. */
void zt_honest_destroy (zt_honest_t **self_p);

/*  Waits until so many more messages have been answered. Fails the test if something
    was wrong, now or before. */
void zt_honest_expect (zt_honest_t *self, uint64_t messages);

/*  Fails the test if something was wrong. */
void zt_honest_check (zt_honest_t *self);

/*  The longest time that an answer has taken since the last call, in ms. */
double zt_honest_worst_ms (zt_honest_t *self);

/*  How many messages have been answered. */
uint64_t zt_honest_answered (zt_honest_t *self);

#endif
