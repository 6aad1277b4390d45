/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/guard.h"

#include "client/dial.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/translate.h"

enum {
    S_QUERY_MS = 3000,
    S_ASK_MS = 5000,     /* from one question to the next */
    S_LOOK_MS = 250,     /* from one look for a broker of this machine to the next */
    S_LOOK_UP_MS = 2000, /* the same, if the resolver may have to ask others for it */
    S_FAILURES = 3,      /* of the handshake: a broker that ends makes one or two */
    S_DOUBT_MS = 15000,  /* so long one that was the right one may take to have time again */
    S_AT_ONCE = 20,      /* failures after which nothing more is found out by trying soon */
    S_AT_ONCE_MS = 250,
    S_STUCK_MS = 3000,        /* so long ZeroMQ has to connect again by itself */
    S_MISMATCH_MS = 5000,     /* so long a broker that starts may take to publish what it does */
    S_MISMATCH_GAP_MS = 4000, /* without a mismatch: the next one is another story */
};

/*  What a look for a broker of this machine has found. */
typedef enum {
    S_HERE_NOTHING, /* none has published anything */
    S_HERE_SAME,    /* what is published is what is used already */
    S_HERE_TAKEN,   /* it is something else, which is used from now on */
    S_HERE_REFUSED, /* it is something else than what is pinned: the end */
    S_HERE_FAILED   /* ZeroMQ has */
} s_here_t;

static bool s_is_encrypted (const zt_guard_t *self)
{
    return self->trust->key.text[0] != '\0';
}

/*  Where the broker is. The resolver is asked, and may take its time, once in a while only,
   whatever it says; and not while somebody is being asked at these addresses. */
static struct addrinfo *s_addresses (zt_guard_t *self, int64_t now)
{
    const char *why;
    if (self->is_asking || (self->looked_up_at && now - self->looked_up_at < S_LOOK_UP_MS))
        return self->addresses;
    if (self->addresses)
        freeaddrinfo (self->addresses);
    self->addresses =
        zt_dial_addresses (self->trust->endpoint, zt_dial_port (self->trust->endpoint), &why);
    self->looked_up_at = (int64_t) zt_clock_monotonic (); /* it may have taken longer than that */
    return self->addresses;
}

static bool s_make_link (zt_guard_t *self, const char **why)
{
    zt_client_encrypt (self->core, self->trust->key.text);
    self->link =
        zt_link_new (self->trust->endpoint, &self->trust->key, self->keys, self->context, why);
    return self->link != NULL;
}

static int64_t s_look_ms (const zt_guard_t *self)
{
    return zt_endpoint_is_local (self->trust->endpoint) ? S_LOOK_MS : S_LOOK_UP_MS;
}

/*  The socket may have given up, as ZeroMQ does when somebody breaks the protocol: it is made
    anew after the next look, unless something comes of it before. Each client waits up to twice
   that time, and another one: many that have lost the same broker do not come back all at once. */
static void s_get_stuck (zt_guard_t *self, int64_t now, int64_t ms)
{
    ms += ms * self->jitter_ms / 1000;
    if (!self->is_stuck || now + ms < self->look_at)
        self->look_at = now + ms;
    self->is_stuck = true;
}

/*  It has not. */
static void s_get_loose (zt_guard_t *self)
{
    self->look_at = ZT_NEVER;
    self->is_stuck = false;
}

bool zt_guard_begin (zt_guard_t *self, zt_trust_t *trust, const zt_keys_t *keys, zt_client_t *core,
                     void *context, unsigned jitter_ms, int64_t now, const char **why)
{
    *self = (zt_guard_t){.trust = trust,
                         .keys = keys,
                         .core = core,
                         .context = context,
                         .jitter_ms = jitter_ms,
                         .ask_at = now,
                         .look_at = ZT_NEVER};
    if (trust->source != ZT_TRUST_LATER)
        return s_make_link (self, why);
    if (trust->was_asked) {
        self->look_at = now + s_look_ms (self);
        self->ask_at = now + S_ASK_MS;
    } else
        self->look_at = now;
    return true;
}

void zt_guard_rest (zt_guard_t *self)
{
    if (!self->is_asking)
        return;
    zt_key_query_close (&self->query);
    self->is_asking = false;
}

void zt_guard_end (zt_guard_t *self)
{
    zt_guard_rest (self);
    if (self->addresses)
        freeaddrinfo (self->addresses);
    self->addresses = NULL;
    zt_link_destroy (&self->link);
}

bool zt_guard_relink (zt_guard_t *self)
{
    if (self->link)
        s_get_loose (self);
    return !self->link || zt_link_remake (self->link);
}

/*  ---------------------------------------------------------------------------
    Verdicts */

/*  The key, which is decided now, is that of the connections from now on. */
static bool s_use_key (zt_guard_t *self, int64_t now)
{
    const char *why;
    s_get_loose (self);
    self->mismatched_at = 0;
    self->was_up = false;
    if (!self->link)
        return s_make_link (self, &why);
    zt_client_down (self->core, now);
    zt_client_encrypt (self->core, self->trust->key.text);
    return zt_link_rekey (self->link, &self->trust->key);
}

static void s_refuse (zt_guard_t *self, const char *code, zt_buffer_t *text)
{
    zt_client_refuse (self->core, code, zt_buffer_string (text));
    zt_buffer_free (text);
}

static void s_refuse_changed (zt_guard_t *self, const zt_key_t *key)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_trust_put_changed (self->trust, &self->trust->key, key, &text);
    s_refuse (self, "key-changed", &text);
}

/*  What a broker of this machine says of itself is true: if it says something else than is
    known here, that is used, unless a key is pinned for an endpoint that others may have. */
static s_here_t s_look_here (zt_guard_t *self, int64_t now)
{
    zt_key_t key;
    zt_trust_t *trust = self->trust;
    if (trust->source == ZT_TRUST_PLAIN || trust->source == ZT_TRUST_GIVEN ||
        !zt_trust_look_at (trust, s_addresses (self, now), &key))
        return S_HERE_NOTHING;
    if (self->link && strcmp (key.text, trust->key.text) == 0)
        return S_HERE_SAME;
    if (!zt_trust_follows_here (trust)) {
        s_refuse_changed (self, &key);
        return S_HERE_REFUSED;
    }
    if (self->link)
        zt_client_tell (self->core, key.text[0]
                                        ? _ ("the broker of this machine has another key now")
                                        : _ ("the broker of this machine does not encrypt "
                                             "any more"));
    zt_trust_take_published (trust, &key);
    return s_use_key (self, now) ? S_HERE_TAKEN : S_HERE_FAILED;
}

/*  The key service has told a key. */
static bool s_answered (zt_guard_t *self, const zt_key_t *key, int64_t now)
{
    zt_trust_end_t end = {NULL, {NULL, 0, 0}};
    zt_trust_t *trust = self->trust;
    s_here_t here = s_look_here (self, now);
    if (here != S_HERE_NOTHING && here != S_HERE_SAME)
        return here != S_HERE_FAILED;
    bool is_well = true;
    if (trust->source == ZT_TRUST_LATER) {
        if (zt_trust_accept (trust, key, &end))
            is_well = s_use_key (self, now);
        else
            s_refuse (self, end.code, &end.text);
    } else if (strcmp (key->text, trust->key.text) != 0)
        s_refuse_changed (self, key);
    zt_buffer_free (&end.text);
    return is_well; /* with the same key: it only has no time for us */
}

/*  Nobody tells a key, and yet something answers at the broker's port. If it was the right one a
    moment ago it is being started again, or has too many like us to let in. */
static void s_untold (zt_guard_t *self, int64_t now)
{
    if (self->link &&
        (self->failures < S_FAILURES || (self->was_up && now - self->failing_since < S_DOUBT_MS)))
        return;
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

static void s_refuse_mismatch (zt_guard_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    bool is_published = self->trust->source == ZT_TRUST_PUBLISHED;
    const char *endpoint = self->trust->endpoint;
    if (s_is_encrypted (self))
        zt_buffer_put_format (
            &text,
            is_published
                ? _ ("%s does not encrypt, though a key is published for it: something else "
                     "answers in its place")
                : _ ("%s does not encrypt, though a key is known for it. Either it was set "
                     "up anew, or something else answers in its place; --plain connects "
                     "nevertheless, and whoever is between can read along"),
            endpoint);
    else if (is_published)
        zt_buffer_put_format (&text,
                              _ ("%s encrypts, though it is published that it does not: something "
                                 "else answers in its place"),
                              endpoint);
    else
        zt_buffer_put_format (
            &text,
            _ ("%s encrypts, and this client was told that it does not: try again "
               "without --plain"),
            endpoint);
    s_refuse (self, "mechanism", &text);
}

/*  The broker of this machine may be about to tell what it does: its port is open before that. */
static bool s_may_be_told (const zt_guard_t *self)
{
    const zt_trust_t *trust = self->trust;
    return trust->source == ZT_TRUST_PUBLISHED ||
           (trust->source == ZT_TRUST_KNOWN && zt_endpoint_is_local (trust->endpoint));
}

/*  Who hangs up first when only one side encrypts is chance: after that has been told once,
    another failure is most likely the same. */
static bool s_is_mismatched (const zt_guard_t *self, int64_t now)
{
    return self->mismatched_at && now - self->mismatched_at < S_MISMATCH_GAP_MS;
}

/*  There was no handshake, because one of us encrypts, and the other does not. */
static bool s_mismatch (zt_guard_t *self, int64_t now)
{
    s_here_t here = s_look_here (self, now);
    if (here != S_HERE_NOTHING && here != S_HERE_SAME)
        return here != S_HERE_FAILED;
    if (!s_is_mismatched (self, now))
        self->mismatched_since = now;
    self->mismatched_at = now;
    if (!s_may_be_told (self) || now - self->mismatched_since >= S_MISMATCH_MS)
        s_refuse_mismatch (self);
    else
        s_get_stuck (self, now, s_look_ms (self));
    return true;
}

static void s_banned (zt_guard_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (
        &text,
        s_is_encrypted (self)
            ? _ ("%s refuses the key of this installation ('ztalk key' shows it), or its address: "
                 "it is banned. Who runs it can tell why")
            : _ ("%s refuses the address of this machine: it is banned. Who runs it can tell why"),
        self->trust->endpoint);
    s_refuse (self, "refused", &text);
}

/*  ---------------------------------------------------------------------------
    Questions */

static void s_ask (zt_guard_t *self, uint16_t port, int64_t now)
{
    struct addrinfo *addresses = port ? s_addresses (self, now) : NULL;
    if (!addresses)
        return;
    zt_dial_set_port (addresses, port);
    zt_key_query_begin (&self->query, addresses, now, S_QUERY_MS);
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
        s_untold (self, now);
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
            s_untold (self, now);
    } else if (result == ZT_KEY_QUERY_ANSWERED)
        return s_answered (self, &key, now);
    else if (self->link)
        s_untold (self, now);
    else { /* is a broker there at all? */
        self->is_at_broker = true;
        s_ask (self, zt_dial_port (self->trust->endpoint), now);
    }
    return true;
}

/*  ---------------------------------------------------------------------------
    Events */

/*  There was no handshake, for another reason. */
static bool s_failed (zt_guard_t *self, int64_t now)
{
    /*  Why it failed is told by whoever hangs up last: that is chance, and has to be tried. */
    s_get_stuck (self, now, self->failures < S_AT_ONCE ? S_AT_ONCE_MS : S_STUCK_MS);
    if (self->failures++ == 0)
        self->failing_since = now;
    if (s_is_mismatched (self, now))
        return s_mismatch (self, now);
    /*  It happens over and over, and the resolver may take its time. */
    if (now < self->ask_at && !zt_endpoint_is_local (self->trust->endpoint))
        return true;
    s_here_t here = s_look_here (self, now);
    if (s_is_encrypted (self) && (here == S_HERE_NOTHING || here == S_HERE_SAME))
        s_ask_for_key (self, now);
    return here != S_HERE_FAILED;
}

static void s_confirm (zt_guard_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_trust_confirm (self->trust, &text);
    if (text.size)
        zt_client_tell (self->core, zt_buffer_string (&text));
    zt_buffer_free (&text);
}

static bool s_event (zt_guard_t *self, zt_link_event_t event, int64_t now)
{
    switch (event) {
    case ZT_LINK_UP:
        s_get_loose (self);
        self->mismatched_at = 0;
        self->failures = 0;
        self->was_up = true;
        s_confirm (self);
        zt_client_up (self->core, now);
        return true;
    case ZT_LINK_RETRIES:
        zt_client_retrying (self->core, now + zt_link_retry_ms (self->link));
        return true;
    case ZT_LINK_BANNED:
        s_banned (self);
        return true;
    case ZT_LINK_MECHANISM:
        return s_mismatch (self, now);
    case ZT_LINK_FAILED:
        return s_failed (self, now);
    default:
        s_get_stuck (self, now, S_STUCK_MS);
        zt_client_down (self->core, now);
        return true;
    }
}

/*  It is time to look for a broker of this machine. */
static bool s_look (zt_guard_t *self, int64_t now)
{
    self->look_at = ZT_NEVER;
    s_here_t here = s_look_here (self, now);
    if (here != S_HERE_NOTHING && here != S_HERE_SAME)
        return here != S_HERE_FAILED;
    if (self->is_stuck)
        return zt_guard_relink (self);
    self->look_at = now + s_look_ms (self);
    s_ask_for_key (self, now);
    return true;
}

bool zt_guard_serve (zt_guard_t *self, int64_t now)
{
    zt_link_event_t event;
    while (self->link && (event = zt_link_event (self->link)) != ZT_LINK_NOTHING)
        if (!s_event (self, event, now))
            return false;
    if (now >= self->look_at && !s_look (self, now))
        return false;
    if (!self->link) /* whose key is asked for first */
        zt_client_retrying (self->core,
                            self->look_at < self->ask_at ? self->look_at : self->ask_at);
    return !self->is_asking || s_step (self, now);
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
