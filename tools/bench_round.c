/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_round.h"

static size_t s_relay_links (const zt_bench_config_t *config)
{
    return config->pairs * 2;
}

static size_t s_fanout_links (const zt_bench_config_t *config)
{
    return config->receivers + 1;
}

static size_t s_latency_links (const zt_bench_config_t *config)
{
    (void) config;
    return 2;
}

static size_t s_idle_links (const zt_bench_config_t *config)
{
    return config->connections + 1;
}

enum {
    S_FLOW = ZT_BENCH_SET (ZT_BENCH_RATE) | ZT_BENCH_SET (ZT_BENCH_CPU),
    S_TRIPS =
        ZT_BENCH_SET (ZT_BENCH_P50) | ZT_BENCH_SET (ZT_BENCH_P99) | ZT_BENCH_SET (ZT_BENCH_P999),
    S_ACKS = ZT_BENCH_SET (ZT_BENCH_COMMIT) | ZT_BENCH_SET (ZT_BENCH_ACK_P50) |
             ZT_BENCH_SET (ZT_BENCH_ACK_P99) | ZT_BENCH_SET (ZT_BENCH_ACK_P999)
};

const double zt_bench_percentiles[ZT_BENCH_PERCENTILES] = {0.5, 0.99, 0.999};

const zt_bench_workload_t zt_bench_workloads[] = {
    {"relay", "private messages between pairs", zt_bench_run_relay, s_relay_links, ZT_BENCH_RATE,
     S_FLOW, false},
    {"fanout", "one sends to everybody", zt_bench_run_fanout, s_fanout_links, ZT_BENCH_RATE, S_FLOW,
     false},
    {"latency", "round trips of one message", zt_bench_run_latency, s_latency_links, ZT_BENCH_P50,
     S_FLOW | S_TRIPS, false},
    {"idle", "memory of connections that only heartbeat", zt_bench_run_idle, s_idle_links,
     ZT_BENCH_MEMORY, ZT_BENCH_SET (ZT_BENCH_MEMORY), false},
    {"durable", "relay, with each kind of store", zt_bench_run_durable, s_relay_links,
     ZT_BENCH_RATE, S_FLOW | S_ACKS, true},
    {NULL, NULL, NULL, NULL, ZT_BENCH_RATE, 0, false}};

bool zt_bench_round_step (zt_bench_round_t *self, zt_bench_meter_t *meter, uint64_t deliveries)
{
    zt_bench_mark_t *mark = zt_bench_meter_step (meter, self->load->now_ns, deliveries);
    return !mark || zt_bench_peer_cpu (self->peer, &mark->cpu, self->error);
}

void zt_bench_round_read (zt_bench_round_t *self, const zt_bench_meter_t *meter)
{
    self->figures.value[ZT_BENCH_RATE] = zt_bench_meter_rate (meter);
    self->figures.value[ZT_BENCH_CPU] = zt_bench_meter_cpu (meter);
}
