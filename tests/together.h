/*  SPDX-License-Identifier: MPL-2.0

    zt_together - tests that mostly wait, at the same time

    What a program does after seconds is seen after seconds. So that the seconds of one test are
    those of the others, too, each of them runs in a process of its own. */

#ifndef ZT_TOGETHER_H
#define ZT_TOGETHER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*  Runs the tests, so many at once, and prints what each has printed when it has ended. Returns
    what the program is to exit with: 0, or 1 if one has failed. */
int zt_together (const struct CMUnitTest *tests, size_t count, size_t at_once);

#endif
