/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/trust.h"

#include "client/key_query.h"
#include "client/known.h"
#include "client/lines.h"
#include "common/endpoint.h"
#include "common/name.h"
#include "common/options.h"
#include "common/published.h"
#include "common/translate.h"

#include <czmq.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>
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

/*  The key in an address that was given to us is not the one that we know. */
static void s_put_other (const zt_trust_t *self, const zt_key_t *known, zt_buffer_t *text)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (known, fingerprint);
    zt_buffer_put_format (text,
                          _ ("the key in this address is not the one that is known for %s. The "
                             "fingerprint of that is %s, and of the address's\n"),
                          self->endpoint, fingerprint);
    s_put_fingerprint (text, &self->in_endpoint);
    zt_buffer_put_format (text,
                          _ ("If who runs it confirms that it has a new key, this accepts it:\n\n"
                             "    ztalk -k '%s' %s"),
                          self->in_endpoint.text, self->endpoint);
}

/*  Says why it ends, with its code for programs if it has one, and frees the text. */
static int s_end (const zt_trust_t *self, int status, const char *code, zt_buffer_t *text)
{
    if (self->json && code) {
        zt_buffer_t line = {NULL, 0, 0};
        zt_item_t item = {.kind = ZT_ITEM_STATE, .code = code, .text = zt_buffer_bytes (text)};
        zt_lines_put_json (&line, &item);
        fputs (zt_buffer_string (&line), stdout);
        fflush (stdout);
        zt_buffer_free (&line);
    }
    fprintf (stderr, "ztalk: %s\n", zt_buffer_string (text));
    zt_buffer_free (text);
    return status;
}

/*  ---------------------------------------------------------------------------
    What is known already */

static bool s_is_here (const char *endpoint)
{
    const char *why;
    struct addrinfo *addresses = zt_dial_addresses (endpoint, zt_dial_port (endpoint), &why);
    bool is_here = zt_dial_is_here (addresses);
    if (addresses)
        freeaddrinfo (addresses);
    return is_here;
}

/*  What is published for one of these addresses. */
static bool s_is_published (const struct addrinfo *addresses, zt_key_t *key)
{
    char host[NI_MAXHOST], port[8];
    bool is_found = false;
    for (; !is_found && addresses; addresses = addresses->ai_next)
        is_found = getnameinfo (addresses->ai_addr, addresses->ai_addrlen, host, sizeof host, port,
                                sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0 &&
                   zt_published_find (zt_bytes (host), zt_bytes (port), key);
    return is_found;
}

bool zt_trust_look_here (const zt_trust_t *self, zt_key_t *key)
{
    const char *why;
    struct addrinfo *addresses =
        self->source == ZT_TRUST_GIVEN
            ? NULL
            : zt_dial_addresses (self->endpoint, zt_dial_port (self->endpoint), &why);
    if (!addresses)
        return false;
    /*  Asked each time: a machine that moves has other addresses. */
    bool is_found = s_is_published (addresses, key) && zt_dial_is_here (addresses);
    freeaddrinfo (addresses);
    /*  Whoever tells what a name means could send us anywhere, and an address of ours is
        somebody else's on another network. With a key that does no harm; that nothing is
        encrypted is believed only where nothing can leave this machine. */
    return is_found && (key->text[0] || zt_endpoint_is_local (self->endpoint));
}

bool zt_trust_follows_here (const zt_trust_t *self)
{
    return self->source != ZT_TRUST_KNOWN || zt_endpoint_is_local (self->endpoint);
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
        return s_end (self, ZT_EXIT_FAILED, NULL, &why);
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
        s_put_other (self, known, &text);
        return s_end (self, ZT_EXIT_REFUSED, "key-changed", &text);
    }
    self->pins = !known->text[0] || is_changed;
    self->known = *known;
    return s_decided (self, ZT_TRUST_GIVEN, key);
}

void zt_trust_confirm (zt_trust_t *self, zt_buffer_t *text)
{
    if (!self->pins)
        return;
    self->pins = false;
    if (zt_known_put (self->home, self->endpoint, &self->key, &self->known, text) == ZT_HOME_OK &&
        self->known.text[0])
        zt_buffer_put_format (text, _ ("the key of %s was %s, and is %s from now on"),
                              self->endpoint, self->known.text, self->key.text);
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
    tcflush (STDIN_FILENO, TCIFLUSH); /* what was typed before is no answer to it */
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
        return self->accepts ? s_end (self, ZT_EXIT_FAILED, NULL, &text)
                             : s_end (self, ZT_EXIT_REFUSED, "unknown-key", &text);
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
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (&text, _ ("no broker answers at %s"), self->endpoint);
    return s_end (self, ZT_EXIT_UNREACHABLE, "unreachable", &text);
}

static int s_untold (const zt_trust_t *self)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_trust_put_untold (self, &text);
    return s_end (self, ZT_EXIT_REFUSED, "untrusted", &text);
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
        if (!is_open && s_is_here (self->endpoint))
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

/*  Nobody has given a key by hand: what is published, known or asked for. */
static int s_find_out (zt_trust_t *self)
{
    zt_key_t known, published;
    zt_buffer_t text = {NULL, 0, 0};
    bool is_published = zt_trust_look_here (self, &published);
    if (is_published && zt_endpoint_is_local (self->endpoint))
        return s_decided (self, ZT_TRUST_PUBLISHED, &published);
    if (zt_known_find (self->home, self->endpoint, &known, &text) != ZT_HOME_OK)
        return s_end (self, ZT_EXIT_FAILED, NULL, &text);
    if (!known.text[0])
        return is_published ? s_decided (self, ZT_TRUST_PUBLISHED, &published) : s_meet (self);
    if (!is_published || strcmp (known.text, published.text) == 0)
        return s_decided (self, ZT_TRUST_KNOWN, &known);
    zt_trust_put_changed (self, &known, &published, &text);
    return s_end (self, ZT_EXIT_REFUSED, "key-changed", &text);
}

int zt_trust_decide (zt_trust_t *self)
{
    s_decided (self, ZT_TRUST_PLAIN, &s_none);
    if (self->plain || !zt_endpoint_is_tcp (self->endpoint))
        return ZT_EXIT_OK;
    if (!zt_dial_port (self->endpoint)) {
        fprintf (stderr, _ ("ztalk: %s: a broker is at a port that is a number\n"), self->endpoint);
        return ZT_EXIT_USAGE;
    }
    if (!self->given.text[0] && !self->in_endpoint.text[0])
        return s_find_out (self);
    zt_key_t known;
    zt_buffer_t why = {NULL, 0, 0};
    if (zt_known_find (self->home, self->endpoint, &known, &why) != ZT_HOME_OK)
        return s_end (self, ZT_EXIT_FAILED, NULL, &why);
    return s_take_given (self, &known);
}
