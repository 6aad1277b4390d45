/*  SPDX-License-Identifier: MPL-2.0

    zt_drafts - what is typed and not sent, and whom one talks to in private, as it is kept in a
    file

    A line for each conversation, without a text if it is a private one for which
    nothing is typed:

        {"to":"@taras","text":"I shall be"}
        {"to":"@ivan"} */

#ifndef ZT_CLIENT_DRAFTS_H
#define ZT_CLIENT_DRAFTS_H

#include "common/buffer.h"

/*  Appends the line of a conversation; text is UTF-8, and may be empty. */
void zt_drafts_put (zt_buffer_t *buffer, zt_bytes_t target, zt_bytes_t text);

typedef enum {
    ZT_DRAFTS_ONE,     /* target and text are replaced by what the line has */
    ZT_DRAFTS_DAMAGED, /* the line is none of ours; there may be more */
    ZT_DRAFTS_END
} zt_drafts_result_t;

/*  Reads the next line, and takes it off *rest: any bytes. The target is one of
    zt_client_target; the text need not be clean, nor short enough. */
zt_drafts_result_t zt_drafts_next (zt_bytes_t *rest, zt_buffer_t *target, zt_buffer_t *text);

#endif
