/*  SPDX-License-Identifier: MPL-2.0

    zt_journal - the file in which the client's core keeps what must survive us

    What is in it is the core's matter (core_journal.c). It only grows, until it is
    replaced as a whole. A record is written by write (2) and no fsync: it survives
    any end of the program, kill -9 too, but not the machine's. After a power cut the
    last seconds may be missing. Then a line that was typed in them and had not been
    sent is gone; messages that had been shown in them, and not been acknowledged, are
    shown again; and nothing is sent twice or lost beyond that, as refs go on above what
    the broker has accepted. An fsync a line would make typing as slow as the disk is. */

#ifndef ZT_CLIENT_JOURNAL_H
#define ZT_CLIENT_JOURNAL_H

#include "client/home.h"

typedef struct {
    int directory; /* of the home, which must stay open */
    int fd;        /* or -1 */
    char file[ZT_HOME_FILE_SIZE];
    size_t size;     /* of what is good in it */
    size_t last_ack; /* bytes of its last record, if that says what was seen; or 0 */
    size_t enough;   /* above this size it should be replaced */
} zt_journal_t;

/*  Opens the journal of these three, which is made (mode 0600) if it is not there, and
    appends all that is in it to content. The lock of the same three must be held. False
    if that is not possible; why says so. Call zt_journal_close in any case. */
bool zt_journal_open (zt_journal_t *self, const zt_home_t *home, const char *endpoint,
                      const char *name, const char *device, zt_buffer_t *content, zt_buffer_t *why);

/*  Cuts off what is behind the first size bytes. */
bool zt_journal_cut (zt_journal_t *self, size_t size);

/*  Appends; false, with errno, if not all could be written: then the file is as it was,
    or ends with a part that the next writing goes over. */
bool zt_journal_append (zt_journal_t *self, zt_bytes_t records);

/*  Replaces all of it, or (false, with errno) nothing. This one is synced: until then
    the old one was as good. */
bool zt_journal_replace (zt_journal_t *self, zt_bytes_t content);

/*  True if so much has been appended that it should be replaced. */
bool zt_journal_is_long (const zt_journal_t *self);

void zt_journal_close (zt_journal_t *self);

#endif
