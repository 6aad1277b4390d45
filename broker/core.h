/*  SPDX-License-Identifier: MPL-2.0

    zt_core - the broker as a pure state machine

    Events go in (a frame from a peer, a tick, a completion of the store, a peer
    that is gone), each with its time. What is to be done comes out: requests to
    the store, frames to peers, peers to drop, lines for the operator. There is no
    socket, clock, file, thread or random number in here; the same events give
    the same output.

    A turn of the shell is:

        zt_core_frame () for each frame that is there
        zt_core_commit (), zt_core_next_request () to the store,
            zt_core_stored () for each completion, again while there are any
        zt_core_flush (), zt_core_next_frame () until there is none; zt_core_next_drop (),
            zt_core_next_line () likewise

    so that all that is ready for a peer leaves in one frame.

    A peer is a small number that the shell chose for a connection: the core
    keeps an array by it, and forgets all of it at zt_core_gone. */

#ifndef ZT_CORE_H
#define ZT_CORE_H

#include "broker/level.h"
#include "broker/mutes.h"
#include "broker/stats.h"
#include "broker/store.h"
#include "common/key.h"
#include "common/lookalike.h"
#include "common/verb.h"

typedef struct zt_core zt_core_t;

/*  Bytes of the word to everybody who connects. */
enum { ZT_MOTD_MAX = 1024 };

/*  Who may take a name that is nobody's; and who is invited to one, or admitted, always may. */
typedef enum {
    ZT_REGISTRATION_OPEN,
    ZT_REGISTRATION_INVITE,
    ZT_REGISTRATION_CLOSED
} zt_registration_t;

typedef struct {
    const char *motd;     /* for WELCOME, of ZT_MOTD_MAX bytes at most; copied */
    const char *own_name; /* that the broker speaks as, and nobody may take: one that zt_name_fold
                             takes, borrowed as long as the core lives; NULL: none */
    uint64_t first_id;    /* that is given, or a higher one; at least 1. Ids of an earlier log
                             must lie below it, see zt_core_start */
    bool recalls;         /* the store finds what became of a ref in no time: it is asked about all
                             that are not remembered, not only about those of an earlier start */
    uint32_t replay;      /* the most messages that a device is sent of what it has missed; for
                             the others it gets GAP */
    zt_registration_t registration; /* who may take a name that is nobody's */
    uint32_t messages_per_s;        /* that a connection may send, each KiB of one counts; 0: any */
    uint32_t messages_burst;        /* that it may send at once; at least 1 */
} zt_core_config_t;

/*  The most peers: their numbers are below it. */
enum { ZT_PEERS_MAX = 1 << 20 };

/*  A core with nobody in it. The caller destroys it. */
zt_core_t *zt_core_new (const zt_core_config_t *config);

/*  Before any event, in this order: what the store has saved, record after record, and
    where its log ends. A core without a store that lasts does not need it. Ids go on
    above the log's end or at config.first_id, whichever is higher: with a first_id taken
    from the clock they stay unique also when the store was restored from a backup that
    does not know of the last ones. */
void zt_core_restore (zt_core_t *self, const zt_record_t *record);
void zt_core_start (zt_core_t *self, const zt_store_start_t *start);

/*  Ends the core; what it has not handed out is lost. Sets *self_p to NULL. */
void zt_core_destroy (zt_core_t **self_p);

/*  The core makes codes of bytes that nobody can guess, and cannot make those itself. How many it
    has room for; and gives it so many, or fewer. */
enum { ZT_RANDOM_POOL = 4096 };
size_t zt_core_wants_random (const zt_core_t *self);
void zt_core_stir (zt_core_t *self, const void *bytes, size_t size);

/*  The peer has proved to have this key: before its first frame. Names that it takes belong
    to the key. A peer that is not encrypted has none. */
void zt_core_came (zt_core_t *self, uint32_t peer, const zt_key_t *key);

/*  The peer has sent a frame. The bytes are borrowed for the call. now is in ms
    since the epoch, in every call, and SHOULD not go back. */
void zt_core_frame (zt_core_t *self, uint32_t peer, const char *data, size_t size, uint64_t now);

/*  The peer has sent what is no frame at all: several parts, say. */
void zt_core_bad_frame (zt_core_t *self, uint32_t peer, uint64_t now);

/*  The peer's connection is gone, and its number free for another one. */
void zt_core_gone (zt_core_t *self, uint32_t peer, uint64_t now);

/*  Time has passed: heartbeats, presence. To be called at zt_core_deadline. */
void zt_core_tick (zt_core_t *self, uint64_t now);

/*  When the next tick is due; UINT64_MAX if nothing waits for one. */
uint64_t zt_core_deadline (const zt_core_t *self);

/*  A request has been completed. The completion is borrowed for the call. */
void zt_core_stored (zt_core_t *self, const zt_completion_t *completion, uint64_t now);

/*  Hands what was sent since the last commit to the store, and what is to be saved
    beside it, unless an earlier commit is still under way: then it grows until that
    one is done; or the store said that it can store nothing now: then not before a
    tick a second later. */
void zt_core_commit (zt_core_t *self);

/*  Tells every session that the broker is going down, and ends it. What is to be saved
    then is for one more commit. */
void zt_core_shutdown (zt_core_t *self, uint64_t now);

/*  True if nothing waits to be stored or saved. */
bool zt_core_is_saved (const zt_core_t *self);

/*  What became of something that is to be stored. */
typedef enum { ZT_KEPT_PENDING, ZT_KEPT_STORED, ZT_KEPT_LOST } zt_kept_t;

/*  A number for all that is to be saved up to now; and what became of that. LOST: it could not be,
    and is tried again with whatever is to be saved next. */
uint64_t zt_core_saving (const zt_core_t *self);
zt_kept_t zt_core_saved (const zt_core_t *self, uint64_t number);

/*  Ends all sessions of the user of that name. Returns how many there were, or
    -1 if nobody has the name. */
int zt_core_kick (zt_core_t *self, zt_bytes_t name, uint64_t now);

/*  Changes what may change while it runs: motd, replay, registration, messages_per_s and
    messages_burst. Nothing else of config is looked at. */
void zt_core_configure (zt_core_t *self, const zt_core_config_t *config);

/*  The motd, which lives until it is changed. */
const char *zt_core_motd (const zt_core_t *self);
void zt_core_set_motd (zt_core_t *self, const char *motd);

/*  Says something to #general in the broker's own name: a body, JSON. It is in the log, and goes to
    all, as any message does. Returns NULL with its id, or a static sentence. */
const char *zt_core_say (zt_core_t *self, zt_bytes_t body, uint64_t now, uint64_t *id);

/*  What became of that. LOST: it will not be stored. */
zt_kept_t zt_core_said (const zt_core_t *self, uint64_t id);

/*  Who may not write, and until when. Returns NULL, or a static sentence; false if the name was
    not muted. */
const char *zt_core_mute (zt_core_t *self, zt_bytes_t name, uint64_t until, uint64_t now);
bool zt_core_unmute (zt_core_t *self, zt_bytes_t name);
const zt_mutes_t *zt_core_mutes (const zt_core_t *self);

/*  Takes these mutes over, instead of those that there were. */
void zt_core_take_mutes (zt_core_t *self, zt_mutes_t *mutes);

/*  Has somebody this name? */
bool zt_core_has_user (zt_core_t *self, zt_bytes_t name);

/*  Ends the session of the peer, and its connection. Returns how many sessions there were: 0 or 1.
 */
int zt_core_kick_peer (zt_core_t *self, uint32_t peer, uint64_t now);

/*  The same for all connections of a key; and codes of its users let nobody in any more. Returns
    how many sessions there were. */
int zt_core_kick_key (zt_core_t *self, const zt_key_t *key, uint64_t now);

/*  Invites somebody to a name that is nobody's: it is theirs who show the code first; one that
    was given before is good no more. Returns NULL with the code, or a static sentence. */
enum { ZT_INVITE_LETTERS = 26, ZT_INVITE_SIZE = ZT_INVITE_LETTERS + 1 };
const char *zt_core_invite (zt_core_t *self, zt_bytes_t name, char code[ZT_INVITE_SIZE]);

/*  The name belongs to the key from now on: a name that is nobody's, or one that has
    other keys, too. Returns NULL, or a static sentence. */
const char *zt_core_admit (zt_core_t *self, zt_bytes_t name, const zt_key_t *key);

/*  The name belongs to the key no more, as long as it belongs to another one; sessions that it
    has begun end. Returns NULL, or a static sentence. */
const char *zt_core_revoke (zt_core_t *self, zt_bytes_t name, const zt_key_t *key, uint64_t now);

/*  The i-th key that the name belongs to, from 0; false if there are not so many. */
bool zt_core_user_key (zt_core_t *self, zt_bytes_t name, size_t i, zt_key_t *key);

/*  Has the peer a session? */
bool zt_core_has_session (const zt_core_t *self, uint32_t peer);

/*  The next request to the store; false if there is none. What the request owns
    (see store.h) goes to the caller, for the store to take over. */
bool zt_core_next_request (zt_core_t *self, zt_request_t *request);

/*  Ends a turn: what waited for company joins the frames that leave now. */
void zt_core_flush (zt_core_t *self, uint64_t now);

/*  A frame for a peer: the parts, put together. Two frames with the same single
    part may share one copy of it. */
typedef struct {
    uint32_t peer;
    uint32_t n_parts;
    const zt_bytes_t *parts;
    size_t size; /* of all parts */
} zt_frame_t;

/*  The next frame to send; false when there is none. Parts are borrowed until the
    next event goes in. */
bool zt_core_next_frame (zt_core_t *self, zt_frame_t *frame);

/*  The next peer whose connection is to be ended, once what was sent to it has
    had a moment to leave; false when there is none. Its session is over already. */
bool zt_core_next_drop (zt_core_t *self, uint32_t *peer);

/*  A line for the operator. */
enum { ZT_NO_PEER = ZT_PEERS_MAX };
typedef struct {
    zt_level_t level;
    uint32_t peer; /* that it is about, or ZT_NO_PEER */
    zt_bytes_t text;
} zt_line_t;

/*  The next one; false when there is none. Borrowed until the next event goes in. */
bool zt_core_next_line (zt_core_t *self, zt_line_t *line);

/*  What is counted, as long as the core lives: by the core, and beside it by whoever has it. */
zt_stats_t *zt_core_stats (zt_core_t *self);

/*  Measures the gauges of it that the core knows about. That takes a look at each session. */
void zt_core_measure (zt_core_t *self);

/*  How many there are. */
typedef struct {
    size_t sessions;
    size_t users; /* that are known, here or not */
    size_t rooms;
    uint64_t last_id; /* of the log, as far as it is stored */
} zt_core_status_t;

void zt_core_status (const zt_core_t *self, zt_core_status_t *status);

/*  A session, for whoever asks. Borrowed as long as no event goes in. */
typedef struct {
    uint32_t peer;
    zt_bytes_t name;
    zt_flag_t flag;    /* of the name */
    zt_bytes_t device; /* empty for a session without one */
    bool follows;      /* such a one receives, all the same */
    uint64_t since;    /* ms since the epoch */
    uint64_t behind;   /* messages that it may still have to acknowledge; of those of earlier
                          starts it is not known how many there are */
} zt_session_info_t;

/*  How many there are. */
size_t zt_core_sessions (const zt_core_t *self);

/*  The session at place i of n; false when i is beyond the last. */
bool zt_core_session (const zt_core_t *self, size_t i, zt_session_info_t *info);

#endif
