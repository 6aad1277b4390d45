/*  SPDX-License-Identifier: MPL-2.0

    What the texts of a configuration may be; for config.c. */

#ifndef ZT_CONFIG_FORM_H
#define ZT_CONFIG_FORM_H

#include "broker/config.h"

/*  Can a text of that form be this? */
bool zt_config_form_takes (zt_config_form_t form, zt_bytes_t text);

/*  Appends what it can be: "a name". */
void zt_config_form_put (zt_config_form_t form, zt_buffer_t *text);

#endif
