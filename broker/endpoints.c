/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/endpoints.h"

#include "common/alloc.h"
#include "common/beacon.h"
#include "common/endpoint.h"
#include "common/published.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *bound;       /* with its real port */
    unsigned key_port; /* where the key is told; 0: nowhere */
    zt_published_t published;
} s_endpoint_t;

struct zt_endpoints {
    zt_router_t *router;
    zt_gate_t *gate;
    const zt_key_t *key;
    zt_operator_t *op;
    zt_key_service_t *key_service; /* NULL: there is none */
    unsigned key_port;
    zt_announcer_t *announcer; /* NULL: nobody is answered */
    s_endpoint_t *all;
    size_t n;
};

zt_endpoints_t *zt_endpoints_new (zt_router_t *router, zt_gate_t *gate, const zt_key_t *key,
                                  zt_operator_t *op)
{
    zt_endpoints_t *self = zt_alloc (sizeof *self);
    self->router = router;
    self->gate = gate;
    self->key = key;
    self->op = op;
    return self;
}

void zt_endpoints_destroy (zt_endpoints_t **self_p)
{
    zt_endpoints_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        zt_published_close (&self->all[i].published);
        if (!zt_endpoint_is_tcp (self->all[i].bound))
            unlink (self->all[i].bound + strlen ("ipc://")); /* libzmq does not */
        free (self->all[i].bound);
    }
    free (self->all);
    zt_key_service_destroy (&self->key_service);
    zt_announcer_destroy (&self->announcer);
    free (self);
    *self_p = NULL;
}

bool zt_endpoints_tell_key (zt_endpoints_t *self, unsigned port)
{
    self->key_port = port;
    self->key_service = zt_key_service_new (self->key, self->gate);
    return self->key_service != NULL;
}

void zt_endpoints_announce (zt_endpoints_t *self, zt_announcer_t *announcer)
{
    self->announcer = announcer;
}

static bool s_bind (zt_endpoints_t *self, s_endpoint_t *endpoint, const char *text, uint64_t now)
{
    const char *wrong = zt_router_bind (self->router, text);
    if (wrong) {
        zt_operator_log (self->op, ZT_LEVEL_ERROR, now, "%s", wrong);
        return false;
    }
    const char *bound = zt_router_bound (self->router);
    free (endpoint->bound);
    endpoint->bound = zt_strndup (bound, strlen (bound));
    return true;
}

/*  The port of a tcp endpoint that is bound. */
static unsigned s_port (const char *bound)
{
    return (unsigned) strtoul (strrchr (bound, ':') + 1, NULL, 10);
}

/*  Listens for those who ask for the key. A free port may be one whose next is not: then another
    one is taken. False if the endpoint is lost by that. */
static bool s_listen (zt_endpoints_t *self, s_endpoint_t *endpoint, const char *text, uint64_t now)
{
    enum { S_TRIES = 16 };
    size_t size = strlen (text);
    bool is_choice = size > 2 && strcmp (text + size - 2, ":*") == 0 && !self->key_port;
    for (int tries = is_choice ? S_TRIES : 1; tries > 0; tries--) {
        const char *wrong =
            zt_key_service_listen (self->key_service, endpoint->bound, self->key_port);
        if (!wrong) {
            endpoint->key_port = self->key_port ? self->key_port : s_port (endpoint->bound) + 1;
            return true;
        }
        if (tries == 1)
            zt_operator_log (self->op, ZT_LEVEL_WARNING, now,
                             "nobody can ask for the key of %s (%s): who comes for the first "
                             "time needs an address with the key, or the broker another "
                             "--key-port",
                             endpoint->bound, wrong);
        else {
            zt_router_unbind (self->router, endpoint->bound);
            if (!s_bind (self, endpoint, text, now))
                return false;
        }
    }
    return true;
}

/*  Tells the clients of this machine the key. */
static void s_publish (zt_endpoints_t *self, s_endpoint_t *endpoint, uint64_t now)
{
    if (zt_endpoint_is_tcp (endpoint->bound) &&
        !zt_published_open (&endpoint->published, endpoint->bound, self->key))
        zt_operator_log (self->op, ZT_LEVEL_WARNING, now,
                         "the key cannot be told to the clients of this machine, so they will "
                         "ask: %s: %s",
                         endpoint->published.path ? endpoint->published.path : "no directory",
                         strerror (errno));
}

/*  Answers who asks for brokers, if there is something to say. */
static void s_announce (zt_endpoints_t *self, uint64_t now)
{
    bool has_any = false;
    for (size_t i = 0; self->announcer && i < self->n; i++)
        has_any |= zt_announcer_add (self->announcer, self->all[i].bound, self->all[i].key_port);
    if (!has_any)
        return;
    if (!zt_announcer_open (self->announcer)) {
        zt_operator_log (self->op, ZT_LEVEL_WARNING, now,
                         "clients cannot find the broker by asking the network (UDP port %d: %s): "
                         "they need an address",
                         ZT_BEACON_PORT, strerror (errno));
        return;
    }
    const char *missing = zt_announcer_missing (self->announcer);
    if (missing)
        zt_operator_log (self->op, ZT_LEVEL_WARNING, now,
                         "there is no network interface %s now; who asks for brokers there is "
                         "answered when there is",
                         missing);
    zt_operator_greet (self->op, "Who is on the same network finds it with 'ztalk' alone.");
}

bool zt_endpoints_bind (zt_endpoints_t *self, char **endpoints, size_t n, uint64_t now)
{
    self->all = zt_alloc ((n + 1) * sizeof *self->all);
    for (; self->n < n; self->n++)
        if (!s_bind (self, &self->all[self->n], endpoints[self->n], now))
            return false;
    /*  After all of them: a port that an endpoint needs is not for its neighbour's service. */
    for (size_t i = 0; i < n; i++)
        if (self->key_service && zt_endpoint_is_tcp (self->all[i].bound) &&
            !s_listen (self, &self->all[i], endpoints[i], now))
            return false;
    /*  Before the endpoints are told: whoever hears of one finds the key. */
    for (size_t i = 0; i < n; i++)
        s_publish (self, &self->all[i], now);
    for (size_t i = 0; i < n; i++)
        zt_operator_tell_endpoint (self->op, self->all[i].bound, now);
    s_announce (self, now);
    return true;
}

enum { S_ANNOUNCER, S_KEY };

size_t zt_endpoints_poll (const zt_endpoints_t *self, struct pollfd fds[ZT_ENDPOINTS_FDS])
{
    int announcer = self->announcer ? zt_announcer_fd (self->announcer) : -1;
    fds[S_ANNOUNCER] = (struct pollfd){announcer, POLLIN, 0};
    return S_KEY + (self->key_service ? zt_key_service_poll (self->key_service, fds + S_KEY) : 0);
}

void zt_endpoints_serve (zt_endpoints_t *self, const struct pollfd fds[ZT_ENDPOINTS_FDS],
                         uint64_t now)
{
    if (self->key_service)
        zt_key_service_serve (self->key_service, fds + S_KEY, now);
    if (fds[S_ANNOUNCER].revents)
        zt_announcer_serve (self->announcer, now);
}
