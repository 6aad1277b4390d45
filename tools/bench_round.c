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

const zt_bench_workload_t zt_bench_workloads[] = {
    {"relay", "private messages between pairs", zt_bench_run_relay, s_relay_links, ZT_BENCH_RATE},
    {"fanout", "one sends to everybody", zt_bench_run_fanout, s_fanout_links, ZT_BENCH_RATE},
    {"latency", "round trips of one message", zt_bench_run_latency, s_latency_links, ZT_BENCH_P50},
    {"idle", "memory of connections that only heartbeat", zt_bench_run_idle, s_idle_links,
     ZT_BENCH_MEMORY},
    {NULL, NULL, NULL, NULL, ZT_BENCH_RATE}};

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
