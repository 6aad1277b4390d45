/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_system.h"

#include "common/alloc.h"

#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { S_EVENTS = 256 };

struct zt_bench_watch {
    int epoll;
};

zt_bench_watch_t *zt_bench_watch_new (void)
{
    int epoll = epoll_create1 (EPOLL_CLOEXEC);
    if (epoll < 0)
        return NULL;
    zt_bench_watch_t *self = zt_alloc (sizeof *self);
    self->epoll = epoll;
    return self;
}

void zt_bench_watch_destroy (zt_bench_watch_t **self_p)
{
    if (*self_p)
        close ((*self_p)->epoll);
    free (*self_p);
    *self_p = NULL;
}

bool zt_bench_watch_add (zt_bench_watch_t *self, int fd, void *owner)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
    return epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

int zt_bench_watch_wait (zt_bench_watch_t *self, void **owners, int most, int ms)
{
    struct epoll_event events[S_EVENTS];
    int count = epoll_wait (self->epoll, events, most < S_EVENTS ? most : S_EVENTS, ms);
    for (int i = 0; i < count; i++)
        owners[i] = events[i].data.ptr;
    return count;
}

int zt_bench_system_file (void)
{
    return memfd_create ("ztalk-bench", MFD_CLOEXEC);
}

bool zt_bench_system_follow_parent (void)
{
    return prctl (PR_SET_PDEATHSIG, SIGTERM) == 0;
}

bool zt_bench_system_memory (pid_t pid, unsigned long *kib)
{
    /*  "Rss:" here is exact; "VmRSS:" in status lags behind by some pages a thread. */
    char path[64], line[256];
    snprintf (path, sizeof path, "/proc/%ld/smaps_rollup", (long) pid);
    FILE *file = fopen (path, "re");
    if (!file)
        return false;
    bool found = false;
    while (!found && fgets (line, sizeof line, file))
        found = sscanf (line, "Rss: %lu kB", kib) == 1;
    fclose (file);
    return found;
}

bool zt_bench_system_is_memory (const char *directory)
{
    struct statfs status;
    return statfs (directory, &status) == 0 &&
           (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}
