/*  SPDX-License-Identifier: MPL-2.0

    zt_mutes_file - mutes, as they are kept

    The file "mutes" of the broker's directory has a line for each: until when, and the name.

        2026-11-22T14:03:09Z olena
        forever ivan */

#ifndef ZT_MUTES_FILE_H
#define ZT_MUTES_FILE_H

#include "broker/mutes.h"

/*  The mutes in the file of that directory that are not over, none if there is no such file or
    directory is NULL. NULL with a sentence in wrong if it cannot be read. now is in ms since the
    epoch. The caller destroys them. */
zt_mutes_t *zt_mutes_load (const char *directory, uint64_t now, zt_buffer_t *wrong);

/*  Writes all that are not over; directory NULL: nowhere. False with a sentence. */
bool zt_mutes_save (const zt_mutes_t *self, const char *directory, uint64_t now,
                    zt_buffer_t *wrong);

#endif
