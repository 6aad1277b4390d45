/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/trust.h"

#include "client/key_query.h"
#include "client/known.h"
#include "common/endpoint.h"
#include "common/name.h"
#include "common/options.h"
#include "common/published.h"
#include "common/translate.h"

#include <arpa/inet.h>
#include <czmq.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum {
    S_QUERY_MS = 3000,
    S_SLOW_MS = 3000,    /* before a person is told that nobody answers */
    S_START_MS = 10000,  /* before a script is */
    S_OPENING_MS = 1000, /* a broker that is starting opens its port first */
    S_PAUSE_MS = 200
};

static const zt_key_t s_none = {""};

uint16_t zt_trust_key_port (const zt_trust_t *self)
{
    uint16_t port = zt_dial_port (self->endpoint);
    return self->key_port ? self->key_port : (uint16_t) (port ? port + 1 : 0);
}

/*  ---------------------------------------------------------------------------
    Sentences */

/*  A fingerprint as it is read out: two lines. */
static void s_put_fingerprint (zt_buffer_t *text, const zt_key_t *key)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    const int half = ZT_FINGERPRINT_SIZE / 2;
    zt_key_fingerprint (key, fingerprint);
    zt_buffer_put_format (text, "\n    %.*s\n    %s\n\n", half - 1, fingerprint,
                          fingerprint + half);
}

void zt_trust_put_changed (const zt_trust_t *self, const zt_key_t *known, const zt_key_t *key,
                           zt_buffer_t *text)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (known, fingerprint);
    zt_buffer_put_format (text,
                          _ ("THE KEY OF %s HAS CHANGED. Either it was set up anew, or somebody is "
                             "between you and it, who could read and change all that is said.\n"
                             "The fingerprint was %s, and of the key that answers now it is\n"),
                          self->endpoint, fingerprint);
    s_put_fingerprint (text, key);
    zt_buffer_put_format (
        text,
        _ ("Ask who runs it, in another way than this one. If who runs it confirms "
           "the new fingerprint, this accepts it:\n\n    ztalk -k '%s' %s"),
        key->text, self->endpoint);
}

void zt_trust_put_untold (const zt_trust_t *self, zt_buffer_t *text)
{
    zt_buffer_put_format (
        text,
        _ ("something answers at %s, but nothing tells its key at port %u. Ask who "
           "runs it for the key, and give it with -k KEY, or as %s/KEY; or, if it "
           "does not encrypt, say --plain"),
        self->endpoint, (unsigned) zt_trust_key_port (self), self->endpoint);
}

static void s_put_unknown (const zt_trust_t *self, const zt_key_t *key, zt_buffer_t *text)
{
    zt_buffer_put_format (text, _ ("the key of %s is not known here. Its fingerprint is\n"),
                          self->endpoint);
    s_put_fingerprint (text, key);
    zt_buffer_put_format (
        text,
        _ ("If who runs it confirms that, either of these takes it from now on:\n\n"
           "    ztalk --trust %s\n    ztalk -k '%s' %s"),
        self->endpoint, key->text, self->endpoint);
}

/*  Says why it ends, and frees the text. */
static int s_end (int status, zt_buffer_t *text)
{
    fprintf (stderr, "ztalk: %s\n", zt_buffer_string (text));
    zt_buffer_free (text);
    return status;
}

/*  ---------------------------------------------------------------------------
    What is known already */

static bool s_is_address (const char *endpoint)
{
    char host[INET6_ADDRSTRLEN];
    unsigned char address[sizeof (struct in6_addr)];
    zt_bytes_t name, port;
    if (!zt_endpoint_split (endpoint, &name, &port) || name.size >= sizeof host)
        return false;
    memcpy (host, name.data, name.size);
    host[name.size] = '\0';
    return inet_pton (AF_INET, host, address) == 1 || inet_pton (AF_INET6, host, address) == 1;
}

static bool s_is_here (const char *endpoint)
{
    if (zt_endpoint_is_local (endpoint))
        return true;
    const char *why;
    struct addrinfo *addresses = zt_dial_addresses (endpoint, zt_dial_port (endpoint), &why);
    bool is_here = zt_dial_is_here (addresses);
    if (addresses)
        freeaddrinfo (addresses);
    return is_here;
}

bool zt_trust_look_here (const zt_trust_t *self, zt_key_t *key)
{
    zt_bytes_t host, port;
    if (!self->is_here || self->source == ZT_TRUST_GIVEN ||
        !zt_endpoint_split (self->endpoint, &host, &port) || !zt_published_find (port, key))
        return false;
    /*  Whoever tells what a name means could send us anywhere. With a key that does no harm. */
    return key->text[0] || zt_endpoint_is_local (self->endpoint) || s_is_address (self->endpoint);
}

static int s_decided (zt_trust_t *self, zt_trust_source_t source, const zt_key_t *key)
{
    self->source = source;
    self->key = *key;
    return ZT_EXIT_OK;
}

/*  Pins a key; instead is what was known, or empty. */
static int s_pin (zt_trust_t *self, zt_trust_source_t source, const zt_key_t *key,
                  const zt_key_t *instead)
{
    zt_buffer_t why = {NULL, 0, 0};
    if (zt_known_put (self->home, self->endpoint, key, instead, &why) != ZT_HOME_OK)
        return s_end (ZT_EXIT_FAILED, &why);
    zt_buffer_free (&why);
    return s_decided (self, source, key);
}

/*  The key was given by hand: that is how a new one is accepted, but only with -k. */
static int s_take_given (zt_trust_t *self, const zt_key_t *known)
{
    bool by_option = self->given.text[0] != '\0';
    const zt_key_t *key = by_option ? &self->given : &self->in_endpoint;
    bool is_changed = known->text[0] && strcmp (known->text, key->text) != 0;
    if (is_changed && !by_option) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_trust_put_changed (self, known, key, &text);
        return s_end (ZT_EXIT_REFUSED, &text);
    }
    int status = s_pin (self, ZT_TRUST_GIVEN, key, known);
    if (is_changed && status == ZT_EXIT_OK)
        fprintf (stderr, _ ("* the key of %s was %s, and is %s from now on\n"), self->endpoint,
                 known->text, key->text);
    return status;
}

/*  ---------------------------------------------------------------------------
    A broker of which nothing is known */

bool zt_trust_accept (zt_trust_t *self, const zt_key_t *key, zt_buffer_t *text)
{
    if (!self->accepts) {
        s_put_unknown (self, key, text);
        return false;
    }
    if (zt_known_put (self->home, self->endpoint, key, &s_none, text) != ZT_HOME_OK)
        return false;
    s_decided (self, ZT_TRUST_KNOWN, key);
    return true;
}

static bool s_is_yes (zt_bytes_t answer)
{
    static const char *const words[] = {"y", "yes", "т", "так"};
    zt_folded_t folded;
    while (answer.size && strchr ("\r\n \t", answer.data[answer.size - 1]))
        answer.size--;
    while (answer.size && strchr (" \t", answer.data[0]))
        answer = (zt_bytes_t){answer.data + 1, answer.size - 1};
    if (zt_name_fold (answer, &folded))
        return false;
    bool is_yes = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        is_yes =
            is_yes || zt_bytes_equal ((zt_bytes_t){folded.data, folded.size}, zt_bytes (words[i]));
    return is_yes;
}

/*  Asks the person who sits there. The answer is read without stdio, which would keep what
    is typed after it. */
static int s_ask (zt_trust_t *self, const zt_key_t *key)
{
    zt_buffer_t question = {NULL, 0, 0};
    zt_buffer_put_format (&question,
                          _ ("You have not been at %s before. The fingerprint of its key is\n"),
                          self->endpoint);
    s_put_fingerprint (&question, key);
    fprintf (stderr,
             _ ("%sWho runs it can read the same numbers out to you, if it is the right one.\n"
                "Trust it from now on? [y/N] "),
             zt_buffer_string (&question));
    zt_buffer_free (&question);
    char answer[256];
    ssize_t size = read (STDIN_FILENO, answer, sizeof answer);
    if (size <= 0)
        fputc ('\n', stderr);
    if (size <= 0 || !s_is_yes ((zt_bytes_t){answer, (size_t) size})) {
        fprintf (stderr, _ ("ztalk: not trusted, and so not connected\n"));
        return ZT_EXIT_REFUSED;
    }
    self->has_asked = true;
    return s_pin (self, ZT_TRUST_KNOWN, key, &s_none);
}

static int s_unknown (zt_trust_t *self, const zt_key_t *key)
{
    if (!self->accepts && isatty (STDIN_FILENO) && isatty (STDERR_FILENO))
        return s_ask (self, key);
    zt_buffer_t text = {NULL, 0, 0};
    if (!zt_trust_accept (self, key, &text))
        return s_end (self->accepts ? ZT_EXIT_FAILED : ZT_EXIT_REFUSED, &text);
    zt_buffer_free (&text);
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (key, fingerprint);
    fprintf (stderr, _ ("* the key of %s is trusted from now on: %s\n"), self->endpoint,
             fingerprint);
    return ZT_EXIT_OK;
}

/*  Waits for a descriptor, but not beyond that time. */
static void s_wait (int fd, short events, int64_t until)
{
    struct pollfd item = {.fd = fd, .events = events};
    int64_t wait = until - zclock_mono ();
    poll (&item, 1, wait > 0 ? (int) wait : 0);
}

/*  Asks the key service. True if it has answered. */
static bool s_query (const zt_trust_t *self, int64_t ms, zt_key_t *key)
{
    const char *why;
    uint16_t port = zt_trust_key_port (self);
    struct addrinfo *addresses = port ? zt_dial_addresses (self->endpoint, port, &why) : NULL;
    if (!addresses)
        return false;
    zt_key_query_t query;
    zt_key_query_result_t result;
    zt_key_query_begin (&query, addresses, zclock_mono (), ms);
    while ((result = zt_key_query_step (&query, zclock_mono (), key)) == ZT_KEY_QUERY_RUNS)
        s_wait (zt_key_query_fd (&query), zt_key_query_events (&query),
                zt_key_query_deadline (&query));
    zt_key_query_close (&query);
    freeaddrinfo (addresses);
    return result == ZT_KEY_QUERY_ANSWERED;
}

/*  True if the broker's port takes connections. */
static bool s_is_open (const zt_trust_t *self, int64_t ms)
{
    const char *why;
    struct addrinfo *addresses =
        zt_dial_addresses (self->endpoint, zt_dial_port (self->endpoint), &why);
    zt_dial_t dial;
    zt_dial_result_t result;
    zt_dial_begin (&dial, addresses, zclock_mono (), ms);
    while ((result = zt_dial_step (&dial, zclock_mono ())) == ZT_DIAL_TRIES)
        s_wait (dial.fd, POLLOUT, dial.address_end);
    zt_dial_close (&dial);
    if (addresses)
        freeaddrinfo (addresses);
    return result == ZT_DIAL_DONE;
}

static int s_unreachable (const zt_trust_t *self)
{
    fprintf (stderr, _ ("ztalk: no broker answers at %s\n"), self->endpoint);
    return ZT_EXIT_UNREACHABLE;
}

static int s_untold (const zt_trust_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_trust_put_untold (self, &text);
    return s_end (ZT_EXIT_REFUSED, &text);
}

/*  Asks the key service, until it or somebody's patience has answered. */
static int s_meet (zt_trust_t *self)
{
    int64_t began = zclock_mono (), open_since = 0;
    bool is_told = false;
    for (;;) {
        zt_key_t key;
        int64_t left = self->patient ? S_QUERY_MS : began + S_START_MS - zclock_mono ();
        int64_t ms = left < S_QUERY_MS ? left : S_QUERY_MS;
        if (zt_trust_look_here (self, &key))
            return s_decided (self, ZT_TRUST_PUBLISHED, &key);
        if (left <= 0)
            return s_unreachable (self);
        if (s_query (self, ms, &key))
            return s_unknown (self, &key);
        bool is_open = s_is_open (self, ms);
        if (!is_open && self->is_here)
            return s_decided (self, ZT_TRUST_LATER, &s_none);
        int64_t now = zclock_mono ();
        if (is_open && open_since && now - open_since >= S_OPENING_MS)
            return s_untold (self);
        open_since = !is_open ? 0 : open_since ? open_since : now;
        if (!is_told && now - began >= S_SLOW_MS)
            fprintf (stderr, _ ("* no answer from %s yet; still trying\n"), self->endpoint);
        is_told = is_told || now - began >= S_SLOW_MS;
        poll (NULL, 0, S_PAUSE_MS);
    }
}

int zt_trust_decide (zt_trust_t *self)
{
    s_decided (self, ZT_TRUST_PLAIN, &s_none);
    self->is_here = s_is_here (self->endpoint);
    if (self->plain || !zt_endpoint_is_tcp (self->endpoint))
        return ZT_EXIT_OK;
    if (!zt_dial_port (self->endpoint)) {
        fprintf (stderr, _ ("ztalk: %s: a broker is at a port that is a number\n"), self->endpoint);
        return ZT_EXIT_USAGE;
    }
    zt_key_t known, published;
    zt_buffer_t why = {NULL, 0, 0};
    bool is_given = self->given.text[0] || self->in_endpoint.text[0];
    if (!is_given && zt_trust_look_here (self, &published))
        return s_decided (self, ZT_TRUST_PUBLISHED, &published);
    if (zt_known_find (self->home, self->endpoint, &known, &why) != ZT_HOME_OK)
        return s_end (ZT_EXIT_FAILED, &why);
    if (is_given)
        return s_take_given (self, &known);
    return known.text[0] ? s_decided (self, ZT_TRUST_KNOWN, &known) : s_meet (self);
}
