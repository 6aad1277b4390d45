/*  SPDX-License-Identifier: MPL-2.0

    zt_trace - the client's core, driven by a transcript

    A transcript has a line for everything that happens:

        up, down, eof, quit     the connection, the end of stdin, a signal
        malformed               the broker sent a message of several frames
        wait 50                 50 ms go by
        blocked, unblocked      what is shown stays with us, or leaves our hands
        > hi                    a line is typed
        offer hi                a line of the input comes, to be sent; one that begins with
                                BAD is not taken
        broker< SENT 1 2 3      a frame comes; a body follows its header without a length
        broker+ PONG 1          a message more in the frame that comes next
        raw< bytes              a frame comes as it is, with an LF
        post @ivan {"text":"a"} a program sends that
        done 7                  a program has dealt with that message
        journal                 from now on it is told what goes into the journal
        killed                  the client is killed, and started again with its journal
        doubt, refuse           the shell says so, with these words
        encrypt                 from now on the connections are
        torn 3                  the last 3 bytes of the journal are gone
        replace                 the journal is written anew

    and for everything that must follow from it, before anything else happens:

        client> SEND 1 #general {"text":"hi"}      a message goes out
        shown: * connected again                   a line is printed
        keeps: ACK 7                               a record goes into the journal
        relink                                     the socket is to be made anew
        over 0                                     the end, with its status

    An expected line that ends with "..." stands for all that begin like it. Empty
    lines, and what follows "    --", are for the reader. */

#ifndef ZT_CLIENT_TRACE_H
#define ZT_CLIENT_TRACE_H

#include "client/core.h"

/*  The key of the broker after "encrypt". */
#define ZT_TRACE_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

/*  How a core is to begin. */
typedef enum { ZT_TRACE_PIPE, ZT_TRACE_TERMINAL } zt_trace_kind_t;

/*  Runs a transcript from the making of a core, called olena on the device
    laptop, to its destruction; fails the test at the first difference. */
void zt_trace (zt_trace_kind_t kind, const char *transcript);

/*  The same with whatever else the configuration says; the name, the device, the token and what
    shows are the transcript's, and the endpoint, if there is none, is tcp://127.0.0.1:5555. */
void zt_trace_with (const zt_client_config_t *config, const char *transcript);

/*  The same for a client that only asks. */
void zt_trace_job (const zt_job_t *job, const char *transcript);

#endif
