/*  SPDX-License-Identifier: MPL-2.0

    zt_remote - what a peer says, before a person's eyes

    The whole screen (zt_ui over a core, painted) without its terminal, the lines and the JSON:
    any bytes come in every place that a peer's bytes can get to, and it is looked at what goes
    out. libvterm is the terminal. */

#ifndef ZT_REMOTE_H
#define ZT_REMOTE_H

#include "client/glyph.h"

typedef struct zt_remote_t zt_remote_t;

/*  As libvterm has them: test_client_probe asks it. */
zt_widths_t zt_remote_widths (void);

/*  The widths are those of libvterm, or the safe ones. */
zt_remote_t *zt_remote_new (bool is_safe);
void zt_remote_destroy (zt_remote_t **self_p);

/*  Bytes that a peer has sent: as text, as name, as room, as words of the broker. False, and
    wrong says why, if a line or a notification has a byte that it must not have. */
bool zt_remote_say (zt_remote_t *self, zt_bytes_t bytes, zt_buffer_t *wrong);

/*  What covers the page, if anything does. */
typedef enum {
    ZT_REMOTE_PAGE,
    ZT_REMOTE_HITS,
    ZT_REMOTE_SWITCHER,
    ZT_REMOTE_VIEWS
} zt_remote_view_t;

/*  Draws it. False, and wrong says why, if a byte of a peer got to the terminal as a control, or
    what the terminal shows is not the grid. */
bool zt_remote_look (zt_remote_t *self, int rows, int columns, zt_remote_view_t view,
                     zt_buffer_t *wrong);

/*  Goes to the next conversation: some have names that a peer has made up. */
void zt_remote_turn (zt_remote_t *self);

#endif
