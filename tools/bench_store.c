/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_store.h"

#include "common/alloc.h"

#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>

enum { S_DESCRIPTORS = 16 };

static const char *s_parent (void)
{
    const char *parent = getenv ("TMPDIR");
    return parent && *parent ? parent : "/var/tmp";
}

static char *s_join (const char *first, const char *second)
{
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/%s", first, second);
    char *joined = zt_strndup (path.data, path.size);
    zt_buffer_free (&path);
    return joined;
}

static bool s_write_config (const char *path, const char *sync, zt_bench_error_t *error)
{
    FILE *file = fopen (path, "we");
    bool ok = file && fprintf (file, "store\n    sync = %s\n", sync) > 0;
    if (file)
        ok = fclose (file) == 0 && ok;
    return ok || zt_bench_fail_errno (error, path);
}

bool zt_bench_store_make (zt_bench_store_t *self, const char *sync, zt_bench_error_t *error)
{
    *self = (zt_bench_store_t){NULL, NULL, NULL};
    char *directory = s_join (s_parent (), "ztalk-bench-XXXXXX");
    if (!mkdtemp (directory)) {
        zt_bench_fail_errno (error, directory);
        free (directory);
        return false;
    }
    self->directory = directory;
    self->log = s_join (directory, "store");
    self->config = s_join (directory, "broker.zpl");
    return s_write_config (self->config, sync, error);
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
    free (self->log);
    free (self->config);
    *self = (zt_bench_store_t){NULL, NULL, NULL};
}

bool zt_bench_store_in_memory (void)
{
    struct statfs status;
    return statfs (s_parent (), &status) == 0 &&
           (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}
