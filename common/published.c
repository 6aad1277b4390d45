/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/published.h"

#include "common/alloc.h"
#include "common/directory.h"
#include "common/endpoint.h"
#include "common/secret.h"

#include <ctype.h>
#include <dirent.h>
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

/*  The host is an address; whatever else it is, it stays a part of a name. */
static void s_put_path (zt_buffer_t *path, const char *directory, zt_bytes_t host, zt_bytes_t port)
{
    zt_buffer_put_format (path, "%s/broker-", directory);
    for (size_t i = 0; i < host.size; i++) {
        bool is_kept = isalnum ((unsigned char) host.data[i]) || strchr (".:", host.data[i]);
        zt_buffer_put_char (path, is_kept ? host.data[i] : '_');
    }
    zt_buffer_put_format (path, "-%.*s.key", (int) port.size, port.data);
}

/*  Appends where we publish, and tells who may read it there. False, with errno, if there is
    no such place. */
static bool s_directory (zt_buffer_t *directory, mode_t *mode)
{
    const char *runtime = getenv ("RUNTIME_DIRECTORY");
    bool is_service = runtime && *runtime == '/';
    *mode = is_service ? 0644 : 0600; /* whoever can read a file can hold its lock */
    if (is_service)
        zt_buffer_put (directory, runtime, strcspn (runtime, ":"));
    else if (!zt_directory_state (directory)) {
        errno = ENOENT;
        return false;
    }
    return zt_directory_make (zt_buffer_string (directory));
}

/*  Makes the file under another name, locked, before it gets its own: whoever opens it finds
    it locked. Returns its descriptor, or -1 with errno. */
static int s_make (const char *path, const char *text, mode_t mode)
{
    zt_buffer_t aside = {NULL, 0, 0};
    zt_buffer_put_format (&aside, "%s.", path);
    int fd = -1;
    if (zt_secret_put_random (&aside, 8))
        fd = open (zt_buffer_string (&aside), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_made = fd >= 0 && flock (fd, LOCK_EX) == 0 &&
                   zt_secret_write_all (fd, zt_bytes (text)) && fchmod (fd, mode) == 0 &&
                   rename (zt_buffer_string (&aside), path) == 0;
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

bool zt_published_open (zt_published_t *self, const char *bound, const zt_key_t *key)
{
    zt_buffer_t path = {NULL, 0, 0}, directory = {NULL, 0, 0};
    zt_bytes_t host, port;
    mode_t mode;
    char text[ZT_KEY_SIZE + 1];
    *self = (zt_published_t){-1, NULL};
    snprintf (text, sizeof text, "%s\n", key ? key->text : "-");
    errno = EINVAL;
    if (zt_endpoint_split (bound, &host, &port) && s_directory (&directory, &mode)) {
        s_put_path (&path, zt_buffer_string (&directory), host, port);
        self->fd = s_make (zt_buffer_string (&path), text, mode);
    }
    int error = errno;
    if (path.size)
        self->path = zt_strndup (path.data, path.size);
    zt_buffer_free (&path);
    zt_buffer_free (&directory);
    errno = error;
    return self->fd >= 0;
}

void zt_published_close (zt_published_t *self)
{
    if (!self->path)
        return;
    if (self->fd >= 0) {
        unlink (self->path);
        close (self->fd);
    }
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

/*  Appends the endpoint that a file of that name is about: the address for all addresses is no
    place to go to. False if it is no such name. */
static bool s_put_endpoint (zt_buffer_t *endpoint, const char *name)
{
    static const char begin[] = "broker-", end[] = ".key";
    size_t size = strlen (name), around = sizeof begin - 1 + sizeof end - 1;
    if (size <= around || strncmp (name, begin, sizeof begin - 1) != 0 ||
        strcmp (name + size - (sizeof end - 1), end) != 0)
        return false;
    zt_bytes_t host = {name + sizeof begin - 1, size - around};
    const char *dash = zt_bytes_last (host, '-');
    if (!dash || memchr (host.data, '_', host.size)) /* what that was is not known any more */
        return false;
    zt_bytes_t port = {dash + 1, host.size - (size_t) (dash + 1 - host.data)};
    host.size = (size_t) (dash - host.data);
    bool is_any =
        zt_bytes_equal (host, zt_bytes ("0.0.0.0")) || zt_bytes_equal (host, zt_bytes ("::"));
    bool is_ipv6 = host.size && memchr (host.data, ':', host.size);
    zt_buffer_t text = {NULL, 0, 0};
    if (is_any)
        host = zt_bytes ("127.0.0.1");
    zt_buffer_put_format (&text, is_ipv6 && !is_any ? "tcp://[%.*s]:%.*s" : "tcp://%.*s:%.*s",
                          (int) host.size, host.data, (int) port.size, port.data);
    const char *wrong = zt_endpoint_parse (zt_buffer_bytes (&text), endpoint, NULL);
    zt_buffer_free (&text);
    return wrong == NULL;
}

static void s_list (const char *directory, bool is_system, zt_buffer_t *endpoints)
{
    DIR *names = opendir (directory);
    const struct dirent *entry;
    zt_buffer_t path = {NULL, 0, 0}, endpoint = {NULL, 0, 0};
    while (names && (entry = readdir (names))) {
        zt_key_t key;
        zt_buffer_clear (&path);
        zt_buffer_clear (&endpoint);
        zt_buffer_put_format (&path, "%s/%s", directory, entry->d_name);
        if (s_put_endpoint (&endpoint, entry->d_name) &&
            s_read (zt_buffer_string (&path), is_system, &key)) {
            zt_buffer_put_bytes (endpoints, zt_buffer_bytes (&endpoint));
            zt_buffer_put_char (endpoints, '\0');
        }
    }
    zt_buffer_free (&path);
    zt_buffer_free (&endpoint);
    if (names)
        closedir (names);
}

void zt_published_list (zt_buffer_t *endpoints)
{
    zt_buffer_t own = {NULL, 0, 0};
    if (zt_directory_state (&own))
        s_list (zt_buffer_string (&own), false, endpoints);
    s_list (s_system, true, endpoints);
    zt_buffer_free (&own);
}

static bool s_find (zt_bytes_t host, zt_bytes_t port, zt_key_t *key)
{
    zt_buffer_t own = {NULL, 0, 0}, system = {NULL, 0, 0}, directory = {NULL, 0, 0};
    bool is_found = false;
    if (zt_directory_state (&directory)) {
        s_put_path (&own, zt_buffer_string (&directory), host, port);
        is_found = s_read (zt_buffer_string (&own), false, key);
    }
    s_put_path (&system, s_system, host, port);
    is_found = is_found || s_read (zt_buffer_string (&system), true, key);
    zt_buffer_free (&own);
    zt_buffer_free (&system);
    zt_buffer_free (&directory);
    return is_found;
}

bool zt_published_find (zt_bytes_t host, zt_bytes_t port, zt_key_t *key)
{
    bool is_ipv6 = memchr (host.data, ':', host.size) != NULL;
    /*  What listens on all addresses of IPv6 takes those of IPv4, too. */
    return s_find (host, port, key) || (!is_ipv6 && s_find (zt_bytes ("0.0.0.0"), port, key)) ||
           s_find (zt_bytes ("::"), port, key);
}
