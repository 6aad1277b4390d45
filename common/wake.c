/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/wake.h"

#include "common/system.h"

#include <unistd.h>

bool zt_wake_open (zt_wake_t *self)
{
    int ends[2];
    *self = ZT_WAKE_NONE;
    if (!zt_system_pipe (ends))
        return false;
    *self = (zt_wake_t){ends[0], ends[1]};
    return true;
}

void zt_wake_close (zt_wake_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    if (self->sending >= 0)
        close (self->sending);
    *self = ZT_WAKE_NONE;
}

void zt_wake_up (const zt_wake_t *self)
{
    ssize_t size = write (self->sending, "", 1);
    (void) size; /* a full pipe is readable */
}

bool zt_wake_reset (const zt_wake_t *self)
{
    char bytes[256];
    bool was_readable = false;
    ssize_t size;
    do {
        size = read (self->fd, bytes, sizeof bytes);
        was_readable = was_readable || size > 0;
    } while (size == (ssize_t) sizeof bytes);
    return was_readable;
}
