/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/meter.h"

#include "broker/clock.h"
#include "common/system.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*  What the files of a directory take; 0 if that cannot be told. */
static uint64_t s_disk_used (const char *path)
{
    enum { S_BLOCK = 512 }; /* of st_blocks */
    uint64_t used = 0;
    struct stat status;
    DIR *directory = opendir (path);
    if (!directory)
        return 0;
    for (const struct dirent *entry; (entry = readdir (directory));)
        if (fstatat (dirfd (directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG (status.st_mode))
            used += (uint64_t) status.st_blocks * S_BLOCK;
    closedir (directory);
    return used;
}

static uint64_t s_disk_free (const char *path)
{
    struct statvfs status;
    return statvfs (path, &status) == 0 ? (uint64_t) status.f_bavail * status.f_frsize : 0;
}

static uint64_t s_count_bans (const zt_bans_t *bans)
{
    const char *line, *note;
    size_t n = 0;
    while (zt_bans_get (bans, n, &line, &note))
        n++;
    return n;
}

const zt_stats_t *zt_meter_read (const zt_meter_t *self)
{
    zt_stats_t *stats = zt_core_stats (self->core);
    uint64_t *value = stats->value;
    zt_core_measure (self->core);
    zt_links_measure (self->links, stats);
    zt_gate_measure (self->gate, stats);
    value[ZT_STAT_UPTIME] = (zt_clock_monotonic () - self->began) / 1000;
    value[ZT_STAT_CAN_STORE] = zt_courier_can_store (self->courier);
    value[ZT_STAT_BANS] = s_count_bans (self->bans);
    value[ZT_STAT_MEMORY] = zt_system_memory ();
    value[ZT_STAT_MEMORY_LOG] = self->store->memory (self->store);
    if (self->directory) {
        value[ZT_STAT_STORE] = s_disk_used (self->directory);
        value[ZT_STAT_DISK_FREE] = s_disk_free (self->directory);
    }
    return stats;
}
