/*  SPDX-License-Identifier: MPL-2.0

    zt_bar - the row that tells what is open, how the connection is, and what is new

    Where it is narrow, what matters least is left out first. */

#ifndef ZT_CLIENT_BAR_H
#define ZT_CLIENT_BAR_H

#include "client/view.h"

void zt_bar_draw (const zt_scene_t *scene, zt_screen_t *screen, zt_area_t area);

#endif
