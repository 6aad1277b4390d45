/*  SPDX-License-Identifier: MPL-2.0

    A thread waits for them, and writes them to a pipe. Handlers could do so, too, but would
    interrupt whatever the other threads wait in. */

#include "common/signals.h"

#include "common/system.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static struct {
    sigset_t set;
    int ends[2];
} s_signals;

static void *s_wait_for_signals (void *unused)
{
    int number;
    while (sigwait (&s_signals.set, &number) == 0) {
        unsigned char byte = (unsigned char) number;
        ssize_t size = write (s_signals.ends[1], &byte, 1);
        (void) size; /* a full pipe has told enough */
    }
    return unused;
}

static void s_ignore (int number)
{
    (void) number;
}

/*  Some systems forget at once, even if it is blocked, what would be ignored by default. */
static bool s_want (int number)
{
    struct sigaction old, wanted = {.sa_handler = s_ignore};
    sigemptyset (&wanted.sa_mask);
    if (sigaction (number, NULL, &old) != 0)
        return false;
    if (old.sa_handler == SIG_IGN && number != SIGCHLD)
        return true;
    sigaddset (&s_signals.set, number);
    return (old.sa_handler != SIG_DFL || sigaction (number, &wanted, NULL) == 0);
}

static void s_close_pipe (void)
{
    close (s_signals.ends[0]);
    close (s_signals.ends[1]);
}

int zt_signals_open (const int *numbers, size_t n)
{
    sigemptyset (&s_signals.set);
    for (size_t i = 0; i < n; i++)
        if (!s_want (numbers[i]))
            return -1;
    if (sigprocmask (SIG_BLOCK, &s_signals.set, NULL) != 0 || !zt_system_pipe (s_signals.ends))
        return -1;
    pthread_t thread;
    int error = pthread_create (&thread, NULL, s_wait_for_signals, NULL);
    if (error == 0)
        error = pthread_detach (thread);
    if (error == 0)
        return s_signals.ends[0];
    s_close_pipe ();
    errno = error;
    return -1;
}

bool zt_signals_take (int fd, zt_signal_t *signal)
{
    unsigned char byte;
    if (read (fd, &byte, 1) != 1)
        return false;
    *signal = (zt_signal_t){.number = byte, .is_of_system = true};
    return true;
}

/*  The thread waits on, so that its pipe stays as well: no signal is sure to end it, since each may
   be ignored. */
void zt_signals_close (int fd)
{
    (void) fd;
}
