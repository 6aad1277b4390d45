/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/tree.h"

#include <search.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_COUNT = 1000 };

static int s_compare (const void *one, const void *other)
{
    int a = *(const int *) one, b = *(const int *) other;
    return (a > b) - (a < b);
}

static void *s_tree (int count)
{
    void *tree = NULL;
    for (int i = 0; i < count; i++) {
        int *item = malloc (sizeof *item);
        assert_non_null (item);
        *item = i * 7919 % S_COUNT; /* each once, and in no order */
        assert_non_null (tsearch (item, &tree, s_compare));
    }
    return tree;
}

typedef struct {
    int count;
    int last;
} s_seen_t;

static void s_see (void *self, void *item)
{
    s_seen_t *seen = self;
    assert_true (*(int *) item > seen->last);
    seen->last = *(int *) item;
    seen->count++;
}

static int s_freed;

static void s_free (void *item)
{
    s_freed++;
    free (item);
}

static void test_each (void **state)
{
    (void) state;
    for (int count = 0; count <= S_COUNT; count += count < 4 ? 1 : 249) {
        void *tree = s_tree (count);
        s_seen_t seen = {0, -1};
        zt_tree_each (tree, s_see, &seen);
        assert_int_equal (seen.count, count);
        s_freed = 0;
        zt_tree_free (tree, s_free);
        assert_int_equal (s_freed, count);
    }
}

static void test_items_live_on (void **state)
{
    (void) state;
    int items[] = {3, 1, 2};
    void *tree = NULL;
    for (size_t i = 0; i < 3; i++)
        assert_non_null (tsearch (&items[i], &tree, s_compare));
    zt_tree_free (tree, NULL);
    assert_int_equal (items[0], 3);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_each),
        cmocka_unit_test (test_items_live_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
