/*  SPDX-License-Identifier: MPL-2.0

    zt_place - where a broker keeps things, and where ztalk-ctl looks for it */

#ifndef ZT_PLACE_H
#define ZT_PLACE_H

#include "common/buffer.h"

/*  Appends the directory of a broker: the one that is given, if it is not NULL; else what systemd
    says ($STATE_DIRECTORY, the first of a list); else where a user's programs keep what they
    need again. False if no home directory is known. */
bool zt_place_directory (const char *given, zt_buffer_t *path);

/*  Appends where ztalk-ctl finds the socket of a broker: in that directory; and, for root, who
    has none there, in that of the system's broker. False as above. */
bool zt_place_socket (const char *given, zt_buffer_t *path);

/*  The socket's name in the directory. */
#define ZT_PLACE_CONTROL "control"

#endif
