/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/journal.h"

#include "common/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    S_ENOUGH = 65536,
    S_MOST = 1 << 28, /* no core writes so much */
    S_READ = 65536
};

/*  It may grow to some times what it must have, so that replacing costs little. */
static void s_set_enough (zt_journal_t *self, size_t least)
{
    self->enough = S_ENOUGH + 4 * least;
}

static bool s_read (zt_journal_t *self, zt_buffer_t *content)
{
    size_t before = content->size;
    for (;;) {
        ssize_t size = read (self->fd, zt_buffer_reserve (content, S_READ), S_READ);
        if (size < 0 && errno == EINTR)
            continue;
        if (size > 0 && content->size - before > S_MOST) {
            errno = EFBIG;
            return false;
        }
        if (size < 0)
            return false;
        if (size == 0)
            break;
        content->size += (size_t) size;
    }
    self->size = content->size - before;
    return true;
}

bool zt_journal_open (zt_journal_t *self, const zt_home_t *home, const char *endpoint,
                      const char *name, const char *device, zt_buffer_t *content, zt_buffer_t *why)
{
    *self = (zt_journal_t){.directory = home->fd, .fd = -1};
    s_set_enough (self, 0);
    zt_home_file (self->file, "journal", endpoint, name, device);
    self->fd = openat (home->fd, self->file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->fd >= 0 && s_read (self, content))
        return true;
    zt_buffer_put_format (why, _ ("cannot read %.*s/%s: %s"), (int) home->path.size,
                          home->path.data, self->file, strerror (errno));
    return false;
}

bool zt_journal_cut (zt_journal_t *self, size_t size)
{
    self->size = size;
    self->last_ack = 0;
    return ftruncate (self->fd, (off_t) size) == 0;
}

/*  Writes all of it at the place. */
static bool s_write (int fd, zt_bytes_t bytes, size_t place)
{
    while (bytes.size) {
        ssize_t size = pwrite (fd, bytes.data, bytes.size, (off_t) place);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return false;
        place += (size_t) size;
        bytes = (zt_bytes_t){bytes.data + size, bytes.size - (size_t) size};
    }
    return true;
}

/*  Is it nothing but what was seen? */
static bool s_is_ack (zt_bytes_t records)
{
    return records.size > 4 && memcmp (records.data, "ACK ", 4) == 0 &&
           memchr (records.data, '\n', records.size) == records.data + records.size - 1;
}

/*  Can a kill find it half written? What lies in two pages of memory it can. */
static bool s_is_in_one_page (size_t place, size_t size)
{
    enum { S_PAGE = 4096 };
    return place / S_PAGE == (place + size - 1) / S_PAGE;
}

/*  Behind a reader that is slow, but never stands still, what was seen changes with each
    piece that it takes: the newest takes the place of the one before, if it is as long and
    a kill leaves one of the two. */
bool zt_journal_append (zt_journal_t *self, zt_bytes_t records)
{
    bool is_ack = s_is_ack (records);
    size_t place = self->size;
    if (is_ack && self->last_ack == records.size &&
        s_is_in_one_page (place - records.size, records.size))
        place -= records.size;
    if (!s_write (self->fd, records, place))
        return false;
    self->size = place + records.size;
    self->last_ack = is_ack ? records.size : 0;
    return true;
}

bool zt_journal_replace (zt_journal_t *self, zt_bytes_t content)
{
    char temporary[ZT_HOME_FILE_SIZE + 4];
    snprintf (temporary, sizeof temporary, "%s.new", self->file); /* the lock is ours: so is it */
    int fd = openat (self->directory, temporary,
                     O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    if (!s_write (fd, content, 0) || fsync (fd) != 0 ||
        renameat (self->directory, temporary, self->directory, self->file) != 0) {
        int error = errno;
        close (fd);
        unlinkat (self->directory, temporary, 0);
        errno = error;
        return false;
    }
    /*  A power cut that undoes the rename leaves the old one, which tells the same. */
    close (self->fd);
    self->fd = fd;
    self->size = content.size;
    self->last_ack = 0;
    s_set_enough (self, content.size);
    return true;
}

bool zt_journal_is_long (const zt_journal_t *self)
{
    return self->size > self->enough;
}

void zt_journal_close (zt_journal_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}
