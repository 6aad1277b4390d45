/*  SPDX-License-Identifier: MPL-2.0

    zt_lookalike - names that could be taken for others

    By Unicode's security mechanisms (UTS 39), with the data and the code of ICU: it is
    what browsers ask about host names, and the table of letters that look alike is
    revised with every Unicode, so that ours would be wrong in a year.

    What ICU costs, with 72.1 on Debian 12: a program that uses this starts 1 ms later, by the
    linker's work, and has 0.4 ms more to do here the first time (3 ms when nothing of ICU is in
    memory yet), 1 µs after that. It has 0.2 MiB more memory of its own, and 2.7 MiB of the
    libraries, which all who use them share. A skeleton takes 2 µs; a look at scripts 1 µs, and
    nothing if all is ASCII. So it need not be put off until a name asks for it. */

#ifndef ZT_LOOKALIKE_H
#define ZT_LOOKALIKE_H

#include "common/buffer.h"
#include "common/name.h"

typedef struct zt_lookalike zt_lookalike_t;

/*  Never NULL: without ICU's data no two names look alike, and none mixes scripts. The
    caller destroys it. */
zt_lookalike_t *zt_lookalike_new (void);

/*  Sets *self_p to NULL. */
void zt_lookalike_destroy (zt_lookalike_t **self_p);

/*  NULL, or why nothing will be found: a word of ICU's; static. */
const char *zt_lookalike_trouble (const zt_lookalike_t *self);

/*  Names whose skeletons are the same look alike, as they are shown or with other case: olena
    with a Cyrillic о, OIena with a capital i and 0lena with a zero. A skeleton is only for
    comparing, and not for keeping: another ICU may make another one. It is cut at
    ZT_FOLDED_BYTES. */
void zt_lookalike_skeleton (const zt_lookalike_t *self, zt_bytes_t name, zt_folded_t *skeleton);

/*  True if the name has letters of scripts that nobody writes in one word, such as Latin and
    Cyrillic: if it is not "highly restrictive" by UTS 39. Latin letters between Japanese, Korean
    or Chinese ones are common; digits, '_', '-' and '.' go with everything. name may be any bytes.
 */
bool zt_lookalike_mixes_scripts (const zt_lookalike_t *self, zt_bytes_t name);

/*  What is told of a name beside it. All zero: nothing. */
typedef struct {
    zt_bytes_t like; /* an older name that it looks like, or empty */
    bool mixes;      /* it mixes scripts */
} zt_flag_t;

/*  Appends what people read behind the name: " (looks like olena)", " (mixed scripts)", or
    nothing. like may be any bytes; they are made harmless. */
void zt_flag_put (zt_buffer_t *buffer, const zt_flag_t *flag);

#endif
