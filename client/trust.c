/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/trust.h"

#include "client/dial.h"
#include "client/known.h"
#include "client/quote.h"
#include "common/endpoint.h"
#include "common/options.h"
#include "common/published.h"
#include "common/translate.h"

#include <stdio.h>

static const zt_key_t s_none = {""};

uint16_t zt_trust_key_port (const zt_trust_t *self)
{
    uint16_t port = zt_dial_port (self->endpoint);
    return self->key_port ? self->key_port : (uint16_t) (port ? port + 1 : 0);
}

/*  ---------------------------------------------------------------------------
    Sentences */

/*  A command that takes the key, or without one whatever key it is, with all that was typed. */
static void s_put_command (const zt_trust_t *self, const zt_key_t *key, zt_buffer_t *text)
{
    zt_buffer_put_string (text, "\n    ztalk");
    if (key)
        zt_quote_put_option (text, "-k", key->text);
    else
        zt_buffer_put_string (text, " --trust");
    zt_buffer_put_string (text, self->options ? self->options : "");
    zt_quote_put (text, self->endpoint);
}

void zt_trust_put_fingerprint (zt_buffer_t *text, const zt_key_t *key)
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
    zt_trust_put_fingerprint (text, key);
    zt_buffer_put_format (
        text, "%s\n",
        _ ("Ask who runs it, in another way than this one. If who runs it confirms "
           "the new fingerprint, this accepts it:"));
    s_put_command (self, key, text);
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
    zt_trust_put_fingerprint (text, key);
    zt_buffer_put_format (
        text, "%s\n", _ ("If who runs it confirms that, either of these takes it from now on:"));
    s_put_command (self, NULL, text);
    s_put_command (self, key, text);
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
    zt_trust_put_fingerprint (text, &self->in_endpoint);
    zt_buffer_put_format (text, "%s\n",
                          _ ("If who runs it confirms that it has a new key, this accepts it:"));
    s_put_command (self, &self->in_endpoint, text);
}

/*  Says why it ends, with its code for programs. */
static int s_end (zt_trust_end_t *end, int status, const char *code)
{
    end->code = code;
    return status;
}

/*  ---------------------------------------------------------------------------
    What is known already */

/*  What is published for one of these addresses. */
static bool s_is_published (const struct addrinfo *addresses, uint16_t number, zt_key_t *key)
{
    char host[ZT_HOST_MAX], port[8];
    bool is_found = false;
    snprintf (port, sizeof port, "%u", (unsigned) number);
    for (; !is_found && addresses; addresses = addresses->ai_next)
        is_found = getnameinfo (addresses->ai_addr, addresses->ai_addrlen, host, sizeof host, NULL,
                                0, NI_NUMERICHOST) == 0 &&
                   zt_published_find (zt_bytes (host), zt_bytes (port), key);
    return is_found;
}

bool zt_trust_look_at (const zt_trust_t *self, const struct addrinfo *addresses, zt_key_t *key)
{
    /*  Asked each time: a machine that moves has other addresses. */
    bool is_found = self->source != ZT_TRUST_GIVEN &&
                    s_is_published (addresses, zt_dial_port (self->endpoint), key) &&
                    zt_dial_is_here (addresses);
    /*  Whoever tells what a name means could send us anywhere, and an address of ours is
        somebody else's on another network. With a key that does no harm; that nothing is
        encrypted is believed only where nothing can leave this machine. */
    return is_found && (key->text[0] || zt_endpoint_is_local (self->endpoint));
}

bool zt_trust_look_here (const zt_trust_t *self, zt_key_t *key)
{
    const char *why;
    struct addrinfo *addresses =
        self->source == ZT_TRUST_GIVEN
            ? NULL
            : zt_dial_addresses (self->endpoint, zt_dial_port (self->endpoint), &why);
    bool is_found = zt_trust_look_at (self, addresses, key);
    if (addresses)
        freeaddrinfo (addresses);
    return is_found;
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

void zt_trust_take_published (zt_trust_t *self, const zt_key_t *key)
{
    s_decided (self, ZT_TRUST_PUBLISHED, key);
}

bool zt_trust_pin (zt_trust_t *self, const zt_key_t *key, zt_buffer_t *why)
{
    return zt_known_put (self->home, self->endpoint, key, &s_none, why) == ZT_HOME_OK &&
           s_decided (self, ZT_TRUST_KNOWN, key) == ZT_EXIT_OK;
}

/*  The key was given by hand: that is how a new one is accepted, but only with -k. */
static int s_take_given (zt_trust_t *self, const zt_key_t *known, zt_trust_end_t *end)
{
    bool by_option = self->given.text[0] != '\0';
    const zt_key_t *key = by_option ? &self->given : &self->in_endpoint;
    bool is_changed = known->text[0] && strcmp (known->text, key->text) != 0;
    if (is_changed && !by_option) {
        s_put_other (self, known, &end->text);
        return s_end (end, ZT_EXIT_REFUSED, "key-changed");
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

bool zt_trust_accept (zt_trust_t *self, const zt_key_t *key, zt_trust_end_t *end)
{
    if (!self->accepts && !(self->judge && self->judge (self->judge_self, key))) {
        end->code = "unknown-key";
        s_put_unknown (self, key, &end->text);
        return false;
    }
    end->code = "key-not-kept";
    return zt_trust_pin (self, key, &end->text);
}

/*  Nobody has given a key by hand: what is published, known or asked for. */
static int s_find_out (zt_trust_t *self, zt_trust_end_t *end)
{
    zt_key_t known, published;
    bool is_published = zt_trust_look_here (self, &published);
    if (is_published && zt_endpoint_is_local (self->endpoint))
        return s_decided (self, ZT_TRUST_PUBLISHED, &published);
    if (zt_known_find (self->home, self->endpoint, &known, &end->text) != ZT_HOME_OK)
        return s_end (end, ZT_EXIT_FAILED, NULL);
    if (!known.text[0])
        return is_published ? s_decided (self, ZT_TRUST_PUBLISHED, &published)
                            : s_decided (self, ZT_TRUST_LATER, &s_none);
    if (!is_published || strcmp (known.text, published.text) == 0)
        return s_decided (self, ZT_TRUST_KNOWN, &known);
    zt_trust_put_changed (self, &known, &published, &end->text);
    return s_end (end, ZT_EXIT_REFUSED, "key-changed");
}

int zt_trust_decide (zt_trust_t *self, zt_trust_end_t *end)
{
    s_decided (self, ZT_TRUST_PLAIN, &s_none);
    if (self->plain || !zt_endpoint_is_tcp (self->endpoint))
        return ZT_EXIT_OK;
    if (!zt_dial_port (self->endpoint)) {
        zt_buffer_put_format (&end->text, _ ("%s: a broker is at a port that is a number"),
                              self->endpoint);
        return s_end (end, ZT_EXIT_USAGE, NULL);
    }
    if (!self->given.text[0] && !self->in_endpoint.text[0])
        return s_find_out (self, end);
    zt_key_t known;
    if (zt_known_find (self->home, self->endpoint, &known, &end->text) != ZT_HOME_OK)
        return s_end (end, ZT_EXIT_FAILED, NULL);
    return s_take_given (self, &known, end);
}
