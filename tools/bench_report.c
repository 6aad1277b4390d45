/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define S_ROW(name, member, heading, decimals) {member, heading, decimals},
static const struct {
    const char *member;
    const char *heading;
    int decimals;
} s_figures[] = {ZT_BENCH_FIGURES (S_ROW)};
#undef S_ROW

enum { S_WIDTH = 13, S_NAME_WIDTH = 9, S_PEER_WIDTH = 6, S_STORES_WIDTH = 17 };

/*  What stands behind a workload's name: a row tells by itself what it is of. */
#define S_CURVE "+curve"

/*  The names of stores' ratios, and those under CURVE, are long; other tables need not be
    as wide. */
static void s_names (const zt_bench_config_t *config, const char *workload, const char *sign,
                     const char *peer)
{
    bool stores = config->figures & ZT_BENCH_SET (ZT_BENCH_COMMIT);
    int width = S_NAME_WIDTH + (config->curve ? (int) strlen (S_CURVE) : 0);
    int size = printf ("%s%s", workload, sign);
    printf ("%*s %-*s", width - size, "", stores ? S_STORES_WIDTH : S_PEER_WIDTH, peer);
}

void zt_bench_report_head (const zt_bench_config_t *config)
{
    s_names (config, "workload", "", "peer");
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        if (config->figures & ZT_BENCH_SET (i))
            printf ("%*s", S_WIDTH, s_figures[i].heading);
    puts ("");
}

static void s_row (const zt_bench_config_t *config, const zt_bench_workload_t *workload,
                   const char *peer, const zt_bench_figures_t *figures, const int *decimals)
{
    s_names (config, workload->name, config->curve ? S_CURVE : "", peer);
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++) {
        if (!(config->figures & ZT_BENCH_SET (i)))
            continue;
        if (isnan (figures->value[i]))
            printf ("%*s", S_WIDTH, "-");
        else
            printf ("%*.*f", S_WIDTH, decimals ? *decimals : s_figures[i].decimals,
                    figures->value[i]);
    }
    puts ("");
    fflush (stdout);
}

void zt_bench_report_row (const zt_bench_config_t *config, const zt_bench_workload_t *workload,
                          const char *peer, const zt_bench_figures_t *figures)
{
    s_row (config, workload, peer, figures, NULL);
}

void zt_bench_report_ratio (const zt_bench_config_t *config, const zt_bench_workload_t *workload,
                            const char *name, const zt_bench_figures_t *one,
                            const zt_bench_figures_t *other)
{
    static const int decimals = 2;
    zt_bench_figures_t ratio;
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        ratio.value[i] = other->value[i] > 0 ? one->value[i] / other->value[i] : NAN;
    s_row (config, workload, name, &ratio, &decimals);
}

void zt_bench_report_json (const zt_bench_workload_t *workload, const char *peer,
                           const zt_bench_figures_t *figures, const zt_bench_config_t *config)
{
    printf ("{\"workload\":\"%s\",\"peer\":\"%s\",\"curve\":%s", workload->name, peer,
            config->curve ? "true" : "false");
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        if (!isnan (figures->value[i]))
            printf (",\"%s\":%.*f", s_figures[i].member, s_figures[i].decimals, figures->value[i]);
    /*  A run that has lost, repeated or disordered anything never gets here. */
    printf (",\"lost\":0,\"size\":%lu,\"clients\":%zu,\"rounds\":%lu}\n", config->size,
            workload->links (config), config->rounds);
    fflush (stdout);
}

void zt_bench_report_round (const zt_bench_workload_t *workload, const char *peer,
                            unsigned long round, unsigned long rounds,
                            const zt_bench_figures_t *figures)
{
    fprintf (stderr, "%s %s %lu/%lu: %.*f %s\n", workload->name, peer, round, rounds,
             s_figures[workload->key].decimals, figures->value[workload->key],
             s_figures[workload->key].heading);
}
