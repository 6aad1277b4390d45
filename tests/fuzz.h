/*  SPDX-License-Identifier: MPL-2.0

    What a fuzz target defines. libFuzzer calls it, and so does fuzz_replay.c,
    which is built from the same target by every compiler. It returns 0, and
    aborts when what it checks does not hold. */

#ifndef ZT_FUZZ_H
#define ZT_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#endif
