/*  SPDX-License-Identifier: MPL-2.0

    zt_client - the client, as a pure state machine

    Typed lines, frames of the broker, the connection's ups and downs and the
    time go in; frames to send, items to show and the state come out. No socket,
    clock, file, thread or random number is in it, so that a test is a readable
    transcript. Times (now) are milliseconds of a clock that only goes forward.

    After any events the owner does, in this order: zt_client_tick, then
    zt_client_relink, then (for what was shown and is out of its hands)
    zt_client_displayed, then zt_client_frame and zt_client_frame_sent until there is
    no frame; and comes back at zt_client_deadline at the latest. Before it sends a
    frame, and before it displays what was shown, it writes zt_client_journal. */

#ifndef ZT_CLIENT_CORE_H
#define ZT_CLIENT_CORE_H

#include "client/item.h"
#include "common/buffer.h"
#include "common/name.h"
#include "common/translate.h"
#include "common/verb.h"

typedef struct zt_client_t zt_client_t;

/*  What the notice begins with that tells where text goes from now on, in any language. */
#define ZT_CLIENT_OPENED N_ ("what you type goes to ")

/*  Bytes of a query, as the protocol has it, and what is said of a longer one. */
enum { ZT_CLIENT_QUERY_MOST = 256 };
#define ZT_CLIENT_QUERY_TOO_LONG N_ ("a query has 256 bytes at most, and this one is longer")

/*  From where on messages are wanted; zeroed: from wherever. */
typedef struct {
    uint64_t id;   /* only those behind this one, or 0 */
    uint64_t time; /* only those of this time (ms since the epoch) and later, or 0 */
} zt_since_t;

/*  What a client that does no more than one thing does. It has no device but to send with, is
    seen by nobody, and ends when it is done. */
typedef enum {
    ZT_JOB_NONE,    /* it talks: it is a person's, or a program's, device */
    ZT_JOB_HISTORY, /* asks for messages of the target */
    ZT_JOB_SEARCH,  /* asks for messages with the words, of the target or of everywhere */
    ZT_JOB_WHO,     /* asks who is online */
    ZT_JOB_ROOMS,   /* asks which rooms there are */
    ZT_JOB_TAIL,    /* shows what comes, of the target or of everywhere, for ever */
    ZT_JOB_SEND     /* sends to the target what zt_client_offer is given */
} zt_job_kind_t;

/*  The strings are copied. */
typedef struct {
    zt_job_kind_t kind;
    const char *target;  /* with its sign; or NULL where that means everywhere */
    const char *words;   /* of SEARCH */
    uint64_t before;     /* of HISTORY: only ids below this one, or 0 */
    zt_since_t since;    /* of HISTORY and TAIL */
    uint64_t count;      /* of HISTORY and SEARCH: messages at most; of TAIL: so many of the newest
                            begin it, or 0: all since, or none if that is not given, too */
    bool waits;          /* of SEND: what is sent is to reach a device of the user, too */
    int64_t patience_ms; /* of SEND: it ends when nothing has gone on for so long; or ZT_NEVER */
} zt_job_t;

/*  The strings are copied. */
typedef struct {
    const char *endpoint;
    const char *name;    /* a valid name, see zt_name_fold */
    const char *device;  /* a valid name */
    const char *token;   /* what owns the name where it is not encrypted, 1 to TOKEN_MAX
                            characters; shown elsewhere when the name is taken, too */
    const char *invite;  /* an invitation for each HELLO, or NULL */
    const char *pair;    /* a code of another device of the user for it, or NULL */
    const char *key;     /* of the broker: the connection is encrypted, and our key owns the
                            name; NULL or empty: it is not */
    bool exposed;        /* it is not, and others could read along: says so */
    bool interactive;    /* a person is typing: tries to connect for ever, and keeps what is
                            sent over our end */
    bool patient;        /* tries for ever, too */
    bool keeps;          /* keeps what is sent, too */
    bool by_id;          /* messages are acknowledged one by one (zt_client_acknowledge), and not
                            by being displayed; with keeps */
    unsigned jitter_ms;  /* is added to every wait before a reconnect, below 1000 */
    uint64_t ref_floor;  /* refs are above this: the time by the wall clock, in ms, or 0 */
    const zt_job_t *job; /* NULL, or does this alone */
    zt_show_fn *show;
    void *show_self; /* for show */
} zt_client_config_t;

/*  "No deadline", of zt_client_deadline. */
#define ZT_NEVER INT64_MAX

/*  A new core; shows that it is connecting. The owner begins to connect. */
zt_client_t *zt_client_new (const zt_client_config_t *config, int64_t now);
void zt_client_destroy (zt_client_t **self_p);

/*  Takes up what an earlier run has kept: all that was ever written of
    zt_client_journal. Call it first of all, but not with a job. Returns how many bytes of it
   could be read; what is behind (a crash amid a write leaves such) is to be cut off. */
size_t zt_client_recall (zt_client_t *self, zt_bytes_t journal);

/*  What is to be appended to the journal, until the next call of any function; then
    it has been written, or is lost. */
zt_bytes_t zt_client_journal (zt_client_t *self);
void zt_client_journal_written (zt_client_t *self);

/*  Appends what can take the place of the whole journal. Only while all that was shown
    is displayed (zt_client_is_settled). What zt_client_journal would give is in it. */
void zt_client_snapshot (zt_client_t *self, zt_buffer_t *snapshot);
bool zt_client_is_settled (const zt_client_t *self);

/*  The broker's key for the connections from now on, as in the configuration; not while there
    is one. */
void zt_client_encrypt (zt_client_t *self, const char *key);

/*  Something answers, but it cannot be believed or is not understood: shows the sentence,
    and goes on trying. Who does not try for ever ends with ZT_EXIT_REFUSED. Once. */
void zt_client_doubt (zt_client_t *self, const char *sentence);

/*  It must not go on: shows the sentence as a state with that code (static), and ends with
    ZT_EXIT_REFUSED. */
void zt_client_refuse (zt_client_t *self, const char *code, const char *sentence);

/*  Shows a sentence as a notice. */
void zt_client_tell (zt_client_t *self, const char *sentence);

/*  The socket has got its connection, or has lost it. */
void zt_client_up (zt_client_t *self, int64_t now);
void zt_client_down (zt_client_t *self, int64_t now);

/*  It has none, and is tried again at this time, or now: ZT_NEVER. */
void zt_client_retrying (zt_client_t *self, int64_t at);

/*  A frame of the broker: any bytes. */
void zt_client_receive (zt_client_t *self, zt_bytes_t frame, int64_t now);

/*  The broker sent something that is no frame, such as a message of several. */
void zt_client_malformed (zt_client_t *self, int64_t now);

/*  A line was typed, but the terminal may have cut it: it is not sent, and that is said. */
void zt_client_cut (zt_client_t *self, zt_bytes_t line);

/*  A line that was typed, without its end: any bytes. A longer line than
    BODY_MAX may be cut to BODY_MAX + 1 bytes; it is refused anyway. */
void zt_client_typed (zt_client_t *self, zt_bytes_t line, int64_t now);

/*  What a screen does without typing. Text (any bytes; it may have several lines) goes to a
    target, which is then the open conversation, too; the other is told quietly. */
void zt_client_send_to (zt_client_t *self, const char *target, zt_bytes_t text, int64_t now);
void zt_client_set_open (zt_client_t *self, const char *target);

/*  Asks for older messages of a conversation, with ids below before (0: the newest): items
    OLDER, FOUND …, OLDER_END come. And for messages with these words: HITS, FOUND …, HITS_END. */
void zt_client_fetch (zt_client_t *self, const char *target, uint64_t before, uint64_t count);
void zt_client_find (zt_client_t *self, zt_bytes_t words, uint64_t count);

/*  What a program does in place of a person. Sends a body (a JSON object of BODY_MAX bytes at
    most, with a text, or without). If it has a member "re" with the id of a message that was not
    acknowledged, that one is as soon as this is stored; what is lost in between, on either
    side, is neither the message nor the answer, and none is sent twice. Returns the order of it,
    by which items tell of it, or 0, if the body is too large for the broker or it is over. */
uint64_t zt_client_post (zt_client_t *self, const char *target, zt_bytes_t body);

/*  The message of that id has been dealt with (once by_id is set). */
void zt_client_acknowledge (zt_client_t *self, uint64_t id);

/*  Asks, as the verb does: WHO, HISTORY (target, before, count), SEARCH (target or "*", words,
    count), JOIN or LEAVE (target). Items come, as from fetch and find for HISTORY and SEARCH,
    and ONLINE, JOINED or PARTED; or ERROR. All have the order that is returned; 0: it is over. */
uint64_t zt_client_request (zt_client_t *self, zt_verb_t verb, const char *target, zt_bytes_t words,
                            uint64_t before, uint64_t count);

/*  How many bytes a body may have, as the broker says. */
size_t zt_client_body_most (const zt_client_t *self);

/*  True if a text is short enough for a message. */
bool zt_client_fits (const zt_client_t *self, zt_bytes_t text);

/*  Who we are, as the broker shows it; until the next call of any function. */
const char *zt_client_name (const zt_client_t *self);

/*  True if one is in the room, as far as is known yet; of a person false. */
bool zt_client_is_in (const zt_client_t *self, const char *room);

/*  How long the broker took to answer the last PING, in ms; -1 if none was answered yet. When the
    next try to connect is due, or ZT_NEVER. */
int64_t zt_client_lag (const zt_client_t *self);
int64_t zt_client_retry_at (const zt_client_t *self);

/*  For a client that sends: a message of the input, any bytes, which begins at that line of it (0:
    it was not read line by line). Nothing is sent of an empty one. Returns false if it cannot be a
    message, which has been shown: then it sends what came before it, and ends. */
bool zt_client_offer (zt_client_t *self, zt_bytes_t text, uint64_t line, int64_t now);

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

/*  The number of the item that was shown last; they are counted. */
uint64_t zt_client_shown (const zt_client_t *self);

/*  All items up to that number have left our hands: only then they are acknowledged
    and recorded, so that what dies in a pipe with us is delivered again. */
void zt_client_displayed (zt_client_t *self, uint64_t item);

/*  The frame that is to be sent now, or empty. It stays the same, and lives,
    until zt_client_frame_sent or zt_client_down. */
zt_bytes_t zt_client_frame (zt_client_t *self);

/*  The frame has been given to the socket. */
void zt_client_frame_sent (zt_client_t *self, int64_t now);

/*  False while so much waits to be sent that typed lines should wait, too. */
bool zt_client_takes_lines (const zt_client_t *self);

/*  The room for a target: a sign, a name, NUL. */
enum { ZT_TARGET_SIZE = ZT_NAME_BYTES + 2 };

/*  Reads what a person means by "olena", "@olena" or "#dev" into target, which
    has ZT_TARGET_SIZE bytes. Returns NULL, or what is wrong with it, translated. */
const char *zt_client_target (zt_bytes_t word, char *target);

/*  True when it is over; *status is then what the program is to exit with. */
bool zt_client_over (const zt_client_t *self, int *status);

#endif
