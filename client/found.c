/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/found.h"

#include "common/endpoint.h"
#include "common/json.h"
#include "common/text.h"
#include "common/translate.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const char s_tcp[] = "tcp://";

static zt_found_row_t *s_find (zt_found_t *self, const char *endpoint)
{
    for (size_t i = 0; i < self->n; i++)
        if (strcasecmp (self->rows[i].endpoint, endpoint) == 0)
            return &self->rows[i];
    return NULL;
}

static void s_take (zt_found_row_t *row, const zt_beacon_t *beacon)
{
    row->is_heard = true;
    row->is_encrypted = beacon->is_encrypted;
    row->key_port = beacon->key_port;
    memcpy (row->name, beacon->name.data, beacon->name.size);
    row->name[beacon->name.size] = '\0';
}

/*  What is in the list under another address of this machine; NULL if it is not. */
static zt_found_row_t *s_find_here (zt_found_t *self, const zt_beacon_t *beacon)
{
    char port[8];
    snprintf (port, sizeof port, ":%u", (unsigned) beacon->port);
    for (size_t i = 0; i < self->n; i++)
        if (self->rows[i].is_here && strcmp (strrchr (self->rows[i].endpoint, ':'), port) == 0)
            return &self->rows[i];
    return NULL;
}

static size_t s_count_of (const zt_found_t *self, const char *address)
{
    size_t size = strlen (address), n = 0;
    for (size_t i = 0; i < self->n; i++) {
        const char *host = self->rows[i].endpoint + sizeof s_tcp - 1;
        n += self->rows[i].is_heard && strncmp (host, address, size) == 0 && host[size] == ':';
    }
    return n;
}

void zt_found_hear (zt_found_t *self, const char *address, bool is_here, const zt_beacon_t *beacon)
{
    char endpoint[ZT_FOUND_ENDPOINT];
    snprintf (endpoint, sizeof endpoint, "%s%s:%u", s_tcp, address, (unsigned) beacon->port);
    zt_found_row_t *row = s_find (self, endpoint);
    if (!row && is_here)
        row = s_find_here (self, beacon);
    if (row) {
        if (!row->is_heard)
            s_take (row, beacon);
        return;
    }
    if (self->n_heard == ZT_FOUND_HEARD || s_count_of (self, address) == ZT_FOUND_AN_ADDRESS) {
        self->is_full = true;
        return;
    }
    self->n_heard++;
    row = &self->rows[self->n++];
    *row = (zt_found_row_t){.is_here = is_here};
    memcpy (row->endpoint, endpoint, sizeof endpoint);
    s_take (row, beacon);
}

void zt_found_tell (zt_found_t *self, const char *endpoint, bool is_here, bool is_known)
{
    zt_found_row_t *row = s_find (self, endpoint);
    size_t size = strlen (endpoint);
    if (!row && self->n_told < ZT_FOUND_TOLD && size < ZT_FOUND_ENDPOINT) {
        self->n_told++;
        row = &self->rows[self->n++];
        *row = (zt_found_row_t){.name = ""};
        memcpy (row->endpoint, endpoint, size + 1);
    }
    if (row) {
        row->is_here = row->is_here || is_here;
        row->is_known = row->is_known || is_known;
    }
}

static int s_compare (const void *one_, const void *other_)
{
    const zt_found_row_t *one = one_, *other = other_;
    if (one->is_here != other->is_here)
        return other->is_here - one->is_here;
    if (one->is_known != other->is_known)
        return other->is_known - one->is_known;
    return strcmp (one->endpoint, other->endpoint);
}

void zt_found_sort (zt_found_t *self)
{
    qsort (self->rows, self->n, sizeof self->rows[0], s_compare);
}

/*  ---------------------------------------------------------------------------
    For people */

/*  Appends what is typed to get there: "192.168.1.5:7000 --key-port 7010". That it does not encrypt
    is no reason to type --plain: anybody can claim that of anybody. */
static void s_put_typed (const zt_found_row_t *row, zt_buffer_t *text)
{
    static const char usual[] = ":" ZT_DEFAULT_PORT;
    const char *address = row->endpoint + sizeof s_tcp - 1;
    size_t size = strlen (address), tail = sizeof usual - 1;
    if (size > tail && strcmp (address + size - tail, usual) == 0)
        size -= tail;
    zt_text_clean (text, (zt_bytes_t){address, size}, ZT_TEXT_LINE);
    unsigned long port = strtoul (strrchr (row->endpoint, ':') + 1, NULL, 10);
    if (row->is_heard && row->is_encrypted && row->key_port && row->key_port != port + 1)
        zt_buffer_put_format (text, " --key-port %u", (unsigned) row->key_port);
}

/*  Appends the name, and what is to be known beside it. */
static void s_put_notes (const zt_found_row_t *row, zt_buffer_t *text)
{
    const char *const notes[] = {
        row->is_here ? _ ("this machine") : NULL, row->is_known ? _ ("you have been there") : NULL,
        row->is_heard && !row->is_encrypted ? _ ("says that it does not encrypt") : NULL};
    size_t n = 0;
    zt_text_clean (text, zt_bytes (row->name), ZT_TEXT_LINE);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (notes[i])
            zt_buffer_put_format (text, "%s%s", n++ ? ", " : *row->name ? " (" : "(", notes[i]);
    zt_buffer_put_string (text, n ? ")" : "");
}

void zt_found_put_lines (const zt_found_t *self, bool is_numbered, zt_buffer_t *text)
{
    zt_buffer_t typed = {NULL, 0, 0};
    int width = 0;
    for (size_t i = 0; i < self->n; i++) {
        zt_buffer_clear (&typed);
        s_put_typed (&self->rows[i], &typed);
        if (typed.size < ZT_FOUND_ENDPOINT && (int) typed.size > width)
            width = (int) typed.size;
    }
    for (size_t i = 0; i < self->n; i++) {
        zt_buffer_clear (&typed);
        s_put_typed (&self->rows[i], &typed);
        if (is_numbered)
            zt_buffer_put_format (text, "%4zu  ", i + 1);
        else
            zt_buffer_put_string (text, "    ztalk ");
        zt_buffer_put_format (text, "%-*s  ", width, zt_buffer_string (&typed));
        s_put_notes (&self->rows[i], text);
        zt_buffer_put_char (text, '\n');
    }
    if (self->is_full)
        zt_buffer_put_string (text, _ ("More have answered than are listed here.\n"));
    zt_buffer_free (&typed);
}

/*  ---------------------------------------------------------------------------
    For programs */

static void s_put_bool (zt_buffer_t *text, const char *name, bool value)
{
    zt_buffer_put_format (text, ",\"%s\":%s", name, value ? "true" : "false");
}

void zt_found_put_json (const zt_found_t *self, zt_buffer_t *text)
{
    for (size_t i = 0; i < self->n; i++) {
        const zt_found_row_t *row = &self->rows[i];
        zt_buffer_put_string (text, "{\"type\":\"broker\",\"endpoint\":");
        zt_json_put_string (text, zt_bytes (row->endpoint));
        if (row->is_heard) {
            zt_buffer_put_string (text, ",\"name\":");
            zt_json_put_string (text, zt_bytes (row->name));
            s_put_bool (text, "encrypted", row->is_encrypted);
        }
        if (row->is_heard && row->key_port)
            zt_buffer_put_format (text, ",\"key_port\":%u", (unsigned) row->key_port);
        s_put_bool (text, "known", row->is_known);
        s_put_bool (text, "here", row->is_here);
        zt_buffer_put_string (text, "}\n");
    }
}
