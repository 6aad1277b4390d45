/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_peer - the process under load: the broker, or the raw forwarder

    Both are programs that print `ready ENDPOINT KEY` when they can be connected
    to, so one piece of code starts, measures and stops the two. */

#ifndef ZT_BENCH_PEER_H
#define ZT_BENCH_PEER_H

#include "tools/bench_error.h"

#include "common/key.h"

#include <sys/types.h>

typedef struct {
    pid_t pid;      /* 0: nothing is known of its process */
    bool ours;      /* we started it, so we stop it */
    char *endpoint; /* owned */
    zt_key_t key;   /* its public key; empty: it does not encrypt */
    int log;        /* what it prints to stderr goes there, see zt_bench_peer_stop */
} zt_bench_peer_t;

/*  How the program was started: the peers stand beside it. Borrowed. */
void zt_bench_peer_begin (const char *argv0);

/*  Starts the program of that name beside our own executable, with words as
    its arguments (ended by NULL), and waits until it is ready. */
bool zt_bench_peer_start (zt_bench_peer_t *self, const char *program, const char *const words[],
                          zt_bench_error_t *error);

/*  A peer that runs already; key as in the struct, pid 0 if nobody said which process it is. */
void zt_bench_peer_attach (zt_bench_peer_t *self, const char *endpoint, const zt_key_t *key,
                           pid_t pid);

/*  True if what is said to it is encrypted. */
bool zt_bench_peer_encrypts (const zt_bench_peer_t *self);

/*  Ends the process, if it is ours, and frees what the peer owns. Returns false
    if it did not end in order. A broker tells who comes and goes, which nobody wants
    to read here; only when the run has failed the end of that is printed. */
bool zt_bench_peer_stop (zt_bench_peer_t *self, zt_bench_error_t *error);

/*  The CPU seconds that all its threads have used; NAN if the process is not known. */
bool zt_bench_peer_cpu (const zt_bench_peer_t *self, double *seconds, zt_bench_error_t *error);

/*  Its resident memory in KiB. */
bool zt_bench_peer_memory (const zt_bench_peer_t *self, unsigned long *kib,
                           zt_bench_error_t *error);

#endif
