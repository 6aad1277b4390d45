/*  SPDX-License-Identifier: MPL-2.0

    The inside of zt_client, for the files that make it up: core.c (the session and
    its times), core_receive.c (what the broker says), core_answer.c (what it
    answers), core_typed.c (what is typed), core_send.c (what goes out), core_rooms.c (in which
    rooms one is), core_journal.c (what is kept), core_program.c (what a program does in place of a
    person), core_job.c (what is done alone) and core_query.c (when that is to ask). */

#ifndef ZT_CLIENT_CORE_STATE_H
#define ZT_CLIENT_CORE_STATE_H

#include "client/core.h"
#include "client/due.h"
#include "client/flags.h"
#include "client/marks.h"
#include "client/outbox.h"
#include "client/receipts.h"
#include "client/roster.h"
#include "common/error.h"
#include "common/json.h"
#include "common/key.h"
#include "common/options.h"
#include "common/translate.h"

typedef enum {
    ZT_PHASE_DOWN,     /* no connection */
    ZT_PHASE_UP,       /* a connection, and HELLO is to be said */
    ZT_PHASE_GREETING, /* HELLO is said, and not answered */
    ZT_PHASE_OPEN,     /* WELCOME has come */
    ZT_PHASE_OVER      /* the end */
} zt_phase_t;

/*  Everything that happens by time, in one table; zt_client_tick calls its functions. */
#define ZT_TIMERS(X)                                                                               \
    X (HELLO, "say HELLO")                                                                         \
    X (ANSWER, "HELLO was not answered")                                                           \
    X (RELINK, "connect anew")                                                                     \
    X (BEAT, "look whether the connection lives")                                                  \
    X (ACK, "acknowledge what has arrived")                                                        \
    X (HOLD, "send again after the broker asked to wait")                                          \
    X (QUIET, "tell that nothing comes any more of what was missed")                               \
    X (SLOW, "tell that no broker answers")                                                        \
    X (START, "give up waiting for the first WELCOME")                                             \
    X (FINISH, "give up waiting for answers at the end")

#define S_ENUM(name, what) ZT_TIMER_##name,
typedef enum { ZT_TIMERS (S_ENUM) ZT_TIMER_COUNT } zt_timer_t;
#undef S_ENUM

/*  The first number that JSON does not carry exactly: ids, refs and times are below. */
#define ZT_NUMBER_END (UINT64_C (1) << 53)

/*  Where a /history that is typed again goes on. */
typedef struct {
    char target[ZT_TARGET_SIZE];
    uint64_t before; /* the oldest id that was shown, or 0 */
} zt_page_t;

/*  A job, and how far it is. */
typedef struct {
    zt_job_kind_t kind;
    char target[ZT_TARGET_SIZE]; /* empty: everywhere */
    zt_folded_t folded;          /* of the target, without its sign */
    char *words;                 /* or NULL */
    zt_since_t since;
    uint64_t count;
    bool waits;
    int64_t patience_ms;

    uint64_t left;      /* messages that are still asked for */
    zt_buffer_t *pages; /* bodies of answers, from the newest to the oldest */
    size_t pages_count, pages_capacity;
    size_t pages_size; /* bytes */

    bool is_gathering;  /* TAIL: what was said before is asked for */
    bool turns;         /* the session ends, and one that follows begins */
    bool has_end;       /* the next one is known */
    uint64_t end;       /* of the log, when it began */
    bool has_begun;     /* it is known where it follows from: */
    uint64_t begin;     /* behind this id, or the last one that it has seen */
    bool has_gap;       /* some of what was before was left out, */
    uint64_t gap_count; /* so many at most; or 0 */

    uint64_t posted, sent; /* SEND: messages */
    uint64_t stored_id;    /* of the last one */
    uint64_t reached_id;   /* up to which they have reached a device */
} zt_task_t;

struct zt_client_t {
    char *endpoint, *name, *device, *token;
    char *invite, *pair; /* NULL: none */
    bool interactive;
    bool patient, keeps, by_id;
    char key[ZT_KEY_SIZE]; /* of the broker; empty: nothing is encrypted */
    bool moves;   /* the name may be our token's: HELLO shows it, although it is encrypted */
    bool doubted; /* what answers, in vain, has been shown */
    unsigned jitter_ms;
    zt_show_fn *show;
    void *show_self;

    zt_phase_t phase;
    int64_t timers[ZT_TIMER_COUNT]; /* when each is due, or ZT_NEVER */
    bool relink;                    /* the socket is to be made anew */
    int64_t retry_at;               /* when the socket itself tries again, or ZT_NEVER */
    int64_t backoff_ms;             /* before the next relink */
    bool welcomed;                  /* there was a session before */
    bool again;                     /* this session is not the first one */
    int64_t welcomed_at;
    int64_t taken_since; /* the name is refused while we reconnect since then, or 0 */
    int status;

    int64_t sent_at, heard_at, ping_at;
    unsigned pings; /* since something was heard */
    int64_t lag;    /* ms; -1: no PING was answered yet */
    bool ping_due;
    uint64_t ping_number;
    int64_t heartbeat_ms; /* these three are the broker's, from WELCOME */
    size_t window;
    size_t max_body;

    uint64_t shown;     /* items; the number of the last one */
    uint64_t seen;      /* the highest id of a message that was shown */
    uint64_t displayed; /* the part of it that has left our hands */
    uint64_t arrived;   /* the highest id that came in this session */
    uint64_t acked;     /* the part of it that is acknowledged */
    size_t unacked;     /* messages since the last ACK */
    bool ack_due;
    zt_due_t due;         /* what waits for being displayed */
    zt_marks_t marks;     /* by_id: what is dealt with above displayed, and what is not */
    uint64_t answering;   /* the order of what an answer is being read of, or 0 */
    zt_buffer_t journal;  /* records that are to be written */
    uint64_t claimed_ref; /* for what is not kept: up to here no other run uses refs */

    uint64_t welcome_ref;  /* last_ref of the broker when the session began */
    uint64_t welcome_time; /* the broker's clock when the session began */
    uint64_t missed;       /* shown of what was said before that */
    bool probing;          /* refused for now: one goes ahead of the others */
    int64_t busy_told_at;  /* that the broker refuses for now, or INT64_MIN */
    zt_page_t page, last_page;
    zt_task_t *task; /* what it does alone, or NULL */

    zt_outbox_t outbox;
    uint64_t last_ref;
    zt_buffer_t frame; /* composed, and not yet taken by the socket */

    zt_flags_t *flags;
    zt_roster_t rooms; /* that we are in, beside #general: a broker may forget them */
    zt_roster_t roster;
    zt_roster_t arriving; /* the list that begins a session, as far as it is here */
    bool roster_known;    /* a whole list has been shown */
    bool roster_goes_on;  /* it comes in several parts */
    bool roster_arriving;
    zt_receipts_t receipts;
    char open[ZT_TARGET_SIZE]; /* the conversation that text goes to */

    bool finishing; /* no more lines: end when all is answered */
    bool quitting;  /* end when BYE is said */
    bool failed;    /* something was not sent */
    bool refused;   /* what a subcommand asks was */
    bool bye_said;
};

/*  For "%.*s". */
#define ZT_ARGS(bytes) (int) (bytes).size, (bytes).data

/*  Shows an item with the flags of all names that it has, and gives it the next number. */
void zt_client_show (zt_client_t *self, const zt_item_t *item);

/*  What is to be told of an address: a room or a user, whose sign may be left out; or empty. */
zt_flag_t zt_client_flag (const zt_client_t *self, zt_bytes_t address);

/*  Appends an address as people read it: without '@', and with its flag. */
void zt_client_put_address (const zt_client_t *self, zt_buffer_t *text, const char *address);

/*  Shows a sentence, made as by printf: as a notice, or, with a code, as a state. The format is
    translated here, and po/update finds it. */
void zt_client_say (zt_client_t *self, const char *code, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/*  The same with a sentence that is made already, or is somebody else's. */
void zt_client_say_text (zt_client_t *self, const char *code, zt_bytes_t text);

/*  Shows what could not be done; the text (may be empty) is what was typed. */
void zt_client_say_error (zt_client_t *self, const char *code, const char *to, zt_bytes_t text,
                          zt_bytes_t message);

/*  Says HELLO. */
void zt_client_hello (zt_client_t *self, int64_t now);

/*  The session is over: what was on its way will be sent again in the next one. */
void zt_client_lose (zt_client_t *self, int64_t now);

/*  The same, and the socket is to be made anew after a while that grows. */
void zt_client_lose_and_relink (zt_client_t *self, int64_t now);

/*  If something was missed: tells that it has come. */
void zt_client_end_missed (zt_client_t *self);

/*  Opens a conversation, and says so. */
void zt_client_open (zt_client_t *self, const char *target);

/*  If messages are not sent yet, and kept: tells how many, at the end. False if there are none. */
bool zt_client_tell_kept (zt_client_t *self);

/*  The status of an end that nothing else has a say in. */
int zt_client_status (const zt_client_t *self);

/*  It is over. */
void zt_client_end (zt_client_t *self, int status);

/*  Shows that it cannot be sent at once, unless that was shown before. */
void zt_client_show_pending (zt_client_t *self, zt_entry_t *entry);

/*  Something was answered: the deadline of the end moves. */
void zt_client_progress (zt_client_t *self, int64_t now);

/*  The functions of the broker's verbs, by their names in the table of verbs. A
    body may be anything, and so may words and numbers be. */
#define S_DECLARE(name, verb, fields, body, what)                                                  \
    void zt_client_on_##name (zt_client_t *self, const zt_message_t *message, int64_t now);
ZT_BROKER_VERBS (S_DECLARE)
#undef S_DECLARE

/*  The member of that name as a whole number that JSON carries exactly, or
    fallback if it is none; the second moves it into the range. */
uint64_t zt_client_number (const cJSON *object, const char *name, uint64_t fallback);
int64_t zt_client_number_within (const cJSON *object, const char *name, int64_t fallback,
                                 int64_t least, int64_t most);

/*  True if from and to are what they should be. */
bool zt_client_has_addresses (const zt_item_t *item);

/*  Shows a message; its text is taken from its body. */
void zt_client_show_message (zt_client_t *self, zt_item_t *item);

/*  Shows names as one item; to may be NULL. */
void zt_client_show_names (zt_client_t *self, zt_item_kind_t kind, const char *to,
                           const char *const *names, size_t count, bool more);

/*  True if what waits to be sent will be composed into a frame in this turn. */
bool zt_client_is_sending (const zt_client_t *self);

/*  What the journal is told of an entry: that it goes out (record is how), that it is
    stored or refused (when what was shown last is out), or will be sent again with
    another ref; and of a receipt that was shown last. */
void zt_client_note_put (zt_client_t *self, zt_entry_t *entry, zt_bytes_t record);
void zt_client_note_sent (zt_client_t *self, const zt_entry_t *entry, uint64_t id, uint64_t time);
void zt_client_note_refused (zt_client_t *self, const zt_entry_t *entry);
void zt_client_note_retry (zt_client_t *self, zt_entry_t *entry);
void zt_client_note_receipt (zt_client_t *self, uint64_t id, zt_bytes_t name);

/*  Shows the messages of the body of an answer. Returns how many there were; *oldest
    (may be NULL) is the lowest of their ids. where: as in zt_item_t. */
size_t zt_client_show_found (zt_client_t *self, zt_bytes_t answer, bool where, uint64_t *oldest);

/*  With by_id: a message has arrived. True if it is to be shown to the program now. */
bool zt_client_arrived (zt_client_t *self, const zt_message_t *message);

/*  What a MSG is to be shown as, but for its text; it lives as long as the message. */
zt_item_t zt_client_item_of (const zt_message_t *message);

/*  What was sent is stored, or is refused for good: what it answers has been dealt with, or not. */
void zt_client_answered (zt_client_t *self, const zt_entry_t *entry, bool is_stored);

/*  Raises what has been dealt with, and keeps that. */
void zt_client_advance (zt_client_t *self);

/*  The messages of the body of an answer, to go through with zt_json_next. */
zt_json_list_t zt_client_found (zt_bytes_t answer);

/*  Reads one of them, with its body as it stands in the text. The item's views live as long as
    text and *message, which the caller frees with cJSON_Delete, whatever is returned. False if it
    has no addresses. */
bool zt_client_read_found (zt_bytes_t text, cJSON **message, zt_item_t *item);

/*  ---------------------------------------------------------------------------
    core_job.c, for a client with a job, but for the first four */

zt_job_kind_t zt_client_job (const zt_client_t *self);
void zt_client_job_begin (zt_client_t *self, const zt_job_t *job, int64_t now);
void zt_client_job_end (zt_client_t *self);

/*  True if it is to end, and nothing is waited for. */
bool zt_client_is_done (const zt_client_t *self);

/*  TAIL: puts into HELLO where it follows from; takes a WELCOME; what was before is shown, and it
    begins to follow. */
void zt_client_put_follow (const zt_client_t *self, zt_buffer_t *body);
void zt_client_tail_welcome (zt_client_t *self, const cJSON *body);
void zt_client_tail_begin (zt_client_t *self);

/*  TAIL: true if the message is one to show; something was left out. */
bool zt_client_tail_takes (zt_client_t *self, const zt_item_t *item);
void zt_client_tail_gap (zt_client_t *self, uint64_t to, uint64_t count);

/*  SEND: until when it waits, if nothing goes on; a message is stored; all up to id have reached
    that user; it has waited for long enough. */
int64_t zt_client_patience (const zt_client_t *self, int64_t now);
void zt_client_job_sent (zt_client_t *self, uint64_t id);
void zt_client_job_reached (zt_client_t *self, uint64_t id, zt_bytes_t name, int64_t now);
void zt_client_job_gives_up (zt_client_t *self);

/*  The broker has refused it: it ends. False if it had done so before. */
bool zt_client_job_refused (zt_client_t *self, int64_t now);

/*  It ends: tells what was not done. */
void zt_client_job_tell (zt_client_t *self);

/*  core_query.c: asks for messages below an id (0: the newest), or for what else the job is; takes
    the answer, which may lead to more; forgets what was kept of it. */
void zt_client_ask (zt_client_t *self, uint64_t before);
void zt_client_take_answer (zt_client_t *self, const zt_entry_t *entry, zt_bytes_t answer);
void zt_client_forget_pages (zt_client_t *self);

/*  ---------------------------------------------------------------------------
    core_rooms.c: two spellings can be one room; the broker's is shown. A room is a string with
    its '#', at most ZT_TARGET_SIZE with the NUL. */

/*  The room as the broker writes it, which lives until the rooms change; room itself, if it is not
    known, or is a person. */
const char *zt_client_room (const zt_client_t *self, const char *room);

/*  The same, in its place. */
void zt_client_settle (const zt_client_t *self, char *target);

/*  The user is in the room now; body, the answer, may tell how it is written. Returns that, as
    zt_client_room does. */
const char *zt_client_take_room (zt_client_t *self, const cJSON *body, const char *room);

/*  True if the answer is to what zt_client_keep_rooms has asked; it is taken up. */
bool zt_client_took_room (zt_client_t *self, uint64_t ref, zt_bytes_t answer);

/*  Remembers the rooms that a WELCOME tells of, and joins again, before anything can be said in
    them, those that the broker has forgotten: it was started again, and keeps its state in memory.
    Shows all of them at the first time. */
void zt_client_keep_rooms (zt_client_t *self, const cJSON *rooms);

#endif
