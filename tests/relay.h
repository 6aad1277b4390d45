/*  SPDX-License-Identifier: MPL-2.0

    zt_relay - somebody on the way between a client and the broker, who writes down all
    that goes by

    It listens on a free port of loopback, and passes on what comes, both ways, in a thread of
    its own. */

#ifndef ZT_RELAY_H
#define ZT_RELAY_H

#include "common/buffer.h"

typedef struct zt_relay zt_relay_t;

/*  Begins to pass on to tcp://127.0.0.1:PORT. */
zt_relay_t *zt_relay_new (const char *endpoint);

/*  Where clients connect to; it lives as long as the relay. */
const char *zt_relay_endpoint (const zt_relay_t *self);

/*  Ends all connections, and gives what went by: to the broker, and from it. The
    caller frees both. */
void zt_relay_end (zt_relay_t **self_p, zt_buffer_t *to, zt_buffer_t *from);

#endif
