/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/secret.h"

#include "common/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { S_RANDOM_MOST = 32, S_FILE_MOST = 1024, S_TEMPORARY_SIZE = 64 };

bool zt_secret_put_random (zt_buffer_t *text, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[S_RANDOM_MOST];
    if (size > sizeof bytes) {
        errno = EINVAL;
        return false;
    }
    randombytes_buf (bytes, size);
    for (size_t i = 0; i < size; i++) {
        zt_buffer_put_char (text, digits[bytes[i] >> 4]);
        zt_buffer_put_char (text, digits[bytes[i] & 15]);
    }
    return true;
}

bool zt_secret_write_all (int fd, zt_bytes_t text)
{
    while (text.size) {
        ssize_t size = write (fd, text.data, text.size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return false;
        text = (zt_bytes_t){text.data + size, text.size - (size_t) size};
    }
    return true;
}

static bool s_close (int fd, bool is_well)
{
    int error = errno;
    if (close (fd) != 0)
        return false;
    errno = error;
    return is_well;
}

/*  Writes a file of another name beside it, which is told. */
static bool s_write_aside (int fd, const char *file, zt_bytes_t text, unsigned mode,
                           char aside[S_TEMPORARY_SIZE])
{
    zt_buffer_t suffix = {NULL, 0, 0};
    bool is_made = zt_secret_put_random (&suffix, 8);
    snprintf (aside, S_TEMPORARY_SIZE, "%.40s.%s", file, zt_buffer_string (&suffix));
    zt_buffer_free (&suffix);
    int own = is_made ? openat (fd, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (own < 0)
        return false;
    bool is_written =
        zt_secret_write_all (own, text) && fchmod (own, (mode_t) mode) == 0 && fsync (own) == 0;
    if (s_close (own, is_written))
        return true;
    int error = errno;
    unlinkat (fd, aside, 0);
    errno = error;
    return false;
}

bool zt_secret_write (int fd, const char *file, zt_bytes_t text, unsigned mode)
{
    char aside[S_TEMPORARY_SIZE];
    if (!s_write_aside (fd, file, text, mode, aside))
        return false;
    if (renameat (fd, aside, fd, file) == 0)
        return fsync (fd) == 0;
    int error = errno;
    unlinkat (fd, aside, 0);
    errno = error;
    return false;
}

/*  Makes the file, unless somebody else was faster: then theirs stays. */
static bool s_make (int fd, const char *file, zt_secret_make_fn *make)
{
    char aside[S_TEMPORARY_SIZE];
    zt_buffer_t text = {NULL, 0, 0};
    bool is_made = make (&text) && s_write_aside (fd, file, zt_buffer_bytes (&text), 0600, aside);
    if (text.size)
        sodium_memzero (text.data, text.size);
    zt_buffer_free (&text);
    if (!is_made)
        return false;
    bool is_linked = linkat (fd, aside, fd, file, 0) == 0 || errno == EEXIST;
    int error = errno;
    unlinkat (fd, aside, 0);
    errno = error;
    return is_linked && fsync (fd) == 0;
}

static bool s_failed (const char *what, const char *path, const char *file, const char *reason,
                      zt_buffer_t *why)
{
    zt_buffer_put_format (why, "%s%s%s/%s: %s", what, *what ? " " : "", path, file, reason);
    return false;
}

/*  Why what is in the file may be known to others; NULL if it is ours alone. */
static const char *s_not_ours (int fd)
{
    struct stat status;
    if (fstat (fd, &status) != 0)
        return strerror (errno);
    if (!S_ISREG (status.st_mode))
        return _ ("it is no file, and a secret is kept in one: remove it");
    if (status.st_uid != geteuid () && status.st_uid != 0)
        return _ ("it belongs to somebody else, who knows the secret in it: take it over with "
                  "'chown', if you trust them; else remove it");
    if (status.st_mode & 077)
        return _ ("others can read it. It holds a secret: take their rights away with "
                  "'chmod 600', if you trust them; else remove it");
    return NULL;
}

bool zt_secret_load (int fd, const char *path, const char *file, zt_secret_make_fn *make,
                     zt_buffer_t *text, zt_buffer_t *why)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; /* a fifo would keep us waiting */
    int own = openat (fd, file, flags);
    if (own < 0 && errno == ENOENT) {
        if (!s_make (fd, file, make))
            return s_failed (_ ("cannot write"), path, file, strerror (errno), why);
        own = openat (fd, file, flags);
    }
    if (own < 0)
        return s_failed (_ ("cannot read"), path, file, strerror (errno), why);
    ssize_t size = -1;
    const char *not_ours = s_not_ours (own);
    if (!not_ours && (size = read (own, zt_buffer_reserve (text, S_FILE_MOST), S_FILE_MOST)) > 0)
        text->size += (size_t) size;
    int error = errno;
    close (own);
    if (not_ours)
        return s_failed ("", path, file, not_ours, why);
    return size >= 0 || s_failed (_ ("cannot read"), path, file, strerror (error), why);
}

/*  ---------------------------------------------------------------------------
    Keys */

static bool s_make_keys (zt_buffer_t *text)
{
    char public[ZT_KEY_SIZE], secret[ZT_KEY_SIZE];
    if (zmq_curve_keypair (public, secret) != 0)
        return false;
    zt_buffer_put_format (text, "public %s\nsecret %s\n", public, secret);
    sodium_memzero (secret, sizeof secret);
    return true;
}

/*  Do the two belong together? */
static bool s_are_pair (const zt_keys_t *keys)
{
    char public[ZT_KEY_SIZE];
    return zmq_curve_public (public, keys->secret) == 0 && strcmp (public, keys->public.text) == 0;
}

static bool s_read_keys (const char *text, zt_keys_t *keys)
{
    char public[ZT_KEY_SIZE], secret[ZT_KEY_SIZE];
    zt_key_t checked;
    if (sscanf (text, "public %40s secret %40s", public, secret) != 2 ||
        !zt_key_read (zt_bytes (secret), &checked) ||
        !zt_key_read (zt_bytes (public), &keys->public))
        return false;
    memcpy (keys->secret, secret, sizeof secret);
    return s_are_pair (keys);
}

bool zt_secret_keys (int fd, const char *path, const char *file, zt_keys_t *keys, zt_buffer_t *why)
{
    zt_buffer_t text = {NULL, 0, 0};
    bool is_read = zt_secret_load (fd, path, file, s_make_keys, &text, why);
    bool is_right = is_read && s_read_keys (zt_buffer_string (&text), keys);
    if (is_read && !is_right)
        s_failed ("", path, file,
                  _ ("this is no pair of keys. Put a copy of it back, or remove it: a new one is "
                     "made then, which nobody knows yet"),
                  why);
    if (text.size)
        sodium_memzero (text.data, text.size);
    zt_buffer_free (&text);
    return is_right;
}
