/*  SPDX-License-Identifier: MPL-2.0

    zt_broker_trace - the broker's core, driven by a transcript

    A transcript is lines of text. What goes in, and what must come out:

        olena> SEND 1 @ivan {"text":"hi"}      a frame from olena; the length of a body
                                               is put in. " | " stands between the
                                               messages of one frame
        olena> raw BYTES                       a frame of just these bytes (\n, \x00)
        olena< MSG 7 1000 @ivan @olena {...}   the next message to olena. "*" stands for
                                               a word, or at the end for all that follows
        olena<                                 there is no further message to olena
        olena<|                                here one frame ends and the next begins
        olena gone                             the connection has ended
        olena dropped                          the core wants it ended
        +500                                   that many ms go by, with ticks
        -500                                   the clock is set back, and ticks
        store holds / goes on / fails          completions wait / come / say that a slice
                                               was not stored
        kick NAME, shutdown                    the operator
        mute NAME MS, unmute NAME              for so long; the operator, too
        say BODY                               the operator, as @broker
        admit NAME LETTER, revoke NAME LETTER, ban LETTER, invite NAME
        refused: any of these                  likewise; a key is 40 times a letter, and the
                                               code of an invitation is 26 times the next one
                                               of what codes are made of: 2, 3, 4 …
        olena has key LETTER                   the connection is encrypted; before it speaks
        registration open, invite, closed      who may take a name; the broker begins anew
        at most N a second, M at once          likewise for what a connection may send
        counts NAME N                          a counter or gauge of stats.h; of those by error
                                               or reason NAME is refused/busy, say
        crash [N]                              the broker dies and begins again on what was
                                               saved (with a replay limit of N); the
                                               connections are gone, names stand for new ones

    Time begins at 1000, ids at 1. At the end nothing may be left that was not
    expected. A line that does not hold fails the cmocka test, and is shown. */

#ifndef ZT_BROKER_TRACE_H
#define ZT_BROKER_TRACE_H

#include <stddef.h>

/*  Runs a transcript on a new core whose log keeps log_bytes. */
void zt_broker_trace_with (const char *transcript, size_t log_bytes);

/*  The same, with a log that is large enough. */
void zt_broker_trace (const char *transcript);

#endif
