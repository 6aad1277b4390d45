/*  SPDX-License-Identifier: MPL-2.0

    The core's own state and the functions between its files; not for others. */

#ifndef ZT_CORE_STATE_H
#define ZT_CORE_STATE_H

#include "broker/core.h"
#include "broker/looks.h"
#include "broker/mutes.h"
#include "common/budget.h"
#include "common/error.h"
#include "common/limits.h"
#include "common/name.h"
#include "common/wire.h"

typedef struct zt_user zt_user_t;
typedef struct zt_room zt_room_t;
typedef struct zt_device zt_device_t;
typedef struct zt_session zt_session_t;

/*  ---------------------------------------------------------------------------
    People and rooms (people.c) */

/*  What users and rooms share: a number that is never given twice, a name with
    its sigil, and the folded name by which it is found. */
typedef struct {
    uint64_t number;
    char *name;   /* "@olena" or "#dev", as first registered */
    char *folded; /* without the sigil; in the same piece of memory */
    uint16_t name_size;
    uint16_t folded_size;
} zt_entity_t;

/*  A user's place in a room. What was said before `since` is not for them. */
typedef struct {
    zt_room_t *room;
    uint64_t since; /* the last id before they came */
} zt_membership_t;

/*  A receipt that a user is told when they are back: their private messages to
    `to` have been delivered up to `id`. */
typedef struct {
    uint64_t to; /* user */
    uint64_t id;
    bool is_saved;
} zt_receipt_t;

/*  What names belong to (owners.c): "key:" and a public key of CURVE, "token:" and a token, or
    "invite:" and a code that waits for whoever was given it. */
typedef struct {
    char *text;
    uint32_t n_names;
} zt_credential_t;

enum { ZT_CREDENTIAL_SIZE = ZT_TOKEN_MAX + 8 };

/*  A code with which another device joins a user. */
enum { ZT_PAIR_LETTERS = 8 };
typedef struct {
    char code[ZT_PAIR_LETTERS];
    uint64_t until; /* ms */
    unsigned n_tries;
} zt_pairing_t;

struct zt_user {
    zt_entity_t entity;
    zt_credential_t **credentials; /* any of them will do; none: the name is the live
                                      session's alone */
    uint32_t n_credentials;
    zt_pairing_t *pairing; /* NULL: no device may join */
    zt_budget_t sends;     /* ns: what its connections may send, together */
    uint64_t muted_until;  /* ms: it may not write before; 0: it may */
    zt_device_t *devices;
    zt_session_t *sessions; /* all live ones */
    zt_membership_t *rooms; /* beside #general */
    uint32_t n_rooms;
    uint32_t n_devices;
    uint32_t n_senders;   /* live sessions without a device */
    uint32_t n_receiving; /* live sessions that receive: online if there are any */
    zt_receipt_t *receipts;
    uint32_t n_receipts;
    uint64_t announced;     /* what the others were told last: 0: not here; else the place in
                               the order of coming online, which grows */
    zt_user_t *next_online; /* in that order; only while announced */
    zt_user_t *previous_online;
    bool is_marked; /* some of the receipts are to be saved */
    bool changed;   /* is in the list of those whose presence may have changed */
    bool removed;   /* cannot be found any more, but a commit or that list may point to it */
};

struct zt_room {
    zt_entity_t entity;
    zt_user_t **members;
    uint32_t n_members;
    uint32_t capacity;
};

/*  Consecutive refs that were accepted, with consecutive ids. */
typedef struct {
    uint64_t ref;
    uint64_t id;
    uint64_t time;
    uint64_t count;
} zt_accepted_t;

struct zt_device {
    zt_device_t *next; /* of the user */
    zt_user_t *user;
    zt_session_t *session;   /* the live one, or NULL */
    char *name;              /* NULL: of a session without a device; it ends with the session */
    uint64_t number;         /* never given twice; 0 if it has no name */
    uint64_t cursor;         /* while there is no session */
    uint64_t saved_cursor;   /* what the store has been told */
    uint64_t last_ref;       /* accepted */
    uint64_t restored_ref;   /* of an earlier start: what became of refs up to it, only
                                the store knows */
    uint32_t n_recalls;      /* that the store has not answered yet */
    bool is_marked;          /* the cursor is to be saved */
    zt_accepted_t *accepted; /* a ring of the newest, ZT_WINDOW at most */
    uint32_t accepted_capacity;
    uint32_t accepted_first;
    uint32_t n_accepted;
};

zt_user_t *zt_user_find (zt_core_t *core, const zt_folded_t *folded);
/*  The name, without its sigil, and what is told beside it. */
zt_bytes_t zt_user_name (const zt_user_t *user);
zt_flag_t zt_user_flag (const zt_core_t *core, const zt_user_t *user);
zt_user_t *zt_user_by_number (zt_core_t *core, uint64_t number);
/*  number: a saved one, or 0 for a new one; likewise below. The name has been entered into
    core->looks; zt_user_remove takes it out of there. */
zt_user_t *zt_user_add (zt_core_t *core, uint64_t number, zt_bytes_t name,
                        const zt_folded_t *folded);
/*  A new user, of a name that nobody has. It may look like another one, as long as everybody can
    be told; NULL with a sentence in *wrong if not. */
zt_user_t *zt_user_register (zt_core_t *core, zt_bytes_t name, const zt_folded_t *folded,
                             const char **wrong);
/*  A user that is in no tree and is nobody's, and its end: the broker's own. */
zt_user_t *zt_user_make (zt_core_t *core, zt_bytes_t name, const zt_folded_t *folded);
void zt_user_unmake (zt_user_t *user);
/*  The user cannot be found any more. It is buried at once, or, while it is in the list
    of those whose presence may have changed, by whoever takes it out of there. */
void zt_user_remove (zt_core_t *core, zt_user_t *user);
void zt_user_bury (zt_core_t *core, zt_user_t *user);

zt_room_t *zt_room_find (zt_core_t *core, const zt_folded_t *folded);
zt_room_t *zt_room_add (zt_core_t *core, uint64_t number, zt_bytes_t name,
                        const zt_folded_t *folded);
/*  Ends a room that nobody is in. */
void zt_room_end (zt_core_t *core, zt_room_t *room);
bool zt_room_is_general (const zt_core_t *core, const zt_room_t *room);
zt_membership_t *zt_user_membership (const zt_user_t *user, uint64_t room);
/*  What is said up to the id `since` is not for the user. */
zt_membership_t *zt_room_enter (zt_room_t *room, zt_user_t *user, uint64_t since);
void zt_room_leave (zt_room_t *room, zt_user_t *user);

zt_device_t *zt_device_find (const zt_user_t *user, const zt_folded_t *folded);
zt_device_t *zt_device_add (zt_core_t *core, zt_user_t *user, uint64_t number, zt_bytes_t name);
void zt_device_accept (zt_device_t *device, uint64_t ref, uint64_t id, uint64_t time);
/*  The id and time of an accepted ref; false if it is not remembered. */
bool zt_device_recall (const zt_device_t *device, uint64_t ref, uint64_t *id, uint64_t *time);
/*  Is the ref below all that are remembered, of which there were more? */
bool zt_device_has_forgotten (const zt_device_t *device, uint64_t ref);
/*  Was a message with this id accepted, and is it remembered? */
bool zt_device_has_accepted (const zt_device_t *device, uint64_t id);
/*  Forgets what was accepted with ids from `id` on: their refs can be used again. */
void zt_device_forget (zt_device_t *device, uint64_t id);
void zt_device_destroy (zt_device_t *device);

/*  The receipt of what the user has sent to `to`; a new one has the id 0, and may be put
    in the place of the oldest. */
zt_receipt_t *zt_user_receipt (zt_user_t *user, uint64_t to);

/*  Removed users, rooms and devices are kept until no commit can point to them. */
typedef struct {
    void *what;
    void (*destroy) (void *what);
    uint64_t open_number; /* of the slice that was open then */
} zt_grave_t;

void zt_people_bury (zt_core_t *core, void *what, void (*destroy) (void *what));
void zt_people_sweep (zt_core_t *core);
void zt_people_destroy (zt_core_t *core);

/*  ---------------------------------------------------------------------------
    Who owns a name (owners.c) */

/*  How many users belong to it. */
uint32_t zt_credential_names (const zt_core_t *core, const char *credential);
bool zt_user_has (const zt_user_t *user, const char *credential);
/*  The user belongs to it, too, from now on; or no more. */
void zt_user_give (zt_core_t *core, zt_user_t *user, const char *credential);
void zt_user_take (zt_core_t *core, zt_user_t *user, const char *credential);
void zt_owners_destroy (zt_core_t *core);

/*  ---------------------------------------------------------------------------
    What the broker says itself (say.c) */

void zt_say_init (zt_core_t *core);
/*  Is this the broker's own name? */
bool zt_say_is_own (const zt_core_t *core, const zt_folded_t *folded);
void zt_say_destroy (zt_core_t *core);

/*  ---------------------------------------------------------------------------
    Who is let in (admission.c) */

/*  A credential that does not own the user shows an invitation to the name, or the code of a
    device of it. Returns NULL: it owns the user now; or a sentence that says why not. */
const char *zt_admission_invited (zt_core_t *core, zt_user_t *user, const char *credential,
                                  zt_bytes_t code);
const char *zt_admission_paired (zt_core_t *core, uint32_t peer, zt_user_t *user,
                                 const char *credential, zt_bytes_t code, uint64_t now);
/*  Or it has shown the token that the user belongs to: with encryption the key will do. */
const char *zt_admission_moved (zt_core_t *core, zt_user_t *user, const char *credential);
/*  The code lets nobody in any more: the user's, or those of all who have the credential (NULL: of
    everybody). */
void zt_admission_forget (zt_user_t *user);
void zt_admission_forget_all (zt_core_t *core, const char *credential);
void zt_on_pair (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);

/*  ---------------------------------------------------------------------------
    Sessions (session.c) */

/*  A part of a run that was sent and not acknowledged; or a GAP, of no messages. */
typedef struct {
    uint64_t first_id;
    uint64_t gap_to; /* up to where the GAP goes; 0: it is none */
    uint64_t from;   /* user who is told with RECEIPT; 0: nobody is */
    uint32_t count;
    uint32_t size;
} zt_flight_t;

struct zt_session {
    zt_session_t *next; /* of the user */
    zt_user_t *user;
    zt_device_t *device;
    uint64_t number; /* never given twice */
    uint64_t since;  /* ms */
    uint64_t heard;  /* ms: last sign of life */
    uint32_t peer;
    uint32_t place;    /* in core->sessions */
    uint32_t receiver; /* its place in core->receivers, if it receives */
    bool receives;
    bool follows; /* receives without a device: nobody sees it, and it stands for nobody */
    bool sent_last;
    bool wants_receipts;
    bool is_listing; /* is still being told who is online */
    uint64_t listed; /* up to this place in the order of coming online */

    /*  Delivery. Not lagging: it was sent everything up to the log's end.
        Lagging: everything up to `position`; the rest it gets by reading. */
    bool lagging;
    bool skips;      /* what it has missed is to be measured first, with SKIP */
    uint32_t replay; /* of which it is sent so many at most */
    uint64_t position;
    zt_flight_t *flight; /* a ring */
    uint32_t flight_capacity;
    uint32_t flight_first;
    uint32_t n_flight;
    uint32_t flight_count; /* messages in it */
    uint32_t flight_bytes;

    uint64_t held_until; /* ms: SENDs are refused, after one that had to be; 0: they are not */
    zt_error_t held_for; /* why that one had to be */
    bool is_held_told;   /* the operator has heard of it */

    uint64_t answer_ref;   /* "sent":"last": the SENT to come is for this ref; 0: none is */
    uint64_t repeated_ref; /* the last of an earlier session that was repeated on its way to
                              the store */

    /*  The target of the last SEND: most go to the same again. */
    zt_entity_t *to;
    uint64_t to_epoch; /* valid while this is the core's */
    bool to_is_room;
};

/*  The peer's session, or NULL. */
zt_session_t *zt_session_of (const zt_core_t *core, uint32_t peer);

/*  How it takes part in what happens. */
typedef enum {
    ZT_PART_SENDS,    /* not at all: it only sends */
    ZT_PART_RECEIVES, /* a device that receives: its user is online */
    ZT_PART_FOLLOWS   /* it is sent what a device would be, and is no sign of its user */
} zt_part_taken_t;

zt_session_t *zt_session_open (zt_core_t *core, uint32_t peer, zt_device_t *device,
                               zt_part_taken_t part, uint64_t now);

/*  Is its user online by it? */
bool zt_session_is_present (const zt_session_t *session);

/*  Ends a session. Its device keeps the cursor; a user without a token goes with it. */
void zt_session_close (zt_core_t *core, zt_session_t *session, uint64_t now);

/*  The same, for a reason of ours: says BYE and drops the peer. */
void zt_session_end (zt_core_t *core, zt_session_t *session, zt_reason_t reason, uint64_t now);

/*  Up to which id everything meant for the session is acknowledged. */
uint64_t zt_session_cursor (const zt_core_t *core, const zt_session_t *session);

/*  How many messages it may still have to acknowledge: those that it was sent, and of those of
    this start all that it is to read on; of earlier ones it is not known how many there are. */
uint64_t zt_session_behind (const zt_core_t *core, const zt_session_t *session);

/*  ---------------------------------------------------------------------------
    The log: appending and delivering (log.c) */

/*  Where a run of the open slice goes: valid until it is committed. */
typedef struct {
    zt_device_t *sender;
    uint64_t session; /* of the sender; the device may have another one by now */
    zt_user_t *user;  /* the target, if it is one */
    zt_room_t *room;  /* or this */
    uint64_t epoch;   /* while it is the core's, who is in the room is who was then */
} zt_route_t;

typedef struct {
    zt_run_t *runs;
    zt_route_t *routes;
    uint32_t n_runs;
    uint32_t capacity;
    zt_buffer_t messages;
} zt_open_slice_t;

/*  Refuses what the session sends, until it has paused. */
void zt_log_hold (zt_session_t *session, zt_error_t error, uint64_t now);
/*  True if messages and records can be taken now; false while the store has no room for
    more, or said a moment ago that it can store nothing. */
bool zt_log_takes (const zt_core_t *core);

void zt_log_append (zt_core_t *core, zt_session_t *session, uint64_t ref, zt_entity_t *to,
                    bool is_room, zt_bytes_t body, uint64_t now);
void zt_log_stored (zt_core_t *core, const zt_completion_t *completion, uint64_t now);
/*  Time has passed: the store may be tried again. */
void zt_log_tick (zt_core_t *core, uint64_t now);
/*  Sends the SENT that waits for a session, since the session is about to end. */
void zt_log_answer_now (zt_core_t *core, zt_session_t *session);
void zt_log_destroy (zt_core_t *core);

/*  ---------------------------------------------------------------------------
    Feeding a session: what is in flight, what it reads on, what it acknowledges (feed.c) */

/*  Begins with what the session's device has missed: at most the replay limit of it. */
void zt_feed_catch_up (zt_core_t *core, zt_session_t *session);
void zt_feed_skipped (zt_core_t *core, const zt_completion_t *completion);
/*  Asks for what comes next for a lagging session, if its window has room. */
void zt_feed_read_on (zt_core_t *core, zt_session_t *session);
void zt_feed_read_done (zt_core_t *core, const zt_completion_t *completion);
void zt_feed_acknowledge (zt_core_t *core, zt_session_t *session, uint64_t id, uint64_t now);
/*  Has its window room for so many messages and bytes? Always for one, if it is empty. */
bool zt_feed_has_room (const zt_session_t *session, uint32_t count, uint32_t size);
/*  Sends a part of the run, and counts it as in flight. */
void zt_feed_send (zt_core_t *core, zt_session_t *session, zt_slice_t *slice, const zt_run_t *run,
                   zt_part_t part);
/*  Is the user in the run's room since before it was said? */
bool zt_user_was_in (const zt_user_t *user, const zt_run_t *run);

/*  ---------------------------------------------------------------------------
    What is saved beside the log (save.c); each leaves with the next commit */

/*  A user that belongs to something, with all that it belongs to. */
void zt_save_user (zt_core_t *core, const zt_user_t *user);
void zt_save_credential (zt_core_t *core, const zt_user_t *user, const char *credential);
void zt_save_credential_gone (zt_core_t *core, const zt_user_t *user, const char *credential);
void zt_save_device (zt_core_t *core, const zt_device_t *device);
void zt_save_room (zt_core_t *core, const zt_room_t *room);
void zt_save_room_gone (zt_core_t *core, const zt_room_t *room);
void zt_save_enter (zt_core_t *core, const zt_user_t *user, const zt_membership_t *membership);
void zt_save_leave (zt_core_t *core, const zt_user_t *user, const zt_room_t *room);
/*  These are gathered, and saved within a second or so. */
void zt_save_cursor (zt_core_t *core, zt_device_t *device, uint64_t now);
void zt_save_receipts (zt_core_t *core, zt_user_t *user, uint64_t now);
void zt_save_tick (zt_core_t *core, uint64_t now);
/*  Saves what was gathered. */
void zt_save_now (zt_core_t *core, uint64_t now);

/*  ---------------------------------------------------------------------------
    Presence (presence.c) */

void zt_presence_changed (zt_core_t *core, zt_user_t *user, uint64_t now);
void zt_presence_list_for (zt_core_t *core, zt_session_t *session, uint64_t now);
void zt_presence_forget (zt_core_t *core, const zt_session_t *session);
void zt_presence_tick (zt_core_t *core, uint64_t now);
/*  Tells everybody of the last pair of core->looks. */
void zt_presence_tell_lookalike (zt_core_t *core, uint64_t now);
/*  Appends the names of who is online (in room, if it is not NULL) as JSON
    strings, at most `most` bytes. Returns false if not all had room. */
bool zt_presence_names (zt_core_t *core, const zt_room_t *room, zt_buffer_t *json, size_t most);

/*  ---------------------------------------------------------------------------
    The turn's output (output.c) */

/*  A range of bytes that a peer is sent this turn: in a slice, or in the buffer
    of control messages. */
typedef struct {
    zt_slice_t *slice; /* a reference; NULL: it is in core->control */
    uint32_t offset;
    uint32_t size;
    uint32_t next; /* in core->pieces; 0: none */
} zt_piece_t;

/*  What is known of a connection, with or without a session. */
typedef struct {
    zt_session_t *session;
    zt_key_t *key;          /* that the peer has proved to have; NULL: not encrypted */
    uint64_t reader;        /* the session whose READ or SKIP is under way, maybe an earlier one;
                               0: none. Who says HELLO and BYE in turns has one of them, too */
    uint64_t bad_told_at;   /* ms: the next ERROR - bad-request may be sent */
    uint64_t hello_told_at; /* ms: the same for hello-first */
    /*  What it may do. These are the connection's, lest a new session brings new ones. */
    zt_budget_t queries;  /* ms */
    zt_budget_t hellos;   /* ms */
    zt_budget_t bad;      /* ms: malformed frames */
    zt_budget_t errors;   /* us: that it is told */
    zt_budget_t sends;    /* ns: what its last user had left */
    unsigned n_codes;     /* of PAIR that were wrong */
    bool is_deaf;         /* it has earned more errors than anybody does who minds them */
    uint32_t first_piece; /* 0: nothing */
    uint32_t last_piece;
    bool dirty; /* is in core->dirty */
    bool dropped;
} zt_peer_t;

/*  The peer's place, made if need be. It moves when another peer's is made. */
zt_peer_t *zt_peer (zt_core_t *core, uint32_t peer);

void zt_output_slice (zt_core_t *core, uint32_t peer, zt_slice_t *slice, uint32_t offset,
                      uint32_t size);
void zt_output_message (zt_core_t *core, uint32_t peer, const zt_message_t *message);
/*  A range of core->control, for this peer; many may be given the same one. */
void zt_output_control (zt_core_t *core, uint32_t peer, size_t offset, size_t size);
/*  ref 0 stands for "-", retry_ms 0 for none, sentence NULL for the table's. */
void zt_output_error (zt_core_t *core, uint32_t peer, uint64_t ref, zt_error_t error,
                      uint64_t retry_ms, const char *sentence);
/*  RESULT with the JSON body, which is at most BODY_MAX bytes. */
void zt_output_result (zt_core_t *core, uint32_t peer, uint64_t ref, const zt_buffer_t *json);
void zt_output_sent (zt_core_t *core, uint32_t peer, uint64_t ref, uint64_t id, uint64_t time);
void zt_output_drop (zt_core_t *core, uint32_t peer);
void zt_output_request (zt_core_t *core, const zt_request_t *request);
void zt_output_line (zt_core_t *core, zt_level_t level, uint32_t peer, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));
/*  Forgets what the peer was to be sent. */
void zt_output_forget (zt_core_t *core, uint32_t peer);
void zt_output_destroy (zt_core_t *core);

/*  ---------------------------------------------------------------------------
    What the verbs do (on_*.c), called with a live session; HELLO without one */

void zt_on_hello (zt_core_t *core, uint32_t peer, const zt_message_t *message, uint64_t now);
void zt_on_send (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);
void zt_on_ack (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);
void zt_on_who (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);
void zt_on_history (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                    uint64_t now);
void zt_on_search (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                   uint64_t now);
void zt_on_join (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);
void zt_on_leave (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                  uint64_t now);
void zt_on_rooms (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                  uint64_t now);
void zt_on_ping (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);
void zt_on_bye (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now);
void zt_on_queried (zt_core_t *core, const zt_completion_t *completion);
void zt_on_recalled (zt_core_t *core, const zt_completion_t *completion);

/*  Puts the rooms that the user is in into a query of all that is the user's. */
void zt_query_rooms (const zt_core_t *core, const zt_user_t *user, zt_query_t *query);

/*  True if the session may make one more query; else it is told when. */
bool zt_may_query (zt_core_t *core, zt_session_t *session, uint64_t ref, uint64_t now);

/*  ERROR - bad-request, once a second; too many of them end the session. */
void zt_bad_request (zt_core_t *core, uint32_t peer, const char *sentence, uint64_t now);

/*  ---------------------------------------------------------------------------
    All of it */

/*  A growing array of pointers. */
typedef struct {
    void **items;
    uint32_t n;
    uint32_t capacity;
} zt_vector_t;

void zt_vector_add (zt_vector_t *self, void *item);

struct zt_core {
    zt_core_config_t config;

    void *users_by_name; /* trees of tsearch: no bad hash for a peer to choose */
    void *users_by_number;
    void *rooms_by_name;
    void *credentials;
    zt_looks_t *looks;
    zt_mutes_t *mutes;
    char *motd;
    struct {
        zt_folded_t folded; /* empty: the broker has no name */
        zt_user_t *user;    /* NULL: it has said nothing yet */
        zt_device_t *device;
    } own;
    uint32_t n_users;
    uint32_t n_rooms;
    uint64_t last_number; /* given to a user, a room, a device or a session */
    uint64_t epoch;       /* grows when what a session remembers of a target may be wrong */
    zt_room_t *general;
    uint32_t n_queries; /* that the store has not answered yet */
    zt_grave_t *graves; /* as they were buried */
    uint32_t n_graves;
    uint32_t graves_capacity;

    zt_peer_t *peers;
    uint32_t n_peers;
    zt_stats_t stats;
    zt_vector_t sessions;
    zt_vector_t receivers; /* those of them that receive */
    uint32_t n_online;     /* users that have one of these */
    uint64_t scan_at;      /* ms: the next look for silent sessions; 0: none */
    uint64_t seen_at;      /* ms: at the last event */

    unsigned char random[ZT_RANDOM_POOL]; /* bytes that nobody can guess, used from the end */
    size_t n_random;

    zt_vector_t changed;     /* users whose presence may have changed */
    zt_user_t *first_online; /* whom the others know to be online, as they came */
    zt_user_t *last_online;
    uint64_t last_announced;
    uint32_t n_listing;   /* sessions */
    uint64_t changes_at;  /* ms: when they are told; 0: there are none */
    uint64_t presence_at; /* ms: the next PRESENCE, of changes or of lists; 0: none */

    zt_open_slice_t open;
    uint64_t open_number;       /* how many slices were open before */
    uint64_t saved_to;          /* what was to be saved with an earlier number than this one is */
    uint64_t failed_to;         /* the same for the last that could not be */
    zt_open_slice_t committing; /* its routes: those of the slice that is under way */
    bool is_committing;
    uint64_t waits_until;       /* ms: the store is not asked to commit before; 0: it may be */
    uint64_t last_id;           /* given */
    uint64_t begun_id;          /* the ids of this start are above it */
    uint64_t restored_id;       /* the highest in a record that was restored */
    uint64_t stored_id;         /* the log's end */
    uint64_t empty_to;          /* up to here there never was a message */
    zt_records_t records;       /* to be saved with the next commit */
    zt_vector_t marked_devices; /* whose cursor is to be saved */
    zt_vector_t marked_users;   /* whose receipts are */
    uint64_t save_at;           /* ms: when they are; 0: there are none */
    uint64_t save_all_at;       /* ms: when all cursors are looked at again */
    void *restored_rooms;       /* by number; a tree, until zt_core_start */

    zt_vector_t answers; /* sessions with a SENT that waits */
    uint64_t answers_at; /* ms: when they may wait no longer; 0: there are none */

    zt_buffer_t control;
    zt_piece_t *pieces; /* the first is not used */
    uint32_t n_pieces;
    uint32_t pieces_capacity;
    uint32_t *dirty; /* peers with pieces */
    uint32_t n_dirty;
    uint32_t dirty_capacity;
    uint32_t next_dirty;
    zt_bytes_t *parts; /* of the frame that was handed out last */
    uint32_t parts_capacity;
    zt_request_t *requests;
    uint32_t n_requests;
    uint32_t requests_capacity;
    uint32_t next_request;
    zt_vector_t drops; /* peers, as numbers */
    uint32_t next_drop;
    zt_buffer_t lines; /* peer and size, text; again */
    size_t next_line;
};

#endif
