/*  SPDX-License-Identifier: MPL-2.0

    zt_arguments - what the command line and the environment ask the client for */

#ifndef ZT_CLIENT_ARGUMENTS_H
#define ZT_CLIENT_ARGUMENTS_H

#include "client/core.h"
#include "common/key.h"

#include <stdint.h>

/*  The subcommands, by the first word; anything else that stands there is an endpoint. */
typedef enum {
    ZT_NO_SUBCOMMAND,
    ZT_HISTORY,
    ZT_SEARCH,
    ZT_SHOW_KEY,
    ZT_FIND,
    ZT_BOT
} zt_subcommand_t;

/*  Strings are those of argv and the environment, or static. */
typedef struct {
    zt_buffer_t endpoint;      /* of zt_endpoint_parse */
    bool is_endpoint_given;    /* else it is the usual one */
    zt_key_t in_endpoint;      /* the key that it carries, or empty */
    zt_key_t broker_key;       /* -k, or empty */
    unsigned long key_port;    /* 0: not given */
    const char *name;          /* NULL: not given */
    const char *device;        /* NULL: not given */
    const char *invite, *pair; /* NULL: not given */
    const char *theme;         /* NULL: not given */
    bool json, lines, plain, trusts;
    zt_subcommand_t subcommand;
    char target[ZT_TARGET_SIZE]; /* of history, or of --in; or empty */
    zt_buffer_t words;           /* of search */
    const char **command;        /* of bot: ends with NULL; or NULL */
    size_t command_count;
    unsigned long count, before; /* 0: not given */

    const char *word;  /* the first one, or NULL */
    bool has_endpoint; /* -e is given */
    bool in;           /* --in is given */
} zt_arguments_t;

/*  Reads them; self is zeroed memory. Returns true when the program is to go on; else *status
    is what it is to exit with, and what was wrong has been printed. Call zt_arguments_free in
    any case. */
bool zt_arguments_read (zt_arguments_t *self, int argc, char **argv, int *status);

void zt_arguments_free (zt_arguments_t *self);

/*  What is wrong with a name that was typed: NULL, or a static sentence. */
const char *zt_arguments_name_wrong (const char *name);

#endif
