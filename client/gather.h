/*  SPDX-License-Identifier: MPL-2.0

    zt_gather - one descriptor for several, where the system has that (epoll) */

#ifndef ZT_CLIENT_GATHER_H
#define ZT_CLIENT_GATHER_H

#include <stddef.h>

struct pollfd;

/*  A descriptor that can be read when poll would report one of those that it was given; -1 if the
    system has none, or none is left. The caller closes it. */
int zt_gather_open (void);

/*  Sets what it stands for: count descriptors (-1 is none) with their events, in place of the
    count that it was given before (none at first). What was closed since is forgotten by itself. */
void zt_gather_set (int gather, const struct pollfd *before, const struct pollfd *now,
                    size_t count);

#endif
