/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/tree.h"

#include <assert.h>
#include <search.h>
#include <stddef.h>

/*  twalk hands nothing on to what it calls. A thread is in one walk at a time. */
static _Thread_local struct {
    zt_tree_fn *fn;
    void *self;
} s_walk;

static void s_visit (const void *node, VISIT visit, int depth)
{
    (void) depth;
    if (visit == postorder || visit == leaf) /* POSIX's name for being between the two branches */
        s_walk.fn (s_walk.self, *(void *const *) node);
}

void zt_tree_each (const void *tree, zt_tree_fn *fn, void *self)
{
    assert (!s_walk.fn); /* fn goes through no other */
    s_walk.fn = fn;
    s_walk.self = self;
    twalk (tree, s_visit);
    s_walk.fn = NULL;
}

static int s_is_root (const void *one, const void *other)
{
    (void) one;
    (void) other;
    return 0;
}

/*  The first item that tdelete compares with is that of the root. */
void zt_tree_free (void *tree, void (*fn) (void *item))
{
    while (tree) {
        void *item = *(void **) tree;
        tdelete (item, &tree, s_is_root);
        if (fn)
            fn (item);
    }
}
