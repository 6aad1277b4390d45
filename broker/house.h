/*  SPDX-License-Identifier: MPL-2.0

    zt_house - all that a broker is made of: opened in order, and closed

    What its loop (shell.c) does with it is the shell's. */

#ifndef ZT_HOUSE_H
#define ZT_HOUSE_H

#include "broker/control.h"
#include "broker/courier.h"
#include "broker/endpoints.h"
#include "broker/exporter.h"
#include "broker/links.h"
#include "broker/meter.h"
#include "broker/notify.h"
#include "broker/operator.h"
#include "broker/reload.h"
#include "broker/router.h"
#include "broker/shell.h"
#include "broker/zap.h"

typedef struct {
    zt_core_t *core;
    zt_store_t *store;
    zt_router_t *router;
    zt_peers_t *peers;
    zt_links_t *links;
    zt_courier_t *courier;
    zt_logger_t *log;
    zt_operator_t *op;
    zt_control_t *control;
    zt_gate_t *gate;
    zt_bans_t *bans;
    zt_zap_t *zap;
    zt_endpoints_t *endpoints;
    zt_meter_t meter;
    zt_exporter_t *exporter; /* NULL: nobody may ask */
    zt_notify_t notify;
    zt_keys_t keys;      /* if it encrypts */
    const zt_key_t *key; /* of them, the public one; NULL: it does not */
    uint64_t now;        /* ms since the epoch */
    uint64_t began;      /* ms of zt_clock_monotonic */
    int signals;         /* descriptor */
    zt_reload_t reload;
    bool has_terminal; /* the process was started from one */
    bool ends;
    bool has_failed;
} zt_house_t;

/*  Makes all there is. self has now, began and signals = -1, and is zeroed else; config is
   borrowed. False if that cannot be done: why has been printed. It is to be closed in any case. */
bool zt_house_open (zt_house_t *self, const zt_shell_config_t *config);

/*  Frees it all, having written what is left to be written, within bounds. */
void zt_house_close (zt_house_t *self);

/*  The core makes codes of random bytes that it is given here, when it has used up those it had. */
void zt_house_stir (zt_house_t *self);

#endif
