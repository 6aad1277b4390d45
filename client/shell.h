/*  SPDX-License-Identifier: MPL-2.0

    zt_shell - the loop around the session: signals, stdin, stdout or the full screen */

#ifndef ZT_CLIENT_SHELL_H
#define ZT_CLIENT_SHELL_H

#include "client/session.h"

typedef struct {
    zt_trust_t *trust; /* decided; it has the endpoint, and may learn more */
    zt_home_t *home;   /* open */
    const char *name;
    const char *device;
    const char *invite;      /* or NULL */
    const char *pair;        /* or NULL */
    bool interactive;        /* a person types into stdin */
    bool screen;             /* on a full screen, which zt_stage_is_possible has allowed */
    const char *theme;       /* of it; NULL: what suits most terminals */
    bool json;               /* items as JSON, not as lines for people */
    const zt_query_t *query; /* NULL, or shows what is found, alone, and ends */
} zt_shell_config_t;

/*  Runs the client until its end. Returns what the program is to exit with. */
int zt_shell_run (const zt_shell_config_t *config);

#endif
