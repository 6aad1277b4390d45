/*  SPDX-License-Identifier: MPL-2.0

    zt_painter - brings a terminal from the frame it shows to the next one

    Terminals disagree about how wide some clusters are. So the cursor is never trusted
    behind one, and a row that has one is drawn as a whole: a mistake then stays in its
    place and is gone with the next frame. */

#ifndef ZT_CLIENT_PAINT_H
#define ZT_CLIENT_PAINT_H

#include "client/screen.h"

typedef struct zt_painter_t zt_painter_t;

/*  A painter that knows nothing of the terminal yet, and paints without colours. */
zt_painter_t *zt_painter_new (void);
void zt_painter_destroy (zt_painter_t **self_p);

/*  The colours to paint with from now on; with others than before, the next frame is painted
    from nothing. The palette is a view, which must live on. */
void zt_painter_set_colours (zt_painter_t *self, zt_depth_t depth, zt_palette_t palette);

/*  Somebody else may have drawn, or the terminal has changed its size: the next frame is
    painted from nothing. */
void zt_painter_forget (zt_painter_t *self);

/*  Appends what makes a terminal of that size show the screen, and takes it for shown:
    all of it must reach the terminal. False, and nothing is appended, if it shows it
    already. Only the terminal's cursor, pen and line wrapping are changed beside. */
bool zt_painter_paint (zt_painter_t *self, const zt_screen_t *screen, zt_buffer_t *buffer);

#endif
