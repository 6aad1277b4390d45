/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/notify.h"

#include "common/system.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { S_TELL_MS = 1000 };

/*  A path, or with @ before it a name of Linux's abstract sockets. */
static bool s_address (zt_notify_t *self, const char *name)
{
    size_t size = name ? strlen (name) : 0;
    if (size < 2 || size >= sizeof self->address.sun_path || (name[0] != '/' && name[0] != '@'))
        return false;
    self->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy (self->address.sun_path, name, size);
    self->size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + size);
    if (name[0] == '@')
        self->address.sun_path[0] = '\0';
    else
        self->size++; /* the NUL */
    return true;
}

/*  The watchdog wants to hear of the process that it has started, and of no child of it. */
static uint64_t s_watchdog_ms (void)
{
    const char *usec = getenv ("WATCHDOG_USEC"), *pid = getenv ("WATCHDOG_PID");
    if (!usec || (pid && strtoimax (pid, NULL, 10) != getpid ()))
        return 0;
    return strtoull (usec, NULL, 10) / 1000;
}

void zt_notify_open (zt_notify_t *self, uint64_t now)
{
    *self = (zt_notify_t){.fd = -1};
    if (s_address (self, getenv ("NOTIFY_SOCKET")))
        self->fd = zt_system_socket (AF_UNIX, SOCK_DGRAM, false);
    uint64_t watchdog_ms = self->fd >= 0 ? s_watchdog_ms () : 0;
    self->ping_ms = watchdog_ms > 0 && watchdog_ms < 2 ? 1 : watchdog_ms / 2;
    self->ping_at = now;
}

void zt_notify_close (zt_notify_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

bool zt_notify_is_wanted (const zt_notify_t *self)
{
    return self->fd >= 0;
}

/*  The service manager that does not read is not waited for. False if it has no room. */
static bool __attribute__ ((format (printf, 2, 3)))
s_send (zt_notify_t *self, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (self->fd < 0 || size < 0)
        return true;
    if ((size_t) size >= sizeof text)
        size = sizeof text - 1;
    const struct sockaddr *to = (const struct sockaddr *) &self->address;
    return sendto (self->fd, text, (size_t) size, 0, to, self->size) >= 0 ||
           (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS);
}

static void s_tell_sessions (zt_notify_t *self, uint64_t now)
{
    self->told = self->sessions;
    self->told_at = now;
    s_send (self, "STATUS=%" PRIu64 " session%s", self->told, self->told == 1 ? "" : "s");
}

void zt_notify_ready (zt_notify_t *self, uint64_t now)
{
    self->is_ready_owed = !s_send (self, "READY=1");
    s_tell_sessions (self, now);
}

void zt_notify_reloading (zt_notify_t *self)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    s_send (self, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
            (uint64_t) time.tv_sec * 1000000 + (uint64_t) time.tv_nsec / 1000);
}

void zt_notify_stopping (zt_notify_t *self)
{
    s_send (self, "STOPPING=1\nSTATUS=ends");
}

void zt_notify_status (zt_notify_t *self, const char *what, uint64_t wait_ms)
{
    s_send (self, "STATUS=%s", what);
    if (wait_ms)
        s_send (self, "EXTEND_TIMEOUT_USEC=%" PRIu64, wait_ms * 1000);
}

void zt_notify_turn (zt_notify_t *self, uint64_t sessions, uint64_t now)
{
    self->sessions = sessions;
    if (self->fd < 0)
        return;
    if (self->is_ready_owed && now >= self->told_at + S_TELL_MS)
        zt_notify_ready (self, now);
    if (sessions != self->told && now >= self->told_at + S_TELL_MS)
        s_tell_sessions (self, now);
    if (self->ping_ms && now >= self->ping_at) {
        self->ping_at = now + self->ping_ms;
        s_send (self, "WATCHDOG=1");
    }
}

uint64_t zt_notify_deadline (const zt_notify_t *self)
{
    uint64_t deadline = self->fd >= 0 && self->ping_ms ? self->ping_at : UINT64_MAX;
    if (self->fd >= 0 && (self->sessions != self->told || self->is_ready_owed) &&
        self->told_at + S_TELL_MS < deadline)
        deadline = self->told_at + S_TELL_MS;
    return deadline;
}
