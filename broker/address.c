/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

/*  What an address of IPv4 stands behind. */
static const unsigned char s_mapped[ZT_ADDRESS_IPV4_BITS / 8] = {[10] = 0xFF, [11] = 0xFF};

bool zt_address_read (zt_bytes_t text, zt_address_t *address)
{
    char copy[ZT_ADDRESS_TEXT];
    const char *scope = text.size ? memchr (text.data, '%', text.size) : NULL;
    if (scope)
        text.size = (size_t) (scope - text.data);
    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy (copy, text.data, text.size);
    copy[text.size] = '\0';
    memcpy (address->bytes, s_mapped, sizeof s_mapped);
    return inet_pton (AF_INET, copy, address->bytes + sizeof s_mapped) == 1 ||
           inet_pton (AF_INET6, copy, address->bytes) == 1;
}

bool zt_address_is_ipv4 (const zt_address_t *self)
{
    return memcmp (self->bytes, s_mapped, sizeof s_mapped) == 0;
}

bool zt_address_of_peer (int fd, zt_address_t *address)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    if (getpeername (fd, (struct sockaddr *) &name, &size) != 0)
        return false;
    if (name.ss_family == AF_INET) {
        memcpy (address->bytes, s_mapped, sizeof s_mapped);
        memcpy (address->bytes + sizeof s_mapped,
                &((const struct sockaddr_in *) (const void *) &name)->sin_addr, 4);
    } else if (name.ss_family == AF_INET6)
        memcpy (address->bytes, &((const struct sockaddr_in6 *) (const void *) &name)->sin6_addr,
                sizeof address->bytes);
    return name.ss_family == AF_INET || name.ss_family == AF_INET6;
}

void zt_address_mask (zt_address_t *self, unsigned bits)
{
    for (unsigned i = 0; i < sizeof self->bytes; i++) {
        unsigned before = i * 8;
        if (bits <= before)
            self->bytes[i] = 0;
        else if (bits < before + 8)
            self->bytes[i] &= (unsigned char) (0xFF << (before + 8 - bits));
    }
}

void zt_address_text (const zt_address_t *self, char text[ZT_ADDRESS_TEXT])
{
    bool is_ipv4 = zt_address_is_ipv4 (self);
    const void *bytes = self->bytes + (is_ipv4 ? sizeof s_mapped : 0);
    if (!inet_ntop (is_ipv4 ? AF_INET : AF_INET6, bytes, text, ZT_ADDRESS_TEXT))
        snprintf (text, ZT_ADDRESS_TEXT, "?");
}
