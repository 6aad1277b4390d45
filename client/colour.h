/*  SPDX-License-Identifier: MPL-2.0

    zt_colour - a colour as people write it */

#ifndef ZT_CLIENT_COLOUR_H
#define ZT_CLIENT_COLOUR_H

#include "client/style.h"

/*  Reads "red", "bright-red", a number of the 256, or "#rrggbb" (also without #); the other
    kinds of terminals get the nearest one. False if it is none of these. */
bool zt_colour_read (zt_bytes_t text, zt_colour_t *colour);

#endif
