/*  SPDX-License-Identifier: MPL-2.0

    zt_configured - what the configuration file says of the screen

        theme = light
        colours
            mention = bright-red
            link = "#5fafff"
            status = white on 24 */

#ifndef ZT_CLIENT_CONFIGURED_H
#define ZT_CLIENT_CONFIGURED_H

#include "client/theme.h"

/*  Reads the text of the file. Returns the theme: given (of the command line; NULL: none was)
    beats that of the file, and the colours change what it is; NULL if the file asks for
    nothing. Each mistake appends "FILE:LINE: a sentence" and a line end to wrong; the rest counts.
 */
const zt_theme_t *zt_configured_theme (zt_bytes_t text, const char *file, const zt_theme_t *given,
                                       zt_buffer_t *wrong);

#endif
