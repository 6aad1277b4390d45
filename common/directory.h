/*  SPDX-License-Identifier: MPL-2.0

    zt_directory - where programs keep what is to stay */

#ifndef ZT_DIRECTORY_H
#define ZT_DIRECTORY_H

#include "common/buffer.h"

/*  Appends where a user's programs of ztalk keep what they need again: "ztalk" in
    $XDG_STATE_HOME, else in .local/state of the home directory. False if neither is known. */
bool zt_directory_state (zt_buffer_t *path);

/*  The same for what a user has written: "ztalk" in $XDG_CONFIG_HOME, else in .config. */
bool zt_directory_config (zt_buffer_t *path);

/*  Makes the directory, and those above it, for the user alone (mode 0700); those that are
    there already stay as they are. False, with errno, if that cannot be done, or if what is
    there is no directory. */
bool zt_directory_make (const char *path);

#endif
