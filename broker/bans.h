/*  SPDX-License-Identifier: MPL-2.0

    zt_bans - who may not connect: keys, and addresses

    They are kept in the file "bans" of the broker's directory, a line each, which can be
    read, and written by hand before it is read again:

        # a comment, which stays where it is
        key <40 characters of Z85> olena's laptop, a note of the ban
        address 192.0.2.7
        address 2001:db8::/32 */

#ifndef ZT_BANS_H
#define ZT_BANS_H

#include "broker/address.h"
#include "common/buffer.h"
#include "common/key.h"

typedef struct zt_bans zt_bans_t;

/*  The bans in the file of that directory, none if there is no such file; with directory NULL
    none, and they are not kept. NULL with a sentence in wrong if the file cannot be read. */
zt_bans_t *zt_bans_new (const char *directory, zt_buffer_t *wrong);
void zt_bans_destroy (zt_bans_t **self_p);

/*  Reads the file again, if they are kept. False with a sentence in wrong, and nothing has changed.
 */
bool zt_bans_read_again (zt_bans_t *self, zt_buffer_t *wrong);

/*  Is the address (of IPv4 or IPv6; anything else is none) or the key (may be NULL) banned? */
bool zt_bans_has (const zt_bans_t *self, const char *address, const zt_key_t *key);
bool zt_bans_has_address (const zt_bans_t *self, const zt_address_t *address);

/*  Is this an address, or a range of them, as one can be banned? */
bool zt_bans_is_address (zt_bytes_t text);

/*  Bans an address, a range (192.0.2.0/24) or a key; the note says why, on one line, and may be
    empty. Returns NULL, or a sentence about what is wrong, which lives until the next
    call: it is banned nevertheless if it could only not be kept. */
const char *zt_bans_add (zt_bans_t *self, zt_bytes_t what, const char *note);

/*  Lets it in again. *was tells whether it was banned. Returns as zt_bans_add does. */
const char *zt_bans_remove (zt_bans_t *self, zt_bytes_t what, bool *was);

/*  The i-th ban, from 0, as its line in the file without the note, and its note; false if there are
   not so many. Borrowed until the next change. */
bool zt_bans_get (const zt_bans_t *self, size_t i, const char **line, const char **note);

#endif
