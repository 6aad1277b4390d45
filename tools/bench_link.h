/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_link - one connection of the load, in one of two dialects

    The load generator is one and the same for both peers: the same sockets, loop,
    windows and checks. What differs is a dialect: how a message is said and
    understood. ztalk's is the batched wire of PROTOCOL.md; that of the limit
    is one frame a message, without answers. */

#ifndef ZT_BENCH_LINK_H
#define ZT_BENCH_LINK_H

#include "tools/bench_error.h"
#include "tools/bench_stats.h"

typedef struct zt_bench_link zt_bench_link_t;

/*  Called for each message that arrives; false ends the run (after zt_bench_fail).
    The body lives until it returns. */
typedef bool (zt_bench_sink_fn) (void *self, zt_bench_link_t *link, zt_bytes_t body);

typedef struct {
    const char *name;
    /*  Says HELLO; when the answer has come, the link is open. */
    bool (*hello) (zt_bench_link_t *link);
    /*  How many messages may be put now. */
    size_t (*room) (const zt_bench_link_t *link);
    /*  Says a message to one link, or to everybody if to is NULL; it may stay here
        until the flush. */
    bool (*put) (zt_bench_link_t *link, const zt_bench_link_t *to, zt_bytes_t body);
    bool (*flush) (zt_bench_link_t *link);
    /*  Understands a frame that has come. */
    bool (*take) (zt_bench_link_t *link, zt_bytes_t frame, zt_bench_sink_fn *fn, void *self);
    /*  Called every few milliseconds: what has to be said in time. */
    bool (*tick) (zt_bench_link_t *link, uint64_t now_ms);
    /*  Takes leave. */
    void (*bye) (zt_bench_link_t *link);
} zt_bench_dialect_t;

/*  How the peer answered to what was sent, of all links of a run together. */
typedef struct {
    bool measures;                  /* answers that come now count */
    uint64_t answers;               /* SENTs */
    uint64_t messages;              /* that they stand for */
    zt_bench_histogram_t latencies; /* ns, from a message's leaving to its answer */
} zt_bench_acks_t;

extern const zt_bench_dialect_t zt_bench_ztalk;
extern const zt_bench_dialect_t zt_bench_limit;

/*  Room for '@', a name and a NUL. */
enum { ZT_BENCH_TARGET_SIZE = 34 };

struct zt_bench_link {
    const zt_bench_dialect_t *dialect;
    zt_bench_error_t *error;           /* the run's */
    void *socket;                      /* a DEALER */
    uint32_t index;                    /* its place among all links */
    char target[ZT_BENCH_TARGET_SIZE]; /* '@' and its name */
    bool receives;                     /* gets messages; else it only sends */
    bool open;                         /* was let in */
    /*  Something was said: there may be input that the descriptor does not show,
        since a send eats the socket's signals, too. */
    bool look;
    bool spoke;  /* since the last tick */
    void *owner; /* the workload's */
    uint64_t spoke_ms;
    unsigned long heartbeat_ms;

    /*  ztalk's alone. */
    zt_buffer_t out;   /* the frame that is being made */
    uint64_t ref;      /* of the last SEND */
    uint64_t answered; /* the last SENT */
    uint64_t window;
    uint64_t last_id; /* of the last MSG */
    size_t owed;      /* MSGs that are not acknowledged */
    uint64_t owed_ms; /* since then, as the ticks saw it; 0: no tick has seen it */

    zt_bench_acks_t *acks; /* NULL: answers are not measured; see zt_bench_link_measure */
    uint64_t *left_ns;     /* by ref modulo window: when the SEND left; owned */
    uint64_t left;         /* the last ref that has left */
};

/*  Sends one frame, made of two parts (the second may be empty). A full or dead
    connection is an error: windows keep the queues short. */
bool zt_bench_link_send (zt_bench_link_t *self, zt_bytes_t first, zt_bytes_t second);

/*  From now on the answers are measured, in a dialect that has any. The link must be open,
    and acks, which is borrowed, outlive it. */
void zt_bench_link_measure (zt_bench_link_t *self, zt_bench_acks_t *acks);

/*  For a tick: true if nothing was said for a heartbeat. */
bool zt_bench_link_silent (zt_bench_link_t *self, uint64_t now_ms);

#endif
