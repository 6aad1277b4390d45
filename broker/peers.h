/*  SPDX-License-Identifier: MPL-2.0

    zt_peers - connections: routing ids and the numbers that the core knows

    ROUTER names a connection by a routing id: bytes, up to 255 of them, that
    mean nothing and are shown to nobody. The core wants small numbers. */

#ifndef ZT_PEERS_H
#define ZT_PEERS_H

#include "common/bytes.h"

#include <stdint.h>

typedef struct zt_peers zt_peers_t;

typedef struct {
    uint32_t number;
    int fd;              /* of the connection, or -1 */
    uint64_t seen_at;    /* ms: when a frame of it was seen last */
    uint64_t welcome_at; /* ms: when it was seen to have a session last, or came */
    uint64_t probe_at;   /* ms: when to see whether it still lives; 0: no need */
    uint64_t drop_at;    /* ms: when to end the connection; 0: not */
    uint64_t serial;     /* of the connection, see zt_router_peer_serial */
    bool is_encrypted;
    bool is_gone;   /* its connection has ended: nothing is sent to the routing id any more,
                       which somebody else may claim */
    bool is_ending; /* what it sends is not listened to any more */
    char *address;  /* of the other end, as libzmq tells it; may be NULL */
    zt_bytes_t id;
} zt_peer_link_t;

zt_peers_t *zt_peers_new (void);
void zt_peers_destroy (zt_peers_t **self_p);

/*  The peer with this routing id, which is 1 to 255 bytes; NULL if it is not known. */
zt_peer_link_t *zt_peers_find (zt_peers_t *self, zt_bytes_t id);

/*  Adds a peer, with a copy of the id and a free number. NULL when there are
    `most` already. The peers own it. */
zt_peer_link_t *zt_peers_add (zt_peers_t *self, zt_bytes_t id, uint32_t most);

/*  The peer of that number; NULL if there is none. */
zt_peer_link_t *zt_peers_get (const zt_peers_t *self, uint32_t number);

/*  Removes the peer; its number is free for the next one. */
void zt_peers_remove (zt_peers_t *self, zt_peer_link_t *peer);

/*  Numbers are below this. */
uint32_t zt_peers_end (const zt_peers_t *self);

/*  Remembers that the connection with this fd is the peer's; a peer that had the fd
    before has lost it, since a descriptor is used again at once. */
void zt_peers_set_fd (zt_peers_t *self, zt_peer_link_t *peer, int fd);

/*  The peer whose connection has this fd, or NULL. */
zt_peer_link_t *zt_peers_of_fd (const zt_peers_t *self, int fd);

#endif
