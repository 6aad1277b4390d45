/*  SPDX-License-Identifier: MPL-2.0

    zt_receipts - what of ours has reached whom

    A RECEIPT is cumulative and may come twice, and after a reconnect it may come
    before the SENT of the message that it is for. It is news when it is for a
    message that this process has sent and had no receipt for. */

#ifndef ZT_CLIENT_RECEIPTS_H
#define ZT_CLIENT_RECEIPTS_H

#include "common/name.h"

#include <stdint.h>

/*  How many people are remembered; beyond, the one who was added first is forgotten. */
enum { ZT_RECEIPTS_MAX = ZT_RECEIPT_PAIRS };

typedef struct {
    zt_folded_t name;
    char shown[ZT_NAME_BYTES]; /* the name as the receipt has it, or as it was typed */
    size_t shown_size;
    uint64_t received; /* the highest id of a receipt */
    uint64_t open;     /* the lowest id without a receipt, or 0 */
    uint64_t sent;     /* the highest id that we sent to them */
    bool news;
} zt_receipt_t;

/*  Zeroed memory is an empty table. */
typedef struct {
    zt_receipt_t *rows; /* allocated when the first one is needed */
    size_t count;
    size_t oldest;
    size_t news; /* how many rows are news */
} zt_receipts_t;

/*  The message id to that name (without '@') is stored. */
void zt_receipts_sent (zt_receipts_t *self, zt_bytes_t name, uint64_t id);

/*  A receipt for all messages to that name up to id. */
void zt_receipts_received (zt_receipts_t *self, zt_bytes_t name, uint64_t id);

/*  Takes the next piece of news: all up to *id has reached *name, which lives
    until the next call of the others. False if there is none. */
bool zt_receipts_news (zt_receipts_t *self, zt_bytes_t *name, uint64_t *id);

/*  Frees the table. */
void zt_receipts_clear (zt_receipts_t *self);

#endif
