/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/endpoint.h"

#include "common/wire.h"

static bool s_begins (zt_bytes_t text, const char *with)
{
    size_t size = strlen (with);
    return text.size >= size && memcmp (text.data, with, size) == 0;
}

/*  The port's colon in "host:port" or "[v6]:port"; NULL if there is none. */
static const char *s_find_colon (zt_bytes_t address)
{
    const char *end = address.data + address.size;
    for (const char *at = end; at > address.data; at--) {
        if (at[-1] == ']')
            return NULL;
        if (at[-1] == ':')
            return at - 1;
    }
    return NULL;
}

const char *zt_endpoint_parse (zt_bytes_t text, zt_buffer_t *endpoint)
{
    if (!zt_word_valid (text))
        return "an address is one word, such as tcp://127.0.0.1:5555";
    if (s_begins (text, "ipc://")) {
        if (text.size == strlen ("ipc://"))
            return "an ipc address needs the path of its socket, such as ipc:///tmp/ztalk";
        zt_buffer_put_bytes (endpoint, text);
        return NULL;
    }
    if (s_begins (text, "tcp://")) {
        text.data += strlen ("tcp://");
        text.size -= strlen ("tcp://");
    } else if (text.size >= 3 && memmem (text.data, text.size, "://", 3))
        return "an address begins with tcp:// or ipc://";

    const char *colon = s_find_colon (text);
    size_t host_size = colon ? (size_t) (colon - text.data) : text.size;
    if (host_size == 0)
        return "an address has a host before its port, such as 127.0.0.1:5555";
    if (text.data[0] != '[' && memchr (text.data, ':', host_size))
        return "an IPv6 address is put into brackets, such as [::1]:5555";
    if (colon) {
        zt_bytes_t port = {colon + 1, text.size - host_size - 1};
        uint64_t number = 0;
        bool any = port.size == 1 && port.data[0] == '*';
        if (!any && (!zt_u64_read (port, &number) || number == 0 || number > 65535))
            return "a port is a number from 1 to 65535, or * for a free one";
    }
    zt_buffer_put_string (endpoint, "tcp://");
    zt_buffer_put_bytes (endpoint, text);
    if (!colon)
        zt_buffer_put_string (endpoint, ":" ZT_DEFAULT_PORT);
    return NULL;
}

bool zt_endpoint_is_local (const char *endpoint)
{
    static const char *const local[] = {"ipc://", "tcp://127.", "tcp://[::1]:", "tcp://localhost:"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if (s_begins (zt_bytes (endpoint), local[i]))
            return true;
    return false;
}

bool zt_endpoint_is_ipv6 (const char *endpoint)
{
    return s_begins (zt_bytes (endpoint), "tcp://[");
}
