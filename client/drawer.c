/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/drawer.h"

#include "common/clock.h"
#include "common/secret.h"
#include "common/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    S_PAUSE_MS = 1000, /* after a key */
    S_AGAIN_MS = 5000, /* after what could not be written */
    S_READ = 65536,
    S_MOST = 1 << 24, /* more than a person types */
    S_FILE_SIZE = ZT_HOME_FILE_SIZE + 8
};

/*  Says the sentence, and frees it. */
static void s_say (zt_drawer_t *self, zt_buffer_t *sentence)
{
    zt_ui_say (self->ui, zt_buffer_string (sentence), zt_clock_now ());
    zt_buffer_free (sentence);
}

/*  ---------------------------------------------------------------------------
    Reading */

static bool s_read_all (int fd, zt_buffer_t *text)
{
    struct stat status;
    ssize_t size;
    if (fstat (fd, &status) != 0)
        return false;
    if (!S_ISREG (status.st_mode)) {
        errno = EINVAL;
        return false;
    }
    while ((size = read (fd, zt_buffer_reserve (text, S_READ), S_READ)) > 0 && text->size <= S_MOST)
        text->size += (size_t) size;
    if (size > 0)
        errno = EFBIG;
    return size == 0;
}

/*  Appends the file, nothing if there is none; false, with errno, if it cannot be read. */
static bool s_read (const zt_drawer_t *self, zt_buffer_t *text)
{
    /*  A fifo would keep us waiting. */
    int fd = openat (self->directory, self->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT;
    bool is_read = s_read_all (fd, text);
    int error = errno;
    close (fd);
    errno = error;
    return is_read;
}

/*  The next writing must not take the place of what somebody may still make sense of. */
static void s_set_aside (zt_drawer_t *self, const char *reason)
{
    char aside[S_FILE_SIZE];
    snprintf (aside, sizeof aside, "%s.damaged", self->file);
    bool is_aside = renameat (self->directory, self->file, self->directory, aside) == 0;
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_format (&sentence,
                          _ ("not all that was typed and not sent could be brought back: %s: %s"),
                          self->file, reason);
    if (is_aside)
        zt_buffer_put_format (&sentence, _ (". The file is %s now"), aside);
    s_say (self, &sentence);
}

void zt_drawer_begin (zt_drawer_t *self, zt_ui_t *ui, const zt_home_t *home, const char *endpoint,
                      const char *name, const char *device)
{
    zt_buffer_t text = {NULL, 0, 0};
    *self = (zt_drawer_t){.ui = ui, .directory = home->fd, .due = ZT_NEVER};
    zt_home_file (self->file, "drafts", endpoint, name, device);
    if (!s_read (self, &text))
        s_set_aside (self, strerror (errno));
    else if (!zt_ui_take_drafts (ui, zt_buffer_bytes (&text)))
        s_set_aside (self, _ ("it is damaged"));
    else
        zt_buffer_put_bytes (&self->written, zt_buffer_bytes (&text));
    zt_buffer_free (&text);
}

/*  ---------------------------------------------------------------------------
    Writing */

/*  Replaces the file; false, with errno. */
static bool s_replace (const zt_drawer_t *self, zt_bytes_t text)
{
    char aside[S_FILE_SIZE]; /* the lock is ours: so is it */
    snprintf (aside, sizeof aside, "%s.new", self->file);
    int fd = openat (self->directory, aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                     0600);
    if (fd < 0)
        return false;
    bool is_written = zt_secret_write_all (fd, text);
    int error = errno;
    if (close (fd) == 0 && is_written &&
        renameat (self->directory, aside, self->directory, self->file) == 0)
        return true;
    error = is_written ? errno : error;
    unlinkat (self->directory, aside, 0);
    errno = error;
    return false;
}

static bool s_remove (const zt_drawer_t *self)
{
    return unlinkat (self->directory, self->file, 0) == 0 || errno == ENOENT;
}

/*  Brings the file to what is typed; false, with errno. */
static bool s_write (zt_drawer_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_ui_put_drafts (self->ui, &text);
    if (zt_bytes_equal (zt_buffer_bytes (&text), zt_buffer_bytes (&self->written))) {
        zt_buffer_free (&text);
        return true;
    }
    bool is_written = text.size ? s_replace (self, zt_buffer_bytes (&text)) : s_remove (self);
    int error = errno;
    zt_buffer_free (is_written ? &self->written : &text);
    if (is_written)
        self->written = text;
    errno = error;
    return is_written;
}

void zt_drawer_touch (zt_drawer_t *self, int64_t now)
{
    if (!self->ui)
        return;
    /*  A line that has just been sent would be sent again, if we were killed now. */
    bool is_empty = zt_ui_draft (self->ui).size == 0;
    if (self->due == ZT_NEVER || is_empty)
        self->due = is_empty ? now : now + S_PAUSE_MS;
}

void zt_drawer_tick (zt_drawer_t *self, int64_t now)
{
    size_t listed = self->ui ? zt_ui_conversations (self->ui) : self->listed;
    if (listed != self->listed) /* somebody has written: no key has told */
        zt_drawer_touch (self, now);
    self->listed = listed;
    if (!self->ui || now < self->due)
        return;
    self->due = ZT_NEVER;
    if (s_write (self)) {
        self->has_failed = false;
        return;
    }
    self->due = now + S_AGAIN_MS;
    if (self->has_failed)
        return;
    self->has_failed = true;
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_format (
        &sentence, _ ("cannot write %s: %s; what is typed and not sent would not survive the end"),
        self->file, strerror (errno));
    s_say (self, &sentence);
}

int64_t zt_drawer_deadline (const zt_drawer_t *self)
{
    return self->ui ? self->due : ZT_NEVER;
}

void zt_drawer_end (zt_drawer_t *self)
{
    if (self->ui && !s_write (self))
        fprintf (stderr, _ ("ztalk: cannot write %s: %s; what was typed and not sent is lost\n"),
                 self->file, strerror (errno));
    zt_buffer_free (&self->written);
    *self = (zt_drawer_t){.ui = NULL};
}
