/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/keeper.h"

#include "common/translate.h"

#include <errno.h>

enum { S_AGAIN_MS = 5000 };

static void s_fail (zt_keeper_t *self, int64_t now)
{
    const char *why = strerror (errno);
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_format (&sentence,
                          _ ("cannot write %s: %s; what is typed would not survive a crash"),
                          self->journal->file, why);
    if (self->again_at == 0)
        self->complain (self->complain_self, zt_buffer_string (&sentence));
    zt_buffer_free (&sentence);
    self->again_at = now + S_AGAIN_MS;
}

void zt_keeper_begin (zt_keeper_t *self, zt_client_t *core, zt_journal_t *journal, zt_bytes_t kept,
                      int64_t now)
{
    self->core = core;
    self->journal = journal;
    if (!journal)
        return;
    size_t good = zt_client_recall (core, kept);
    if (good < kept.size && !zt_journal_cut (journal, good))
        s_fail (self, now);
}

void zt_keeper_shorten (zt_keeper_t *self, int64_t now)
{
    if (!self->journal || !zt_client_is_settled (self->core))
        return;
    zt_buffer_t snapshot = {NULL, 0, 0};
    zt_client_snapshot (self->core, &snapshot);
    if (zt_journal_replace (self->journal, zt_buffer_bytes (&snapshot)))
        self->again_at = 0;
    else
        s_fail (self, now);
    zt_buffer_free (&snapshot);
}

void zt_keeper_write (zt_keeper_t *self, int64_t now)
{
    zt_bytes_t records = zt_client_journal (self->core);
    bool failed = self->again_at != 0; /* then all of it is to be written anew */
    if (self->journal && !failed && records.size && !zt_journal_append (self->journal, records)) {
        s_fail (self, now);
        failed = true;
    }
    zt_client_journal_written (self->core);
    if (!self->journal || (failed ? now < self->again_at : !zt_journal_is_long (self->journal)))
        return;
    if (failed)
        self->again_at = now + S_AGAIN_MS; /* if the core is not settled, then later */
    zt_keeper_shorten (self, now);
}

int64_t zt_keeper_deadline (const zt_keeper_t *self)
{
    return self->again_at ? self->again_at : ZT_NEVER;
}
