/*  SPDX-License-Identifier: MPL-2.0

    zt_signals - signals, through a descriptor

    They are the program's, and so this is no part of common/system.h: a library leaves them alone.
    signals_linux.c has signalfd for it, signals_posix.c a thread and a pipe. */

#ifndef ZT_SIGNALS_H
#define ZT_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
    int number;
    bool is_of_system; /* as when a terminal is gone. POSIX: may be, and so is said of all */
    bool is_known;     /* who sent it. POSIX: never */
    pid_t pid;
    uid_t uid;
} zt_signal_t;

/*  Blocks the n signals in this thread and those that it starts from now on, and returns a
    descriptor that is readable when one has come; -1 with errno. What was ignored when we came, as
    nohup has it, and a shell for what is in the background, stays so (but SIGCHLD). Once in a
   process, before its threads: POSIX has a thread wait for them. */
int zt_signals_open (const int *numbers, size_t n);

/*  Takes the next signal. False if there is none. */
bool zt_signals_take (int fd, zt_signal_t *signal);

/*  At the end of the process: the signals stay blocked. A descriptor of -1 is none. */
void zt_signals_close (int fd);

#endif
