/*  SPDX-License-Identifier: MPL-2.0

    zt_input - what came from the terminal, as an event */

#ifndef ZT_CLIENT_INPUT_H
#define ZT_CLIENT_INPUT_H

#include "common/bytes.h"

#include <stdint.h>

typedef enum {
    ZT_INPUT_TEXT,   /* typed: text, which is valid UTF-8 without C0 controls */
    ZT_INPUT_PRESS,  /* a key that is no text: press modifiers; letter of ZT_PRESS_LETTER */
    ZT_INPUT_PASTE,  /* pasted: text, any bytes; is_cut */
    ZT_INPUT_MOUSE,  /* button modifiers is_down is_motion row column */
    ZT_INPUT_FOCUS,  /* the window has got the focus, or has lost it: has_focus */
    ZT_INPUT_CURSOR, /* an answer to ESC[6n: row column. Shift-F3 of some terminals looks like it:
                        who has not asked ignores it */
    ZT_INPUT_DEVICE, /* an answer to ESC[c: text, its numbers as they came */
    ZT_INPUT_BACKGROUND /* an answer to OSC 11: text, a colour as it came, without a control */
} zt_input_kind_t;

typedef enum {
    ZT_PRESS_LETTER, /* with Ctrl or Alt; without them it is text */
    ZT_PRESS_ENTER,
    ZT_PRESS_TAB,
    ZT_PRESS_BACKSPACE,
    ZT_PRESS_ESCAPE,
    ZT_PRESS_INSERT,
    ZT_PRESS_DELETE,
    ZT_PRESS_UP,
    ZT_PRESS_DOWN,
    ZT_PRESS_LEFT,
    ZT_PRESS_RIGHT,
    ZT_PRESS_HOME,
    ZT_PRESS_END,
    ZT_PRESS_PAGE_UP,
    ZT_PRESS_PAGE_DOWN,
    ZT_PRESS_F1, /* the others follow it in order, up to F12 */
    ZT_PRESS_F12 = ZT_PRESS_F1 + 11
} zt_press_t;

enum { ZT_SHIFT = 1, ZT_ALT = 2, ZT_CTRL = 4 };

typedef enum {
    ZT_BUTTON_LEFT,
    ZT_BUTTON_MIDDLE,
    ZT_BUTTON_RIGHT,
    ZT_BUTTON_NONE, /* a motion */
    ZT_BUTTON_WHEEL_UP,
    ZT_BUTTON_WHEEL_DOWN,
    ZT_BUTTON_WHEEL_LEFT,
    ZT_BUTTON_WHEEL_RIGHT,
    ZT_BUTTON_OTHER
} zt_button_t;

/*  An event; which members it has stands beside its kind, the others are zero. */
typedef struct {
    zt_input_kind_t kind;
    zt_bytes_t text; /* who gives the event tells how long it lives */
    zt_press_t press;
    uint32_t letter;    /* with Ctrl a lower-case one; a space, for Ctrl-Space */
    unsigned modifiers; /* ZT_SHIFT and so on, or-ed */
    zt_button_t button;
    unsigned row;    /* from 1 */
    unsigned column; /* from 1 */
    bool is_down;    /* the button is down now */
    bool is_motion;  /* it was the mouse that moved */
    bool has_focus;
    bool is_cut; /* the paste was longer than is taken: this is its beginning */
} zt_input_t;

#endif
