/*  SPDX-License-Identifier: MPL-2.0

    zt_typing - bytes of stdin to the lines that the core is told */

#ifndef ZT_CLIENT_TYPING_H
#define ZT_CLIENT_TYPING_H

#include "client/core.h"

typedef struct {
    zt_client_t *core;
    bool is_terminal;
    bool posts, whole;   /* see zt_typing_posts */
    uint64_t line_count; /* of those that were complete */
    zt_buffer_t line;    /* what has come of one, BODY_MAX + 1 bytes at most */
} zt_typing_t;

/*  is_terminal: a person types, into a terminal that cuts long lines. The core is borrowed. */
void zt_typing_begin (zt_typing_t *self, zt_client_t *core, bool is_terminal);
/*  They are no typed commands: the core is told of messages to post, a line each or, whole, all in
   one, without a line end behind it. */
void zt_typing_posts (zt_typing_t *self, bool whole, bool is_terminal);

void zt_typing_free (zt_typing_t *self);

/*  Takes bytes. What is too much for any message is left out of a line. */
void zt_typing_feed (zt_typing_t *self, zt_bytes_t bytes, int64_t now);

/*  No more will come: what there is of a line is one. */
void zt_typing_end (zt_typing_t *self, int64_t now);

#endif
