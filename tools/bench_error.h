/*  SPDX-License-Identifier: MPL-2.0

    zt_bench_error - why a run came to nothing

    A figure of a run that went wrong is worse than none. Whatever fails says so
    here and returns false, all the way up; the first reason is the one kept. */

#ifndef ZT_BENCH_ERROR_H
#define ZT_BENCH_ERROR_H

#include "common/buffer.h"
#include "common/options.h"

typedef struct {
    zt_exit_t status; /* ZT_EXIT_OK: nothing is wrong */
    zt_buffer_t text; /* one sentence */
} zt_bench_error_t;

/*  Takes note of the reason, if it is the first one. Always returns false. */
bool zt_bench_fail (zt_bench_error_t *self, zt_exit_t status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/*  The same for a call that failed: ends the sentence with what zmq_strerror
    says of errno (it knows the system's numbers, too). */
bool zt_bench_fail_errno (zt_bench_error_t *self, const char *what);

#endif
