/*  SPDX-License-Identifier: MPL-2.0

    zt_published - what a broker tells the clients of its own machine: its key

    A file for each endpoint, broker-HOST-PORT.key, in a directory that only the user who runs the
   broker, or root, can write to: who finds a key there need not ask whether it is the right one.
   The broker holds a lock on the file while it lives, so that one which a crash has left behind is
    not taken for the truth. */

#ifndef ZT_PUBLISHED_H
#define ZT_PUBLISHED_H

#include "common/buffer.h"
#include "common/key.h"

typedef struct {
    int fd;     /* -1: nothing is published */
    char *path; /* where it is, or should have been; NULL: nowhere */
} zt_published_t;

/*  Publishes the key of the broker that is bound to that endpoint, tcp with an address and a
    port that are numbers; key NULL: it does not encrypt. In $RUNTIME_DIRECTORY (systemd sets
    it: /run/ztalk) for everybody, else where the user's programs keep what they need again,
    for the user. False, with errno; then nothing is published, and the path tells where it
    could not be, if that is known. */
bool zt_published_open (zt_published_t *self, const char *bound, const zt_key_t *key);

/*  Takes it back. To be called while the port is still bound, lest the file of the next
    broker is taken away. */
void zt_published_close (zt_published_t *self);

/*  What a broker of this machine that lives has published for the host, an address as numbers
    (without brackets), and port: its key, or an empty one if it does not encrypt. One that is
    bound to that address comes before one that is bound to all. False if there is no such
    broker, or none that this user has reason to believe. */
bool zt_published_find (zt_bytes_t host, zt_bytes_t port, zt_key_t *key);

/*  Appends the endpoints at which this machine reaches the brokers of it that live, and that
    this user has reason to believe, each with a NUL. */
void zt_published_list (zt_buffer_t *endpoints);

#endif
