/*  SPDX-License-Identifier: MPL-2.0

    zt_attack - those who attack in the siege (siege.c)

    They run in a process apart from the honest clients, and come from addresses of their own
    (127.0.0.2 and up), since budgets are for addresses. An attack ends at its time, and says
    then what it has done. */

#ifndef ZT_ATTACK_H
#define ZT_ATTACK_H

#include "common/buffer.h"
#include "common/key.h"

enum { ZT_ATTACK_PORTS = 28000 }; /* ephemeral ports of an address, about */

typedef struct {
    const char *endpoint; /* tcp */
    const char *ipc;
    zt_key_t key; /* the broker's */
    double seconds;
    int64_t end; /* ns, monotonic; set by zt_attack_begin */
    void *context;
    uint64_t n_sources; /* how many have asked for an address */
    zt_buffer_t report; /* what was done: a part of a line */
    uint64_t n_welcomed, n_sent, n_limited, n_refused, n_results, n_messages; /* answers */
} zt_attack_t;

/*  What an attack does. It calls zt_attack_begin when it is in place, and returns after
    the end; what is still open then closes with the process. */
typedef void (zt_attack_fn) (zt_attack_t *self);

typedef struct {
    const char *name;
    const char *what; /* for the table */
    zt_attack_fn *run;
    unsigned fds;    /* descriptors that the broker has at most; 0: as many as there are */
    bool is_durable; /* its log is on disk */
} zt_attack_row_t;

/*  The attacks, in the order of the table, ended by a row whose name is NULL. */
const zt_attack_row_t *zt_attack_rows (void);

/*  Says "begun", and counts the time from now on. */
void zt_attack_begin (zt_attack_t *self);

/*  Is there time left? */
bool zt_attack_goes_on (const zt_attack_t *self);

/*  A monotonic clock in ns. */
int64_t zt_attack_now (void);

/*  Waits until that time. */
void zt_attack_wait (int64_t until);

/*  The next address to come from, of so many. */
unsigned zt_attack_source (zt_attack_t *self, unsigned sources);

/*  A bare connection to tcp, from one of so many addresses; it does not block. -1 if there is
    none to be had now. */
int zt_attack_connect (zt_attack_t *self, unsigned sources);

/*  Closes a bare connection so that its port is free at once. */
void zt_attack_reset (int fd);

/*  A DEALER with a key of its own, connected to tcp from one of so many addresses. It
    never waits when it sends, nor at its end. */
void *zt_attack_dealer (zt_attack_t *self, unsigned sources);

/*  The same, not connected yet; and connecting it. */
void *zt_attack_socket (zt_attack_t *self);
void zt_attack_attach (zt_attack_t *self, void *socket, unsigned sources);

/*  A DEALER that has said HELLO, with that body, and is welcome. */
void *zt_attack_session (zt_attack_t *self, const char *name, const char *body);

/*  Takes and counts the answers that are there. */
void zt_attack_take (zt_attack_t *self, void *socket);

#endif
