/*  SPDX-License-Identifier: MPL-2.0

    zt_ctl_link - ztalk-ctl's connection to a broker */

#ifndef ZT_CTL_LINK_H
#define ZT_CTL_LINK_H

#include "broker/control_wire.h"

#include <czmq.h>

/*  So long the broker may say nothing at all; what takes longer it says now and then. */
enum { ZT_CTL_LINK_PATIENCE_MS = 10000 };
#define ZT_CTL_LINK_SILENT "the broker does not answer"

typedef struct {
    zsock_t *sock;
    zsock_t *monitor; /* tells of the end of the connection */
} zt_ctl_link_t;

/*  Connects to a socket on which somebody listens. False, with errno, if that cannot be. In any
    case it is to be closed. */
bool zt_ctl_link_open (zt_ctl_link_t *self, const char *path);
void zt_ctl_link_close (zt_ctl_link_t *self);

/*  Sends a command, or asks for the next piece. False, with errno, if that cannot be. */
bool zt_ctl_link_send (zt_ctl_link_t *self, zt_control_request_t request, zt_bytes_t line);

/*  What to poll for input. */
enum { ZT_CTL_LINK_ITEMS = 2 };
void zt_ctl_link_poll (zt_ctl_link_t *self, zmq_pollitem_t items[ZT_CTL_LINK_ITEMS]);

/*  Takes a frame of the broker, once one of them has polled readable. False if it is gone. */
bool zt_ctl_link_take (zt_ctl_link_t *self, zmq_msg_t *message);

#endif
