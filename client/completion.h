/*  SPDX-License-Identifier: MPL-2.0

    zt_completion - what a word can become, one after the other

    "/jo" becomes a command, "#ge" a room, ":smi" a picture, "@ol" and "ol" a name. */

#ifndef ZT_CLIENT_COMPLETION_H
#define ZT_CLIENT_COMPLETION_H

#include "common/buffer.h"

/*  What can be named, in the order in which it is to be offered. */
typedef struct {
    const char *const *names; /* without '@' */
    size_t names_count;
    const char *const *rooms; /* with '#' */
    size_t rooms_count;
} zt_completion_lists_t;

/*  Zeroed memory is one that has nothing to offer. */
typedef struct {
    zt_buffer_t
        offers;   /* one after the other, each with a NUL behind it; the word itself is last */
    size_t count; /* of offers */
    size_t at;    /* the offer that is shown */
    size_t start; /* where the word begins in the text */
} zt_completion_t;

/*  Forgets all and frees the memory. */
void zt_completion_clear (zt_completion_t *self);

/*  Looks at the word before the cursor. Returns how many other words it can become.
    lists, and text, need not stay. */
size_t zt_completion_begin (zt_completion_t *self, zt_bytes_t text, size_t cursor,
                            const zt_completion_lists_t *lists);

/*  The first offer, and then the next one or the one before, round and round. Only when
    there are some. It lives until the completion is begun anew or cleared. */
zt_bytes_t zt_completion_turn (zt_completion_t *self, bool is_forward);

#endif
