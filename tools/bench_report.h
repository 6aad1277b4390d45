/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_report - the figures, for people and for programs */

#ifndef ZT_BENCH_REPORT_H
#define ZT_BENCH_REPORT_H

#include "tools/bench_round.h"

/*  Prints the headings of a table with config's figures. */
void zt_bench_report_head (const zt_bench_config_t *config);

/*  Prints what the median round has measured, as a row of that table. */
void zt_bench_report_row (const zt_bench_config_t *config, const zt_bench_workload_t *workload,
                          const char *peer, const zt_bench_figures_t *figures);

/*  The same as one JSON object on a line. */
void zt_bench_report_json (const zt_bench_workload_t *workload, const char *peer,
                           const zt_bench_figures_t *figures, const zt_bench_config_t *config);

/*  The figures of one peer as multiples of another's; name stands in the peer's place. */
void zt_bench_report_ratio (const zt_bench_config_t *config, const zt_bench_workload_t *workload,
                            const char *name, const zt_bench_figures_t *one,
                            const zt_bench_figures_t *other);

/*  Prints to stderr how a round went: what the median is taken by. */
void zt_bench_report_round (const zt_bench_workload_t *workload, const char *peer,
                            unsigned long round, unsigned long rounds,
                            const zt_bench_figures_t *figures);

#endif
