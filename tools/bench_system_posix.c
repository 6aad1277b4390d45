/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_system.h"

#include "common/alloc.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct zt_bench_watch {
    struct pollfd *fds;
    void **owners;
    size_t n;
    size_t from; /* where to look first: all get their turn */
};

zt_bench_watch_t *zt_bench_watch_new (void)
{
    return zt_alloc (sizeof (zt_bench_watch_t));
}

void zt_bench_watch_destroy (zt_bench_watch_t **self_p)
{
    zt_bench_watch_t *self = *self_p;
    if (!self)
        return;
    free (self->fds);
    free (self->owners);
    free (self);
    *self_p = NULL;
}

bool zt_bench_watch_add (zt_bench_watch_t *self, int fd, void *owner)
{
    self->fds = zt_realloc (self->fds, self->n + 1, sizeof *self->fds);
    self->owners = zt_realloc (self->owners, self->n + 1, sizeof *self->owners);
    self->fds[self->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    self->owners[self->n++] = owner;
    return true;
}

int zt_bench_watch_wait (zt_bench_watch_t *self, void **owners, int most, int ms)
{
    int rc = poll (self->fds, (nfds_t) self->n, ms), count = 0;
    if (rc < 0)
        return -1;
    size_t at = self->from;
    for (size_t i = 0; i < self->n && count < most; i++) {
        at = (self->from + i) % self->n;
        if (self->fds[at].revents)
            owners[count++] = self->owners[at];
    }
    self->from = self->n ? (at + 1) % self->n : 0;
    return count;
}

int zt_bench_system_file (void)
{
    char path[] = "/tmp/ztalk-bench-XXXXXX";
    int fd = mkstemp (path);
    if (fd >= 0 && (unlink (path) != 0 || fcntl (fd, F_SETFD, FD_CLOEXEC) != 0)) {
        close (fd);
        return -1;
    }
    return fd;
}

bool zt_bench_system_follow_parent (void)
{
    return true;
}

bool zt_bench_system_memory (pid_t pid, unsigned long *kib)
{
    char command[64];
    snprintf (command, sizeof command, "ps -o rss= -p %ld", (long) pid);
    FILE *pipe = popen (command, "r");
    bool found = pipe && fscanf (pipe, "%lu", kib) == 1;
    return pipe && pclose (pipe) == 0 && found;
}

bool zt_bench_system_is_memory (const char *directory)
{
    (void) directory;
    return false;
}
