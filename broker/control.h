/*  SPDX-License-Identifier: MPL-2.0

    zt_control - the endpoint that ztalk-ctl talks to

    A unix socket in the broker's directory, for the user who runs the broker and for root:
    the directory's permissions say so, and the kernel is asked who each command comes from. It
    is served in the broker's own loop, in bounded pieces. See control_wire.h for what is said. */

#ifndef ZT_CONTROL_H
#define ZT_CONTROL_H

#include "broker/commands.h"

typedef struct zt_control zt_control_t;

/*  Listens on a socket of that path, which is removed at the end. One that a broker which was
    killed has left behind is replaced. The commands are borrowed. NULL with a sentence in wrong if
    that cannot be, or if another broker listens there. */
zt_control_t *zt_control_new (const char *path, zt_commands_t *commands, zt_buffer_t *wrong);

/*  What was answered has linger_ms to leave. To be called while the directory is still this
    broker's, lest the socket of the next one is removed. */
void zt_control_destroy (zt_control_t **self_p, int linger_ms);

/*  A descriptor to poll for input, which is edge-triggered; -1 with self NULL. */
int zt_control_fd (const zt_control_t *self);

/*  Does a bounded piece of what it was asked, if anything. now is in ms since the epoch. NULL is
    fine, here and below. */
void zt_control_serve (zt_control_t *self, uint64_t now);

/*  True if a command waits for something that wakes nobody. */
bool zt_control_is_waiting (const zt_control_t *self);

/*  True if it would go on without waiting for anything. */
bool zt_control_is_busy (const zt_control_t *self);

#endif
