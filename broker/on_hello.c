/*  SPDX-License-Identifier: MPL-2.0

    HELLO, PING, BYE: how a session begins, lives and ends. */

#include "broker/core_state.h"
#include "common/json.h"

#include <assert.h>
#include <stdio.h>

/*  What a HELLO asks for. Views into its frame and its body. */
typedef struct {
    zt_bytes_t name;
    zt_folded_t folded;
    zt_bytes_t device;
    zt_folded_t folded_device;
    zt_bytes_t token;
    char credential[ZT_CREDENTIAL_SIZE]; /* what a name that it takes belongs to; or empty */
    char by_token[ZT_CREDENTIAL_SIZE];   /* under CURVE: what a name of before may belong to */
    zt_bytes_t invitation;
    zt_bytes_t code;
    zt_bytes_t client;
    zt_part_taken_t part;
    uint64_t behind; /* the id behind which a follower begins */
    uint64_t replay; /* how much of what was before it is sent at most; 0: as others */
    bool sent_last;
    bool wants_receipts;
} s_hello_t;

/*  Why a HELLO is refused. */
typedef struct {
    zt_error_t error;
    uint64_t retry_ms;
    const char *sentence;
} s_refusal_t;

enum { S_RETRY_MS = 5000 };

static bool s_refuse (s_refusal_t *refusal, zt_error_t error, const char *sentence)
{
    *refusal = (s_refusal_t){error, error == ZT_ERROR_BUSY ? S_RETRY_MS : 0, sentence};
    return false;
}

static bool s_has (const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (json, name) != NULL;
}

/*  A member must be a string where it is there at all. */
static bool s_string_or_none (const cJSON *json, const char *name)
{
    return !s_has (json, name) || cJSON_IsString (cJSON_GetObjectItemCaseSensitive (json, name));
}

/*  What part the session takes. */
static void s_read_part (const cJSON *json, s_hello_t *hello)
{
    if (hello->device.size) {
        hello->part = zt_json_bool (json, "receive", true) ? ZT_PART_RECEIVES : ZT_PART_SENDS;
        return;
    }
    bool from_the_end = zt_json_bool (json, "follow", false);
    if (from_the_end)
        hello->behind = UINT64_MAX;
    bool follows = from_the_end || zt_json_number (json, "follow", &hello->behind);
    hello->part = follows ? ZT_PART_FOLLOWS : ZT_PART_SENDS;
    zt_json_number (json, "replay", &hello->replay);
}

static bool s_read (const zt_message_t *message, const cJSON *json, s_hello_t *hello,
                    s_refusal_t *refusal)
{
    const char *wrong = zt_name_fold (message->word[1], &hello->folded);
    if (wrong)
        return s_refuse (refusal, ZT_ERROR_BAD_NAME, wrong);
    if (!json)
        return s_refuse (refusal, ZT_ERROR_BAD_REQUEST, "the body of HELLO is a JSON object");
    static const char *const strings[] = {"device", "token", "invite", "pair"};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        if (!s_string_or_none (json, strings[i]))
            return s_refuse (refusal, ZT_ERROR_BAD_REQUEST,
                             "device, token, invite and pair are strings");

    hello->name = message->word[1];
    hello->device = zt_json_string (json, "device");
    hello->token = zt_json_string (json, "token");
    hello->invitation = zt_json_string (json, "invite");
    hello->code = zt_json_string (json, "pair");
    hello->client = zt_json_string (json, "client");
    s_read_part (json, hello);
    hello->wants_receipts = zt_json_bool (json, "receipts", false);
    hello->sent_last = zt_bytes_equal (zt_json_string (json, "sent"), zt_bytes ("last"));

    if (s_has (json, "device") && (wrong = zt_name_fold (hello->device, &hello->folded_device)))
        return s_refuse (refusal, ZT_ERROR_BAD_NAME, wrong);
    if (s_has (json, "token") && (hello->token.size == 0 || hello->token.size > ZT_TOKEN_MAX))
        return s_refuse (refusal, ZT_ERROR_BAD_REQUEST, "a token has 1 to 128 bytes");
    return true;
}

/*  The key that the peer has proved to have counts, if there is one; else the token. With a key
    the token still proves that a name is one's own which was taken without encryption. */
static void s_identify (const zt_core_t *core, uint32_t peer, s_hello_t *hello)
{
    const zt_key_t *key = peer < core->n_peers ? core->peers[peer].key : NULL;
    char *by_token = key ? hello->by_token : hello->credential;
    if (key)
        snprintf (hello->credential, sizeof hello->credential, "key:%s", key->text);
    if (hello->token.size)
        snprintf (by_token, ZT_CREDENTIAL_SIZE, "token:%.*s", (int) hello->token.size,
                  hello->token.data);
}

/*  Has the user room for the device, or for one more session without one? */
static bool s_has_room (const zt_user_t *user, const s_hello_t *hello, s_refusal_t *refusal)
{
    if (!hello->device.size && user->n_senders == ZT_SENDERS_PER_USER)
        return s_refuse (refusal, ZT_ERROR_BUSY, "this user has 64 sessions without a device");
    if (hello->device.size && user->n_devices == ZT_DEVICES_PER_USER &&
        !zt_device_find (user, &hello->folded_device))
        return s_refuse (refusal, ZT_ERROR_FORBIDDEN, "a user can have 16 devices");
    return true;
}

/*  Lets somebody in whose credential does not own the user. False with the refusal if there is
    nothing that speaks for them. */
static bool s_let_in (zt_core_t *core, uint32_t peer, zt_user_t *user, const s_hello_t *hello,
                      s_refusal_t *refusal, uint64_t now)
{
    const char *wrong = NULL;
    bool shows = hello->invitation.size || hello->code.size;
    if (shows && !s_has_room (user, hello, refusal)) /* what is shown is not used up for nothing */
        return false;
    if (hello->invitation.size)
        wrong = zt_admission_invited (core, user, hello->credential, hello->invitation);
    else if (hello->code.size)
        wrong = zt_admission_paired (core, peer, user, hello->credential, hello->code, now);
    else if (*hello->by_token && zt_user_has (user, hello->by_token))
        wrong = zt_admission_moved (core, user, hello->credential);
    else
        return s_refuse (refusal, ZT_ERROR_NAME_TAKEN, NULL);
    return !wrong || s_refuse (refusal, ZT_ERROR_FORBIDDEN, wrong);
}

/*  Why nobody, or not this one, may take a new name. NULL if they may. */
static const char *s_is_closed (const zt_core_t *core, const s_hello_t *hello)
{
    if (hello->code.size)
        return "nobody has this name: a code joins a user that there is";
    switch (core->config.registration) {
    case ZT_REGISTRATION_INVITE:
        return "new names are taken by invitation here; ask whoever runs the broker for one";
    case ZT_REGISTRATION_CLOSED:
        return "this broker takes nobody new; send what 'ztalk key' prints to whoever runs it";
    default:
        return NULL;
    }
}

/*  The user of that name, who may be new; NULL with the refusal if the name is
    not for this peer. */
static zt_user_t *s_user (zt_core_t *core, uint32_t peer, const s_hello_t *hello,
                          s_refusal_t *refusal, uint64_t now)
{
    zt_user_t *user = zt_user_find (core, &hello->folded);
    if (user) {
        bool is_theirs = *hello->credential && zt_user_has (user, hello->credential);
        return is_theirs || s_let_in (core, peer, user, hello, refusal, now) ? user : NULL;
    }
    const char *wrong = NULL, *closed = s_is_closed (core, hello);
    if (closed)
        s_refuse (refusal, ZT_ERROR_FORBIDDEN, closed);
    else if (core->n_users == ZT_USERS_MAX)
        s_refuse (refusal, ZT_ERROR_BUSY, "this broker has as many users as it can keep");
    else if (*hello->credential &&
             zt_credential_names (core, hello->credential) == ZT_NAMES_PER_KEY)
        s_refuse (refusal, ZT_ERROR_FORBIDDEN, "one key or token can own 16 names");
    else if (!(user = zt_user_register (core, hello->name, &hello->folded, &wrong)))
        s_refuse (refusal, ZT_ERROR_BAD_NAME, wrong);
    else {
        if (*hello->credential)
            zt_user_give (core, user, hello->credential);
        zt_save_user (core, user);
    }
    return user;
}

static zt_device_t *s_device (zt_core_t *core, zt_user_t *user, const s_hello_t *hello,
                              s_refusal_t *refusal, uint64_t now)
{
    if (!s_has_room (user, hello, refusal))
        return NULL;
    if (!hello->device.size)
        return zt_device_add (core, user, 0, hello->device);
    zt_device_t *device = zt_device_find (user, &hello->folded_device);
    if (device && device->session)
        zt_session_end (core, device->session, ZT_REASON_REPLACED, now);
    if (device)
        return device;
    device = zt_device_add (core, user, 0, hello->device);
    zt_save_device (core, device);
    return device;
}

static void s_put_rooms (zt_core_t *core, const zt_user_t *user, zt_buffer_t *json)
{
    zt_json_put_string (json, zt_bytes (core->general->entity.name));
    for (uint32_t i = 0; i < user->n_rooms; i++) {
        zt_buffer_put_char (json, ',');
        zt_json_put_string (json, zt_bytes (user->rooms[i].room->entity.name));
    }
}

/*  All of it must go into one body: the motd, as the program takes it, with every byte of it
    escaped, and some words more. */
enum { S_MOTD_MAX = ZT_MOTD_MAX * 6, S_ROOM_MAX = ZT_NAME_BYTES + 4, S_MORE_MAX = 768 };
static_assert (ZT_LOOKS_BYTES + (ZT_ROOMS_PER_USER + 1) * S_ROOM_MAX + S_MOTD_MAX + S_MORE_MAX <=
                   ZT_BODY_MAX,
               "WELCOME is not too large");

static void s_welcome (zt_core_t *core, const zt_session_t *session, uint64_t now)
{
    const zt_device_t *device = session->device;
    const zt_user_t *user = session->user;
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json,
                          "{\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION "\",\"device\":");
    zt_json_put_string (&json, zt_bytes (device->name));
    zt_buffer_put_format (&json, ",\"last_ref\":%llu,\"cursor\":%llu",
                          (unsigned long long) device->last_ref,
                          (unsigned long long) device->cursor);
    zt_buffer_put_format (&json, ",\"heartbeat_ms\":%d,\"window\":%d,\"max_body\":%d",
                          ZT_HEARTBEAT_MS, ZT_WINDOW, ZT_BODY_MAX);
    zt_buffer_put_string (&json, ",\"rooms\":[");
    s_put_rooms (core, user, &json);
    zt_buffer_put_string (&json, "],\"motd\":");
    zt_json_put_string (&json, zt_bytes (core->motd));
    if (session->follows)
        zt_buffer_put_format (&json, ",\"follow\":%llu", (unsigned long long) core->stored_id);
    if (zt_looks_pairs (core->looks)) {
        zt_buffer_put_string (&json, ",\"lookalikes\":");
        zt_looks_put (core->looks, 0, &json);
    }
    zt_buffer_put_char (&json, '}');
    zt_output_message (core, session->peer,
                       &(zt_message_t){.verb = ZT_VERB_WELCOME,
                                       .number = {0, now},
                                       .word = {zt_user_name (user)},
                                       .body = zt_buffer_bytes (&json)});
    zt_buffer_free (&json);
}

/*  What came to the user's private messages while they were away. */
static void s_tell_receipts (zt_core_t *core, const zt_session_t *session)
{
    for (uint32_t i = 0; i < session->user->n_receipts; i++) {
        const zt_receipt_t *receipt = &session->user->receipts[i];
        const zt_user_t *to = zt_user_by_number (core, receipt->to);
        if (to)
            zt_output_message (
                core, session->peer,
                &(zt_message_t){.verb = ZT_VERB_RECEIPT,
                                .number = {receipt->id},
                                .word = {{NULL, 0}, {to->entity.name, to->entity.name_size}}});
    }
}

static void s_tell_operator (zt_core_t *core, const zt_session_t *session, const s_hello_t *hello)
{
    enum { S_CLIENT_MAX = 64 };
    int client_size = hello->client.size < S_CLIENT_MAX ? (int) hello->client.size : S_CLIENT_MAX;
    const char *device = session->device->name;
    zt_flag_t flag = zt_user_flag (core, session->user);
    zt_buffer_t name = {NULL, 0, 0};
    zt_buffer_put_bytes (&name, zt_user_name (session->user));
    zt_flag_put (&name, &flag);
    zt_output_line (core, ZT_LEVEL_INFO, session->peer, "%s is here%s%s%s%.*s",
                    zt_buffer_string (&name), device ? " on " : "", device ? device : "",
                    client_size ? " with " : "", client_size, hello->client.data);
    zt_buffer_free (&name);
}

static void s_begin (zt_core_t *core, uint32_t peer, zt_device_t *device, const s_hello_t *hello,
                     uint64_t now)
{
    if (hello->part == ZT_PART_FOLLOWS && hello->behind < device->cursor)
        device->cursor = hello->behind > core->empty_to ? hello->behind : core->empty_to;
    zt_session_t *session = zt_session_open (core, peer, device, hello->part, now);
    if (hello->replay && hello->replay < session->replay)
        session->replay = (uint32_t) hello->replay;
    /*  Lest a new name on the same connection brings a new burst. */
    if (session->user->sends.full_at < core->peers[peer].sends.full_at)
        session->user->sends = core->peers[peer].sends;
    session->sent_last = hello->sent_last;
    session->wants_receipts = hello->wants_receipts;
    s_welcome (core, session, now);
    if (zt_session_is_present (session))
        zt_presence_list_for (core, session, now);
    if (session->wants_receipts)
        s_tell_receipts (core, session);
    zt_feed_catch_up (core, session);
    s_tell_operator (core, session, hello);
}

static void s_hello (zt_core_t *core, uint32_t peer, const zt_message_t *message, const cJSON *json,
                     uint64_t now)
{
    s_hello_t hello = {.credential = "", .by_token = ""};
    s_refusal_t refusal = {0};
    zt_user_t *user = NULL;
    zt_device_t *device = NULL;
    bool is_read = s_read (message, json, &hello, &refusal);
    if (is_read)
        s_identify (core, peer, &hello);
    if (is_read && (user = s_user (core, peer, &hello, &refusal, now)))
        device = s_device (core, user, &hello, &refusal, now);
    if (device) {
        s_begin (core, peer, device, &hello, now);
        return;
    }
    zt_output_error (core, peer, 0, refusal.error, refusal.retry_ms, refusal.sentence);
    if (is_read)
        zt_output_line (core, ZT_LEVEL_NOTICE, peer, "%.*s was refused: %s", (int) hello.name.size,
                        hello.name.data,
                        refusal.sentence ? refusal.sentence : zt_error_what (refusal.error));
}

void zt_on_hello (zt_core_t *core, uint32_t peer, const zt_message_t *message, uint64_t now)
{
    if (!zt_bytes_equal (message->word[0], zt_bytes ("ZTALK/1"))) {
        zt_output_error (core, peer, 0, ZT_ERROR_VERSION, 0, "this broker speaks ZTALK/1");
        return;
    }
    /*  A WELCOME may be larger than what it answers by far. */
    enum { S_STEP_MS = 1000 / ZT_HELLOS_PER_S, S_MOST_MS = S_STEP_MS * ZT_HELLOS_BURST };
    zt_budget_t *budget = &zt_peer (core, peer)->hellos;
    uint64_t wait = zt_budget_wait (budget, now, S_STEP_MS, S_MOST_MS);
    if (wait) {
        zt_output_error (core, peer, 0, ZT_ERROR_RATE_LIMITED, wait, NULL);
        return;
    }
    zt_budget_take (budget, now, S_STEP_MS, S_MOST_MS);
    cJSON *json = zt_json_parse (message->body);
    s_hello (core, peer, message, json, now);
    cJSON_Delete (json);
}

void zt_on_ping (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    (void) now;
    zt_output_message (core, session->peer,
                       &(zt_message_t){.verb = ZT_VERB_PONG, .word = {message->word[0]}});
}

void zt_on_bye (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    (void) message;
    zt_output_line (core, ZT_LEVEL_INFO, session->peer, "%s left", session->user->entity.name + 1);
    zt_session_close (core, session, now);
}
