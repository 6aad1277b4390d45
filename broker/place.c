/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/place.h"

#include "common/directory.h"

#include <stdlib.h>
#include <unistd.h>

bool zt_place_directory (const char *given, zt_buffer_t *path)
{
    const char *state = getenv ("STATE_DIRECTORY");
    if (given)
        zt_buffer_put_string (path, given);
    else if (state && *state == '/')
        zt_buffer_put (path, state, strcspn (state, ":"));
    else
        return zt_directory_state (path);
    return true;
}

bool zt_place_socket (const char *given, zt_buffer_t *path)
{
    static const char of_system[] = "/var/lib/ztalk/" ZT_PLACE_CONTROL;
    size_t begin = path->size;
    if (!zt_place_directory (given, path))
        return false;
    zt_buffer_put_string (path, "/" ZT_PLACE_CONTROL);
    if (!given && geteuid () == 0 && access (zt_buffer_string (path) + begin, F_OK) != 0 &&
        access (of_system, F_OK) == 0) {
        path->size = begin;
        zt_buffer_put_string (path, of_system);
    }
    return true;
}
