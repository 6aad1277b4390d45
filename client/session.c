/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/session.h"

#include "client/guard.h"
#include "common/alloc.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/span.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <zmq.h>

enum {
    S_FRAMES_A_TURN = 64, /* small ones; */
    S_MS_A_TURN = 5,      /* of large ones, of a thousand messages each, it is over earlier */
    S_JITTER_MS = 1000,   /* a broker that was restarted has not all its clients at once */
    S_RETRY_SEND_MS = 20  /* a full socket does not tell when it has room */
};

struct zt_session_t {
    zt_session_config_t config;
    zt_keys_t keys;            /* what owns our names where it is encrypted */
    char token[ZT_TOKEN_SIZE]; /* and where it is not */
    zt_journal_t journal;
    zt_buffer_t kept; /* what the journal had */

    void *context; /* of ZeroMQ */
    zt_client_t *core;
    unsigned jitter_ms; /* of this session, below S_JITTER_MS */
    zt_guard_t guard;   /* and the link */
    zt_keeper_t keeper;
    bool frames_left;  /* the DEALER had more than a turn's worth */
    bool send_refused; /* the DEALER had no room */
};

int64_t zt_session_now (void)
{
    return (int64_t) zt_clock_monotonic ();
}

/*  Takes the secrets, and for a device the lock and the journal. */
static zt_home_result_t s_take (zt_session_t *self, zt_buffer_t *why)
{
    const zt_session_config_t *config = &self->config;
    const char *endpoint = config->trust->endpoint;
    const char *name = config->core.name, *device = config->core.device;
    zt_home_result_t result = zt_home_token (config->home, self->token, why);
    if (result == ZT_HOME_OK && config->trust->source != ZT_TRUST_PLAIN)
        result = zt_home_keys (config->home, &self->keys, why);
    if (result == ZT_HOME_OK && config->keeps)
        result = zt_home_lock (config->home, endpoint, name, device, why);
    if (result == ZT_HOME_OK && config->keeps &&
        !zt_journal_open (&self->journal, config->home, endpoint, name, device, &self->kept, why))
        result = ZT_HOME_FAILED;
    return result;
}

zt_session_t *zt_session_new (const zt_session_config_t *config, zt_home_result_t *result,
                              zt_buffer_t *why)
{
    zt_session_t *self = zt_alloc (sizeof *self);
    self->config = *config;
    self->journal.fd = -1;
    *result = s_take (self, why);
    if (*result == ZT_HOME_OK && !(self->context = zmq_ctx_new ())) {
        zt_buffer_put_string (why, zmq_strerror (zmq_errno ()));
        *result = ZT_HOME_FAILED;
    }
    if (*result != ZT_HOME_OK)
        zt_session_destroy (&self);
    return self;
}

void zt_session_destroy (zt_session_t **self_p)
{
    zt_session_t *self = *self_p;
    int status;
    if (!self)
        return;
    /*  What has been sent need not lie about in yet another file. */
    if (self->core && self->config.keeps && zt_client_over (self->core, &status))
        zt_keeper_shorten (&self->keeper, zt_session_now ());
    zt_guard_end (&self->guard);
    zt_client_destroy (&self->core);
    zt_journal_close (&self->journal);
    zt_buffer_free (&self->kept);
    /*  Waits, as long as linger says, for BYE to go out. */
    while (self->context && zmq_ctx_term (self->context) != 0 && zmq_errno () == EINTR)
        continue;
    sodium_memzero (self, sizeof *self);
    free (self);
    *self_p = NULL;
}

static unsigned s_jitter (void)
{
    return randombytes_uniform (S_JITTER_MS);
}

zt_client_t *zt_session_begin (zt_session_t *self)
{
    const zt_trust_t *trust = self->config.trust;
    zt_client_config_t core = self->config.core;
    core.endpoint = trust->endpoint;
    core.token = self->token;
    core.key = trust->key.text;
    core.exposed = trust->source == ZT_TRUST_PLAIN && !zt_endpoint_is_local (trust->endpoint);
    core.jitter_ms = self->jitter_ms = s_jitter ();
    core.ref_floor = zt_clock_now ();
    self->core = zt_client_new (&core, zt_session_now ());
    return self->core;
}

bool zt_session_connect (zt_session_t *self, const char **why)
{
    int64_t now = zt_session_now ();
    self->keeper.complain = self->config.complain;
    self->keeper.complain_self = self->config.core.show_self;
    zt_keeper_begin (&self->keeper, self->core, self->config.keeps ? &self->journal : NULL,
                     zt_buffer_bytes (&self->kept), now);
    zt_buffer_free (&self->kept);
    return zt_guard_begin (&self->guard, self->config.trust, &self->keys, self->core, self->context,
                           self->jitter_ms, now, why);
}

/*  Of the service that tells keys, while it is asked. */
static struct pollfd s_other (const zt_session_t *self)
{
    int fd = zt_guard_fd (&self->guard);
    return (struct pollfd){.fd = fd, .events = fd < 0 ? 0 : zt_guard_events (&self->guard)};
}

void zt_session_poll (const zt_session_t *self, struct pollfd fds[ZT_SESSION_FDS])
{
    int of_link[ZT_LINK_FDS] = {-1, -1};
    if (self->guard.link)
        zt_link_fds (self->guard.link, of_link);
    for (size_t i = 0; i < ZT_LINK_FDS; i++)
        fds[i] = (struct pollfd){.fd = of_link[i], .events = POLLIN};
    fds[ZT_LINK_FDS] = s_other (self);
}

void zt_session_sockets (const zt_session_t *self, void *sockets[ZT_SESSION_SOCKETS],
                         struct pollfd *other)
{
    for (size_t i = 0; i < ZT_SESSION_SOCKETS; i++)
        sockets[i] = NULL;
    if (self->guard.link)
        zt_link_sockets (self->guard.link, sockets);
    *other = s_other (self);
}

int zt_session_wait_ms (const zt_session_t *self, int64_t deadline)
{
    if (self->frames_left || (self->guard.link && zt_link_is_ready (self->guard.link)))
        return 0;
    int64_t wait = ZT_NEVER;
    deadline = zt_span_earlier (deadline, zt_client_deadline (self->core));
    deadline = zt_span_earlier (deadline, zt_keeper_deadline (&self->keeper));
    deadline = zt_span_earlier (deadline, zt_guard_deadline (&self->guard));
    if (deadline != ZT_NEVER) {
        wait = deadline - zt_session_now ();
        wait = wait < 0 ? 0 : wait;
    }
    if (self->send_refused)
        wait = zt_span_earlier (wait, S_RETRY_SEND_MS);
    return wait == ZT_NEVER ? -1 : wait > INT32_MAX ? INT32_MAX : (int) wait;
}

static bool s_has_room (const zt_session_t *self)
{
    return !self->config.is_full || !self->config.is_full (self->config.core.show_self);
}

/*  Takes frames, but not so many that nothing else has its turn. */
static void s_receive (zt_session_t *self)
{
    zt_bytes_t frame;
    zt_link_received_t received = ZT_LINK_EMPTY;
    int64_t now = zt_session_now (), end = now + S_MS_A_TURN;
    for (size_t count = 0;
         self->guard.link && count < S_FRAMES_A_TURN && now < end && s_has_room (self) &&
         (received = zt_link_receive (self->guard.link, &frame)) != ZT_LINK_EMPTY;
         count++) {
        if (received == ZT_LINK_FRAME)
            zt_client_receive (self->core, frame, now);
        else
            zt_client_malformed (self->core, now);
        now = zt_session_now ();
    }
    self->frames_left = received != ZT_LINK_EMPTY;
}

bool zt_session_serve (zt_session_t *self)
{
    bool is_well = zt_guard_serve (&self->guard, zt_session_now ());
    if (is_well)
        s_receive (self);
    zt_client_tick (self->core, zt_session_now ());
    return is_well && (!zt_client_relink (self->core) || zt_guard_relink (&self->guard));
}

void zt_session_keep (zt_session_t *self)
{
    zt_keeper_write (&self->keeper, zt_session_now ());
}

void zt_session_done (zt_session_t *self, uint64_t item)
{
    zt_client_displayed (self->core, item);
    zt_session_keep (self);
}

void zt_session_send (zt_session_t *self)
{
    self->send_refused = false;
    while (!self->send_refused) {
        zt_bytes_t frame = zt_client_frame (self->core);
        zt_session_keep (self);
        if (frame.size == 0)
            break;
        if (zt_link_send (self->guard.link, frame))
            zt_client_frame_sent (self->core, zt_session_now ());
        else
            self->send_refused = true;
    }
}

void zt_session_rest (zt_session_t *self)
{
    zt_guard_rest (&self->guard);
}
