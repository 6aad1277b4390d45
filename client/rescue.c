/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/rescue.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/*  What ends a program that does not handle it. Those that the shell takes (see
    zt_signals_open) are blocked and never come here. */
static const int s_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGBUS,
                                SIGFPE, SIGILL, SIGSEGV, SIGSYS,  SIGXCPU};

enum { S_COUNT = sizeof s_signals / sizeof s_signals[0] };

/*  Global, because a signal handler gets nothing but its signal. */
static struct {
    volatile sig_atomic_t is_armed;
    bool is_installed;
    int fd;
    struct termios modes;
    char bytes[ZT_RESCUE_BYTES];
    size_t size;
    struct sigaction old[S_COUNT];
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
    for (size_t i = 0; i < S_COUNT; i++)
        if (s_signals[i] == signal)
            sigaction (signal, &s_rescue.old[i], NULL);
    /*  A fault happens again as soon as we return, and then has its usual end, with all
        that is known of it. Anything else is sent again. */
    bool is_fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    if (!is_fault || info->si_code <= 0)
        raise (signal);
    errno = error;
}

static void s_install (void)
{
    struct sigaction action = {.sa_sigaction = s_on_signal, .sa_flags = SA_SIGINFO};
    sigfillset (&action.sa_mask);
    for (size_t i = 0; i < S_COUNT; i++) {
        sigaction (s_signals[i], NULL, &s_rescue.old[i]);
        bool is_ignored = !(s_rescue.old[i].sa_flags & SA_SIGINFO) &&
                          s_rescue.old[i].sa_handler == SIG_IGN; /* nohup, for one */
        if (!is_ignored)
            sigaction (s_signals[i], &action, NULL);
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
