/*  SPDX-License-Identifier: MPL-2.0

    zt_ui - the full screen: what is typed and clicked, and what is shown

    It is pure. The core's items and the terminal's events go in; the core is told what is to be
    sent; the scene is drawn into a grid. Whoever has the terminal does the rest:

        zt_ui_show, for each item of the core; zt_ui_input, for each event
        zt_ui_draw into a screen, when zt_ui_version is another one than at the last time
        zt_ui_next_call, zt_ui_title, zt_ui_wish, after either

    Times (now) are milliseconds of the core's clock; wall is ms since the epoch. */

#ifndef ZT_CLIENT_UI_H
#define ZT_CLIENT_UI_H

#include "client/core.h"
#include "client/input.h"
#include "client/view.h"
#include "common/limits.h"

typedef struct zt_ui_t zt_ui_t;

/*  Bytes of what can be typed for one message, and of what is taken of one paste: a keyboard for
    it (keyboard.h) tells of a longer one that it was cut, and then it is refused. */
enum { ZT_UI_TYPED_MOST = ZT_BODY_MAX, ZT_UI_PASTE_MOST = 1024000 };

typedef struct {
    const char *name;        /* one's own; copied */
    const zt_theme_t *theme; /* lives for ever */
    zt_clock_fn *clock;
} zt_ui_config_t;

/*  The caller destroys it; the core, which is attached before anything else is called, lives
    longer. */
zt_ui_t *zt_ui_new (const zt_ui_config_t *config);
void zt_ui_destroy (zt_ui_t **self_p);
void zt_ui_attach (zt_ui_t *self, zt_client_t *core);

/*  The terminal's profile (copied), and its size; rows and columns of 1 at least. */
void zt_ui_set_widths (zt_ui_t *self, const zt_widths_t *widths);
void zt_ui_set_size (zt_ui_t *self, int rows, int columns);

/*  The theme: another one may have been asked for, by /theme. */
const zt_theme_t *zt_ui_theme (const zt_ui_t *self);
void zt_ui_set_theme (zt_ui_t *self, const zt_theme_t *theme);

void zt_ui_show (zt_ui_t *self, const zt_item_t *item, uint64_t wall);
void zt_ui_input (zt_ui_t *self, const zt_input_t *input, int64_t now, uint64_t wall);

/*  Time has passed: what is told of the connection changes. zt_ui_deadline tells when that is
    next, or ZT_NEVER. */
void zt_ui_tick (zt_ui_t *self, int64_t now, uint64_t wall);
int64_t zt_ui_deadline (const zt_ui_t *self);

/*  Grows with every change of what is to be seen. */
uint64_t zt_ui_version (const zt_ui_t *self);

/*  Draws all of it; the screen has the size of zt_ui_set_size, and the widths. Asks for older
    messages, if there is room for them. */
void zt_ui_draw (zt_ui_t *self, zt_screen_t *screen, int64_t now);

/*  Whom a person should be called for; see zt_model_next_call. */
bool zt_ui_next_call (zt_ui_t *self, zt_call_t *call);

/*  Appends the title for the window. */
void zt_ui_title (const zt_ui_t *self, zt_buffer_t *title);

/*  What the person wants of the terminal, each told once. */
typedef enum {
    ZT_WISH_NONE,
    ZT_WISH_REDRAW, /* Ctrl-L */
    ZT_WISH_STOP,   /* Ctrl-Z */
    ZT_WISH_MOUSE,  /* the mouse is to select text, or to be ours again */
    ZT_WISH_EDITOR  /* what is typed is to be edited by $EDITOR: zt_ui_draft, zt_ui_edited */
} zt_wish_t;
zt_wish_t zt_ui_wish (zt_ui_t *self);

/*  What is typed, until something else is called; and what the editor made of it: false if that
    is too long for a message, and what is typed stays as it was. */
zt_bytes_t zt_ui_draft (const zt_ui_t *self);
bool zt_ui_edited (zt_ui_t *self, zt_bytes_t text);

/*  Appends what is typed and not sent, in all conversations, and with whom there are private ones
    (drafts.h); nothing if there is nothing. What of that is not typed changes with
    zt_ui_conversations, which tells how many there are. */
void zt_ui_put_drafts (const zt_ui_t *self, zt_buffer_t *drafts);
size_t zt_ui_conversations (const zt_ui_t *self);

/*  Takes that back (any bytes), at the start, before anything is typed. False if not all of it
    made sense; what did is taken. */
bool zt_ui_take_drafts (zt_ui_t *self, zt_bytes_t drafts);

/*  A sentence, in the open conversation. */
void zt_ui_say (zt_ui_t *self, const char *sentence, uint64_t wall);

#endif
