/*  SPDX-License-Identifier: MPL-2.0

    zt_span - spans of time, and points in it, without a clock */

#ifndef ZT_SPAN_H
#define ZT_SPAN_H

#include <stdint.h>

/*  The ms of a unit that people type: s, m, h, d or w; 0: it is none. */
uint64_t zt_span_unit (char letter);

/*  The earlier one of two points of time. */
int64_t zt_span_earlier (int64_t a, int64_t b);

#endif
