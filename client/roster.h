/*  SPDX-License-Identifier: MPL-2.0

    zt_roster - who is online

    Sorted names: a lookup is a binary search, and what a reconnect changed is
    found in one pass over the old list and the new one. */

#ifndef ZT_CLIENT_ROSTER_H
#define ZT_CLIENT_ROSTER_H

#include "common/bytes.h"

/*  Zeroed memory is an empty roster. */
typedef struct {
    char **names; /* sorted by their bytes; owned */
    size_t count;
    size_t capacity;
} zt_roster_t;

/*  Adds a name; false if it is there already, cannot be a name by its length,
    or there are USERS_MAX names. */
bool zt_roster_add (zt_roster_t *self, const char *name);

/*  Removes a name; false if it is not there. */
bool zt_roster_remove (zt_roster_t *self, const char *name);

/*  True if the name is there. */
bool zt_roster_has (const zt_roster_t *self, const char *name);

/*  The first name that begins with the prefix, or count; those that follow in
    the list and begin with it, too, are the others. */
size_t zt_roster_prefix (const zt_roster_t *self, zt_bytes_t prefix);

/*  Fills names, which has room for self->count, with those of self that are not
    in other; returns how many. They are self's. */
size_t zt_roster_without (const zt_roster_t *self, const zt_roster_t *other, const char **names);

/*  Frees the names. */
void zt_roster_clear (zt_roster_t *self);

#endif
