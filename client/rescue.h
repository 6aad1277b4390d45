/*  SPDX-License-Identifier: MPL-2.0

    zt_rescue - the terminal is left as it was found, however the program ends

    A program that dies in a full screen leaves a terminal that shows nothing of what is
    typed. While the rescue is armed, a signal that ends the program first restores the
    terminal; exit () does too. SIGKILL alone does not. There is one. */

#ifndef ZT_CLIENT_RESCUE_H
#define ZT_CLIENT_RESCUE_H

#include "common/bytes.h"

#include <termios.h>

/*  The most bytes of what leaves a screen. */
enum { ZT_RESCUE_BYTES = 256 };

/*  From now on: fd gets the bytes (copied, ZT_RESCUE_BYTES at most) and the modes when the
    program ends. fd does not block. */
void zt_rescue_arm (int fd, const struct termios *modes, zt_bytes_t bytes);

/*  Restores the terminal now, and no more. Does nothing if it is not armed. */
void zt_rescue_disarm (void);

#endif
