/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/guard.h"

#include "common/translate.h"

enum {
    S_QUERY_MS = 3000,
    S_ASK_MS = 5000, /* from one question to the next */
    S_LOOK_MS = 250  /* from one look for a broker of this machine to the next */
};

static bool s_is_encrypted (const zt_guard_t *self)
{
    return self->trust->key.text[0] != '\0';
}

static bool s_make_link (zt_guard_t *self, const char **why)
{
    zt_client_encrypt (self->core, s_is_encrypted (self));
    self->link =
        zt_link_new (self->trust->endpoint, &self->trust->key, self->keys, self->poller, why);
    return self->link != NULL;
}

bool zt_guard_begin (zt_guard_t *self, zt_trust_t *trust, const zt_keys_t *keys, zt_client_t *core,
                     zpoller_t *poller, int64_t now, const char **why)
{
    *self = (zt_guard_t){.trust = trust,
                         .keys = keys,
                         .core = core,
                         .poller = poller,
                         .ask_at = now,
                         .look_at = ZT_NEVER};
    if (trust->source != ZT_TRUST_LATER)
        return s_make_link (self, why);
    self->look_at = now + S_LOOK_MS;
    self->ask_at = now + S_ASK_MS; /* it was asked just now */
    return true;
}

void zt_guard_rest (zt_guard_t *self)
{
    if (!self->is_asking)
        return;
    zt_key_query_close (&self->query);
    freeaddrinfo (self->addresses);
    self->is_asking = false;
}

void zt_guard_end (zt_guard_t *self)
{
    zt_guard_rest (self);
    zt_link_destroy (&self->link);
}

bool zt_guard_relink (zt_guard_t *self)
{
    return !self->link || zt_link_remake (self->link);
}

/*  ---------------------------------------------------------------------------
    Verdicts */

/*  The key, which is decided now, is that of the connections from now on. */
static bool s_use_key (zt_guard_t *self, int64_t now)
{
    const char *why;
    self->look_at = ZT_NEVER;
    if (!self->link)
        return s_make_link (self, &why);
    zt_client_down (self->core, now);
    zt_client_encrypt (self->core, s_is_encrypted (self));
    return zt_link_rekey (self->link, &self->trust->key);
}

/*  What a broker of this machine says of itself is true: if it says something else than is
    known here, that is used. True if it says anything; *is_well is false if ZeroMQ fails. */
static bool s_look_here (zt_guard_t *self, int64_t now, bool *is_well)
{
    zt_key_t key;
    zt_trust_t *trust = self->trust;
    if (trust->source == ZT_TRUST_PLAIN || !zt_trust_look_here (trust, &key))
        return false;
    bool is_new = !self->link || strcmp (key.text, trust->key.text) != 0;
    if (is_new && self->link)
        zt_client_tell (self->core, key.text[0]
                                        ? _ ("the broker of this machine has another key now")
                                        : _ ("the broker of this machine does not encrypt "
                                             "any more"));
    trust->source = ZT_TRUST_PUBLISHED;
    trust->key = key;
    if (is_new)
        *is_well = s_use_key (self, now);
    return true;
}

static void s_refuse (zt_guard_t *self, const char *code, zt_buffer_t *text)
{
    zt_client_refuse (self->core, code, zt_buffer_string (text));
    zt_buffer_free (text);
}

/*  The key service has told a key. */
static bool s_answered (zt_guard_t *self, const zt_key_t *key, int64_t now)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_trust_t *trust = self->trust;
    bool is_well = true;
    if (s_look_here (self, now, &is_well))
        return is_well;
    if (trust->source == ZT_TRUST_LATER) {
        if (zt_trust_accept (trust, key, &text))
            is_well = s_use_key (self, now);
        else
            s_refuse (self, "unknown-key", &text);
    } else if (strcmp (key->text, trust->key.text) != 0) {
        zt_trust_put_changed (trust, &trust->key, key, &text);
        s_refuse (self, "key-changed", &text);
    }
    zt_buffer_free (&text);
    return is_well; /* with the same key: it only has no time for us */
}

/*  Nobody tells a key, and yet something answers at the broker's port. */
static void s_untold (zt_guard_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    if (self->trust->source == ZT_TRUST_LATER)
        zt_trust_put_untold (self->trust, &text);
    else
        zt_buffer_put_format (
            &text,
            _ ("something answers at %s, but not with the key that is known for it; "
               "still trying (if it does not encrypt: --plain)"),
            self->trust->endpoint);
    zt_client_doubt (self->core, zt_buffer_string (&text));
    zt_buffer_free (&text);
}

/*  One of us encrypts, and the other does not. */
static void s_mechanism (zt_guard_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    if (self->trust->source == ZT_TRUST_PUBLISHED)
        return; /* it is about to tell */
    if (s_is_encrypted (self))
        zt_buffer_put_format (
            &text,
            _ ("%s does not encrypt, though a key is known for it. Either it was set "
               "up anew, or something else answers in its place; --plain connects "
               "nevertheless, and whoever is between can read along"),
            self->trust->endpoint);
    else
        zt_buffer_put_format (
            &text,
            _ ("%s encrypts, and this client was told that it does not: try again "
               "without --plain"),
            self->trust->endpoint);
    s_refuse (self, "mechanism", &text);
}

static void s_banned (zt_guard_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (
        &text,
        s_is_encrypted (self)
            ? _ ("%s refuses the key of this installation ('ztalk key' shows it); "
                 "who runs it can tell why")
            : _ ("%s refuses connections from here"),
        self->trust->endpoint);
    s_refuse (self, "refused", &text);
}

/*  ---------------------------------------------------------------------------
    Questions */

static void s_ask (zt_guard_t *self, uint16_t port, int64_t now)
{
    const char *why;
    self->addresses = port ? zt_dial_addresses (self->trust->endpoint, port, &why) : NULL;
    if (!self->addresses)
        return;
    zt_key_query_begin (&self->query, self->addresses, now, S_QUERY_MS);
    self->is_asking = true;
}

static void s_ask_for_key (zt_guard_t *self, int64_t now)
{
    if (self->is_asking || now < self->ask_at)
        return;
    self->ask_at = now + S_ASK_MS;
    self->is_at_broker = false;
    s_ask (self, zt_trust_key_port (self->trust), now);
    if (!self->is_asking && self->link)
        s_untold (self);
}

/*  Goes on with the question. False if ZeroMQ fails. */
static bool s_step (zt_guard_t *self, int64_t now)
{
    zt_key_t key;
    zt_key_query_result_t result = zt_key_query_step (&self->query, now, &key);
    if (result == ZT_KEY_QUERY_RUNS)
        return true;
    zt_guard_rest (self);
    if (self->is_at_broker) {
        if (result != ZT_KEY_QUERY_NOBODY)
            s_untold (self);
    } else if (result == ZT_KEY_QUERY_ANSWERED)
        return s_answered (self, &key, now);
    else if (self->link)
        s_untold (self);
    else { /* is a broker there at all? */
        self->is_at_broker = true;
        s_ask (self, zt_dial_port (self->trust->endpoint), now);
    }
    return true;
}

/*  ---------------------------------------------------------------------------
    Events */

static bool s_event (zt_guard_t *self, zt_link_event_t event, int64_t now)
{
    bool is_well = true;
    switch (event) {
    case ZT_LINK_UP:
        zt_client_up (self->core, now);
        break;
    case ZT_LINK_BANNED:
        s_banned (self);
        break;
    case ZT_LINK_MECHANISM:
        if (!s_look_here (self, now, &is_well))
            s_mechanism (self);
        break;
    case ZT_LINK_FAILED:
        if (s_is_encrypted (self) && !s_look_here (self, now, &is_well))
            s_ask_for_key (self, now);
        break;
    default:
        zt_client_down (self->core, now);
        break;
    }
    return is_well;
}

bool zt_guard_serve (zt_guard_t *self, int64_t now)
{
    zt_link_event_t event;
    while (self->link && (event = zt_link_event (self->link)) != ZT_LINK_NOTHING)
        if (!s_event (self, event, now))
            return false;
    bool is_well = true;
    if (now >= self->look_at) {
        self->look_at = now + S_LOOK_MS;
        if (!s_look_here (self, now, &is_well))
            s_ask_for_key (self, now);
    }
    return is_well && (!self->is_asking || s_step (self, now));
}

int zt_guard_fd (const zt_guard_t *self)
{
    return self->is_asking ? zt_key_query_fd (&self->query) : -1;
}

short zt_guard_events (const zt_guard_t *self)
{
    return zt_key_query_events (&self->query);
}

int64_t zt_guard_deadline (const zt_guard_t *self)
{
    int64_t deadline = self->look_at;
    if (self->is_asking && zt_key_query_deadline (&self->query) < deadline)
        deadline = zt_key_query_deadline (&self->query);
    return deadline;
}
