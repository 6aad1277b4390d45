/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_store.h"

#include "common/alloc.h"
#include "tools/bench_system.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { S_DESCRIPTORS = 16 };

static const char *s_parent (void)
{
    const char *parent = getenv ("TMPDIR");
    return parent && *parent ? parent : "/var/tmp";
}

bool zt_bench_store_make (zt_bench_store_t *self, zt_bench_error_t *error)
{
    *self = (zt_bench_store_t){NULL};
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/ztalk-bench-XXXXXX", s_parent ());
    char *directory = zt_strndup (path.data, path.size);
    zt_buffer_free (&path);
    if (mkdtemp (directory)) {
        self->directory = directory;
        return true;
    }
    zt_bench_fail_errno (error, directory);
    free (directory);
    return false;
}

static int s_remove (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void) status;
    (void) type;
    (void) ftw;
    return remove (path);
}

void zt_bench_store_remove (zt_bench_store_t *self)
{
    if (self->directory && nftw (self->directory, s_remove, S_DESCRIPTORS, FTW_DEPTH | FTW_PHYS))
        fprintf (stderr, "ztalk-bench: something is left in %s\n", self->directory);
    free (self->directory);
    *self = (zt_bench_store_t){NULL};
}

bool zt_bench_store_in_memory (void)
{
    return zt_bench_system_is_memory (s_parent ());
}
