/*  SPDX-License-Identifier: MPL-2.0

    zt_store_files - the store's directory

    It holds the log (log.db), what is derived from it (index.db), and a lock. */

#ifndef ZT_STORE_FILES_H
#define ZT_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*  Makes the directory, for its owner alone, and what leads to it. False with a sentence. */
bool zt_store_files_make (const char *dir, char *wrong, size_t wrong_size);

/*  Takes the directory's lock, which ends with the descriptor that comes back. -1 with a
    sentence if another process has it. */
int zt_store_files_lock (const char *dir, char *wrong, size_t wrong_size);

/*  The path of a file of the directory. The caller frees it. */
char *zt_store_files_path (const char *dir, const char *name);

/*  Removes a database and the files that SQLite makes beside it. */
void zt_store_files_remove (const char *path);

#endif
