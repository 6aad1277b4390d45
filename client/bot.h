/*  SPDX-License-Identifier: MPL-2.0

    zt_bot - a command that answers messages: each goes to its stdin as a line of JSON, and what it
    prints is sent

    It is a program on libztalk (ztalk.h), with nothing else of the client. */

#ifndef ZT_CLIENT_BOT_H
#define ZT_CLIENT_BOT_H

#include "client/ztalk.h"

typedef struct {
    ztalk_t *ztalk;             /* its options are set; borrowed */
    const char *in;             /* the only conversation that it hears, with its sign; or NULL */
    const char *const *command; /* ends with NULL; the first one is looked for in the path */
} zt_bot_config_t;

/*  Runs it until a signal or the broker ends it. Returns what the program is to exit with; why has
    been told on stderr. */
int zt_bot_run (const zt_bot_config_t *config);

#endif
