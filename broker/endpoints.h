/*  SPDX-License-Identifier: MPL-2.0

    zt_endpoints - where the broker listens: its endpoints, beside each of tcp the service that
    tells the key, the file that tells it to this machine's clients, and what answers those who ask
    the network for brokers */

#ifndef ZT_ENDPOINTS_H
#define ZT_ENDPOINTS_H

#include "broker/announcer.h"
#include "broker/gate.h"
#include "broker/key_service.h"
#include "broker/operator.h"
#include "broker/router.h"
#include "common/key.h"

#include <poll.h>

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

/*  Answers who asks the network for brokers, too, if there is an endpoint that others can get to.
    Takes the announcer, which knows no endpoint yet. */
void zt_endpoints_announce (zt_endpoints_t *self, zt_announcer_t *announcer);

/*  Binds all of them, texts of zt_endpoint_parse, and then tells the operator. False, and
    nothing has been told, if one cannot be bound: why has been printed. */
bool zt_endpoints_bind (zt_endpoints_t *self, char **endpoints, size_t n, uint64_t now);

/*  Writes what to poll (a descriptor of -1 is none), and returns how many rows that are; and what
   to do then. now is in ms. */
enum { ZT_ENDPOINTS_FDS = 1 + ZT_KEY_SERVICE_FDS };
size_t zt_endpoints_poll (const zt_endpoints_t *self, struct pollfd fds[ZT_ENDPOINTS_FDS]);
void zt_endpoints_serve (zt_endpoints_t *self, const struct pollfd fds[ZT_ENDPOINTS_FDS],
                         uint64_t now);

#endif
