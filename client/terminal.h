/*  SPDX-License-Identifier: MPL-2.0

    zt_terminal - what the environment says of the terminal, and what it is told beside
    what it shows: its title, and that something has come

    No byte of a text gets to the terminal as a control, whatever the text is. */

#ifndef ZT_CLIENT_TERMINAL_H
#define ZT_CLIENT_TERMINAL_H

#include "client/style.h"

/*  How a terminal is asked to show a notification. One that knows none shows nothing. */
typedef enum {
    ZT_NOTIFY_OSC_9,  /* one text: iTerm2, kitty, WezTerm and others */
    ZT_NOTIFY_OSC_777 /* a title and a text: VTE, foot, urxvt */
} zt_notify_t;

typedef struct {
    bool is_capable; /* of a full screen */
    bool is_tmux;    /* what tmux does not know is to be handed through it */
    zt_depth_t depth;
    zt_notify_t notify;
} zt_terminal_t;

/*  What is set in the environment; NULL is what is not set. */
typedef struct {
    const char *term;        /* TERM */
    const char *colorterm;   /* COLORTERM */
    const char *no_color;    /* NO_COLOR */
    const char *tmux;        /* TMUX */
    const char *vte_version; /* VTE_VERSION */
} zt_environment_t;

zt_terminal_t zt_terminal_guess (const zt_environment_t *environment);

/*  Appends what sets the title of the window. */
void zt_terminal_put_title (zt_buffer_t *buffer, zt_bytes_t title);

/*  Appends what shows a notification. */
void zt_terminal_put_notice (zt_buffer_t *buffer, const zt_terminal_t *terminal, zt_bytes_t title,
                             zt_bytes_t text);

#endif
