/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/backup.h"

#include "broker/store_sqlite.h"
#include "common/alloc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct zt_backup {
    pthread_t thread;
    char *directory;
    char *file;
    char wrong[512];
    uint64_t bytes;
    bool has_failed;
    atomic_bool is_done; /* what is above is the thread's before */
};

static void *s_copy (void *self_)
{
    zt_backup_t *self = self_;
    struct stat status;
    self->has_failed =
        !zt_store_sqlite_backup (self->directory, self->file, self->wrong, sizeof self->wrong);
    if (!self->has_failed && stat (self->file, &status) == 0)
        self->bytes = (uint64_t) status.st_size;
    atomic_store (&self->is_done, true);
    return NULL;
}

static void s_free (zt_backup_t *self)
{
    free (self->directory);
    free (self->file);
    free (self);
}

zt_backup_t *zt_backup_new (const char *directory, const char *file)
{
    zt_backup_t *self = zt_alloc (sizeof *self);
    self->directory = zt_strndup (directory, strlen (directory));
    self->file = zt_strndup (file, strlen (file));
    int error = pthread_create (&self->thread, NULL, s_copy, self);
    if (error == 0)
        return self;
    s_free (self);
    errno = error;
    return NULL;
}

void zt_backup_destroy (zt_backup_t **self_p)
{
    zt_backup_t *self = *self_p;
    if (!self)
        return;
    /*  It is blocked there, and stays pending, which is what the copy looks for. */
    if (!atomic_load (&self->is_done))
        pthread_kill (self->thread, SIGTERM);
    pthread_join (self->thread, NULL);
    s_free (self);
    *self_p = NULL;
}

bool zt_backup_is_done (const zt_backup_t *self, uint64_t *bytes, const char **wrong)
{
    if (!atomic_load (&self->is_done))
        return false;
    *bytes = self->bytes;
    *wrong = self->has_failed ? self->wrong : NULL;
    return true;
}
