/*  SPDX-License-Identifier: MPL-2.0

    zt_settings - what a person has set for the screen: on the command line, in the environment and
    in the configuration file */

#ifndef ZT_CLIENT_SETTINGS_H
#define ZT_CLIENT_SETTINGS_H

#include "client/theme.h"
#include "common/buffer.h"

/*  The theme: of that name (zt_theme_is_name; NULL: none was given), then NO_COLOR, then the file;
    NULL: nobody has said anything. Appends a sentence with an LF for each mistake. */
const zt_theme_t *zt_settings_theme (const char *name, zt_buffer_t *wrong);

#endif
