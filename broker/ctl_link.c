/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/ctl_link.h"

/*  It has ended the connection, or is gone since we looked whether somebody listens. */
enum { S_GONE = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_CONNECT_RETRIED };

bool zt_ctl_link_open (zt_ctl_link_t *self, const char *path)
{
    static const char events[] = "inproc://events";
    self->sock = zsock_new (ZMQ_DEALER);
    self->monitor = zsock_new (ZMQ_PAIR);
    if (!self->sock || !self->monitor ||
        zmq_socket_monitor (zsock_resolve (self->sock), events, S_GONE) != 0 ||
        zsock_connect (self->monitor, "%s", events) != 0)
        return false;
    zsock_set_linger (self->sock, 1000);
    return zsock_connect (self->sock, "ipc://%s", path) == 0;
}

/*  What the monitor has told and nobody has read is lost with its socket, memory and all. */
static void s_end_monitor (zt_ctl_link_t *self)
{
    zmq_msg_t event;
    zmq_msg_init (&event);
    zmq_socket_monitor (zsock_resolve (self->sock), NULL, 0);
    while (zmq_msg_recv (&event, zsock_resolve (self->monitor), ZMQ_DONTWAIT) >= 0)
        continue;
    zmq_msg_close (&event);
}

void zt_ctl_link_close (zt_ctl_link_t *self)
{
    if (self->sock && self->monitor)
        s_end_monitor (self);
    zsock_destroy (&self->sock);
    zsock_destroy (&self->monitor);
}

bool zt_ctl_link_send (zt_ctl_link_t *self, zt_control_request_t request, zt_bytes_t line)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_control_put_request (&frame, request, line);
    bool sent = zmq_send (zsock_resolve (self->sock), frame.data, frame.size, 0) >= 0;
    zt_buffer_free (&frame);
    return sent;
}

void zt_ctl_link_poll (zt_ctl_link_t *self, zmq_pollitem_t items[ZT_CTL_LINK_ITEMS])
{
    items[0] = (zmq_pollitem_t){zsock_resolve (self->sock), 0, ZMQ_POLLIN, 0};
    items[1] = (zmq_pollitem_t){zsock_resolve (self->monitor), 0, ZMQ_POLLIN, 0};
}

bool zt_ctl_link_take (zt_ctl_link_t *self, zmq_msg_t *message)
{
    /*  What it has said before it went counts. */
    return zmq_msg_recv (message, zsock_resolve (self->sock), ZMQ_DONTWAIT) >= 0;
}
