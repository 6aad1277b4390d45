/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/gate.h"

#include "common/alloc.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

/*  Budgets stand in rows of a few places each, found by a hash with a secret: who fills a
    row with addresses of its own would have to know it. In a full row the place goes that
    is nearest to a full budget, which is the one that is missed least. So the memory is
    bounded, and many addresses can only make us forget those of others. */
enum { S_ROWS = 1024, S_PLACES = 4 };

/*  The bytes of an address that count. */
typedef struct {
    unsigned char bytes[8];
    bool is_ipv6;
} s_address_t;

typedef struct {
    s_address_t address;
    uint64_t full_at; /* us: when the budget will be full again; 0: the place is free */
} s_budget_t;

struct zt_gate {
    const zt_bans_t *bans;
    uint64_t step_us; /* that a connection takes of the budget; 0: nothing */
    uint64_t most_us; /* a whole budget */
    uint64_t secret;
    s_budget_t rows[S_ROWS][S_PLACES];
    uint64_t n_refused;
    char refused[INET6_ADDRSTRLEN]; /* one of them */
    char told[INET6_ADDRSTRLEN];
};

zt_gate_t *zt_gate_new (uint32_t per_s, uint32_t burst, const zt_bans_t *bans)
{
    zt_gate_t *self = zt_alloc (sizeof *self);
    self->bans = bans;
    self->step_us = per_s ? 1000000 / per_s : 0;
    self->most_us = self->step_us * burst;
    if (getrandom (&self->secret, sizeof self->secret, 0) != (ssize_t) sizeof self->secret)
        self->secret = (uintptr_t) self; /* then an attacker may make us forget budgets */
    return self;
}

void zt_gate_destroy (zt_gate_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

/*  The address at the other end; false if it is no TCP, or the connection is gone. */
static bool s_address (int fd, s_address_t *address, char text[INET6_ADDRSTRLEN])
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    *address = (s_address_t){.is_ipv6 = false};
    if (getpeername (fd, (struct sockaddr *) &name, &size) != 0)
        return false;
    if (name.ss_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const void *) &name;
        memcpy (address->bytes, &ipv4->sin_addr, 4);
        return inet_ntop (AF_INET, &ipv4->sin_addr, text, INET6_ADDRSTRLEN) != NULL;
    }
    if (name.ss_family != AF_INET6)
        return false;
    const unsigned char *ipv6 =
        ((const struct sockaddr_in6 *) (const void *) &name)->sin6_addr.s6_addr;
    if (memcmp (ipv6, mapped, sizeof mapped) == 0) {
        memcpy (address->bytes, ipv6 + sizeof mapped, 4);
        return inet_ntop (AF_INET, ipv6 + sizeof mapped, text, INET6_ADDRSTRLEN) != NULL;
    }
    address->is_ipv6 = true;
    memcpy (address->bytes, ipv6, sizeof address->bytes);
    return inet_ntop (AF_INET6, ipv6, text, INET6_ADDRSTRLEN) != NULL;
}

static uint64_t s_hash (uint64_t hash, const s_address_t *address)
{
    for (size_t i = 0; i < sizeof address->bytes; i++)
        hash = (hash ^ address->bytes[i]) * UINT64_C (0x9E3779B97F4A7C15);
    return (hash ^ address->is_ipv6) * UINT64_C (0x9E3779B97F4A7C15) >> 32;
}

/*  The budget of an address, which may be new. */
static s_budget_t *s_budget (zt_gate_t *self, const s_address_t *address)
{
    s_budget_t *row = self->rows[s_hash (self->secret, address) % S_ROWS];
    s_budget_t *least = &row[0];
    for (unsigned i = 0; i < S_PLACES; i++) {
        if (row[i].full_at && memcmp (&row[i].address.bytes, address->bytes, 8) == 0 &&
            row[i].address.is_ipv6 == address->is_ipv6)
            return &row[i];
        if (row[i].full_at < least->full_at)
            least = &row[i];
    }
    *least = (s_budget_t){.address = *address};
    return least;
}

bool zt_gate_admits (zt_gate_t *self, int fd, uint64_t now)
{
    s_address_t address;
    char text[INET6_ADDRSTRLEN];
    if ((!self->step_us && !self->bans) || !s_address (fd, &address, text))
        return true;
    if (self->bans && zt_bans_has (self->bans, text, NULL))
        return false;
    if (!self->step_us)
        return true;
    s_budget_t *budget = s_budget (self, &address);
    uint64_t now_us = now * 1000;
    /*  Farther away than a whole budget it can only be because the clock was set back. */
    if (budget->full_at < now_us || budget->full_at > now_us + self->most_us)
        budget->full_at = now_us;
    if (budget->full_at + self->step_us > now_us + self->most_us) {
        self->n_refused++;
        memcpy (self->refused, text, sizeof text);
        return false;
    }
    budget->full_at += self->step_us;
    return true;
}

const char *zt_gate_refused (zt_gate_t *self, uint64_t *n)
{
    *n = self->n_refused;
    self->n_refused = 0;
    memcpy (self->told, self->refused, sizeof self->told);
    return *n ? self->told : NULL;
}
