/*  SPDX-License-Identifier: MPL-2.0

    zt_output - standard output, written without ever blocking */

#ifndef ZT_CLIENT_OUTPUT_H
#define ZT_CLIENT_OUTPUT_H

#include "common/buffer.h"

typedef struct {
    int fd;
    bool own;           /* fd is ours to close, and does not block by itself */
    zt_buffer_t buffer; /* what is to be written: append here */
} zt_output_t;

typedef enum {
    ZT_OUTPUT_DONE,    /* all is written */
    ZT_OUTPUT_PENDING, /* the reader has no room for the rest now */
    ZT_OUTPUT_BROKEN   /* there is no reader any more */
} zt_output_result_t;

/*  Writes to fd, which stays the caller's. A terminal is opened once more, because
    making it non-blocking would make it so for every program that shares it. */
void zt_output_open (zt_output_t *self, int fd);
void zt_output_close (zt_output_t *self);

/*  Writes what can be written now. */
zt_output_result_t zt_output_flush (zt_output_t *self);

#endif
