/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/reach.h"

#include "client/dial.h"
#include "common/clock.h"
#include "common/system.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { S_TRY_MS = 2000 };

/*  The process that tries: a byte says that it has connected. */
static void s_try (const char *endpoint, int fd)
{
    ssize_t said = zt_dial_is_open (endpoint, S_TRY_MS) ? write (fd, "+", 1) : 0;
    _exit (said == 1 ? 0 : 1);
}

void zt_reach_add (zt_reach_t *self, const char *endpoint)
{
    int ends[2];
    if (self->n == ZT_REACH_MOST || !zt_system_pipe (ends))
        return;
    pid_t pid = fork ();
    if (pid == 0)
        s_try (endpoint, ends[1]);
    close (ends[1]);
    if (pid < 0) {
        close (ends[0]);
        return;
    }
    self->endpoint[self->n] = endpoint;
    self->fd[self->n] = ends[0];
    self->pid[self->n] = pid;
    self->is_reached[self->n++] = false;
}

static void s_end (zt_reach_t *self, size_t i)
{
    close (self->fd[i]);
    self->fd[i] = -1;
    kill (self->pid[i], SIGKILL);
    waitpid (self->pid[i], NULL, 0);
}

bool zt_reach_step (zt_reach_t *self)
{
    bool is_open = false;
    for (size_t i = 0; i < self->n; i++) {
        char byte;
        ssize_t size = self->fd[i] >= 0 ? read (self->fd[i], &byte, 1) : -1;
        if (size >= 0) {
            self->is_reached[i] = size == 1;
            s_end (self, i);
        }
        is_open = is_open || self->fd[i] >= 0;
    }
    return is_open;
}

void zt_reach_close (zt_reach_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        if (self->fd[i] >= 0)
            s_end (self, i);
}
