/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/settings.h"

#include "client/configured.h"
#include "common/directory.h"
#include "common/translate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*  Appends the configuration file, as much of it as makes sense, and its path. False if there is
    none that can be read; only one that is there and cannot be is told of. */
static bool s_read_config (zt_buffer_t *path, zt_buffer_t *text, zt_buffer_t *wrong)
{
    enum { S_MOST = 65536 };
    if (!zt_directory_config (path))
        return false;
    zt_buffer_put_string (path, "/config");
    FILE *file = fopen (zt_buffer_string (path), "r");
    if (file) {
        text->size += fread (zt_buffer_reserve (text, S_MOST), 1, S_MOST, file);
        bool is_read = !ferror (file);
        fclose (file);
        if (is_read)
            return true;
    }
    if (errno != ENOENT)
        zt_buffer_put_format (wrong, "%s: %s\n", zt_buffer_string (path), strerror (errno));
    return false;
}

const zt_theme_t *zt_settings_theme (const char *name, zt_buffer_t *wrong)
{
    const char *no_color = getenv ("NO_COLOR");
    const zt_theme_t *theme = name ? zt_theme_find (zt_bytes (name)) : NULL;
    bool is_own = name && !theme; /* it is made by the file, and there afterwards, if it is */
    zt_buffer_t path = {NULL, 0, 0}, text = {NULL, 0, 0};
    if (!name && no_color && *no_color)
        theme = zt_theme_find (zt_bytes ("none"));
    if (s_read_config (&path, &text, wrong)) {
        const zt_theme_t *configured =
            zt_configured_theme (zt_buffer_bytes (&text), zt_buffer_string (&path), theme, wrong);
        theme = configured ? configured : theme;
    }
    if (is_own && !zt_theme_find (zt_bytes (name)))
        zt_buffer_put_format (
            wrong, _ ("there is no theme '%s': the configuration file changes no colours\n"), name);
    zt_buffer_free (&path);
    zt_buffer_free (&text);
    return theme;
}
