/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/dial.h"

#include "common/alloc.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/system.h"
#include "common/translate.h"
#include "common/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

uint16_t zt_dial_port (const char *endpoint)
{
    zt_bytes_t host, port;
    uint64_t number = 0;
    bool is_number = zt_endpoint_split (endpoint, &host, &port) && zt_u64_read (port, &number);
    return is_number && number <= UINT16_MAX ? (uint16_t) number : 0;
}

/*  Takes the addresses of the other family out, if there are any of this one. */
static struct addrinfo *s_of_family (struct addrinfo *addresses, int family)
{
    struct addrinfo *of_family = NULL, *others = NULL, **end = &of_family, **others_end = &others;
    for (struct addrinfo *each = addresses; each; each = each->ai_next) {
        struct addrinfo ***list = each->ai_family == family ? &end : &others_end;
        **list = each;
        *list = &each->ai_next;
    }
    *end = *others_end = NULL;
    if (!of_family)
        return others;
    if (others)
        freeaddrinfo (others);
    return of_family;
}

struct addrinfo *zt_dial_addresses (const char *endpoint, uint16_t port, const char **why)
{
    zt_bytes_t host, ignored;
    *why = _ ("it is no address of TCP");
    if (!zt_endpoint_split (endpoint, &host, &ignored))
        return NULL;
    /*  What stands before a ';' is where ZeroMQ connects from. */
    const char *from = memchr (host.data, ';', host.size);
    if (from)
        host = (zt_bytes_t){from + 1, host.size - (size_t) (from + 1 - host.data)};
    char *name = zt_strndup (host.data, host.size), service[8];
    snprintf (service, sizeof service, "%u", (unsigned) port);
    /*  Both kinds at once: where nobody answers, the resolver takes its time for each. */
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int error = getaddrinfo (name, service, &hints, &addresses);
    free (name);
    if (error)
        *why = error == EAI_SYSTEM ? strerror (errno) : gai_strerror (error);
    return error ? NULL : s_of_family (addresses, AF_INET);
}

bool zt_dial_is_ipv6 (const char *endpoint, bool *is_known)
{
    const char *why;
    struct addrinfo *addresses = NULL;
    *is_known = zt_endpoint_is_ipv6 (endpoint) || !zt_endpoint_is_tcp (endpoint);
    bool is_ipv6 = zt_endpoint_is_ipv6 (endpoint);
    if (!*is_known)
        addresses = zt_dial_addresses (endpoint, 0, &why);
    if (addresses) {
        *is_known = true;
        is_ipv6 = addresses->ai_family == AF_INET6;
        freeaddrinfo (addresses);
    }
    return is_ipv6;
}

static bool s_is_loopback (const struct sockaddr_storage *address)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *) address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *) address;
    return address->ss_family == AF_INET ? ntohl (in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
                                         : IN6_IS_ADDR_LOOPBACK (&in6->sin6_addr);
}

static bool s_are_same (const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
    if (one->ss_family != other->ss_family)
        return false;
    if (one->ss_family == AF_INET)
        return ((const struct sockaddr_in *) one)->sin_addr.s_addr ==
               ((const struct sockaddr_in *) other)->sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL (&((const struct sockaddr_in6 *) one)->sin6_addr,
                               &((const struct sockaddr_in6 *) other)->sin6_addr);
}

/*  What goes to an address of our own comes from the same one. The kernel tells that of a socket
    of UDP, and nothing is sent. (That it could be bound there would prove nothing: Linux lets
    a socket be bound to any address, if it is told to.) */
static bool s_is_here (const struct addrinfo *address)
{
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC}, peer = own;
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    int fd = zt_system_socket (address->ai_family, SOCK_DGRAM, true);
    bool is_told = fd >= 0 && connect (fd, address->ai_addr, address->ai_addrlen) == 0 &&
                   getsockname (fd, (struct sockaddr *) &own, &own_size) == 0 &&
                   getpeername (fd, (struct sockaddr *) &peer, &peer_size) == 0;
    if (fd >= 0)
        close (fd);
    /*  All of 127.0.0.0/8 is here, and what goes there comes from 127.0.0.1. */
    return is_told && (s_are_same (&own, &peer) || s_is_loopback (&peer));
}

bool zt_dial_is_here (const struct addrinfo *addresses)
{
    bool is_here = addresses != NULL;
    for (; is_here && addresses; addresses = addresses->ai_next)
        is_here = s_is_here (addresses);
    return is_here;
}

void zt_dial_next (zt_dial_t *self, int64_t now)
{
    zt_dial_close (self);
    while (self->left && self->fd < 0) {
        /*  Those that come after it need time, too. */
        int64_t shares = 0;
        for (const struct addrinfo *each = self->left; each; each = each->ai_next)
            shares++;
        const struct addrinfo *address = self->left;
        self->left = address->ai_next;
        self->address_end = now + (self->end - now) / shares;
        self->fd = zt_system_socket (address->ai_family, SOCK_STREAM, false);
        if (self->fd >= 0 && connect (self->fd, address->ai_addr, address->ai_addrlen) != 0 &&
            errno != EINPROGRESS)
            zt_dial_close (self);
    }
}

void zt_dial_begin (zt_dial_t *self, const struct addrinfo *addresses, int64_t now, int64_t ms)
{
    *self = (zt_dial_t){.fd = -1, .left = addresses, .end = now + ms};
    zt_dial_next (self, now);
}

zt_dial_result_t zt_dial_step (zt_dial_t *self, int64_t now)
{
    while (self->fd >= 0) {
        int error = 0;
        socklen_t size = sizeof error;
        struct pollfd ready = {.fd = self->fd, .events = POLLOUT};
        bool is_ready = poll (&ready, 1, 0) > 0;
        if (is_ready && getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
            error == 0)
            return ZT_DIAL_DONE;
        if (!is_ready && now < self->address_end)
            return ZT_DIAL_TRIES;
        zt_dial_next (self, now);
    }
    return ZT_DIAL_FAILED;
}

void zt_dial_close (zt_dial_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

bool zt_dial_is_open (const char *endpoint, int64_t ms)
{
    const char *why;
    struct addrinfo *addresses = zt_dial_addresses (endpoint, zt_dial_port (endpoint), &why);
    int64_t now = (int64_t) zt_clock_monotonic ();
    zt_dial_t dial;
    zt_dial_result_t result;
    zt_dial_begin (&dial, addresses, now, ms);
    while ((result = zt_dial_step (&dial, now)) == ZT_DIAL_TRIES) {
        struct pollfd item = {.fd = dial.fd, .events = POLLOUT};
        poll (&item, 1, dial.address_end > now ? (int) (dial.address_end - now) : 0);
        now = (int64_t) zt_clock_monotonic ();
    }
    zt_dial_close (&dial);
    if (addresses)
        freeaddrinfo (addresses);
    return result == ZT_DIAL_DONE;
}

void zt_dial_set_port (struct addrinfo *addresses, uint16_t port)
{
    for (; addresses; addresses = addresses->ai_next)
        if (addresses->ai_family == AF_INET6)
            ((struct sockaddr_in6 *) (void *) addresses->ai_addr)->sin6_port = htons (port);
        else
            ((struct sockaddr_in *) (void *) addresses->ai_addr)->sin_port = htons (port);
}
