/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/printer.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

enum { S_WAITING_MAX = 1 << 20 };

void zt_printer_open (zt_printer_t *self, int fd)
{
    *self = (zt_printer_t){.is_broken = false};
    zt_writer_open (&self->writer, fd);
}

void zt_printer_line (zt_printer_t *self, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (line, sizeof line, format, args);
    va_end (args);
    if (size < 0)
        return;
    size_t lost = zt_printer_lost (self);
    if (lost)
        zt_buffer_put_format (&self->writer.buffer, "(%zu lines were left out)\n", lost);
    zt_printer_put (self, zt_bytes (line));
}

void zt_printer_put (zt_printer_t *self, zt_bytes_t line)
{
    zt_buffer_t *waiting = &self->writer.buffer;
    if (self->is_broken)
        return;
    if (waiting->size > S_WAITING_MAX) {
        self->lost++;
        return;
    }
    zt_buffer_put_bytes (waiting, line);
    zt_buffer_put_char (waiting, '\n');
}

size_t zt_printer_lost (zt_printer_t *self)
{
    size_t lost = self->writer.buffer.size > S_WAITING_MAX ? 0 : self->lost;
    self->lost -= lost;
    return lost;
}

void zt_printer_flush (zt_printer_t *self)
{
    if (zt_writer_flush (&self->writer) == ZT_WRITER_BROKEN) {
        self->is_broken = true;
        zt_buffer_clear (&self->writer.buffer);
    }
}

int zt_printer_fd (const zt_printer_t *self)
{
    return self->writer.buffer.size > 0 ? self->writer.fd : -1;
}

void zt_printer_close (zt_printer_t *self, int wait_ms)
{
    struct pollfd ready = {self->writer.fd, POLLOUT, 0};
    do
        zt_printer_flush (self);
    while (zt_printer_fd (self) >= 0 && poll (&ready, 1, wait_ms) == 1);
    zt_writer_close (&self->writer);
}
