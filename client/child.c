/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { S_READ_SIZE = 65536 };

extern char **environ;

static void s_close (int *fd)
{
    if (*fd >= 0)
        close (*fd);
    *fd = -1;
}

/*  Runs it with these descriptors. It gets signals as a program does that a shell has started. */
static int s_spawn (pid_t *pid, const char *const *argv, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset (&none);
    sigemptyset (&usual);
    sigaddset (&usual, SIGPIPE);
    int error = posix_spawn_file_actions_init (&actions);
    if (error)
        return error;
    if ((error = posix_spawnattr_init (&attributes)) == 0) {
        short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        if ((error = posix_spawn_file_actions_adddup2 (&actions, in, STDIN_FILENO)) == 0 &&
            (error = posix_spawn_file_actions_adddup2 (&actions, out, STDOUT_FILENO)) == 0 &&
            (error = posix_spawnattr_setsigmask (&attributes, &none)) == 0 &&
            (error = posix_spawnattr_setsigdefault (&attributes, &usual)) == 0 &&
            (error = posix_spawnattr_setflags (&attributes, flags)) == 0)
            error = posix_spawnp (pid, argv[0], &actions, &attributes,
                                  (char *const *) (uintptr_t) argv, environ);
        posix_spawnattr_destroy (&attributes);
    }
    posix_spawn_file_actions_destroy (&actions);
    return error;
}

/*  A pipe of which no other program gets an end unasked. */
static bool s_pipe (int fds[2])
{
    if (pipe (fds) != 0)
        return false;
    fcntl (fds[0], F_SETFD, FD_CLOEXEC);
    fcntl (fds[1], F_SETFD, FD_CLOEXEC);
    return true;
}

bool zt_child_start (zt_child_t *self, const char *const *argv)
{
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    zt_buffer_clear (&self->to);
    zt_buffer_clear (&self->from);
    self->line = self->unfinished = 0;
    pid_t pid = 0;
    int error = s_pipe (to) && s_pipe (from) ? s_spawn (&pid, argv, to[0], from[1]) : errno;
    s_close (&to[0]);
    s_close (&from[1]);
    if (error) {
        s_close (&to[1]);
        s_close (&from[0]);
        errno = error;
        return false;
    }
    fcntl (to[1], F_SETFL, O_NONBLOCK);
    fcntl (from[0], F_SETFL, O_NONBLOCK);
    self->pid = pid;
    self->in = to[1];
    self->out = from[0];
    return true;
}

void zt_child_write (zt_child_t *self)
{
    while (self->in >= 0 && self->to.size) {
        ssize_t size = write (self->in, self->to.data, self->to.size);
        if (size > 0)
            zt_buffer_consume (&self->to, (size_t) size);
        else if (size < 0 && errno == EAGAIN)
            return;
        else if (size == 0 || errno != EINTR)
            zt_child_close_input (self);
    }
}

void zt_child_close_input (zt_child_t *self)
{
    s_close (&self->in);
    zt_buffer_clear (&self->to);
}

/*  Takes bytes; of a line that is too long the rest is dropped. */
static void s_take (zt_child_t *self, const char *data, size_t size)
{
    while (size) {
        const char *end = memchr (data, '\n', size);
        size_t part = end ? (size_t) (end - data) : size;
        size_t room = ZT_CHILD_LINE_MOST - self->unfinished;
        size_t kept = part < room ? part : room;
        zt_buffer_put (&self->from, data, kept);
        self->unfinished += kept;
        if (end) {
            zt_buffer_put_char (&self->from, '\n');
            self->unfinished = 0;
            part++;
        }
        data += part;
        size -= part;
    }
}

bool zt_child_read (zt_child_t *self)
{
    static char data[S_READ_SIZE];
    ssize_t size = self->out >= 0 ? read (self->out, data, sizeof data) : -1;
    if (size > 0)
        s_take (self, data, (size_t) size);
    else if (size == 0 || (errno != EAGAIN && errno != EINTR))
        s_close (&self->out);
    return size > 0;
}

bool zt_child_line (zt_child_t *self, zt_bytes_t *line)
{
    const char *data = self->from.data;
    const char *end = self->from.size ? memchr (data, '\n', self->from.size) : NULL;
    if (!end && (self->out >= 0 || self->from.size == 0))
        return false;
    size_t size = end ? (size_t) (end - data) : self->from.size;
    self->line = size + (end != NULL);
    *line = (zt_bytes_t){data, size};
    return true;
}

void zt_child_next_line (zt_child_t *self)
{
    zt_buffer_consume (&self->from, self->line);
    self->line = 0;
}

bool zt_child_reap (zt_child_t *self, int *status)
{
    pid_t pid;
    if (!self->pid)
        return false;
    while ((pid = waitpid (self->pid, status, WNOHANG)) < 0 && errno == EINTR)
        continue;
    if (pid == 0)
        return false;
    if (pid < 0) /* somebody else has waited for it */
        *status = 0;
    self->pid = 0;
    return true;
}

void zt_child_end (zt_child_t *self)
{
    if (self->pid) {
        kill (self->pid, SIGKILL);
        while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        self->pid = 0;
    }
    s_close (&self->in);
    s_close (&self->out);
    zt_buffer_free (&self->to);
    zt_buffer_free (&self->from);
}
