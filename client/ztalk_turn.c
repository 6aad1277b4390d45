/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/ztalk_state.h"

#include "common/options.h"
#include "common/system.h"

#include <errno.h>
#include <stdio.h>
#include <zmq.h>

enum { S_QUEUE_MOST = 4194304 };

/*  ---------------------------------------------------------------------------
    What happens */

void zt_ztalk_show (void *self_, const zt_item_t *item)
{
    ztalk_t *self = self_;
    uint64_t number = self->core ? zt_client_shown (self->core) : 0;
    if (item->kind == ZT_ITEM_STATE && strcmp (item->code, "connected") != 0 &&
        strcmp (item->code, "reconnected") != 0) {
        snprintf (self->last_code, sizeof self->last_code, "%s", item->code);
        zt_buffer_clear (&self->last);
        zt_buffer_put_bytes (&self->last, item->text);
    }
    zt_events_put (&self->events, item, number);
}

bool zt_ztalk_is_full (void *self_)
{
    const ztalk_t *self = self_;
    return self->events.bytes >= S_QUEUE_MOST;
}

void zt_ztalk_complain (void *self_, const char *sentence)
{
    ztalk_t *self = self_;
    ztalk_event_t event = {.type = ZTALK_NOTICE, .code = "journal", .text = sentence};
    zt_events_put_event (&self->events, &event, zt_client_shown (self->core));
}

void zt_ztalk_gather (ztalk_t *self)
{
    struct pollfd now[ZT_SESSION_FDS];
    zt_session_poll (self->session, now);
    if (self->gather >= 0)
        zt_system_gather_set (self->gather, self->fds, now, ZT_SESSION_FDS);
    memcpy (self->fds, now, sizeof now);
}

/*  ---------------------------------------------------------------------------
    Turns */

static void s_tell_over (ztalk_t *self, int status)
{
    char fingerprint[ZT_FINGERPRINT_SIZE] = "";
    bool is_unknown = strcmp (self->last_code, "unknown-key") == 0;
    if (is_unknown)
        zt_key_fingerprint (&self->unknown, fingerprint);
    /*  Ended in order, and yet not all of it was done. */
    bool is_incomplete = status == ZT_EXIT_FAILED && strcmp (self->last_code, "unanswered") != 0 &&
                         strcmp (self->last_code, "zeromq") != 0;
    const char *text = is_incomplete ? _ ("not all that was sent has been taken by the broker")
                                     : zt_buffer_string (&self->last);
    ztalk_event_t event = {.type = ZTALK_OVER,
                           .status = (ztalk_status_t) status,
                           .code = status == ZT_EXIT_OK ? ""
                                   : is_incomplete      ? "rejected"
                                                        : self->last_code,
                           .text = status == ZT_EXIT_OK ? "" : text,
                           .key = is_unknown ? self->unknown.text : "",
                           .fingerprint = fingerprint};
    self->is_over = true;
    zt_session_rest (self->session);
    zt_events_put_event (&self->events, &event, zt_client_shown (self->core));
}

/*  Takes what has come, and sends what is ready. */
static void s_turn (ztalk_t *self)
{
    int status = ZT_EXIT_FAILED;
    if (self->is_over)
        return;
    self->is_due = false;
    bool is_well = zt_session_serve (self->session);
    zt_session_keep (self->session);
    zt_session_send (self->session);
    zt_ztalk_gather (self);
    if (!is_well) {
        snprintf (self->last_code, sizeof self->last_code, "zeromq");
        zt_buffer_clear (&self->last);
        zt_buffer_put_string (&self->last, zmq_strerror (zmq_errno ()));
    }
    if (zt_client_over (self->core, &status) || !is_well)
        s_tell_over (self, status);
}

/*  What was taken last is dealt with. */
static void s_let_go (ztalk_t *self)
{
    zt_session_done (self->session, self->taken);
}

enum { S_BLIND_MS = 20 }; /* between two looks, where nothing tells that something has come */

int ztalk_fd (const ztalk_t *self)
{
    return self->gather;
}

int ztalk_timeout (const ztalk_t *self)
{
    if (!self->session || self->is_over || self->is_due || !zt_events_is_empty (&self->events))
        return 0;
    int wait = zt_session_wait_ms (self->session, ZT_NEVER);
    return self->gather < 0 && (wait < 0 || wait > S_BLIND_MS) ? S_BLIND_MS : wait;
}

int ztalk_serve (ztalk_t *self)
{
    if (!self->session)
        return 0;
    s_turn (self);
    return !self->is_over || !zt_events_is_empty (&self->events);
}

/*  Waits for at most that long. False if a signal has come. */
static bool s_wait (ztalk_t *self, int64_t deadline)
{
    struct pollfd fds[ZT_SESSION_FDS];
    zt_session_poll (self->session, fds);
    return poll (fds, ZT_SESSION_FDS, zt_session_wait_ms (self->session, deadline)) >= 0 ||
           errno != EINTR;
}

const ztalk_event_t *ztalk_next (ztalk_t *self, int timeout_ms)
{
    const ztalk_event_t *event = NULL;
    if (!self->session)
        return NULL;
    int64_t deadline = timeout_ms < 0 ? ZT_NEVER : zt_session_now () + timeout_ms;
    s_let_go (self);
    bool is_served = false;
    while (!(event = zt_events_take (&self->events, &self->taken)) && !self->is_over) {
        if (is_served && (zt_session_now () >= deadline || !s_wait (self, deadline)))
            break;
        s_turn (self);
        is_served = true;
        if (zt_events_is_empty (&self->events)) {
            self->taken =
                zt_client_shown (self->core); /* what is no event is no matter of theirs */
            s_let_go (self);
        }
    }
    return event;
}
