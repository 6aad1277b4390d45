/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/ztalk_state.h"

#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/limits.h"
#include "common/options.h"
#include "common/system.h"
#include "common/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

_Static_assert((int) ZTALK_FAILED == ZT_EXIT_FAILED && (int) ZTALK_USAGE == ZT_EXIT_USAGE &&
                   (int) ZTALK_UNREACHABLE == ZT_EXIT_UNREACHABLE &&
                   (int) ZTALK_REFUSED == ZT_EXIT_REFUSED,
               "ztalk_status_t");

const char *ztalk_version (void)
{
    return ZT_VERSION;
}

/*  ---------------------------------------------------------------------------
    Setting up */

ztalk_t *ztalk_new (void)
{
    ztalk_t *self = zt_alloc (sizeof *self);
    self->home.fd = self->home.lock_fd = self->gather = -1;
    return self;
}

void ztalk_destroy (ztalk_t **self_p)
{
    ztalk_t *self = *self_p;
    if (!self)
        return;
    if (self->core) {
        zt_client_quit (self->core, zt_session_now ());
        zt_session_send (self->session);
    }
    zt_session_destroy (&self->session);
    zt_home_close (&self->home);
    if (self->gather >= 0)
        close (self->gather);
    zt_events_clear (&self->events);
    zt_buffer_free (&self->why);
    zt_buffer_free (&self->endpoint);
    zt_buffer_free (&self->last);
    for (size_t i = 0; i < ZT_ZTALK_OPTIONS; i++)
        free (self->options[i]);
    free (self);
    *self_p = NULL;
}

ztalk_status_t zt_ztalk_fail (ztalk_t *self, ztalk_status_t status, const char *code,
                              const char *why)
{
    snprintf (self->code, sizeof self->code, "%s", code);
    if (why != self->why.data) {
        zt_buffer_clear (&self->why);
        zt_buffer_put_string (&self->why, why);
    }
    zt_buffer_string (&self->why); /* ends it */
    return status;
}

const char *ztalk_code (const ztalk_t *self)
{
    return self->code;
}

const char *ztalk_why (const ztalk_t *self)
{
    return self->why.size ? self->why.data : "";
}

const char *ztalk_name (const ztalk_t *self)
{
    const char *name = self->options[ZTALK_NAME];
    return self->core ? zt_client_name (self->core) : name ? name : "";
}

ztalk_status_t ztalk_set (ztalk_t *self, ztalk_option_t option, const char *value)
{
    if ((unsigned) option >= ZT_ZTALK_OPTIONS)
        return zt_ztalk_fail (self, ZTALK_USAGE, "option", _ ("there is no such option"));
    if (self->session)
        return zt_ztalk_fail (self, ZTALK_USAGE, "option",
                              _ ("options are set before ztalk_connect"));
    free (self->options[option]);
    self->options[option] = value ? zt_strndup (value, strlen (value)) : NULL;
    return ZTALK_OK;
}

void ztalk_set_trust (ztalk_t *self, ztalk_trust_fn *trust, void *arg)
{
    self->asks = trust;
    self->asks_arg = arg;
}

/*  ---------------------------------------------------------------------------
    Connecting */

/*  The key service has told a key of which nothing is known. */
static bool s_judge (void *self_, const zt_key_t *key)
{
    ztalk_t *self = self_;
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (key, fingerprint);
    self->unknown = *key;
    return self->asks &&
           self->asks (self->asks_arg, self->trust.endpoint, key->text, fingerprint) != 0;
}

static bool s_is_set (const ztalk_t *self, ztalk_option_t option)
{
    return self->options[option] && strcmp (self->options[option], "0") != 0;
}

static ztalk_status_t s_wrong (ztalk_t *self, const char *what, const char *why)
{
    zt_buffer_clear (&self->why);
    zt_buffer_put_format (&self->why, "%s: %s", what, why);
    return zt_ztalk_fail (self, ZTALK_USAGE, "option", zt_buffer_string (&self->why));
}

/*  Reads the options that are more than a string. */
static ztalk_status_t s_read_options (ztalk_t *self)
{
    zt_trust_t *trust = &self->trust;
    char **options = self->options;
    const char *endpoint = options[ZTALK_ENDPOINT];
    zt_buffer_clear (&self->endpoint);
    *trust = (zt_trust_t){.plain = s_is_set (self, ZTALK_PLAIN),
                          .accepts = s_is_set (self, ZTALK_TRUST),
                          .judge = s_judge,
                          .judge_self = self,
                          .home = &self->home};
    const char *wrong = zt_endpoint_parse (zt_bytes (endpoint ? endpoint : "127.0.0.1"),
                                           &self->endpoint, &trust->in_endpoint);
    if (wrong)
        return s_wrong (self, "endpoint", zt_translate (wrong));
    trust->endpoint = zt_buffer_string (&self->endpoint);
    if (options[ZTALK_BROKER_KEY] &&
        !zt_key_read (zt_bytes (options[ZTALK_BROKER_KEY]), &trust->given))
        return s_wrong (self, "broker-key",
                        _ ("a key has 40 characters (the shell eats some of them, unless it is in "
                           "single quotes)"));
    if (trust->plain && (trust->given.text[0] || trust->in_endpoint.text[0]))
        return s_wrong (self, "plain", _ ("with --plain there is no key"));
    uint64_t port = 0;
    if (options[ZTALK_KEY_PORT] && (!zt_u64_read (zt_bytes (options[ZTALK_KEY_PORT]), &port) ||
                                    port == 0 || port > UINT16_MAX))
        return s_wrong (self, "key-port", _ ("a port is a number from 1 to 65535"));
    trust->key_port = (uint16_t) port;
    zt_folded_t folded;
    if (!options[ZTALK_NAME])
        return s_wrong (self, "name", _ ("there is none"));
    if ((wrong = zt_name_fold (zt_bytes (options[ZTALK_NAME]), &folded)))
        return s_wrong (self, "name", zt_translate (wrong));
    if (options[ZTALK_DEVICE] && (wrong = zt_name_fold (zt_bytes (options[ZTALK_DEVICE]), &folded)))
        return s_wrong (self, "device", zt_translate (wrong));
    static const ztalk_option_t words[] = {ZTALK_INVITE, ZTALK_PAIR};
    for (size_t i = 0; i < 2; i++) {
        const char *word = options[words[i]];
        if (word && (!zt_word_valid (zt_bytes (word)) || strlen (word) > ZT_TOKEN_MAX))
            return s_wrong (self, i ? "pair" : "invite", _ ("this cannot be what you were given"));
    }
    return ZTALK_OK;
}

static ztalk_status_t s_open_home (ztalk_t *self)
{
    zt_buffer_t path = {NULL, 0, 0};
    zt_buffer_clear (&self->why);
    zt_home_close (&self->home);
    bool is_known = true;
    if (self->options[ZTALK_HOME])
        zt_buffer_put_string (&path, self->options[ZTALK_HOME]);
    else
        is_known = zt_home_path (&path);
    if (!is_known)
        zt_buffer_put_string (&self->why,
                              _ ("no home directory is known; ZTALK_HOME can name one"));
    bool is_open =
        is_known && zt_home_open (&self->home, zt_buffer_string (&path), &self->why) == ZT_HOME_OK;
    zt_buffer_free (&path);
    return is_open ? ZTALK_OK
                   : zt_ztalk_fail (self, ZTALK_FAILED, "home", zt_buffer_string (&self->why));
}

/*  Which key the broker must have, as far as that can be told without asking anybody. */
static ztalk_status_t s_decide (ztalk_t *self)
{
    zt_trust_end_t end = {NULL, {NULL, 0, 0}};
    ztalk_status_t status = (ztalk_status_t) zt_trust_decide (&self->trust, &end);
    if (status != ZTALK_OK)
        zt_ztalk_fail (self, status, end.code ? end.code : "trust", zt_buffer_string (&end.text));
    zt_buffer_free (&end.text);
    return status;
}

static ztalk_status_t s_open_session (ztalk_t *self)
{
    const char *device = self->options[ZTALK_DEVICE];
    zt_session_config_t config = {.core = {.name = self->options[ZTALK_NAME],
                                           .device = device ? device : "program",
                                           .invite = self->options[ZTALK_INVITE],
                                           .pair = self->options[ZTALK_PAIR],
                                           .patient = !s_is_set (self, ZTALK_IMPATIENT),
                                           .keeps = true,
                                           .by_id = true,
                                           .show = zt_ztalk_show,
                                           .show_self = self},
                                  .trust = &self->trust,
                                  .home = &self->home,
                                  .keeps = true,
                                  .is_full = zt_ztalk_is_full,
                                  .complain = zt_ztalk_complain};
    zt_home_result_t result;
    self->session = zt_session_new (&config, &result, &self->why);
    if (result == ZT_HOME_HELD) {
        zt_buffer_clear (&self->why);
        zt_buffer_put_format (&self->why, _ ("another program is the device %s of %s"),
                              config.core.device, config.core.name);
        return zt_ztalk_fail (self, ZTALK_REFUSED, "held", zt_buffer_string (&self->why));
    }
    return result == ZT_HOME_OK
               ? ZTALK_OK
               : zt_ztalk_fail (self, ZTALK_FAILED, "home", zt_buffer_string (&self->why));
}

ztalk_status_t ztalk_connect (ztalk_t *self)
{
    if (self->session)
        return zt_ztalk_fail (self, ZTALK_USAGE, "connected", _ ("it is connected, or tries to"));
    ztalk_status_t status = s_read_options (self);
    if (status == ZTALK_OK)
        status = s_open_home (self);
    if (status == ZTALK_OK)
        status = s_decide (self);
    if (status == ZTALK_OK)
        status = s_open_session (self);
    if (status != ZTALK_OK)
        return status;
    const char *why;
    self->core = zt_session_begin (self->session);
    if (!zt_session_connect (self->session, &why)) {
        s_wrong (self, self->trust.endpoint, why);
        self->core = NULL;
        zt_session_destroy (&self->session);
        zt_events_clear (&self->events);
        return ZTALK_USAGE;
    }
    for (size_t i = 0; i < ZT_SESSION_FDS; i++)
        self->fds[i] = (struct pollfd){.fd = -1};
    self->gather = zt_system_gather_open ();
    zt_session_keep (self->session);
    zt_ztalk_gather (self);
    return ZTALK_OK;
}
