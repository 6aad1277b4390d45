/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_load - the load generator: many links, one thread, one loop

    zmq_poll over 200 sockets costs more than the messages. Every socket has a
    descriptor that tells that something happened to it (ZMQ_FD), and those are
    watched (tools/bench_system.h). */

#ifndef ZT_BENCH_LOAD_H
#define ZT_BENCH_LOAD_H

#include "tools/bench_link.h"
#include "tools/bench_peer.h"
#include "tools/bench_system.h"

typedef struct {
    const zt_bench_peer_t *peer;
    const zt_bench_dialect_t *dialect;
    zt_bench_error_t *error;
    const char *suffix; /* put behind all names, which must not be taken */
    void *context;
    zt_bench_watch_t *watch;
    zt_bench_link_t **links; /* owned, in the order in which they were added */
    size_t count;
    uint64_t now_ns; /* the time of this turn, on the monotonic clock */
    uint64_t ticked_ns;
    uint64_t progress_ns; /* see zt_bench_load_progress */
    uint64_t frames;      /* that have arrived */
    int wait_ms;          /* the longest that a turn waits; the workload may shorten it */
} zt_bench_load_t;

/*  Nanoseconds on the monotonic clock. */
uint64_t zt_bench_now_ns (void);

/*  From now on SIGINT and SIGTERM end a load, and the run, in order. Once, at the start of the
    program. */
bool zt_bench_load_take_signals (zt_bench_error_t *error);

/*  Begins a load for up to most links. peer and suffix are borrowed. To be ended
    with zt_bench_load_end, also when this returns false. */
bool zt_bench_load_begin (zt_bench_load_t *self, const zt_bench_peer_t *peer,
                          const zt_bench_dialect_t *dialect, const char *suffix, size_t most,
                          zt_bench_error_t *error);

/*  Connects count links more and waits until all of them are open. */
bool zt_bench_load_add (zt_bench_load_t *self, size_t count, bool receives);

/*  Waits until something arrives, wait_ms at most, and gives every
    message that is there to fn. False when the run has failed, also when nothing
    arrived for 10 s. */
bool zt_bench_load_turn (zt_bench_load_t *self, zt_bench_sink_fn *fn, void *owner);

/*  The workload has got on; heartbeats and answers alone are no progress. */
void zt_bench_load_progress (zt_bench_load_t *self);

/*  Takes leave, closes all sockets and frees everything. */
void zt_bench_load_end (zt_bench_load_t *self);

#endif
