/*  SPDX-License-Identifier: MPL-2.0

    zt_meter - reads all that is counted and measured, when somebody asks */

#ifndef ZT_METER_H
#define ZT_METER_H

#include "broker/core.h"
#include "broker/courier.h"
#include "broker/gate.h"
#include "broker/links.h"

/*  All of it is borrowed. */
struct zt_meter {
    zt_core_t *core;
    zt_store_t *store;
    const zt_courier_t *courier;
    const zt_links_t *links;
    const zt_gate_t *gate;
    const zt_bans_t *bans;
    const char *directory; /* of the log; NULL: it is in memory */
    uint64_t began;        /* ms of zt_clock_monotonic */
};

/*  Measures what is not counted, and returns all of it: the core's, as it goes on to count. That
    looks at each session, and asks the system about memory and the disk. */
const zt_stats_t *zt_meter_read (const zt_meter_t *self);

#endif
