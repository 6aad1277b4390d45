/*  SPDX-License-Identifier: MPL-2.0

    zt_shell - the broker's loop: sockets, clock, signals and console around the core */

#ifndef ZT_SHELL_H
#define ZT_SHELL_H

#include "broker/config.h"

typedef struct {
    char **endpoints; /* of zt_endpoint_parse; borrowed */
    size_t n_endpoints;
    const char *directory; /* of the log; made if it is not there. NULL: the log is in memory */
    const char *home;      /* of the broker's key and the bans, likewise. NULL: there is no
                              key, and bans are not kept */
    bool is_encrypted;     /* tcp endpoints are; needs home */
    const char *metrics;   /* of zt_exporter_parse: where they are told; NULL: nowhere */
    const char *control;   /* where ztalk-ctl finds the broker; NULL: nowhere */
    zt_config_t settings;
    zt_config_source_t source; /* of the settings, to be asked again */
    bool has_console;          /* read commands from stdin */
    bool is_terminal;          /* speak to a person on stdout, not to a program */
} zt_shell_config_t;

/*  Runs the broker until it is told to end: by the console or a signal. Returns
    the exit status; what went wrong has been printed. */
int zt_shell_run (const zt_shell_config_t *config);

#endif
