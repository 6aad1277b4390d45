/*  SPDX-License-Identifier: MPL-2.0

    zt_collation - the order in which people expect names

    By Unicode's collation, with ICU's data and no language in particular: in it є stands
    between е and ж and not behind я, where its code point is. Names that are the same to
    zt_name_fold have the same key, so that a sorted list is searched by keys as well. */

#ifndef ZT_CLIENT_COLLATION_H
#define ZT_CLIENT_COLLATION_H

#include "common/lookalike.h"

typedef struct zt_collation_t zt_collation_t;

/*  Never NULL: without ICU's data names are in the order of their code points. The caller
    destroys it. */
zt_collation_t *zt_collation_new (void);

/*  Sets *self_p to NULL. */
void zt_collation_destroy (zt_collation_t **self_p);

/*  Appends the key of a name to the buffer: keys are compared by their bytes. */
void zt_collation_key (const zt_collation_t *self, const zt_folded_t *name, zt_buffer_t *key);

/*  The order of two keys, as memcmp tells it. */
int zt_collation_compare (zt_bytes_t a, zt_bytes_t b);

/*  Appends what is shown of a peer's name, which may be any bytes, and too many. */
void zt_collation_clean (zt_bytes_t name, zt_buffer_t *clean);

/*  Appends what is told of a name, or nothing if flag is NULL; the one that it looks like may be
    any bytes, too. */
void zt_collation_put_flag (const zt_flag_t *flag, zt_buffer_t *buffer);

/*  Folds what a peer calls a name, which need not be one: the fold of a name, or else of a
    text, cut at ZT_FOLDED_BYTES. It may be empty. */
void zt_collation_fold (zt_bytes_t name, zt_folded_t *folded);

#endif
