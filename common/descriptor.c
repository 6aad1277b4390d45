/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/descriptor.h"

#include "common/system.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool zt_descriptor_fill_standard (void)
{
    int fd;
    /*  What fills a gap is kept over exec, as the three are. The lowest that is free is taken; what
        is written to a stdout that was closed is not to seem written. */
    do {
        bool is_stdout = fcntl (STDIN_FILENO, F_GETFD) >= 0 && fcntl (STDOUT_FILENO, F_GETFD) < 0;
        fd = open ("/dev/null", is_stdout ? O_RDONLY : O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close (fd) == 0;
}

bool zt_descriptor_is_mute (int fd)
{
    int flags = fcntl (fd, F_GETFL);
    return flags < 0 || (flags & O_ACCMODE) == O_RDONLY;
}

/*  A terminal that is stopped polls writable with room for a byte and then waits for
    the rest, so it is opened anew without blocking: to set that on the one we have
    would set it for every program that shares it. A pipe takes what it polls for. */
int zt_descriptor_for_output (int fd)
{
    if (!isatty (fd))
        return fd;
    int own = zt_system_reopen (fd, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    return own >= 0 ? own : fd;
}
