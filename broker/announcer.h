/*  SPDX-License-Identifier: MPL-2.0

    zt_announcer - answers who asks the network for brokers (PROTOCOL.md, 3.3)

    One socket of UDP hears the questions of all networks of this machine, also of those that it
    comes into later. What it is asked on is known with each question, so nothing has to be chosen,
    watched or looked for before somebody asks. */

#ifndef ZT_ANNOUNCER_H
#define ZT_ANNOUNCER_H

#include "common/bytes.h"

#include <stdint.h>

typedef struct zt_announcer zt_announcer_t;

/*  What is wrong with a list of interfaces, "eth0,wlan0": NULL, or a static sentence. */
const char *zt_announcer_list_wrong (const char *interfaces);

/*  An announcer that knows no endpoint, and hears nothing. interfaces (borrowed) are those of
    which questions are answered; NULL: of all. The name is what the broker calls itself; one that
   is not valid (zt_beacon_name_valid), such as an empty one, is the host's. */
zt_announcer_t *zt_announcer_new (const char *interfaces, zt_bytes_t name, bool is_encrypted);
void zt_announcer_destroy (zt_announcer_t **self_p);

/*  Tells of an endpoint, as it was bound, and the port at which its key is told (0: none). True if
    others of a network can get there; another one is not told to anybody. */
bool zt_announcer_add (zt_announcer_t *self, const char *bound, unsigned key_port);

/*  Begins to listen. False with errno if that cannot be. */
bool zt_announcer_open (zt_announcer_t *self);

/*  The first of the interfaces of which there is none now, or NULL; it lives until the next call.
 */
const char *zt_announcer_missing (zt_announcer_t *self);

/*  A descriptor to poll for input; -1: it hears nothing. */
int zt_announcer_fd (const zt_announcer_t *self);

/*  Answers a bounded number of questions, without waiting. now is in ms. */
void zt_announcer_serve (zt_announcer_t *self, uint64_t now);

#endif
