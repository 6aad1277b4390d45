/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/addresses.h"

#include "common/endpoint.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>

/*  An address that others can use as it stands: link-local ones of IPv6 cannot,
    they mean something else on each machine. */
static bool s_is_usable (const struct ifaddrs *row, bool ipv6_too)
{
    if (!row->ifa_addr || !(row->ifa_flags & IFF_UP))
        return false;
    if (row->ifa_addr->sa_family == AF_INET)
        return true;
    if (row->ifa_addr->sa_family != AF_INET6 || !ipv6_too)
        return false;
    const struct sockaddr_in6 *address = (const void *) row->ifa_addr;
    return !IN6_IS_ADDR_LINKLOCAL (&address->sin6_addr);
}

static bool s_tell (const struct ifaddrs *row, const char *port, zt_address_fn *fn, void *self)
{
    bool ipv6 = row->ifa_addr->sa_family == AF_INET6;
    socklen_t size = ipv6 ? sizeof (struct sockaddr_in6) : sizeof (struct sockaddr_in);
    char host[INET6_ADDRSTRLEN], endpoint[INET6_ADDRSTRLEN + 32];
    if (getnameinfo (row->ifa_addr, size, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return false;
    snprintf (endpoint, sizeof endpoint, ipv6 ? "tcp://[%s]:%s" : "tcp://%s:%s", host, port);
    fn (self, endpoint, row->ifa_name);
    return true;
}

size_t zt_addresses_each (const char *bound, zt_address_fn *fn, void *self)
{
    bool all_ipv4 = strncmp (bound, "tcp://0.0.0.0:", 14) == 0;
    bool all_ipv6 = strncmp (bound, "tcp://[::]:", 11) == 0;
    struct ifaddrs *rows = NULL;
    if ((!all_ipv4 && !all_ipv6) || getifaddrs (&rows) != 0) {
        fn (self, bound, zt_endpoint_is_local (bound) ? "this machine" : "");
        return 1;
    }
    const char *port = strrchr (bound, ':') + 1;
    size_t n = 0;
    for (int loopback = 1; loopback >= 0; loopback--)
        for (const struct ifaddrs *row = rows; row; row = row->ifa_next)
            if (s_is_usable (row, all_ipv6) && !(row->ifa_flags & IFF_LOOPBACK) == !loopback)
                n += s_tell (row, port, fn, self);
    freeifaddrs (rows);
    return n;
}
