/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/output.h"

#include "common/alloc.h"
#include "common/descriptor.h"
#include "common/translate.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { S_DROP = 65536 }; /* so many written bytes stay in the buffer at most */

struct zt_output_mark_t {
    uint64_t end; /* the bytes up to it, in all */
    uint64_t number;
};

void zt_output_open (zt_output_t *self, int fd)
{
    *self = (zt_output_t){.fd = zt_descriptor_for_output (fd)};
    self->own = self->fd != fd;
}

void zt_output_close (zt_output_t *self)
{
    if (self->own)
        close (self->fd);
    free (self->marks);
    zt_buffer_free (&self->buffer);
}

size_t zt_output_waiting (const zt_output_t *self)
{
    return self->buffer.size - self->start;
}

void zt_output_mark (zt_output_t *self, uint64_t number)
{
    if (self->first == self->count)
        self->first = self->count = 0;
    if (self->count == self->capacity) {
        /*  What is written makes room, or else there is to be twice as much. */
        size_t left = self->count - self->first;
        if (left >= self->capacity / 2)
            self->capacity = self->capacity ? self->capacity * 2 : 64;
        struct zt_output_mark_t *marks = zt_alloc (self->capacity * sizeof *marks);
        if (left)
            memcpy (marks, self->marks + self->first, left * sizeof *marks);
        free (self->marks);
        self->marks = marks;
        self->first = 0;
        self->count = left;
    }
    self->marks[self->count++] =
        (struct zt_output_mark_t){self->written + zt_output_waiting (self), number};
}

/*  How much is to be written at once: whole marks, and no more than a pipe that poll
    calls writable has room for. */
static size_t s_part (const zt_output_t *self)
{
    size_t most = zt_output_waiting (self);
    most = most > PIPE_BUF ? PIPE_BUF : most;
    size_t part = most;
    for (size_t i = self->first; i < self->count; i++) {
        uint64_t size = self->marks[i].end - self->written;
        if (size > most)
            break;
        if (size)
            part = (size_t) size;
    }
    return part;
}

static void s_pass (zt_output_t *self, size_t size)
{
    self->written += size;
    self->start += size;
    while (self->first < self->count && self->marks[self->first].end <= self->written)
        self->passed = self->marks[self->first++].number;
    if (self->start >= S_DROP || self->start == self->buffer.size) {
        zt_buffer_consume (&self->buffer, self->start);
        self->start = 0;
    }
}

zt_output_result_t zt_output_flush (zt_output_t *self)
{
    s_pass (self, 0); /* marks of what is empty */
    if (zt_output_waiting (self) == 0)
        return ZT_OUTPUT_DONE;
    struct pollfd ready = {.fd = self->fd, .events = POLLOUT};
    if (poll (&ready, 1, 0) == 0)
        return ZT_OUTPUT_PENDING;
    ssize_t written = write (self->fd, self->buffer.data + self->start, s_part (self));
    if (written < 0 && errno == EINTR)
        return ZT_OUTPUT_MORE;
    if (written > 0) {
        s_pass (self, (size_t) written);
        return zt_output_waiting (self) ? ZT_OUTPUT_MORE : ZT_OUTPUT_DONE;
    }
    bool later = written == 0 || errno == EAGAIN || errno == EWOULDBLOCK;
    if (!later)
        self->error = errno;
    return later ? ZT_OUTPUT_PENDING : ZT_OUTPUT_BROKEN;
}

void zt_output_complain (int error)
{
    fprintf (stderr, _ ("ztalk: stdout cannot be written: %s"), strerror (error));
    fputc ('\n', stderr);
}
