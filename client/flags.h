/*  SPDX-License-Identifier: MPL-2.0

    zt_flags - which names are to be told with a word of warning

    The broker says which names look like an older one; which ones mix scripts is seen in
    the names themselves. */

#ifndef ZT_CLIENT_FLAGS_H
#define ZT_CLIENT_FLAGS_H

#include "common/lookalike.h"

typedef struct zt_flags_t zt_flags_t;

/*  The caller destroys it. */
zt_flags_t *zt_flags_new (void);

/*  Sets *self_p to NULL. */
void zt_flags_destroy (zt_flags_t **self_p);

/*  NULL, or why it will not be seen what mixes scripts; static. */
const char *zt_flags_trouble (const zt_flags_t *self);

/*  A name looks like another one. Both may be any strings: what is no name is left out, and
    so is what would be one more than LOOKALIKES_MAX. */
void zt_flags_add (zt_flags_t *self, const char *name, const char *like);

/*  Forgets what was added. */
void zt_flags_clear (zt_flags_t *self);

/*  What is to be told of a name (any bytes). It lives until the next zt_flags_clear. */
zt_flag_t zt_flags_find (const zt_flags_t *self, zt_bytes_t name);

#endif
