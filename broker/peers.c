/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/peers.h"

#include "common/alloc.h"

#include <assert.h>
#include <stdlib.h>

/*  A hash table with chains. Ids that libzmq makes are a counter behind a zero
    byte, so any hash spreads them; a peer that chooses ids of its own to share
    a chain slows down the finding of these ids, which are its own. */
typedef struct s_entry s_entry_t;
struct s_entry {
    zt_peer_link_t link; /* first: an entry is found by its link */
    s_entry_t *next;
    uint32_t hash;
    char id[];
};

struct zt_peers {
    s_entry_t **chains;
    uint32_t n_chains; /* a power of 2 */
    uint32_t n;
    s_entry_t **by_number;
    uint32_t end;
    uint32_t capacity;
    uint32_t *free_numbers;
    uint32_t n_free;
    s_entry_t **by_fd;
    size_t n_fds;
};

static uint32_t s_hash (zt_bytes_t id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < id.size; i++)
        hash = (hash ^ (unsigned char) id.data[i]) * 16777619u;
    return hash ^ hash >> 15;
}

zt_peers_t *zt_peers_new (void)
{
    zt_peers_t *self = zt_alloc (sizeof *self);
    self->n_chains = 64;
    self->chains = zt_alloc (self->n_chains * sizeof *self->chains);
    return self;
}

void zt_peers_destroy (zt_peers_t **self_p)
{
    zt_peers_t *self = *self_p;
    if (!self)
        return;
    for (uint32_t i = 0; i < self->end; i++)
        if (self->by_number[i])
            zt_peers_remove (self, &self->by_number[i]->link);
    free (self->chains);
    free (self->by_number);
    free (self->free_numbers);
    free (self->by_fd);
    free (self);
    *self_p = NULL;
}

zt_peer_link_t *zt_peers_find (zt_peers_t *self, zt_bytes_t id)
{
    uint32_t hash = s_hash (id);
    s_entry_t *entry = self->chains[hash & (self->n_chains - 1)];
    while (entry && (entry->hash != hash || !zt_bytes_equal (entry->link.id, id)))
        entry = entry->next;
    return entry ? &entry->link : NULL;
}

static void s_grow_chains (zt_peers_t *self)
{
    uint32_t n = self->n_chains * 2;
    s_entry_t **chains = zt_alloc (n * sizeof *chains);
    for (uint32_t i = 0; i < self->n_chains; i++)
        for (s_entry_t *entry = self->chains[i], *next; entry; entry = next) {
            next = entry->next;
            entry->next = chains[entry->hash & (n - 1)];
            chains[entry->hash & (n - 1)] = entry;
        }
    free (self->chains);
    self->chains = chains;
    self->n_chains = n;
}

static uint32_t s_take_number (zt_peers_t *self)
{
    if (self->n_free)
        return self->free_numbers[--self->n_free];
    if (self->end == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 64;
        self->by_number = zt_realloc (self->by_number, self->capacity, sizeof *self->by_number);
        self->free_numbers =
            zt_realloc (self->free_numbers, self->capacity, sizeof *self->free_numbers);
    }
    return self->end++;
}

zt_peer_link_t *zt_peers_add (zt_peers_t *self, zt_bytes_t id, uint32_t most)
{
    if (self->n == most)
        return NULL;
    if (self->n == self->n_chains)
        s_grow_chains (self);
    s_entry_t *entry = zt_alloc (sizeof *entry + id.size);
    memcpy (entry->id, id.data, id.size);
    entry->hash = s_hash (id);
    entry->link =
        (zt_peer_link_t){.number = s_take_number (self), .fd = -1, .id = {entry->id, id.size}};
    s_entry_t **chain = &self->chains[entry->hash & (self->n_chains - 1)];
    entry->next = *chain;
    *chain = entry;
    self->by_number[entry->link.number] = entry;
    self->n++;
    return &entry->link;
}

zt_peer_link_t *zt_peers_get (const zt_peers_t *self, uint32_t number)
{
    return number < self->end && self->by_number[number] ? &self->by_number[number]->link : NULL;
}

static void s_forget_fd (zt_peers_t *self, zt_peer_link_t *peer)
{
    if (peer->fd >= 0 && &self->by_fd[peer->fd]->link == peer)
        self->by_fd[peer->fd] = NULL;
    peer->fd = -1;
}

void zt_peers_remove (zt_peers_t *self, zt_peer_link_t *peer)
{
    s_entry_t *entry = self->by_number[peer->number];
    assert (&entry->link == peer);
    s_forget_fd (self, peer);
    s_entry_t **link = &self->chains[entry->hash & (self->n_chains - 1)];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    self->by_number[peer->number] = NULL;
    self->free_numbers[self->n_free++] = peer->number;
    self->n--;
    free (peer->address);
    free (entry);
}

uint32_t zt_peers_end (const zt_peers_t *self)
{
    return self->end;
}

void zt_peers_set_fd (zt_peers_t *self, zt_peer_link_t *peer, int fd)
{
    s_forget_fd (self, peer);
    if (fd < 0)
        return;
    if ((size_t) fd >= self->n_fds) {
        size_t n = self->n_fds ? self->n_fds : 64;
        while (n <= (size_t) fd)
            n *= 2;
        self->by_fd = zt_realloc (self->by_fd, n, sizeof *self->by_fd);
        memset (self->by_fd + self->n_fds, 0, (n - self->n_fds) * sizeof *self->by_fd);
        self->n_fds = n;
    }
    if (self->by_fd[fd])
        self->by_fd[fd]->link.fd = -1;
    self->by_fd[fd] = self->by_number[peer->number];
    peer->fd = fd;
}

zt_peer_link_t *zt_peers_of_fd (const zt_peers_t *self, int fd)
{
    return fd >= 0 && (size_t) fd < self->n_fds && self->by_fd[fd] ? &self->by_fd[fd]->link : NULL;
}
