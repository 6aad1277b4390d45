/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/bans.h"

#include "common/alloc.h"
#include "common/secret.h"
#include "common/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { S_FILE_MOST = 1 << 20, S_BANS_MOST = 4096 };

typedef struct {
    bool is_key;
    zt_key_t key;
    zt_address_t address;
    unsigned bits; /* of the address that count */
    char line[80];
    char *note;
    zt_buffer_t comment; /* what stands before it in the file, whole lines */
} s_ban_t;

struct zt_bans {
    char *path; /* of the directory; NULL: they are not kept */
    s_ban_t *bans;
    size_t n;
    zt_buffer_t comment; /* what stands behind the last */
    char wrong[512];
};

/*  ---------------------------------------------------------------------------
    What can be banned */

/*  Reads "192.0.2.7", "192.0.2.0/24" and the like. What does not count of it is zero, so that a
    range is the same however it is written. */
static bool s_read_range (zt_bytes_t text, s_ban_t *ban)
{
    const char *slash = text.size ? memchr (text.data, '/', text.size) : NULL;
    zt_bytes_t host = {text.data, slash ? (size_t) (slash - text.data) : text.size};
    if (!zt_address_read (host, &ban->address))
        return false;
    uint64_t most = zt_address_is_ipv4 (&ban->address) ? ZT_ADDRESS_BITS - ZT_ADDRESS_IPV4_BITS
                                                       : ZT_ADDRESS_BITS;
    uint64_t bits = most;
    if (slash &&
        (!zt_u64_read ((zt_bytes_t){slash + 1, text.size - host.size - 1}, &bits) || bits > most))
        return false;
    ban->bits = (unsigned) (bits + (ZT_ADDRESS_BITS - most));
    zt_address_mask (&ban->address, ban->bits);
    return true;
}

static bool s_read_what (zt_bytes_t text, s_ban_t *ban)
{
    *ban = (s_ban_t){.is_key = false};
    ban->is_key = zt_key_read (text, &ban->key);
    if (!ban->is_key && !s_read_range (text, ban))
        return false;
    snprintf (ban->line, sizeof ban->line, "%s %.*s", ban->is_key ? "key" : "address",
              (int) text.size, text.data);
    return true;
}

bool zt_bans_is_address (zt_bytes_t text)
{
    s_ban_t ban = {.is_key = false};
    return s_read_range (text, &ban);
}

bool zt_bans_has_address (const zt_bans_t *self, const zt_address_t *address)
{
    for (size_t i = 0; i < self->n; i++) {
        const s_ban_t *ban = &self->bans[i];
        zt_address_t masked = *address;
        if (ban->is_key)
            continue;
        zt_address_mask (&masked, ban->bits);
        if (memcmp (&masked, &ban->address, sizeof masked) == 0)
            return true;
    }
    return false;
}

bool zt_bans_has (const zt_bans_t *self, const char *address, const zt_key_t *key)
{
    zt_address_t read;
    if (zt_address_read (zt_bytes (address), &read) && zt_bans_has_address (self, &read))
        return true;
    for (size_t i = 0; key && i < self->n; i++)
        if (self->bans[i].is_key && strcmp (key->text, self->bans[i].key.text) == 0)
            return true;
    return false;
}

/*  ---------------------------------------------------------------------------
    The file */

/*  Takes a line: a ban, with a note behind it; or a comment, which stays where it is. */
static bool s_take_line (zt_bans_t *self, zt_bytes_t line)
{
    static const zt_bytes_t kinds[] = {ZT_LITERAL ("key "), ZT_LITERAL ("address ")};
    while (line.size && (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\r'))
        line.size--;
    if (line.size == 0 || line.data[0] == '#') {
        zt_buffer_put_bytes (&self->comment, line);
        zt_buffer_put_char (&self->comment, '\n');
        return true;
    }
    s_ban_t ban;
    for (size_t i = 0; i < 2; i++) {
        size_t size = kinds[i].size;
        if (line.size <= size || memcmp (line.data, kinds[i].data, size) != 0)
            continue;
        zt_bytes_t what = zt_bytes_part (line, size, line.size - size);
        const char *space = memchr (what.data, ' ', what.size);
        zt_bytes_t note = zt_bytes_part (what, what.size, 0);
        if (space) {
            note = zt_bytes_part (what, (size_t) (space - what.data) + 1,
                                  what.size - (size_t) (space - what.data) - 1);
            what.size = (size_t) (space - what.data);
        }
        if (!s_read_what (what, &ban))
            return false;
        ban.note = zt_strndup (note.data, note.size);
        ban.comment = self->comment;
        self->comment = (zt_buffer_t){NULL, 0, 0};
        self->bans = zt_realloc (self->bans, self->n + 1, sizeof *self->bans);
        self->bans[self->n++] = ban;
        return true;
    }
    return false;
}

static bool s_take_file (zt_bans_t *self, zt_bytes_t text, zt_buffer_t *wrong)
{
    unsigned number = 0;
    bool is_right = true;
    while (text.size && is_right) {
        const char *end = memchr (text.data, '\n', text.size);
        size_t size = end ? (size_t) (end - text.data) : text.size;
        number++;
        is_right = s_take_line (self, (zt_bytes_t){text.data, size});
        size_t used = size + (end ? 1 : 0);
        text = (zt_bytes_t){text.data + used, text.size - used};
    }
    if (!is_right)
        zt_buffer_put_format (wrong,
                              "%s/bans:%u: a ban is 'key KEY', 'address ADDRESS' or 'address "
                              "ADDRESS/BITS', and behind it there may be a note",
                              self->path, number);
    return is_right;
}

static bool s_load (zt_bans_t *self, zt_buffer_t *wrong)
{
    zt_buffer_t path = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/bans", self->path);
    FILE *file = fopen (zt_buffer_string (&path), "r");
    bool is_right = file || errno == ENOENT;
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
        is_right = s_take_file (self, zt_buffer_bytes (&text), wrong);
    zt_buffer_free (&path);
    zt_buffer_free (&text);
    return is_right;
}

zt_bans_t *zt_bans_new (const char *directory, zt_buffer_t *wrong)
{
    zt_bans_t *self = zt_alloc (sizeof *self);
    self->path = directory ? zt_strndup (directory, strlen (directory)) : NULL;
    if (directory && !s_load (self, wrong))
        zt_bans_destroy (&self);
    return self;
}

void zt_bans_destroy (zt_bans_t **self_p)
{
    zt_bans_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        free (self->bans[i].note);
        zt_buffer_free (&self->bans[i].comment);
    }
    zt_buffer_free (&self->comment);
    free (self->bans);
    free (self->path);
    free (self);
    *self_p = NULL;
}

bool zt_bans_read_again (zt_bans_t *self, zt_buffer_t *wrong)
{
    zt_bans_t *again = self->path ? zt_bans_new (self->path, wrong) : NULL;
    if (!self->path || !again)
        return !self->path;
    zt_bans_t old = *self;
    self->bans = again->bans;
    self->n = again->n;
    self->comment = again->comment;
    again->bans = old.bans;
    again->n = old.n;
    again->comment = old.comment;
    zt_bans_destroy (&again);
    return true;
}

/*  Writes all of them. NULL, or what is wrong. */
static const char *s_save (zt_bans_t *self)
{
    if (!self->path)
        return NULL;
    zt_buffer_t text = {NULL, 0, 0};
    for (size_t i = 0; i < self->n; i++) {
        const s_ban_t *ban = &self->bans[i];
        zt_buffer_put_bytes (&text, zt_buffer_bytes (&ban->comment));
        zt_buffer_put_format (&text, "%s%s%s\n", ban->line, *ban->note ? " " : "", ban->note);
    }
    zt_buffer_put_bytes (&text, zt_buffer_bytes (&self->comment));
    int fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_saved = fd >= 0 && zt_secret_write (fd, "bans", zt_buffer_bytes (&text), 0600);
    if (!is_saved)
        snprintf (self->wrong, sizeof self->wrong,
                  "%s/bans cannot be written (%s): it is so until the broker ends", self->path,
                  strerror (errno));
    if (fd >= 0)
        close (fd);
    zt_buffer_free (&text);
    return is_saved ? NULL : self->wrong;
}

/*  ---------------------------------------------------------------------------
    Changes */

static const char s_what[] =
    "a ban is of a user, a key, an address, or a range such as 192.0.2.0/24";

/*  The place of the same ban; n if there is none. */
static size_t s_find (const zt_bans_t *self, const s_ban_t *ban)
{
    size_t i = 0;
    while (i < self->n &&
           !(self->bans[i].is_key == ban->is_key && self->bans[i].bits == ban->bits &&
             strcmp (self->bans[i].key.text, ban->key.text) == 0 &&
             memcmp (&self->bans[i].address, &ban->address, sizeof ban->address) == 0))
        i++;
    return i;
}

const char *zt_bans_add (zt_bans_t *self, zt_bytes_t what, const char *note)
{
    s_ban_t ban;
    if (!s_read_what (what, &ban))
        return s_what;
    if (s_find (self, &ban) < self->n)
        return NULL;
    if (self->n == S_BANS_MOST)
        return "there can be no more bans; ban a range of addresses instead of many";
    ban.note = zt_strndup (note, strlen (note));
    ban.comment = self->comment; /* it goes behind all there is */
    self->comment = (zt_buffer_t){NULL, 0, 0};
    self->bans = zt_realloc (self->bans, self->n + 1, sizeof *self->bans);
    self->bans[self->n++] = ban;
    return s_save (self);
}

const char *zt_bans_remove (zt_bans_t *self, zt_bytes_t what, bool *was)
{
    s_ban_t ban;
    *was = false;
    if (!s_read_what (what, &ban))
        return s_what;
    size_t i = s_find (self, &ban);
    if (i == self->n)
        return NULL;
    *was = true;
    free (self->bans[i].note);
    zt_buffer_t *next = i + 1 < self->n ? &self->bans[i + 1].comment : &self->comment;
    zt_buffer_t comment = self->bans[i].comment; /* nobody's words are lost */
    zt_buffer_put_bytes (&comment, zt_buffer_bytes (next));
    zt_buffer_free (next);
    *next = comment;
    memmove (&self->bans[i], &self->bans[i + 1], (--self->n - i) * sizeof *self->bans);
    return s_save (self);
}

bool zt_bans_get (const zt_bans_t *self, size_t i, const char **line, const char **note)
{
    if (i >= self->n)
        return false;
    *line = self->bans[i].line;
    *note = self->bans[i].note;
    return true;
}
