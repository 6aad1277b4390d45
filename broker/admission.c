/*  SPDX-License-Identifier: MPL-2.0

    Who is let in beside those who own a name: who was invited to it, who joins it with
    another device, whom the operator admits. All of it is a matter of credentials: a name
    that somebody is invited to belongs to the invitation until it is used. */

#include "broker/core_state.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/tree.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/*  What codes are made of: no letter is taken for another, or for a digit. */
static const char s_letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

#define S_INVITE "invite:"

static const char s_too_many_names[] = "one key or token can own 16 names";
static const char s_too_many_keys[] = "a user can have 16 keys";

/*  ---------------------------------------------------------------------------
    Codes */

size_t zt_core_wants_random (const zt_core_t *core)
{
    return sizeof core->random - core->n_random;
}

void zt_core_stir (zt_core_t *core, const void *bytes, size_t size)
{
    assert (size <= zt_core_wants_random (core));
    memcpy (core->random + core->n_random, bytes, size);
    core->n_random += size;
}

/*  Makes a code of so many letters, of 5 bits each. False if there is too little chance left. */
static bool s_make_code (zt_core_t *core, char *code, size_t letters)
{
    if (core->n_random < letters)
        return false;
    for (size_t i = 0; i < letters; i++) {
        code[i] = s_letters[core->random[--core->n_random] % 32];
        core->random[core->n_random] = 0;
    }
    return true;
}

/*  Reads a code as people type it: in any case, with hyphens and spaces. Returns how many
    letters it has; what has no room is counted and left out. */
static size_t s_read_code (zt_bytes_t typed, char *code, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < typed.size; i++) {
        char c = typed.data[i];
        if (c == '-' || c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char) (c - 'a' + 'A');
        if (n < room)
            code[n] = c;
        n++;
    }
    return n;
}

/*  Takes as long whatever differs. */
static bool s_is_same (const char *one, const char *other, size_t size)
{
    unsigned char difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= (unsigned char) (one[i] ^ other[i]);
    return difference == 0;
}

/*  ---------------------------------------------------------------------------
    Credentials that come */

/*  NULL, or why the credential cannot have one name more. */
static const char *s_may_own (const zt_core_t *core, const char *credential)
{
    if (!*credential)
        return "a name is for keeps: it needs a key or a token";
    return zt_credential_names (core, credential) < ZT_NAMES_PER_KEY ? NULL : s_too_many_names;
}

const char *zt_admission_invited (zt_core_t *core, zt_user_t *user, const char *credential,
                                  zt_bytes_t code)
{
    char invitation[sizeof S_INVITE + ZT_INVITE_LETTERS] = S_INVITE;
    size_t letters = s_read_code (code, invitation + strlen (S_INVITE), ZT_INVITE_LETTERS);
    if (letters != ZT_INVITE_LETTERS || !zt_user_has (user, invitation))
        return "this is no invitation to this name, or it was used";
    const char *wrong = s_may_own (core, credential);
    if (wrong)
        return wrong;
    zt_save_credential_gone (core, user, invitation);
    zt_user_take (core, user, invitation);
    zt_user_give (core, user, credential);
    zt_save_credential (core, user, credential);
    return NULL;
}

/*  A code is tried. Who tries wrong ones has few, so that nobody needs to fear for their code
    because somebody else guesses; and of many there are not so many that one of them would be
    likely to be right. */
static bool s_is_code (zt_core_t *core, uint32_t peer, const zt_user_t *user, zt_bytes_t typed,
                       uint64_t now)
{
    char code[ZT_PAIR_LETTERS] = "";
    zt_pairing_t *pairing = user->pairing;
    bool is_whole = s_read_code (typed, code, ZT_PAIR_LETTERS) == ZT_PAIR_LETTERS;
    bool is_good = pairing && now < pairing->until && pairing->n_tries < ZT_PAIR_TRIES;
    if (is_good && is_whole) {
        pairing->n_tries++;
        if (s_is_same (code, pairing->code, ZT_PAIR_LETTERS))
            return true;
    }
    if (++zt_peer (core, peer)->n_codes >= ZT_PAIR_TRIES_EACH)
        zt_output_drop (core, peer);
    return false;
}

/*  Tells the operator that somebody else can be the user now. */
static void s_tell_key (zt_core_t *core, uint32_t peer, const zt_user_t *user)
{
    char fingerprint[ZT_FINGERPRINT_SIZE] = "none";
    if (zt_peer (core, peer)->key)
        zt_key_fingerprint (zt_peer (core, peer)->key, fingerprint);
    zt_output_line (core, ZT_LEVEL_NOTICE, peer,
                    "%s was joined by another device, whose key has the fingerprint %s",
                    user->entity.name + 1, fingerprint);
}

/*  The credential owns the user, too. */
static const char *s_join (zt_core_t *core, zt_user_t *user, const char *credential)
{
    if (user->n_credentials == ZT_KEYS_PER_USER)
        return s_too_many_keys;
    const char *wrong = s_may_own (core, credential);
    if (wrong)
        return wrong;
    zt_user_give (core, user, credential);
    zt_save_credential (core, user, credential);
    return NULL;
}

const char *zt_admission_paired (zt_core_t *core, uint32_t peer, zt_user_t *user,
                                 const char *credential, zt_bytes_t code, uint64_t now)
{
    if (!s_is_code (core, peer, user, code, now))
        return "this code is wrong, or too old, or was used; /pair on the other device makes a new "
               "one";
    const char *wrong = s_join (core, user, credential);
    if (wrong)
        return wrong;
    zt_admission_forget (user);
    s_tell_key (core, peer, user);
    return NULL;
}

const char *zt_admission_moved (zt_core_t *core, zt_user_t *user, const char *credential)
{
    return s_join (core, user, credential);
}

void zt_admission_forget (zt_user_t *user)
{
    free (user->pairing);
    user->pairing = NULL;
}

static void s_forget (void *credential, void *user_)
{
    zt_user_t *user = user_;
    if (user->pairing && (!credential || zt_user_has (user, credential)))
        zt_admission_forget (user);
}

void zt_admission_forget_all (zt_core_t *core, const char *credential)
{
    char copy[ZT_CREDENTIAL_SIZE];
    snprintf (copy, sizeof copy, "%s", credential ? credential : "");
    zt_tree_each (core->users_by_number, s_forget, credential ? copy : NULL);
}

void zt_on_pair (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    zt_user_t *user = session->user;
    uint64_t ref = message->number[0];
    char code[ZT_PAIR_LETTERS];
    if (!zt_may_query (core, session, ref, now))
        return;
    if (!user->n_credentials)
        zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0,
                         "this name is its live session's alone, and no other device can join it");
    else if (user->n_credentials == ZT_KEYS_PER_USER)
        zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0, s_too_many_keys);
    else if (!s_make_code (core, code, ZT_PAIR_LETTERS))
        zt_output_error (core, session->peer, ref, ZT_ERROR_BUSY, ZT_RETRY_MS, NULL);
    else {
        if (!user->pairing)
            user->pairing = zt_alloc (sizeof *user->pairing);
        *user->pairing = (zt_pairing_t){.until = now + ZT_PAIR_MS};
        memcpy (user->pairing->code, code, sizeof code);
        zt_buffer_t json = {NULL, 0, 0};
        zt_buffer_put_format (&json, "{\"code\":\"%.4s-%.4s\",\"expires_ms\":%d}", code, code + 4,
                              ZT_PAIR_MS);
        zt_output_result (core, session->peer, ref, &json);
        zt_buffer_free (&json);
        zt_output_line (core, ZT_LEVEL_INFO, session->peer, "%s may be joined by another device",
                        user->entity.name + 1);
    }
}

/*  ---------------------------------------------------------------------------
    Credentials that the operator gives */

/*  Finds the user of that name. NULL with a sentence in *wrong if it is no name; NULL
    without one if it is nobody's, yet. */
static zt_user_t *s_find (zt_core_t *core, zt_bytes_t *name, zt_folded_t *folded,
                          const char **wrong)
{
    if (name->size && name->data[0] == '@')
        *name = (zt_bytes_t){name->data + 1, name->size - 1};
    *wrong = zt_name_fold (*name, folded);
    return *wrong ? NULL : zt_user_find (core, folded);
}

/*  A name that belongs to an invitation alone is nobody's, still. */
static bool s_is_waiting (const zt_user_t *user)
{
    return user->n_credentials == 1 &&
           strncmp (user->credentials[0]->text, S_INVITE, strlen (S_INVITE)) == 0;
}

/*  The user that is to belong to what the operator gives: a new one, or one that waits, which
    belongs to nothing then. NULL with *wrong. */
static zt_user_t *s_make (zt_core_t *core, zt_bytes_t name, const char **wrong)
{
    zt_folded_t folded;
    zt_user_t *user = s_find (core, &name, &folded, wrong);
    if (*wrong)
        return NULL;
    if (user && !s_is_waiting (user))
        *wrong = "the name belongs to somebody already";
    else if (!user && core->n_users == ZT_USERS_MAX)
        *wrong = "this broker has as many users as it can keep";
    if (*wrong)
        return NULL;
    if (!user)
        return zt_user_register (core, name, &folded, wrong);
    char old[ZT_CREDENTIAL_SIZE];
    snprintf (old, sizeof old, "%s", user->credentials[0]->text);
    zt_save_credential_gone (core, user, old);
    zt_user_take (core, user, old);
    return user;
}

const char *zt_core_invite (zt_core_t *core, zt_bytes_t name, char code[ZT_INVITE_SIZE])
{
    char invitation[sizeof S_INVITE + ZT_INVITE_LETTERS] = S_INVITE;
    char *letters = invitation + strlen (S_INVITE);
    if (core->n_random < ZT_INVITE_LETTERS)
        return "there are no random numbers now; try again";
    const char *wrong;
    zt_user_t *user = s_make (core, name, &wrong);
    if (!user)
        return wrong;
    s_make_code (core, letters, ZT_INVITE_LETTERS);
    memcpy (code, letters, ZT_INVITE_SIZE);
    zt_user_give (core, user, invitation);
    zt_save_user (core, user);
    return NULL;
}

static void s_put_key (char credential[ZT_CREDENTIAL_SIZE], const zt_key_t *key)
{
    snprintf (credential, ZT_CREDENTIAL_SIZE, "key:%s", key->text);
}

const char *zt_core_admit (zt_core_t *core, zt_bytes_t name, const zt_key_t *key)
{
    char credential[ZT_CREDENTIAL_SIZE];
    zt_folded_t folded;
    zt_bytes_t bare = name;
    const char *wrong;
    s_put_key (credential, key);
    zt_user_t *user = s_find (core, &bare, &folded, &wrong);
    if (!wrong)
        wrong = s_may_own (core, credential); /* before anything is taken away for it */
    if (wrong)
        return wrong;
    if (!user || s_is_waiting (user))
        user = s_make (core, name, &wrong);
    else if (user->n_credentials == 0)
        wrong = "somebody has the name now, without a key or token, until they leave";
    else if (user->n_credentials == ZT_KEYS_PER_USER)
        wrong = s_too_many_keys;
    if (wrong)
        return wrong;
    zt_user_give (core, user, credential);
    zt_save_user (core, user);
    return NULL;
}

const char *zt_core_revoke (zt_core_t *core, zt_bytes_t name, const zt_key_t *key, uint64_t now)
{
    char credential[ZT_CREDENTIAL_SIZE];
    zt_folded_t folded;
    const char *wrong;
    s_put_key (credential, key);
    zt_user_t *user = s_find (core, &name, &folded, &wrong);
    if (!user || !zt_user_has (user, credential))
        return "the name does not belong to this key";
    if (user->n_credentials == 1)
        return "the name belongs to nothing else, and would be lost; ban the key instead";
    zt_admission_forget (user);
    for (uint32_t i = core->sessions.n; i-- > 0;) {
        zt_session_t *session = core->sessions.items[i];
        const zt_key_t *own = core->peers[session->peer].key;
        if (session->user == user && own && strcmp (own->text, key->text) == 0)
            zt_session_end (core, session, ZT_REASON_KICKED, now);
    }
    zt_user_take (core, user, credential);
    zt_save_credential_gone (core, user, credential);
    return NULL;
}

bool zt_core_user_key (zt_core_t *core, zt_bytes_t name, size_t i, zt_key_t *key)
{
    const char *wrong;
    zt_folded_t folded;
    const zt_user_t *user = s_find (core, &name, &folded, &wrong);
    for (uint32_t at = 0; user && at < user->n_credentials; at++) {
        const char *text = user->credentials[at]->text;
        if (strncmp (text, "key:", 4) == 0 && zt_key_read (zt_bytes (text + 4), key) && i-- == 0)
            return true;
    }
    return false;
}

int zt_core_kick_key (zt_core_t *core, const zt_key_t *key, uint64_t now)
{
    char credential[ZT_CREDENTIAL_SIZE];
    int n = 0;
    for (uint32_t i = 0; i < core->n_peers; i++)
        if (core->peers[i].key && strcmp (core->peers[i].key->text, key->text) == 0)
            n += zt_core_kick_peer (core, i, now);
    s_put_key (credential, key);
    zt_admission_forget_all (core, credential);
    return n;
}
