/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/*  ---------------------------------------------------------------------------
    Descriptors */

/*  Sets what Linux sets when it makes a descriptor. Returns it, or -1 with errno if that cannot
    be. */
static int s_prepare (int fd, bool blocks)
{
    if (fd < 0)
        return -1;
    int flags = fcntl (fd, F_GETFL);
    flags = blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (fcntl (fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl (fd, F_SETFL, flags) == 0)
        return fd;
    int error = errno;
    close (fd);
    errno = error;
    return -1;
}

int zt_system_socket (int domain, int type, bool blocks)
{
    return s_prepare (socket (domain, type, 0), blocks);
}

int zt_system_accept (int listener)
{
    return s_prepare (accept (listener, NULL, NULL), false);
}

bool zt_system_pipe (int ends[2])
{
    if (pipe (ends) != 0)
        return false;
    int first = s_prepare (ends[0], false), second = s_prepare (ends[1], false);
    if (first >= 0 && second >= 0)
        return true;
    int error = errno;
    if (first >= 0)
        close (first);
    if (second >= 0)
        close (second);
    errno = error;
    return false;
}

int zt_system_reopen (int fd, int flags)
{
    char path[PATH_MAX];
    int error = ttyname_r (fd, path, sizeof path);
    if (error == 0)
        return open (path, flags | O_CLOEXEC);
    errno = error;
    return -1;
}

bool zt_system_has_epoll (void)
{
    return false;
}

int zt_system_gather_open (void)
{
    return -1;
}

void zt_system_gather_set (int gather, const struct pollfd *before, const struct pollfd *now,
                           size_t count)
{
    (void) gather;
    (void) before;
    (void) now;
    (void) count;
}

/*  ---------------------------------------------------------------------------
    The other end */

zt_peer_user_t zt_system_peer (int fd, uid_t *uid, pid_t *pid)
{
    (void) fd;
    *uid = (uid_t) -1;
    *pid = 0;
    return ZT_PEER_UNKNOWN;
}

bool zt_system_tcp (int fd, zt_tcp_t *tcp)
{
    (void) fd;
    (void) tcp;
    return false;
}

/*  ---------------------------------------------------------------------------
    The process and the machine */

uint64_t zt_system_memory (void)
{
#if defined(__APPLE__)
    enum { S_UNIT = 1 };
#else
    enum { S_UNIT = 1024 };
#endif
    struct rusage usage;
    return getrusage (RUSAGE_SELF, &usage) == 0 ? (uint64_t) usage.ru_maxrss * S_UNIT : 0;
}

void zt_system_trim (void)
{
}

/*  The real path of a program that can be run. */
static bool s_is_program (const char *path, char *real, size_t size)
{
    char *found = access (path, X_OK) == 0 ? realpath (path, NULL) : NULL;
    bool is_well = found && strlen (found) < size;
    if (is_well)
        strcpy (real, found);
    free (found);
    return is_well;
}

bool zt_system_program (const char *argv0, char *path, size_t size)
{
    char candidate[PATH_MAX];
    if (!argv0 || strchr (argv0, '/'))
        return argv0 && s_is_program (argv0, path, size);
    const char *at = getenv ("PATH");
    while (at) {
        int length = (int) strcspn (at, ":");
        int needed = snprintf (candidate, sizeof candidate, "%.*s%s%s", length, at,
                               length ? "/" : "./", argv0);
        if (needed > 0 && (size_t) needed < sizeof candidate &&
            s_is_program (candidate, path, size))
            return true;
        at = at[length] ? at + length + 1 : NULL;
    }
    return false;
}

static char s_boot[17];

static void s_make_boot (void)
{
    snprintf (s_boot, sizeof s_boot, "%08x%08x", randombytes_random (), randombytes_random ());
}

bool zt_system_boot (char *text, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once (&once, s_make_boot);
    return snprintf (text, size, "%s", s_boot) < (int) size;
}
