/*  SPDX-License-Identifier: MPL-2.0

    zt_meeting - a broker of which nothing is known, and a person who is asked

    It waits for the broker's key service before the session begins, shows the fingerprint on the
    terminal, and says on stderr why it ends. */

#ifndef ZT_CLIENT_MEET_H
#define ZT_CLIENT_MEET_H

#include "client/trust.h"

typedef struct {
    zt_trust_t *trust; /* what it is decided from is filled in */
    bool patient;      /* a person waits: tries for ever */
    bool json;         /* why it ends is also told on stdout, as an item */
    bool has_asked;    /* a person was asked, and has agreed */
} zt_meeting_t;

/*  Decides; may wait, and ask on the terminal. Returns ZT_EXIT_OK, or what the program is to
    exit with: then it has been said why, on stderr. */
int zt_meet (zt_meeting_t *self);

#endif
