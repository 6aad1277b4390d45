/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/home.h"

#include "common/alloc.h"
#include "common/directory.h"
#include "common/name.h"
#include "common/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { S_RANDOM = (ZT_TOKEN_SIZE - 1) / 2 };

/*  "/home/olena/.local/state/ztalk/token: Permission denied", with what is in front. */
static zt_home_result_t s_failed (zt_home_t *self, const char *what, const char *file,
                                  zt_buffer_t *why)
{
    int error = errno;
    zt_buffer_put_format (why, "%s %s%s%s: %s", what, zt_buffer_string (&self->path),
                          *file ? "/" : "", file, strerror (error));
    return ZT_HOME_FAILED;
}

bool zt_home_path (zt_buffer_t *path)
{
    const char *home = getenv ("ZTALK_HOME");
    if (home && *home) {
        zt_buffer_put_string (path, home);
        return true;
    }
    return zt_directory_state (path);
}

zt_home_result_t zt_home_open (zt_home_t *self, const char *path, zt_buffer_t *why)
{
    *self = (zt_home_t){.fd = -1, .lock_fd = -1};
    zt_buffer_put_string (&self->path, path);
    if (!zt_directory_make (path))
        return s_failed (self, _ ("cannot make"), "", why);
    self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return self->fd < 0 ? s_failed (self, _ ("cannot open"), "", why) : ZT_HOME_OK;
}

void zt_home_close (zt_home_t *self)
{
    if (self->lock_fd >= 0)
        close (self->lock_fd);
    if (self->fd >= 0)
        close (self->fd);
    zt_buffer_free (&self->path);
    self->fd = self->lock_fd = -1;
}

static bool s_make_token (zt_buffer_t *text)
{
    bool is_made = zt_secret_put_random (text, S_RANDOM);
    zt_buffer_put_char (text, '\n');
    return is_made;
}

zt_home_result_t zt_home_token (zt_home_t *self, char token[ZT_TOKEN_SIZE], zt_buffer_t *why)
{
    zt_buffer_t text = {NULL, 0, 0};
    if (!zt_secret_load (self->fd, zt_buffer_string (&self->path), "token", s_make_token, &text,
                         why)) {
        zt_buffer_free (&text);
        return ZT_HOME_FAILED;
    }
    if (text.size == ZT_TOKEN_SIZE && text.data[text.size - 1] == '\n')
        text.size--;
    bool whole = text.size == ZT_TOKEN_SIZE - 1 &&
                 strspn (zt_buffer_string (&text), "0123456789abcdef") == text.size;
    if (whole)
        memcpy (token, zt_buffer_string (&text), ZT_TOKEN_SIZE);
    else
        zt_buffer_put_format (why,
                              _ ("%s/token is damaged. Put a copy of it back, or remove it: the "
                                 "names that it owns are lost then"),
                              zt_buffer_string (&self->path));
    zt_buffer_free (&text);
    return whole ? ZT_HOME_OK : ZT_HOME_FAILED;
}

zt_home_result_t zt_home_keys (zt_home_t *self, zt_keys_t *keys, zt_buffer_t *why)
{
    return zt_secret_keys (self->fd, zt_buffer_string (&self->path), "key", keys, why)
               ? ZT_HOME_OK
               : ZT_HOME_FAILED;
}

/*  FNV-1a: endpoints and names may have any length and any letters, a file's
    name may not. */
static uint64_t s_hash (uint64_t hash, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char) data[i]) * UINT64_C (0x100000001b3);
    return (hash ^ 0xFF) * UINT64_C (0x100000001b3); /* 0xFF ends a part: UTF-8 has none */
}

void zt_home_file (char file[ZT_HOME_FILE_SIZE], const char *word, const char *endpoint,
                   const char *name, const char *device)
{
    uint64_t hash = s_hash (UINT64_C (0xcbf29ce484222325), endpoint, strlen (endpoint));
    const char *const parts[] = {name, device};
    for (size_t i = 0; i < 2; i++) {
        zt_folded_t folded;
        zt_name_fold (zt_bytes (parts[i]), &folded);
        hash = s_hash (hash, folded.data, folded.size);
    }
    snprintf (file, ZT_HOME_FILE_SIZE, "%.10s-%016" PRIx64, word, hash);
}

zt_home_result_t zt_home_lock (zt_home_t *self, const char *endpoint, const char *name,
                               const char *device, zt_buffer_t *why)
{
    char file[ZT_HOME_FILE_SIZE];
    zt_home_file (file, "lock", endpoint, name, device);
    int fd = openat (self->fd, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return s_failed (self, _ ("cannot open"), file, why);
    /*  The file stays when we end: removing it would race with the next one. */
    if (flock (fd, LOCK_EX | LOCK_NB) != 0) {
        bool held = errno == EWOULDBLOCK;
        zt_home_result_t result =
            held ? ZT_HOME_HELD : s_failed (self, _ ("cannot lock"), file, why);
        close (fd);
        return result;
    }
    self->lock_fd = fd;
    return ZT_HOME_OK;
}
