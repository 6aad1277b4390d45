/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/sim_ledger.h"

#include "common/alloc.h"
#include "common/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum { S_WANTED, S_SENT, S_REFUSED, S_UNKNOWN } s_fate_t;

/*  A message that somebody wanted to send. Events are counted, from 1. */
typedef struct {
    uint32_t sender; /* client */
    uint32_t target;
    s_fate_t fate;         /* as its sender knows it */
    uint64_t ref;          /* that it was sent with last */
    uint64_t doubtful_ref; /* with which it may have been refused, as there was no such target */
    uint64_t first_event;  /* when it reached the broker first, and last; 0: never */
    uint64_t last_event;   /* */
    uint64_t id;           /* on the disk; 0: it is not there */
    uint64_t time;         /* there */
    uint64_t stored_ref;   /* there */
    uint32_t shown;        /* by which clients: a bit each */
} s_message_t;

/*  What is known of a client's device. */
typedef struct {
    uint64_t born;   /* event of the first WELCOME; 0: none yet */
    uint64_t commit; /* the last one submitted by then */
    uint64_t cursor; /* in that */
    uint64_t acked;
    uint64_t receipts[ZT_SIM_USERS]; /* ids */
} s_device_t;

typedef struct {
    uint64_t known;        /* event since when the broker knows the name; 0: it does not */
    uint64_t joining;      /* event of the first JOIN; 0: none */
    uint64_t in_room;      /* event since when the user is in the room for sure; 0: not */
    bool has_left;         /* and is not in it for sure */
    uint64_t known_commit; /* the last one submitted when that became so */
    uint64_t room_commit;
} s_user_t;

typedef struct {
    uint32_t client;
    uint64_t from, to;
} s_gap_t;

struct zt_ledger {
    const zt_scene_t *scene;
    const zt_sim_store_t *store;
    uint64_t events;
    s_message_t messages[ZT_SIM_MESSAGES];
    uint32_t n_messages;
    uint32_t log[ZT_SIM_MESSAGES]; /* tags, as they are on the disk */
    uint32_t n_log;
    s_device_t devices[ZT_SIM_CLIENTS];
    s_user_t users[ZT_SIM_USERS];
    s_gap_t *gaps;
    uint32_t n_gaps;
    bool refuses; /* the store did once */
    bool gaps_are_fine;
    bool is_orderly;
    bool log_is_small;
};

zt_ledger_t *zt_ledger_new (const zt_scene_t *scene)
{
    zt_ledger_t *self = zt_alloc (sizeof *self);
    self->scene = scene;
    return self;
}

void zt_ledger_watch (zt_ledger_t *self, const zt_sim_store_t *store)
{
    self->store = store;
}

void zt_ledger_destroy (zt_ledger_t **self_p)
{
    free ((*self_p)->gaps);
    free (*self_p);
    *self_p = NULL;
}

void zt_ledger_store_refuses (zt_ledger_t *self)
{
    self->refuses = true;
}

void zt_ledger_gaps_are_fine (zt_ledger_t *self)
{
    self->gaps_are_fine = true;
}

void zt_ledger_log_is_small (zt_ledger_t *self)
{
    self->log_is_small = self->gaps_are_fine = true;
}

bool zt_ledger_forgets (const zt_ledger_t *self)
{
    return self->log_is_small;
}

void zt_ledger_is_orderly (zt_ledger_t *self)
{
    self->is_orderly = true;
}

/*  ---------------------------------------------------------------------------
    Tags, ids, people */

void zt_ledger_body (zt_buffer_t *body, uint32_t tag, uint64_t ref, size_t padding)
{
    zt_buffer_put_format (body, "{\"text\":\"m%u r%llu ", tag, (unsigned long long) ref);
    memset (zt_buffer_reserve (body, padding), '.', padding);
    body->size += padding;
    zt_buffer_put_string (body, "\"}");
}

static s_message_t *s_of_body (zt_ledger_t *self, zt_bytes_t body, uint64_t *ref)
{
    char head[64];
    unsigned tag;
    unsigned long long number;
    size_t size = body.size < sizeof head - 1 ? body.size : sizeof head - 1;
    memcpy (head, body.data, size);
    head[size] = '\0';
    if (sscanf (head, "{\"text\":\"m%u r%llu ", &tag, &number) != 2 || tag >= self->n_messages)
        zt_scene_fail (self->scene, "nobody has sent such a body: %s", head);
    *ref = number;
    return &self->messages[tag];
}

static uint32_t s_tag (const zt_ledger_t *self, const s_message_t *message)
{
    return (uint32_t) (message - self->messages);
}

/*  The message on the disk with that id, or NULL. */
static s_message_t *s_of_id (zt_ledger_t *self, uint64_t id)
{
    uint32_t low = 0, high = self->n_log;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (self->messages[self->log[middle]].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    s_message_t *message = low < self->n_log ? &self->messages[self->log[low]] : NULL;
    return message && message->id == id ? message : NULL;
}

/*  The client's message that was tried with that ref last, or NULL. */
static s_message_t *s_of_ref (zt_ledger_t *self, uint32_t client, uint64_t ref)
{
    for (uint32_t i = self->n_messages; i-- > 0;)
        if (self->messages[i].sender == client && self->messages[i].ref == ref)
            return &self->messages[i];
    return NULL;
}

static uint32_t s_user (const zt_ledger_t *self, uint32_t client)
{
    return self->scene->roles[client].user;
}

/*  Is the message for this client, if it was there in time? */
static bool s_concerns (const zt_ledger_t *self, const s_message_t *message, uint32_t client)
{
    uint32_t user = s_user (self, client);
    if (client == message->sender || !self->scene->roles[client].receives)
        return false;
    if (message->target < ZT_SIM_USERS)
        return user == message->target || user == s_user (self, message->sender);
    return true;
}

static bool s_may_see (const zt_ledger_t *self, const s_message_t *message, uint32_t client)
{
    const s_user_t *user = &self->users[s_user (self, client)];
    if (!s_concerns (self, message, client) || message->id <= self->devices[client].cursor)
        return false;
    return message->target != ZT_SIM_ROOM || (user->joining && message->last_event > user->joining);
}

static bool s_is_in_gap (const zt_ledger_t *self, const s_message_t *message, uint32_t client)
{
    for (uint32_t i = 0; i < self->n_gaps; i++) {
        const s_gap_t *gap = &self->gaps[i];
        if (gap->client == client && message->id >= gap->from && message->id <= gap->to)
            return true;
    }
    return false;
}

static bool s_must_see (const zt_ledger_t *self, const s_message_t *message, uint32_t client)
{
    const s_user_t *user = &self->users[s_user (self, client)];
    const s_device_t *device = &self->devices[client];
    if (!device->born || message->first_event <= device->born || !s_may_see (self, message, client))
        return false;
    if (message->target == ZT_SIM_ROOM && (!user->in_room || message->first_event <= user->in_room))
        return false;
    return !s_is_in_gap (self, message, client);
}

/*  ---------------------------------------------------------------------------
    At the broker */

/*  May the broker find that there is nobody to send this to? */
static bool s_is_doubtful (const zt_ledger_t *self, const s_message_t *message)
{
    if (message->target < ZT_SIM_USERS)
        return !self->users[message->target].known;
    if (message->target == ZT_SIM_ROOM)
        return !self->users[s_user (self, message->sender)].in_room;
    return message->target == ZT_SIM_NOBODY;
}

void zt_ledger_in (zt_ledger_t *self, uint32_t client, zt_bytes_t frame)
{
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_CLIENT);
    zt_message_t message;
    uint64_t ref;
    while (zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE) {
        uint64_t event = ++self->events;
        s_user_t *user = &self->users[s_user (self, client)];
        if (message.verb == ZT_VERB_SEND) {
            s_message_t *sent = s_of_body (self, message.body, &ref);
            sent->last_event = event;
            if (s_is_doubtful (self, sent))
                sent->doubtful_ref = ref;
            if (!sent->first_event)
                sent->first_event = event;
        } else if (message.verb == ZT_VERB_JOIN) {
            user->joining = user->joining ? user->joining : event;
            user->has_left = false;
        } else if (message.verb == ZT_VERB_LEAVE)
            user->in_room = 0;
    }
}

void zt_ledger_written (void *itself, const zt_slice_t *slice)
{
    zt_ledger_t *self = itself;
    zt_reader_t reader = zt_reader (slice->data, slice->size, ZT_FROM_BROKER);
    zt_message_t message;
    uint64_t ref;
    uint64_t last = self->n_log ? self->messages[self->log[self->n_log - 1]].id : 0;
    while (zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE) {
        s_message_t *stored = s_of_body (self, message.body, &ref);
        uint32_t tag = s_tag (self, stored);
        uint64_t id = message.number[0];
        zt_scene_tell (self->scene, "disk: m%u r%llu is %llu", tag, (unsigned long long) ref,
                       (unsigned long long) id);
        if (id <= last)
            zt_scene_fail (self->scene, "the id %llu of m%u does not grow", (unsigned long long) id,
                           tag);
        if (stored->id)
            zt_scene_fail (self->scene, "m%u is stored twice", tag);
        if (zt_scene_find_user (message.word[2]) != s_user (self, stored->sender) ||
            !zt_bytes_equal (message.word[3], zt_bytes (zt_scene_target (stored->target))))
            zt_scene_fail (self->scene, "m%u is stored as from or to somebody else", tag);
        for (uint32_t i = 0; i < self->n_log; i++) {
            const s_message_t *before = &self->messages[self->log[i]];
            /*  Sessions without a device have nothing to do with each other. */
            if (before->sender == stored->sender && self->scene->roles[stored->sender].device[0] &&
                (before->stored_ref >= ref || (self->is_orderly && self->log[i] > tag)))
                zt_scene_fail (self->scene, "m%u is stored after what was sent later", tag);
        }
        stored->id = last = id;
        stored->time = message.number[1];
        stored->stored_ref = ref;
        self->log[self->n_log++] = tag;
    }
}

static void s_out_welcome (zt_ledger_t *self, uint32_t client, zt_bytes_t body)
{
    s_device_t *device = &self->devices[client];
    s_user_t *user = &self->users[s_user (self, client)];
    cJSON *json = zt_json_parse (body);
    const cJSON *cursor = cJSON_GetObjectItemCaseSensitive (json, "cursor");
    if (!cJSON_IsNumber (cursor))
        zt_scene_fail (self->scene, "WELCOME has no cursor");
    if (!device->born) {
        device->born = ++self->events;
        device->commit = zt_sim_store_submitted (self->store);
        device->cursor = (uint64_t) cursor->valuedouble;
    }
    if (!user->known) {
        user->known = ++self->events;
        user->known_commit = zt_sim_store_submitted (self->store);
    }
    cJSON_Delete (json);
}

static void s_out_sent (zt_ledger_t *self, uint32_t client, const zt_message_t *message)
{
    const s_message_t *stored = s_of_id (self, message->number[1]);
    unsigned long long ref = message->number[0];
    if (!stored || stored->sender != client || stored->stored_ref != ref ||
        stored->time != message->number[2])
        zt_scene_fail (self->scene, "%s is told SENT %llu, which is not on the disk like that",
                       zt_scene_client (self->scene, client), ref);
}

/*  An ERROR must have a reason. */
static void s_out_error (zt_ledger_t *self, uint32_t client, const zt_message_t *message)
{
    uint64_t ref = 0;
    zt_error_t error = zt_error_find (message->word[1]);
    zt_u64_read (message->word[0], &ref);
    s_message_t *sent = ref ? s_of_ref (self, client, ref) : NULL;
    bool explained = false;
    bool is_forgotten = self->log_is_small && error == ZT_ERROR_BAD_REQUEST;
    if (sent && sent->id && sent->stored_ref == ref && !is_forgotten)
        zt_scene_fail (self->scene, "m%u is refused, but it is stored", s_tag (self, sent));
    if (!sent)
        explained =
            ref && (error == ZT_ERROR_RATE_LIMITED || self->refuses); /* of JOIN and LEAVE */
    else if (error == ZT_ERROR_UNAVAILABLE || error == ZT_ERROR_BUSY)
        explained = self->refuses;
    else if (error == ZT_ERROR_BAD_REQUEST) /* again, what was refused before */
        explained = self->refuses || is_forgotten || sent->doubtful_ref == ref;
    else if (error == ZT_ERROR_NO_SUCH_USER)
        explained = sent->doubtful_ref == ref && sent->target != ZT_SIM_ROOM;
    else if (error == ZT_ERROR_FORBIDDEN || error == ZT_ERROR_NO_SUCH_ROOM)
        explained = sent->doubtful_ref == ref && sent->target == ZT_SIM_ROOM;
    if (!explained)
        zt_scene_fail (self->scene, "%s is told ERROR %llu %s, and nothing explains it",
                       zt_scene_client (self->scene, client), (unsigned long long) ref,
                       zt_error_code (error));
}

static void s_out_result (zt_ledger_t *self, uint32_t client, zt_bytes_t body)
{
    s_user_t *user = &self->users[s_user (self, client)];
    bool joined = memmem (body.data, body.size, "\"users\"", 7) != NULL;
    if (joined && user->in_room)
        return;
    user->in_room = joined ? ++self->events : 0;
    user->has_left = !joined;
    user->room_commit = zt_sim_store_submitted (self->store);
}

void zt_ledger_out (zt_ledger_t *self, uint32_t client, zt_bytes_t frame)
{
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_BROKER);
    zt_message_t message;
    zt_wire_result_t result;
    while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE) {
        if (message.verb == ZT_VERB_MSG && !s_of_id (self, message.number[0]))
            zt_scene_fail (self->scene, "MSG %llu goes out, which is not on the disk",
                           (unsigned long long) message.number[0]);
        else if (message.verb == ZT_VERB_SENT)
            s_out_sent (self, client, &message);
        else if (message.verb == ZT_VERB_WELCOME)
            s_out_welcome (self, client, message.body);
        else if (message.verb == ZT_VERB_ERROR)
            s_out_error (self, client, &message);
        else if (message.verb == ZT_VERB_RESULT)
            s_out_result (self, client, message.body);
    }
    if (result != ZT_WIRE_END)
        zt_scene_fail (self->scene, "a frame to %s cannot be read",
                       zt_scene_client (self->scene, client));
}

/*  What became so after that commit was submitted is in the next ones: must it be on
    the disk? */
static void s_check_saved (const zt_ledger_t *self, uint64_t commit, const char *what,
                           uint32_t number)
{
    if (zt_sim_store_done (self->store) > commit)
        zt_scene_fail (self->scene, "%s%u was not saved", what, number);
}

static void s_restart_user (zt_ledger_t *self, uint32_t number)
{
    s_user_t *user = &self->users[number];
    const char *name = zt_scene_user (number);
    bool is_member = zt_sim_store_is_member (self->store, name, "dev");
    if (user->known && !zt_sim_store_has_user (self->store, name)) {
        s_check_saved (self, user->known_commit, "the user u", number);
        user->known = 0;
    }
    if (user->in_room && !is_member) {
        s_check_saved (self, user->room_commit, "the entry of u", number);
        user->in_room = 0;
    }
    if (user->has_left && is_member) {
        s_check_saved (self, user->room_commit, "the leaving of u", number);
        user->has_left = false;
    }
}

/*  What was not saved did not come to be, although its client may have heard of it a
    moment before: a user, a device, an entry into a room. */
void zt_ledger_restart (zt_ledger_t *self)
{
    for (uint32_t i = 0; i < self->scene->n_users; i++)
        s_restart_user (self, i);
    for (uint32_t i = 0; i < self->scene->n_clients; i++) {
        const zt_role_t *role = &self->scene->roles[i];
        s_device_t *device = &self->devices[i];
        if (!device->born || !role->device[0] ||
            zt_sim_store_has_device (self->store, zt_scene_user (role->user), role->device))
            continue;
        s_check_saved (self, device->commit, "the device of client ", i);
        device->born = 0;
    }
}

/*  ---------------------------------------------------------------------------
    At the clients */

uint32_t zt_ledger_want (zt_ledger_t *self, uint32_t client, uint32_t target)
{
    assert (self->n_messages < ZT_SIM_MESSAGES);
    self->messages[self->n_messages] = (s_message_t){.sender = client, .target = target};
    return self->n_messages++;
}

uint32_t zt_ledger_target (const zt_ledger_t *self, uint32_t tag)
{
    return self->messages[tag].target;
}

uint32_t zt_ledger_wanted (const zt_ledger_t *self)
{
    return self->n_messages;
}

void zt_ledger_try (zt_ledger_t *self, uint32_t tag, uint64_t ref)
{
    self->messages[tag].ref = ref;
}

void zt_ledger_sent (zt_ledger_t *self, uint32_t tag, uint64_t ref, uint64_t id, uint64_t time)
{
    s_message_t *message = &self->messages[tag];
    if (!message->id || message->stored_ref != ref)
        zt_scene_fail (self->scene, "m%u was answered with SENT, but is not stored", tag);
    if (id && (message->id != id || message->time != time))
        zt_scene_fail (self->scene, "m%u was answered with another's SENT", tag);
    message->fate = S_SENT;
}

void zt_ledger_refused (zt_ledger_t *self, uint32_t tag, bool for_good)
{
    s_message_t *message = &self->messages[tag];
    if (message->id)
        zt_scene_fail (self->scene, "m%u was refused, but is stored", tag);
    if (for_good)
        message->fate = S_REFUSED;
}

void zt_ledger_unknown (zt_ledger_t *self, uint32_t tag)
{
    self->messages[tag].fate = S_UNKNOWN;
}

void zt_ledger_shown (zt_ledger_t *self, uint32_t client, const zt_message_t *message, bool shown)
{
    uint64_t ref;
    s_message_t *got = s_of_body (self, message->body, &ref);
    uint32_t tag = s_tag (self, got);
    const char *who = zt_scene_client (self->scene, client);
    if (!got->id || got->id != message->number[0] || got->stored_ref != ref ||
        got->time != message->number[1])
        zt_scene_fail (self->scene, "%s got m%u, which is not on the disk like that", who, tag);
    if (!s_may_see (self, got, client))
        zt_scene_fail (self->scene, "%s got m%u, which is not for it", who, tag);
    if (shown && (got->shown & (UINT32_C (1) << client)))
        zt_scene_fail (self->scene, "%s shows m%u twice", who, tag);
    if (shown)
        got->shown |= UINT32_C (1) << client;
}

void zt_ledger_gap (zt_ledger_t *self, uint32_t client, uint64_t from, uint64_t to)
{
    if (!self->gaps_are_fine)
        zt_scene_fail (self->scene, "%s is told a GAP, and there is no reason for one",
                       zt_scene_client (self->scene, client));
    self->gaps = zt_realloc (self->gaps, self->n_gaps + 1, sizeof *self->gaps);
    self->gaps[self->n_gaps++] = (s_gap_t){client, from, to};
}

void zt_ledger_acked (zt_ledger_t *self, uint32_t client, uint64_t id)
{
    if (id > self->devices[client].acked)
        self->devices[client].acked = id;
}

void zt_ledger_receipt (zt_ledger_t *self, uint32_t client, uint64_t id, zt_bytes_t name)
{
    uint32_t reader = zt_scene_find_user (name);
    const s_message_t *message = s_of_id (self, id);
    bool has_reached = false;
    if (!message || reader == ZT_SIM_USERS || message->target != reader ||
        s_user (self, message->sender) != s_user (self, client))
        zt_scene_fail (self->scene, "%s is told a RECEIPT of what is none of its own messages",
                       zt_scene_client (self->scene, client));
    for (uint32_t i = 0; i < self->scene->n_clients; i++)
        if (s_user (self, i) == reader && self->scene->roles[i].receives &&
            self->devices[i].acked >= id)
            has_reached = true;
    if (!has_reached)
        zt_scene_fail (self->scene, "%s is told a RECEIPT of m%u, which nobody has acknowledged",
                       zt_scene_client (self->scene, client), s_tag (self, message));
    if (self->devices[client].receipts[reader] < id)
        self->devices[client].receipts[reader] = id;
}

/*  ---------------------------------------------------------------------------
    At the end */

static bool s_has_shown (const s_message_t *message, uint32_t client)
{
    return message->shown & (UINT32_C (1) << client);
}

/*  Does the sender know that this private message has arrived? What the reader got, but
    could not acknowledge before it was left out, or the device was new once more, does not
    count. */
static bool s_lacks_receipt (const zt_ledger_t *self, const s_message_t *message, uint32_t reader)
{
    uint32_t from = s_user (self, message->sender);
    uint32_t to = s_user (self, reader);
    if (message->target != to || from == to || !s_has_shown (message, reader) ||
        s_is_in_gap (self, message, reader) || message->id <= self->devices[reader].cursor)
        return false;
    for (uint32_t i = 0; i < self->scene->n_clients; i++)
        if (s_user (self, i) == from && self->scene->roles[i].wants_receipts &&
            self->devices[i].receipts[to] < message->id)
            return true;
    return false;
}

const char *zt_ledger_missing (const zt_ledger_t *self)
{
    static char sentence[128];
    for (uint32_t tag = 0; tag < self->n_messages; tag++) {
        const s_message_t *message = &self->messages[tag];
        snprintf (sentence, sizeof sentence, "m%u of %s", tag,
                  zt_scene_client (self->scene, message->sender));
        size_t size = strlen (sentence);
        char *rest = sentence + size;
        size_t room = sizeof sentence - size;
        const char *what = NULL;
        if (message->fate == S_WANTED)
            what = "was never answered";
        else if (message->fate == S_REFUSED && message->id)
            what = "was refused, but is stored";
        else if (message->fate == S_SENT && !message->id)
            what = "was answered with SENT, but is not stored";
        if (what) {
            snprintf (rest, room, " %s", what);
            return sentence;
        }
        for (uint32_t i = 0; message->id && i < self->scene->n_clients; i++) {
            if (s_must_see (self, message, i) && !s_has_shown (message, i))
                what = "was never shown by";
            else if (s_lacks_receipt (self, message, i))
                what = "got no RECEIPT although it was shown by";
            if (what) {
                snprintf (rest, room, " %s %s", what, zt_scene_client (self->scene, i));
                return sentence;
            }
        }
    }
    return NULL;
}
