/*  SPDX-License-Identifier: MPL-2.0

    zt_top - what the broker does in a second, on a screen or as a line

    It makes text of two answers to the command stats, and knows no terminal. */

#ifndef ZT_TOP_H
#define ZT_TOP_H

#include "broker/stats.h"

enum { ZT_TOP_BEHIND = 5, ZT_TOP_NAME = 160 };

typedef struct {
    char name[ZT_TOP_NAME]; /* clean */
    char device[ZT_TOP_NAME];
    uint64_t behind;
} zt_top_behind_t;

typedef struct {
    uint64_t at; /* us, by any clock that goes on */
    zt_stats_t stats;
    char version[32];
    zt_top_behind_t behind[ZT_TOP_BEHIND]; /* who is most behind */
    size_t n_behind;
} zt_top_t;

/*  Takes an answer: an object of JSON. False if it is none. */
bool zt_top_read (zt_top_t *self, zt_bytes_t json, uint64_t at);

/*  Appends a screen of so many rows and columns, for a cursor that is in its first place: it draws
    over what was there, and clears the rest. Rates are those since `before`; NULL: there are none
    yet. note stands in the first row; "" for none. */
void zt_top_put_screen (const zt_top_t *self, const zt_top_t *before, const char *note,
                        unsigned rows, unsigned columns, zt_buffer_t *out);

/*  Appends the most important of it as one line, with its LF. */
void zt_top_put_line (const zt_top_t *self, const zt_top_t *before, zt_buffer_t *out);

#endif
