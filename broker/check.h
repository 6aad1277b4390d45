/*  SPDX-License-Identifier: MPL-2.0

    zt_check - is a broker that is set so as somebody means it?

    What can be known without listening anywhere or touching a file: each value is right by itself
    (config.h), but may not go with another one, or with this machine. */

#ifndef ZT_CHECK_H
#define ZT_CHECK_H

#include "broker/shell.h"

/*  False with a sentence in wrong, which begins with the file and the line if the setting is from
    there: a broker that is set so could not begin. What it begins without is appended to warnings,
   a line each. */
bool zt_check (const zt_shell_config_t *config, zt_buffer_t *wrong, zt_buffer_t *warnings);

#endif
