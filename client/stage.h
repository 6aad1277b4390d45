/*  SPDX-License-Identifier: MPL-2.0

    zt_stage - the full screen in its terminal: bytes to events, frames to bytes

    It has all that zt_ui must not know: the terminal, its answers, times, the program that edits
    a long text. A frame is drawn when something has changed, when the terminal has taken the
    one before, and not more often than an eye can see. */

#ifndef ZT_CLIENT_STAGE_H
#define ZT_CLIENT_STAGE_H

#include "client/core.h"
#include "client/home.h"

#include <stdint.h>

typedef struct zt_stage_t zt_stage_t;

/*  Is there a terminal for a full screen: stdin and stdout are one, and it is capable? */
bool zt_stage_is_possible (void);

/*  Takes the terminal. name is one's own, theme the name of one, or NULL. NULL, with errno, if
    the terminal cannot be had. The caller destroys it, which restores the terminal. */
zt_stage_t *zt_stage_new (const char *name, const char *theme, int64_t now);
void zt_stage_destroy (zt_stage_t **self_p);

/*  To be called once, before anything else. */
void zt_stage_attach (zt_stage_t *self, zt_client_t *core);

/*  From now on what is typed and not sent is kept there (drawer.h), and what was is there again.
   The home must stay open, and the lock of the same three be held. */
void zt_stage_keep (zt_stage_t *self, const zt_home_t *home, const char *endpoint, const char *name,
                    const char *device);

/*  An item of the core: a zt_show_fn. */
void zt_stage_show (void *self, const zt_item_t *item);

/*  What to wait for: input, always; output, if wants_output. -1 while another program has the
    terminal. */
int zt_stage_fd (const zt_stage_t *self);
bool zt_stage_wants_output (const zt_stage_t *self);

/*  Reads what was typed, and acts on it. False if the terminal is gone. */
bool zt_stage_read (zt_stage_t *self, int64_t now);

/*  Does what is due, draws, and writes what the terminal takes. False if it is gone. */
bool zt_stage_turn (zt_stage_t *self, int64_t now);

/*  When zt_stage_turn has something to do, or ZT_NEVER. */
int64_t zt_stage_deadline (const zt_stage_t *self);

/*  A signal has come: SIGWINCH, SIGTSTP, SIGCONT or SIGCHLD. */
void zt_stage_signal (zt_stage_t *self, int signal, int64_t now);

#endif
