/*  SPDX-License-Identifier: MPL-2.0

    zt_exporter - what the broker counts, over HTTP

    GET /metrics is the text of Prometheus, GET /healthz "ok", or 503 while nothing can be stored.
    libmicrohttpd does it, in the broker's loop and without a thread. There is no secret in it and
    no name of a user, but it is no service for strangers: it is bound to this machine, unless
    whoever runs the broker says otherwise.

    Nobody who connects delays the broker: there are few connections, each has a few seconds and a
    few KiB, when there are too many the oldest go, and the numbers are put together at most a
    few times a second, however often they are asked for. */

#ifndef ZT_EXPORTER_H
#define ZT_EXPORTER_H

#include "broker/meter.h"

#include <poll.h>

typedef struct zt_exporter zt_exporter_t;

/*  What a person types for it, "9464" or "ADDRESS:9464", with * for a free port, as an endpoint of
    zt_endpoint_parse: appended. NULL, or what is wrong, a static sentence. */
const char *zt_exporter_parse (const char *text, zt_buffer_t *endpoint);

/*  Is the host of a tcp endpoint an address, or * or localhost, rather than a name? */
bool zt_exporter_is_address (const char *endpoint);

/*  Listens there. The meter must live as long. NULL with a sentence in wrong if that cannot be. */
zt_exporter_t *zt_exporter_new (const char *endpoint, const zt_meter_t *meter, zt_buffer_t *wrong);
void zt_exporter_destroy (zt_exporter_t **self_p);

/*  Where it is, "http://127.0.0.1:9464"; and may others than this machine get there? */
const char *zt_exporter_url (const zt_exporter_t *self);
bool zt_exporter_is_open (const zt_exporter_t *self);

/*  Writes what to poll; returns how many rows that are. */
enum { ZT_EXPORTER_FDS = 49 };
size_t zt_exporter_poll (const zt_exporter_t *self, struct pollfd fds[ZT_EXPORTER_FDS]);

/*  When to serve without input, in ms of zt_clock_monotonic, as now is; UINT64_MAX: never. */
uint64_t zt_exporter_deadline (const zt_exporter_t *self);

/*  Serves who asks: a bounded piece of it. */
void zt_exporter_serve (zt_exporter_t *self, uint64_t now);

#endif
