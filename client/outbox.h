/*  SPDX-License-Identifier: MPL-2.0

    zt_outbox - what was asked of the broker and is not answered

    Messages and requests in the order in which they were typed. An entry gets
    its ref when it is first put on the wire and keeps it until it is answered:
    that is what lets the broker know a repetition. So the entries with a ref
    come first, with growing refs, and those without one follow, as they were typed. */

#ifndef ZT_CLIENT_OUTBOX_H
#define ZT_CLIENT_OUTBOX_H

#include "common/buffer.h"
#include "common/wire.h"

typedef struct zt_entry_t {
    zt_verb_t verb;  /* SEND, WHO, HISTORY, SEARCH, JOIN, LEAVE, ROOMS or PAIR */
    uint64_t ref;    /* 0 until it is first put on the wire */
    uint64_t shown;  /* the ref that was shown last, or 0 */
    uint64_t order;  /* of typing: later ones have higher ones */
    uint64_t count;  /* of HISTORY and SEARCH */
    uint64_t before; /* of HISTORY and SEARCH: an id, or 0 for the newest */
    char *target;    /* with its sign, or NULL */
    zt_bytes_t text; /* of SEND, or the query of SEARCH; owned by the entry */
    zt_bytes_t body; /* of SEND: as it goes out, owned; empty if that is the text and no more */
    uint64_t re;     /* of SEND: the message that it answers, by its body; or 0 */
    bool quiet;      /* of HISTORY and SEARCH: nobody typed it, it is for the screen */
    bool flying;     /* on the wire of this session, and not answered */
    bool repeated;   /* has been on the wire of an earlier session */
    bool pending;    /* that it waits has been shown */
    bool kept;       /* the journal has it */
    bool kept_ref;   /* and has its ref */
    struct zt_entry_t *prev, *next;
} zt_entry_t;

/*  Zeroed memory is an empty outbox. */
typedef struct {
    zt_entry_t *head, *tail;
    zt_entry_t *waiting; /* the first one that is not on the wire, or NULL */
    size_t count;        /* entries */
    size_t bytes;        /* of memory that they take, about */
    size_t flying;       /* how many are on the wire */
    uint64_t order;      /* of the last one that was added */
} zt_outbox_t;

/*  Appends an entry; target (may be NULL) and text are copied. */
zt_entry_t *zt_outbox_add (zt_outbox_t *self, zt_verb_t verb, const char *target, zt_bytes_t text,
                           uint64_t count);

/*  Appends a SEND with a body (a JSON object, copied) that may have more than a text. */
zt_entry_t *zt_outbox_add_body (zt_outbox_t *self, const char *target, zt_bytes_t body);

/*  Appends the first waiting entry, as it goes over the wire, to the frame, if
    the frame stays within most bytes by it. An entry without a ref gets the one
    after *last_ref. Returns the entry, or NULL when there is none, or no room for it. */
zt_entry_t *zt_outbox_put (zt_outbox_t *self, zt_buffer_t *frame, size_t most, uint64_t *last_ref);

/*  The entry of that ref, if it is on the wire, or NULL. It lives until it is removed. */
zt_entry_t *zt_outbox_find (zt_outbox_t *self, uint64_t ref);

/*  Drops an entry: it is answered. */
void zt_outbox_remove (zt_outbox_t *self, zt_entry_t *entry);

/*  The broker refused the entry for now: it waits again, before all that was
    typed after it and has no ref, and will get a new ref. */
void zt_outbox_retry (zt_outbox_t *self, zt_entry_t *entry);

/*  The session is over: everything waits again, what has a ref keeps it. */
void zt_outbox_rewind (zt_outbox_t *self);

/*  Takes a SEND of that ref (0: it had none yet) and that body back from a journal, as if it were
    on the wire, and kept. One with a ref is the oldest one without if they are the same:
    they get their refs in that order. NULL if the ref is not above those before it. */
zt_entry_t *zt_outbox_restore (zt_outbox_t *self, uint64_t ref, const char *target,
                               zt_bytes_t body);

/*  Drops everything. */
void zt_outbox_clear (zt_outbox_t *self);

/*  Appends the body of an entry that has one. */
void zt_outbox_put_body (zt_buffer_t *body, const zt_entry_t *entry);

/*  Appends the body of a chat message with that text, or of a search for it. */
void zt_outbox_body (zt_buffer_t *body, zt_verb_t verb, zt_bytes_t text);

#endif
