/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/error.h"

#include <assert.h>

#define S_ROW(name, code, what) {code, what},
static const struct {
    const char *code;
    const char *what;
} s_errors[] = {ZT_ERRORS (S_ROW)};
#undef S_ROW

const char *zt_error_code (zt_error_t error)
{
    assert (error < ZT_ERROR_COUNT);
    return s_errors[error].code;
}

const char *zt_error_what (zt_error_t error)
{
    assert (error < ZT_ERROR_COUNT);
    return s_errors[error].what;
}

zt_error_t zt_error_find (zt_bytes_t code)
{
    unsigned error = 0;
    while (error < ZT_ERROR_COUNT && !zt_bytes_equal (code, zt_bytes (s_errors[error].code)))
        error++;
    return (zt_error_t) error;
}
