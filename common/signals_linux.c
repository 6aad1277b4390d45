/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static bool s_is_ignored (int number)
{
    struct sigaction old;
    return number != SIGCHLD && sigaction (number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

int zt_signals_open (const int *numbers, size_t n)
{
    sigset_t set;
    sigemptyset (&set);
    for (size_t i = 0; i < n; i++)
        if (!s_is_ignored (numbers[i])) /* blocked, it would come nevertheless */
            sigaddset (&set, numbers[i]);
    if (sigprocmask (SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool zt_signals_take (int fd, zt_signal_t *signal)
{
    struct signalfd_siginfo info;
    if (read (fd, &info, sizeof info) != (ssize_t) sizeof info)
        return false;
    *signal = (zt_signal_t){(int) info.ssi_signo, info.ssi_code == SI_KERNEL, info.ssi_pid > 0,
                            (pid_t) info.ssi_pid, info.ssi_uid};
    return true;
}

void zt_signals_close (int fd)
{
    if (fd >= 0)
        close (fd);
}
