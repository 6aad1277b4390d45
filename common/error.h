/*  SPDX-License-Identifier: MPL-2.0

    zt_error - the codes of ERROR, in one table

    A code is for programs, the sentence that goes with it is for a person. */

#ifndef ZT_ERROR_H
#define ZT_ERROR_H

#include "common/bytes.h"
#include "common/translate.h"

/*    enum            code on the wire    what it means (and what PROTOCOL.md says of it) */
#define ZT_ERRORS(X)                                                                               \
    X (VERSION, "version", N_ ("the broker does not speak this version of the protocol"))          \
    X (BAD_REQUEST, "bad-request", N_ ("the message is not what the protocol allows"))             \
    X (HELLO_FIRST, "hello-first", N_ ("a session begins with HELLO"))                             \
    X (BAD_NAME, "bad-name", N_ ("this cannot be the name of a user, a device or a room"))         \
    X (NAME_TAKEN, "name-taken", N_ ("the name belongs to somebody else"))                         \
    X (NO_SUCH_USER, "no-such-user", N_ ("nobody has this name"))                                  \
    X (NO_SUCH_ROOM, "no-such-room", N_ ("there is no such room"))                                 \
    X (TOO_LARGE, "too-large", N_ ("the body is over the limit"))                                  \
    X (RATE_LIMITED, "rate-limited", N_ ("too many requests, try again after retry_ms"))           \
    X (FORBIDDEN, "forbidden", N_ ("this is not allowed to you"))                                  \
    X (BUSY, "busy", N_ ("the broker is at a limit, try again after retry_ms"))                    \
    X (UNAVAILABLE, "unavailable", N_ ("the broker cannot do this now; nothing was stored"))

#define S_ENUM(name, code, what) ZT_ERROR_##name,
typedef enum { ZT_ERRORS (S_ENUM) ZT_ERROR_COUNT } zt_error_t;
#undef S_ENUM

/*  The code as it goes over the wire; static. */
const char *zt_error_code (zt_error_t error);

/*  What it means, one sentence without a final stop; static. */
const char *zt_error_what (zt_error_t error);

/*  The error of that code, or ZT_ERROR_COUNT for one that we do not know. */
zt_error_t zt_error_find (zt_bytes_t code);

#endif
