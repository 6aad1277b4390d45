/*  SPDX-License-Identifier: MPL-2.0

    zt_external - $EDITOR, for a text that is too long for a line

    The editor runs beside us: the connection goes on meanwhile. */

#ifndef ZT_CLIENT_EXTERNAL_H
#define ZT_CLIENT_EXTERNAL_H

#include "common/buffer.h"

#include <sys/types.h>

typedef struct {
    pid_t pid;  /* 0: none runs */
    char *path; /* of the file that it edits */
} zt_external_t;

/*  Starts $VISUAL, $EDITOR or vi on a file with the text, in the terminal that the program was
    started from. False, with errno, if that cannot be done. */
bool zt_external_start (zt_external_t *self, zt_bytes_t text);

/*  Has it ended? Then text is what it left, or unchanged if it failed; the file is removed. */
bool zt_external_finish (zt_external_t *self, zt_buffer_t *text, bool *is_edited);

/*  Ends it, and removes the file. */
void zt_external_clear (zt_external_t *self);

#endif
