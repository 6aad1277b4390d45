/*  SPDX-License-Identifier: MPL-2.0

    zt_backup - a copy of the log, made beside the loop

    It takes as long as the disk does, so a thread waits for it, which has nothing else to do. */

#ifndef ZT_BACKUP_H
#define ZT_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct zt_backup zt_backup_t;

/*  Begins to copy the log of that directory to a new file. NULL, with errno, if there is no thread
   to be had. SIGTERM must be blocked. Nobody is woken when it is done: whoever waits looks now and
    then. */
zt_backup_t *zt_backup_new (const char *directory, const char *file);

/*  Gives up what is not done, and leaves no file then: it waits until the thread has seen to that,
    which may be a while. Sets *self_p to NULL. */
void zt_backup_destroy (zt_backup_t **self_p);

/*  How many bytes were written by now; false while it is under way. Once it is done, *wrong is NULL
    or a sentence, which lives as long as the backup. */
bool zt_backup_is_done (const zt_backup_t *self, uint64_t *bytes, const char **wrong);

#endif
