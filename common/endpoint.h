/*  SPDX-License-Identifier: MPL-2.0

    zt_endpoint - what a person types for an address, as ZeroMQ wants it */

#ifndef ZT_ENDPOINT_H
#define ZT_ENDPOINT_H

#include "common/buffer.h"

#define ZT_DEFAULT_PORT "5555"

/*  Appends the endpoint that text means: "tcp://host:port" and "ipc://path" stay
    as they are, "host:port" gets its "tcp://", and a tcp address without a port
    gets port 5555. "[::1]" is an address of IPv6. Returns NULL, or what is wrong
    with text, a static sentence; nothing is appended then. */
const char *zt_endpoint_parse (zt_bytes_t text, zt_buffer_t *endpoint);

/*  True if an endpoint (of zt_endpoint_parse) can be reached from this machine
    alone: ipc, or tcp on a loopback address. */
bool zt_endpoint_is_local (const char *endpoint);

/*  True if it is a tcp endpoint that uses IPv6, for which ZMQ_IPV6 must be set. */
bool zt_endpoint_is_ipv6 (const char *endpoint);

#endif
