/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/drafts.h"

#include "client/core.h"
#include "common/json.h"

void zt_drafts_put (zt_buffer_t *buffer, zt_bytes_t target, zt_bytes_t text)
{
    zt_buffer_put_string (buffer, "{\"to\":");
    zt_json_put_string (buffer, target);
    if (text.size) {
        zt_buffer_put_string (buffer, ",\"text\":");
        zt_json_put_string (buffer, text);
    }
    zt_buffer_put_string (buffer, "}\n");
}

static bool s_read (zt_bytes_t line, zt_buffer_t *target, zt_buffer_t *text)
{
    cJSON *object = zt_json_parse (line);
    char to[ZT_TARGET_SIZE];
    zt_bytes_t typed = zt_json_string (object, "text");
    bool is_good =
        object && !zt_client_target (zt_json_string (object, "to"), to) &&
        (typed.size || (to[0] == '@' && !cJSON_GetObjectItemCaseSensitive (object, "text")));
    if (is_good) {
        zt_buffer_clear (target);
        zt_buffer_clear (text);
        zt_buffer_put_string (target, to);
        zt_buffer_put_bytes (text, typed);
    }
    cJSON_Delete (object);
    return is_good;
}

zt_drafts_result_t zt_drafts_next (zt_bytes_t *rest, zt_buffer_t *target, zt_buffer_t *text)
{
    if (rest->size == 0)
        return ZT_DRAFTS_END;
    const char *end = memchr (rest->data, '\n', rest->size);
    size_t size = end ? (size_t) (end - rest->data) : rest->size;
    zt_bytes_t line = zt_bytes_part (*rest, 0, size);
    size += end != NULL;
    *rest = zt_bytes_part (*rest, size, rest->size - size);
    return s_read (line, target, text) ? ZT_DRAFTS_ONE : ZT_DRAFTS_DAMAGED;
}
