/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/slot.h"

#include "common/clock.h"
#include "common/limits.h"
#include "common/utf8.h"

#include <poll.h>
#include <stdio.h>

enum { S_AGAIN_MS = 50 };

/*  The end of a name, with at most that many code points: hosts that are called alike differ
    there. It does not begin with a mark. */
static const char *s_end_of (const char *name, size_t most)
{
    size_t count = 0;
    for (const char *at = name; *at; at++)
        count += ((unsigned char) *at & 0xC0) != 0x80;
    for (; count > most; count--) {
        name++;
        while (((unsigned char) *name & 0xC0) == 0x80)
            name++;
    }
    zt_folded_t folded;
    while (*name && zt_name_fold (zt_bytes (name), &folded)) {
        name++;
        while (((unsigned char) *name & 0xC0) == 0x80)
            name++;
    }
    return name;
}

zt_home_result_t zt_slot_take (zt_home_t *home, const char *name, const char *device,
                               uint64_t deadline, char slot[ZT_NAME_BYTES + 1], zt_buffer_t *why)
{
    static const char suffix[] = ".send2";
    const char *end = s_end_of (device, ZT_NAME_MAX - (sizeof suffix - 1));
    for (;;) {
        for (int i = 1; i <= ZT_SLOTS; i++) {
            char number[2] = {(char) (i > 1 ? '0' + i : '\0'), '\0'};
            snprintf (slot, ZT_NAME_BYTES + 1, "%s.send%s", end, number);
            /*  Not for one endpoint: two may lead to one broker. */
            zt_home_result_t result = zt_home_lock (home, "", name, slot, why);
            if (result != ZT_HOME_HELD)
                return result;
        }
        if (zt_clock_monotonic () >= deadline)
            return ZT_HOME_HELD;
        poll (NULL, 0, S_AGAIN_MS);
    }
}
