/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/control_wire.h"

static const zt_bytes_t s_requests[] = {
    [ZT_CONTROL_TEXT] = ZT_LITERAL ("ZTALK-CTL/1 text"),
    [ZT_CONTROL_JSON] = ZT_LITERAL ("ZTALK-CTL/1 json"),
    [ZT_CONTROL_MORE] = ZT_LITERAL ("MORE"),
};

static const zt_bytes_t s_replies[] = {
    [ZT_CONTROL_DATA] = ZT_LITERAL ("DATA"),       [ZT_CONTROL_DONE] = ZT_LITERAL ("DONE"),
    [ZT_CONTROL_FAILED] = ZT_LITERAL ("FAILED"),   [ZT_CONTROL_USAGE] = ZT_LITERAL ("USAGE"),
    [ZT_CONTROL_REFUSED] = ZT_LITERAL ("REFUSED"), [ZT_CONTROL_WARNING] = ZT_LITERAL ("WARNING"),
    [ZT_CONTROL_WAIT] = ZT_LITERAL ("WAIT"),
};

/*  Which of the heads the frame has; n if none. *rest is what stands behind it. */
static unsigned s_find (const zt_bytes_t *heads, unsigned n, zt_bytes_t frame, zt_bytes_t *rest)
{
    const char *end = frame.size ? memchr (frame.data, '\n', frame.size) : NULL;
    size_t size = end ? (size_t) (end - frame.data) : 0;
    unsigned i = end ? 0 : n;
    while (i < n && !zt_bytes_equal (heads[i], (zt_bytes_t){frame.data, size}))
        i++;
    *rest = i < n ? zt_bytes_part (frame, size + 1, frame.size - size - 1) : (zt_bytes_t){NULL, 0};
    return i;
}

static void s_put (zt_buffer_t *frame, zt_bytes_t head, zt_bytes_t rest)
{
    zt_buffer_put_bytes (frame, head);
    zt_buffer_put_char (frame, '\n');
    zt_buffer_put_bytes (frame, rest);
}

zt_control_request_t zt_control_request (zt_bytes_t frame, zt_bytes_t *line)
{
    return (zt_control_request_t) s_find (s_requests, ZT_CONTROL_UNKNOWN, frame, line);
}

void zt_control_put_request (zt_buffer_t *frame, zt_control_request_t request, zt_bytes_t line)
{
    s_put (frame, s_requests[request], line);
}

zt_control_reply_t zt_control_reply (zt_bytes_t frame, zt_bytes_t *rest)
{
    return (zt_control_reply_t) s_find (s_replies, ZT_CONTROL_REPLIES, frame, rest);
}

void zt_control_put_reply (zt_buffer_t *frame, zt_control_reply_t reply, zt_bytes_t rest)
{
    s_put (frame, s_replies[reply], rest);
}
