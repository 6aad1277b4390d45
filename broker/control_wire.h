/*  SPDX-License-Identifier: MPL-2.0

    zt_control_wire - what ztalk-ctl and the broker say to each other

    Over a unix socket of the broker's directory, DEALER to ROUTER, a frame each:

        -> ZTALK-CTL/1 text LF line          a command, as it is typed on the console; or "json"
        <- DATA LF lines                     a piece of the answer, whole lines
        -> MORE LF                           the next piece, please
        <- WARNING LF sentence               beside the answer, which comes all the same
        <- WAIT LF                           it is not done yet; nothing is to be asked for
        <- DONE LF lines                     the last piece; or what went wrong, with a sentence:
           FAILED LF sentence, USAGE LF sentence, REFUSED LF sentence

    The next piece is made when it is asked for: an answer may be long, and who does not read
    it costs nothing. A later command of the same connection takes the place of the one before,
   unless that is a backup, which is not given up for it: the later one has FAILED. */

#ifndef ZT_CONTROL_WIRE_H
#define ZT_CONTROL_WIRE_H

#include "common/buffer.h"

/*  Bytes: of a frame to the broker; of a piece, about. */
enum { ZT_CONTROL_FRAME = 16384, ZT_CONTROL_PIECE = 16384 };

/*  ms: how often is told that it is not done. */
enum { ZT_CONTROL_WAIT_MS = 2000 };

typedef enum {
    ZT_CONTROL_TEXT, /* a command whose answer people read */
    ZT_CONTROL_JSON, /* or programs */
    ZT_CONTROL_MORE,
    ZT_CONTROL_UNKNOWN
} zt_control_request_t;

/*  What a frame to the broker is; *line is the command, a view of the frame. */
zt_control_request_t zt_control_request (zt_bytes_t frame, zt_bytes_t *line);
void zt_control_put_request (zt_buffer_t *frame, zt_control_request_t request, zt_bytes_t line);

typedef enum {
    ZT_CONTROL_DATA,
    ZT_CONTROL_DONE,
    ZT_CONTROL_WAIT,
    ZT_CONTROL_FAILED,
    ZT_CONTROL_USAGE,
    ZT_CONTROL_REFUSED,
    ZT_CONTROL_WARNING,
    ZT_CONTROL_REPLIES
} zt_control_reply_t;

/*  What a frame of the broker is, ZT_CONTROL_REPLIES if it is nothing; *rest is what it brings, a
    view of the frame. */
zt_control_reply_t zt_control_reply (zt_bytes_t frame, zt_bytes_t *rest);
void zt_control_put_reply (zt_buffer_t *frame, zt_control_reply_t reply, zt_bytes_t rest);

#endif
