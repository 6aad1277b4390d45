/*  SPDX-License-Identifier: MPL-2.0

    What zt_json_valid accepts, cJSON parses; what we print is valid and safe on a
    terminal, and so is any string that we write. */

#include "tests/fuzz.h"

#include "common/json.h"
#include "common/utf8.h"

#include <assert.h>

/*  No control of a terminal, in ASCII or beyond. */
static void s_check_safe (zt_bytes_t json)
{
    uint32_t c;
    for (size_t at = 0; at < json.size;) {
        size_t used = zt_utf8_read (json.data + at, json.size - at, &c);
        assert (used > 0 && c >= ' ' && (c < 0x7F || c >= 0xA0));
        assert (c != 0x061C && c != 0x200E && c != 0x200F);
        assert ((c < 0x2028 || c > 0x202E) && (c < 0x2066 || c > 0x2069));
        at += used;
    }
}

static void s_check_text (zt_bytes_t text)
{
    cJSON *object = zt_json_parse (text);
    assert ((object != NULL) == zt_json_valid (text));
    if (!object)
        return;
    assert (zt_utf8_valid (text));
    assert (cJSON_IsObject (object));
    zt_buffer_t printed = {NULL, 0, 0};
    zt_json_print (&printed, object);
    s_check_safe (zt_buffer_bytes (&printed));
    cJSON *again = zt_json_parse (zt_buffer_bytes (&printed));
    assert (again);
    cJSON_Delete (again);

    zt_buffer_clear (&printed);
    zt_json_put_text (&printed, text);
    s_check_safe (zt_buffer_bytes (&printed));
    again = zt_json_parse (zt_buffer_bytes (&printed));
    assert (again);
    cJSON_Delete (again);
    zt_buffer_free (&printed);
    cJSON_Delete (object);
}

static void s_check_string (zt_bytes_t text)
{
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"text\":");
    zt_json_put_string (&json, text);
    zt_buffer_put_string (&json, "}");
    s_check_safe (zt_buffer_bytes (&json));
    cJSON *object = zt_json_parse (zt_buffer_bytes (&json));
    assert (object);
    /*  cJSON's strings end at a zero. */
    bool whole = zt_utf8_valid (text) && (text.size == 0 || !memchr (text.data, 0, text.size));
    assert (!whole || zt_bytes_equal (zt_json_string (object, "text"), text));
    cJSON_Delete (object);
    zt_buffer_free (&json);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t text = {(const char *) data, size};
    s_check_text (text);
    s_check_string (text);
    return 0;
}
