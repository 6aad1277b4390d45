/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_report.h"

#include <math.h>
#include <stdio.h>

#define S_ROW(name, member, heading, decimals) {member, heading, decimals},
static const struct {
    const char *member;
    const char *heading;
    int decimals;
} s_figures[] = {ZT_BENCH_FIGURES (S_ROW)};
#undef S_ROW

enum { S_WIDTH = 13 };

void zt_bench_report_head (void)
{
    printf ("%-9s %-6s", "workload", "peer");
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        printf ("%*s", S_WIDTH, s_figures[i].heading);
    puts ("");
}

static void s_row (const char *workload, const char *peer, const zt_bench_figures_t *figures,
                   const int *decimals)
{
    printf ("%-9s %-6s", workload, peer);
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        if (isnan (figures->value[i]))
            printf ("%*s", S_WIDTH, "-");
        else
            printf ("%*.*f", S_WIDTH, decimals ? *decimals : s_figures[i].decimals,
                    figures->value[i]);
    puts ("");
    fflush (stdout);
}

void zt_bench_report_row (const char *workload, const char *peer, const zt_bench_figures_t *figures)
{
    s_row (workload, peer, figures, NULL);
}

void zt_bench_report_ratio (const char *workload, const zt_bench_figures_t *ztalk,
                            const zt_bench_figures_t *limit)
{
    static const int decimals = 2;
    zt_bench_figures_t ratio;
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        ratio.value[i] = limit->value[i] > 0 ? ztalk->value[i] / limit->value[i] : NAN;
    s_row (workload, "ratio", &ratio, &decimals);
}

void zt_bench_report_json (const zt_bench_workload_t *workload, const char *peer,
                           const zt_bench_figures_t *figures, const zt_bench_config_t *config)
{
    printf ("{\"workload\":\"%s\",\"peer\":\"%s\"", workload->name, peer);
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
