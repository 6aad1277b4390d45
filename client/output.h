/*  SPDX-License-Identifier: MPL-2.0

    zt_output - standard output, written without ever blocking

    What is appended is marked with numbers, and it is always known up to which mark
    all has been written: what dies with us is then not taken for seen. */

#ifndef ZT_CLIENT_OUTPUT_H
#define ZT_CLIENT_OUTPUT_H

#include "common/buffer.h"

typedef struct {
    int fd;
    bool own;                       /* fd is ours to close, and does not block by itself */
    zt_buffer_t buffer;             /* append here; its first bytes may be written already */
    size_t start;                   /* how many are */
    uint64_t written;               /* bytes, in all */
    struct zt_output_mark_t *marks; /* those from first on are not written */
    size_t first, count, capacity;
    uint64_t passed; /* the last mark that is written */
    int error;       /* why it is broken, as errno tells */
} zt_output_t;

typedef enum {
    ZT_OUTPUT_DONE,    /* all is written */
    ZT_OUTPUT_MORE,    /* a part is written, and there is more */
    ZT_OUTPUT_PENDING, /* the reader has no room for the rest now */
    ZT_OUTPUT_BROKEN   /* there is no reader any more, or no room: see error */
} zt_output_result_t;

/*  Writes to fd, which stays the caller's. A terminal is opened once more, because
    making it non-blocking would make it so for every program that shares it. */
void zt_output_open (zt_output_t *self, int fd);
void zt_output_close (zt_output_t *self);

/*  Marks the end of what has been appended with a number above the last one. */
void zt_output_mark (zt_output_t *self, uint64_t number);

/*  How many bytes are not written. */
size_t zt_output_waiting (const zt_output_t *self);

/*  Writes a part, of which self->passed then tells: up to a mark that is at most a few
    KiB away, if there is one. Call it again while there is more. */
zt_output_result_t zt_output_flush (zt_output_t *self);

/*  Says on stderr that stdout cannot be written, and why, as errno tells. */
void zt_output_complain (int error);

#endif
