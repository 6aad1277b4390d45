/*  SPDX-License-Identifier: MPL-2.0

    zt_published - what a broker tells the clients of its own machine: its key

    A file for each port, in a directory that only the user who runs the broker, or root, can
    write to: who finds a key there need not ask whether it is the right one. The broker
    holds a lock on the file while it lives, so that one which a crash has left behind is
    not taken for the truth. */

#ifndef ZT_PUBLISHED_H
#define ZT_PUBLISHED_H

#include "common/buffer.h"
#include "common/key.h"

typedef struct {
    int fd;
    char *path; /* NULL: nothing is published */
} zt_published_t;

/*  Publishes the key of the broker on that port; key NULL: it does not encrypt. In
    $RUNTIME_DIRECTORY (systemd sets it: /run/ztalk), else where the user's programs keep
    what they need again. False, with errno; then nothing is published. */
bool zt_published_open (zt_published_t *self, const char *port, const zt_key_t *key);

/*  Takes it back. To be called while the port is still bound, lest the file of the next
    broker is taken away. */
void zt_published_close (zt_published_t *self);

/*  What a broker of this machine that lives has published for the port: its key, or an
    empty one if it does not encrypt. False if there is no such broker, or none that
    this user has reason to believe. */
bool zt_published_find (zt_bytes_t port, zt_key_t *key);

#endif
