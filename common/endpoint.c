/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/endpoint.h"

#include "common/wire.h"

static bool s_begins (zt_bytes_t text, const char *with)
{
    size_t size = strlen (with);
    return text.size >= size && memcmp (text.data, with, size) == 0;
}

/*  The bytes of the host in "host:port" or "[v6]:port". */
static size_t s_host_size (zt_bytes_t address)
{
    if (address.size && address.data[0] == '[') {
        const char *end = memchr (address.data, ']', address.size);
        return end ? (size_t) (end + 1 - address.data) : address.size;
    }
    const char *colon = address.size ? memrchr (address.data, ':', address.size) : NULL;
    return colon ? (size_t) (colon - address.data) : address.size;
}

/*  A name, an address of IPv4 or *: what has no colons and no brackets; or an
    address of IPv6 in brackets. */
static bool s_host_valid (zt_bytes_t host)
{
    if (host.data[0] == '[') {
        if (host.size < 3 || host.data[host.size - 1] != ']')
            return false;
        host = (zt_bytes_t){host.data + 1, host.size - 2};
        return !memchr (host.data, '[', host.size);
    }
    for (size_t i = 0; i < host.size; i++)
        if (strchr (":[]", host.data[i]))
            return false;
    return true;
}

static bool s_port_valid (zt_bytes_t port)
{
    uint64_t number;
    return (port.size == 1 && port.data[0] == '*') ||
           (zt_u64_read (port, &number) && number > 0 && number <= 65535);
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

    size_t host_size = s_host_size (text);
    if (host_size == 0)
        return "an address has a host before its port, such as 127.0.0.1:5555";
    if (!s_host_valid ((zt_bytes_t){text.data, host_size}))
        return "an IPv6 address is put into brackets, such as [::1]:5555";
    zt_bytes_t port = {text.data + host_size, text.size - host_size}; /* with its colon */
    if (port.size &&
        (port.data[0] != ':' || !s_port_valid ((zt_bytes_t){port.data + 1, port.size - 1})))
        return "a port is a number from 1 to 65535, or * for a free one";
    zt_buffer_put_string (endpoint, "tcp://");
    zt_buffer_put_bytes (endpoint, text);
    if (port.size == 0)
        zt_buffer_put_string (endpoint, ":" ZT_DEFAULT_PORT);
    return NULL;
}

bool zt_endpoint_is_local (const char *endpoint)
{
    static const char *const local[] = {"ipc://", "tcp://[::1]:", "tcp://localhost:"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if (s_begins (zt_bytes (endpoint), local[i]))
            return true;
    /*  The dots and digits must go on to the port: 127.example.org is a name, and
        not of this machine. */
    static const char loopback[] = "tcp://127.";
    if (!s_begins (zt_bytes (endpoint), loopback))
        return false;
    const char *rest = endpoint + strlen (loopback);
    return rest[strspn (rest, "0123456789.")] == ':';
}

bool zt_endpoint_is_ipv6 (const char *endpoint)
{
    return s_begins (zt_bytes (endpoint), "tcp://[");
}
