/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_series.h"

#include "tools/bench_forward.h"
#include "tools/bench_report.h"
#include "tools/bench_stats.h"

#include "common/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef enum { S_ZTALK, S_LIMIT, S_PEERS } s_peer_t;

static const zt_bench_dialect_t *const s_dialects[S_PEERS] = {&zt_bench_ztalk, &zt_bench_limit};

static bool s_start (zt_bench_peer_t *peer, s_peer_t which, const zt_bench_config_t *config,
                     zt_bench_error_t *error)
{
    static const char *const forward[] = {ZT_BENCH_FORWARD_WORD, NULL};
    static const char *const ephemeral[] = {"--plain", "-e", "tcp://127.0.0.1:*", "--ephemeral",
                                            NULL};
    if (which == S_LIMIT)
        return zt_bench_peer_start (peer, "ztalk-bench", forward, error);
    if (!config->endpoint)
        return zt_bench_peer_start (peer, "ztalk-broker", ephemeral, error);
    zt_bench_peer_attach (peer, config->endpoint, config->broker_pid);
    return true;
}

/*  Names on a broker that is not ours are ours alone, and those of the round
    before may not be free yet. */
static void s_suffix (char *suffix, size_t size, const zt_bench_config_t *config)
{
    static unsigned round;
    suffix[0] = '\0';
    if (config->endpoint)
        snprintf (suffix, size, ".%ld.%u", (long) getpid (), ++round);
}

static bool s_round (s_peer_t which, const zt_bench_workload_t *workload,
                     const zt_bench_config_t *config, zt_bench_figures_t *figures,
                     zt_bench_error_t *error)
{
    zt_bench_peer_t peer;
    if (!s_start (&peer, which, config, error))
        return false;
    char suffix[24];
    s_suffix (suffix, sizeof suffix, config);
    zt_bench_load_t load;
    zt_bench_round_t round = {.config = config, .peer = &peer, .load = &load, .error = error};
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        round.figures.value[i] = NAN;
    bool ok = zt_bench_load_begin (&load, peer.endpoint, s_dialects[which], suffix,
                                   workload->links (config), error) &&
              workload->run (&round);
    zt_bench_load_end (&load);
    ok = zt_bench_peer_stop (&peer, error) && ok;
    *figures = round.figures;
    return ok;
}

/*  The figures of the round in the middle. */
static const zt_bench_figures_t *s_median (const zt_bench_figures_t *figures, size_t count,
                                           zt_bench_figure_t key)
{
    double *keys = zt_alloc (count * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = figures[i].value[key];
    size_t median = zt_bench_median (keys, count);
    free (keys);
    return &figures[median];
}

static void s_report (const zt_bench_workload_t *workload, const zt_bench_config_t *config,
                      zt_bench_figures_t *const figures[S_PEERS], s_peer_t first)
{
    const zt_bench_figures_t *median[S_PEERS];
    for (s_peer_t which = first; which < S_PEERS; which++) {
        median[which] = s_median (figures[which], config->rounds, workload->key);
        if (config->json)
            zt_bench_report_json (workload, s_dialects[which]->name, median[which], config);
        else
            zt_bench_report_row (workload->name, s_dialects[which]->name, median[which]);
    }
    if (first == S_ZTALK && !config->json)
        zt_bench_report_ratio (workload->name, median[S_ZTALK], median[S_LIMIT]);
}

bool zt_bench_series_run (const zt_bench_workload_t *workload, const zt_bench_config_t *config,
                          bool limit_only, zt_bench_error_t *error)
{
    zt_bench_figures_t *figures[S_PEERS];
    for (int i = 0; i < S_PEERS; i++)
        figures[i] = zt_alloc (config->rounds * sizeof *figures[i]);
    s_peer_t first = limit_only ? S_LIMIT : S_ZTALK;
    bool ok = true;
    for (unsigned long i = 0; ok && i < config->rounds; i++)
        for (s_peer_t which = first; ok && which < S_PEERS; which++) {
            ok = s_round (which, workload, config, &figures[which][i], error);
            if (ok)
                zt_bench_report_round (workload, s_dialects[which]->name, i + 1, config->rounds,
                                       &figures[which][i]);
        }
    if (ok)
        s_report (workload, config, figures, first);
    for (int i = 0; i < S_PEERS; i++)
        free (figures[i]);
    return ok;
}
