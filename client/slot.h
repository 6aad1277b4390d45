/*  SPDX-License-Identifier: MPL-2.0

    zt_slot_take - a device to send with

    What is sent by a script needs a device (its refs make what is sent again be stored once), but
    not that of the person who talks from the same installation. It has up to four of its own, and
    each is one process' at a time: "laptop.send", "laptop.send2" … The next one is made only when
    those before are taken. */

#ifndef ZT_CLIENT_SLOT_H
#define ZT_CLIENT_SLOT_H

#include "client/home.h"
#include "common/name.h"

enum { ZT_SLOTS = 4 };

/*  Takes the first one that is free, by a lock of the home; waits for one until deadline (of
    zt_clock_monotonic, in ms). Fills in its device, made from that of the installation. If all
    are taken for so long it is ZT_HOME_HELD. */
zt_home_result_t zt_slot_take (zt_home_t *home, const char *name, const char *device,
                               uint64_t deadline, char slot[ZT_NAME_BYTES + 1], zt_buffer_t *why);

#endif
