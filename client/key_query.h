/*  SPDX-License-Identifier: MPL-2.0

    zt_key_query - the question to a broker's key service

    Whoever connects to it is told "ZTALK/1 KEY <key>" and a line's end, and sends nothing
    (PROTOCOL.md). The question is asked without waiting, so that a loop can go on
    meanwhile. What is answered is no secret, and no proof of anything. */

#ifndef ZT_CLIENT_KEY_QUERY_H
#define ZT_CLIENT_KEY_QUERY_H

#include "client/dial.h"
#include "common/key.h"

/*  Bytes of an answer, with its line's end. */
enum { ZT_KEY_ANSWER_SIZE = sizeof "ZTALK/1 KEY \n" - 1 + ZT_KEY_CHARS };

typedef struct {
    zt_dial_t dial;
    bool is_connected;
    bool is_strange; /* somebody has answered something else */
    char answer[ZT_KEY_ANSWER_SIZE];
    size_t size;
} zt_key_query_t;

typedef enum {
    ZT_KEY_QUERY_RUNS,
    ZT_KEY_QUERY_ANSWERED,
    ZT_KEY_QUERY_NOBODY, /* no address takes a connection */
    ZT_KEY_QUERY_STRANGE /* who takes one answers something else, or nothing in time */
} zt_key_query_result_t;

/*  Begins to ask these addresses, one after the other, for ms milliseconds at most. They are
    borrowed until zt_key_query_close, which is to be called in any case. */
void zt_key_query_begin (zt_key_query_t *self, const struct addrinfo *addresses, int64_t now,
                         int64_t ms);

/*  What is to be waited for: the descriptor (it may be another one after each step), the
    events of poll, and the time of the next step at the latest. */
int zt_key_query_fd (const zt_key_query_t *self);
short zt_key_query_events (const zt_key_query_t *self);
int64_t zt_key_query_deadline (const zt_key_query_t *self);

/*  Goes on, without waiting. *key is written when it is answered. */
zt_key_query_result_t zt_key_query_step (zt_key_query_t *self, int64_t now, zt_key_t *key);

void zt_key_query_close (zt_key_query_t *self);

/*  Reads an answer; false if it is none, and *key is unchanged. */
bool zt_key_query_read (zt_bytes_t answer, zt_key_t *key);

#endif
