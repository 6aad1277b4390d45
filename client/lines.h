/*  SPDX-License-Identifier: MPL-2.0

    zt_lines - items as lines

    For people: a message is "[2026-11-22 14:03:09] olena: text" in local time,
    everything else begins with "* ", and what goes on on another line is indented,
    so that no text can look like another line. For programs: an object of JSON
    a line. Either has no byte that a terminal takes for more than text. */

#ifndef ZT_CLIENT_LINES_H
#define ZT_CLIENT_LINES_H

#include "client/item.h"
#include "common/buffer.h"

/*  Appends the item with its line ends. */
void zt_lines_put (zt_buffer_t *buffer, const zt_item_t *item);

/*  Appends the item as one object and a line end. */
void zt_lines_put_json (zt_buffer_t *buffer, const zt_item_t *item);

#endif
