/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/rescue.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/*  Any signal that is not here ends a program that does not handle it, those of real time, too, and
    what only some systems have. (SIGKILL and SIGSTOP nobody can handle.) Those that the shell takes
    (see zt_signals_open) are blocked and never come here. */
static const int s_harmless[] = {SIGKILL,  SIGSTOP, SIGCHLD, SIGCONT,
                                 SIGTSTP,  SIGTTIN, SIGTTOU, SIGURG,
#ifdef SIGWINCH
                                 SIGWINCH,
#endif
#ifdef SIGINFO
                                 SIGINFO
#endif
};

enum { S_SIGNALS = 128 }; /* more than there are anywhere */

/*  Global, because a signal handler gets nothing but its signal. */
static struct {
    volatile sig_atomic_t is_armed;
    bool is_installed;
    int fd;
    struct termios modes;
    char bytes[ZT_RESCUE_BYTES];
    size_t size;
    struct sigaction old[S_SIGNALS];
} s_rescue;

/*  Only what is safe in a signal handler. */
static void s_restore (void)
{
    if (!s_rescue.is_armed)
        return;
    s_rescue.is_armed = 0;
    /*  In the background the terminal is somebody else's. */
    pid_t foreground = tcgetpgrp (s_rescue.fd);
    if (foreground > 0 && foreground != getpgrp ())
        return;
    ssize_t written = write (s_rescue.fd, s_rescue.bytes, s_rescue.size);
    if (written != (ssize_t) s_rescue.size) {
        /*  There is no room: what nobody has read of our last frame is in the way. */
        tcflush (s_rescue.fd, TCOFLUSH);
        written = write (s_rescue.fd, s_rescue.bytes, s_rescue.size);
    }
    (void) written;
    tcsetattr (s_rescue.fd, TCSANOW, &s_rescue.modes);
}

static void s_on_signal (int signal, siginfo_t *info, void *context)
{
    (void) context;
    int error = errno;
    s_restore ();
    sigaction (signal, &s_rescue.old[signal], NULL);
    /*  A fault happens again as soon as we return, and then has its usual end, with all
        that is known of it. Anything else is sent again. */
    bool is_fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    if (!is_fault || info->si_code <= 0)
        raise (signal);
    errno = error;
}

static bool s_ends (int signal)
{
    for (size_t i = 0; i < sizeof s_harmless / sizeof s_harmless[0]; i++)
        if (s_harmless[i] == signal)
            return false;
    return true;
}

static void s_install (void)
{
    struct sigaction action = {.sa_sigaction = s_on_signal, .sa_flags = SA_SIGINFO};
    sigfillset (&action.sa_mask);
    /*  Numbers that are none, or are the library's own, it refuses. */
    for (int signal = 1; signal < S_SIGNALS; signal++) {
        struct sigaction *old = &s_rescue.old[signal];
        if (!s_ends (signal) || sigaction (signal, NULL, old) != 0)
            continue;
        bool is_ignored = !(old->sa_flags & SA_SIGINFO) && old->sa_handler == SIG_IGN;
        if (!is_ignored) /* as by nohup, for one */
            sigaction (signal, &action, NULL);
    }
    atexit (s_restore);
    s_rescue.is_installed = true;
}

void zt_rescue_arm (int fd, const struct termios *modes, zt_bytes_t bytes)
{
    assert (bytes.size <= ZT_RESCUE_BYTES);
    s_rescue.is_armed = 0;
    s_rescue.fd = fd;
    s_rescue.modes = *modes;
    memcpy (s_rescue.bytes, bytes.data, bytes.size);
    s_rescue.size = bytes.size;
    if (!s_rescue.is_installed)
        s_install ();
    s_rescue.is_armed = 1;
}

void zt_rescue_disarm (void)
{
    s_restore ();
}
