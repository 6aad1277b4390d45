/*  SPDX-License-Identifier: MPL-2.0

    zt_writer - bytes to a terminal or a pipe, without ever waiting for it */

#ifndef ZT_WRITER_H
#define ZT_WRITER_H

#include "common/buffer.h"

typedef struct {
    int fd;
    bool own;           /* fd is ours to close, and does not block by itself */
    zt_buffer_t buffer; /* what is to be written: append here */
} zt_writer_t;

typedef enum {
    ZT_WRITER_DONE,    /* all is written */
    ZT_WRITER_PENDING, /* the reader has no room for the rest now */
    ZT_WRITER_BROKEN   /* there is no reader any more */
} zt_writer_result_t;

/*  Writes to fd, which stays the caller's. */
void zt_writer_open (zt_writer_t *self, int fd);

/*  Frees what was not written. */
void zt_writer_close (zt_writer_t *self);

/*  Writes what can be written now. */
zt_writer_result_t zt_writer_flush (zt_writer_t *self);

#endif
