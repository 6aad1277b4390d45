/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/mutes_file.h"

#include "broker/clock.h"
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { S_FILE_MOST = 1 << 20 };

static const zt_bytes_t s_for_ever = ZT_LITERAL ("forever");

/*  NULL, or what is wrong with the line. One that is over says what a name is as any other. */
static const char *s_take_line (zt_mutes_t *self, zt_bytes_t line, uint64_t now)
{
    static const char form[] =
        "a mute is 'forever NAME', or a time such as 2026-11-22T14:03:09Z and a name";
    while (line.size && (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\r'))
        line.size--;
    if (line.size == 0 || line.data[0] == '#')
        return NULL;
    const char *space = memchr (line.data, ' ', line.size);
    if (!space)
        return form;
    zt_bytes_t when = {line.data, (size_t) (space - line.data)};
    zt_bytes_t name = zt_bytes_part (line, when.size + 1, line.size - when.size - 1);
    uint64_t until = ZT_MUTED_FOR_EVER;
    if (!zt_bytes_equal (when, s_for_ever) && !zt_clock_read_utc (when, &until))
        return form;
    const char *wrong = zt_mutes_add (self, name, until, now);
    if (!wrong && until <= now)
        zt_mutes_remove (self, name);
    return wrong;
}

static bool s_take (zt_mutes_t *self, zt_bytes_t text, uint64_t now, const char *path,
                    zt_buffer_t *wrong)
{
    for (unsigned number = 1; text.size; number++) {
        const char *end = memchr (text.data, '\n', text.size);
        size_t size = end ? (size_t) (end - text.data) : text.size;
        const char *why = s_take_line (self, zt_bytes_part (text, 0, size), now);
        if (why) {
            zt_buffer_put_format (wrong, "%s:%u: %s", path, number, why);
            return false;
        }
        size += end ? 1 : 0;
        text = zt_bytes_part (text, size, text.size - size);
    }
    return true;
}

zt_mutes_t *zt_mutes_load (const char *directory, uint64_t now, zt_buffer_t *wrong)
{
    zt_mutes_t *self = zt_mutes_new ();
    zt_buffer_t path = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/mutes", directory ? directory : "");
    FILE *file = directory ? fopen (zt_buffer_string (&path), "r") : NULL;
    bool is_right = !directory || file || errno == ENOENT;
    int error = errno;
    if (file) {
        text.size = fread (zt_buffer_reserve (&text, S_FILE_MOST), 1, S_FILE_MOST, file);
        is_right = !ferror (file) && text.size < S_FILE_MOST;
        error = ferror (file) ? errno : EFBIG;
        fclose (file);
    }
    if (!is_right)
        zt_buffer_put_format (wrong, "%s: %s", zt_buffer_string (&path), strerror (error));
    else
        is_right = s_take (self, zt_buffer_bytes (&text), now, zt_buffer_string (&path), wrong);
    if (!is_right)
        zt_mutes_destroy (&self);
    zt_buffer_free (&path);
    zt_buffer_free (&text);
    return self;
}

bool zt_mutes_save (const zt_mutes_t *self, const char *directory, uint64_t now, zt_buffer_t *wrong)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_bytes_t name;
    uint64_t until;
    if (!directory)
        return true;
    for (size_t i = 0; zt_mutes_get (self, i, &name, &until); i++) {
        char when[ZT_CLOCK_TEXT];
        if (until <= now)
            continue;
        zt_buffer_put_format (&text, "%s %.*s\n",
                              until == ZT_MUTED_FOR_EVER ? s_for_ever.data
                                                         : zt_clock_utc (when, until),
                              (int) name.size, name.data);
    }
    int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_saved = fd >= 0 && zt_secret_write (fd, "mutes", zt_buffer_bytes (&text), 0600);
    if (!is_saved)
        zt_buffer_put_format (wrong,
                              "%s/mutes cannot be written (%s): it is so until the broker "
                              "ends",
                              directory, strerror (errno));
    if (fd >= 0)
        close (fd);
    zt_buffer_free (&text);
    return is_saved;
}
