/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/endpoint.h"

#include "common/translate.h"
#include "common/wire.h"

#define S_TCP "tcp://"

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
    const char *colon = zt_bytes_last (address, ':');
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

/*  True for "xyz://" at the beginning; a key, which comes later, may hold "://", too. */
static bool s_has_scheme (zt_bytes_t text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] >= 'a' && text.data[size] <= 'z')
        size++;
    return s_begins ((zt_bytes_t){text.data + size, text.size - size}, "://");
}

/*  Cuts the key off, if there is one. NULL, or what is wrong with it. */
static const char *s_cut_key (zt_bytes_t *text, zt_key_t *key)
{
    const char *slash = text->size ? memchr (text->data, '/', text->size) : NULL;
    if (key)
        key->text[0] = '\0';
    if (!slash)
        return NULL;
    size_t size = (size_t) (slash - text->data);
    zt_bytes_t tail = {slash + 1, text->size - size - 1};
    if (!key)
        return N_ ("no key stands behind a port here");
    if (!zt_key_read (tail, key))
        return N_ ("what stands behind the port is no key: a key has 40 characters (the shell eats "
                   "some of them, unless the address is in single quotes)");
    text->size = size;
    return NULL;
}

static const char *s_parse_tcp (zt_bytes_t text, zt_buffer_t *endpoint, zt_key_t *key)
{
    const char *wrong = s_cut_key (&text, key);
    if (wrong)
        return wrong;
    size_t host_size = s_host_size (text);
    if (host_size == 0)
        return N_ ("an address has a host before its port, such as 127.0.0.1:5555");
    if (!s_host_valid ((zt_bytes_t){text.data, host_size}))
        return N_ ("an IPv6 address is put into brackets, such as [::1]:5555");
    zt_bytes_t port = {text.data + host_size, text.size - host_size}; /* with its colon */
    if (port.size &&
        (port.data[0] != ':' || !s_port_valid ((zt_bytes_t){port.data + 1, port.size - 1})))
        return N_ ("a port is a number from 1 to 65535, or * for a free one");
    zt_buffer_put_string (endpoint, S_TCP);
    zt_buffer_put_bytes (endpoint, text);
    if (port.size == 0)
        zt_buffer_put_string (endpoint, ":" ZT_DEFAULT_PORT);
    return NULL;
}

const char *zt_endpoint_parse (zt_bytes_t text, zt_buffer_t *endpoint, zt_key_t *key)
{
    if (key)
        key->text[0] = '\0';
    if (!zt_word_valid (text))
        return N_ ("an address is one word, such as tcp://127.0.0.1:5555");
    if (s_begins (text, "ipc://")) {
        if (text.size == strlen ("ipc://"))
            return N_ ("an ipc address needs the path of its socket, such as ipc:///tmp/ztalk");
        zt_buffer_put_bytes (endpoint, text);
        return NULL;
    }
    if (s_begins (text, S_TCP)) {
        text.data += strlen (S_TCP);
        text.size -= strlen (S_TCP);
    } else if (s_has_scheme (text))
        return N_ ("an address begins with tcp:// or ipc://");
    return s_parse_tcp (text, endpoint, key);
}

bool zt_endpoint_is_tcp (const char *endpoint)
{
    return s_begins (zt_bytes (endpoint), S_TCP);
}

bool zt_endpoint_split (const char *endpoint, zt_bytes_t *host, zt_bytes_t *port)
{
    if (!zt_endpoint_is_tcp (endpoint))
        return false;
    zt_bytes_t address = zt_bytes (endpoint + strlen (S_TCP));
    *host = (zt_bytes_t){address.data, s_host_size (address)};
    *port = (zt_bytes_t){host->data + host->size + 1, address.size - host->size - 1};
    if (host->data[0] == '[')
        *host = (zt_bytes_t){host->data + 1, host->size - 2};
    return true;
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
