/*  SPDX-License-Identifier: MPL-2.0

    zt_people - who is online, as people read it

    Names in the order of zt_collation, each with what is told of it. The core's roster has the
    names as the broker compares them; this one is for eyes. */

#ifndef ZT_CLIENT_PEOPLE_H
#define ZT_CLIENT_PEOPLE_H

#include "client/collation.h"
#include "client/item.h"

typedef struct {
    char *block; /* the key, the name and the flag, one behind the other; owned; NULL: has left */
    uint16_t key_size, name_size, flag_size;
} zt_person_t;

/*  Zeroed memory is an empty list. */
typedef struct {
    zt_person_t *rows; /* sorted by their keys; owned */
    size_t count;
    size_t capacity;
} zt_people_t;

/*  Adds the names of an item, without those that are empty when they are clean. A name that is
    there already is written anew. */
void zt_people_add (zt_people_t *self, const zt_collation_t *collation, const zt_item_t *item);

/*  Removes the names of an item. */
void zt_people_remove (zt_people_t *self, const zt_collation_t *collation, const zt_item_t *item);

/*  The index of a name, which is compared by its fold. False if it is not there. */
bool zt_people_find (const zt_people_t *self, const zt_collation_t *collation, zt_bytes_t name,
                     size_t *i);

/*  The name at an index below count, and what is told of it; until the list changes. */
zt_bytes_t zt_people_name (const zt_people_t *self, size_t i);
zt_bytes_t zt_people_flag (const zt_people_t *self, size_t i);

/*  Frees the names. */
void zt_people_clear (zt_people_t *self);

#endif
