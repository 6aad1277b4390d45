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

enum { S_WIDTH = 13, S_PEER_WIDTH = 6, S_STORES_WIDTH = 17 };

/*  The names of stores' ratios are long; other tables need not be as wide. */
static void s_names (unsigned set, const char *workload, const char *peer)
{
    bool stores = set & ZT_BENCH_SET (ZT_BENCH_COMMIT);
    printf ("%-9s %-*s", workload, stores ? S_STORES_WIDTH : S_PEER_WIDTH, peer);
}

void zt_bench_report_head (unsigned set)
{
    s_names (set, "workload", "peer");
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        if (set & ZT_BENCH_SET (i))
            printf ("%*s", S_WIDTH, s_figures[i].heading);
    puts ("");
}

static void s_row (unsigned set, const char *workload, const char *peer,
                   const zt_bench_figures_t *figures, const int *decimals)
{
    s_names (set, workload, peer);
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++) {
        if (!(set & ZT_BENCH_SET (i)))
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

void zt_bench_report_row (unsigned set, const char *workload, const char *peer,
                          const zt_bench_figures_t *figures)
{
    s_row (set, workload, peer, figures, NULL);
}

void zt_bench_report_ratio (unsigned set, const char *workload, const char *name,
                            const zt_bench_figures_t *one, const zt_bench_figures_t *other)
{
    static const int decimals = 2;
    zt_bench_figures_t ratio;
    for (int i = 0; i < ZT_BENCH_FIGURE_COUNT; i++)
        ratio.value[i] = other->value[i] > 0 ? one->value[i] / other->value[i] : NAN;
    s_row (set, workload, name, &ratio, &decimals);
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
