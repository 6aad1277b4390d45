/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/external.h"

#include "common/alloc.h"
#include "common/limits.h"
#include "common/secret.h"
#include "common/translate.h"

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
    bool is_written = fd >= 0 && zt_secret_write_all (fd, text);
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

bool zt_external_start (zt_external_t *self, zt_bytes_t text, zt_buffer_t *why)
{
    *self = (zt_external_t){0, s_make_file (text)};
    if (self->path)
        self->pid = fork ();
    if (self->path && self->pid == 0)
        s_become (self->path);
    if (self->pid > 0)
        return true;
    zt_buffer_put_format (why, _ ("no editor could be started: %s"), strerror (errno));
    self->pid = 0;
    zt_external_clear (self);
    return false;
}

/*  Why an editor that has ended has edited nothing. */
static void s_put_failure (int status, zt_buffer_t *why)
{
    enum { S_NOT_RUN = 126, S_NOT_FOUND = 127 }; /* as a shell tells it */
    const char *editor = s_editor ();
    int code = WIFEXITED (status) ? WEXITSTATUS (status) : 0;
    if (WIFSIGNALED (status))
        zt_buffer_put_format (why, _ ("the editor '%s' was ended by a signal: %s"), editor,
                              strsignal (WTERMSIG (status)));
    else if (code == S_NOT_FOUND)
        zt_buffer_put_format (
            why, _ ("there is no editor '%s'; the variable VISUAL, or EDITOR, names one"), editor);
    else if (code == S_NOT_RUN)
        zt_buffer_put_format (why, _ ("the editor '%s' cannot be run"), editor);
    else
        zt_buffer_put_format (why, _ ("the editor '%s' has failed, with status %d"), editor, code);
    zt_buffer_put_string (why, _ (". What was typed is as it was"));
}

zt_external_result_t zt_external_finish (zt_external_t *self, zt_buffer_t *why)
{
    int status = 0;
    if (self->pid == 0 || waitpid (self->pid, &status, WNOHANG) != self->pid)
        return ZT_EXTERNAL_RUNS;
    self->pid = 0;
    if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
        return ZT_EXTERNAL_EDITED;
    s_put_failure (status, why);
    return ZT_EXTERNAL_FAILED;
}

bool zt_external_read (const zt_external_t *self, zt_buffer_t *text)
{
    enum { S_MOST = ZT_BODY_MAX + 1 };
    int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    size_t before = text->size;
    ssize_t size;
    while ((size = read (fd, zt_buffer_reserve (text, S_MOST), S_MOST)) > 0 &&
           text->size - before < S_MOST)
        text->size += (size_t) size;
    int error = errno;
    close (fd);
    errno = error;
    return size >= 0;
}

void zt_external_clear (zt_external_t *self)
{
    if (self->pid > 0) {
        kill (self->pid, SIGTERM);
        waitpid (self->pid, NULL, 0);
    }
    if (self->path)
        unlink (self->path);
    zt_external_leave (self);
}

void zt_external_leave (zt_external_t *self)
{
    free (self->path);
    *self = (zt_external_t){0, NULL};
}
