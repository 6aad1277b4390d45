/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/meet.h"

#include "client/key_query.h"
#include "client/lines.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/name.h"
#include "common/options.h"
#include "common/translate.h"

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

static int64_t s_now (void)
{
    return (int64_t) zt_clock_monotonic ();
}

/*  Says why it ends, with its code for programs if it has one, and frees the text. */
static int s_end (const zt_meeting_t *self, int status, zt_trust_end_t *end)
{
    if (self->json && end->code) {
        zt_buffer_t line = {NULL, 0, 0};
        zt_item_t item = {
            .kind = ZT_ITEM_STATE, .code = end->code, .text = zt_buffer_bytes (&end->text)};
        zt_lines_put_json (&line, &item);
        fputs (zt_buffer_string (&line), stdout);
        fflush (stdout);
        zt_buffer_free (&line);
    }
    fprintf (stderr, "ztalk: %s\n", zt_buffer_string (&end->text));
    zt_buffer_free (&end->text);
    return status;
}

static bool s_is_here (const char *endpoint)
{
    const char *why;
    struct addrinfo *addresses = zt_dial_addresses (endpoint, zt_dial_port (endpoint), &why);
    bool is_here = zt_dial_is_here (addresses);
    if (addresses)
        freeaddrinfo (addresses);
    return is_here;
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
static int s_ask (zt_meeting_t *self, const zt_key_t *key)
{
    zt_buffer_t question = {NULL, 0, 0};
    zt_buffer_put_format (&question,
                          _ ("You have not been at %s before. The fingerprint of its key is\n"),
                          self->trust->endpoint);
    zt_trust_put_fingerprint (&question, key);
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
    zt_trust_end_t end = {NULL, {NULL, 0, 0}};
    return zt_trust_pin (self->trust, key, &end.text) ? ZT_EXIT_OK
                                                      : s_end (self, ZT_EXIT_FAILED, &end);
}

static int s_unknown (zt_meeting_t *self, const zt_key_t *key)
{
    zt_trust_t *trust = self->trust;
    if (!trust->accepts && isatty (STDIN_FILENO) && isatty (STDERR_FILENO))
        return s_ask (self, key);
    zt_trust_end_t end = {NULL, {NULL, 0, 0}};
    if (!zt_trust_accept (trust, key, &end))
        return s_end (self, trust->accepts ? ZT_EXIT_FAILED : ZT_EXIT_REFUSED, &end);
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (key, fingerprint);
    fprintf (stderr, _ ("* the key of %s is trusted from now on: %s\n"), trust->endpoint,
             fingerprint);
    return ZT_EXIT_OK;
}

/*  Waits for a descriptor, but not beyond that time. */
static void s_wait (int fd, short events, int64_t until)
{
    struct pollfd item = {.fd = fd, .events = events};
    int64_t wait = until - s_now ();
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
    zt_key_query_begin (&query, addresses, s_now (), ms);
    while ((result = zt_key_query_step (&query, s_now (), key)) == ZT_KEY_QUERY_RUNS)
        s_wait (zt_key_query_fd (&query), zt_key_query_events (&query),
                zt_key_query_deadline (&query));
    zt_key_query_close (&query);
    freeaddrinfo (addresses);
    return result == ZT_KEY_QUERY_ANSWERED;
}

/*  Why nobody can tell where the endpoint is; NULL if somebody can. */
static const char *s_unresolved (const char *endpoint)
{
    const char *why = NULL;
    struct addrinfo *addresses =
        zt_endpoint_is_tcp (endpoint) ? zt_dial_addresses (endpoint, 0, &why) : NULL;
    if (!addresses)
        return why;
    freeaddrinfo (addresses);
    return NULL;
}

static int s_unreachable (const zt_meeting_t *self)
{
    zt_trust_end_t end = {"unreachable", {NULL, 0, 0}};
    const char *endpoint = self->trust->endpoint, *why = s_unresolved (endpoint);
    zt_buffer_put_format (&end.text, _ ("no broker answers at %s"), endpoint);
    if (why)
        zt_buffer_put_format (&end.text, ": %s", why);
    return s_end (self, ZT_EXIT_UNREACHABLE, &end);
}

static int s_untold (const zt_meeting_t *self)
{
    zt_trust_end_t end = {"untrusted", {NULL, 0, 0}};
    zt_trust_put_untold (self->trust, &end.text);
    return s_end (self, ZT_EXIT_REFUSED, &end);
}

/*  Asks the key service, until it or somebody's patience has answered. */
static int s_wait_for_key (zt_meeting_t *self)
{
    zt_trust_t *trust = self->trust;
    int64_t began = s_now (), open_since = 0;
    bool is_told = false;
    for (;;) {
        zt_key_t key;
        int64_t left = self->patient ? S_QUERY_MS : began + S_START_MS - s_now ();
        int64_t ms = left < S_QUERY_MS ? left : S_QUERY_MS;
        if (zt_trust_look_here (trust, &key)) {
            zt_trust_take_published (trust, &key);
            return ZT_EXIT_OK;
        }
        if (left <= 0)
            return s_unreachable (self);
        if (s_query (trust, ms, &key))
            return s_unknown (self, &key);
        bool is_open = zt_dial_is_open (trust->endpoint, ms);
        if (!is_open && s_is_here (trust->endpoint)) {
            trust->was_asked = true;
            return ZT_EXIT_OK;
        }
        int64_t now = s_now ();
        if (is_open && open_since && now - open_since >= S_OPENING_MS)
            return s_untold (self);
        open_since = !is_open ? 0 : open_since ? open_since : now;
        if (!is_told && now - began >= S_SLOW_MS)
            fprintf (stderr, _ ("* no answer from %s yet; still trying\n"), trust->endpoint);
        is_told = is_told || now - began >= S_SLOW_MS;
        poll (NULL, 0, S_PAUSE_MS);
    }
}

int zt_meet (zt_meeting_t *self)
{
    zt_trust_end_t end = {NULL, {NULL, 0, 0}};
    int status = zt_trust_decide (self->trust, &end);
    if (status != ZT_EXIT_OK)
        return s_end (self, status, &end);
    const char *why = s_unresolved (self->trust->endpoint);
    if (why)
        fprintf (stderr, _ ("* %s: %s; still trying\n"), self->trust->endpoint, why);
    return self->trust->source == ZT_TRUST_LATER ? s_wait_for_key (self) : ZT_EXIT_OK;
}
