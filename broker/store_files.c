/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_files.h"

#include "common/alloc.h"
#include "common/buffer.h"
#include "common/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool zt_store_files_make (const char *dir, char *wrong, size_t wrong_size)
{
    bool done = zt_directory_make (dir);
    if (!done)
        snprintf (wrong, wrong_size, "the directory %s cannot be made: %s", dir, strerror (errno));
    return done;
}

char *zt_store_files_path (const char *dir, const char *name)
{
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/%s", dir, name);
    zt_buffer_put_char (&path, '\0');
    return path.data;
}

int zt_store_files_lock (const char *dir, char *wrong, size_t wrong_size)
{
    char *path = zt_store_files_path (dir, "lock");
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    int lock = fd < 0 ? -1 : flock (fd, LOCK_EX | LOCK_NB);
    char text[32] = "";
    if (fd < 0)
        snprintf (wrong, wrong_size, "%s cannot be opened: %s", path, strerror (errno));
    else if (lock < 0 && errno == EWOULDBLOCK) {
        ssize_t size = pread (fd, text, sizeof text - 1, 0);
        long process = size > 0 ? strtol (text, NULL, 10) : 0;
        snprintf (wrong, wrong_size,
                  "another broker uses %s (process %ld): end that one, or give this one another"
                  " directory",
                  dir, process);
    } else if (lock < 0)
        snprintf (wrong, wrong_size, "%s cannot be locked: %s", path, strerror (errno));
    free (path);
    if (lock == 0) { /* for the sentence above, and for people: who cannot read it knows less */
        int size = snprintf (text, sizeof text, "%ld\n", (long) getpid ());
        if (ftruncate (fd, 0) < 0 || pwrite (fd, text, (size_t) size, 0) < 0)
            errno = 0;
        return fd;
    }
    if (fd >= 0)
        close (fd);
    return -1;
}

void zt_store_files_remove (const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        zt_buffer_t name = {NULL, 0, 0};
        zt_buffer_put_format (&name, "%s%s", path, endings[i]);
        unlink (zt_buffer_string (&name));
        zt_buffer_free (&name);
    }
}
