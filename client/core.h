/*  SPDX-License-Identifier: MPL-2.0

    zt_client - the client, as a pure state machine

    Typed lines, frames of the broker, the connection's ups and downs and the
    time go in; frames to send, items to show and the state come out. No socket,
    clock, file, thread or random number is in it, so that a test is a readable
    transcript. Times (now) are milliseconds of a clock that only goes forward.

    After any events the owner does, in this order: zt_client_tick, then
    zt_client_relink, then (when all that was shown is out of its hands)
    zt_client_displayed, then zt_client_frame and zt_client_frame_sent until there is
    no frame; and comes back at zt_client_deadline at the latest. */

#ifndef ZT_CLIENT_CORE_H
#define ZT_CLIENT_CORE_H

#include "client/item.h"

typedef struct zt_client_t zt_client_t;

/*  The strings are copied. */
typedef struct {
    const char *endpoint;
    const char *name;   /* a valid name, see zt_name_fold */
    const char *device; /* a valid name */
    const char *token;  /* what owns the name, 1 to TOKEN_MAX characters */
    bool interactive;   /* a person is typing: tries to connect for ever */
    unsigned jitter_ms; /* is added to every wait before a reconnect, below 1000 */
    zt_show_fn *show;
    void *show_self; /* for show */
} zt_client_config_t;

/*  "No deadline", of zt_client_deadline. */
#define ZT_NEVER INT64_MAX

/*  A new core; shows that it is connecting. The owner begins to connect. */
zt_client_t *zt_client_new (const zt_client_config_t *config, int64_t now);
void zt_client_destroy (zt_client_t **self_p);

/*  The socket has got its connection, or has lost it. */
void zt_client_up (zt_client_t *self, int64_t now);
void zt_client_down (zt_client_t *self, int64_t now);

/*  A frame of the broker: any bytes. */
void zt_client_receive (zt_client_t *self, zt_bytes_t frame, int64_t now);

/*  The broker sent something that is no frame, such as a message of several. */
void zt_client_malformed (zt_client_t *self, int64_t now);

/*  A line that was typed, without its end: any bytes. A longer line than
    BODY_MAX may be cut to BODY_MAX + 1 bytes; it is refused anyway. */
/*  A line was typed, but the terminal may have cut it: it is not sent, and that is said. */
void zt_client_cut (zt_client_t *self, zt_bytes_t line);

void zt_client_typed (zt_client_t *self, zt_bytes_t line, int64_t now);

/*  No more lines will come: ends when all that was typed is answered. */
void zt_client_finish (zt_client_t *self, int64_t now);

/*  Ends as soon as BYE is said, whatever is answered. */
void zt_client_quit (zt_client_t *self, int64_t now);

/*  Does what is due at this time. */
void zt_client_tick (zt_client_t *self, int64_t now);

/*  When zt_client_tick has something to do at the latest, or ZT_NEVER. */
int64_t zt_client_deadline (const zt_client_t *self);

/*  True if the socket is to be closed and made anew; tells so once. */
bool zt_client_relink (zt_client_t *self);

/*  All that was shown up to now has left our hands: only then it is acknowledged,
    so that what dies in a pipe with us is delivered again. */
void zt_client_displayed (zt_client_t *self);

/*  The frame that is to be sent now, or empty. It stays the same, and lives,
    until zt_client_frame_sent or zt_client_down. */
zt_bytes_t zt_client_frame (zt_client_t *self);

/*  The frame has been given to the socket. */
void zt_client_frame_sent (zt_client_t *self, int64_t now);

/*  False while so much waits to be sent that typed lines should wait, too. */
bool zt_client_takes_lines (const zt_client_t *self);

/*  True when it is over; *status is then what the program is to exit with. */
bool zt_client_over (const zt_client_t *self, int *status);

#endif
