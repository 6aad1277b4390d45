/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/printer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { S_WAITING_MAX = 1 << 20 };

void zt_printer_line (zt_printer_t *self, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (line, sizeof line, format, args);
    va_end (args);
    if (size < 0 || self->is_broken)
        return;
    if (self->waiting.size > S_WAITING_MAX) {
        self->lost++;
        return;
    }
    if (self->lost) {
        zt_buffer_put_format (&self->waiting, "(%zu lines were left out)\n", self->lost);
        self->lost = 0;
    }
    zt_buffer_put_string (&self->waiting, line);
    zt_buffer_put_char (&self->waiting, '\n');
}

/*  Writes once, waiting at most wait_ms until that is possible. */
static bool s_write (zt_printer_t *self, int wait_ms)
{
    struct pollfd poll_fd = {self->fd, POLLOUT, 0};
    if (poll (&poll_fd, 1, wait_ms) != 1)
        return false;
    /*  A pipe that polls writable takes PIPE_BUF bytes without waiting. */
    size_t size = self->waiting.size < PIPE_BUF ? self->waiting.size : PIPE_BUF;
    ssize_t written = write (self->fd, self->waiting.data, size);
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
        self->is_broken = true;
        zt_buffer_clear (&self->waiting);
    }
    if (written <= 0)
        return false;
    zt_buffer_consume (&self->waiting, (size_t) written);
    return true;
}

void zt_printer_flush (zt_printer_t *self)
{
    while (self->waiting.size && s_write (self, 0)) {}
}

bool zt_printer_is_waiting (const zt_printer_t *self)
{
    return self->waiting.size > 0;
}

void zt_printer_close (zt_printer_t *self, int wait_ms)
{
    while (self->waiting.size && s_write (self, wait_ms)) {}
    zt_buffer_free (&self->waiting);
}
