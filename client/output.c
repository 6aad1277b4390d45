/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

void zt_output_open (zt_output_t *self, int fd)
{
    *self = (zt_output_t){.fd = fd};
    if (!isatty (fd))
        return;
    char path[32];
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open (path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again >= 0) {
        self->fd = again;
        self->own = true;
    }
}

void zt_output_close (zt_output_t *self)
{
    if (self->own)
        close (self->fd);
    zt_buffer_free (&self->buffer);
}

zt_output_result_t zt_output_flush (zt_output_t *self)
{
    zt_output_result_t result = ZT_OUTPUT_DONE;
    size_t done = 0;
    while (done < self->buffer.size) {
        /*  A pipe that poll calls writable has room for PIPE_BUF bytes at least. */
        struct pollfd ready = {.fd = self->fd, .events = POLLOUT};
        if (poll (&ready, 1, 0) == 0) {
            result = ZT_OUTPUT_PENDING;
            break;
        }
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
            result = later ? ZT_OUTPUT_PENDING : ZT_OUTPUT_BROKEN;
            break;
        }
    }
    zt_buffer_consume (&self->buffer, done);
    return result;
}
