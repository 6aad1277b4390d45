/*  SPDX-License-Identifier: MPL-2.0

    zt_guard - the terminal is left as it was found, however the program ends

    A program that dies in a full screen leaves a terminal that shows nothing of what is
    typed. While the guard is armed, a signal that ends the program first restores the
    terminal; exit () does too. SIGKILL alone does not. There is one guard. */

#ifndef ZT_CLIENT_GUARD_H
#define ZT_CLIENT_GUARD_H

#include "common/bytes.h"

#include <termios.h>

/*  The most bytes of what leaves a screen. */
enum { ZT_GUARD_BYTES = 256 };

/*  From now on: fd gets the bytes (copied, ZT_GUARD_BYTES at most) and the modes when the
    program ends. fd does not block. */
void zt_guard_arm (int fd, const struct termios *modes, zt_bytes_t bytes);

/*  Restores the terminal now, and no more. Does nothing if it is not armed. */
void zt_guard_disarm (void);

#endif
