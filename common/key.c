/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/key.h"

#include <sodium/crypto_generichash.h>
#include <stdint.h>
#include <stdio.h>
#include <zmq.h>

enum {
    S_BYTES = 32,
    S_HASH = 16,
    S_GROUPS = 8,
    S_GROUP = 6 /* digits, and what stands behind them */
};

bool zt_key_read (zt_bytes_t text, zt_key_t *key)
{
    static const uint8_t zero[S_BYTES];
    zt_key_t copy;
    uint8_t bytes[S_BYTES];
    if (text.size != ZT_KEY_CHARS || memchr (text.data, '\0', text.size))
        return false;
    memcpy (copy.text, text.data, text.size);
    copy.text[text.size] = '\0';
    if (!zmq_z85_decode (bytes, copy.text) || memcmp (bytes, zero, sizeof bytes) == 0)
        return false;
    *key = copy;
    return true;
}

zt_key_t zt_key_of_bytes (const unsigned char bytes[32])
{
    zt_key_t key;
    zmq_z85_encode (key.text, bytes, S_BYTES);
    return key;
}

void zt_key_fingerprint (const zt_key_t *key, char fingerprint[ZT_FINGERPRINT_SIZE])
{
    uint8_t bytes[S_BYTES] = {0}, hash[S_HASH];
    zmq_z85_decode (bytes, key->text);
    crypto_generichash (hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
    for (size_t i = 0; i < S_GROUPS; i++) {
        unsigned number = (unsigned) hash[2 * i] << 8 | hash[2 * i + 1];
        snprintf (fingerprint + i * S_GROUP, S_GROUP, "%05u", number);
        fingerprint[i * S_GROUP + S_GROUP - 1] = i + 1 < S_GROUPS ? ' ' : '\0';
    }
}
