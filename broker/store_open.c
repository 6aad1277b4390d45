/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store_open.h"

#include "broker/clock.h"
#include "broker/store_memory.h"
#include "broker/store_sqlite.h"
#include "common/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { S_MIB = 1024 * 1024, S_DAY_MS = 24 * 60 * 60 * 1000 };

/*  Makes the directory, if need be. Returns its full path, which the caller frees, or NULL
    after it has printed why there is none. */
static char *s_open_directory (const char *directory, zt_operator_t *op)
{
    struct stat status;
    char *path = zt_directory_make (directory) ? realpath (directory, NULL) : NULL;
    if (!path)
        zt_operator_log (op, ZT_LEVEL_ERROR, zt_clock_now (), "cannot keep messages in %s: %s",
                         directory, strerror (errno));
    else if (stat (path, &status) == 0 && (status.st_mode & 077))
        zt_operator_log (op, ZT_LEVEL_WARNING, zt_clock_now (),
                         "others of this machine may look into %s; chmod 700 %s", path, path);
    return path;
}

typedef struct {
    zt_operator_t *op;
    zt_notify_t *notify;
} s_telling_t;

/*  What takes long is told at once: there is no loop yet that would print it. */
static void s_progress (void *telling_, const char *line)
{
    enum { S_MORE_MS = 60000 };
    const s_telling_t *telling = telling_;
    zt_operator_tell (telling->op, zt_clock_now (), "%s", line);
    zt_operator_flush (telling->op);
    zt_notify_status (telling->notify, line, S_MORE_MS);
}

/*  The log on disk; NULL after it has printed why it cannot be opened. */
static zt_store_t *s_open_log (const char *path, const zt_config_t *settings, zt_operator_t *op,
                               zt_notify_t *notify)
{
    s_telling_t telling = {op, notify};
    const uint64_t *value = settings->value;
    const zt_store_config_t config = {.dir = path,
                                      .power = value[ZT_CONFIG_SYNC] == ZT_SYNC_POWER,
                                      .keep_ms = value[ZT_CONFIG_KEEP_DAYS] * S_DAY_MS,
                                      .keep_bytes = value[ZT_CONFIG_KEEP_MB] * S_MIB,
                                      .progress = s_progress,
                                      .progress_self = &telling};
    char wrong[512] = "";
    zt_store_t *store = zt_store_sqlite_open (&config, wrong, sizeof wrong);
    if (!store) {
        zt_operator_log (op, ZT_LEVEL_ERROR, zt_clock_now (), "%s", wrong);
        return NULL;
    }
    zt_operator_tell (op, zt_clock_now (), "Messages are kept in %s.", path);
    return store;
}

static zt_store_t *s_open_memory (const zt_config_t *settings, zt_operator_t *op)
{
    uint64_t mib = settings->value[ZT_CONFIG_KEEP_MB];
    zt_operator_tell (op, zt_clock_now (),
                      "Messages are forgotten when the broker ends (--ephemeral).");
    return zt_store_memory_new (mib ? mib * S_MIB : ZT_LOG_BYTES);
}

zt_store_t *zt_store_open (const char *directory, const zt_config_t *settings, zt_operator_t *op,
                           zt_notify_t *notify)
{
    if (!directory)
        return s_open_memory (settings, op);
    char *path = s_open_directory (directory, op);
    zt_store_t *store = path ? s_open_log (path, settings, op, notify) : NULL;
    free (path);
    return store;
}
