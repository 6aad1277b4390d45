/*  SPDX-License-Identifier: MPL-2.0

    zt_finder - where the broker is, when nobody has said it

    In this order: what listens at the usual place of this machine; the one broker that has
    published its key here; for a script, if this machine has had a broker of its own, nothing else,
   and it is waited for; the one known broker (where there are several, the one that can be reached:
   a person's laptop is at home, or at work); and else what the network and all of these offer, of
   which a person chooses. A script is not led by what answers: several known brokers are none, and
   it ends with a list of what could be said. */

#ifndef ZT_CLIENT_FINDER_H
#define ZT_CLIENT_FINDER_H

#include "client/home.h"

typedef struct {
    const zt_home_t *home;   /* open */
    bool is_asked;           /* a person is at stdin and stderr */
    zt_buffer_t *endpoint;   /* the usual place; the one that is found takes its place */
    unsigned long *key_port; /* changed if that tells its key elsewhere than others do */
} zt_finder_t;

/*  Finds it; takes up to two seconds, and as long as a person thinks. Returns ZT_EXIT_OK, also
   where nothing is found: then the usual place is waited for, as ever. Or what the program is to
   exit with: then it has been said why. */
int zt_finder_find (const zt_finder_t *self);

/*  ztalk find: prints what there is, for people or as JSON. Returns ZT_EXIT_OK if there is
    something, else ZT_EXIT_UNREACHABLE, or ZT_EXIT_FAILED. */
int zt_finder_print (const zt_home_t *home, bool is_json);

#endif
