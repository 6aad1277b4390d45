/*  SPDX-License-Identifier: MPL-2.0

    zt_addresses - at which addresses a broker can be reached */

#ifndef ZT_ADDRESSES_H
#define ZT_ADDRESSES_H

#include "common/bytes.h"

/*  Called with an endpoint and where it leads, e.g. "eth0"; both borrowed. */
typedef void (zt_address_fn) (void *self, const char *endpoint, const char *where);

/*  Calls fn for each endpoint by which others reach the bound endpoint: itself,
    or, if it is bound to all interfaces, one for each usable address of this
    machine, the loopback ones first. Returns how many there were. */
size_t zt_addresses_each (const char *bound, zt_address_fn *fn, void *self);

#endif
