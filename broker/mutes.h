/*  SPDX-License-Identifier: MPL-2.0

    zt_mutes - who may not write, and until when

    A mute is of a name, whoever has it, on all their devices. */

#ifndef ZT_MUTES_H
#define ZT_MUTES_H

#include "common/buffer.h"
#include "common/name.h"

#include <stdint.h>

typedef struct zt_mutes zt_mutes_t;

/*  So many there are at most, beside those that are over. */
enum { ZT_MUTES_MAX = 4096 };

/*  Until the operator lets them write again. */
#define ZT_MUTED_FOR_EVER UINT64_MAX

/*  Nobody. The caller destroys it. */
zt_mutes_t *zt_mutes_new (void);
void zt_mutes_destroy (zt_mutes_t **self_p);

/*  Mutes a name, with or without its @, until that time, in ms since the epoch, which is now; a
   mute that there is is changed. Those that are over may be forgotten. Returns NULL, or a static
   sentence about what is wrong. */
const char *zt_mutes_add (zt_mutes_t *self, zt_bytes_t name, uint64_t until, uint64_t now);

/*  False if the name was not muted. */
bool zt_mutes_remove (zt_mutes_t *self, zt_bytes_t name);

/*  Until when the name is muted; 0: it is not. */
uint64_t zt_mutes_until (const zt_mutes_t *self, zt_bytes_t folded);

/*  The i-th mute, from 0, in no order; false if there are not so many. Borrowed until the next
    change. Those that are over are among them. */
bool zt_mutes_get (const zt_mutes_t *self, size_t i, zt_bytes_t *name, uint64_t *until);

/*  Appends a time as "2026-11-22 14:03 UTC". */
void zt_mutes_put_time (zt_buffer_t *text, uint64_t ms);

#endif
