/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/span.h"

#include <stddef.h>

uint64_t zt_span_unit (char letter)
{
    static const struct {
        char letter;
        uint64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].letter == letter)
            return units[i].ms;
    return 0;
}

int64_t zt_span_earlier (int64_t a, int64_t b)
{
    return a < b ? a : b;
}
