/*  SPDX-License-Identifier: MPL-2.0

    A copy of the log, from outside the broker. */

#include "broker/store_files.h"
#include "broker/store_log.h"
#include "broker/store_sqlite.h"
#include "common/alloc.h"
#include "common/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool s_say (char *wrong, size_t wrong_size, const char *what)
{
    snprintf (wrong, wrong_size, "%s: %s", what, strerror (errno));
    return false;
}

/*  Syncs a file, or a directory's list of files. */
static bool s_sync (const char *path)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && fsync (fd) == 0;
    if (fd >= 0)
        close (fd);
    return done;
}

static bool s_sync_directory_of (const char *file)
{
    char *path = zt_strndup (file, strlen (file));
    bool done = s_sync (dirname (path));
    free (path);
    return done;
}

/*  Copies the log into the empty file, and checks the copy. */
static bool s_copy (const char *log_path, const char *to, char *wrong, size_t wrong_size)
{
    zt_store_log_t *log = zt_store_log_open_copier (log_path, wrong, wrong_size);
    if (!log)
        return false;
    bool done = zt_store_log_copy (log, to);
    if (!done)
        snprintf (wrong, wrong_size, "%s", zt_store_log_wrong (log));
    zt_store_log_close (&log);
    if (!done || !(log = zt_store_log_open_copier (to, wrong, wrong_size)))
        return false;
    done = zt_store_log_check (log, NULL, NULL, wrong, wrong_size);
    zt_store_log_close (&log);
    return done;
}

/*  Gives the copy its name, unless something has it by now. Not every file system can tell: some
    have no second name for a file. */
static bool s_name (const char *from, const char *to)
{
    if (link (from, to) == 0)
        return unlink (from) == 0;
    return (errno == EPERM || errno == ENOTSUP || errno == ENOSYS) && rename (from, to) == 0;
}

static bool s_exists (const char *path)
{
    struct stat file; /* a link that leads nowhere is there, too */
    return lstat (path, &file) == 0;
}

bool zt_store_sqlite_backup (const char *dir, const char *file, char *wrong, size_t wrong_size)
{
    if (s_exists (file)) {
        snprintf (wrong, wrong_size, "%s exists: a backup overwrites nothing, give it another name",
                  file);
        return false;
    }
    /*  What ends us is to find nothing half done: see zt_store_log_copy. */
    sigset_t ends;
    sigemptyset (&ends);
    sigaddset (&ends, SIGINT);
    sigaddset (&ends, SIGTERM);
    pthread_sigmask (SIG_BLOCK, &ends, NULL);
    char *log_path = zt_store_files_path (dir, "log.db");
    if (!s_exists (log_path)) {
        snprintf (wrong, wrong_size, "nothing is kept in %s: %s", dir, strerror (errno));
        free (log_path);
        return false;
    }
    zt_buffer_t name = {NULL, 0, 0};
    zt_buffer_put_format (&name, "%s.XXXXXX", file);
    zt_buffer_put_char (&name, '\0');
    int fd = mkstemp (name.data); /* 0600 */
    bool done = fd >= 0;
    if (done) {
        close (fd);
        done = s_copy (log_path, name.data, wrong, wrong_size);
    } else
        s_say (wrong, wrong_size, file);
    if (done && !(s_sync (name.data) && s_name (name.data, file) && s_sync_directory_of (file)))
        done = s_say (wrong, wrong_size, file);
    if (!done && fd >= 0)
        zt_store_files_remove (name.data);
    zt_buffer_free (&name);
    free (log_path);
    return done;
}
