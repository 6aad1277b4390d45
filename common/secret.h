/*  SPDX-License-Identifier: MPL-2.0

    zt_secret - small files that are made once and kept: keys, tokens

    Such a file appears whole or not at all, for its owner alone (mode 0600). Of several
    programs that make it at the same time all get the same. One that others can read,
    or that is somebody else's (but for root), is not taken: what is in it may be theirs by now. */

#ifndef ZT_SECRET_H
#define ZT_SECRET_H

#include "common/buffer.h"
#include "common/key.h"

/*  Reads file, which is in the directory at path, open as fd, into text. If there is none, it is
    made with what make appends; make returns false, with errno, if it has nothing to
    append. False with a sentence in why. */
typedef bool (zt_secret_make_fn) (zt_buffer_t *text);
bool zt_secret_load (int fd, const char *path, const char *file, zt_secret_make_fn *make,
                     zt_buffer_t *text, zt_buffer_t *why);

/*  Writes a file anew, whole or not at all, with that mode. False, with errno. */
bool zt_secret_write (int fd, const char *file, zt_bytes_t text, unsigned mode);

/*  Writes all of it to a descriptor that blocks. False, with errno. */
bool zt_secret_write_all (int fd, zt_bytes_t text);

/*  Appends size random bytes (32 at most) as hexadecimal digits. False, with errno, if
    there are none to be had. */
bool zt_secret_put_random (zt_buffer_t *text, size_t size);

/*  A pair of keys for CURVE. */
typedef struct {
    zt_key_t public;
    char secret[ZT_KEY_SIZE];
} zt_keys_t;

/*  Reads a pair of keys from a file, as zt_secret_load does. */
bool zt_secret_keys (int fd, const char *path, const char *file, zt_keys_t *keys, zt_buffer_t *why);

#endif
