/*  SPDX-License-Identifier: MPL-2.0

    zt_wake - a descriptor that a thread makes readable for another */

#ifndef ZT_WAKE_H
#define ZT_WAKE_H

#include <stdbool.h>

typedef struct {
    int fd;      /* to poll for input */
    int sending; /* the other end */
} zt_wake_t;

#define ZT_WAKE_NONE                                                                               \
    (zt_wake_t)                                                                                    \
    {                                                                                              \
        -1, -1                                                                                     \
    }

/*  False, with errno, if there are no descriptors; it is ZT_WAKE_NONE then. */
bool zt_wake_open (zt_wake_t *self);

/*  One that is not open stays as it is. */
void zt_wake_close (zt_wake_t *self);

/*  Makes it readable, until it is reset. Any thread may. */
void zt_wake_up (const zt_wake_t *self);

/*  Makes it unreadable. False if it was that already. */
bool zt_wake_reset (const zt_wake_t *self);

#endif
