/*  SPDX-License-Identifier: MPL-2.0

    zt_dial - a TCP connection, made without waiting, to the first of several addresses that
    takes it */

#ifndef ZT_CLIENT_DIAL_H
#define ZT_CLIENT_DIAL_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

/*  The addresses of the host of an endpoint (of zt_endpoint_parse, tcp), with that port, of
    the family in which ZeroMQ connects: those of IPv4, or if a name has none of them, of IPv6. Asks
    the resolver, which may take its time. NULL if there are none; *why (static) says so. The
    caller frees them with freeaddrinfo. */
struct addrinfo *zt_dial_addresses (const char *endpoint, uint16_t port, const char **why);

/*  What ZeroMQ has to be told of an endpoint: that it is reached by IPv6. False with *is_known
   false if it cannot be told now. Asks the resolver. */
bool zt_dial_is_ipv6 (const char *endpoint, bool *is_known);

/*  The number of the port of a tcp endpoint; 0 if it has none. */
uint16_t zt_dial_port (const char *endpoint);

/*  True if all of these addresses are of this machine now, and there are any. */
bool zt_dial_is_here (const struct addrinfo *addresses);

typedef struct {
    int fd;                      /* of the connection that is tried, or made; or -1 */
    const struct addrinfo *left; /* that have not been tried */
    int64_t address_end, end;    /* of the time for this address, and for all */
} zt_dial_t;

typedef enum {
    ZT_DIAL_TRIES, /* to be asked again when fd is writable, or at address_end */
    ZT_DIAL_DONE,  /* fd is connected; it does not block */
    ZT_DIAL_FAILED /* no address has taken a connection */
} zt_dial_result_t;

/*  Begins with the first address. They are borrowed until zt_dial_close. Times are in ms. */
void zt_dial_begin (zt_dial_t *self, const struct addrinfo *addresses, int64_t now, int64_t ms);

/*  Looks what has become of it, without waiting. */
zt_dial_result_t zt_dial_step (zt_dial_t *self, int64_t now);

/*  The connection that was made, or tried, is of no use: goes on with the next address. */
void zt_dial_next (zt_dial_t *self, int64_t now);

/*  Closes what is open. */
void zt_dial_close (zt_dial_t *self);

/*  Waits, for at most that long, and for the resolver, to see whether something takes connections
    at the endpoint. */
bool zt_dial_is_open (const char *endpoint, int64_t ms);

/*  Writes the port into all of the addresses. */
void zt_dial_set_port (struct addrinfo *addresses, uint16_t port);

#endif
