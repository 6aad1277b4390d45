/*  SPDX-License-Identifier: MPL-2.0

    What the tests of the log on disk share: slices, and directories that end with the test. */

#ifndef ZT_STORE_FIXTURE_H
#define ZT_STORE_FIXTURE_H

#include "broker/store.h"

/*  A slice of one run of count messages with refs like their ids; about `bytes` bytes of text
    in each. The caller owns the reference. */
zt_slice_t *zt_fixture_slice (uint64_t first_id, uint32_t count, uint64_t device, uint64_t time,
                              size_t bytes);

/*  Fails the test unless the two hold the same. */
void zt_fixture_same (const zt_slice_t *a, const zt_slice_t *b);

/*  While true, every sync fails, as that of a disk does which has lost a write. */
void zt_fixture_fail_syncs (bool fails);

/*  How often the log was synced, by whomever. */
unsigned zt_fixture_log_syncs (void);

/*  Makes a directory that is empty; zt_fixture_remove takes it away with all that is in it. */
char *zt_fixture_directory (void);
void zt_fixture_remove (char **dir_p);

/*  A path in it. The caller frees it. */
char *zt_fixture_path (const char *dir, const char *name);

/*  Appends a line for a record to a zt_buffer_t; a zt_record_fn. */
void zt_fixture_note (void *buffer, const zt_record_t *record);

#endif
