/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <zmq.h>

bool zt_bench_fail (zt_bench_error_t *self, zt_exit_t status, const char *format, ...)
{
    if (self->status != ZT_EXIT_OK)
        return false;
    self->status = status;
    char text[512];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    zt_buffer_put_string (&self->text, text);
    return false;
}

bool zt_bench_fail_errno (zt_bench_error_t *self, const char *what)
{
    return zt_bench_fail (self, ZT_EXIT_FAILED, "%s: %s", what, zmq_strerror (errno));
}
