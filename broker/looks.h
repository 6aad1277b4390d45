/*  SPDX-License-Identifier: MPL-2.0

    zt_looks - whose name looks like whose

    The first user whose name has a look (zt_lookalike_skeleton) holds it; whoever comes
    later with the same look is a lookalike of them. That is remembered as long as the
    broker runs, even if either is gone (users without a token go with their session):
    what a lookalike has said may be read later, and the first one may only have lost a
    connection, and must not come back as the lookalike. So what is told to clients only
    grows, and only LOOKALIKES_MAX times.

    A user costs two skeletons, coming and going, and 80 bytes with a short name, 350 with the
    longest. */

#ifndef ZT_LOOKS_H
#define ZT_LOOKS_H

#include "common/lookalike.h"

typedef struct zt_looks zt_looks_t;

typedef enum {
    ZT_LOOKS_UNIQUE, /* no older name looks like it */
    ZT_LOOKS_KNOWN,  /* one does, and that is known already */
    ZT_LOOKS_NEWS,   /* one does, which makes one pair more */
    ZT_LOOKS_FULL    /* one does, but there are LOOKALIKES_MAX pairs: nothing has changed */
} zt_looks_result_t;

/*  Nobody's. The caller destroys it. */
zt_looks_t *zt_looks_new (void);

/*  Sets *self_p to NULL. */
void zt_looks_destroy (zt_looks_t **self_p);

/*  NULL, or why no lookalikes will be found; static. */
const char *zt_looks_trouble (const zt_looks_t *self);

/*  Somebody is to have this name, whose fold it is. */
zt_looks_result_t zt_looks_enter (zt_looks_t *self, zt_bytes_t name, zt_bytes_t folded);

/*  Nobody has the name any more. A look that has lookalikes stays theirs. */
void zt_looks_leave (zt_looks_t *self, zt_bytes_t name, zt_bytes_t folded);

/*  What is to be told of a name beside it. It lives as long as self. */
zt_flag_t zt_looks_flag (const zt_looks_t *self, zt_bytes_t name, zt_bytes_t folded);

/*  How many pairs of names there are. */
size_t zt_looks_pairs (const zt_looks_t *self);

/*  Appends the pairs from that place on as a JSON object: the lookalikes' names, each
    with the older name that it looks like. */
void zt_looks_put (const zt_looks_t *self, size_t from, zt_buffer_t *json);

/*  The most bytes that it appends. */
enum { ZT_LOOKS_BYTES = ZT_LOOKALIKES_MAX * 2 * (ZT_NAME_BYTES + 3) + 2 };

#endif
