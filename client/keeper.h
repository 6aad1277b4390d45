/*  SPDX-License-Identifier: MPL-2.0

    zt_keeper - brings what the core wants to be kept into the journal

    When the journal cannot be written, that is told, once, and the client goes on without: it may
   be the disk that is full, and what is said then is not to be lost, too. From time to time it is
   tried to write all of it anew. */

#ifndef ZT_CLIENT_KEEPER_H
#define ZT_CLIENT_KEEPER_H

#include "client/core.h"
#include "client/journal.h"

/*  Is told, in a sentence, of something beside the broker that does not work. */
typedef void (zt_complain_fn) (void *self, const char *sentence);

typedef struct {
    zt_client_t *core;     /* borrowed, as the journal is */
    zt_journal_t *journal; /* NULL: nothing is kept */
    int64_t again_at;      /* it could not be written: not before this; or 0 */
    zt_complain_fn *complain;
    void *complain_self;
} zt_keeper_t;

/*  Begins, and gives the core what the journal had, without what a crash has left of a
    record. The keeper's complain and complain_self are set already. Times (now) are
    milliseconds of a clock that only goes forward. */
void zt_keeper_begin (zt_keeper_t *self, zt_client_t *core, zt_journal_t *journal, zt_bytes_t kept,
                      int64_t now);

/*  Writes what there is to be written. */
void zt_keeper_write (zt_keeper_t *self, int64_t now);

/*  When zt_keeper_write has something to do at the latest, or ZT_NEVER. */
int64_t zt_keeper_deadline (const zt_keeper_t *self);

/*  Writes the journal anew, with no more than what is needed, if the core is settled. */
void zt_keeper_shorten (zt_keeper_t *self, int64_t now);

#endif
