/*  SPDX-License-Identifier: MPL-2.0

    zt_reload - reads the configuration again, while the broker runs

    All of it is read before any of it counts, so that a mistake changes nothing: the file of the
    configuration, bans and mutes. Nobody is disconnected but who is banned now. */

#ifndef ZT_RELOAD_H
#define ZT_RELOAD_H

#include "broker/config.h"
#include "broker/gate.h"
#include "broker/links.h"
#include "broker/logger.h"
#include "broker/notify.h"

/*  All but the first and the last is borrowed. */
struct zt_reload {
    zt_config_t running; /* what counts now */
    zt_config_source_t source;
    const char *home; /* of bans and mutes; NULL: they are not kept */
    zt_core_t *core;
    zt_gate_t *gate;
    zt_links_t *links;
    zt_logger_t *log;
    zt_bans_t *bans;
    zt_notify_t *notify; /* who is told that it is read again */
    zt_config_t wanted;  /* what the last zt_reload_read has found */
    bool is_motd_undone; /* it has put another motd in the place of what an operator had set */
};

/*  What the core is to know of a configuration. */
zt_core_config_t zt_reload_core_config (const zt_config_t *settings);

/*  Reads all of it again, and sets what may change while the broker runs. False with a sentence in
    wrong, and nothing has changed. What is to change with the next start is not as it is in
    running then. now is in ms since the epoch. */
bool zt_reload_read (zt_reload_t *self, uint64_t now, zt_buffer_t *wrong);

#endif
