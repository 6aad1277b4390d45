/*  SPDX-License-Identifier: MPL-2.0

    zt_term - the terminal that is drawn on: the only module that touches it

    It is opened anew, so that writing never waits and nobody who shares it finds it
    changed: what it does not take stays here, and no frame is begun before it is gone.
    While the program runs the terminal is in raw mode, on the alternate screen; it is
    restored on every way out (rescue.h). */

#ifndef ZT_CLIENT_TERM_H
#define ZT_CLIENT_TERM_H

#include "client/terminal.h"

typedef struct zt_term_t zt_term_t;

/*  What the environment says of the terminal that the program was started from. */
zt_terminal_t zt_term_guess (void);

/*  Takes the terminal at path (NULL: /dev/tty, the one that the program was started from).
    NULL, with errno, if that is not possible; nothing is changed then. The program has one
    zt_term_t at a time. */
zt_term_t *zt_term_new (const char *path);

/*  Restores the terminal. */
void zt_term_destroy (zt_term_t **self_p);

/*  To be polled: what is typed can be read; and, while it is pending, written. */
int zt_term_fd (const zt_term_t *self);

/*  What the environment says of it. */
const zt_terminal_t *zt_term_terminal (const zt_term_t *self);

/*  How large it is; what does not know is 24 rows of 80 columns. */
void zt_term_size (const zt_term_t *self, int *rows, int *columns);

/*  Reads once what has been typed, and appends it. False if the terminal is gone. */
bool zt_term_read (zt_term_t *self, zt_buffer_t *buffer);

/*  Where to append a frame, or anything that must reach the terminal as a whole; then
    zt_term_flush. NULL while the terminal has not taken what came before, or is away:
    leave the frame out, and draw the next one. */
zt_buffer_t *zt_term_frame (zt_term_t *self);

/*  Writes what the terminal takes now. False if it is gone. */
bool zt_term_flush (zt_term_t *self);

/*  True if there is something that the terminal has not taken. */
bool zt_term_is_pending (const zt_term_t *self);

/*  The mouse is reported; or it selects text, as it does at the start. */
void zt_term_set_mouse (zt_term_t *self, bool is_wanted);

/*  The title of the window, which gets its old one back at the end; a notification; the
    bell. The texts are any bytes. They go out with the next zt_term_flush; if the terminal
    takes nothing for long, or is away, they are lost. */
void zt_term_set_title (zt_term_t *self, zt_bytes_t title);
void zt_term_notify (zt_term_t *self, zt_bytes_t title, zt_bytes_t text);
void zt_term_ring (zt_term_t *self);

/*  For SIGTSTP, and Ctrl-Z: restores the terminal, stops the program, and goes on when it
    is continued. */
void zt_term_stop (zt_term_t *self);

/*  For SIGCONT: takes the terminal again, if it is ours. Then, and after zt_term_stop, all
    is to be drawn anew. */
void zt_term_continue (zt_term_t *self);

/*  True while the program runs in the background: nothing is read or written. */
bool zt_term_is_away (const zt_term_t *self);

#endif
