/*  SPDX-License-Identifier: MPL-2.0

    zt_commands - what the commands of the console do */

#ifndef ZT_COMMANDS_H
#define ZT_COMMANDS_H

#include "broker/bans.h"
#include "broker/core.h"
#include "broker/peers.h"
#include "broker/printer.h"

/*  All of it is borrowed. */
typedef struct {
    zt_core_t *core;
    const zt_peers_t *peers;
    zt_bans_t *bans;
    const zt_key_t *key; /* of the broker; NULL: it does not encrypt */
    const char *join;    /* how somebody elsewhere connects, as it is typed */
    zt_printer_t *out;   /* where answers go */
    bool ends;           /* the broker was told to end */
} zt_commands_t;

/*  Does what was typed: a line without its LF. now is in ms since the epoch. */
void zt_commands_do (zt_commands_t *self, zt_bytes_t line, uint64_t now);

#endif
