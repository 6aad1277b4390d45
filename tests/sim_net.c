/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/sim_net.h"

#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

typedef struct s_packet s_packet_t;
struct s_packet {
    s_packet_t *next;
    uint64_t due; /* ms */
    size_t size;
    bool is_end;
    char data[];
};

/*  One way of a connection. */
typedef struct {
    s_packet_t *first;
    s_packet_t *last;
    bool closed; /* nothing more goes in */
    bool over;   /* nothing more comes out */
} s_pipe_t;

typedef struct {
    s_pipe_t to_broker;
    s_pipe_t to_client;
    uint32_t client;
    bool in_use;
} s_connection_t;

struct zt_sim_net {
    zt_dice_t *dice;
    s_packet_t *arrived; /* borrowed by whoever got it last */
    uint32_t most_ms;
    bool slow;
    s_connection_t connections[ZT_SIM_CONNECTIONS];
};

zt_sim_net_t *zt_sim_net_new (zt_dice_t *dice, uint32_t most_ms)
{
    zt_sim_net_t *self = zt_alloc (sizeof *self);
    self->dice = dice;
    self->most_ms = most_ms;
    self->slow = true;
    return self;
}

static void s_drain (s_pipe_t *pipe)
{
    while (pipe->first) {
        s_packet_t *packet = pipe->first;
        pipe->first = packet->next;
        free (packet);
    }
    pipe->last = NULL;
}

/*  Nobody listens at its end any more. */
static void s_stop (s_pipe_t *pipe)
{
    s_drain (pipe);
    pipe->closed = pipe->over = true;
}

void zt_sim_net_destroy (zt_sim_net_t **self_p)
{
    zt_sim_net_t *self = *self_p;
    for (uint32_t i = 0; i < ZT_SIM_CONNECTIONS; i++) {
        s_drain (&self->connections[i].to_broker);
        s_drain (&self->connections[i].to_client);
    }
    free (self->arrived);
    free (self);
    *self_p = NULL;
}

static s_connection_t *s_connection (zt_sim_net_t *self, uint32_t connection)
{
    assert (connection < ZT_SIM_CONNECTIONS && self->connections[connection].in_use);
    return &self->connections[connection];
}

uint32_t zt_sim_net_connect (zt_sim_net_t *self, uint32_t client)
{
    uint32_t i = 0;
    while (i < ZT_SIM_CONNECTIONS && self->connections[i].in_use)
        i++;
    if (i < ZT_SIM_CONNECTIONS)
        self->connections[i] = (s_connection_t){.client = client, .in_use = true};
    return i;
}

uint32_t zt_sim_net_client (const zt_sim_net_t *self, uint32_t connection)
{
    return self->connections[connection].client;
}

/*  ---------------------------------------------------------------------------
    On the way */

static uint64_t s_delay (const zt_sim_net_t *self)
{
    if (!self->slow)
        return 1;
    return zt_dice_one_in (self->dice, 12) ? zt_dice_below (self->dice, self->most_ms)
                                           : zt_dice_below (self->dice, 15);
}

static void s_put (s_pipe_t *pipe, zt_bytes_t frame, bool is_end, uint64_t due)
{
    if (pipe->closed)
        return;
    s_packet_t *packet = zt_realloc (NULL, sizeof *packet + frame.size, 1);
    *packet = (s_packet_t){.due = due, .size = frame.size, .is_end = is_end};
    if (frame.size)
        memcpy (packet->data, frame.data, frame.size);
    if (pipe->last && packet->due < pipe->last->due)
        packet->due = pipe->last->due;
    if (pipe->last)
        pipe->last->next = packet;
    else
        pipe->first = packet;
    pipe->last = packet;
    pipe->closed = is_end;
}

void zt_sim_net_to_broker (zt_sim_net_t *self, uint32_t connection, zt_bytes_t frame, uint64_t now)
{
    s_put (&s_connection (self, connection)->to_broker, frame, false, now + s_delay (self));
}

void zt_sim_net_to_client (zt_sim_net_t *self, uint32_t connection, zt_bytes_t frame, uint64_t now)
{
    s_put (&s_connection (self, connection)->to_client, frame, false, now + s_delay (self));
}

static bool s_take (zt_sim_net_t *self, s_pipe_t *pipe, zt_arrival_t *arrival, uint64_t now)
{
    s_packet_t *packet = pipe->first;
    if (!packet || packet->due > now)
        return false;
    pipe->first = packet->next;
    if (!pipe->first)
        pipe->last = NULL;
    free (self->arrived);
    self->arrived = packet;
    arrival->is_end = packet->is_end;
    arrival->frame = (zt_bytes_t){packet->data, packet->size};
    pipe->over = packet->is_end;
    return true;
}

/*  A connection that both ends are done with is there for the next one. */
static void s_release (s_connection_t *connection)
{
    if (connection->to_broker.over && connection->to_client.over) {
        s_drain (&connection->to_broker);
        s_drain (&connection->to_client);
        connection->in_use = false;
    }
}

bool zt_sim_net_at_broker (zt_sim_net_t *self, zt_arrival_t *arrival, uint64_t now)
{
    for (uint32_t i = 0; i < ZT_SIM_CONNECTIONS; i++) {
        s_connection_t *connection = &self->connections[i];
        if (!connection->in_use || !s_take (self, &connection->to_broker, arrival, now))
            continue;
        arrival->connection = i;
        s_release (connection);
        return true;
    }
    return false;
}

bool zt_sim_net_at_client (zt_sim_net_t *self, zt_arrival_t *arrival, uint64_t now)
{
    for (uint32_t i = 0; i < ZT_SIM_CONNECTIONS; i++) {
        s_connection_t *connection = &self->connections[i];
        if (!connection->in_use || !s_take (self, &connection->to_client, arrival, now))
            continue;
        arrival->connection = i;
        s_release (connection);
        return true;
    }
    return false;
}

/*  ---------------------------------------------------------------------------
    Ends */

/*  Most often an end is noticed at once; sometimes only after all patience is gone. */
static uint64_t s_notice (const zt_sim_net_t *self)
{
    if (!self->slow)
        return 5;
    return zt_dice_one_in (self->dice, 4) ? zt_dice_below (self->dice, 20000)
                                          : zt_dice_below (self->dice, 100);
}

/*  Some of what is on its way is lost, and all that comes after it. */
static void s_break (zt_sim_net_t *self, s_pipe_t *pipe, uint64_t now)
{
    if (pipe->closed)
        return;
    uint32_t n = 0;
    for (s_packet_t *packet = pipe->first; packet; packet = packet->next)
        n++;
    uint32_t kept = zt_dice_from (self->dice, 0, n);
    s_packet_t **link = &pipe->first;
    pipe->last = NULL;
    for (; kept; kept--) {
        pipe->last = *link;
        link = &(*link)->next;
    }
    while (*link) {
        s_packet_t *packet = *link;
        *link = packet->next;
        free (packet);
    }
    s_put (pipe, (zt_bytes_t){NULL, 0}, true, now + s_notice (self));
}

void zt_sim_net_cut (zt_sim_net_t *self, uint32_t number, uint64_t now)
{
    s_connection_t *connection = s_connection (self, number);
    s_break (self, &connection->to_broker, now);
    s_break (self, &connection->to_client, now);
}

void zt_sim_net_leave (zt_sim_net_t *self, uint32_t number, uint64_t now)
{
    s_connection_t *connection = s_connection (self, number);
    s_break (self, &connection->to_broker, now);
    s_stop (&connection->to_client);
    s_release (connection);
}

void zt_sim_net_drop (zt_sim_net_t *self, uint32_t number, uint64_t now)
{
    s_connection_t *connection = &self->connections[number];
    if (!connection->in_use) /* it ended by itself in the same turn */
        return;
    s_break (self, &connection->to_broker, now);
    s_put (&connection->to_client, (zt_bytes_t){NULL, 0}, true, now + s_delay (self));
}

void zt_sim_net_broker_gone (zt_sim_net_t *self, uint64_t now)
{
    for (uint32_t i = 0; i < ZT_SIM_CONNECTIONS; i++) {
        s_connection_t *connection = &self->connections[i];
        if (!connection->in_use)
            continue;
        s_stop (&connection->to_broker);
        s_break (self, &connection->to_client, now);
        s_release (connection);
    }
}

static void s_hurry (s_pipe_t *pipe, uint64_t now)
{
    for (s_packet_t *packet = pipe->first; packet; packet = packet->next)
        packet->due = now;
}

void zt_sim_net_calm (zt_sim_net_t *self, uint64_t now)
{
    self->slow = false;
    for (uint32_t i = 0; i < ZT_SIM_CONNECTIONS; i++) {
        s_hurry (&self->connections[i].to_broker, now);
        s_hurry (&self->connections[i].to_client, now);
    }
}
