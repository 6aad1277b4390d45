/*  SPDX-License-Identifier: MPL-2.0

    zt_victim - a broker under attack, and what it costs

    It listens on a free port of loopback and on a unix socket, and honest clients talk
    through it. */

#ifndef ZT_VICTIM_H
#define ZT_VICTIM_H

#include "tests/harness.h"
#include "tests/honest.h"

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char *endpoint; /* tcp */
    char *ipc;      /* the other one */
    zt_key_t key;   /* of tcp; empty: it is not encrypted */
    zt_honest_t *honest;
    unsigned start_fds;
    long start_kib; /* resident memory with the honest ones connected */
} zt_victim_t;

/*  Starts a broker that keeps 8 MiB of messages; if fds is not 0, with so many
    descriptors at most. Nothing is encrypted, and the budgets of connections and addresses
    are off, since they hide what lies behind them. Two honest clients talk as fast as
    they can. */
zt_victim_t *zt_victim_new (unsigned fds);

/*  Likewise, but encrypted and with all limits as they are by default; 20 honest clients
    talk at an even pace. The log may be on disk. */
zt_victim_t *zt_victim_new_guarded (unsigned fds, bool is_durable);

/*  Sees that all is well: the honest ones talk, the broker has taken at most so much memory more
    than at the start, at its worst; connections are closed; it ends in order when told
    to. Prints the figures. */
void zt_victim_survives (zt_victim_t *self, const char *what, long most_mib);

/*  Kills what is left. NULL is fine. */
void zt_victim_destroy (zt_victim_t **self_p);

/*  Resident memory of the broker in KiB: now, and at its worst. */
long zt_victim_memory (const zt_victim_t *self);
long zt_victim_peak (const zt_victim_t *self);

/*  Descriptors that the broker has open. */
unsigned zt_victim_fds (const zt_victim_t *self);

/*  Waits until the broker has that many at most. */
void zt_victim_expect_fds (zt_victim_t *self, unsigned most);

/*  Seconds of CPU that the broker has taken. */
double zt_victim_cpu (const zt_victim_t *self);

/*  How much more memory than natively the broker may take, as it was built. */
unsigned zt_victim_takes_more (void);

/*  How many rounds a test should make of something that it makes n of natively. */
unsigned zt_victim_rounds (unsigned n);

#endif
