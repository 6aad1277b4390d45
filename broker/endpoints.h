/*  SPDX-License-Identifier: MPL-2.0

    zt_endpoints - where the broker listens: its endpoints, beside each of tcp the service that
    tells the key, and the file that tells it to this machine's clients */

#ifndef ZT_ENDPOINTS_H
#define ZT_ENDPOINTS_H

#include "broker/gate.h"
#include "broker/operator.h"
#include "broker/router.h"
#include "common/key.h"

typedef struct zt_endpoints zt_endpoints_t;

/*  Listens nowhere yet. All must live as long; key NULL: nothing is encrypted. */
zt_endpoints_t *zt_endpoints_new (zt_router_t *router, zt_gate_t *gate, const zt_key_t *key,
                                  zt_operator_t *op);

/*  Takes back what was published, and ends the service; to be called before the router is
    destroyed. */
void zt_endpoints_destroy (zt_endpoints_t **self_p);

/*  Answers who asks for the key, too: beside each endpoint of tcp, on that port, or with
    port 0 on its next. False with errno if there are no descriptors for it. */
bool zt_endpoints_tell_key (zt_endpoints_t *self, unsigned port);

/*  Binds all of them, texts of zt_endpoint_parse, and then tells the operator. False, and
    nothing has been told, if one cannot be bound: why has been printed. */
bool zt_endpoints_bind (zt_endpoints_t *self, char **endpoints, size_t n, uint64_t now);

/*  A descriptor to poll for input, -1: none, and what to do then. now is in ms. */
int zt_endpoints_fd (const zt_endpoints_t *self);
void zt_endpoints_serve (zt_endpoints_t *self, uint64_t now);

#endif
