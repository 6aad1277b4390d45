/*  SPDX-License-Identifier: MPL-2.0

    zt_key - public keys of CURVE as text

    A key is 32 bytes, written as 40 characters of Z85 (rfc.zeromq.org/spec/32). The
    characters of Z85 have no quotes, spaces or backslashes: in single quotes a key can be
    typed into any shell. */

#ifndef ZT_KEY_H
#define ZT_KEY_H

#include "common/bytes.h"

/*  Characters of a key, and of one with its NUL. */
enum { ZT_KEY_CHARS = 40, ZT_KEY_SIZE = ZT_KEY_CHARS + 1 };

/*  A key as a string. */
typedef struct {
    char text[ZT_KEY_SIZE];
} zt_key_t;

/*  Reads a key: true, and *key is it; or false, and *key is unchanged. Zero is no key. */
bool zt_key_read (zt_bytes_t text, zt_key_t *key);

/*  The key of those 32 bytes. */
zt_key_t zt_key_of_bytes (const unsigned char bytes[32]);

/*  What a person compares, and can read out: 8 groups of 5 digits with spaces between
    them. Each is the decimal number of 16 bits of a hash of the key (BLAKE2b, of 16 bytes): who
    wants another key with the same digits has to make 2^128 of them. */
enum { ZT_FINGERPRINT_SIZE = 8 * 6 };
void zt_key_fingerprint (const zt_key_t *key, char fingerprint[ZT_FINGERPRINT_SIZE]);

#endif
