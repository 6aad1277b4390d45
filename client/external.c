/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/external.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/*  A file for us alone, with the text in it. NULL with errno if it cannot be made. */
static char *s_make_file (zt_bytes_t text)
{
    const char *directory = getenv ("TMPDIR");
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/ztalk-XXXXXX", directory && *directory ? directory : "/tmp");
    char *name = zt_strndup (path.data, path.size);
    zt_buffer_free (&path);
    int fd = mkstemp (name);
    bool is_written = fd >= 0 && write (fd, text.data, text.size) == (ssize_t) text.size;
    int error = errno;
    if (fd >= 0)
        close (fd);
    if (fd >= 0 && !is_written)
        unlink (name);
    if (!is_written) {
        free (name);
        name = NULL;
    }
    errno = error;
    return name;
}

static const char *s_editor (void)
{
    const char *visual = getenv ("VISUAL"), *editor = getenv ("EDITOR");
    return visual && *visual ? visual : editor && *editor ? editor : "vi";
}

/*  The child: it gets the terminal, and the signals that we have blocked. The shell takes an
    editor with arguments apart. */
static void s_become (const char *path)
{
    sigset_t none;
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL);
    signal (SIGPIPE, SIG_DFL);
    signal (SIGXFSZ, SIG_DFL);
    zt_buffer_t command = {NULL, 0, 0};
    zt_buffer_put_format (&command, "exec %s \"$1\"", s_editor ());
    execl ("/bin/sh", "sh", "-c", zt_buffer_string (&command), "ztalk", path, (char *) NULL);
    _exit (127);
}

bool zt_external_start (zt_external_t *self, zt_bytes_t text)
{
    *self = (zt_external_t){0, s_make_file (text)};
    if (!self->path)
        return false;
    self->pid = fork ();
    if (self->pid == 0)
        s_become (self->path);
    if (self->pid > 0)
        return true;
    int error = errno;
    self->pid = 0;
    zt_external_clear (self);
    errno = error;
    return false;
}

static bool s_read (const char *path, zt_buffer_t *text)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    zt_buffer_clear (text);
    ssize_t size = read (fd, zt_buffer_reserve (text, ZT_BODY_MAX), ZT_BODY_MAX);
    close (fd);
    if (size > 0)
        text->size += (size_t) size;
    return size >= 0;
}

bool zt_external_finish (zt_external_t *self, zt_buffer_t *text, bool *is_edited)
{
    int status = 0;
    if (self->pid == 0 || waitpid (self->pid, &status, WNOHANG) != self->pid)
        return false;
    self->pid = 0;
    *is_edited = WIFEXITED (status) && WEXITSTATUS (status) == 0 && s_read (self->path, text);
    zt_external_clear (self);
    return true;
}

void zt_external_clear (zt_external_t *self)
{
    if (self->pid > 0) {
        kill (self->pid, SIGTERM);
        waitpid (self->pid, NULL, 0);
    }
    if (self->path)
        unlink (self->path);
    free (self->path);
    *self = (zt_external_t){0, NULL};
}
