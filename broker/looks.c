/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/looks.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/tree.h"

#include <search.h>
#include <stdlib.h>

/*  A look, and who was the first to have it. */
typedef struct {
    const char *skeleton; /* skeleton_size bytes, behind the name */
    uint16_t skeleton_size;
    bool is_kept; /* it has lookalikes */
    char name[];  /* as it is shown */
} s_look_t;

/*  A lookalike. */
typedef struct {
    char *name;
    char *folded;
    const char *like; /* the first name of the look, which is kept */
} s_pair_t;

struct zt_looks {
    zt_lookalike_t *lookalike;
    void *looks; /* by their skeletons; a tree of tsearch */
    s_pair_t pairs[ZT_LOOKALIKES_MAX];
    size_t n_pairs;
};

zt_looks_t *zt_looks_new (void)
{
    zt_looks_t *self = zt_alloc (sizeof *self);
    self->lookalike = zt_lookalike_new ();
    return self;
}

void zt_looks_destroy (zt_looks_t **self_p)
{
    zt_looks_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_pairs; i++) {
        free (self->pairs[i].name);
        free (self->pairs[i].folded);
    }
    zt_tree_free (self->looks, free);
    zt_lookalike_destroy (&self->lookalike);
    free (self);
    *self_p = NULL;
}

const char *zt_looks_trouble (const zt_looks_t *self)
{
    return zt_lookalike_trouble (self->lookalike);
}

static int s_by_skeleton (const void *a, const void *b)
{
    const s_look_t *left = a, *right = b;
    if (left->skeleton_size != right->skeleton_size)
        return left->skeleton_size < right->skeleton_size ? -1 : 1;
    return memcmp (left->skeleton, right->skeleton, left->skeleton_size);
}

static s_look_t *s_find (const zt_looks_t *self, const zt_folded_t *skeleton)
{
    s_look_t key = {.skeleton = skeleton->data, .skeleton_size = (uint16_t) skeleton->size};
    void *node = tfind (&key, &self->looks, s_by_skeleton);
    return node ? *(s_look_t **) node : NULL; /* a node begins with the pointer to ours */
}

static void s_add (zt_looks_t *self, zt_bytes_t name, const zt_folded_t *skeleton)
{
    s_look_t *look = zt_alloc (sizeof *look + name.size + 1 + skeleton->size);
    char *behind = look->name + name.size + 1;
    memcpy (look->name, name.data, name.size);
    memcpy (behind, skeleton->data, skeleton->size);
    look->skeleton = behind;
    look->skeleton_size = (uint16_t) skeleton->size;
    if (!tsearch (look, &self->looks, s_by_skeleton))
        abort (); /* out of memory, as in alloc.c */
}

/*  The first names are folded when they have to be compared, rather than kept folded. */
static bool s_is_first (const s_look_t *look, zt_bytes_t folded)
{
    zt_folded_t first;
    zt_name_fold (zt_bytes (look->name), &first);
    return zt_bytes_equal ((zt_bytes_t){first.data, first.size}, folded);
}

/*  The pair of that lookalike, or NULL. */
static const s_pair_t *s_pair (const zt_looks_t *self, zt_bytes_t folded)
{
    for (size_t i = 0; i < self->n_pairs; i++)
        if (zt_bytes_equal (zt_bytes (self->pairs[i].folded), folded))
            return &self->pairs[i];
    return NULL;
}

zt_looks_result_t zt_looks_enter (zt_looks_t *self, zt_bytes_t name, zt_bytes_t folded)
{
    zt_folded_t skeleton;
    zt_lookalike_skeleton (self->lookalike, name, &skeleton);
    s_look_t *look = s_find (self, &skeleton);
    if (!look)
        s_add (self, name, &skeleton);
    if (!look || s_is_first (look, folded))
        return ZT_LOOKS_UNIQUE;
    if (s_pair (self, folded))
        return ZT_LOOKS_KNOWN;
    if (self->n_pairs == ZT_LOOKALIKES_MAX)
        return ZT_LOOKS_FULL;
    self->pairs[self->n_pairs++] = (s_pair_t){zt_strndup (name.data, name.size),
                                              zt_strndup (folded.data, folded.size), look->name};
    look->is_kept = true;
    return ZT_LOOKS_NEWS;
}

void zt_looks_leave (zt_looks_t *self, zt_bytes_t name, zt_bytes_t folded)
{
    zt_folded_t skeleton;
    zt_lookalike_skeleton (self->lookalike, name, &skeleton);
    s_look_t *look = s_find (self, &skeleton);
    if (!look || look->is_kept || !s_is_first (look, folded))
        return;
    tdelete (look, &self->looks, s_by_skeleton);
    free (look);
}

zt_flag_t zt_looks_flag (const zt_looks_t *self, zt_bytes_t name, zt_bytes_t folded)
{
    const s_pair_t *pair = s_pair (self, folded);
    return (zt_flag_t){.like = zt_bytes (pair ? pair->like : NULL),
                       .mixes = zt_lookalike_mixes_scripts (self->lookalike, name)};
}

size_t zt_looks_pairs (const zt_looks_t *self)
{
    return self->n_pairs;
}

void zt_looks_put (const zt_looks_t *self, size_t from, zt_buffer_t *json)
{
    zt_buffer_put_char (json, '{');
    for (size_t i = from; i < self->n_pairs; i++) {
        if (i > from)
            zt_buffer_put_char (json, ',');
        zt_json_put_string (json, zt_bytes (self->pairs[i].name));
        zt_buffer_put_char (json, ':');
        zt_json_put_string (json, zt_bytes (self->pairs[i].like));
    }
    zt_buffer_put_char (json, '}');
}
