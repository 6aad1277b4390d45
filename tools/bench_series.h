/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_series - a workload's rounds, against its peers in turns */

#ifndef ZT_BENCH_SERIES_H
#define ZT_BENCH_SERIES_H

#include "tools/bench_round.h"

/*  Runs all rounds of a workload and prints the figures. With limit_only the
    broker takes no part. Prints nothing to stdout when it fails. */
bool zt_bench_series_run (const zt_bench_workload_t *workload, const zt_bench_config_t *config,
                          bool limit_only, zt_bench_error_t *error);

#endif
