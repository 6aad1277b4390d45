/*  SPDX-License-Identifier: MPL-2.0

    zt_dice - all that is random in a simulated run, from its seed alone */

#ifndef ZT_SIM_DICE_H
#define ZT_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} zt_dice_t;

/*  splitmix64: seeds that follow each other give rows that have nothing in common. */
static inline uint64_t zt_dice (zt_dice_t *self)
{
    uint64_t z = self->state += UINT64_C (0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/*  From 0 to n - 1. */
static inline uint32_t zt_dice_below (zt_dice_t *self, uint32_t n)
{
    return (uint32_t) ((zt_dice (self) >> 32) * n >> 32);
}

/*  From low to high, both of them included. */
static inline uint32_t zt_dice_from (zt_dice_t *self, uint32_t low, uint32_t high)
{
    return low + zt_dice_below (self, high - low + 1);
}

static inline bool zt_dice_one_in (zt_dice_t *self, uint32_t n)
{
    return zt_dice_below (self, n) == 0;
}

#endif
