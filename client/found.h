/*  SPDX-License-Identifier: MPL-2.0

    zt_found - brokers that were found: a list to choose from

    Pure: who asks the network (discover.h) tells it what was heard. Whatever is heard, and how
    often, it stays as small as it is, and nothing of it reaches a terminal as a control. */

#ifndef ZT_CLIENT_FOUND_H
#define ZT_CLIENT_FOUND_H

#include "common/beacon.h"
#include "common/buffer.h"

enum {
    ZT_FOUND_HEARD = 64,     /* at most, of those that have answered */
    ZT_FOUND_AN_ADDRESS = 8, /* of them, of one address */
    ZT_FOUND_TOLD = 32,      /* at most, of those that were known without asking */
    ZT_FOUND_ENDPOINT = 288  /* bytes of an endpoint, with its NUL */
};

typedef struct {
    char endpoint[ZT_FOUND_ENDPOINT]; /* tcp, of zt_endpoint_parse */
    char name[ZT_BEACON_NAME + 1];    /* what it calls itself; empty: it has not answered */
    bool is_heard;                    /* it has answered; the next two are its claims */
    bool is_encrypted;
    uint16_t key_port; /* 0: it tells its key nowhere */
    bool is_known;     /* its key is, from earlier */
    bool is_here;      /* on this machine */
} zt_found_row_t;

/*  Zeroed, it is empty. */
typedef struct {
    zt_found_row_t rows[ZT_FOUND_HEARD + ZT_FOUND_TOLD];
    size_t n, n_heard, n_told;
    bool is_full; /* more have answered than are in it */
} zt_found_t;

/*  A broker has answered from that address (IPv4, as numbers), which is one of this machine's or
    not. One that is there already stays as it is; this machine's is listed once, although it
    answers on each of its networks. */
void zt_found_hear (zt_found_t *self, const char *address, bool is_here, const zt_beacon_t *beacon);

/*  There is a broker at that endpoint, which is on this machine, or known from earlier. */
void zt_found_tell (zt_found_t *self, const char *endpoint, bool is_here, bool is_known);

/*  Puts them into their order: those of this machine, those that are known, the others. */
void zt_found_sort (zt_found_t *self);

/*  Appends a line for each, with its number, or (is_numbered false) with the command that connects
    to it, and last that there are more. */
void zt_found_put_lines (const zt_found_t *self, bool is_numbered, zt_buffer_t *text);

/*  Appends an object of JSON and a line end for each. */
void zt_found_put_json (const zt_found_t *self, zt_buffer_t *text);

#endif
