/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/limits.h"

#include <stddef.h>

const zt_limit_t *zt_limits (void)
{
#define S_ROW(name, value, what) {#name, value, what},
    static const zt_limit_t rows[] = {ZT_WIRE_LIMITS (S_ROW)
                                          ZT_BROKER_LIMITS (S_ROW){NULL, 0, NULL}};
#undef S_ROW
    return rows;
}
