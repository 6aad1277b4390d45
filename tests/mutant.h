/*  SPDX-License-Identifier: MPL-2.0

    zt_mutant - frames that are nearly right, and bytes that are not at all

    The same number gives the same frames. */

#ifndef ZT_MUTANT_H
#define ZT_MUTANT_H

#include "common/buffer.h"

typedef struct zt_mutant zt_mutant_t;

zt_mutant_t *zt_mutant_new (uint64_t seed);
void zt_mutant_destroy (zt_mutant_t **self_p);

/*  The next frame: a valid one of any verb that was cut, bent or mixed with another,
    or bytes by chance. Borrowed until the next call. */
zt_bytes_t zt_mutant_next (zt_mutant_t *self);

/*  Appends size bytes by chance. */
void zt_mutant_put_garbage (zt_mutant_t *self, zt_buffer_t *buffer, size_t size);

/*  Turns a bit of what is in the buffer, if anything is. */
void zt_mutant_flip (zt_mutant_t *self, zt_buffer_t *buffer);

#endif
