/*  SPDX-License-Identifier: MPL-2.0

    zt_address - an address of a machine, of IPv4 or IPv6

    There is one kind of them: an address of IPv4 is one of IPv6 behind ::ffff:0:0/96, and the
    scope of a link-local one (%eth0) does not count. */

#ifndef ZT_ADDRESS_H
#define ZT_ADDRESS_H

#include "common/bytes.h"

#include <netinet/in.h>

enum { ZT_ADDRESS_BITS = 128, ZT_ADDRESS_IPV4_BITS = 96 };

typedef struct {
    unsigned char bytes[ZT_ADDRESS_BITS / 8];
} zt_address_t;

/*  Reads an address as people write it. False if it is none. */
bool zt_address_read (zt_bytes_t text, zt_address_t *address);

bool zt_address_is_ipv4 (const zt_address_t *self);

/*  The address at the other end of a connection; false if it is no TCP, or is gone. */
bool zt_address_of_peer (int fd, zt_address_t *address);

/*  Sets all bits behind the first `bits` to zero. */
void zt_address_mask (zt_address_t *self, unsigned bits);

/*  As text. */
enum { ZT_ADDRESS_TEXT = INET6_ADDRSTRLEN };
void zt_address_text (const zt_address_t *self, char text[ZT_ADDRESS_TEXT]);

#endif
