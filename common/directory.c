/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/directory.h"

#include "common/alloc.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool zt_directory_state (zt_buffer_t *path)
{
    const char *state = getenv ("XDG_STATE_HOME");
    if (state && *state == '/') { /* the specification: a relative one is to be ignored */
        zt_buffer_put_format (path, "%s/ztalk", state);
        return true;
    }
    const char *home = getenv ("HOME");
    if (!home || !*home) {
        const struct passwd *user = getpwuid (getuid ());
        home = user ? user->pw_dir : NULL;
    }
    if (!home || !*home)
        return false;
    zt_buffer_put_format (path, "%s/.local/state/ztalk", home);
    return true;
}

static bool s_make_one (const char *path)
{
    struct stat status;
    if (mkdir (path, 0700) == 0)
        return true;
    int error = errno;
    /*  Where nothing may be made there may be a directory all the same: /, or one of
        a file system that is read only. */
    if (stat (path, &status) == 0) {
        if (S_ISDIR (status.st_mode))
            return true;
        error = ENOTDIR;
    }
    errno = error;
    return false;
}

bool zt_directory_make (const char *path)
{
    char *copy = zt_strndup (path, strlen (path));
    bool made = true;
    for (char *at = copy; made && *at; at++)
        if (*at == '/' && at > copy) {
            *at = '\0';
            made = s_make_one (copy);
            *at = '/';
        }
    made = made && s_make_one (copy);
    int error = errno;
    free (copy);
    errno = error;
    return made;
}
