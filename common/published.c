/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/published.h"

#include "common/alloc.h"
#include "common/directory.h"
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*  Where a broker that is a service of the system publishes: systemd makes it, and only
    root can make something else of it. */
static const char s_system[] = "/run/ztalk";

static void s_put_path (zt_buffer_t *path, const char *directory, zt_bytes_t port)
{
    zt_buffer_put_format (path, "%s/broker-%.*s.key", directory, (int) port.size, port.data);
}

/*  Appends where we publish. False, with errno, if there is no such place. */
static bool s_directory (zt_buffer_t *directory)
{
    const char *runtime = getenv ("RUNTIME_DIRECTORY");
    if (runtime && *runtime == '/')
        zt_buffer_put (directory, runtime, strcspn (runtime, ":"));
    else if (!zt_directory_state (directory)) {
        errno = ENOENT;
        return false;
    }
    return zt_directory_make (zt_buffer_string (directory));
}

/*  Makes the file under another name, locked, before it gets its own: whoever opens it finds
    it locked. Returns its descriptor, or -1 with errno. */
static int s_make (const char *path, const char *text)
{
    zt_buffer_t aside = {NULL, 0, 0};
    zt_buffer_put_format (&aside, "%s.", path);
    int fd = -1;
    if (zt_secret_put_random (&aside, 8))
        fd = open (zt_buffer_string (&aside), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_made = fd >= 0 && flock (fd, LOCK_EX) == 0 &&
                   write (fd, text, strlen (text)) == (ssize_t) strlen (text) &&
                   fchmod (fd, 0644) == 0 && rename (zt_buffer_string (&aside), path) == 0;
    int error = errno;
    if (fd >= 0 && !is_made) {
        unlink (zt_buffer_string (&aside));
        close (fd);
        fd = -1;
    }
    zt_buffer_free (&aside);
    errno = error;
    return fd;
}

bool zt_published_open (zt_published_t *self, const char *port, const zt_key_t *key)
{
    zt_buffer_t path = {NULL, 0, 0}, directory = {NULL, 0, 0};
    char text[ZT_KEY_SIZE + 1];
    *self = (zt_published_t){-1, NULL};
    snprintf (text, sizeof text, "%s\n", key ? key->text : "-");
    if (s_directory (&directory)) {
        s_put_path (&path, zt_buffer_string (&directory), zt_bytes (port));
        self->fd = s_make (zt_buffer_string (&path), text);
    }
    if (self->fd >= 0)
        self->path = zt_strndup (path.data, path.size);
    int error = errno;
    zt_buffer_free (&path);
    zt_buffer_free (&directory);
    errno = error;
    return self->fd >= 0;
}

void zt_published_close (zt_published_t *self)
{
    if (!self->path)
        return;
    unlink (self->path);
    close (self->fd);
    free (self->path);
    *self = (zt_published_t){-1, NULL};
}

/*  True if the file is somebody's whom we believe, and a living broker holds its lock. */
static bool s_is_believable (int fd, bool is_system)
{
    struct stat status;
    if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
        return false;
    if (!is_system && status.st_uid != geteuid () && status.st_uid != 0)
        return false;
    return flock (fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

static bool s_read (const char *path, bool is_system, zt_key_t *key)
{
    char text[ZT_KEY_SIZE + 1];
    int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = s_is_believable (fd, is_system) ? read (fd, text, sizeof text) : -1;
    close (fd);
    if (size == 2 && memcmp (text, "-\n", 2) == 0) {
        key->text[0] = '\0';
        return true;
    }
    return size == ZT_KEY_SIZE && text[ZT_KEY_CHARS] == '\n' &&
           zt_key_read ((zt_bytes_t){text, ZT_KEY_CHARS}, key);
}

bool zt_published_find (zt_bytes_t port, zt_key_t *key)
{
    zt_buffer_t own = {NULL, 0, 0}, system = {NULL, 0, 0}, directory = {NULL, 0, 0};
    bool is_found = false;
    if (zt_directory_state (&directory)) {
        s_put_path (&own, zt_buffer_string (&directory), port);
        is_found = s_read (zt_buffer_string (&own), false, key);
    }
    s_put_path (&system, s_system, port);
    is_found = is_found || s_read (zt_buffer_string (&system), true, key);
    zt_buffer_free (&own);
    zt_buffer_free (&system);
    zt_buffer_free (&directory);
    return is_found;
}
