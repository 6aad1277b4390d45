/*  SPDX-License-Identifier: MPL-2.0

    zt_trust - which key the broker must have, decided before the session begins

    Trust on first use, as with ssh: what is said on the command line or stands in the
    endpoint comes first; then, for an endpoint that is local by itself (127.0.0.1), what a
    broker of this machine has published; then what is known from earlier; then what is
    published here for another endpoint, whose address this machine has only now. If there is none
    of that it is decided later: the key service is asked, by who watches over the link (guard.h)
    or before that (meet.h), and then somebody. */

#ifndef ZT_CLIENT_TRUST_H
#define ZT_CLIENT_TRUST_H

#include "client/home.h"

#include <netdb.h>
#include <stdint.h>

/*  Where the decision comes from. */
typedef enum {
    ZT_TRUST_PLAIN,     /* nothing is encrypted: ipc, or --plain */
    ZT_TRUST_GIVEN,     /* the key was given by hand */
    ZT_TRUST_PUBLISHED, /* what a broker of this machine has published: a key, or none */
    ZT_TRUST_KNOWN,     /* the key is known from earlier, or was accepted just now */
    ZT_TRUST_LATER      /* not decided: nothing is known of the broker, or it is not here yet */
} zt_trust_source_t;

typedef struct {
    /*  What it is decided from. */
    const char *endpoint; /* of zt_endpoint_parse */
    zt_key_t given;       /* with -k, or empty */
    zt_key_t in_endpoint; /* or empty */
    uint16_t key_port;    /* of the key service; 0: the one behind the broker's */
    bool plain;           /* --plain */
    bool accepts;         /* --trust: an unknown key is believed without a question */
    bool (*judge) (void *judge_self, const zt_key_t *key); /* or who is asked then; or NULL */
    void *judge_self;
    const char *options;   /* what else was typed, for commands that are offered: " -n olena"; or
                              NULL */
    const zt_home_t *home; /* open */

    /*  What is decided. */
    zt_trust_source_t source;
    zt_key_t key;   /* empty: nothing is encrypted, or it is not decided */
    bool was_asked; /* the key service, just now, and nobody was there */
    bool pins;      /* the key was given, and is to be pinned when a broker has shown to have it */
    zt_key_t known; /* instead of this one, or empty */
} zt_trust_t;

/*  Why it does not go on. Zeroed memory is empty. */
typedef struct {
    const char *code; /* for programs, static; or NULL */
    zt_buffer_t text; /* the sentences, without a final stop; the caller frees it */
} zt_trust_end_t;

/*  Decides, without waiting but for the resolver. Returns ZT_EXIT_OK, or what a program is to
    exit with: then *end says why. */
int zt_trust_decide (zt_trust_t *self, zt_trust_end_t *end);

/*  What is published here is used from now on. */
void zt_trust_take_published (zt_trust_t *self, const zt_key_t *key);

/*  Somebody has agreed to a key of which nothing was known: it is kept, and used from now on. Or
    false, and why says what went wrong. */
bool zt_trust_pin (zt_trust_t *self, const zt_key_t *key, zt_buffer_t *why);

/*  A broker has shown to have the key: pins it, if it was given by hand. Appends to text what is
    to be told of that, if anything. */
void zt_trust_confirm (zt_trust_t *self, zt_buffer_t *text);

/*  The port of the key service; 0 if there is none. */
uint16_t zt_trust_key_port (const zt_trust_t *self);

/*  True if a broker of this machine that lives has published a key, or that it does not
    encrypt, for the endpoint: *key is it. That it does not is believed of a local endpoint
    alone. Not if the key was given by hand. Asks the resolver. */
bool zt_trust_look_here (const zt_trust_t *self, zt_key_t *key);

/*  The same with the addresses of the endpoint, with any port: asks no resolver. NULL:
   there are none. */
bool zt_trust_look_at (const zt_trust_t *self, const struct addrinfo *addresses, zt_key_t *key);

/*  True if what is published here takes the place of what is decided; else, where another key
    is pinned, the key has changed. */
bool zt_trust_follows_here (const zt_trust_t *self);

/*  What can be done when all that is known of a key is that its key service tells it: pins it
    if --trust or somebody says so, and returns true; else *end says why not: "unknown-key", or
    "key-not-kept", if it is believed and cannot be pinned. */
bool zt_trust_accept (zt_trust_t *self, const zt_key_t *key, zt_trust_end_t *end);

/*  Appends the sentences of a key that is not the one that is known, and how to accept it. */
void zt_trust_put_changed (const zt_trust_t *self, const zt_key_t *known, const zt_key_t *key,
                           zt_buffer_t *text);

/*  Appends a fingerprint as it is read out: two lines. */
void zt_trust_put_fingerprint (zt_buffer_t *text, const zt_key_t *key);

/*  Appends what to do with a broker that does not tell its key. */
void zt_trust_put_untold (const zt_trust_t *self, zt_buffer_t *text);

#endif
