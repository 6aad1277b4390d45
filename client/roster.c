/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/roster.h"

#include "common/alloc.h"
#include "common/name.h"

#include <stdlib.h>

/*  The place of the first name that is not below the given bytes. */
static size_t s_place (const zt_roster_t *self, const char *name)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp (self->names[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool s_is_at (const zt_roster_t *self, size_t place, const char *name)
{
    return place < self->count && strcmp (self->names[place], name) == 0;
}

bool zt_roster_add (zt_roster_t *self, const char *name)
{
    size_t size = strlen (name);
    if (size == 0 || size > ZT_NAME_BYTES || self->count == ZT_USERS_MAX)
        return false;
    size_t place = s_place (self, name);
    if (s_is_at (self, place, name))
        return false;
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        self->names = zt_realloc (self->names, self->capacity, sizeof *self->names);
    }
    memmove (self->names + place + 1, self->names + place,
             (self->count - place) * sizeof *self->names);
    self->names[place] = zt_strndup (name, size);
    self->count++;
    return true;
}

bool zt_roster_remove (zt_roster_t *self, const char *name)
{
    size_t place = s_place (self, name);
    if (!s_is_at (self, place, name))
        return false;
    free (self->names[place]);
    self->count--;
    memmove (self->names + place, self->names + place + 1,
             (self->count - place) * sizeof *self->names);
    return true;
}

bool zt_roster_has (const zt_roster_t *self, const char *name)
{
    return s_is_at (self, s_place (self, name), name);
}

size_t zt_roster_prefix (const zt_roster_t *self, zt_bytes_t prefix)
{
    char *copy = zt_strndup (prefix.data, prefix.size);
    size_t place = s_place (self, copy);
    bool begins = place < self->count && strncmp (self->names[place], copy, prefix.size) == 0;
    free (copy);
    return begins ? place : self->count;
}

size_t zt_roster_without (const zt_roster_t *self, const zt_roster_t *other, const char **names)
{
    size_t found = 0;
    for (size_t i = 0; i < self->count; i++)
        if (!zt_roster_has (other, self->names[i]))
            names[found++] = self->names[i];
    return found;
}

void zt_roster_clear (zt_roster_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->names[i]);
    free (self->names);
    *self = (zt_roster_t){NULL, 0, 0};
}
