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
    const zt_job_t *job;     /* NULL, or does this alone: only what it is for is on stdout */
    const zt_buffer_t *text; /* of SEND: what is sent; NULL: stdin */
    bool whole;              /* of SEND: all of stdin is one message */
} zt_shell_config_t;

/*  Added to the number of a signal. */
enum { ZT_SHELL_SIGNAL = 128 };

/*  Runs the client until its end. Returns what the program is to exit with; or, for a job that a
    signal has ended, ZT_SHELL_SIGNAL + its number: the program then ends by that signal, which
    may be SIGPIPE. */
int zt_shell_run (const zt_shell_config_t *config);

#endif
