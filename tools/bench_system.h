/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_system - what the bench needs of a system, beside common/system.h, and what not every
    system has

    bench_system_linux.c asks Linux for it. bench_system_posix.c makes do with POSIX; what that
    costs is told beside each function. */

#ifndef ZT_BENCH_SYSTEM_H
#define ZT_BENCH_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*  Watches many descriptors for input: what is silent costs nothing. POSIX: each costs a little
    whenever one is waited for. */
typedef struct zt_bench_watch zt_bench_watch_t;

/*  NULL with errno if that cannot be. */
zt_bench_watch_t *zt_bench_watch_new (void);
void zt_bench_watch_destroy (zt_bench_watch_t **self_p);

/*  Watches a descriptor from now on, until the end. False with errno. */
bool zt_bench_watch_add (zt_bench_watch_t *self, int fd, void *owner);

/*  Waits ms at most (-1: as long as it takes) and writes the owners of what is readable, `most` of
    them at most. Returns how many, or -1 with errno. */
int zt_bench_watch_wait (zt_bench_watch_t *self, void **owners, int most, int ms);

/*  A file that has no name, to be written to; -1 with errno. */
int zt_bench_system_file (void);

/*  In a child that was just forked: it gets SIGTERM when its parent ends. False with errno. POSIX:
    nothing, and a peer outlives a bench that is killed. */
bool zt_bench_system_follow_parent (void);

/*  KiB of memory that a process has. False if that cannot be told. POSIX: what ps tells. */
bool zt_bench_system_memory (pid_t pid, unsigned long *kib);

/*  Are the files there in memory? POSIX: false. */
bool zt_bench_system_is_memory (const char *directory);

#endif
