/*  SPDX-License-Identifier: MPL-2.0

    zt_zmtp - ZMTP 3.0 by hand, over a bare socket

    libzmq does not let one send what is wrong; these functions do. A connection is
    a descriptor, which the caller closes. They fail the test when something takes
    longer than a deadline, but tell when the other end has closed. */

#ifndef ZT_ZMTP_H
#define ZT_ZMTP_H

#include "common/buffer.h"

/*  Flags of a frame. A frame of over 255 bytes is written with ZT_ZMTP_LARGE. */
enum { ZT_ZMTP_MORE = 1, ZT_ZMTP_LARGE = 2, ZT_ZMTP_COMMAND = 4 };

/*  Connects to tcp://127.0.0.1:PORT, or ipc://PATH, and says nothing. */
int zt_zmtp_connect (const char *endpoint);

/*  Connects and greets, as a DEALER with that identity, and waits for the other end's
    READY, or until it has closed. */
int zt_zmtp_open (const char *endpoint, zt_bytes_t identity);

/*  The same, and claims one more property. */
int zt_zmtp_open_claiming (const char *endpoint, zt_bytes_t identity, const char *property,
                           const char *value);

/*  Append: the greeting (of NULL, or of another mechanism), the READY command (that may claim
    one more property), the head of a frame of size bytes, a whole frame. */
void zt_zmtp_put_greeting (zt_buffer_t *buffer);
void zt_zmtp_put_greeting_of (zt_buffer_t *buffer, const char *mechanism);
void zt_zmtp_put_ready (zt_buffer_t *buffer, zt_bytes_t identity);
void zt_zmtp_put_ready_claiming (zt_buffer_t *buffer, zt_bytes_t identity, const char *property,
                                 const char *value);
void zt_zmtp_put_head (zt_buffer_t *buffer, int flags, uint64_t size);
void zt_zmtp_put_frame (zt_buffer_t *buffer, int flags, zt_bytes_t frame);

/*  Sends all of it; what comes is read and thrown away meanwhile, unless deaf. False
    if the other end has closed. */
bool zt_zmtp_send (int fd, zt_bytes_t bytes);
bool zt_zmtp_send_deaf (int fd, zt_bytes_t bytes);

/*  Sends as much as goes at once. Returns how much, -1 when the other end has closed. */
long zt_zmtp_try (int fd, zt_bytes_t bytes);

/*  Reads and throws away what comes until text is in it. False if the other end
    has closed before. */
bool zt_zmtp_expect (int fd, const char *text);

/*  Says that nothing more will come, and reads until the other end has closed, too. */
void zt_zmtp_finish (int fd);

/*  Appends what comes until the other end has closed. */
void zt_zmtp_read (int fd, zt_buffer_t *buffer);

/*  Reads until the other end has closed. False if it has not after so many ms. */
bool zt_zmtp_ends (int fd, int ms);

#endif
