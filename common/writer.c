/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/writer.h"

#include "common/descriptor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

void zt_writer_open (zt_writer_t *self, int fd)
{
    *self = (zt_writer_t){.fd = zt_descriptor_for_output (fd)};
    self->own = self->fd != fd;
}

void zt_writer_close (zt_writer_t *self)
{
    if (self->own)
        close (self->fd);
    zt_buffer_free (&self->buffer);
}

zt_writer_result_t zt_writer_flush (zt_writer_t *self)
{
    zt_writer_result_t result = ZT_WRITER_DONE;
    size_t done = 0;
    while (done < self->buffer.size) {
        struct pollfd ready = {.fd = self->fd, .events = POLLOUT};
        if (poll (&ready, 1, 0) != 1) {
            result = ZT_WRITER_PENDING;
            break;
        }
        /*  A pipe that polls writable takes PIPE_BUF bytes without waiting. */
        size_t size = self->buffer.size - done;
        if (!self->own && size > PIPE_BUF)
            size = PIPE_BUF;
        ssize_t written = write (self->fd, self->buffer.data + done, size);
        if (written > 0)
            done += (size_t) written;
        else if (written < 0 && errno == EINTR)
            continue;
        else {
            bool later = written == 0 || errno == EAGAIN || errno == EWOULDBLOCK;
            result = later ? ZT_WRITER_PENDING : ZT_WRITER_BROKEN;
            break;
        }
    }
    zt_buffer_consume (&self->buffer, done);
    return result;
}
