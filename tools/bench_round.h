/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_round - one workload, run once against one peer

    The workloads and the figures are a table each: the command line, the help,
    the order of the runs and the report are made from them. */

#ifndef ZT_BENCH_ROUND_H
#define ZT_BENCH_ROUND_H

#include "tools/bench_load.h"
#include "tools/bench_meter.h"
#include "tools/bench_peer.h"

/*    enum    member of --json      heading       decimals */
#define ZT_BENCH_FIGURES(X)                                                                        \
    X (RATE, "rate", "deliveries/s", 0)                                                            \
    X (CPU, "cpu_per_million", "CPU s/M", 3)                                                       \
    X (P50, "p50_us", "p50 us", 1)                                                                 \
    X (P99, "p99_us", "p99 us", 1)                                                                 \
    X (P999, "p999_us", "p99.9 us", 1)                                                             \
    X (MEMORY, "kib_per_connection", "KiB/conn", 2)                                                \
    X (COMMIT, "messages_per_commit", "msgs/commit", 1)                                            \
    X (ACK_P50, "ack_p50_us", "ack p50 us", 1)                                                     \
    X (ACK_P99, "ack_p99_us", "ack p99 us", 1)                                                     \
    X (ACK_P999, "ack_p999_us", "ack p99.9 us", 1)

#define S_ENUM(name, member, heading, decimals) ZT_BENCH_##name,
typedef enum { ZT_BENCH_FIGURES (S_ENUM) ZT_BENCH_FIGURE_COUNT } zt_bench_figure_t;
#undef S_ENUM

/*  A set of figures, a bit each. */
#define ZT_BENCH_SET(figure) (1U << (figure))

/*  The three figures from first on are p50, p99 and p99.9. */
enum { ZT_BENCH_PERCENTILES = 3 };
extern const double zt_bench_percentiles[ZT_BENCH_PERCENTILES];

/*  What a round has measured; NAN: not measured. */
typedef struct {
    double value[ZT_BENCH_FIGURE_COUNT];
} zt_bench_figures_t;

/*  What the command line says. */
typedef struct {
    unsigned long size;
    unsigned long pairs;
    unsigned long receivers;
    unsigned long connections;
    unsigned long window;   /* 0: the workload's own */
    unsigned long messages; /* 0: seconds count */
    unsigned long seconds;
    unsigned long rounds;
    unsigned long rate;   /* messages a second, at most; 0: as fast as it goes */
    unsigned figures;     /* the set of columns of the table */
    const char *endpoint; /* NULL: we start the broker */
    zt_key_t broker_key;  /* of the broker there; empty: it is not known to encrypt */
    pid_t broker_pid;     /* 0: unknown */
    bool curve;           /* all that is said to the peers is encrypted */
    bool json;
} zt_bench_config_t;

typedef struct {
    const zt_bench_config_t *config;
    const zt_bench_peer_t *peer;
    zt_bench_load_t *load;
    zt_bench_error_t *error;
    zt_bench_figures_t figures;
} zt_bench_round_t;

/*  A workload adds its links to the round's load, runs and fills in figures. */
typedef struct {
    const char *name;
    const char *what; /* one line */
    bool (*run) (zt_bench_round_t *round);
    /*  How many links it needs. */
    size_t (*links) (const zt_bench_config_t *config);
    zt_bench_figure_t key; /* the median round is the one in the middle by this */
    unsigned figures;      /* the set that it measures */
    bool stores;           /* the peers are a broker with each kind of store, and the limit */
} zt_bench_workload_t;

/*  All workloads, ended by a row whose name is NULL. */
extern const zt_bench_workload_t zt_bench_workloads[];

/*  Tells the round's meter how far it is, and measures the CPU at its marks. */
bool zt_bench_round_step (zt_bench_round_t *self, zt_bench_meter_t *meter, uint64_t deliveries);

/*  Fills in rate and CPU. */
void zt_bench_round_read (zt_bench_round_t *self, const zt_bench_meter_t *meter);

/*  The workloads' functions, each in a file of its own. */
bool zt_bench_run_relay (zt_bench_round_t *round);
bool zt_bench_run_durable (zt_bench_round_t *round);
bool zt_bench_run_fanout (zt_bench_round_t *round);
bool zt_bench_run_latency (zt_bench_round_t *round);
bool zt_bench_run_idle (zt_bench_round_t *round);

#endif
