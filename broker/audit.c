/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/audit.h"

#include "broker/clock.h"
#include "common/alloc.h"
#include "common/json.h"
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct zt_audit {
    char *path; /* NULL: it is kept nowhere */
    int fd;     /* -1: it is to be opened */
    char wrong[512];
};

static const char *const s_whos[] = {
    [ZT_WHO_CONSOLE] = "console", [ZT_WHO_CONTROL] = "control", [ZT_WHO_SIGNAL] = "signal"};

void zt_who_put (const zt_who_t *self, zt_buffer_t *text)
{
    zt_buffer_put_string (text, s_whos[self->kind]);
    if (self->is_known)
        zt_buffer_put_format (text, ", uid %lu, process %ld", (unsigned long) self->uid,
                              (long) self->pid);
}

zt_audit_t *zt_audit_new (const char *directory)
{
    zt_audit_t *self = zt_alloc (sizeof *self);
    self->fd = -1;
    if (directory) {
        zt_buffer_t path = {NULL, 0, 0};
        zt_buffer_put_format (&path, "%s/audit.log", directory);
        self->path = zt_strndup (path.data, path.size);
        zt_buffer_free (&path);
    }
    return self;
}

void zt_audit_destroy (zt_audit_t **self_p)
{
    zt_audit_t *self = *self_p;
    if (!self)
        return;
    zt_audit_reopen (self);
    free (self->path);
    free (self);
    *self_p = NULL;
}

void zt_audit_reopen (zt_audit_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

static void s_put_deed (zt_buffer_t *line, const zt_deed_t *deed, uint64_t now)
{
    char when[ZT_CLOCK_TEXT];
    zt_buffer_put_format (line, "{\"time\":\"%s\",\"who\":\"%s\"", zt_clock_utc (when, now),
                          s_whos[deed->who.kind]);
    if (deed->who.is_known)
        zt_buffer_put_format (line, ",\"uid\":%lu,\"pid\":%ld", (unsigned long) deed->who.uid,
                              (long) deed->who.pid);
    const struct {
        const char *key;
        zt_bytes_t value;
    } rows[] = {{"command", deed->command},
                {"arguments", deed->arguments},
                {"outcome", zt_bytes (deed->outcome)},
                {"message", deed->message}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].value.size == 0)
            continue;
        zt_buffer_put_format (line, ",\"%s\":", rows[i].key);
        zt_json_put_string (line, rows[i].value);
    }
    zt_buffer_put_string (line, "}\n");
}

/*  True if the file ends amidst a line: a disk that was full, or a machine that went down, has cut
    it. */
static bool s_is_torn (int fd)
{
    struct stat status;
    char last;
    return fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0 &&
           pread (fd, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

const char *zt_audit_write (zt_audit_t *self, const zt_deed_t *deed, uint64_t now)
{
    if (!self->path)
        return NULL;
    zt_buffer_t line = {NULL, 0, 0};
    if (self->fd < 0) { /* as it is after each line that could not be written whole */
        self->fd = open (self->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (self->fd >= 0 && s_is_torn (self->fd))
            zt_buffer_put_char (&line, '\n');
    }
    s_put_deed (&line, deed, now);
    bool done = self->fd >= 0 && zt_secret_write_all (self->fd, zt_buffer_bytes (&line));
    int error = errno;
    zt_buffer_free (&line);
    if (done)
        return NULL;
    snprintf (self->wrong, sizeof self->wrong,
              "%s cannot be written, so that this is not in it: %s", self->path, strerror (error));
    zt_audit_reopen (self);
    return self->wrong;
}
