/*  SPDX-License-Identifier: MPL-2.0

    zt_printer - lines to a terminal or a pipe, without ever waiting for it

    What peers do leads to lines, and a terminal that is stopped with Ctrl-S, or
    a pipe that nobody reads, must not stop the broker. Lines are kept here until
    they can be written; when too many wait, new ones are counted instead. */

#ifndef ZT_PRINTER_H
#define ZT_PRINTER_H

#include "common/writer.h"

typedef struct {
    zt_writer_t writer;
    bool is_broken; /* nobody will ever read it */
    size_t lost;    /* lines */
} zt_printer_t;

/*  Prints to fd, which stays the caller's. */
void zt_printer_open (zt_printer_t *self, int fd);

/*  Adds a line; the LF is put behind it. It is written at the next flush. */
void zt_printer_line (zt_printer_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  The same for a line that is there already, and without a word of those that were left out: that
    is for whoever asks. */
void zt_printer_put (zt_printer_t *self, zt_bytes_t line);

/*  How many were left out since the last call, if there is room again; else 0. */
size_t zt_printer_lost (zt_printer_t *self);

/*  Writes what can be written now. */
void zt_printer_flush (zt_printer_t *self);

/*  The descriptor to poll for output; -1 if nothing waits to be written: a pipe whose
    reader is gone reports an error, asked or not. */
int zt_printer_fd (const zt_printer_t *self);

/*  Writes what is left, waiting at most wait_ms for each piece of it, and frees the
    memory. */
void zt_printer_close (zt_printer_t *self, int wait_ms);

#endif
