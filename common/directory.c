/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/directory.h"

#include "common/alloc.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool s_put (zt_buffer_t *path, const char *variable, const char *otherwise)
{
    const char *directory = getenv (variable);
    if (directory && *directory == '/') { /* the specification: a relative one is to be ignored */
        zt_buffer_put_format (path, "%s/ztalk", directory);
        return true;
    }
    const char *home = getenv ("HOME");
    if (!home || !*home) {
        const struct passwd *user = getpwuid (getuid ());
        home = user ? user->pw_dir : NULL;
    }
    if (!home || !*home)
        return false;
    zt_buffer_put_format (path, "%s/%s/ztalk", home, otherwise);
    return true;
}

bool zt_directory_state (zt_buffer_t *path)
{
    return s_put (path, "XDG_STATE_HOME", ".local/state");
}

bool zt_directory_config (zt_buffer_t *path)
{
    return s_put (path, "XDG_CONFIG_HOME", ".config");
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
