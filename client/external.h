/*  SPDX-License-Identifier: MPL-2.0

    zt_external - $EDITOR, for a text that is too long for a line

    The editor runs beside us: the connection goes on meanwhile. */

#ifndef ZT_CLIENT_EXTERNAL_H
#define ZT_CLIENT_EXTERNAL_H

#include "common/buffer.h"

#include <sys/types.h>

/*  Zeroed, there is none. */
typedef struct {
    pid_t pid;  /* 0: none runs */
    char *path; /* of the file that it edits; NULL: there is none */
} zt_external_t;

/*  Starts $VISUAL, $EDITOR or vi on a file with the text, in the terminal that the program was
    started from. False, with a sentence in why, if that cannot be done. */
bool zt_external_start (zt_external_t *self, zt_bytes_t text, zt_buffer_t *why);

typedef enum {
    ZT_EXTERNAL_RUNS,
    ZT_EXTERNAL_EDITED, /* zt_external_read has what it left */
    ZT_EXTERNAL_FAILED  /* why is a sentence */
} zt_external_result_t;

/*  Has it ended? zt_external_clear, or _leave, is to be called then. */
zt_external_result_t zt_external_finish (zt_external_t *self, zt_buffer_t *why);

/*  Appends what the file holds; of one that is longer than any message, the beginning, which is
    too long, too. False, with errno, if it cannot be read. */
bool zt_external_read (const zt_external_t *self, zt_buffer_t *text);

/*  Ends the editor, and removes the file; or leaves it to the person. */
void zt_external_clear (zt_external_t *self);
void zt_external_leave (zt_external_t *self);

#endif
