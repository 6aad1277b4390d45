/*  SPDX-License-Identifier: MPL-2.0 */

#include "store_fixture.h"

#include "common/alloc.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/*  The program's own functions come before the C library's, for SQLite, too. */
static atomic_bool s_syncs_fail;
static atomic_uint s_log_syncs;

static int s_sync (long call, int fd)
{
    if (!atomic_load (&s_syncs_fail))
        return (int) syscall (call, fd);
    errno = EIO;
    return -1;
}

/*  Is it the log's, or its write-ahead log's? */
static bool s_is_log (int fd)
{
    char path[64], file[512] = "";
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t size = readlink (path, file, sizeof file - 1);
    return size > 0 && strstr (file, "/log.db");
}

int fsync (int fd)
{
    atomic_fetch_add (&s_log_syncs, s_is_log (fd));
    return s_sync (SYS_fsync, fd);
}

int fdatasync (int fd)
{
    atomic_fetch_add (&s_log_syncs, s_is_log (fd));
    return s_sync (SYS_fdatasync, fd);
}

unsigned zt_fixture_log_syncs (void)
{
    return atomic_load (&s_log_syncs);
}

void zt_fixture_fail_syncs (bool fails)
{
    atomic_store (&s_syncs_fail, fails);
}

static char s_letter (uint64_t id, uint64_t at)
{
    uint64_t mixed = ((id << 32) + at + 1) * UINT64_C (0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 29) * UINT64_C (0xBF58476D1CE4E5B9);
    return (char) ('A' + (mixed >> 33) % 26);
}

zt_slice_t *zt_fixture_slice (uint64_t first_id, uint32_t count, uint64_t device, uint64_t time,
                              size_t bytes)
{
    zt_buffer_t messages = {NULL, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        zt_buffer_t body = {NULL, 0, 0};
        zt_buffer_put_format (&body, "{\"text\":\"Номер %u ", (unsigned) (first_id + i));
        while (body.size < bytes) /* what does not get smaller when it is packed */
            zt_buffer_put_char (&body, s_letter (first_id + i, body.size));
        zt_buffer_put_string (&body, "\"}");
        zt_wire_put (&messages,
                     &(zt_message_t){.verb = ZT_VERB_MSG,
                                     .number = {first_id + i, time},
                                     .word = {{NULL, 0}, {NULL, 0}, {"@a", 2}, {"@b", 2}},
                                     .body = zt_buffer_bytes (&body)});
        zt_buffer_free (&body);
    }
    zt_run_t run = {.first_id = first_id,
                    .first_ref = first_id,
                    .time = time,
                    .device = device,
                    .from = 1,
                    .target = 2,
                    .count = count,
                    .size = (uint32_t) messages.size};
    zt_slice_t *slice = zt_slice_new (&run, 1, zt_buffer_bytes (&messages));
    zt_buffer_free (&messages);
    return slice;
}

void zt_fixture_same (const zt_slice_t *a, const zt_slice_t *b)
{
    assert_int_equal (a->first_id, b->first_id);
    assert_int_equal (a->last_id, b->last_id);
    assert_int_equal (a->n_runs, b->n_runs);
    assert_int_equal (a->size, b->size);
    assert_memory_equal (a->runs, b->runs, a->n_runs * sizeof *a->runs);
    assert_memory_equal (a->data, b->data, a->size);
}

char *zt_fixture_directory (void)
{
    const char *parent = getenv ("TMPDIR");
    char *dir = zt_fixture_path (parent ? parent : "/tmp", "ztalk-store-XXXXXX");
    assert_non_null (mkdtemp (dir));
    return dir;
}

static int s_remove (const char *path, const struct stat *file, int type, struct FTW *where)
{
    (void) file;
    (void) type;
    (void) where;
    return remove (path);
}

void zt_fixture_remove (char **dir_p)
{
    enum { S_DESCRIPTORS = 8 };
    assert_int_equal (nftw (*dir_p, s_remove, S_DESCRIPTORS, FTW_DEPTH | FTW_PHYS), 0);
    free (*dir_p);
    *dir_p = NULL;
}

char *zt_fixture_path (const char *dir, const char *name)
{
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/%s", dir, name);
    zt_buffer_put_char (&path, '\0');
    return path.data;
}

void zt_fixture_note (void *buffer, const zt_record_t *record)
{
    static const char *const names[] = {
        [ZT_RECORD_USER] = "USER",      [ZT_RECORD_CREDENTIAL] = "CREDENTIAL",
        [ZT_RECORD_DEVICE] = "DEVICE",  [ZT_RECORD_ROOM] = "ROOM",
        [ZT_RECORD_ENTER] = "ENTER",    [ZT_RECORD_LEAVE] = "LEAVE",
        [ZT_RECORD_RECEIPT] = "RECEIPT"};
    zt_buffer_put_format (buffer, "%s %llu %llu %llu %llu %s\n", names[record->kind],
                          (unsigned long long) record->number, (unsigned long long) record->owner,
                          (unsigned long long) record->id, (unsigned long long) record->ref,
                          record->name ? record->name : "-");
}
