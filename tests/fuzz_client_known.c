/*  SPDX-License-Identifier: MPL-2.0

    known_brokers as anybody may have written it, and the answer of a key service: what is
    read is a key; and after a change the new key is what is found, the other lines are what
    they were, and changing once more changes nothing. */

#include "tests/fuzz.h"

#include "client/key_query.h"
#include "client/known.h"

#include <assert.h>

#define S_HERE "tcp://host:5555"

static void s_is_key (const zt_key_t *key)
{
    zt_key_t again;
    assert (zt_key_read (zt_bytes (key->text), &again));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const zt_key_t s_new = {"0000000000000000000000000000000000000001"};
    zt_bytes_t text = {(const char *) data, size};
    zt_key_t key;
    if (zt_key_query_read (text, &key))
        s_is_key (&key);
    size_t line;
    if (zt_known_look (text, S_HERE, &key, &line) == ZT_KNOWN_KEY)
        s_is_key (&key);
    zt_known_t other = zt_known_look (text, "tcp://[::1]:7", &key, &line), still;
    if (other == ZT_KNOWN_KEY)
        s_is_key (&key);

    zt_buffer_t once = {NULL, 0, 0}, twice = {NULL, 0, 0};
    zt_key_t found;
    zt_known_change (text, S_HERE, &s_new, &once);
    assert (zt_known_look (zt_buffer_bytes (&once), S_HERE, &found, &line) == ZT_KNOWN_KEY);
    assert (strcmp (found.text, s_new.text) == 0);
    still = zt_known_look (zt_buffer_bytes (&once), "tcp://[::1]:7", &found, &line);
    assert (still == other && (other != ZT_KNOWN_KEY || strcmp (found.text, key.text) == 0));
    zt_known_change (zt_buffer_bytes (&once), S_HERE, &s_new, &twice);
    assert (zt_bytes_equal (zt_buffer_bytes (&once), zt_buffer_bytes (&twice)));
    zt_buffer_free (&once);
    zt_buffer_free (&twice);
    return 0;
}
