/*  SPDX-License-Identifier: MPL-2.0

    zt_probe - asks the terminal how wide it draws what terminals disagree about

    A few strings are written, and after each the terminal is asked where its cursor is;
    at the end a question that every terminal answers is the fence: what has no answer
    by then will have none. The first part of a full-screen run:

        zt_probe_begin (probe, now, buffer), and the buffer goes to the terminal;
        answers go to zt_probe_cursor and zt_probe_device as they come, zt_probe_tick
        is called at zt_probe_deadline; and whenever zt_probe_result is true, its widths
        hold from then on, and all is drawn anew.

    Late answers, on a slow line, are still answers: the safe profile that was taken at the
    deadline then gives way. Times are milliseconds of a clock that only goes forward. */

#ifndef ZT_CLIENT_PROBE_H
#define ZT_CLIENT_PROBE_H

#include "client/glyph.h"

#include <stdint.h>

enum { ZT_PROBE_MS = 500, ZT_PROBE_STRINGS = 8 };

/*  Zeroed, it has asked nothing. All of it is private. */
typedef struct {
    unsigned fences; /* asked for, and not come */
    bool is_due;     /* the deadline is to come */
    bool has_result; /* and nobody has taken it */
    int64_t deadline;
    size_t answers;
    unsigned char columns[ZT_PROBE_STRINGS];
    bool is_light_known, is_light;
    zt_widths_t widths;
} zt_probe_t;

/*  Appends the questions. They draw on the second row, and leave it and the cursor for the
    painter to forget. May be called again, when another terminal may be there. With
    asks_background the terminal is asked for the colour of its background, too. */
void zt_probe_begin (zt_probe_t *self, int64_t now, bool asks_background, zt_buffer_t *buffer);

/*  The terminal says where its cursor is, counted from 1. False if that is no answer to
    the probe, and therefore Shift-F3, or nothing. */
bool zt_probe_cursor (zt_probe_t *self, unsigned row, unsigned column);

/*  The terminal says what it is; false if the probe has not asked. */
bool zt_probe_device (zt_probe_t *self);

/*  What the terminal says of its background: "rgb:1e1e/1e1e/1e1e". */
void zt_probe_background (zt_probe_t *self, zt_bytes_t colour);

void zt_probe_tick (zt_probe_t *self, int64_t now);

/*  When zt_probe_tick has something to do, or INT64_MAX. */
int64_t zt_probe_deadline (const zt_probe_t *self);

/*  True if there is a new result, once: it is stored in *widths. */
bool zt_probe_result (zt_probe_t *self, zt_widths_t *widths);

/*  True if the terminal has told its background; *is_light then tells what it is. */
bool zt_probe_is_light (const zt_probe_t *self, bool *is_light);

#endif
