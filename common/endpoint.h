/*  SPDX-License-Identifier: MPL-2.0

    zt_endpoint - what a person types for an address, as ZeroMQ wants it */

#ifndef ZT_ENDPOINT_H
#define ZT_ENDPOINT_H

#include "common/buffer.h"
#include "common/key.h"

#define ZT_DEFAULT_PORT "5555"

enum { ZT_HOST_MAX = 1025 }; /* bytes of what getnameinfo makes of an address, with its NUL */

/*  Appends the endpoint that text means: "tcp://host:port" and "ipc://path" stay
    as they are, "host:port" gets its "tcp://", and a tcp address without a port
    gets port 5555. "[::1]" is an address of IPv6. Returns NULL, or what is wrong
    with text, a static sentence; nothing is appended then.

    A tcp address with a port may carry the key of the broker, "tcp://host:port/KEY": it
    is written to *key, whose text is empty if there is none. With key NULL an address
    with a key is wrong. */
const char *zt_endpoint_parse (zt_bytes_t text, zt_buffer_t *endpoint, zt_key_t *key);

/*  The host (without brackets) and the port of a tcp endpoint of zt_endpoint_parse, as
    views into it. False for another endpoint. */
bool zt_endpoint_split (const char *endpoint, zt_bytes_t *host, zt_bytes_t *port);

/*  True if it is a tcp endpoint, which is encrypted unless somebody asks for the contrary. */
bool zt_endpoint_is_tcp (const char *endpoint);

/*  True if an endpoint (of zt_endpoint_parse) can be reached from this machine
    alone: ipc, or tcp on a loopback address. */
bool zt_endpoint_is_local (const char *endpoint);

/*  True if it is a tcp endpoint that uses IPv6, for which ZMQ_IPV6 must be set. */
bool zt_endpoint_is_ipv6 (const char *endpoint);

#endif
