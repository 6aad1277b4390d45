/*  SPDX-License-Identifier: MPL-2.0

    zt_reach - which of several brokers can be reached now

    Each is tried by a process of its own, which may be ended: who tells what the name of a host
    means may take longer than anybody wants to wait, and cannot be hurried. */

#ifndef ZT_CLIENT_REACH_H
#define ZT_CLIENT_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { ZT_REACH_MOST = 16 };

typedef struct {
    const char *endpoint[ZT_REACH_MOST];
    int fd[ZT_REACH_MOST]; /* to poll for input; -1: it is known whether it can be reached */
    pid_t pid[ZT_REACH_MOST];
    bool is_reached[ZT_REACH_MOST];
    size_t n;
} zt_reach_t;

/*  Begins to try one more, tcp, of zt_endpoint_parse; borrowed. Zeroed memory tries none. To be
    called before there are threads. */
void zt_reach_add (zt_reach_t *self, const char *endpoint);

/*  Looks what has become of them, without waiting. True while that is not known of all. */
bool zt_reach_step (zt_reach_t *self);

/*  Ends what still tries. What was found out stays. */
void zt_reach_close (zt_reach_t *self);

#endif
