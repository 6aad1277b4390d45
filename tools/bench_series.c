/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_series.h"

#include "tools/bench_forward.h"
#include "tools/bench_report.h"
#include "tools/bench_stats.h"
#include "tools/bench_store.h"

#include "common/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const char *name;
    const zt_bench_dialect_t *dialect;
    const char *store; /* the option of the broker that says where its log is */
} s_peer_t;

/*  Which two peers are compared, and what the table calls it. */
typedef struct {
    const char *name;
    size_t one;
    size_t other;
} s_ratio_t;

enum { S_PEERS_MAX = 4, S_RATIOS_MAX = 2 };

/*  Who takes part in a workload. The last one is the limit. */
typedef struct {
    s_peer_t peers[S_PEERS_MAX];
    size_t count;
    s_ratio_t ratios[S_RATIOS_MAX]; /* unused ones have no name */
} s_cast_t;

static const s_cast_t s_usual = {
    {{"ztalk", &zt_bench_ztalk, "--ephemeral"}, {"limit", &zt_bench_limit, NULL}},
    2,
    {{"ratio", 0, 1}}};

static const s_cast_t s_stores = {{{"power", &zt_bench_ztalk, "--set=store/sync=power"},
                                   {"process", &zt_bench_ztalk, "--set=store/sync=process"},
                                   {"ephemeral", &zt_bench_ztalk, "--ephemeral"},
                                   {"limit", &zt_bench_limit, NULL}},
                                  4,
                                  {{"power/ephemeral", 0, 2}, {"process/ephemeral", 1, 2}}};

/*  One address connects and sends all that there is: the broker's limits would measure
    themselves. */
static bool s_start_broker (zt_bench_peer_t *peer, const s_peer_t *row, zt_bench_store_t *store,
                            bool curve, zt_bench_error_t *error)
{
    if (!zt_bench_store_make (store, error))
        return false;
    const char *const words[] = {"-e",
                                 "tcp://127.0.0.1:*",
                                 "-d",
                                 store->directory,
                                 "--set=limits/messages_per_s=0",
                                 "--set=limits/connections_per_s=0",
                                 row->store,
                                 curve ? NULL : "--plain",
                                 NULL};
    return zt_bench_peer_start (peer, "ztalk-broker", words, error);
}

static bool s_start (zt_bench_peer_t *peer, const s_peer_t *row, zt_bench_store_t *store,
                     const zt_bench_config_t *config, zt_bench_error_t *error)
{
    const char *const forward[] = {ZT_BENCH_FORWARD_WORD,
                                   config->curve ? ZT_BENCH_FORWARD_CURVE : NULL, NULL};
    if (row->dialect == &zt_bench_limit)
        return zt_bench_peer_start (peer, "ztalk-bench", forward, error);
    if (!config->endpoint)
        return s_start_broker (peer, row, store, config->curve, error);
    zt_bench_peer_attach (peer, config->endpoint, &config->broker_key, config->broker_pid);
    return true;
}

/*  Figures of the one must not be taken for those of the other. */
static bool s_check_key (const zt_bench_peer_t *peer, const zt_bench_config_t *config,
                         zt_bench_error_t *error)
{
    return zt_bench_peer_encrypts (peer) == config->curve ||
           zt_bench_fail (error, ZT_EXIT_FAILED, "the peer %s",
                          config->curve ? "does not encrypt" : "encrypts, and was not to");
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

static bool s_load (const s_peer_t *row, const zt_bench_peer_t *peer,
                    const zt_bench_workload_t *workload, const zt_bench_config_t *config,
                    zt_bench_figures_t *figures, zt_bench_error_t *error)
{
    char suffix[24];
    s_suffix (suffix, sizeof suffix, config);
    zt_bench_load_t load;
    zt_bench_round_t round = {.config = config, .peer = peer, .load = &load, .error = error};
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        round.figures.value[i] = NAN;
    bool ok =
        zt_bench_load_begin (&load, peer, row->dialect, suffix, workload->links (config), error) &&
        workload->run (&round);
    zt_bench_load_end (&load);
    *figures = round.figures;
    return ok;
}

static bool s_round (const s_peer_t *row, const zt_bench_workload_t *workload,
                     const zt_bench_config_t *config, zt_bench_figures_t *figures,
                     zt_bench_error_t *error)
{
    zt_bench_store_t store = {NULL};
    zt_bench_peer_t peer;
    bool ok = s_start (&peer, row, &store, config, error);
    if (ok) {
        ok = s_check_key (&peer, config, error) &&
             s_load (row, &peer, workload, config, figures, error);
        ok = zt_bench_peer_stop (&peer, error) && ok;
    }
    zt_bench_store_remove (&store);
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
                      const s_cast_t *cast, zt_bench_figures_t *const figures[S_PEERS_MAX],
                      size_t first)
{
    const zt_bench_figures_t *median[S_PEERS_MAX];
    for (size_t which = first; which < cast->count; which++) {
        median[which] = s_median (figures[which], config->rounds, workload->key);
        const char *name = cast->peers[which].name;
        if (config->json)
            zt_bench_report_json (workload, name, median[which], config);
        else
            zt_bench_report_row (config, workload, name, median[which]);
    }
    for (int i = 0; i < S_RATIOS_MAX && first == 0 && !config->json; i++) {
        const s_ratio_t *ratio = &cast->ratios[i];
        if (ratio->name)
            zt_bench_report_ratio (config, workload, ratio->name, median[ratio->one],
                                   median[ratio->other]);
    }
}

static void s_warn_of_memory (void)
{
    if (zt_bench_store_in_memory ())
        fputs ("ztalk-bench: temporary files are in memory here: set TMPDIR to a directory"
               " on the disk that is to be measured\n",
               stderr);
}

bool zt_bench_series_run (const zt_bench_workload_t *workload, const zt_bench_config_t *config,
                          bool limit_only, zt_bench_error_t *error)
{
    if (workload->stores)
        s_warn_of_memory ();
    const s_cast_t *cast = workload->stores ? &s_stores : &s_usual;
    zt_bench_figures_t *figures[S_PEERS_MAX];
    for (size_t i = 0; i < cast->count; i++)
        figures[i] = zt_alloc (config->rounds * sizeof *figures[i]);
    size_t first = limit_only ? cast->count - 1 : 0;
    bool ok = true;
    for (unsigned long i = 0; ok && i < config->rounds; i++)
        for (size_t which = first; ok && which < cast->count; which++) {
            const s_peer_t *row = &cast->peers[which];
            ok = s_round (row, workload, config, &figures[which][i], error);
            if (ok)
                zt_bench_report_round (workload, row->name, i + 1, config->rounds,
                                       &figures[which][i]);
        }
    if (ok)
        s_report (workload, config, cast, figures, first);
    for (size_t i = 0; i < cast->count; i++)
        free (figures[i]);
    return ok;
}
