/*  SPDX-License-Identifier: MPL-2.0

    zt_audit - what operators have done, a line each

    The file "audit.log" of the broker's directory, which is only appended to: a JSON object a
    line, {"time","who","uid","pid","command","arguments","outcome","message"}. What cannot be
    written is told, and does not keep the operator from doing it: who has to end a broker must
    be able to do so with a full disk. */

#ifndef ZT_AUDIT_H
#define ZT_AUDIT_H

#include "common/buffer.h"

#include <stdint.h>
#include <sys/types.h>

typedef struct zt_audit zt_audit_t;

typedef enum { ZT_WHO_CONSOLE, ZT_WHO_CONTROL, ZT_WHO_SIGNAL } zt_who_kind_t;

/*  Who did it. */
typedef struct {
    zt_who_kind_t kind;
    bool is_known; /* uid and pid are */
    uid_t uid;
    pid_t pid;
} zt_who_t;

/*  Appends it as people read it: "console", "uid 0, process 123". */
void zt_who_put (const zt_who_t *self, zt_buffer_t *text);

typedef struct {
    zt_who_t who;
    zt_bytes_t command;
    zt_bytes_t arguments; /* as they were typed */
    const char
        *outcome; /* "done", "failed", "refused"; "begun", where another line tells of the end */
    zt_bytes_t message; /* why; may be empty */
} zt_deed_t;

/*  The log of that directory; NULL: it is kept nowhere. It is opened by the first line. */
zt_audit_t *zt_audit_new (const char *directory);
void zt_audit_destroy (zt_audit_t **self_p);

/*  Writes a line, at once. NULL, or what went wrong, a sentence that lives until the next call. now
    is in ms since the epoch. */
const char *zt_audit_write (zt_audit_t *self, const zt_deed_t *deed, uint64_t now);

/*  The file may have been moved away: the next line opens it anew. */
void zt_audit_reopen (zt_audit_t *self);

#endif
