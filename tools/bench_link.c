/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_link.h"

#include "common/alloc.h"

#include <errno.h>
#include <zmq.h>

bool zt_bench_link_send (zt_bench_link_t *self, zt_bytes_t first, zt_bytes_t second)
{
    zmq_msg_t frame;
    if (zmq_msg_init_size (&frame, first.size + second.size) != 0)
        return zt_bench_fail_errno (self->error, "a frame");
    char *data = zmq_msg_data (&frame);
    memcpy (data, first.data, first.size);
    if (second.size)
        memcpy (data + first.size, second.data, second.size);
    /*  The first frame waits for the connection (up to ZMQ_SNDTIMEO). */
    if (zmq_msg_send (&frame, self->socket, self->open ? ZMQ_DONTWAIT : 0) < 0) {
        zt_exit_t status = errno == EAGAIN ? ZT_EXIT_UNREACHABLE : ZT_EXIT_FAILED;
        zt_bench_fail (self->error, status, "%s cannot be reached: %s", self->dialect->name,
                       zmq_strerror (errno));
        zmq_msg_close (&frame);
        return false;
    }
    self->look = true;
    self->spoke = true;
    return true;
}

void zt_bench_link_measure (zt_bench_link_t *self, zt_bench_acks_t *acks)
{
    if (self->window == 0)
        return;
    self->acks = acks;
    self->left_ns = zt_alloc (self->window * sizeof *self->left_ns);
    self->left = self->ref;
}

bool zt_bench_link_silent (zt_bench_link_t *self, uint64_t now_ms)
{
    if (self->spoke) {
        self->spoke = false;
        self->spoke_ms = now_ms;
    }
    return self->open && now_ms - self->spoke_ms >= self->heartbeat_ms;
}
