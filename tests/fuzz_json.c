/*  SPDX-License-Identifier: MPL-2.0

    What zt_json_valid accepts, cJSON parses, and we find the same in it; what we print is valid
    and safe on a terminal, and so is any string that we write. */

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

/*  What the text of a string stands for is what cJSON has read, but that cJSON's ends at a NUL. */
static void s_check_unescaped (zt_bytes_t text, const char *read)
{
    zt_buffer_t plain = {NULL, 0, 0};
    bool is_string = zt_json_unescape (&plain, text);
    assert (is_string);
    assert (zt_utf8_valid (zt_buffer_bytes (&plain)));
    assert (strcmp (zt_buffer_string (&plain), read) == 0);
    zt_buffer_free (&plain);
}

/*  In the text is, one by one, what cJSON has read. */
static void s_check_list (zt_bytes_t text, const cJSON *item)
{
    zt_json_list_t list = zt_json_list (text);
    zt_bytes_t name, value;
    const cJSON *child = item->child;
    for (; zt_json_next (&list, &name, &value); child = child->next) {
        assert (child && value.size && value.data >= text.data);
        assert (value.data + value.size <= text.data + text.size);
        if (cJSON_IsObject (item))
            s_check_unescaped (name, child->string);
        if (cJSON_IsString (child))
            s_check_unescaped (value, child->valuestring);
        if (cJSON_IsObject (child) || cJSON_IsArray (child))
            s_check_list (value, child);
    }
    assert (!child);
}

/*  It may be anything. */
static void s_check_any (zt_bytes_t text)
{
    zt_json_list_t list = zt_json_list (text);
    zt_bytes_t name, value;
    while (zt_json_next (&list, &name, &value))
        assert (value.size && value.data + value.size <= text.data + text.size);
    zt_json_member (text, "text");
    zt_buffer_t plain = {NULL, 0, 0};
    zt_json_unescape (&plain, text);
    zt_buffer_free (&plain);
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
    zt_json_put_text (&printed, text);
    s_check_safe (zt_buffer_bytes (&printed));
    cJSON *again = zt_json_parse (zt_buffer_bytes (&printed));
    assert (again);
    cJSON_Delete (again);
    zt_buffer_free (&printed);
    s_check_list (text, object);
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
    s_check_any (text);
    s_check_text (text);
    s_check_string (text);
    return 0;
}
