/*  SPDX-License-Identifier: MPL-2.0

    zt_tree - what a tree of tsearch(3) needs beside what POSIX has

    To go through one with something at hand, and to free one, are functions of GNU's alone. */

#ifndef ZT_TREE_H
#define ZT_TREE_H

/*  What is done with each item of a tree. */
typedef void (zt_tree_fn) (void *self, void *item);

/*  Calls fn for all items of the tree, in its order. fn may not change the tree, nor go through
    another. An empty tree is NULL. */
void zt_tree_each (const void *tree, zt_tree_fn *fn, void *self);

/*  Ends a tree. fn frees an item; NULL: they live on. */
void zt_tree_free (void *tree, void (*fn) (void *item));

#endif
