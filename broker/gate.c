/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/gate.h"

#include "broker/address.h"
#include "common/alloc.h"
#include "common/budget.h"

#include <sodium.h>
#include <stdlib.h>

/*  Budgets stand in rows of a few places each, found by a hash with a secret: who fills a
    row with addresses of its own would have to know it. In a full row the place goes that
    is nearest to a full budget, which is the one that is missed least. So the memory is
    bounded, and many addresses can only make us forget those of others. */
enum { S_ROWS = 1024, S_PLACES = 4, S_IPV6_BITS = 64 };

typedef struct {
    zt_address_t address;
    zt_budget_t budget; /* us */
} s_place_t;

struct zt_gate {
    const zt_bans_t *bans;
    uint64_t step_us; /* that a connection takes of the budget; 0: nothing */
    uint64_t most_us; /* a whole budget */
    uint64_t secret;
    s_place_t rows[S_ROWS][S_PLACES];
    uint64_t n_too_fast; /* since it began */
    uint64_t n_banned;
    uint64_t n_refused;   /* of the first, and not told yet */
    zt_address_t refused; /* one of them */
    char told[ZT_ADDRESS_TEXT];
};

void zt_gate_configure (zt_gate_t *self, uint32_t per_s, uint32_t burst)
{
    self->step_us = per_s ? 1000000 / per_s : 0;
    self->most_us = self->step_us * burst;
}

zt_gate_t *zt_gate_new (uint32_t per_s, uint32_t burst, const zt_bans_t *bans)
{
    zt_gate_t *self = zt_alloc (sizeof *self);
    self->bans = bans;
    zt_gate_configure (self, per_s, burst);
    randombytes_buf (&self->secret, sizeof self->secret);
    return self;
}

void zt_gate_destroy (zt_gate_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static uint64_t s_hash (uint64_t hash, const zt_address_t *address)
{
    for (size_t i = 0; i < sizeof address->bytes; i++)
        hash = (hash ^ address->bytes[i]) * UINT64_C (0x9E3779B97F4A7C15);
    return hash >> 32;
}

/*  The budget of an address, which may be new. A place that nobody has is full, too. */
static zt_budget_t *s_budget (zt_gate_t *self, const zt_address_t *address)
{
    s_place_t *row = self->rows[s_hash (self->secret, address) % S_ROWS];
    s_place_t *least = &row[0];
    for (unsigned i = 0; i < S_PLACES; i++) {
        if (memcmp (&row[i].address, address, sizeof *address) == 0)
            return &row[i].budget;
        if (row[i].budget.full_at < least->budget.full_at)
            least = &row[i];
    }
    *least = (s_place_t){.address = *address};
    return &least->budget;
}

bool zt_gate_admits (zt_gate_t *self, int fd, uint64_t now)
{
    zt_address_t address;
    if ((!self->step_us && !self->bans) || !zt_address_of_peer (fd, &address))
        return true;
    if (self->bans && zt_bans_has_address (self->bans, &address)) {
        self->n_banned++;
        return false;
    }
    zt_address_t whose = address;
    if (!zt_address_is_ipv4 (&address))
        zt_address_mask (&whose, S_IPV6_BITS);
    if (!self->step_us ||
        zt_budget_take (s_budget (self, &whose), now * 1000, self->step_us, self->most_us))
        return true;
    self->n_refused++;
    self->n_too_fast++;
    self->refused = address;
    return false;
}

void zt_gate_measure (const zt_gate_t *self, zt_stats_t *stats)
{
    stats->value[ZT_STAT_TOO_FAST] = self->n_too_fast;
    if (self->bans)
        stats->value[ZT_STAT_BANNED] = self->n_banned;
}

const char *zt_gate_refused (zt_gate_t *self, uint64_t *n)
{
    *n = self->n_refused;
    self->n_refused = 0;
    zt_address_text (&self->refused, self->told);
    return *n ? self->told : NULL;
}
